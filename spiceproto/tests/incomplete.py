"""Captures that are not whole, made from whole ones: a packet lost, a file cut, one side only, packets that changed places.

A pcapng file is taken apart into blocks and put together again, so that everything else in it (secrets, interfaces) stays.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

__all__ = ["Block", "blocks", "cut", "joined", "late", "lossy", "one_side", "payloads", "server_ports", "swappable", "swapped"]

_PACKET = 6
_LINK_HEADERS = {1: 14, 101: 0, 113: 16, 276: 20}


class Block(NamedTuple):
    """One block of a file.

    * ``raw``: all of it
    * ``key``: source, destination, source port, destination port of a TCP packet; None for everything else
    * ``payload``: how many bytes of the stream a packet carries
    * ``time``: as the file has it, in units of the interface
    """

    raw: bytes
    key: tuple[bytes, bytes, int, int] | None = None
    payload: int = 0
    time: int = 0


def _block(raw: bytes, kinds: list[int]) -> Block:
    kind, _ = struct.unpack_from("<II", raw)
    if kind == 1:
        kinds.append(struct.unpack_from("<H", raw, 8)[0])
    if kind != _PACKET:
        return Block(raw)
    interface, high, low, captured, _ = struct.unpack_from("<IIIII", raw, 8)
    packet = raw[28 : 28 + captured]
    packet = packet[_LINK_HEADERS[kinds[interface]] :]
    if packet[0] >> 4 == 4:
        size, header, protocol = struct.unpack_from(">H", packet, 2)[0], (packet[0] & 15) * 4, packet[9]
        source, destination = packet[12:16], packet[16:20]
    else:
        size, header, protocol = 40 + struct.unpack_from(">H", packet, 4)[0], 40, packet[6]
        source, destination = packet[8:24], packet[24:40]
    if protocol != 6:
        return Block(raw)
    ports = struct.unpack_from(">HH", packet, header)
    payload = size - header - (packet[header + 12] >> 4) * 4
    return Block(raw, (source, destination, *ports), payload, high << 32 | low)


def blocks(path: Path) -> list[Block]:
    """The blocks of a little-endian pcapng file of Ethernet, cooked or raw IP packets."""
    data, found, kinds, at = path.read_bytes(), list[Block](), list[int](), 0
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        found.append(_block(data[at : at + size], kinds))
        at += size
    return found


def joined(parts: Iterable[Block]) -> bytes:
    """A file of blocks."""
    return b"".join([part.raw for part in parts])


def payloads(parts: Sequence[Block]) -> list[int]:
    """Which of the blocks carry bytes of a stream."""
    return [number for number, part in enumerate(parts) if part.payload > 0]


def _spread(count: int, among: Sequence[int]) -> list[int]:
    """So many of them, evenly spread from the first to the last."""
    if len(among) <= count:
        return list(among)
    return [among[number * (len(among) - 1) // (count - 1)] for number in range(count)]


def lossy(parts: Sequence[Block], count: int) -> Iterable[tuple[int, bytes]]:
    """Files without one packet that has data: which block is missing, and the file."""
    for lost in _spread(count, payloads(parts)):
        yield lost, joined([*parts[:lost], *parts[lost + 1 :]])


def late(parts: Sequence[Block], count: int) -> Iterable[tuple[int, bytes]]:
    """Files that begin with a later packet: which one, and the file."""
    for first in _spread(count, payloads(parts)):
        yield first, joined([part for number, part in enumerate(parts) if part.key is None or number >= first])


def cut(whole: bytes, count: int) -> Iterable[tuple[int, bytes]]:
    """Beginnings of a file, at evenly spread bytes that know of no block."""
    for number in range(1, count + 1):
        at = len(whole) * number // (count + 1) + number % 7
        yield at, whole[:at]


def one_side(parts: Sequence[Block], ports: Collection[int], *, client: bool) -> bytes:
    """Only what clients, or servers, sent. ``ports`` are those of servers."""
    return joined([part for part in parts if part.key is None or part.key[3 if client else 2] in ports])


def swappable(parts: Sequence[Block], units: int, *, same: bool) -> list[int]:
    """First blocks of pairs of neighbours with data that go opposite ways at most ``units`` of time apart.

    ``same``: on the same connection; otherwise on two of the same two machines.
    """
    found = []
    for number, (one, other) in enumerate(pairwise(parts)):
        if one.key is None or other.key is None or not one.payload or not other.payload or other.time - one.time > units:
            continue
        # The lower port is the server's.
        opposite = one.key[:2] == other.key[1::-1] and (one.key[2] < one.key[3]) != (other.key[2] < other.key[3])
        if opposite and (one.key == (*other.key[1::-1], *other.key[:1:-1])) == same:
            found.append(number)
    return found


def swapped(parts: Sequence[Block], first: int) -> bytes:
    """The file in which a block and the next one changed places, and kept their times."""
    changed = list(parts)
    changed[first : first + 2] = changed[first + 1], changed[first]
    return joined(changed)


def server_ports(parts: Sequence[Block]) -> set[int]:
    """The ports of servers: the lower one of each connection."""
    return {min(part.key[2:]) for part in parts if part.key is not None}
