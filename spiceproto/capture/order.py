"""Packets in the order in which they were sent, as far as TCP tells; for who judges, and so has to know who waited for whom.

A file may have packets in another order: two queues of a card, two interfaces whose clocks differ, the joined captures of
two machines. What a segment acknowledges was sent before it, and so was what its own side has sent with smaller numbers. So
every segment waits here for some more packets, :data:`~spiceproto.capture.limits.ORDER_PACKETS`, and leaves behind those of
them that were sent before it. All packets wait equally long: nothing else changes its place.

Bytes that come again are not what anybody waited for: such a segment may acknowledge what its first copy did not, so it keeps
its place in the file. One that brings new bytes as well waits as those do.

Where two packets that wait have other bytes in the same place, and their checksums say which of them arrived
(:mod:`~spiceproto.capture.versions`), the other one is dropped, as its receiver did.

An RST ends what both sides may still have on the way; it leaves behind all of its connection that is there.

Acknowledgements tie the two sides of one connection. Between connections there is the order of the file and nothing else:
how far that is wrong can be seen inside of the connections (:attr:`Order.disorder`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

import msgspec

from spiceproto.capture.flow_key import reverse
from spiceproto.capture.limits import DISORDER_NS, DISORDER_PACKETS, ORDER_BYTES, ORDER_PACKETS
from spiceproto.capture.segment import ACK, FIN, RST, SYN, Segment, Segments
from spiceproto.capture.versions import Sum, checksum, first_counts

__all__ = ["Order"]

_AHEAD = 1 << 30
_HOLES = 64
"""Of a direction, so many are told apart."""
_START = 1 << 20
"""How far behind the first bytes seen a SYN may be that begins them."""


class _Packet:
    """A segment that waits, of one ``side``.

    * ``size``: how many numbers it takes
    * ``use``: which connection of its addresses and ports it belongs to
    * ``place``: its number, without wrap-around
    * ``gone``: it has left
    * ``instead``: frames of others whose bytes are these, with a wrong checksum
    """

    __slots__ = ("gone", "instead", "place", "segment", "side", "size", "use")

    def __init__(self, side: _Side, segment: Segment) -> None:
        self.side = side
        self.segment = segment
        flags = segment.flags
        self.size = len(segment.payload) + segment.missing + bool(flags & SYN) + bool(flags & FIN)
        self.gone = False
        self.use = side.pair.use
        self.place = side.place(segment.seq)
        self.instead: list[int] = []

    @property
    def end(self) -> int:
        """The place behind its bytes."""
        return self.place + len(self.segment.payload)

    @property
    def sum(self) -> Sum:
        """What its checksum says."""
        return checksum(self.segment)


class _Seen:
    """The places of one direction whose bytes have come."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int) -> int:
        """These have come; where the bytes end that had come before, which is ``start`` if the first of them is new."""
        starts, ends = self._starts, self._ends
        if ends and ends[-1] == start:
            ends[-1] = end
            return start
        at = bisect_right(starts, start) - 1
        new = min(ends[at], end) if at >= 0 and ends[at] > start else start
        low = at if at >= 0 and ends[at] >= start else at + 1
        high = bisect_right(starts, end)
        if low < high:
            start, end = min(start, starts[low]), max(end, ends[high - 1])
        starts[low:high], ends[low:high] = [start], [end]
        if len(starts) > _HOLES:
            del starts[1], ends[0]
        return new

    def remove(self, start: int, end: int) -> None:
        """These have not come."""
        kept = list(zip(self._starts, self._ends, strict=True))
        pieces = [
            piece for low, high in kept for piece in ((low, min(high, start)), (max(low, end), high)) if piece[0] < piece[1]
        ]
        self._starts, self._ends = [low for low, _ in pieces], [high for _, high in pieces]


class _Side:
    """What waits of one direction.

    * ``packets``: those with numbers of their own, by the place of their first new byte
    * ``seen``: what has come
    * ``last``: sequence number and place of the last one that came
    * ``top``, ``sent``: the place behind everything that came, and that left
    * ``initial``: where its SYN was; -1 before
    * ``lowest``: the smallest place since the connection changed
    """

    __slots__ = ("initial", "key", "last", "lowest", "packets", "pair", "peer", "seen", "sent", "top")

    def __init__(self, key: bytes, pair: _Pair) -> None:
        self.key = key
        self.pair = pair
        self.peer: _Side = self
        self.packets: list[tuple[int, int, _Packet]] = []
        self.last: tuple[int, int] | None = None
        self.seen = _Seen()
        self.initial = -1
        self.lowest = self.top = self.sent = 0

    def place(self, number: int) -> int:
        """A sequence number without wrap-around."""
        if self.last is None:
            return 0
        return self.last[1] + ((number - self.last[0] + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)

    def forget(self) -> None:
        """Its numbers begin anew."""
        self.last = None
        self.seen = _Seen()
        self.initial = -1
        self.lowest = self.top = self.sent = 0


class _Pair:
    """Both sides of a connection of which packets wait.

    * ``count``: how many
    * ``use``: counts the connections that had these addresses and ports
    * ``latest_ns``: the latest time so far
    """

    __slots__ = ("count", "latest_ns", "order", "sides", "use")

    def __init__(self, key: bytes, back: bytes) -> None:
        self.count = 0
        self.use = 0
        self.latest_ns = 0
        self.sides = (_Side(key, self), _Side(back, self))
        self.sides[0].peer, self.sides[1].peer = self.sides[1], self.sides[0]
        self.order: deque[_Packet] = deque()


class Order:
    """Holds packets back, and hands them to ``segments``.

    * ``skew_ns``: how much later than the time of an answer that of its question is
    * ``back_ns``: how much earlier than the time of a packet that of one behind it is, on one connection
    * ``distance``: how many packets behind an answer its question came
    * ``frame``: where the largest distance was
    """

    def __init__(self, segments: Segments) -> None:
        self.skew_ns = self.back_ns = 0
        self.distance = 0
        self.frame = 0
        self._segments = segments
        self._waiting: deque[_Packet | tuple[bytes, str, int, int]] = deque()
        self._bytes = 0
        self._pairs: dict[bytes, _Side] = {}

    def segment(self, segment: Segment) -> None:
        """One more."""
        key, seq, flags, time_ns = segment.key, segment.seq, segment.flags, segment.time_ns
        side = self._pairs.get(key)
        if side is None:
            back = reverse(key)
            side, self._pairs[back] = _Pair(key, back).sides
            self._pairs[key] = side
        pair = side.pair
        if flags & SYN and self._begins(side, seq):
            pair.use += 1
            for one in pair.sides:
                one.forget()
            pair.latest_ns = 0
        packet = _Packet(side, segment)
        if segment.payload and packet.place < side.top and not flags & SYN and not self._counts(packet):
            return
        if flags & SYN:
            side.initial = seq
        side.lowest = packet.place if side.last is None else min(side.lowest, packet.place)
        side.last = seq, packet.place
        if packet.size and packet.place + packet.size > side.top:  # else it comes again
            side.top = packet.place + packet.size
            self.back_ns = max(self.back_ns, pair.latest_ns - time_ns)
            pair.latest_ns = max(pair.latest_ns, time_ns)
        pair.count += 1
        pair.order.append(packet)
        if packet.size:
            new = side.seen.add(packet.place, packet.place + packet.size)
            if new < packet.place + packet.size:
                heappush(side.packets, (new, segment.frame, packet))
        self._waiting.append(packet)
        self._bytes += len(segment.payload)
        while len(self._waiting) > ORDER_PACKETS or self._bytes > ORDER_BYTES:
            self._next()

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Not of this connection, but about it."""
        self._waiting.append((key, how, time_ns, frame))

    @property
    def disorder(self) -> str:
        """What is wrong with the order of the file, if that is more than usual; "" if not."""
        if max(self.skew_ns, self.back_ns) <= DISORDER_NS and self.distance <= DISORDER_PACKETS:
            return ""
        how = []
        if self.distance:
            later = f", with a time up to {self.skew_ns / 1e6:.0f} ms later" if self.skew_ns > DISORDER_NS else ""
            how.append(f"a question comes up to {self.distance} packets behind its answer (frame {self.frame}){later}")
        if self.back_ns > DISORDER_NS:
            how.append(f"times run up to {self.back_ns / 1e6:.0f} ms backwards")
        text = f"packets are not in the order in which they were sent: {', and '.join(how)}; acknowledgements tell it "
        return text + "inside of a connection, nothing tells it between connections"

    def finish(self) -> None:
        """Nothing more comes."""
        while self._waiting:
            self._next()

    @staticmethod
    def _begins(side: _Side, seq: int) -> bool:
        """Whether a SYN is that of another connection than the packets that wait."""
        if side.initial >= 0:
            return seq != side.initial
        return side.last is not None and not 0 <= side.lowest - side.place(seq) < _START

    def _counts(self, packet: _Packet) -> bool:
        """Whether a packet that brings bytes again is one that arrived; those that wait and did not are dropped."""
        payload = packet.segment.payload
        if len(payload) == 1 and packet.end == packet.side.top:
            return True  # a keep-alive, whose byte may be anything
        for other in reversed(packet.side.pair.order):
            if other.gone or other.side is not packet.side or other.use != packet.use or other.segment.flags & SYN:
                continue
            low, high = max(packet.place, other.place), min(packet.end, other.end)
            if low >= high:
                continue
            mine = payload[low - packet.place : high - packet.place]
            if mine == other.segment.payload[low - other.place : high - other.place]:
                if low == packet.place and high == packet.end:
                    return True
                continue
            first = first_counts(other.sum, packet.sum, self._others(packet.side, other))
            if first:
                other.instead.append(packet.segment.frame)
                return False
            if first is not None:
                packet.instead += [other.segment.frame, *other.instead]
                self._drop(other)
        return True

    @staticmethod
    def _others(side: _Side, contested: _Packet) -> Iterator[Sum]:
        """What the checksums of the rest of a side say."""
        for packet in side.pair.order:
            if packet.side is side and packet is not contested and packet.segment.payload and not packet.gone:
                yield packet.sum

    def _drop(self, packet: _Packet) -> None:
        """It did not arrive."""
        packet.gone = True
        packet.side.pair.count -= 1
        self._bytes -= len(packet.segment.payload)
        packet.side.seen.remove(packet.place, packet.place + packet.size)

    def _next(self) -> None:
        first = self._waiting.popleft()
        if isinstance(first, tuple):
            self._segments.unreachable(*first)
        elif not first.gone:
            self._leave(first)

    def _leave(self, first: _Packet) -> None:
        """Hand on a packet behind all that was sent before it."""
        stack = [first]
        entered: set[int] = set()
        while stack:
            packet = stack[-1]
            if packet.gone:
                stack.pop()
                continue
            earlier = self._earlier(packet, entered)
            if earlier is None:
                stack.pop()
                self._hand_on(packet)
                continue
            comes_first = earlier.place + earlier.size > earlier.side.sent
            if comes_first and earlier.side is not packet.side and earlier.segment.frame > packet.segment.frame:
                self._note(packet.segment, earlier.segment)
            entered.add(id(earlier))
            stack.append(earlier)

    def _note(self, answer: Segment, question: Segment) -> None:
        self.skew_ns = max(self.skew_ns, question.time_ns - answer.time_ns)
        if question.frame - answer.frame > self.distance:
            self.distance = question.frame - answer.frame
            self.frame = question.frame

    def _earlier(self, packet: _Packet, entered: set[int]) -> _Packet | None:
        """One that waits and was sent before it; ``entered`` are those that are on their way."""
        side, peer = packet.side, packet.side.peer
        found = self._first(side, packet.place, packet, entered)
        if found is None and packet.segment.flags & ACK and peer.last is not None:
            found = self._first(peer, peer.place(packet.segment.ack), packet, entered)
        if found is None and packet.segment.flags & RST:
            found = next(
                (
                    item
                    for item in side.pair.order
                    if not (item.gone or item.segment.flags & (SYN | RST))
                    and item.use == packet.use
                    and id(item) not in entered
                ),
                None,
            )
        return found

    @staticmethod
    def _first(side: _Side, before: int, packet: _Packet, entered: set[int]) -> _Packet | None:
        """The packet of a side with the smallest number, if that is smaller than ``before``."""
        packets = side.packets
        while packets and packets[0][2].gone:
            heappop(packets)
        if not packets:
            return None
        place, _, item = packets[0]
        if item is packet or id(item) in entered or item.use > packet.use or not 0 < before - place < _AHEAD:
            return None
        return item

    def _hand_on(self, packet: _Packet) -> None:
        packet.gone = True
        side = packet.side
        pair = side.pair
        pair.count -= 1
        side.sent = max(side.sent, packet.place + packet.size)
        segment = packet.segment
        self._bytes -= len(segment.payload)
        order = pair.order
        while order and order[0].gone:
            order.popleft()
        if not pair.count:
            for one in pair.sides:
                self._pairs.pop(one.key, None)  # both have one key where addresses and ports are the same
        if packet.instead:
            segment = msgspec.structs.replace(segment, instead=tuple(packet.instead))
        self._segments.segment(segment)
