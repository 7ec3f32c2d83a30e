"""A recording inside MPLS, ERSPAN, GTP-U and their kin: the same connections come out, as tshark has them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import scapy.contrib.erspan as erspan
import scapy.contrib.geneve as geneve
import scapy.contrib.gtp as gtp
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from spiceproto.capture.link_layer import skip_labels
from spiceproto.tests.capture_samples import Result, pcap
from spiceproto.tests.plain_recording import PLAIN, ethernet_of, packets, same_streams, tshark_streams

ETHER = Ether(dst="02:00:00:00:00:0a", src="02:00:00:00:00:0b")
LABELLED = Ether(dst=ETHER.dst, src=ETHER.src, type=0x8847)
MULTICAST = Ether(dst=ETHER.dst, src=ETHER.src, type=0x8848)
OUTER = ETHER / IP(src="192.0.2.1", dst="192.0.2.2")
OUTER6 = ETHER / IPv6(src="2001:db8::1", dst="2001:db8::2")


def ip(packet: Packet) -> Packet:
    return Raw(bytes(packet[IP]))


def mac(packet: Packet) -> Packet:
    return Raw(ethernet_of(packet))


def udp(port: int) -> Packet:
    return UDP(sport=40001, dport=port)


def gre(proto: int, *, checksum: bool = False, key: bool = False, number: bool = False) -> Packet:
    return GRE(proto=proto, chksum_present=int(checksum), key_present=int(key), seqnum_present=int(number))


WRAPS: dict[str, Callable[[Packet], Packet]] = {
    "mpls": lambda p: LABELLED / MPLS(label=77, s=1) / ip(p),
    "mpls-nested": lambda p: LABELLED / MPLS(label=1, s=0) / MPLS(label=2, s=0) / MPLS(label=3, s=1) / ip(p),
    "mpls-behind-vlan": lambda p: ETHER / Dot1Q(vlan=5, type=0x8847) / MPLS(label=16, s=1) / ip(p),
    "mpls-multicast": lambda p: MULTICAST / MPLS(label=16, s=1) / ip(p),
    "mpls-pseudowire": lambda p: LABELLED / MPLS(label=16, s=1) / Raw(bytes(4)) / mac(p),
    "mpls-pseudowire-without-control-word": lambda p: LABELLED / MPLS(label=16, s=1) / mac(p),
    "mpls-in-gre": lambda p: OUTER / gre(0x8847) / MPLS(label=16, s=0) / MPLS(label=17, s=1) / ip(p),
    "mpls-in-udp": lambda p: OUTER / udp(6635) / MPLS(label=16, s=1) / ip(p),
    "erspan-1": lambda p: OUTER / gre(0x88BE) / mac(p),
    "erspan-2": lambda p: OUTER / gre(0x88BE, number=True) / erspan.ERSPAN_II(session_id=5) / mac(p),
    "erspan-3": lambda p: OUTER / gre(0x22EB, number=True) / erspan.ERSPAN_III(session_id=5) / mac(p),
    "erspan-3-platform": lambda p: (
        OUTER / gre(0x22EB, number=True) / erspan.ERSPAN_III(o=1) / erspan.ERSPAN_PlatformSpecific() / mac(p)
    ),
    "gtp": lambda p: OUTER / udp(2152) / gtp.GTP_U_Header(teid=9, gtp_type=255, length=len(p[IP])) / ip(p),
    "gtp-numbered": lambda p: (
        OUTER / udp(2152) / gtp.GTP_U_Header(teid=9, gtp_type=255, length=len(p[IP]) + 4, S=1, seq=7) / ip(p)
    ),
    "gtp-extended": lambda p: (
        OUTER
        / udp(2152)
        / gtp.GTP_U_Header(teid=9, gtp_type=255, length=len(p[IP]) + 8, E=1, next_ex=0x85)
        / Raw(b"\x01\x10\x05\x00")  # a PDU session container, and none behind it
        / ip(p)
    ),
    "gre": lambda p: OUTER6 / gre(0x0800, key=True) / ip(p),
    "gre-ethernet": lambda p: OUTER / gre(0x6558, checksum=True) / mac(p),
    "vxlan": lambda p: OUTER6 / udp(4789) / VXLAN(vni=5, flags=8) / mac(p),
    "geneve": lambda p: OUTER / udp(6081) / geneve.GENEVE(vni=5, proto=0x6558) / mac(p),
    "geneve-ip": lambda p: OUTER / udp(6081) / geneve.GENEVE(vni=5, proto=0x0800) / ip(p),
    "erspan-in-vxlan": lambda p: (
        OUTER / udp(4789) / VXLAN(vni=5, flags=8) / OUTER / gre(0x88BE, number=True) / erspan.ERSPAN_II(session_id=5) / mac(p)
    ),
}
TSHARK_OPTIONS = {
    "mpls-pseudowire": ("-d", "mpls.label==16,pwethcw"),
    "mpls-pseudowire-without-control-word": ("-d", "mpls.label==16,pwethnocw"),
}
"""It takes the address for something else unless it is told."""


@pytest.mark.parametrize("name", WRAPS)
def test_recording_in_a_tunnel(name: str, tmp_path: Path) -> None:
    frames = [bytes(WRAPS[name](packet)) for packet in packets()]
    same_streams(frames)
    path = tmp_path / "wrapped.pcap"
    path.write_bytes(pcap(frames))
    assert tshark_streams(path, *TSHARK_OPTIONS.get(name, ())) == tshark_streams(PLAIN)


@pytest.mark.parametrize("name", WRAPS)
def test_truncated_headers_are_no_packets(name: str) -> None:
    """A frame that ends anywhere before its TCP header opens no connection, and nothing behind its end is looked at."""
    whole = bytes(WRAPS[name](packets()[0]))
    headers = len(whole) - len(packets()[0][TCP])
    totals = Result(pcap(whole[:cut] for cut in range(headers))).totals
    assert totals.frames == headers and totals.tcp_connections == 0


def test_labels_without_end_are_given_up() -> None:
    assert skip_labels(struct.pack(">I", 0x00010000) * 1000 + b"\x45", 0, 4001) == -1
