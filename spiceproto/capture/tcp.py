"""TCP: the table of flows, which gives each segment to its connection.

**Fast path.** The flow table maps the address and port bytes, as they lie in the packet, to a :class:`Direction`. The
loops over the file (``pcap``, ``pcapng``) look it up themselves and, when ``sequence == direction.expected``, hand the
payload to ``direction.deliver`` without coming here. ``expected`` is -1 whenever a segment needs more thought than
that: nothing seen yet, something out of order in *either* direction (then acknowledgements matter), or finished.
So the loops need no other check than flags and lengths.

**Slow path.** :meth:`FlowTable.segment`: connections begin and end here; what arrives out of order waits in its
:class:`~spiceproto.capture.tcp_connection.TcpConnection`.

A connection that turns out not to be SPICE leaves :data:`FOREIGN` in the table: one look-up a packet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spiceproto.capture.layers import End, Host
from spiceproto.capture.limits import FLOWS
from spiceproto.capture.segment import ACK, FIN, RST, SYN, Segment
from spiceproto.capture.tcp_connection import BEHIND, FOREIGN, MASK, Direction, TcpConnection

if TYPE_CHECKING:
    from spiceproto.capture.versions import Budget

__all__ = ["FlowTable"]

_RST_AHEAD = 1 << 24
_RST_BEHIND = -(1 << 20)
_LATE_BYTES = 1 << 20
_LATE_NS = 1_000_000_000


class FlowTable:
    """All connections of a capture.

    * ``host``: the capture
    * ``flows``: directions by their address and port bytes
    * ``waiting``: out-of-order bytes of all connections
    * ``recent``: the latest bytes of all connections, where they are compared
    * ``ended``: address and port bytes to the number behind the SYN of the last connection that was used and has ended
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.flows: dict[bytes, Direction] = {}
        self.waiting = 0
        self.recent: Budget | None = None
        if host.compares:
            from spiceproto.capture.versions import Budget  # not at import: who reads at full speed compares nothing

            self.recent = Budget()
        self.ended: dict[bytes, int] = {}

    def segment(self, segment: Segment) -> None:
        """Take one segment whatever it is."""
        key, seq, ack, flags = segment.key, segment.seq, segment.ack, segment.flags
        payload, missing, time_ns, frame = segment.payload, segment.missing, segment.time_ns, segment.frame
        direction = self.flows.get(key)
        if flags & SYN:
            direction = self._synchronize(direction, key, seq, ack, flags, time_ns, frame)
            seq = (seq + 1) & MASK
        elif direction is None:
            direction = self._open(key, time_ns, frame)
        connection = direction.connection
        if connection is None:
            return
        peer = direction.peer
        assert peer is not None
        direction.seen = True
        following = connection.following(direction)
        size = len(payload) + missing
        differs = False
        if payload and direction.recent is not None:
            pair = direction.recent.add(segment)
            differs = pair is not None
            if pair is not None:
                connection.differ(direction, pair, time_ns, frame)
                if pair.first_counts:
                    return
        for dropped in segment.instead:
            connection.settle(direction, dropped, time_ns, frame)
        if following < 0:
            following = seq
            connection.set_following(direction, seq)
        if connection.orders and flags & ACK and (size or flags & FIN):
            connection.catch_up(peer, ack, time_ns, frame, ends=bool(flags & FIN))
            if not connection.open:
                return
        if flags & ACK and connection.syn_seen and direction.initial >= 0 and connection.following(peer) < 0:
            # The answer to a SYN that the capture lacks: what is acknowledged first is where the peer began.
            connection.set_following(peer, ack)
            peer.supposed = ack
            connection.hasten()
        relative = (seq - following) & MASK
        if relative >= BEHIND:
            relative -= 1 << 32
        if flags & ACK:
            direction.ack = ack
            if flags & (FIN | RST):
                direction.farewell = ack
        if (size or flags & FIN) and not direction.finished:
            if relative > 0 or direction.pieces:
                connection.wait(direction, relative, payload, missing, flags & FIN, time_ns, frame)
            elif relative + size + (flags & FIN) > 0:
                connection.in_order(direction, -relative, payload, missing, flags & FIN, time_ns, frame)
            elif size and not differs:
                connection.repeat("client" if direction.from_client else "server", size, frame)
        elif size and relative + size <= 0 and not differs:
            connection.repeat("client" if direction.from_client else "server", size, frame)
        if not connection.open:
            return
        if flags & RST:
            end = End("RST", time_ns, frame)
            if following == seq or _RST_BEHIND <= relative <= 0 or not (seq or size):
                connection.reset(direction, seq, end)
                connection.close(time_ns, frame)
            elif relative <= _RST_AHEAD:
                direction.reset = seq, following, end
            return
        if connection.slow:
            connection.acknowledge(direction, peer, ack if flags & ACK else -1, time_ns, frame)
        if not connection.open:
            return
        if direction.finished and peer.finished:
            connection.close(time_ns, frame)
        elif (
            direction.finished
            and peer.seen
            and flags & ACK
            and not peer.pieces
            and (ack - connection.following(peer)) & MASK == 1
        ):
            connection.suppose_end(peer, ack)

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Somebody says that a segment did not arrive: where nothing else does either, that is why."""
        direction = self.flows.get(key)
        if direction is not None and direction.connection is not None:
            direction.connection.unreachable = how, time_ns, frame

    def close(self, time_ns: int, frame: int) -> None:
        """End of the file."""
        for connection in self._connections(self.flows.values()):
            connection.close(time_ns, frame)
        self.flows.clear()

    # -- the life of a connection

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
        following = (seq + 1) & MASK
        connection = direction.connection if direction is not None else None
        if direction is not None and connection is not None:
            if direction.initial == following:
                return direction
            known = connection.following(direction)
            peer = direction.peer
            assert peer is not None
            if flags & ACK and direction.initial < 0 and (known < 0 or known == following or peer.initial == ack):
                # The first answer; ``known`` when acknowledgement or data overtook it in the capture.
                direction.initial = following
                if known < 0:
                    connection.set_following(direction, following)
                connection.hasten()
                return direction
            if self._late(connection, direction, following, time_ns):
                connection.syn_seen = direction.from_client and direction.first == following
                direction.initial = following
                return direction
            connection.close(time_ns, frame)
        elif self.ended.get(key) == following:
            if not flags & ACK:
                self.host.came_again(frame)
            return FOREIGN
        direction = self._open(key, time_ns, frame)
        connection = direction.connection
        assert connection is not None
        connection.syn_seen = True
        if flags & ACK:
            connection.swap()
            peer = direction.peer
            assert peer is not None
            peer.initial = peer.supposed = ack
            connection.set_following(peer, ack)
        else:
            # Until it is known where the server begins, each acknowledgement may say it: not one may take the fast path.
            connection.slow = True
        direction.initial = following
        connection.set_following(direction, following)
        return direction

    @staticmethod
    def _late(connection: TcpConnection, direction: Direction, following: int, time_ns: int) -> bool:
        """Whether a SYN is that of the connection as it is, and only came behind its first packets."""
        behind = (direction.first - following) & MASK
        return (
            not connection.syn_seen
            and direction.initial < 0 <= direction.first
            and behind < _LATE_BYTES
            and time_ns < connection.time_ns + _LATE_NS
        )

    def _evict(self, time_ns: int, frame: int) -> None:
        """Make room: first what is of no interest, then the oldest connections without a sink, then the oldest."""
        flows = self.flows
        keep = FLOWS * 7 // 8
        for key in [key for key, direction in flows.items() if direction is FOREIGN][: len(flows) - keep]:
            del flows[key]
            self.ended.pop(key, None)
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
                    self.ended.pop(key, None)

    @staticmethod
    def _connections(directions: Iterable[Direction]) -> list[TcpConnection]:
        """Each once, oldest first."""
        return list(dict.fromkeys(d.connection for d in directions if d.connection is not None))
