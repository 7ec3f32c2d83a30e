"""Bytes cut in parts, and what comes out of a reader that is given them so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from fuzz_targets.target import holds
from spiceproto.errors import RemoteError

__all__ = ["joined", "parts", "pieces", "same_in_pieces", "told"]

_SIZE: Final = 2
_SIZES: Final = (1, 7)


def parts(data: bytes) -> Iterator[bytes]:
    """Parts, each behind its size in two bytes; the last is what is left."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + _SIZE], "little")
        yield data[at + _SIZE : at + _SIZE + size]
        at += _SIZE + size


def joined(items: Iterable[bytes]) -> bytes:
    """The bytes of which :func:`parts` makes these; parts above 65535 bytes are cut off there."""
    return b"".join([len(item[:65535]).to_bytes(_SIZE, "little") + item[:65535] for item in items])


def pieces(data: bytes, size: int) -> list[bytes]:
    """Pieces of one size."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def told(receive: Callable[[bytes], Iterable[Any]], data: Sequence[bytes]) -> tuple[list[Any], bool]:
    """What a reader says, and whether it took everything: after a refusal it is told nothing more."""
    found: list[Any] = []
    try:
        for piece in data:
            for item in receive(piece):
                found.append(item)
    except RemoteError:
        return found, False
    return found, True


def same_in_pieces(make: Callable[[], Callable[[bytes], Iterable[Any]]], data: bytes) -> list[Any]:
    """What a reader says of bytes that come at once; byte by byte, and in pieces of seven, it says the same.

    A reader that refuses what comes at once may say less: what it had found in the same call goes with the refusal.
    ``make`` makes a new one.
    """
    whole, taken = told(make(), [data])
    for size in _SIZES:
        found, also = told(make(), pieces(data, size))
        holds(f"refused whole, but not in pieces of {size}, or the other way round", taken == also, whole, found)
        same = found == whole if taken else found[: len(whole)] == whole
        holds(f"in pieces of {size} it says something else", same, whole, found)
    return whole
