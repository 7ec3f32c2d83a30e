"""A recording written anew: the same connections and times, with messages changed, left out, put in, or said elsewhere.

Connections are told apart by their number in reports. Link stages end with a ticket, and headers are mini headers, as in the
recordings of migrations.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from socket import inet_aton
from typing import NamedTuple

from spiceproto import dispatch
from spiceproto.capture.events import Closed, Data, Opened, read
from spiceproto.channels import channel_name
from spiceproto.tests.capture_samples import ACK, FIN, Talk, enhanced, interface, section

__all__ = ["Said", "mini", "said", "written"]

_LINK_HEADER = 16
_TICKET = 4 + 128
_RESULT = 4
_SEGMENT = 32000


class Said(NamedTuple):
    """Something that one end of a connection has sent.

    * ``connection``: its number
    * ``place``: the channel: ``main:0``
    * ``sender``: "client" or "server"
    * ``name``: of a message; "link", and then "ticket" or "result", for the link stage; "end" for the end of the connection
    * ``data``: bytes on the wire
    * ``time_ns``: when its last byte came
    """

    connection: int
    place: str
    sender: str
    name: str
    data: bytes
    time_ns: int

    @property
    def body(self) -> bytes:
        """What is behind the mini header of a message."""
        return self.data[6:]


def mini(item: Said, body: bytes, name: str = "") -> Said:
    """The same with another body; or another message of that channel and sender, at that time."""
    name = name or item.name
    rows = dispatch.rows(item.place.partition(":")[0], item.sender).values()
    number = next(row.number for row in rows if row.name == name)
    return item._replace(name=name, data=struct.pack("<HL", number, len(body)) + body)


class _Side:
    """What one end sends, cut into the two steps of its link stage and messages."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.waiting = b""
        self.steps = ["link", "ticket" if sender == "client" else "result"]

    def receive(self, data: bytes, place: str) -> Iterable[tuple[str, bytes]]:
        self.waiting += data
        while (size := self._size()) and len(self.waiting) >= size:
            head, self.waiting = self.waiting[:size], self.waiting[size:]
            if self.steps:
                yield self.steps.pop(0), head
                continue
            row = dispatch.row(place.partition(":")[0], self.sender, int.from_bytes(head[:2], "little"))
            assert row is not None
            yield row.name, head

    def _size(self) -> int:
        """Bytes of what comes next, 0 while nobody knows."""
        match self.steps:
            case []:
                return 6 + int.from_bytes(self.waiting[2:6], "little") if len(self.waiting) >= 6 else 0
            case [_]:
                return _TICKET if self.sender == "client" else _RESULT
        return _LINK_HEADER + int.from_bytes(self.waiting[12:16], "little") if len(self.waiting) >= _LINK_HEADER else 0


def said(path: Path) -> tuple[dict[int, Opened], list[Said]]:
    """The connections of a recording, and what was sent on them, in its order."""
    opened: dict[int, Opened] = {}
    sides: dict[tuple[int, str], _Side] = {}
    places: dict[int, str] = {}
    found: list[Said] = []
    for event in read(path):
        number = event.connection.number
        if isinstance(event, Opened):
            opened[number] = event
        elif isinstance(event, Closed):
            found.append(Said(number, places.get(number, ""), "client", "end", b"", event.time_ns))
        elif isinstance(event, Data):
            sender = "client" if event.from_client else "server"
            side = sides.setdefault((number, sender), _Side(sender))
            if number not in places and sender == "client" and len(side.waiting + event.chunk) >= _LINK_HEADER + 6:
                head = (side.waiting + event.chunk)[_LINK_HEADER + 4 :]
                places[number] = f"{channel_name(head[0])}:{head[1]}"
            for name, data in side.receive(event.chunk, places[number]):
                found.append(Said(number, places[number], sender, name, data, event.time_ns))
    return opened, found


def written(path: Path, change: Callable[[list[Said]], Iterable[Said]] = list, *, without: Iterable[int] = ()) -> bytes:
    """The recording as a pcapng file, after ``change`` of what was said, and without some connections."""
    opened, items = said(path)
    talks: dict[int, Talk] = {}
    frames: list[tuple[bytes, int]] = []
    gone, over = set(without), set[int]()
    for item in change(items):
        if item.connection in gone or item.connection in over:
            continue
        talk = talks.get(item.connection)
        if talk is None:
            connection = opened[item.connection].connection
            client, server = [(inet_aton(host), port) for host, port in (connection.client, connection.server)]
            talk = talks[item.connection] = Talk(client, server)
            talk.open()
        for at in range(0, len(item.data), _SEGMENT):
            talk.send(item.sender == "client", item.data[at : at + _SEGMENT])
        if item.name == "end":
            over.add(item.connection)
            talk.send(True, flags=FIN | ACK)
            talk.send(False, flags=FIN | ACK)
        frames += [(packet, item.time_ns // 1000) for packet in talk.packets]
        talk.packets.clear()
    packets = [enhanced(packet, stamp) for packet, stamp in frames]
    return section() + interface(101) + b"".join(packets)
