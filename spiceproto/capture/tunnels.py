"""What carries IP or Ethernet inside an IP packet: GRE and its kin, and what stands in UDP datagrams.

Each function is given the captured bytes of a payload and returns the offset of the IP header inside, -1 when there is none:
the inner packet is treated like any other, so tunnels may stand in tunnels.

    GRE       RFC 2784, 2890: checksum, key and sequence number are optional words
    ERSPAN    draft-foschiano-erspan: mirrored Ethernet in GRE, type I without a header, II and III with one
    VXLAN     RFC 7348
    Geneve    RFC 8926
    GTP-U     3GPP TS 29.281: the user plane of mobile networks
    MPLS      RFC 7510: labels in UDP
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spiceproto.capture.limits import GTP_EXTENSIONS
from spiceproto.capture.link_layer import skip_ethernet, skip_ethertype, skip_labels

__all__ = ["find_in_gre", "find_in_udp"]

_UDP_HEADER = 8
_TRANSPARENT_ETHERNET = 0x6558
_ERSPAN, _ERSPAN3 = 0x88BE, 0x22EB
_ERSPAN2_HEADER, _ERSPAN3_HEADER, _ERSPAN3_PLATFORM = 8, 12, 8
_GTP_USER_DATA = 255


def find_in_gre(data: bytes, start: int, end: int) -> int:
    """Behind a GRE header."""
    if start + 4 > end or data[start + 1] & 7:  # another version: PPTP's
        return -1
    flags = data[start]
    kind = data[start + 2] << 8 | data[start + 3]
    header = start + 4 + 4 * (bool(flags & 0x80) + bool(flags & 0x20) + bool(flags & 0x10))
    if kind == _TRANSPARENT_ETHERNET:
        return skip_ethernet(data, header, end)
    if kind in (_ERSPAN, _ERSPAN3):
        return _erspan(data, header, end, numbered=bool(flags & 0x10))
    # The EtherType is in the GRE header, what it names behind the optional words.
    return skip_ethertype(data, start + 2, end, header)


def _erspan(data: bytes, start: int, end: int, *, numbered: bool) -> int:
    """Type I has no header and no sequence number; the others say in their first four bits what they are."""
    if not numbered:
        return skip_ethernet(data, start, end)
    if start + _ERSPAN3_HEADER > end:
        return -1
    version = data[start] >> 4
    if version == 1:
        return skip_ethernet(data, start + _ERSPAN2_HEADER, end)
    if version != 2:
        return -1
    header = start + _ERSPAN3_HEADER + (_ERSPAN3_PLATFORM if data[start + 11] & 1 else 0)
    frame_type = data[start + 10] >> 2 & 31
    if frame_type == 2:
        return header if header < end else -1
    return skip_ethernet(data, header, end) if frame_type == 0 else -1


def find_in_udp(data: bytes, start: int, end: int) -> int:
    """Behind a UDP header, by the port it is sent to."""
    if start + 2 * _UDP_HEADER > end:
        return -1
    find = _BY_PORT.get(data[start + 2] << 8 | data[start + 3])
    return find(data, start + _UDP_HEADER, end) if find is not None else -1


def _vxlan(data: bytes, start: int, end: int) -> int:
    return skip_ethernet(data, start + 8, end) if data[start] & 8 else -1


def _geneve(data: bytes, start: int, end: int) -> int:
    if data[start] >> 6:
        return -1
    header = start + 8 + (data[start] & 63) * 4
    if data[start + 2] << 8 | data[start + 3] == _TRANSPARENT_ETHERNET:
        return skip_ethernet(data, header, end)
    return skip_ethertype(data, start + 2, end, header)


def _gtp(data: bytes, start: int, end: int) -> int:
    flags = data[start]
    if flags >> 4 != 3 or data[start + 1] != _GTP_USER_DATA:  # version 1, GTP and not GTP', a packet of a user
        return -1
    header = start + 8
    if not flags & 7:
        return header if header < end else -1
    header += 4
    if flags & 4:
        for _ in range(GTP_EXTENSIONS):
            if header >= end or not data[header - 1]:  # each ends with the kind of the next
                break
            header += 4 * max(data[header], 1)
    return header if header < end and not (flags & 4 and data[header - 1]) else -1


_BY_PORT: Final[dict[int, Callable[[bytes, int, int], int]]] = {
    4789: _vxlan,
    8472: _vxlan,  # Linux, before there was a number
    6081: _geneve,
    2152: _gtp,
    6635: skip_labels,
}
