"""A glance at the first packets of a capture: is each where it should be?

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

__all__ = ["is_disordered"]

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
