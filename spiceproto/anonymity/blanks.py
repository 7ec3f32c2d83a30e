"""Bytes that say nothing, as many as there were.

text     letters of the same kind: ``x``, ``X``, ``0``, others of as many bytes; what is no letter stays
octets   text where all of it is, else zeros
keys     one key, pressed and released as the others were
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["key_file", "keys", "octets", "text"]

_OTHERS: Final = {2: "é", 3: "中", 4: "\U0001f600"}
"""Bytes of a letter in UTF-8 to one that takes as many."""

_SPACES: Final = frozenset("\0\t\n\r")

_PREFIXES: Final = frozenset({0x00, 0xE0, 0xE1})
"""Of scan codes: they say of which part of the keyboard the next one is."""

_NAME: Final = re.compile(rb"([ \t]*name[ \t]*=)(.*)", re.DOTALL)
_KEPT: Final = re.compile(rb"(?:[ \t]*size[ \t]*=[ \t]*[0-9]{1,20}|\[vdagent-file-xfer\])[ \t\r\0]*")
"""Lines of FILE_XFER_START: the file's name, and what says nothing."""

_KEY: Final = 0x1E
_RELEASED: Final = 0x80


def _letter(letter: str) -> str:
    if letter.isascii():
        return "X" if letter.isupper() else "x" if letter.islower() else "0" if letter.isdigit() else letter
    return _OTHERS[len(letter.encode())]


def text(data: bytes) -> bytes:
    """Of what is no UTF-8 zeros."""
    try:
        return "".join(map(_letter, data.decode())).encode()
    except UnicodeDecodeError:
        return bytes(len(data))


def octets(data: bytes) -> bytes:
    """For bytes that may be text."""
    found = text(data)
    return found if all(letter.isprintable() or letter in _SPACES for letter in found.decode()) else bytes(len(data))


def keys(data: bytes) -> bytes:
    """For scan codes: each is that of one key."""
    return bytes([byte if byte in _PREFIXES else _KEY | byte & _RELEASED for byte in data])


def key_file(data: bytes) -> bytes:
    """For what FILE_XFER_START says: the size stays, for the transfer is over when so many bytes came."""
    return b"\n".join(map(_line, data.split(b"\n")))


def _line(line: bytes) -> bytes:
    if _KEPT.fullmatch(line):
        return line
    name = _NAME.fullmatch(line)
    return text(line) if name is None else name[1] + text(name[2])
