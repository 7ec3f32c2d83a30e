"""The blocks of a pcapng file with one interface, on which Ethernet is (draft-ietf-opsawg-pcapng).

    section     the first block: what wrote the file, and what is in it
    interface   the second
    packet      each further one
    filler      nothing, in any number of bytes from 12 on that four divides

Times are microseconds since 1970. A comment is text for people; one of more than 60000 bytes loses its end.
"""

from __future__ import annotations

from struct import pack
from typing import Final

__all__ = ["LEAST", "filler", "interface", "packet", "section"]

_COMMENT: Final = 1
_NAME: Final = 2
_DESCRIPTION: Final = 3
_APPLICATION: Final = 4
_ETHERNET: Final = 1
_LONGEST: Final = 60000
_FILLER: Final = 0x8000_0000
"""Types from here on are for local use, and readers pass them over."""

LEAST: Final = 12
"""Bytes of the smallest block."""


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = pack("<L", len(body) + 12)
    return pack("<L", kind) + size + body + size


def _options(*found: tuple[int, str]) -> bytes:
    out = b""
    for code, text in found:
        data = text.encode("utf-8", "replace")[:_LONGEST]
        if data:
            out += pack("<HH", code, len(data)) + data + bytes(-len(data) % 4)
    return out + bytes(4) if out else b""


def section(*, application: str, comment: str = "") -> bytes:
    """The header of the file."""
    return _block(0x0A0D0D0A, pack("<LHHq", 0x1A2B3C4D, 1, 0, -1) + _options((_COMMENT, comment), (_APPLICATION, application)))


def interface(*, name: str, description: str = "") -> bytes:
    """Where the packets are from."""
    return _block(1, pack("<HHL", _ETHERNET, 0, 0) + _options((_NAME, name), (_DESCRIPTION, description)))


def packet(stamp: int, frame: bytes, length: int, comment: str = "") -> bytes:
    """A frame, which is ``length`` bytes long, of which ``frame`` was captured."""
    body = pack("<LLLLL", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), length) + frame + bytes(-len(frame) % 4)
    return _block(6, body + _options((_COMMENT, comment)))


def filler(size: int) -> bytes:
    """A block that says nothing."""
    return _block(_FILLER, bytes(size - LEAST))
