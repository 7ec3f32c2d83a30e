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
from typing import Final

import msgspec

from conformance.results import Entry
from conformance.transcript import Chunk
from spiceproto import pcapng_blocks
from spiceproto.tcp_packets import LOOPBACK, Frame, TcpPackets

__all__ = ["CLIENT_PORT", "SERVER_PORT", "TLS_PORT", "Chunk", "Closed", "Cut", "Event", "capture", "chunks_of", "write"]

CLIENT_PORT: Final = 40000
"""Port of a client, less the number of its connection."""

SERVER_PORT: Final = 5930
TLS_PORT: Final = 5931
NEXT_SERVER: Final = 10
"""Between the ports of the source and those of the destination of a migration."""

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


def _packets_of(number: int, *, secure: bool, place: int) -> TcpPackets:
    server = (TLS_PORT if secure else SERVER_PORT) + place * NEXT_SERVER
    return TcpPackets((LOOPBACK, CLIENT_PORT + number), (LOOPBACK, server))


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
    yield pcapng_blocks.section(application="spiceconf", comment=title)
    yield pcapng_blocks.interface(name="conformance")
    begin = round(datetime.fromisoformat(started).timestamp() * 1_000_000) if started else 0

    def packets(at: float, frames: Iterable[Frame], comment: str = "") -> Iterator[bytes]:
        for frame, length in frames:
            yield pcapng_blocks.packet(begin + round(at * 1_000_000), frame, length, comment)
            comment = ""

    ordered = _in_order(events, transcript)
    last = {event.connection: event for event in ordered}
    opened = deque([entry for entry in transcript if entry.kind == "open"])
    comments = _comments(transcript)
    connections: dict[int, TcpPackets] = {}
    for event in ordered:
        while opened and opened[0].at <= event.at:
            entry = opened.popleft()
            if entry.connection not in connections:
                connections[entry.connection] = _packets_of(entry.connection, secure=entry.secure, place=entry.place)
                yield from packets(entry.at, connections[entry.connection].open())
        if event.connection not in connections:
            secure, place = (False, 0) if isinstance(event, Closed) else (event.secure, event.place)
            connections[event.connection] = _packets_of(event.connection, secure=secure, place=place)
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
