"""A look at the first packets of a capture: are they in the order in which they were sent?

Where a capture is made decides it: of one interface and one queue packets come in order, of several they do not, all along. A
capture of the second kind is read by way of :mod:`~spiceproto.capture.order`; that costs too much to be done to all of them. So
is one in which bytes have two versions, of which a packet that comes later may say which one counts.
"""

from __future__ import annotations

import os

from spiceproto.capture.flow_key import reverse
from spiceproto.capture.internet import Internet
from spiceproto.capture.limits import SCOUTED_BYTES, SCOUTED_DISTANCE, SCOUTED_PACKETS
from spiceproto.capture.segment import ACK, FIN, SYN, Segment
from spiceproto.capture.source import Readable
from spiceproto.capture.streams import Capture
from spiceproto.capture.versions import Budget, Recent
from spiceproto.errors import SpiceError

__all__ = ["is_disordered"]

_AHEAD = 1 << 30
_START = 1 << 20


class _Side:
    """One direction.

    * ``frame``: its first packet
    * ``top``: the number behind all that came
    * ``hole``, ``hole_frame``: the end of a hole before that, -1 for none, and what came behind it
    * ``wanted``, ``wanted_frame``: what the peer has acknowledged of what did not come, -1 for nothing, and where
    * ``recent``: its bytes
    """

    __slots__ = ("frame", "hole", "hole_frame", "recent", "top", "wanted", "wanted_frame")

    def __init__(self, top: int, frame: int, budget: Budget) -> None:
        self.recent = Recent(budget, SCOUTED_BYTES)
        self.top = top
        self.frame = frame
        self.hole = self.wanted = -1
        self.hole_frame = self.wanted_frame = 0


def _ahead(number: int, other: int) -> int:
    """How far a sequence number is ahead of another one; 0 if it is not."""
    ahead = (number - other) & 0xFFFFFFFF
    return ahead if ahead < _AHEAD else 0


class _Scout:
    """Takes segments. ``distance`` is how many packets behind its place one came, ``contested`` whether some bytes have two
    versions."""

    def __init__(self) -> None:
        self.contested = False
        self._budget = Budget()
        self.distance = 0
        self.packets = 0
        self._sides: dict[bytes, _Side] = {}

    def segment(self, segment: Segment) -> None:
        """One more."""
        key, seq, ack, flags, frame = segment.key, segment.seq, segment.ack, segment.flags, segment.frame
        payload = segment.payload
        self.packets += 1
        end = (seq + len(payload) + segment.missing + bool(flags & SYN) + bool(flags & FIN)) & 0xFFFFFFFF
        side = self._sides.get(key)
        if flags & SYN and side is not None:
            if 0 < _ahead(side.top, end) < _START:
                self._late(side.frame, frame)
            else:
                side = None
        if side is None:
            side = self._sides[key] = _Side(end, frame, self._budget)
        elif end != seq:
            self._sent(side, seq, end, frame)
        if payload and not flags & SYN and side.recent.add(segment) is not None:
            self.contested = True
        peer = self._sides.get(reverse(key))
        if peer is not None and flags & ACK and peer.wanted < 0 and _ahead(ack, peer.top):
            peer.wanted, peer.wanted_frame = ack, frame

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Says nothing of the order."""

    def _sent(self, side: _Side, seq: int, end: int, frame: int) -> None:
        if not _ahead(end, side.top):
            if side.hole >= 0 and _ahead(side.hole, seq):
                self._late(side.hole_frame, frame)
                side.hole = -1
            return
        if side.wanted >= 0:
            if not _ahead(end, side.wanted):
                self._late(side.wanted_frame, frame)
            if not _ahead(side.wanted, end):
                side.wanted = -1
        if _ahead(seq, side.top):
            side.hole, side.hole_frame = seq, frame
        side.top = end

    def _late(self, since: int, frame: int) -> None:
        self.distance = max(self.distance, frame - since)


def is_disordered(path_or_file: str | os.PathLike[str] | Readable) -> bool:
    """Whether that is so of a file; False for what is no capture."""
    capture = Capture(path_or_file)
    scout = _Scout()
    try:
        for _ in capture.hand_on(Internet(capture, capture.flows, scout)):
            if scout.packets > SCOUTED_PACKETS or scout.distance > SCOUTED_DISTANCE or scout.contested:
                break
    except SpiceError:
        pass  # whoever reads it will say so
    return scout.distance > SCOUTED_DISTANCE or scout.contested
