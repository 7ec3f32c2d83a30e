"""Text of the clipboard has the line ends of the guest, whoever sends it; the client is the one that converts."""

from __future__ import annotations

import re

__all__ = ["from_guest", "to_guest"]

_ANY = re.compile(rb"\r\n|\r|\n")


def to_guest(text: bytes, *, crlf: bool) -> bytes:
    """UTF-8 text of the client as the guest writes it: each CR LF, CR or LF becomes CR LF with ``crlf``, else LF."""
    return _ANY.sub(b"\r\n" if crlf else b"\n", text)


def from_guest(text: bytes, *, crlf: bool) -> bytes:
    """UTF-8 text of the guest with LF; without ``crlf`` it is left as it is."""
    return text.replace(b"\r\n", b"\n") if crlf else text
