"""A glance at the first packets of a capture, or at all of them: is each where it should be?

That is so of most captures, and soon seen: every segment begins where the one before it ended, and acknowledges nothing that
has not come. Only of the others :mod:`~spiceproto.capture.scout` has to find out more.
"""

from __future__ import annotations

import os
from struct import Struct

from spiceproto.capture.flow_key import reverse
from spiceproto.capture.internet import Internet
from spiceproto.capture.layers import Host
from spiceproto.capture.limits import SCOUTED_PACKETS
from spiceproto.capture.segment import ACK, FIN, RST, SYN, Segment
from spiceproto.capture.source import Readable, can_be_read_again
from spiceproto.capture.streams import Capture
from spiceproto.capture.tcp import FlowTable
from spiceproto.errors import SpiceError

__all__ = ["is_disordered", "is_in_place"]

_MASK = 0xFFFFFFFF
_BEHIND = 1 << 31
_IPV4 = Struct(">BxH2xI2x12sIIH")
"""The IPv4 header and the TCP header behind it: version and length, size, place of a fragment with the protocol, addresses with
ports, sequence number, acknowledgement, flags."""


class _Side:
    """One direction: the number behind all that came (``top``), and the other direction once something of it came."""

    __slots__ = ("peer", "top")

    def __init__(self, top: int, peer: _Side | None) -> None:
        self.top = top
        self.peer = peer


class _Glance(Internet):
    """Takes frames, and itself the segments of those that are not plain IPv4.

    * ``packets``: how many segments there were
    * ``odd``: whether one was not where it should be
    """

    def __init__(self, host: Host, flows: FlowTable) -> None:
        super().__init__(host, flows, self)
        self.packets = 0
        self.odd = False
        self._sides: dict[bytes, _Side] = {}

    def plain(self, data: bytes, start: int, end: int, time_ns: int, frame: int) -> bool:
        """An IPv4 packet without options and its segment without SYN, FIN and RST, of a direction that is known."""
        if start + _IPV4.size > end:
            return False
        version, total, word, key, seq, ack, flags = _IPV4.unpack_from(data, start)
        if version != 0x45 or word & 0x3FFF00FF != 6 or flags & (SYN | FIN | RST):
            return False
        side = self._sides.get(key)
        size = total - 20 - (flags >> 10 & 0x3C)
        if side is None or size < 0 or start + total > end or flags < 0x5000:
            return False
        self.packets += 1
        if size:
            if side.top != seq:
                self.odd = True
            side.top = (seq + size) & _MASK
        if flags & ACK and side.peer is not None and (side.peer.top - ack) & _MASK >= _BEHIND:
            self.odd = True
        return True

    def segment(self, segment: Segment) -> None:
        """Any other segment."""
        self.packets += 1
        key, seq, flags = segment.key, segment.seq, segment.flags
        end = (seq + len(segment.payload) + segment.missing + bool(flags & SYN) + bool(flags & FIN)) & _MASK
        side = self._sides.get(key)
        if side is None:
            peer = self._sides.get(reverse(key))
            side = self._sides[key] = _Side(end, peer)
            if peer is not None:
                peer.peer = side
        elif end != seq:
            if side.top != seq:
                self.odd = True
            side.top = end
        if flags & ACK and side.peer is not None and (side.peer.top - segment.ack) & _MASK >= _BEHIND:
            self.odd = True

    def unreachable(self, key: bytes, how: str, time_ns: int, frame: int) -> None:
        """Says nothing of the order."""


class _Stare(_Glance):
    """Looks more closely: connections are there from their beginning, nothing comes behind an RST, and no time runs back."""

    def __init__(self, host: Host, flows: FlowTable) -> None:
        super().__init__(host, flows)
        self._latest_ns = 0

    def plain(self, data: bytes, start: int, end: int, time_ns: int, frame: int) -> bool:
        """As of a glance."""
        if time_ns < self._latest_ns:
            self.odd = True
        self._latest_ns = time_ns
        return super().plain(data, start, end, time_ns, frame)

    def segment(self, segment: Segment) -> None:
        """Any other segment."""
        if segment.time_ns < self._latest_ns or (segment.key not in self._sides and not segment.flags & (SYN | RST)):
            self.odd = True
        self._latest_ns = segment.time_ns
        super().segment(segment)
        if segment.flags & RST:
            for key in (segment.key, reverse(segment.key)):
                self._sides.pop(key, None)  # what comes behind it is not known


def is_in_place(path_or_file: str | os.PathLike[str] | Readable) -> bool:
    """Whether every packet of a file is where it was sent, so that nobody has to wait for an earlier one.

    False for what can not be read twice, and for what can not be read.
    """
    if not can_be_read_again(path_or_file):
        return False
    start = 0 if isinstance(path_or_file, (str, os.PathLike)) else path_or_file.tell()  # type: ignore[attr-defined]
    capture = Capture(path_or_file)
    stare = _Stare(capture, capture.flows)
    try:
        for _ in capture.hand_on(stare):
            if stare.odd:
                break
    except SpiceError:
        return False  # whoever reads it will say so
    finally:
        if not isinstance(path_or_file, (str, os.PathLike)):
            path_or_file.seek(start)  # type: ignore[attr-defined]
    return not stare.odd


def is_disordered(path_or_file: str | os.PathLike[str] | Readable) -> bool:
    """Whether packets are out of order, or bytes have two versions, in a file that can be read twice.

    False for all others, and for what is no capture.
    """
    if not can_be_read_again(path_or_file):
        return False
    if isinstance(path_or_file, (str, os.PathLike)):
        return _look(path_or_file)
    start = path_or_file.tell()  # type: ignore[attr-defined]
    found = _look(path_or_file)
    path_or_file.seek(start)  # type: ignore[attr-defined]
    return found


def _look(path_or_file: str | os.PathLike[str] | Readable) -> bool:
    start = 0 if isinstance(path_or_file, (str, os.PathLike)) else path_or_file.tell()  # type: ignore[attr-defined]
    capture = Capture(path_or_file)
    glance = _Glance(capture, capture.flows)
    try:
        for _ in capture.hand_on(glance):
            if glance.odd or glance.packets > SCOUTED_PACKETS:
                break
    except SpiceError:
        pass  # whoever reads it will say so
    if not glance.odd:
        return False
    from spiceproto.capture.scout import is_disordered  # not at import: few captures need it

    if not isinstance(path_or_file, (str, os.PathLike)):
        path_or_file.seek(start)  # type: ignore[attr-defined]
    return is_disordered(path_or_file)
