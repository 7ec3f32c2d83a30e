"""Numbers and values as people write them in what was expected and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from spiceproto.channels import channel_name
from spiceproto.enums.base import WireEnum, WireFlags
from spiceproto.enums.link import LinkErr

__all__ = ["channel_names", "counted", "error_name", "in_words", "named", "shown"]

_BYTES: Final = 16
"""Bytes of a value that are shown."""

_SECOND_REPLY: Final = int.from_bytes(b"REDQ", "little")


def named(kind: type[WireEnum | WireFlags], value: int) -> str:
    """``value`` with its name: ``PERMISSION_DENIED (7)``; flags are joined by ``|``."""
    number = int(value)
    if issubclass(kind, WireFlags):
        names = [flag.name for flag in kind if number & flag]
        known = sum(flag.value for flag in kind)
        return f"{'|'.join(map(str, names))} ({number})" if names and not number & ~known else str(number)
    member = kind._value2member_map_.get(number)
    return f"{member.name} ({number})" if member is not None else str(number)


def in_words(error: Exception) -> str:
    """What the system says of a file, and not which number that has: "Permission denied"."""
    return getattr(error, "strerror", None) or str(error)


def counted(number: int, noun: str) -> str:
    """ "1 case", "2 cases"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def channel_names(channels: Iterable[tuple[int, int]]) -> str:
    """Types and ids of channels, as in "display:0, inputs:0"."""
    return ", ".join([f"{channel_name(kind)}:{number}" for kind, number in sorted(channels)]) or "nothing"


def error_name(value: int | None) -> str:
    """Name of a link error; of the second link reply that some servers send in place of a result."""
    if value is None:
        return "nothing"
    if value == _SECOND_REPLY:
        return "a second link reply"
    return named(LinkErr, value)


def shown(value: Any, like: Any = None) -> str:
    """A value of a field. A plain number is named as ``like``, the value it is compared with, would be."""
    if isinstance(value, WireEnum | WireFlags):
        return named(type(value), value)
    if type(value) is int and isinstance(like, WireEnum | WireFlags):
        return named(type(like), value)
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        return f"{len(data)} bytes{': ' + data[:_BYTES].hex() if data else ''}"
    return str(value)
