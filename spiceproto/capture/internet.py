"""IPv4 (RFC 791) and IPv6 (RFC 8200): from a frame to a TCP segment, in every case that is not the plain one.

The loops over the file treat unfragmented IPv4 without options themselves and send the rest here: VLAN tags, other
link layers, options, extension headers, fragments, IP in IP, the tunnels of :mod:`~spiceproto.capture.tunnels`, snapshot
lengths.
Fragments are put together in a bounded table; where they overlap, the first bytes win.

A packet is described by the offsets of its captured bytes in a buffer and by ``sent``, the offset where it would end
if all of it had been captured.
"""

from __future__ import annotations

from struct import Struct

from spiceproto.capture import foreign
from spiceproto.capture.layers import Host
from spiceproto.capture.limits import EXTENSION_HEADERS, FRAGMENT_BYTES, FRAGMENTED_PACKETS, FRAGMENTS, TUNNEL_DEPTH
from spiceproto.capture.link_layer import ETHERNET, dissect, find_internet, is_known
from spiceproto.capture.segment import Segment, Segments
from spiceproto.capture.tcp import FlowTable

__all__ = ["Internet"]

_IPV4 = Struct(">BxHHHxB")
_TCP = Struct(">IIBB")
_PORTS = Struct(">HH")
_PLAIN_IPV4 = Struct(">H2xI2x12sI4xH")
_PLAIN_IPV6 = Struct(">HBx36sI4xH")

_TCP_PROTOCOL, _UDP, _GRE = 6, 17, 47
_ICMP, _ICMPV6 = 1, 58
_IPV4_IN_IP, _IPV6_IN_IP = 4, 41
_OPTION_HEADERS = (0, 43, 60, 135, 139, 140)
_FRAGMENT, _AUTHENTICATION = 44, 51
_IP = (b"\x08\x00", b"\x86\xdd")
"""EtherTypes."""

FragmentKey = tuple[bytes, bytes, int]


class _Fragments:
    """What there is of one packet."""

    __slots__ = ("parts", "size", "total")

    def __init__(self) -> None:
        self.parts: list[tuple[int, bytes]] = []
        self.size = 0
        self.total = -1


class Internet:
    """Takes frames, gives segments to the flow table ``flows``, by way of ``order`` where there is one."""

    def __init__(self, host: Host, flows: FlowTable, order: Segments | None = None) -> None:
        self._host = host
        self.flows = flows
        self._segments = order if order is not None else flows
        self._find = flows.flows.get
        self._fragments: dict[FragmentKey, _Fragments] = {}
        self._fragment_bytes = 0
        self._unknown_links: set[int] = set()

    def frame(self, link_type: int, data: bytes, start: int, captured: int, length: int, time_ns: int, frame: int) -> None:
        """One frame of ``length`` bytes, of which ``captured`` are in ``data`` at ``start``."""
        end = start + captured
        if captured < length:
            totals = self._host.totals
            totals.truncated_frames += 1
            totals.truncated_bytes += length - captured
            totals.snapshot_length = max(totals.snapshot_length, captured)
        ethernet = link_type == ETHERNET
        if ethernet or is_known(link_type):
            if ethernet and data[start + 12 : start + 14] in _IP:
                position = start + 14
            else:
                position = find_internet(link_type, data, start, end)
            if position >= 0:
                if captured == length and self.plain(data, position, end, time_ns, frame):
                    return
                self.packet(data, position, end, max(end, start + length), time_ns, frame, 0)
            elif ethernet:
                self._left_out(foreign.frame(int.from_bytes(data[start + 12 : start + 14], "big")))
            return
        packet = dissect(link_type, data[start:end])
        if packet is not None:
            self.packet(packet, 0, len(packet), len(packet) + max(0, length - captured), time_ns, frame, 0)
        elif link_type not in self._unknown_links and len(self._unknown_links) < 100:
            self._unknown_links.add(link_type)
            self._host.warn("link-layer", f"no IP found in frames of link type {link_type}", frame)

    def plain(self, data: bytes, start: int, end: int, time_ns: int, frame: int) -> bool:
        """The fast way of the loops over the file, for IPv6 and behind VLAN tags; whether this was all."""
        if start + 60 > end:
            if start + 40 > end or data[start] != 0x45:
                return False
        elif data[start] >> 4 == 6:
            total, protocol, key, seq, flags = _PLAIN_IPV6.unpack_from(data, start + 4)
            if protocol != _TCP_PROTOCOL or flags & 7:
                return False
            direction = self._find(key)
            if direction is None:
                return False
            if direction.expected != seq:
                return direction.connection is None
            size = total - (flags >> 10 & 0x3C)
            stop = start + 40 + total
            if size <= 0 or stop > end or flags < 0x5000:
                return bool(size == 0)
            direction.expected = (seq + size) & 0xFFFFFFFF
            direction.deliver(direction.from_client, data[stop - size : stop], time_ns, frame)
            return True
        if data[start] != 0x45:
            return False
        total, word, key, seq, flags = _PLAIN_IPV4.unpack_from(data, start + 2)
        if word & 0x3FFF00FF != _TCP_PROTOCOL or flags & 7:
            return False
        direction = self._find(key)
        if direction is None:
            return False
        if direction.expected != seq:
            return direction.connection is None
        size = total - 20 - (flags >> 10 & 0x3C)
        stop = start + total
        if size <= 0 or stop > end or flags < 0x5000:
            return bool(size == 0)
        direction.expected = (seq + size) & 0xFFFFFFFF
        direction.deliver(direction.from_client, data[stop - size : stop], time_ns, frame)
        return True

    def packet(self, data: bytes, start: int, end: int, sent: int, time_ns: int, frame: int, depth: int) -> None:
        """One IP packet."""
        if start >= end:
            return
        version = data[start] >> 4
        if version == 4:
            self._ipv4(data, start, end, sent, time_ns, frame, depth)
        elif version == 6:
            self._ipv6(data, start, end, sent, time_ns, frame, depth)
        else:
            self._host.totals.undecoded_frames += 1

    def _ipv4(self, data: bytes, start: int, end: int, sent: int, time_ns: int, frame: int, depth: int) -> None:
        if start + 20 > end:
            self._host.totals.undecoded_frames += 1
            return
        first, total, identification, fragment, protocol = _IPV4.unpack_from(data, start)
        header = (first & 15) * 4
        # Segmentation offload: the driver had not filled the length in when the packet was captured.
        sent = start + total if total else sent
        body = start + header
        if header < 20 or sent < body or body > end:
            self._host.totals.undecoded_frames += 1
            return
        end = min(end, sent)
        source, destination = data[start + 12 : start + 16], data[start + 16 : start + 20]
        if fragment & 0x3FFF:
            key = (source + destination, bytes((protocol,)), identification)
            whole = self._reassemble(key, (fragment & 0x1FFF) * 8, fragment & 0x2000, data[body:end], end == sent)
            if whole is None:
                return
            data, body, end, sent = whole, 0, len(whole), len(whole)
        self._transport(protocol, source + destination, data, body, end, sent, time_ns, frame, depth)

    def _ipv6(self, data: bytes, start: int, end: int, sent: int, time_ns: int, frame: int, depth: int) -> None:
        if start + 40 > end:
            self._host.totals.undecoded_frames += 1
            return
        total = data[start + 4] << 8 | data[start + 5]
        protocol = data[start + 6]
        addresses = data[start + 8 : start + 40]
        sent = start + 40 + total if total else sent  # 0: a jumbogram, or segmentation offload
        end = min(end, sent)
        body = start + 40
        for _ in range(EXTENSION_HEADERS):
            if protocol == _TCP_PROTOCOL or body + 8 > end:
                break
            if protocol in _OPTION_HEADERS:
                protocol, body = data[body], body + 8 + data[body + 1] * 8
            elif protocol == _AUTHENTICATION:
                protocol, body = data[body], body + 8 + data[body + 1] * 4
            elif protocol == _FRAGMENT:
                place = data[body + 2] << 8 | data[body + 3]
                key = (addresses, b"", int.from_bytes(data[body + 4 : body + 8], "big"))
                protocol, body = data[body], body + 8
                if place & 0xFFF9:
                    whole = self._reassemble(key, place & 0xFFF8, place & 1, data[body:end], end == sent)
                    if whole is None:
                        return
                    data, body, end, sent = whole, 0, len(whole), len(whole)
            else:
                break
        if body > end:
            self._host.totals.undecoded_frames += 1
            return
        self._transport(protocol, addresses, data, body, end, sent, time_ns, frame, depth)

    def _transport(
        self,
        protocol: int,
        addresses: bytes,
        data: bytes,
        start: int,
        end: int,
        sent: int,
        time_ns: int,
        frame: int,
        depth: int,
    ) -> None:
        if protocol == _TCP_PROTOCOL:
            self._tcp(addresses, data, start, end, sent, time_ns, frame)
        elif protocol in (_ICMP, _ICMPV6):
            from spiceproto.capture.icmp import quoted_segment

            how, key = quoted_segment(data[start:end], version6=protocol == _ICMPV6)
            if how:
                self._segments.unreachable(key, how, time_ns, frame)
        elif depth >= TUNNEL_DEPTH:
            self._left_out(f"more than {TUNNEL_DEPTH} tunnels in each other")
        elif protocol in (_IPV4_IN_IP, _IPV6_IN_IP):
            self.packet(data, start, end, sent, time_ns, frame, depth + 1)
        elif protocol in (_GRE, _UDP):
            from spiceproto.capture.tunnels import find_in_gre, find_in_udp  # not at import: many captures have TCP alone

            inner = (find_in_gre if protocol == _GRE else find_in_udp)(data, start, end)
            if inner >= 0:
                self.packet(data, inner, end, sent, time_ns, frame, depth + 1)
            elif protocol == _UDP and start + 4 <= end:
                self._left_out(foreign.datagram(*_PORTS.unpack_from(data, start)))
        else:
            self._left_out(foreign.packet(protocol))

    def _left_out(self, name: str) -> None:
        if name:
            self._host.foreign_packet(name)

    def _tcp(self, addresses: bytes, data: bytes, start: int, end: int, sent: int, time_ns: int, frame: int) -> None:
        if start + 14 > end:
            self._host.totals.undecoded_frames += 1
            return
        seq, ack, offset, flags = _TCP.unpack_from(data, start + 4)
        header = (offset >> 4) * 4
        body = start + header
        if header < 20 or body > sent:
            self._host.totals.undecoded_frames += 1
            return
        payload = data[body:end]
        missing = sent - max(end, body)
        key = addresses + data[start : start + 4]
        direction = self.flows.flows.get(key)
        if direction is not None and not flags & 7 and not missing:
            if direction.expected == seq:
                if payload:
                    direction.expected = (seq + len(payload)) & 0xFFFFFFFF
                    direction.deliver(direction.from_client, payload, time_ns, frame)
                return
            if direction.connection is None:
                return
        self._segments.segment(
            Segment(
                key=key,
                seq=seq,
                ack=ack,
                flags=flags,
                payload=payload,
                missing=missing,
                time_ns=time_ns,
                frame=frame,
                head=data[start:body],
            )
        )

    def _reassemble(self, key: FragmentKey, offset: int, more: int, body: bytes, complete: bool) -> bytes | None:
        """Add a fragment; the whole packet when this was the last that was missing."""
        if not complete or (not body and more):
            return None  # cut by the snapshot length: the packet stays incomplete
        waiting = self._fragments.get(key)
        if waiting is None:
            waiting = self._fragments[key] = _Fragments()
        if len(waiting.parts) >= FRAGMENTS or offset + len(body) > 65535:
            self._forget(key)
            return None
        waiting.parts.append((offset, body))
        waiting.size += len(body)
        self._fragment_bytes += len(body)
        if not more:
            waiting.total = offset + len(body)
        if 0 <= waiting.total <= waiting.size:
            whole = _join(waiting.parts, waiting.total)
            if whole is not None:
                self._forget(key)
                return whole
        while len(self._fragments) > FRAGMENTED_PACKETS or self._fragment_bytes > FRAGMENT_BYTES:
            self._forget(next(iter(self._fragments)))
        return None

    def _forget(self, key: FragmentKey) -> None:
        self._fragment_bytes -= self._fragments.pop(key).size


def _join(parts: list[tuple[int, bytes]], total: int) -> bytes | None:
    """The packet, or None while a part is missing; what arrived first wins where parts overlap."""
    whole = bytearray(total)
    reach = 0
    for offset, body in sorted(parts, key=lambda part: part[0]):
        if offset > reach:
            return None
        reach = max(reach, offset + len(body))
    if reach < total:
        return None
    for offset, body in reversed(parts):  # the earliest is written last
        whole[offset : offset + len(body)] = body[: max(0, total - offset)]
    return bytes(whole[:total])
