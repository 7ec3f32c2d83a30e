"""Whole captures as other machines would have made them: in another order, by other clocks, with packets twice, under other
addresses. They are made from blocks of real ones (:mod:`spiceproto.tests.incomplete`).
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from spiceproto.tests.incomplete import Block, server_ports

__all__ = [
    "SYN",
    "appended",
    "flags",
    "internet",
    "retimed",
    "sent_again",
    "shifted",
    "shuffled",
    "skewed",
    "translated",
    "twice",
]

SYN, FIN, _RST = 2, 1, 4


def _packets(parts: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """What is no packet, which comes first, and the packets."""
    return [part for part in parts if part.key is None], [part for part in parts if part.key is not None]


def _is_from_client(part: Block, ports: set[int]) -> bool:
    assert part.key is not None
    return part.key[3] in ports


def shifted(parts: Sequence[Block], places: int, *, client: bool) -> list[Block]:
    """Packets of one side come so many packets of the file later, with their times."""
    rest, packets = _packets(parts)
    ports = server_ports(parts)
    late = [number + (places + 0.5) * (_is_from_client(part, ports) == client) for number, part in enumerate(packets)]
    return rest + [packets[number] for number in sorted(range(len(packets)), key=lambda number: late[number])]


def skewed(parts: Sequence[Block], units: int, *, client: bool) -> list[Block]:
    """The clock of one side's packets is ahead, and the file is in the order of times."""
    rest, packets = _packets(parts)
    ports = server_ports(parts)
    moved = [retimed(part, part.time + units) if _is_from_client(part, ports) == client else part for part in packets]
    return rest + sorted(moved, key=lambda part: part.time)


def retimed(part: Block, time: int) -> Block:
    raw = bytearray(part.raw)
    struct.pack_into("<II", raw, 12, time >> 32, time & 0xFFFFFFFF)
    return part._replace(raw=bytes(raw), time=time)


def shuffled(parts: Sequence[Block], window: int, seed: int) -> list[Block]:
    """Every packet anywhere in so many places from its own on, with its time."""
    rest, packets = _packets(parts)
    chance = random.Random(seed)
    places = [number + chance.random() * window for number in range(len(packets))]
    return rest + [packets[number] for number in sorted(range(len(packets)), key=lambda number: places[number])]


def twice(parts: Sequence[Block], later: int = 0) -> list[Block]:
    """Every packet again, so many packets later: on two interfaces, or at a mirror port."""
    return _again(parts, {part.raw: part for part in parts}, later)


def _again(parts: Sequence[Block], copies: dict[bytes, Block], later: int) -> list[Block]:
    found, waiting = [], list[Block]()
    for part in parts:
        found.append(part)
        if part.key is not None:
            waiting.append(copies[part.raw])
            if len(waiting) > later:
                found.append(waiting.pop(0))
    return found + waiting


def sent_again(parts: Sequence[Block], every: int, later: int) -> list[Block]:
    """Every so many packets one comes again so many later, as a sender makes it then: with what it has got meanwhile."""
    found, waiting, newest = [], list[tuple[int, Block]](), dict[object, bytes]()
    for number, part in enumerate(parts):
        found.append(part)
        if part.key is None or flags(part) & (SYN | FIN | _RST):
            continue
        at, header = internet(part)
        field = at + header + 8
        newest[part.key] = part.raw[field : field + 4]
        if number % every == 0:
            waiting.append((number + later, part))
        while waiting and waiting[0][0] <= number:
            _, again = waiting.pop(0)
            where = sum(internet(again)) + 8
            found.append(again._replace(raw=again.raw[:where] + newest[again.key] + again.raw[where + 4 :]))
    return found


def translated(parts: Sequence[Block], later: int = 0) -> list[Block]:
    """Every packet again under another address and port of the client: on both sides of who translates them."""
    ports = server_ports(parts)
    return _again(parts, {part.raw: _elsewhere(part, ports) for part in parts if part.key is not None}, later)


def _elsewhere(part: Block, ports: set[int]) -> Block:
    assert part.key is not None
    raw, (at, header) = bytearray(part.raw), internet(part)
    size = len(part.key[0])
    place = at + (12 if size == 4 else 8)
    from_client = _is_from_client(part, ports)
    raw[(place if from_client else place + size) + size - 1] ^= 0x55
    raw[at + header + (0 if from_client else 2)] ^= 1
    source, destination = bytes(raw[place : place + size]), bytes(raw[place + size : place + 2 * size])
    key = source, destination, *struct.unpack_from(">HH", raw, at + header)
    return part._replace(raw=bytes(raw), key=key)


def internet(part: Block) -> tuple[int, int]:
    """Where the IP header is, and its size."""
    assert part.key is not None
    size = len(part.key[0])
    start, header = (12, 0) if size == 4 else (8, 40)
    at = part.raw.index(part.key[0] + part.key[1], 28) - start
    return at, header or (part.raw[at] & 15) * 4


def appended(parts: Sequence[Block]) -> list[Block]:
    """A file that was joined with itself."""
    return [*parts, *_packets(parts)[1]]


def flags(part: Block) -> int:
    """Those of TCP; 0 for what is no packet."""
    if part.key is None:
        return 0
    at, header = internet(part)
    return part.raw[at + header + 13]
