"""Bytes of which a capture has two versions: the same sequence numbers, other contents.

Its place on the way is not the receiver's. A segment that was damaged there is dropped by its receiver, for its TCP checksum is
wrong, and sent again; the capture has both. So of two versions the one with a right checksum counts, where exactly one has a
right one and the other a wrong one. Nothing else decides it: both may be right, and one of them forged; where the checksum is
left to the network card, it has not been filled in when the sender's own system captures the segment (it is 0, or the sum of
the pseudo-header); and where several segments are put together on their way in, it is that of none. So a checksum is never held
against a segment that has no other version, and wrong ones are believed only where most others of that direction are right.

What was compared is bounded: :data:`~spiceproto.capture.limits.RECENT_BYTES` of each direction are kept.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from enum import Enum
from itertools import islice
from typing import Final

import msgspec

from spiceproto.capture.limits import RECENT_BYTES, RECENT_TOTAL
from spiceproto.capture.segment import Segment

__all__ = ["Budget", "Pair", "Recent", "Sum", "Versions", "checksum", "first_counts"]

_HEADER: Final = 20
_PROTOCOL: Final = 6
_PORTS: Final = 4
_OTHERS: Final = 64
"""Segments of a direction whose checksums say whether one may be believed."""


class Sum(Enum):
    """What a TCP checksum says of its segment."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTHING = "nothing"


class _Captured(msgspec.Struct, frozen=True, eq=False):
    """A ``segment`` that carries bytes; ``start`` is the place of the first, without wrap-around."""

    segment: Segment
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.segment.payload)

    @property
    def sum(self) -> Sum:
        return checksum(self.segment)


class Pair(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Two versions: ``size`` bytes stand in both. ``first_counts`` is None where nobody knows which of them does."""

    first: Segment
    second: Segment
    size: int
    first_counts: bool | None


def checksum(segment: Segment) -> Sum:
    """Whether that of a segment is right (RFC 9293, 3.1); of one that is not whole, or without its header, nobody can say."""
    head, payload = segment.head, segment.payload
    if segment.missing or len(head) < _HEADER:
        return Sum.NOTHING
    size = len(head) + len(payload)
    # A sum of 16-bit words with the carry added is the remainder modulo 65535 of the number that they make.
    pseudo = int.from_bytes(segment.key[:-_PORTS], "big") + _PROTOCOL
    if not (pseudo + size + int.from_bytes(head + payload + bytes(size & 1), "big")) % 0xFFFF:
        return Sum.RIGHT
    field = head[16] << 8 | head[17]
    unfilled = not field or not (field - pseudo - size) % 0xFFFF or not (field - pseudo) % 0xFFFF
    return Sum.NOTHING if unfilled else Sum.WRONG


def first_counts(first: Sum, second: Sum, others: Iterable[Sum]) -> bool | None:
    """Whether the first of two versions is the one that counts, not the second; None where nobody knows.

    ``others`` are those of other segments of the direction.
    """
    if {first, second} != {Sum.RIGHT, Sum.WRONG}:
        return None
    usual = Counter(others)
    return None if usual[Sum.WRONG] > usual[Sum.RIGHT] else first is Sum.RIGHT


class Budget:
    """What the directions of a capture keep together: ``size`` bytes."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 0


class Recent:
    """The latest bytes of one direction, to hold against them what comes again: at most ``keep``, None for
    :data:`~spiceproto.capture.limits.RECENT_BYTES`.

    * ``top``: the place behind all that came
    * ``uncompared``: bytes that came again when they were not kept any more
    """

    __slots__ = ("_budget", "_forgotten", "_keep", "_kept", "_last", "_size", "top", "uncompared")

    def __init__(self, budget: Budget, keep: int | None = None) -> None:
        self._budget = budget
        self._keep = RECENT_BYTES if keep is None else keep
        self._kept: deque[_Captured] = deque()
        self._size = 0
        self._last: tuple[int, int] | None = None
        self._forgotten: int | None = None
        self.top = 0
        self.uncompared = 0

    def add(self, segment: Segment) -> Pair | None:
        """One more segment with bytes; the version that it differs from, if there is one."""
        last, seq, payload = self._last, segment.seq, segment.payload
        start = 0 if last is None else last[1] + ((seq - last[0] + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        if last is None:
            self.top = start
        self._last = seq, start
        captured = _Captured(segment, start)
        found = None
        if start < self.top:
            if len(payload) == 1 and captured.end == self.top:
                return None  # a keep-alive, whose byte may be anything (RFC 9293, 3.8.4)
            found, covered = self._compare(captured)
            if covered or (found is not None and found.first_counts):
                return found
        self.top = max(self.top, captured.end)
        self._kept.append(captured)
        self._grow(len(payload))
        while self._kept and (self._size > self._keep or self._budget.size > RECENT_TOTAL):
            gone = self._kept.popleft()
            self._grow(-len(gone.segment.payload))
            self._forgotten = gone.end if self._forgotten is None else max(self._forgotten, gone.end)
        return found

    def clear(self) -> None:
        """The direction is over."""
        self._kept.clear()
        self._grow(-self._size)

    def _grow(self, size: int) -> None:
        self._size += size
        self._budget.size += size

    def _compare(self, captured: _Captured) -> tuple[Pair | None, bool]:
        """The version that differs, and whether all of it was there before, in one piece."""
        start, end = captured.start, captured.end
        if self._forgotten is not None and start < self._forgotten:
            self.uncompared += min(end, self._forgotten) - start
        for kept in reversed(self._kept):
            low, high = max(start, kept.start), min(end, kept.end)
            if low >= high:
                continue
            there = kept.segment.payload[low - kept.start : high - kept.start]
            if captured.segment.payload[low - start : high - start] != there:
                others = islice((item.sum for item in reversed(self._kept) if item is not kept), _OTHERS)
                counts = first_counts(kept.sum, captured.sum, others)
                pair = Pair(first=kept.segment, second=captured.segment, size=high - low, first_counts=counts)
                return pair, False
            if low == start and high == end:
                return None, True
        return None, False


class Versions:
    """What there was of that in one direction of a connection.

    * ``settled``, ``dropped``, ``counted``: how many pairs were decided by their checksums; the frames of the first one
    * ``holes``, ``size``: how many were not, and their bytes together
    * ``first``, ``second``: the frames of the first of them
    * ``since_ns``: the time of the first version of the latest of them
    * ``others``: bytes of all pairs together
    * ``shown``: whether of the first of these that was decoded which did not count, so that it was too late
    """

    __slots__ = ("counted", "dropped", "first", "holes", "others", "second", "settled", "shown", "since_ns", "size")

    def __init__(self) -> None:
        self.settled = self.holes = self.size = self.others = 0
        self.dropped = self.counted = self.first = self.second = 0
        self.since_ns = 0
        self.shown = False

    def settle(self, dropped: int, counted: int) -> None:
        """Of one more pair it is known which one counts."""
        if not self.settled:
            self.dropped, self.counted = dropped, counted
        self.settled += 1

    def contest(self, pair: Pair) -> None:
        """Of one more it is not, or it is known too late."""
        if not self.holes:
            self.first, self.second = pair.first.frame, pair.second.frame
            self.shown = pair.first_counts is False
        self.holes += 1
        self.size += pair.size
        self.since_ns = pair.first.time_ns

    def add(self, pair: Pair) -> None:
        """One more, whose first version was handed on."""
        self.others += pair.size
        if pair.first_counts:
            self.settle(pair.second.frame, pair.first.frame)
        else:
            self.contest(pair)

    def settled_words(self, side: str) -> str:
        """A sentence without its subject, the connection; "" if there is nothing to say."""
        if not self.settled:
            return ""
        more = f"; so in {self.settled} places" if self.settled > 1 else ""
        text = f"bytes of the {side} have two versions, in frames {self.dropped} and {self.counted}"
        return f"{text}: the TCP checksum of frame {self.dropped} is wrong, so that frame {self.counted} counts{more}"

    def contested_words(self, side: str) -> str:
        """The same for what is not known."""
        if not self.holes:
            return ""
        more = f"; so in {self.holes} places" if self.holes > 1 else ""
        text = f"{self.size} bytes of the {side} have two versions, in frames {self.first} and {self.second}"
        if self.shown:
            why = f"the TCP checksum of frame {self.first}, which was decoded before the other came, is wrong"
        else:
            why = f"nothing tells which one arrived, and frame {self.first} is the one that was decoded"
        return f"{text}: {why}{more}"
