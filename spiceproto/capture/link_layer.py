"""Where the IP header of a captured frame begins.

The numbers are the LINKTYPE_ registry of tcpdump.org. The common ones are tables here; for any other, scapy's
dissectors find the IP header, and scapy is imported only when such a frame is met.

:func:`fast_format` describes, for the loops over the file, a frame of a plain kind as one ``struct``: link header,
IPv4 without options, TCP. Its fields are: tag of the link header (compare with the second result), version and header
length (0x45), total length, fragment and protocol word (``& 0x3fff00ff == 6``), the twelve address and port bytes,
sequence number, data offset and flags.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spiceproto.capture.limits import MPLS_LABELS, VLAN_TAGS

__all__ = [
    "ETHERNET",
    "FAST_TCP_HEADERS",
    "fast_format",
    "find_internet",
    "is_known",
    "skip_ethernet",
    "skip_ethertype",
    "skip_labels",
]

NULL: Final = 0
ETHERNET: Final = 1
LOOP: Final = 108
LINUX_SLL: Final = 113
LINUX_SLL2: Final = 276

_RAW = (12, 14, 101, 228, 229)
"""Raw IP: the registry's 101, 228 (IPv4), 229 (IPv6), and the operating systems' own numbers for it."""

_IP = (0x0800, 0x86DD)
_VLAN = (0x8100, 0x88A8, 0x9100)
_MPLS = (0x8847, 0x8848)
_PPPOE_SESSION = 0x8864
_PPP_IP = (0x0021, 0x0057)

_FAMILIES = (2, 10, 23, 24, 28, 30)
"""AF_INET, and AF_INET6 of Linux, Windows, the BSDs and macOS."""

FAST_TCP_HEADERS: Final = 40
"""IPv4 and TCP headers without options."""

_AFTER_TAG = "BxH2xI2x12sI4xH"

_FAST: Final = {
    ETHERNET: ("12xH", 0x0800, 14),
    LINUX_SLL: ("14xH", 0x0800, 16),
    LINUX_SLL2: ("H18x", 0x0800, 20),
    LOOP: ("I", 2, 4),
    12: ("0s", b"", 0),
    14: ("0s", b"", 0),
    101: ("0s", b"", 0),
    228: ("0s", b"", 0),
}


def fast_format(link_type: int, big_endian: bool) -> tuple[str, object, int]:
    """Format, tag and link header size for the fast loops; a tag that no frame has where there is no fast way."""
    if link_type == NULL:
        prefix, tag, size = "I", 2 if big_endian else 2 << 24, 4
    else:
        prefix, tag, size = _FAST.get(link_type, ("0s", None, 0))  # type: ignore[assignment]
    return ">" + prefix + _AFTER_TAG, tag, size


def is_known(link_type: int) -> bool:
    """Whether no dissector of somebody else's is needed."""
    return link_type in _FAST or link_type in _RAW or link_type == NULL


def skip_ethernet(data: bytes, position: int, end: int) -> int:
    """From an Ethernet header to the IP header behind it; -1 when there is none."""
    return skip_ethertype(data, position + 12, end)


def skip_ethertype(data: bytes, position: int, end: int, behind: int = -1) -> int:
    """From an EtherType to the IP header, over VLAN tags, PPPoE and MPLS; -1 when there is none.

    What the EtherType names begins at ``behind``; -1: it follows.
    """
    for _ in range(VLAN_TAGS + 1):
        if position + 2 > end:
            return -1
        kind = data[position] << 8 | data[position + 1]
        if behind < 0:
            behind = position + 2
        if kind in _IP:
            return behind
        if kind in _VLAN:
            position, behind = behind + 2, -1
        elif kind == _PPPOE_SESSION:
            if behind + 8 > end or (data[behind + 6] << 8 | data[behind + 7]) not in _PPP_IP:
                return -1
            return behind + 8
        elif kind in _MPLS:
            return skip_labels(data, behind, end)
        else:
            return -1
    return -1


def skip_labels(data: bytes, position: int, end: int) -> int:
    """From the first MPLS label to the IP header behind the last (RFC 3032); -1 when there is none.

    No label says what follows: an IP packet, or a frame of a pseudowire behind a control word, which begins with four zero bits
    (RFC 4385), or without one. An address may begin like an IP header; EtherType and length tell them apart.
    """
    for _ in range(MPLS_LABELS):
        if position + 4 >= end:
            return -1
        last = data[position + 2] & 1
        position += 4
        if last:
            break
    else:
        return -1
    for place in (position + 4, position):
        inside = skip_ethernet(data, place, end)
        if inside >= 0 and (not data[position] >> 4 or _is_whole(data, inside, end)):
            return inside
    return position if data[position] >> 4 in (4, 6) else -1


def _is_whole(data: bytes, position: int, end: int) -> bool:
    """Whether this looks like an IP header, with a length that is there."""
    version, size = data[position : position + 1], -1
    if version == b"\x45":
        size = int.from_bytes(data[position + 2 : position + 4], "big")
    elif version and version[0] >> 4 == 6:
        size = 40 + int.from_bytes(data[position + 4 : position + 6], "big")
    return 20 <= size <= end - position


def find_internet(link_type: int, data: bytes, start: int, end: int) -> int:
    """Offset of the IP header of a frame of a known link type; -1 when there is none."""
    if link_type == ETHERNET:
        return skip_ethertype(data, start + 12, end)
    if link_type in _RAW:
        return start if start < end else -1
    if link_type == LINUX_SLL:
        return skip_ethertype(data, start + 14, end)
    if link_type == LINUX_SLL2:
        position = skip_ethertype(data, start, end)
        # An IP packet follows the 20-byte header; a tagged one has its remaining tags there.
        return start + 20 if position == start + 2 else (skip_ethertype(data, start + 18, end) if position > 0 else -1)
    if link_type in (NULL, LOOP):
        if start + 4 > end:
            return -1
        family = data[start : start + 4]
        # The capturing machine's byte order need not be the file's.
        if int.from_bytes(family, "little") in _FAMILIES or int.from_bytes(family, "big") in _FAMILIES:
            return start + 4
    return -1


_dissectors: dict[int, Callable[[bytes], Any] | None] = {}


def dissect(link_type: int, frame: bytes) -> bytes | None:
    """The IP packet inside a frame of an unusual link type, found by scapy; None when there is none."""
    if link_type not in _dissectors:
        _dissectors[link_type] = _load(link_type)
    dissector = _dissectors[link_type]
    if dissector is None:
        return None
    try:
        layer = dissector(frame)
        while layer:
            if type(layer).__name__ in ("IP", "IPv6"):
                original: bytes = layer.original
                return original
            layer = layer.payload
    except Exception:  # a dissector may raise anything on damaged frames
        return None
    return None


def _load(link_type: int) -> Callable[[bytes], Any] | None:
    try:
        import scapy.layers.all  # noqa: F401
        from scapy.config import conf
    except ImportError:
        return None
    found = conf.l2types.num2layer.get(link_type)
    return found if callable(found) else None
