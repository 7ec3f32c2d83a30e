"""From every link layer, both IP versions, fragments and tunnels, to the same stream."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from spiceproto.tests.capture_samples import (
    CLIENT,
    CLIENT6,
    SERVER,
    SERVER6,
    Recorder,
    Result,
    ethernet,
    ipv4,
    ipv6,
    pcap,
    pcapng,
    spice_talk,
)

PACKETS, SENT, RECEIVED = spice_talk()
PACKETS6, SENT6, RECEIVED6 = spice_talk(client=CLIENT6, server=SERVER6)


def check(data: bytes, client: str = "10.0.0.1") -> Recorder:
    result = Result(data)
    sink = result.only
    assert (sink.client, sink.server, sink.gaps, sink.problems) == (SENT, RECEIVED, [], [])
    assert sink.connection.client == (client, 40000) and sink.connection.server[1] == 5900
    assert result.totals.undecoded_frames == 0
    return sink


def ethertype(packet: bytes) -> bytes:
    return b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"


LINKS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "ethernet": (1, ethernet),
    "ethernet-padded": (1, lambda p: ethernet(p).ljust(60, b"\xee") + b"FCS!"),
    "vlan": (1, lambda p: ethernet(p, [(0x8100, 5)])),
    "stacked-vlan": (1, lambda p: ethernet(p, [(0x88A8, 5), (0x8100, 6), (0x9100, 7)])),
    "pppoe": (
        1,
        lambda p: (
            bytes(12)
            + b"\x88\x64\x11\x00\x00\x01"
            + struct.pack(">H", len(p) + 2)
            + (b"\0\x21" if p[0] >> 4 == 4 else b"\0\x57")
            + p
        ),
    ),
    "linux-sll": (113, lambda p: bytes(14) + ethertype(p) + p),
    "linux-sll-vlan": (113, lambda p: bytes(14) + b"\x81\x00\x00\x05" + ethertype(p) + p),
    "linux-sll2": (276, lambda p: ethertype(p) + bytes(18) + p),
    "loop": (108, lambda p: (b"\0\0\0\x02" if p[0] >> 4 == 4 else b"\0\0\0\x1e") + p),
    "null-little": (0, lambda p: (b"\x02\0\0\0" if p[0] >> 4 == 4 else b"\x1e\0\0\0") + p),
    "null-big": (0, lambda p: (b"\0\0\0\x02" if p[0] >> 4 == 4 else b"\0\0\0\x1c") + p),
    "raw": (101, lambda p: p),
    "raw-12": (12, lambda p: p),
    "raw-14": (14, lambda p: p),
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("six", [False, True])
@pytest.mark.parametrize("make", [pcap, pcapng])
def test_link_layer(link: str, six: bool, make: Callable[..., bytes]) -> None:
    link_type, wrap = LINKS[link]
    frames = [wrap(packet) for packet in (PACKETS6 if six else PACKETS)]
    check(make(frames, link_type), "2001:db8::1" if six else "10.0.0.1")
    if make is pcap:
        check(make(frames, link_type, order=">"), "2001:db8::1" if six else "10.0.0.1")


def test_raw_of_one_version() -> None:
    check(pcap(PACKETS, 228))
    check(pcap(PACKETS6, 229), "2001:db8::1")


def test_unusual_link_layer_by_scapy() -> None:
    ppp = 9
    check(pcap([b"\xff\x03\x00\x21" + packet for packet in PACKETS], ppp))


def test_unknown_link_layer_is_a_warning() -> None:
    result = Result(pcap(PACKETS, 60000))
    assert [(w.code, w.frame) for w in result.capture.warnings] == [("link-layer", 1)] and not result.sinks


def test_ipv4_options_and_offload_length() -> None:
    optioned = [ipv4(p[12:16], p[16:20], p[20:], options=b"\x01" * 8) for p in PACKETS]
    check(pcap(optioned, 101))
    check(pcap([ipv4(p[12:16], p[16:20], p[20:], total=0) for p in PACKETS], 101))


def test_ipv6_extension_headers() -> None:
    chains = [
        ipv6(p[8:24], p[24:40], b"\x3c\x00" + bytes(6) + b"\x2b\x01" + bytes(14) + b"\x06\x00" + bytes(6) + p[40:], 0)
        for p in PACKETS6
    ]
    check(pcap(chains, 101), "2001:db8::1")


def fragments4(packet: bytes, ident: int, size: int) -> list[bytes]:
    body = packet[20:]
    return [
        ipv4(
            packet[12:16],
            packet[16:20],
            body[at : at + size],
            ident=ident,
            fragment=at // 8 | (0x2000 if at + size < len(body) else 0),
        )
        for at in range(0, len(body), size)
    ]


def fragments6(packet: bytes, ident: int, size: int) -> list[bytes]:
    body = packet[40:]
    return [
        ipv6(
            packet[8:24],
            packet[24:40],
            struct.pack(">BBHI", 6, 0, at | (at + size < len(body)), ident) + body[at : at + size],
            44,
        )
        for at in range(0, len(body), size)
    ]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("size", [8, 64, 200])
def test_fragments(backwards: bool, size: int) -> None:
    step = -1 if backwards else 1
    check(pcap([f for n, p in enumerate(PACKETS) for f in fragments4(p, n, size)[::step]], 101))
    frames6 = [f for n, p in enumerate(PACKETS6) for f in fragments6(p, n, size)[::step]]
    check(pcap(frames6, 101), "2001:db8::1")


def test_fragments_overlap_first_wins_and_waiting_is_bounded() -> None:
    frames = []
    for number, packet in enumerate(PACKETS):
        parts = fragments4(packet, number, 64)
        parts[1:1] = [ipv4(packet[12:16], packet[16:20], bytes(64), ident=number, fragment=0x2000)] if len(parts) > 1 else []
        frames += parts
        frames += [ipv4(CLIENT[0], SERVER[0], bytes(1480), ident=k & 0xFFFF, fragment=0x2000) for k in range(1000, 1300)]
    check(pcap(frames, 101))


def tunnels() -> dict[str, Callable[[bytes], bytes]]:
    def udp(port: int, body: bytes) -> bytes:
        return struct.pack(">HHHH", 33333, port, 8 + len(body), 0) + body

    a, b = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))
    return {
        "ip-in-ip": lambda p: ipv4(a, b, p, 4 if p[0] >> 4 == 4 else 41),
        "gre": lambda p: ipv4(a, b, b"\x20\0" + ethertype(p) + b"key!" + p, 47),
        "gre-ethernet": lambda p: ipv4(a, b, b"\0\0\x65\x58" + ethernet(p), 47),
        "vxlan": lambda p: ipv4(a, b, udp(4789, b"\x08\0\0\0\0\0\x2a\0" + ethernet(p)), 17),
        "vxlan-in-6": lambda p: ipv6(CLIENT6[0], SERVER6[0], udp(4789, b"\x08\0\0\0\0\0\x2a\0" + ethernet(p)), 17),
        "geneve": lambda p: ipv4(a, b, udp(6081, b"\x01\0\x65\x58\0\0\x2a\0opts" + ethernet(p, [(0x8100, 3)])), 17),
        "geneve-ip": lambda p: ipv4(a, b, udp(6081, b"\0\0" + ethertype(p) + b"\0\0\x2a\0" + p), 17),
    }


@pytest.mark.parametrize("tunnel", tunnels())
def test_tunnels(tunnel: str) -> None:
    wrap = tunnels()[tunnel]
    check(pcap([wrap(packet) for packet in PACKETS], 101))
    check(pcap([wrap(packet) for packet in PACKETS6], 101), "2001:db8::1")


def test_tunnels_are_not_followed_for_ever() -> None:
    packet = PACKETS[0]
    for _ in range(1000):
        packet = ipv4(CLIENT[0], SERVER[0], packet, 4)
    assert Result(pcap([packet], 101)).totals.tcp_connections == 0


@pytest.mark.parametrize("link", ["ethernet", "vlan"])
@pytest.mark.parametrize("six", [False, True])
def test_impossible_tcp_header_is_not_payload(link: str, six: bool) -> None:
    """A data offset below five words: the packet is left out, as if it were lost."""
    link_type, wrap = LINKS[link]
    packets = list(PACKETS6 if six else PACKETS)
    at = (40 if six else 20) + 12
    packets[5] = packets[5][:at] + b"\x40" + packets[5][at + 1 :]
    result = Result(pcap([wrap(packet) for packet in packets], link_type))
    assert result.totals.undecoded_frames == 1
    assert result.only.gaps == [(False, 500, 0)] and result.only.server == RECEIVED[500:]
