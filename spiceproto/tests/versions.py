"""Captures in which bytes of a stream have two versions, made from whole ones (:mod:`spiceproto.tests.incomplete`)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from spiceproto.tests.disordered import FIN, SYN, flags, internet, retimed
from spiceproto.tests.incomplete import Block, payloads

__all__ = ["contents", "damaged", "filled", "inserted", "offloaded", "places", "sent"]

_FIELD = 16
_RST = 4


def _sum(words: bytes) -> int:
    """Of 16-bit words, with the carries added (RFC 1071)."""
    even = words + bytes(len(words) & 1)
    total: int = sum(struct.unpack(f">{len(even) // 2}H", even))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _pseudo(part: Block) -> bytes:
    assert part.key is not None
    at, header = internet(part)
    size = part.payload + (part.raw[at + header + 12] >> 4) * 4
    return part.key[0] + part.key[1] + struct.pack(">HH", 6, size)


def _segment(part: Block) -> tuple[int, int]:
    """Where the TCP header begins and the payload ends."""
    at, header = internet(part)
    start = at + header
    return start, start + (part.raw[start + 12] >> 4) * 4 + part.payload


def _with_sum(part: Block, value: int) -> Block:
    start, _ = _segment(part)
    field = start + _FIELD
    return part._replace(raw=part.raw[:field] + struct.pack(">H", value) + part.raw[field + 2 :])


def filled(part: Block) -> Block:
    """With a right checksum."""
    if part.key is None:
        return part
    zero = _with_sum(part, 0)
    start, end = _segment(part)
    return _with_sum(part, _sum(_pseudo(part) + zero.raw[start:end]) ^ 0xFFFF)


def offloaded(part: Block) -> Block:
    """With what a card is to fill in: the sum of the pseudo-header."""
    return part if part.key is None else _with_sum(part, _sum(_pseudo(part)))


def damaged(part: Block, change: int = 0x80) -> Block:
    """The first byte of the payload is another; the checksum stays."""
    _, end = _segment(part)
    at = end - part.payload
    return part._replace(raw=part.raw[:at] + bytes((part.raw[at] ^ change,)) + part.raw[at + 1 :])


def contents(part: Block) -> bytes:
    """The payload."""
    _, end = _segment(part)
    return part.raw[end - part.payload : end]


def sent(part: Block) -> bool:
    """Whether a packet carries bytes in the middle of a connection, more than a keep-alive."""
    return part.key is not None and part.payload > 1 and not flags(part) & (SYN | FIN)


def _range(part: Block) -> tuple[int, int]:
    start, _ = _segment(part)
    first: int = struct.unpack_from(">I", part.raw, start + 4)[0]
    return first, first + part.payload


def _overlap(one: tuple[object, int, int], other: tuple[object, int, int]) -> bool:
    return one[0] == other[0] and max(one[1], other[1]) < min(one[2], other[2])


def _back(part: Block) -> tuple[bytes, bytes, int, int]:
    assert part.key is not None
    source, destination, port, other = part.key
    return destination, source, other, port


def places(parts: Sequence[Block], count: int, *, first: int = 0, later: int = 1) -> list[int]:
    """So many packets that do, and did once, evenly spread from the ``first`` on; their connections go on a while."""
    ends = {part.key: number for number, part in enumerate(parts) if flags(part) & (FIN | _RST)}
    numbers = [number for number in payloads(parts) if sent(parts[number])]
    ranges = {number: (parts[number].key, *_range(parts[number])) for number in numbers}
    among = [
        number
        for number in numbers
        if not any(other != number and _overlap(ranges[number], ranges[other]) for other in numbers)
        and all(ends.get(key, len(parts)) > number + later for key in (parts[number].key, _back(parts[number])))
    ][first:]
    return [among[number * (len(among) - 1) // max(count - 1, 1)] for number in range(count)]


def inserted(parts: Sequence[Block], number: int, first: Block, second: Block, later: int = 1) -> list[Block]:
    """In the place of a packet the ``first`` one, and so many packets later the ``second``."""
    changed = [*parts[:number], first, *parts[number + 1 :]]
    at = min(number + later, len(changed))
    before = next(part for part in reversed(changed[:at]) if part.key is not None)
    changed.insert(at, retimed(second, before.time))
    return changed
