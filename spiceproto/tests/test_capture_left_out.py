"""What a capture does not have, and what it has and is not decoded: it is said, with what would help."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from spiceproto.capture import streams
from spiceproto.capture.limits import FOREIGN_PROTOCOLS, REFUSALS, TUNNEL_DEPTH
from spiceproto.command import main
from spiceproto.tests.capture_samples import CAPTURES, Result, Talk, ethernet, ipv4, pcap, spice_talk
from spiceproto.tests.plain_recording import packets

FRAMES = [bytes(packet) for packet in packets()]
SERVER_PORT = packets()[0][TCP].dport


def said(data: bytes) -> list[tuple[str, str, str]]:
    return [(warning.severity, warning.code, warning.text) for warning in Result(data).capture.warnings]


# -- packets cut short


@pytest.mark.parametrize("snap", [60, 96, 200, 1000])
def test_snapshot_length(snap: int, tmp_path: Path) -> None:
    cut = [len(frame) for frame in FRAMES if len(frame) > snap]
    text = f"{len(cut)} of {len(FRAMES)} packets are cut to {snap} bytes, {sum(cut) - snap * len(cut)} bytes are missing"
    data = pcap(FRAMES, snap=snap)
    ((severity, _, words),) = [item for item in said(data) if item[1] == "snapshot-length"]
    assert (severity, words) == ("warning", text + ": capture whole packets, with `tcpdump -s 0`")
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    (path := tmp_path / "cut.pcap").write_bytes(data)
    fields = ["tshark", "-r", str(path), "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len"]
    lines = subprocess.run(fields, capture_output=True, text=True, check=True).stdout.splitlines()
    missing = [int(sent) - int(kept) for sent, kept in map(str.split, lines)]
    assert (sum(missing), sum(map(bool, missing))) == (sum(cut) - snap * len(cut), len(cut))


def test_whole_packets_are_no_news() -> None:
    assert said(pcap(FRAMES)) == []


# -- one side only


def said_of_sides(frames: list[bytes]) -> list[str]:
    """What is said of missing directions, of connections in the report and of others."""
    result = Result(pcap(frames))
    texts = [warning.text for warning in result.capture.warnings]
    texts += [text for sink in result.sinks for code, text in sink.problems if code == "one-sided"]
    return [text for text in texts if "mergecap -w" in text]


@pytest.mark.parametrize("side", ["client", "server"])
def test_one_side_of_a_recording(side: str) -> None:
    kept = [bytes(p) for p in packets() if (p[TCP].dport == SERVER_PORT) == (side == "client")]
    found = said_of_sides(kept)
    if side == "client":
        assert len(found) == 4 and all("no packet of the server" in text for text in found)
    elif len(found) == 1:
        assert found[0].startswith("4 connections in SPICE, of which the capture has only what the server sent, the first ")
    else:
        assert len(found) == 4 and all("no packet of the client" in text for text in found)
    assert said_of_sides(FRAMES) == []


@pytest.mark.parametrize("lost", [(0,), (1,), (0, 1), (0, 1, 2), (1, 2)])
def test_both_sides_with_a_handshake_that_is_not_whole(lost: tuple[int, ...]) -> None:
    made, _, _ = spice_talk()
    frames = [ethernet(packet) for number, packet in enumerate(made) if number not in lost]
    assert [code for code, _ in Result(pcap(frames)).only.problems if code == "one-sided"] == []


@pytest.mark.parametrize(("name", "protocol"), [("html5-debian-start", "HTTP"), ("andris-tls", "TLS")])
def test_the_server_alone_in_other_protocols(name: str, protocol: str) -> None:
    from scapy.utils import PcapNgReader

    with PcapNgReader(str(CAPTURES / f"{name}.pcapng")) as reader:
        frames = list(reader)
    ports = {frame[TCP].dport for frame in frames if frame[TCP].flags == "S"}
    found = said_of_sides([bytes(frame) for frame in frames if frame[TCP].sport in ports])
    assert any(f"in {protocol}, of which the capture has only what the server sent" in text for text in found)


# -- other protocols


def conversation(client: bytes, server: bytes, *, syn: bool = True, port: int = 5900) -> list[bytes]:
    talk = Talk(server=(bytes((10, 0, 0, 2)), port))
    if syn:
        talk.open()
    for from_client, data in ((False, server), (True, client)):
        if data:
            talk.send(from_client, data)
    talk.close()
    return talk.packets


@pytest.mark.parametrize(
    ("client", "server", "name", "advice"),
    [
        (b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n", "SSH", "what it carries cannot be read: capture behind it"),
        (b"RFB 003.008\n", b"RFB 003.008\n", "VNC", ""),
        (b"GET / HTTP/1.1\r\n\r\n", b"", "HTTP", ""),
        (b"POST / HTTP/1.1\r\n\r\n", b"", "HTTP", ""),
        (b"\x03\x00\x00\x13", b"", "RDP", ""),
        (b"\0\0\0\x40\xfeSMB", b"", "SMB", ""),
        (b'{"execute": "qmp_capabilities"}', b'{"QMP": {}}', "the QEMU monitor", ""),
        (b"EHLO", b"220 mail.example", "SMTP or FTP", ""),
        (b"", b"220 mail.example", "SMTP or FTP, of which the capture has only what the server sent", "mergecap"),
        (b"\x99\x98", b"", "an unknown protocol", "if that is SPICE: --decode-as 10.0.0.2:5900=CHANNEL"),
    ],
)
def test_protocols_by_name(client: bytes, server: bytes, name: str, advice: str) -> None:
    ((severity, code, text),) = said(pcap(conversation(client, server), 101))
    assert (severity, code) == ("note", "not-decoded") and advice in text
    assert text.startswith(f"a connection in {name}: 10.0.0.1:40000 > 10.0.0.2:5900 (frame 1, tcp.stream 0)")


def test_one_line_for_many_and_the_lines_are_bounded() -> None:
    frames = [packet for port in (22, 23, 24) for packet in conversation(b"SSH-2", b"SSH-2", port=port)]
    ((_, _, text),) = said(pcap(frames, 101))
    assert text.startswith("3 connections in SSH, the first 10.0.0.1:40000 > 10.0.0.2:22 (frame 1")
    upgrade = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
    many = []
    for number in range(2 * FOREIGN_PROTOCOLS):
        talk = Talk(server=(bytes((10, 0, 0, 2)), 1000 + number))
        talk.open()
        talk.send(True, upgrade)
        talk.send(False, b"HTTP/1.1 404 %d\r\n\r\n" % number)
        many += talk.packets
    found = said(pcap(many, 101))
    assert len(found) == FOREIGN_PROTOCOLS and 'answering "HTTP/1.1 404 0"' in found[0][2]


def test_begun_before_the_capture() -> None:
    ((_, _, text),) = said(pcap(conversation(b"\x99" * 40, b"\x98" * 40, syn=False), 101))
    assert text.startswith("a connection in an unknown protocol, begun before the capture: ") and "--decode-as" in text


def test_inside_a_tunnel() -> None:
    talk = Talk()
    talk.open()
    talk.send(True, b"CONNECT h:22 HTTP/1.1\r\n\r\n")
    talk.send(False, b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-y")
    talk.send(True, b"SSH-2.0-x")
    ((_, _, text),) = said(pcap(talk.packets, 101))
    assert text.startswith("a connection in SSH in http-connect: ")


OUTER = Ether(dst="02:00:00:00:00:0a", src="02:00:00:00:00:0b") / IP(src="192.0.2.1", dst="192.0.2.2")


@pytest.mark.parametrize(
    ("frame", "name", "readable"),
    [
        (OUTER / ESP(spi=1, seq=1, data=b"x" * 40), "IPsec ESP", False),
        (OUTER / UDP(sport=51820, dport=40000) / Raw(bytes(40)), "WireGuard", False),
        (OUTER / UDP(sport=1000, dport=4500) / Raw(bytes(40)), "IPsec in UDP", False),
        (OUTER / UDP(sport=1000, dport=37008) / Raw(bytes(40)), "TZSP", True),
        (Ether(dst=OUTER.dst, src=OUTER.src, type=0x88E5) / Raw(bytes(60)), "MACsec", False),
        (Ether(dst=OUTER.dst, src=OUTER.src, type=0x88E7) / Raw(bytes(60)), "IEEE 802.1ah", True),
    ],
)
def test_packets_in_which_something_may_be(frame: Ether, name: str, readable: bool) -> None:
    ((severity, code, text),) = said(pcap([bytes(frame)] * 3))
    assert (severity, code) == ("note", "not-decoded")
    assert text.startswith(f"3 packets of {name}: {'not decoded' if readable else 'what it carries cannot be read'}")


def test_tunnels_in_tunnels() -> None:
    packet = spice_talk()[0][0]
    for _ in range(TUNNEL_DEPTH + 1):
        packet = ipv4(b"\1\2\3\4", b"\5\6\7\x08", packet, 4)
    ((_, _, text),) = said(pcap([packet], 101))
    assert text.startswith(f"1 packet of more than {TUNNEL_DEPTH} tunnels in each other: not decoded")


def test_headers_that_make_no_sense() -> None:
    made = spice_talk()[0]
    ((severity, code, text),) = said(pcap([*made, b"\x45\0\0\x10" + bytes(30), b"\x99" * 40], 101))
    assert (severity, code) == ("warning", "headers")
    assert text == f"2 of {len(made) + 2} packets have an IP or TCP header that makes no sense"


def test_ordinary_neighbours_are_no_news() -> None:
    """ARP, DNS, ping and spanning trees are in every capture."""
    arp = Ether(dst=OUTER.dst, src=OUTER.src, type=0x0806) / Raw(bytes(28))
    dns = OUTER / UDP(sport=40000, dport=53) / Raw(bytes(28))
    ping = OUTER.copy()
    ping[IP].proto = 1
    tree = Raw(bytes(12) + struct.pack(">H", 38) + b"\x42\x42\x03" + bytes(35))
    assert said(pcap([bytes(arp), bytes(dns), bytes(ping / Raw(bytes(20))), bytes(tree), *FRAMES])) == []


def test_the_report_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "session.pcap"
    path.write_bytes(pcap(spice_talk()[0] + conversation(b"SSH-2.0-x", b"SSH-2.0-y", port=22), 101, snap=400))
    main(["decode", str(path)])
    text = capsys.readouterr().out
    assert "snapshot-length" in text and "tcpdump -s 0" in text and "a connection in SSH: " in text


# -- nothing at all


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([], "the file has no packets"),
        ([bytes(12) + b"\x08\x06" + bytes(28)], "no TCP connection in 1 packet: SPICE needs one"),
        ([ethernet(ipv4(bytes(4), bytes(4), bytes(20), 17))] * 3, "no TCP connection in 3 packets: SPICE needs one"),
    ],
)
def test_there_is_nothing(frames: list[bytes], text: str) -> None:
    assert said(pcap(frames)) == [("note", "nothing", text)]


def test_nobody_says_anything() -> None:
    talks = [Talk((bytes((10, 0, 0, number)), 40000)) for number in range(3, 6)]
    for talk in talks:
        talk.open()
    ((severity, code, text),) = said(pcap(ethernet(packet) for talk in talks for packet in talk.packets))
    assert (severity, code) == ("note", "not-decoded")
    assert text.startswith("3 connections in which neither side sent data, the first 10.0.0.3:40000 > ")


def test_nobody_answers() -> None:
    (talk := Talk()).send(True, flags=2)
    ((_, _, text),) = said(pcap(map(ethernet, talk.packets)))
    assert text.startswith("a connection in which nothing came back from the server: 10.0.0.1:40000 > 10.0.0.2:5900 (frame 1, ")
    assert text.endswith("; it did not answer, or the capture has only what clients sent")


def test_refusals_are_counted_beyond_those_that_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames: list[bytes] = []
    for port in range(REFUSALS + 5):
        (talk := Talk((bytes((10, 0, 0, 1)), 20000 + port))).send(True, flags=2)
        talk.send(False, flags=4 | 16)
        frames += map(ethernet, talk.packets)
    (path := tmp_path / "refused.pcap").write_bytes(pcap(frames))
    main(["decode", str(path)])
    out = capsys.readouterr().out
    assert f"{REFUSALS} connections to 10.0.0.2:5900 were answered by RST" in out
    assert "5 more attempts to connect came to nothing" in out


def test_warnings_are_counted_beyond_those_that_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "WARNINGS", 0)
    (path := tmp_path / "nothing.pcap").write_bytes(pcap([]))
    main(["decode", str(path)])
    assert "warnings about the file that are not shown: 1" in capsys.readouterr().out
