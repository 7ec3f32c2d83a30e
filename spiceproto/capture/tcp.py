"""TCP: from segments to ordered bytes (RFC 9293), seen by a third party who may have missed some of them.

**Fast path.**  The flow table maps the address and port bytes, as they lie in the packet, to a :class:`Direction`.  The
loops over the file (``pcap``, ``pcapng``) look it up themselves and, when ``sequence == direction.expected``, hand the
payload to ``direction.deliver`` without coming here.  ``expected`` is -1 whenever a segment needs more thought than
that: nothing seen yet, something out of order in *either* direction (then acknowledgements matter), or finished.
So the loops need no other check than flags and lengths.

**Slow path.**  :meth:`FlowTable.segment`.  Sequence numbers are compared modulo 2^32; a window is at most 2^30 bytes
(RFC 7323, 2.3), so a number up to 2^30 behind is old and everything else is ahead.  Pieces that arrive early wait in a
list sorted by position, cut so that they never overlap: the byte that came first wins.  A byte that the snapshot
length cut off is a piece without data.

**Holes.**  Bytes that the capture missed never come.  A hole is given up, and reported as a gap, when the peer has
acknowledged later bytes and some more packets went by, when too much waits behind it, and when the connection ends.

A connection that turns out not to be SPICE leaves :data:`FOREIGN` in the table: one look-up a packet.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from .detect import Detector
from .layers import Connection, Host, Sink
from .limits import (
    FLOWS,
    HOLE_PATIENCE_PACKETS,
    OUT_OF_ORDER_BYTES,
    OUT_OF_ORDER_SEGMENTS,
    OUT_OF_ORDER_TOTAL,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FOREIGN", "Direction", "FlowTable", "TcpConnection"]

FIN, SYN, RST, ACK = 1, 2, 4, 16
_MASK = 0xFFFFFFFF
_BEHIND = 3 << 30
_RST_AHEAD = 1 << 24
_RST_BEHIND = -(1 << 20)

Piece = tuple[int, int, "bytes | None", bool, int, int]
"""Start, end, data or None for bytes known to be missing, whether this is the FIN, time, frame."""


class Direction:
    """What one side sends."""

    __slots__ = (
        "acknowledged",
        "connection",
        "deliver",
        "expected",
        "finished",
        "from_client",
        "initial",
        "next",
        "peer",
        "pieces",
        "position",
        "waiting",
    )

    def __init__(self, connection: TcpConnection | None, from_client: bool) -> None:
        self.expected = -1
        self.from_client = from_client
        self.deliver: Callable[[bool, bytes, int, int], None] = _nothing
        self.connection = connection
        self.peer: Direction | None = None
        self.next = -1
        """The next sequence number, while ``expected`` is -1; -1 when nothing is known."""
        self.position = 0
        """A count without wrap-around that stands for ``next`` while pieces wait."""
        self.pieces: list[Piece] = []
        self.waiting = 0
        self.acknowledged = 0
        """Packets seen since the peer acknowledged bytes behind the first hole."""
        self.finished = False
        self.initial = -1
        """Sequence number after the SYN, to tell a repeated SYN from a new connection."""


def _nothing(from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
    """Where data of foreign connections go."""


FOREIGN = Direction(None, True)
"""Stands in the table for connections that are not followed, or no longer."""


class _Ended:
    """Above a connection that is over: breaks the reference cycle with the layers, as the collector is off."""

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """Nobody listens."""

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """Nobody listens."""

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Nobody listens."""

    def closed(self, time_ns: int, frame: int, /) -> None:
        """Nobody listens."""


_ENDED = _Ended()


class TcpConnection(Connection):
    """The reassembly state of a connection, both directions."""

    __slots__ = ("_client", "_server", "_table", "keys", "slow", "top")

    def __init__(self, table: FlowTable, key: bytes, time_ns: int, frame: int) -> None:
        super().__init__(table.host, table.host.totals.tcp_connections, time_ns, frame)
        back = _reverse(key)
        self.keys = (key, back)
        self._table = table
        self.slow = False
        """Something waits in one of the directions, so neither may take the fast path."""
        self.top: Sink = Detector(self, self._attach)
        self._client = Direction(self, True)
        self._server = Direction(self, False)
        self._client.peer, self._server.peer = self._server, self._client
        self._client.deliver = self._server.deliver = self.top.data
        self.client, self.server = _endpoints(key)

    def _attach(self, sink: Sink) -> None:
        if not self.open:
            return
        self.top = sink
        self._client.deliver = self._server.deliver = sink.data

    def shortcut(self, sink: Sink, from_client: bool, deliver: Callable[[bool, bytes, int, int], None]) -> None:
        """A sink that stands directly on TCP may name a function of its own for each side."""
        if self.top is sink and self.open:
            (self._client if from_client else self._server).deliver = deliver

    def swap(self) -> None:
        """The first packet seen was the server's."""
        super().swap()
        self.keys = (self.keys[1], self.keys[0])
        self._client, self._server = self._server, self._client
        self._client.from_client, self._server.from_client = True, False

    def directions(self) -> tuple[Direction, Direction]:
        """The client's and the server's."""
        return self._client, self._server

    def drop(self) -> None:
        """Forget it; the table remembers only that it is of no interest."""
        if not self.open:
            return
        self.open = False
        self.top = _ENDED
        flows = self._table.flows
        for key, direction in zip(self.keys, (self._client, self._server), strict=True):
            if flows.get(key) is direction:
                flows[key] = FOREIGN
            self._table.waiting -= direction.waiting
            direction.expected = direction.next = -1
            direction.pieces = []
            direction.waiting = 0
            direction.deliver = _nothing
            direction.peer = None
            direction.connection = None

    def close(self, time_ns: int, frame: int) -> None:
        """Hand out what waits, with the gaps in between, and tell the sink that this was all."""
        for direction in (self._client, self._server):
            self._table.give_up(self, direction, everything=True, time_ns=time_ns, frame=frame)
        if self.open:
            top = self.top
            self.drop()
            top.closed(time_ns, frame)


class FlowTable:
    """All connections of a capture."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.flows: dict[bytes, Direction] = {}
        self.waiting = 0
        """Out-of-order bytes of all connections."""

    def segment(
        self, key: bytes, seq: int, ack: int, flags: int, payload: bytes, missing: int, time_ns: int, frame: int
    ) -> None:
        """Take one segment whatever it is; ``missing`` bytes after ``payload`` were sent but not captured."""
        direction = self.flows.get(key)
        if flags & SYN:
            direction = self._synchronize(direction, key, seq, ack, flags, time_ns, frame)
            seq = (seq + 1) & _MASK
        elif direction is None:
            direction = self._open(key, time_ns, frame)
        connection = direction.connection
        if connection is None:
            return
        peer = direction.peer
        assert peer is not None
        following = direction.next if connection.slow else direction.expected
        if direction.finished:
            following = direction.next
        size = len(payload) + missing
        if following < 0:
            following = seq
            self._set_next(connection, direction, seq)
        if flags & ACK and connection.syn_seen and direction.initial >= 0 and self._next(connection, peer) < 0:
            # The answer to a SYN that the capture lacks: what is acknowledged first is where the peer began.
            self._set_next(connection, peer, ack)
        relative = (seq - following) & _MASK
        if relative >= _BEHIND:
            relative -= 1 << 32
        if (size or flags & FIN) and not direction.finished:
            if relative > 0 or direction.pieces:
                self._wait(connection, direction, relative, payload, missing, flags & FIN, time_ns, frame)
            elif relative + size + (flags & FIN) > 0:
                self._in_order(connection, direction, -relative, payload, missing, flags & FIN, time_ns, frame)
        if not connection.open:
            return
        if flags & RST:
            if following == seq or _RST_BEHIND <= relative <= _RST_AHEAD or not (seq or size):
                connection.close(time_ns, frame)
            return
        if connection.slow:
            self._acknowledge(connection, direction, peer, ack if flags & ACK else -1, time_ns, frame)
        if direction.finished and peer.finished and connection.open:
            connection.close(time_ns, frame)

    def close(self, time_ns: int, frame: int) -> None:
        """End of the file."""
        for connection in self._connections(self.flows.values()):
            connection.close(time_ns, frame)
        self.flows.clear()

    # The life of a connection

    def _open(self, key: bytes, time_ns: int, frame: int) -> Direction:
        if len(self.flows) >= FLOWS:
            self._evict(time_ns, frame)
        connection = TcpConnection(self, key, time_ns, frame)
        self.host.totals.tcp_connections += 1
        client, server = connection.directions()
        self.flows[key] = client
        self.flows[connection.keys[1]] = server
        return client

    def _synchronize(
        self, direction: Direction | None, key: bytes, seq: int, ack: int, flags: int, time_ns: int, frame: int
    ) -> Direction:
        following = (seq + 1) & _MASK
        connection = direction.connection if direction is not None else None
        if direction is not None and connection is not None:
            if direction.initial == following:
                return direction
            known = self._next(connection, direction)
            peer = direction.peer
            assert peer is not None
            if flags & ACK and direction.initial < 0 and (known < 0 or known == following or peer.initial == ack):
                # The first answer; ``known`` when acknowledgement or data overtook it in the capture.
                direction.initial = following
                if known < 0:
                    self._set_next(connection, direction, following)
                return direction
            connection.close(time_ns, frame)
        direction = self._open(key, time_ns, frame)
        connection = direction.connection
        assert connection is not None
        connection.syn_seen = True
        if flags & ACK:
            connection.swap()
            peer = direction.peer
            assert peer is not None
            peer.initial = ack
            self._set_next(connection, peer, ack)
        direction.initial = following
        self._set_next(connection, direction, following)
        return direction

    def _evict(self, time_ns: int, frame: int) -> None:
        """Make room: first what is of no interest, then the oldest connections without a sink, then the oldest."""
        flows = self.flows
        keep = FLOWS * 7 // 8
        for key in [key for key, direction in flows.items() if direction is FOREIGN][: len(flows) - keep]:
            del flows[key]
        for only_silent in (True, False):
            for connection in self._connections(flows.values()):
                if len(flows) <= keep:
                    return
                if connection.number and only_silent:
                    continue
                if connection.number:
                    text = f"more than {FLOWS // 2} connections at a time: this one is given up"
                    connection.top.problem("tcp-too-many-connections", text, True, time_ns, frame)
                connection.close(time_ns, frame)
                for key in connection.keys:
                    flows.pop(key, None)

    @staticmethod
    def _connections(directions: Iterable[Direction]) -> list[TcpConnection]:
        """Each once, oldest first."""
        return list(dict.fromkeys(d.connection for d in directions if d.connection is not None))

    # Sequence numbers

    @staticmethod
    def _next(connection: TcpConnection, direction: Direction) -> int:
        return direction.next if connection.slow or direction.finished else direction.expected

    @staticmethod
    def _set_next(connection: TcpConnection, direction: Direction, value: int) -> None:
        direction.next = value
        direction.expected = -1 if connection.slow or direction.finished else value

    def _in_order(
        self,
        connection: TcpConnection,
        direction: Direction,
        skip: int,
        payload: bytes,
        missing: int,
        fin: int,
        time_ns: int,
        frame: int,
    ) -> None:
        """The next bytes, the first ``skip`` of which are known already."""
        following = self._next(connection, direction)
        if fin:
            direction.finished = True
        self._set_next(connection, direction, (following + len(payload) + missing - skip + fin) & _MASK)
        if skip < len(payload):
            direction.deliver(direction.from_client, payload[skip:] if skip else payload, time_ns, frame)
            skip = 0
        else:
            skip -= len(payload)
        if missing > skip:
            self._gap(connection, direction, missing - skip, time_ns, frame)

    def _gap(self, connection: TcpConnection, direction: Direction, size: int, time_ns: int, frame: int) -> None:
        if connection.open:
            self.host.totals.lost_bytes += size
            connection.top.gap(direction.from_client, size, time_ns, frame)

    # Pieces out of order

    def _wait(
        self,
        connection: TcpConnection,
        direction: Direction,
        relative: int,
        payload: bytes,
        missing: int,
        fin: int,
        time_ns: int,
        frame: int,
    ) -> None:
        """Keep a segment until its time comes; ``relative`` to the next byte, negative when it begins before that."""
        if not connection.slow:
            connection.slow = True
            for side in (direction, direction.peer):
                assert side is not None
                if not side.finished:
                    side.next, side.expected = side.expected, -1
        start = direction.position + relative
        end = start + len(payload)
        self._insert(direction, start, end, payload, False, time_ns, frame)
        if missing:
            self._insert(direction, end, end + missing, None, False, time_ns, frame)
        if fin:
            self._insert(direction, end + missing, end + missing + 1, None, True, time_ns, frame)
        self._drain(connection, direction)
        while connection.open and (
            direction.waiting > OUT_OF_ORDER_BYTES
            or len(direction.pieces) > OUT_OF_ORDER_SEGMENTS
            or (self.waiting > OUT_OF_ORDER_TOTAL and direction.pieces)
        ):
            self.give_up(connection, direction, everything=False, time_ns=time_ns, frame=frame)

    def _insert(
        self, direction: Direction, start: int, end: int, data: bytes | None, fin: bool, time_ns: int, frame: int
    ) -> None:
        """Add the parts of a piece that nothing covers yet."""
        pieces = direction.pieces
        position = max(start, direction.position)
        index = bisect_right(pieces, position, key=_start)
        if index and pieces[index - 1][1] > position:
            index -= 1
        while position < end:
            if index < len(pieces) and pieces[index][0] <= position:
                position = max(position, pieces[index][1])
                index += 1
                continue
            stop = min(end, pieces[index][0]) if index < len(pieces) else end
            part = None if data is None else data[position - start : stop - start]
            pieces.insert(index, (position, stop, part, fin, time_ns, frame))
            if part is not None:
                direction.waiting += stop - position
                self.waiting += stop - position
            index += 1
            position = stop

    def _drain(self, connection: TcpConnection, direction: Direction) -> None:
        """Hand on all pieces that are next."""
        pieces = direction.pieces
        count = 0
        for count, (start, end, data, fin, time_ns, frame) in enumerate(pieces, 1):
            if start != direction.position or direction.finished:
                count -= 1
                break
            direction.position = end
            direction.next = (direction.next + end - start) & _MASK
            if data is not None:
                direction.waiting -= len(data)
                self.waiting -= len(data)
                direction.deliver(direction.from_client, data, time_ns, frame)
            elif not fin:
                self._gap(connection, direction, end - start, time_ns, frame)
            else:
                direction.finished = True
            if not connection.open:
                return
        if direction.finished:  # nothing is sent after a FIN
            self.waiting -= direction.waiting
            direction.waiting = 0
            count = len(pieces)
        del pieces[:count]
        if count:
            direction.acknowledged = 0
        peer = direction.peer
        if not pieces and peer is not None and not peer.pieces:
            connection.slow = False
            for side in (direction, peer):
                side.position = 0
                side.acknowledged = 0
                if not side.finished:
                    side.expected = side.next

    def _acknowledge(
        self,
        connection: TcpConnection,
        direction: Direction,
        peer: Direction,
        ack: int,
        time_ns: int,
        frame: int,
    ) -> None:
        """Find holes that the receiver does not have; ``ack`` is what ``direction`` says of the peer's bytes."""
        if ack >= 0 and peer.pieces and not peer.acknowledged:
            behind = (ack - peer.next) & _MASK
            if behind < _BEHIND and behind > peer.pieces[0][0] - peer.position:
                peer.acknowledged = 1
        for side in (direction, peer):
            if side.acknowledged and connection.open:
                side.acknowledged += 1
                if side.acknowledged > HOLE_PATIENCE_PACKETS:
                    self.give_up(connection, side, everything=False, time_ns=time_ns, frame=frame)

    def give_up(
        self, connection: TcpConnection, direction: Direction, *, everything: bool, time_ns: int, frame: int
    ) -> None:
        """Report the first hole (or all) as a gap, and go on behind it."""
        while connection.open and direction.pieces:
            size = direction.pieces[0][0] - direction.position
            if size > 0:
                direction.position += size
                direction.next = (direction.next + size) & _MASK
                self._gap(connection, direction, size, time_ns, frame)
            if connection.open:
                self._drain(connection, direction)
            if not everything:
                return


def _start(piece: Piece) -> int:
    return piece[0]


def _reverse(key: bytes) -> bytes:
    """The key of the other direction: two addresses and two ports exchanged."""
    if len(key) == 12:
        return key[4:8] + key[:4] + key[10:] + key[8:10]
    return key[16:32] + key[:16] + key[34:] + key[32:34]


def _endpoints(key: bytes) -> tuple[tuple[str, int], tuple[str, int]]:
    """Source and destination in text form."""
    size = (len(key) - 4) // 2
    if size == 4:
        source, destination = ".".join(map(str, key[:4])), ".".join(map(str, key[4:8]))
    else:
        from socket import AF_INET6, inet_ntop  # not at import: it costs milliseconds

        source, destination = inet_ntop(AF_INET6, key[:16]), inet_ntop(AF_INET6, key[16:32])
    ports = key[2 * size :]
    return (source, int.from_bytes(ports[:2], "big")), (destination, int.from_bytes(ports[2:], "big"))
