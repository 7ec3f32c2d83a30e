"""A conversation as a capture file that Wireshark opens, whatever it went over: sockets, memory, TLS, WebSocket.

The suite has the bytes as its own ends have them, behind TLS and WebSocket. They are put into Ethernet, IPv4 and TCP on
127.0.0.1: the client of connection ``n`` has port 40000 + ``n``, the server 5930, or 5931 where the connection had TLS: on 5900
and 5901 Wireshark takes what it sees for VNC. Each connection begins with SYN and ends with FIN (or RST) where the case says
so; what the case did stands as a comment at the next packet.

    Chunk         bytes that were sent (:class:`conformance.transcript.Chunk`)
    Cut           bytes that were sent, of which a record keeps only the number
    Closed        an end of a connection closed it
    chunks_of     all of these from the transcript of a record
    write         the file

Bytes that are :class:`Cut` become packets that were not captured whole, as with a short snap length: sequence numbers and
sizes are right, and no decoder takes what is missing for something that was sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from struct import pack
from typing import Final

import msgspec

from conformance.results import Entry
from conformance.transcript import Chunk

__all__ = ["CLIENT_PORT", "SERVER_PORT", "TLS_PORT", "Chunk", "Closed", "Cut", "Event", "capture", "chunks_of", "write"]

CLIENT_PORT: Final = 40000
"""Port of a client, less the number of its connection."""

SERVER_PORT: Final = 5930
TLS_PORT: Final = 5931
NEXT_SERVER: Final = 10
"""Between the ports of the source and those of the destination of a migration."""

_SEGMENT: Final = 32768
"""Payload of one packet: what a loopback interface would carry."""

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_LOOPBACK: Final = bytes((127, 0, 0, 1))
_SEQUENCE: Final = {"client": 1000, "server": 5000}
_SYN_OPTIONS: Final = pack(">BBHBBBx", 2, 4, 65495, 3, 3, 7)
"""Largest segment, window scale 7."""

_END: Final = 1 << 62
"""Where a stream ends, for comments."""


class Cut(msgspec.Struct, frozen=True):
    """``size`` bytes that were sent and are not known."""

    at: float
    connection: int
    sender: str
    size: int
    secure: bool = False
    place: int = 0


class Closed(msgspec.Struct, frozen=True):
    """``sender`` closed the connection; ``reset`` if it broke it."""

    at: float
    connection: int
    sender: str
    reset: bool = False


Event = Chunk | Cut | Closed


def chunks_of(transcript: Iterable[Entry]) -> list[Event]:
    """What a record knows about the bytes of a case, in the order in which they were sent.

    A structure longer than a record shows ends in a :class:`Cut`, and so does what stands between two structures.
    """
    found: list[Event] = []
    reached: dict[tuple[int, str], int] = {}
    for entry in transcript:
        if entry.kind == "close":
            found.append(Closed(entry.at, entry.connection, entry.sender, entry.text == "reset"))
            continue
        if not entry.size or not entry.sender:
            continue
        stream = entry.connection, entry.sender
        at = reached.get(stream, 0)
        end = entry.start + entry.size
        if end <= at:
            continue
        if entry.start > at:
            found.append(Cut(entry.at, entry.connection, entry.sender, entry.start - at, entry.secure, entry.place))
            at = entry.start
        data = bytes.fromhex(entry.data)[at - entry.start :]
        if data:
            found.append(Chunk(entry.at, entry.connection, entry.sender, data, entry.secure, entry.place))
        if at + len(data) < end:
            found.append(Cut(entry.at, entry.connection, entry.sender, end - at - len(data), entry.secure, entry.place))
        reached[stream] = end
    return found


# -- packets


def _sum(data: bytes) -> int:
    """The Internet checksum."""
    total = sum(memoryview(data + b"\0" * (len(data) % 2)).cast("H"))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int.from_bytes((~total & 0xFFFF).to_bytes(2, "little"), "big")


def _packet(ports: tuple[int, int], numbers: tuple[int, int], flags: int, payload: bytes, size: int) -> tuple[bytes, int]:
    """An Ethernet frame with a TCP segment of ``size`` bytes, of which ``payload`` is known, and its whole length."""
    options = _SYN_OPTIONS if flags & _SYN else b""
    offset = 20 + len(options)
    tcp = pack(">HHLLBBHHH", *ports, numbers[0] & 0xFFFFFFFF, numbers[1] & 0xFFFFFFFF, offset << 2, flags, 65535, 0, 0)
    tcp += options + payload
    if len(payload) == size:
        checksum = _sum(_LOOPBACK + _LOOPBACK + pack(">HH", 6, offset + size) + tcp)
        tcp = tcp[:16] + checksum.to_bytes(2, "big") + tcp[18:]
    total = 20 + offset + size
    ip = pack(">BBHHHBBH4s4s", 0x45, 0, total, 0, 0x4000, 64, 6, 0, _LOOPBACK, _LOOPBACK)
    ip = ip[:10] + _sum(ip).to_bytes(2, "big") + ip[12:]
    return bytes(12) + b"\x08\x00" + ip + tcp, 14 + total


class _Connection:
    """Sequence numbers of one connection; each method yields frames with their whole lengths."""

    def __init__(self, number: int, *, secure: bool, place: int) -> None:
        server = (TLS_PORT if secure else SERVER_PORT) + place * NEXT_SERVER
        self._ports = {"client": (CLIENT_PORT + number, server), "server": (server, CLIENT_PORT + number)}
        self._next = dict(_SEQUENCE)
        self._ended: set[str] = set()

    def sent(self, sender: str) -> int:
        """Bytes that ``sender`` has sent."""
        return self._next[sender] - _SEQUENCE[sender] - 1

    def _send(self, sender: str, flags: int, payload: bytes = b"", size: int = 0) -> tuple[bytes, int]:
        other = "server" if sender == "client" else "client"
        numbers = self._next[sender], self._next[other] if flags & _ACK else 0
        self._next[sender] += size + bool(flags & _SYN) + bool(flags & _FIN)
        return _packet(self._ports[sender], numbers, flags, payload, size)

    def open(self) -> Iterator[tuple[bytes, int]]:
        """Three packets."""
        yield self._send("client", _SYN)
        yield self._send("server", _SYN | _ACK)
        yield self._send("client", _ACK)

    def data(self, sender: str, data: bytes, size: int) -> Iterator[tuple[bytes, int]]:
        """``size`` bytes, of which ``data`` are known."""
        for start in range(0, size, _SEGMENT):
            part = min(size - start, _SEGMENT)
            yield self._send(sender, _PSH | _ACK, data[start : start + part], part)

    def close(self, sender: str, *, reset: bool) -> Iterator[tuple[bytes, int]]:
        """``sender`` ends the connection."""
        if not self._ended:
            yield self._send(sender, _RST | _ACK if reset else _FIN | _ACK)
            self._ended |= {"client", "server"} if reset else {sender}

    def finish(self) -> Iterator[tuple[bytes, int]]:
        """The other end closes as well, where one has."""
        if len(self._ended) == 1:
            (first,) = self._ended
            self._ended = {"client", "server"}
            yield self._send("server" if first == "client" else "client", _FIN | _ACK)
            yield self._send(first, _ACK)


# -- blocks


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = pack("<L", len(body) + 12)
    return pack("<L", kind) + size + body + size


def _options(*found: tuple[int, str]) -> bytes:
    out = b""
    for code, text in found:
        data = text.encode("utf-8", "replace")[:60000]
        if data:
            out += pack("<HH", code, len(data)) + data + bytes(-len(data) % 4)
    return out + bytes(4) if out else b""


_COMMENT, _NAME, _APPLICATION = 1, 2, 4


def _comments(transcript: Iterable[Entry]) -> dict[tuple[int, str], deque[tuple[int, str]]]:
    """What the case did, by the stream and offset of what came next on the wire; the end of a stream has no bound."""
    found: dict[tuple[int, str], deque[tuple[int, str]]] = {}
    steps: list[str] = []
    for entry in transcript:
        if entry.kind == "step":
            steps.append(entry.text)
        elif steps and entry.sender and (entry.size or entry.kind == "close"):
            place = entry.start if entry.size else _END
            found.setdefault((entry.connection, entry.sender), deque()).append((place, "\n".join(steps)))
            steps.clear()
    return found


def _in_order(events: Iterable[Event], transcript: Iterable[Entry]) -> list[Event]:
    """``events`` with the ends of connections: those of the transcript, if there are none among them."""
    found = list(events)
    if any(isinstance(event, Closed) for event in found):
        return found
    closed = [event for event in chunks_of(transcript) if isinstance(event, Closed)]
    # On a clock that stands still while things happen, the end of a connection still comes behind its bytes.
    return sorted([*found, *closed], key=lambda event: event.at)


def capture(
    events: Iterable[Event], transcript: Sequence[Entry] = (), *, started: str = "", title: str = ""
) -> Iterator[bytes]:
    """The blocks of the file; see :func:`write`."""
    yield _block(0x0A0D0D0A, pack("<LHHq", 0x1A2B3C4D, 1, 0, -1) + _options((_COMMENT, title), (_APPLICATION, "spiceconf")))
    yield _block(1, pack("<HHL", 1, 0, 0) + _options((_NAME, "conformance")))
    begin = round(datetime.fromisoformat(started).timestamp() * 1_000_000) if started else 0

    def packets(at: float, frames: Iterable[tuple[bytes, int]], comment: str = "") -> Iterator[bytes]:
        stamp = begin + round(at * 1_000_000)
        for frame, length in frames:
            body = pack("<LLLLL", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(frame), length) + frame + bytes(-len(frame) % 4)
            yield _block(6, body + _options((_COMMENT, comment)))
            comment = ""

    ordered = _in_order(events, transcript)
    last = {event.connection: event for event in ordered}
    opened = deque([entry for entry in transcript if entry.kind == "open"])
    comments = _comments(transcript)
    connections: dict[int, _Connection] = {}
    for event in ordered:
        while opened and opened[0].at <= event.at:
            entry = opened.popleft()
            if entry.connection not in connections:
                connections[entry.connection] = _Connection(entry.connection, secure=entry.secure, place=entry.place)
                yield from packets(entry.at, connections[entry.connection].open())
        if event.connection not in connections:
            secure, place = (False, 0) if isinstance(event, Closed) else (event.secure, event.place)
            connections[event.connection] = _Connection(event.connection, secure=secure, place=place)
            yield from packets(event.at, connections[event.connection].open())
        connection = connections[event.connection]
        waiting = comments.get((event.connection, event.sender), deque())
        size = 0 if isinstance(event, Closed) else len(event.data) if isinstance(event, Chunk) else event.size
        end = _END + 1 if isinstance(event, Closed) else connection.sent(event.sender) + size
        texts: list[str] = []
        while waiting and waiting[0][0] < end:
            texts.append(waiting.popleft()[1])
        if isinstance(event, Closed):
            frames = connection.close(event.sender, reset=event.reset)
        else:
            frames = connection.data(event.sender, event.data if isinstance(event, Chunk) else b"", size)
        yield from packets(event.at, frames, "\n".join(texts))
        if last[event.connection] is event:
            yield from packets(event.at, connection.finish())


def write(path: Path, events: Iterable[Event], transcript: Sequence[Entry] = (), *, started: str = "", title: str = "") -> None:
    """A capture of one case.

    * ``events``: what was sent, in order: the whole streams if there are any, otherwise :func:`chunks_of` a record
    * ``transcript``: of the record: when connections were opened and closed, and what the case did at each packet
    * ``started``: ISO 8601; times of events count from there
    * ``title``: for the header of the file: the id of the case
    """
    with path.open("wb") as out:
        out.writelines(capture(events, transcript, started=started, title=title))
