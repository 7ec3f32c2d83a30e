"""What generated builders share: putting what pointers lead to behind the rest, and saying what was wrong with a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import pack_into
from typing import Any, NoReturn

from spiceproto.errors import LocalError, SchemaError

__all__ = ["Pending", "blame", "octets", "place", "raw", "sequence", "terminated"]

Pending = list[tuple[int, Callable[[Any, int, Any], bytes], Any]]
"""Pointers met so far: where each stands, what writes its target, and the target's value."""


def place(head: bytes, pending: Pending) -> bytes:
    """``head`` followed by everything its pointers lead to; writing a target may add more pointers at the end."""
    out = bytearray(head)
    for at, write, value in pending:
        start = len(out)
        part = write(value, start, pending)
        pack_into("<L", out, at, start if part else at)
        out += part
    return bytes(out)


def octets(value: bytes | bytearray | memoryview) -> bytes:
    """``value`` as bytes."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError
    return bytes(value)


def raw(value: bytes, base: int, pending: Pending) -> bytes:
    """The target of a pointer to bytes."""
    return value


def sequence(value: Sequence[Any]) -> Sequence[Any]:
    """``value``, if it is elements in an order: sets and dicts have none, and bytes are no numbers."""
    if not isinstance(value, Sequence) or isinstance(value, bytes | str):
        raise TypeError
    return value


def terminated(value: bytes, base: int, pending: Pending) -> bytes:
    """The target of a pointer to a zero-terminated string."""
    if 0 in value:
        raise ValueError
    return value + b"\0"


def blame(name: str, value: Any, error: Exception) -> NoReturn:
    """Raise the LocalError that says which field of ``value`` cannot be built."""
    from spiceproto import schema, wire

    record = schema.records()[name]
    try:
        wire.build(record, value)
    except LocalError as found:
        raise found from error
    raise SchemaError("the generated builder refuses what plain construct builds", path=name, actual=repr(error))
