"""One TCP connection: from segments to ordered bytes (RFC 9293), seen by a third party who may have missed some of them.

**Holes.** Bytes that the capture missed never come. A hole is given up, and reported as a gap, when the peer has
acknowledged later bytes and some more packets went by, when too much waits behind it, and when the connection ends. There
it shows in the last acknowledgement whether the very last bytes are missing.

**Order of the two sides.** What a segment acknowledges was sent before it. Who has to know the order (``in_order`` of the
capture) gets it behind that; what is not there by then (:mod:`~spiceproto.capture.order`) is lost. It costs the fast path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from spiceproto.capture.detect import Detector
from spiceproto.capture.flow_key import endpoints, reverse
from spiceproto.capture.foreign import BOTH_SIDES
from spiceproto.capture.layers import Connection, End, Host, Sink
from spiceproto.capture.limits import HOLE_PATIENCE_PACKETS, OUT_OF_ORDER_BYTES, OUT_OF_ORDER_SEGMENTS, OUT_OF_ORDER_TOTAL
from spiceproto.capture.tcp_pieces import Pieces

if TYPE_CHECKING:
    from spiceproto.capture.versions import Budget, Pair, Recent, Versions

__all__ = ["BEHIND", "FOREIGN", "MASK", "Direction", "Table", "TcpConnection"]

MASK = 0xFFFFFFFF
BEHIND = 3 << 30
"""Sequence numbers are compared modulo 2^32; a window is at most 2^30 bytes (RFC 7323, 2.3), so a number up to 2^30 behind
is old and everything else is ahead.
"""


class Direction:
    """What one side sends.

    * ``expected``: the next sequence number if the fast path may be taken, else -1
    * ``from_client``: whose direction this is
    * ``deliver``: takes the next bytes
    * ``connection``, ``peer``: what it belongs to, and the other direction
    * ``next``: the next sequence number, while ``expected`` is -1; -1 when nothing is known
    * ``pieces``: what waits
    * ``acknowledged``: packets seen since the peer acknowledged bytes behind the first hole
    * ``ack``: what it acknowledged last, as far as the slow path has seen; -1 before
    * ``farewell``: what it acknowledged when it ended; -1 before
    * ``until``: the sequence number of its RST; -1 before
    * ``reset``: an RST ahead of everything seen, with what was next then: the end if nothing more comes, as bytes before it may
      be missing from the capture, and a forged one changes nothing
    * ``finished``: the FIN was handed on
    * ``unsure``: one byte that came with no packet was acknowledged by the peer's FIN: its own FIN, unless more comes
    * ``seen``, ``supposed``: it has sent a packet; where it begins as its peer has it, before that
    * ``initial``: sequence number after the SYN, to tell a repeated SYN from a new connection
    * ``first``: the sequence number of the first byte that is known of; -1 before
    * ``recent``: what it sent last, where that is compared with what comes again
    """

    __slots__ = (
        "ack",
        "acknowledged",
        "connection",
        "deliver",
        "expected",
        "farewell",
        "finished",
        "first",
        "from_client",
        "initial",
        "next",
        "peer",
        "pieces",
        "recent",
        "reset",
        "seen",
        "supposed",
        "unsure",
        "until",
    )

    def __init__(self, connection: TcpConnection | None, from_client: bool) -> None:
        self.expected = -1
        self.from_client = from_client
        self.deliver: Callable[[bool, bytes, int, int], None] = _nothing
        self.connection = connection
        self.peer: Direction | None = None
        self.next = -1
        self.pieces = Pieces()
        self.acknowledged = 0
        self.ack = self.until = self.farewell = -1
        self.reset: tuple[int, int, End] | None = None
        self.finished = self.unsure = self.seen = False
        self.supposed = -1
        self.initial = self.first = -1
        self.recent: Recent | None = None


def _nothing(from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
    """Where data of foreign connections go."""


FOREIGN = Direction(None, True)
"""Stands in the table for connections that are not followed, or no longer."""


class Table(Protocol):
    """What a connection needs of the table it is in.

    * ``host``: the capture
    * ``flows``: directions by their address and port bytes
    * ``waiting``: out-of-order bytes of all connections
    * ``recent``: the latest bytes of all connections, where they are compared
    * ``ended``: address and port bytes to the number behind the SYN of the last connection that was used and has ended
    """

    host: Host
    flows: dict[bytes, Direction]
    waiting: int
    recent: Budget | None
    ended: dict[bytes, int]


class _Ended:
    """Above a connection that is over: breaks the reference cycle with the layers, as the collector is off."""

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Dropped."""

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Dropped."""

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Dropped."""

    def closed(self, time_ns: int, frame: int) -> None:
        """Dropped."""


_ENDED = _Ended()


class TcpConnection(Connection):
    """A connection with what waits in both directions.

    * ``top``: the sink of the layer above
    * ``slow``: something waits in one of the directions, or nobody knows where the server begins: neither may take the fast
      path
    * ``careful``: neither may ever take it, for what comes again is compared
    * ``orders``: the order of the directions matters
    """

    __slots__ = ("_client", "_server", "_table", "careful", "orders", "slow", "top")

    def __init__(self, table: Table, key: bytes, time_ns: int, frame: int) -> None:
        super().__init__(table.host, table.host.totals.tcp_connections, time_ns, frame)
        back = reverse(key)
        self.keys = (key, back)
        self._table = table
        self.slow = False
        self.careful = table.host.compares
        self.orders = table.host.in_order
        self.top: Sink = Detector(self, self._attach)
        self._client = Direction(self, True)
        self._server = Direction(self, False)
        if table.recent is not None:
            from spiceproto.capture.versions import Recent  # not at import: who reads at full speed compares nothing

            self._client.recent, self._server.recent = Recent(table.recent), Recent(table.recent)
        self._client.peer, self._server.peer = self._server, self._client
        self._client.deliver = self._server.deliver = self.top.data
        self.client, self.server = endpoints(key)

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
        flows, ended = self._table.flows, self._table.ended
        used = self._sent(self._client) or self._sent(self._server)
        for key, direction in zip(self.keys, (self._client, self._server), strict=True):
            if flows.get(key) is direction:
                flows[key] = FOREIGN
                if used and direction.initial >= 0 > direction.supposed:
                    ended[key] = direction.initial
            self._table.waiting -= direction.pieces.clear()
            direction.expected = direction.next = -1
            if direction.recent is not None:
                direction.recent.clear()
            direction.deliver = _nothing
            direction.peer = None
            direction.connection = None

    def close(self, time_ns: int, frame: int) -> None:
        """Hand out what waits, with the gaps in between, and tell the sink that this was all."""
        self._tell_one_sided(time_ns, frame)
        for direction in (self._client, self._server):
            if direction.reset is not None and direction.reset[1] == self.following(direction):
                self.reset(direction, direction.reset[0], direction.reset[2])
        for direction, peer in ((self._client, self._server), (self._server, self._client)):
            self._give_up(direction, everything=True, time_ns=time_ns, frame=frame)
            size = max(self._unseen(direction, peer.ack), self._unseen(direction, direction.until))
            known = self.number or not self.only
            if size and known and not (size == 1 and peer.finished):  # that one is a FIN
                self._lose(direction, size, time_ns, frame)
        if self.open:
            for direction, peer, side in ((self._client, self._server, "client"), (self._server, self._client, "server")):
                fin = not (peer.finished or peer.unsure)  # the FIN itself, where the capture does not have it yet
                if direction.farewell >= 0 and direction.farewell == (self.following(peer) + fin) & MASK:
                    self.knew_end.add(side)
            self.sent = {"client": self._sent(self._client), "server": self._sent(self._server)}
            self.uncompared = sum(side.recent.uncompared for side in self.directions() if side.recent is not None)
            self._table.host.over(self)
            top = self.top
            self.drop()
            top.closed(time_ns, frame)

    def _sent(self, direction: Direction) -> int:
        following = self.following(direction)
        return (following - direction.first - (direction.finished or direction.unsure)) & MASK if direction.first >= 0 else 0

    # -- sequence numbers

    def following(self, direction: Direction) -> int:
        """The sequence number that is next; -1 when nothing is known."""
        return direction.next if self.slow or self.careful or direction.finished else direction.expected

    def set_following(self, direction: Direction, value: int) -> None:
        """Another sequence number is next."""
        if direction.first < 0:
            direction.first = value
        direction.next = value
        direction.expected = -1 if self.slow or self.careful or direction.finished else value

    def in_order(
        self, direction: Direction, skip: int, payload: bytes, missing: int, fin: int, time_ns: int, frame: int
    ) -> None:
        """The next bytes, the first ``skip`` of which are known already."""
        following = self.following(direction)
        if skip:
            self.last_again = frame
        if direction.unsure:
            self._be_sure(direction, time_ns, frame)
        if fin:
            self._finish(direction, time_ns, frame)
        self.set_following(direction, (following + len(payload) + missing - skip + fin) & MASK)
        if skip < len(payload):
            direction.deliver(direction.from_client, payload[skip:] if skip else payload, time_ns, frame)
            skip = 0
        else:
            skip -= len(payload)
        if missing > skip:
            self._gap(direction, missing - skip, time_ns, frame)

    def _finish(self, direction: Direction, time_ns: int, frame: int) -> None:
        """This side has closed, and what it sent before that was handed on."""
        direction.finished = True
        side = "client" if direction.from_client else "server"
        self.left = self.left or side
        self.ended(side, End("FIN", time_ns, frame))

    def reset(self, direction: Direction, seq: int, end: End) -> None:
        """This side has ended it with an RST."""
        direction.until = seq
        self.ended("client" if direction.from_client else "server", end)

    def suppose_end(self, direction: Direction, ack: int) -> None:
        """Who has closed acknowledges one byte more than was seen: a FIN that the capture does not have, most likely."""
        direction.unsure = True
        self.set_following(direction, ack)

    def _be_sure(self, direction: Direction, time_ns: int, frame: int) -> None:
        """More came: what was taken for the FIN was a byte."""
        direction.unsure = False
        self._gap(direction, 1, time_ns, frame)

    def _gap(self, direction: Direction, size: int, time_ns: int, frame: int) -> None:
        if self.open:
            self._table.host.totals.lost_bytes += size
            self.miss("client" if direction.from_client else "server", size, frame)
            self.top.gap(direction.from_client, size, time_ns, frame)

    def _tell_one_sided(self, time_ns: int, frame: int) -> None:
        for direction, side in ((self._client, "client"), (self._server, "server")):
            if not direction.seen and (self.orders or self.following(direction) == direction.supposed):
                self.only = "client" if side == "server" else "server"
                if self.number:
                    text = f"the capture has no packet of the {side}: {BOTH_SIDES}"
                    self.top.problem("one-sided", text, direction.from_client, time_ns, frame)

    def hasten(self) -> None:
        """It is known where both sides are: if nothing waits, they may take the fast path."""
        if self.slow and not self._client.pieces and not self._server.pieces:
            self._be_fast()

    def _be_fast(self) -> None:
        self.slow = False
        for side in (self._client, self._server):
            side.acknowledged = 0
            if not side.finished and not self.careful:
                side.expected = side.next

    # -- bytes that come again

    def _versions(self, side: str) -> Versions:
        return self.versions.setdefault(side, self._no_versions())

    @staticmethod
    def _no_versions() -> Versions:
        from spiceproto.capture.versions import Versions

        return Versions()

    def settle(self, direction: Direction, dropped: int, time_ns: int, frame: int) -> None:
        """This frame counts instead of another one, of the same bytes."""
        side = "client" if direction.from_client else "server"
        self._versions(side).settle(dropped, frame)
        only = self._no_versions()
        only.settle(dropped, frame)
        self.top.problem("versions-settled", only.settled_words(side), direction.from_client, time_ns, frame)

    def differ(self, direction: Direction, pair: Pair, time_ns: int, frame: int) -> None:
        """Bytes that come again are others; the first were handed on."""
        if pair.first_counts:
            self.settle(direction, pair.second.frame, time_ns, pair.first.frame)
            return
        side = "client" if direction.from_client else "server"
        self._versions(side).contest(pair)
        only = self._no_versions()
        only.contest(pair)
        self.top.problem("versions", only.contested_words(side), direction.from_client, time_ns, frame)

    # -- pieces out of order

    def wait(
        self, direction: Direction, relative: int, payload: bytes, missing: int, fin: int, time_ns: int, frame: int
    ) -> None:
        """Keep a segment until its time comes; ``relative`` to the next byte, negative when it begins before that."""
        if not self.slow:
            self.slow = True
            for side in (direction, direction.peer):
                assert side is not None
                if not side.finished and not self.careful:
                    side.next, side.expected = side.expected, -1
        if direction.unsure:
            self._be_sure(direction, time_ns, frame)
        start = direction.pieces.position + relative
        end = start + len(payload)
        insert = direction.pieces.insert
        added = insert(start, end, payload, fin=False, time_ns=time_ns, frame=frame)
        self._table.waiting += added
        if added < len(payload):
            self.last_again = frame
        if missing:
            insert(end, end + missing, None, fin=False, time_ns=time_ns, frame=frame)
        if fin:
            insert(end + missing, end + missing + 1, None, fin=True, time_ns=time_ns, frame=frame)
        self._drain(direction)
        while self.open and (
            direction.pieces.waiting > OUT_OF_ORDER_BYTES
            or len(direction.pieces) > OUT_OF_ORDER_SEGMENTS
            or (self._table.waiting > OUT_OF_ORDER_TOTAL and direction.pieces)
        ):
            self._give_up(direction, everything=False, time_ns=time_ns, frame=frame)

    def _drain(self, direction: Direction) -> None:
        """Hand on all pieces that are next."""
        pieces = direction.pieces
        while not direction.finished:
            piece = pieces.take()
            if piece is None:
                break
            direction.acknowledged = 0
            start, end, data, fin, time_ns, frame = piece
            direction.next = (direction.next + end - start) & MASK
            if data is not None:
                self._table.waiting -= len(data)
                direction.deliver(direction.from_client, data, time_ns, frame)
            elif not fin:
                self._gap(direction, end - start, time_ns, frame)
            else:
                self._finish(direction, time_ns, frame)
            if not self.open:
                return
        if direction.finished:  # nothing is sent after a FIN
            self._table.waiting -= pieces.clear()
        peer = direction.peer
        if not pieces and peer is not None and not peer.pieces:
            self._be_fast()

    def acknowledge(self, direction: Direction, peer: Direction, ack: int, time_ns: int, frame: int) -> None:
        """Find holes that the receiver does not have; ``ack`` is what ``direction`` says of the peer's bytes."""
        if ack >= 0 and peer.pieces and not peer.acknowledged:
            behind = (ack - peer.next) & MASK
            if behind < BEHIND and behind > peer.pieces.hole:
                peer.acknowledged = 1
        for side in (direction, peer):
            if side.acknowledged and self.open:
                side.acknowledged += 1
                if side.acknowledged > HOLE_PATIENCE_PACKETS:
                    self._give_up(side, everything=False, time_ns=time_ns, frame=frame)

    def _give_up(self, direction: Direction, *, everything: bool, time_ns: int, frame: int) -> None:
        """Report the first hole (or all) as a gap, and go on behind it."""
        while self.open and direction.pieces:
            size = direction.pieces.skip()
            if size:
                direction.next = (direction.next + size) & MASK
                self._gap(direction, size, time_ns, frame)
            if self.open:
                self._drain(direction)
            if not everything:
                return

    def _lose(self, direction: Direction, size: int, time_ns: int, frame: int) -> None:
        """The next bytes, with nothing seen behind them, will not come."""
        self.set_following(direction, (self.following(direction) + size) & MASK)
        self._gap(direction, size, time_ns, frame)

    # -- the order of the two sides

    def _unseen(self, direction: Direction, ack: int) -> int:
        """How many bytes of a side were acknowledged and have not been handed on."""
        following = self.following(direction)
        if ack < 0 or following < 0 or direction.finished or not self.open:
            return 0
        behind = (ack - following) & MASK
        return behind if behind < BEHIND else 0

    def catch_up(self, direction: Direction, ack: int, time_ns: int, frame: int, *, ends: bool) -> None:
        """The peer has acknowledged bytes: those that did not come are lost. ``ends``: with its FIN."""
        while direction.pieces and self._unseen(direction, ack):
            self._give_up(direction, everything=False, time_ns=time_ns, frame=frame)
        size = self._unseen(direction, ack)
        if size == 1 and ends:
            self.suppose_end(direction, ack)
        elif size:
            self._lose(direction, size, time_ns, frame)
