"""A second look at a file, for versions of the same bytes: only where some came again.

Whoever reads a file at full speed keeps nothing of what has been handed on, so what comes again can not be compared with it. It
is when the file is read once more, up to the last packet that brought something again; nothing is decoded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from spiceproto.capture.flow_key import reverse
from spiceproto.capture.layers import Connection
from spiceproto.capture.segment import SYN, Segment
from spiceproto.capture.tcp import FlowTable
from spiceproto.capture.tcp_connection import FOREIGN
from spiceproto.capture.versions import Budget, Recent, Versions

__all__ = ["SecondLook"]


class SecondLook:
    """Takes the segments of a capture.

    * ``found``: number of a connection and side to the versions there are
    * ``uncompared``: number of a connection to bytes that came again too late to be compared
    * ``frame``: of the last segment
    """

    def __init__(self, connections: Sequence[Connection], flows: FlowTable) -> None:
        self.found: dict[tuple[int, str], Versions] = {}
        self.uncompared: dict[int, int] = {}
        self.frame = 0
        self._flows = flows
        self._budget = Budget()
        self._recent: dict[bytes, tuple[int, Recent]] = {}
        self._known: dict[bytes, list[tuple[int, int, str]]] = {}
        for connection in sorted(connections, key=lambda item: item.frame):
            for key, side in zip(connection.keys, ("client", "server"), strict=True):
                self._known.setdefault(key, []).append((connection.frame, connection.number, side))

    def segment(self, segment: Segment) -> None:
        """One more."""
        key, frame = segment.key, segment.frame
        self.frame = frame
        known = self._known.get(key)
        if known is None:
            if reverse(key) not in self._known:
                self._flows.flows[key] = FOREIGN  # its packets are passed over from now on
            return
        if not segment.payload or segment.flags & SYN:
            return
        at = bisect_right(known, frame, key=lambda item: item[0]) - 1
        if at < 0:
            return
        _, number, side = known[at]
        of, recent = self._recent.get(key, (0, None))
        if recent is None or of != number:
            if recent is not None:
                recent.clear()
            recent = Recent(self._budget)
            self._recent[key] = number, recent
        before = recent.uncompared
        pair = recent.add(segment)
        if pair is not None:
            self.found.setdefault((number, side), Versions()).add(pair)
        if recent.uncompared > before:
            self.uncompared[number] = self.uncompared.get(number, 0) + recent.uncompared - before

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Nothing comes again by that."""
