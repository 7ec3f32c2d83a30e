"""Who ended a connection, who took its place, and which channels nobody linked: said where the capture shows it, else not."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6
from scapy.utils import PcapNgReader, RawPcapReader

from spiceproto.capture.decode import Decoder
from spiceproto.capture.layers import End
from spiceproto.capture.outcomes import Outcomes, enumerated
from spiceproto.command import main
from spiceproto.report.text import TextReport
from spiceproto.tests.capture_samples import ACK, CAPTURES, FIN, RST, SERVER, SYN, Result, Talk, link_message, pcap, spice_talk
from spiceproto.tests.cut_recordings import Blocks
from spiceproto.tests.plain_recording import PLAIN, packets
from spiceproto.tests.recorded import names, recording


def footer(capture: bytes | Path) -> list[str]:
    """What a report says besides messages and the beginnings of connections."""
    out = io.StringIO()
    report = TextReport(out)
    decoder = Decoder(io.BytesIO(capture) if isinstance(capture, bytes) else str(capture), report)
    report.begin(decoder, "")
    decoder.run()
    report.end(None)
    return [line for line in out.getvalue().splitlines() if line[:2] in ("--", "!!") and " headers; " not in line]


def said(capture: bytes | Path, word: str) -> list[str]:
    """Those of its lines that have this word, without the place of the columns."""
    return [" ".join(line.split()) for line in footer(capture) if word in line]


# -- who ended a connection


@pytest.mark.parametrize("client_first", [True, False])
def test_who_owes_a_link_reply_is_who_ended_first(client_first: bool) -> None:
    talk = Talk()
    talk.open()
    talk.send(True, link_message())
    for from_client in (client_first, not client_first):
        talk.send(from_client, flags=FIN | ACK)
    assert bool(said(pcap(talk.packets, 101), "no-reply")) is not client_first


def ended(*last: tuple[bool, int]) -> list[str]:
    """What is said of a connection with these last packets."""
    talk = Talk()
    talk.open()
    talk.send(True, link_message())
    for from_client, flags in last:
        talk.send(from_client, flags=flags)
    return [line.partition(" ended: ")[2] for line in said(pcap(talk.packets, 101), " ended: ")]


FIRST, SECOND = "at 0.000001 (frame 5)", "at 0.000002 (frame 6)"


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ([(True, ACK | FIN), (False, ACK | FIN)], f"FIN of the client {FIRST}, FIN of the server {SECOND}"),
        ([(False, ACK | FIN), (True, ACK | FIN)], f"FIN of the server {FIRST}, FIN of the client {SECOND}"),
        ([(True, RST)], f"RST of the client {FIRST}"),
        ([(False, ACK | FIN), (True, RST)], f"FIN of the server {FIRST}, RST of the client {SECOND}"),
        ([(True, ACK | FIN), (True, RST)], f"FIN and RST of the client {FIRST}"),
        ([(True, ACK | FIN)], f"FIN of the client {FIRST}, no end of the server was captured"),
    ],
)
def test_who_ended_a_connection(last: list[tuple[bool, int]], text: str) -> None:
    assert ended(*last) == [text]


def test_no_end_is_none() -> None:
    assert ended() == []


def test_sides_that_were_named_the_wrong_way_round() -> None:
    """Without the handshake the first packet seen is the server's; its reply says who is who."""
    frames = [packet for number, packet in enumerate(spice_talk()[0]) if number not in (0, 1, 2, 3)]
    (connection,) = [sink.connection for sink in Result(pcap(frames, 101)).sinks]
    assert connection.client[1] == 40000 and list(connection.ends) == ["client", "server"]


@pytest.mark.parametrize("name", names() or ["andris-synthetic", "andris-tls", "qemu-tls13"])
def test_ends_and_bytes_are_those_that_tshark_sees(name: str) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    path = recording(name)
    command = ["tshark", "-r", str(path), "-Y", "tcp", "-T", "fields"]
    for field in ("frame.number", "tcp.stream", "tcp.srcport", "tcp.flags", "tcp.seq", "tcp.len"):
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ends: dict[tuple[int, int], tuple[str, int]] = {}
    sizes: dict[tuple[int, int], int] = {}
    over: set[int] = set()
    for line in done.stdout.splitlines():
        frame, stream, port, flags, seq, size = (int(word, 0) for word in line.split("\t"))
        sender = stream, port
        if flags & (FIN | RST):
            ends.setdefault(sender, ("RST" if flags & RST else "FIN", frame))
        if size and stream not in over:
            sizes[sender] = max(sizes.get(sender, 0), seq + size - 1)
        if flags & RST:
            over.add(stream)
    result = Result(path)
    assert result.sinks
    for sink in result.sinks:
        connection = sink.connection
        for side, (_, port) in (("client", connection.client), ("server", connection.server)):
            end, place = connection.ends.get(side), (connection.tcp_stream, port)
            assert (end and (end.kind.split()[0], end.frame)) == ends.get(place)
            assert connection.sent[side] == sizes.get(place, 0)


# -- who took a session over

FIGHT = CAPTURES / "takeover-fight.pcap"


def test_two_clients_that_push_each_other_out() -> None:
    lines = footer(FIGHT)
    assert "-- connection 1 ended: FIN of the server at 1.015999 (frame 20), FIN of the client at 1.016999 (frame 21)" in lines
    assert [line for line in lines if "taken over" in line] == [
        f"-- session {number}: taken over by connection {number + 1}; the server ended connection {number} (frame {frame})"
        for number, frame in zip(range(1, 6), (20, 34, 48, 62, 76), strict=True)
    ]


def test_a_client_that_comes_when_the_other_is_gone() -> None:
    """The server ended the first one, and the second began behind that: it may have come because of it."""
    with RawPcapReader(str(FIGHT)) as reader:
        frames = [frame for frame, _ in reader]
    first, second, end = frames[:11], frames[11:19], frames[19:22]
    assert said(pcap([*first, *second, *end], 101), "taken over")
    assert not said(pcap([*first, *end, *second], 101), "taken over")
    # The client was first to hang up: nobody pushed it.
    assert not said(pcap([*first, *second, end[1], end[0], end[2]], 101), "taken over")


def conversation(number: int, **other: Any) -> Any:
    values = {"channel": "main", "opened": number, "target": "", "connection_id": 0, "session": number, "ends": {}} | other
    connection = SimpleNamespace(
        number=number,
        client=("10.0.0.2", 40000 + number),
        server=("10.0.0.1", 5900),
        target=values["target"],
        missing={},
        time_ns=values["opened"],
        ends=values["ends"],
    )
    place, session = f"{values['channel']}:0", SimpleNamespace(number=values["session"])
    return SimpleNamespace(
        connection=connection,
        channel=values["channel"],
        place=place,
        session=session,
        connection_id=values["connection_id"],
    )


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ({}, {}, True),
        ({"target": "a:61000"}, {"target": "b:61000"}, False),  # two machines behind one proxy
        ({"connection_id": 7}, {}, False),  # a client that was to migrate and links anew
        ({}, {"session": 1}, False),
        ({}, {"opened": 30}, False),
        ({}, {"channel": "display"}, False),
    ],
)
def test_what_is_a_takeover(first: dict[str, Any], second: dict[str, Any], taken: bool) -> None:
    outcomes = Outcomes()
    old = conversation(1, ends={"server": End("FIN", 20, 9)}, **first)
    display = conversation(3, channel="display", session=1, ends={"server": End("RST", 22, 10)})
    mine = conversation(4, channel="inputs", session=1, ends={"client": End("FIN", 22, 11)})
    new = conversation(2, **second)
    for item, time_ns in ((old, 2), (display, 3), (mine, 4), (new, 21)):
        outcomes.linked(item, time_ns)
    for item in (old, display, mine, new):
        outcomes.closed(item)
    found = [(item.session, item.by, item.connections, item.frame) for item in outcomes.takeovers()]
    assert found == ([(1, 2, (1, 3), 9)] if taken else [])


def test_long_after_the_other_was_accepted() -> None:
    outcomes = Outcomes()
    old, new = conversation(1, ends={"server": End("FIN", 1_100_000_000, 9)}), conversation(2)
    outcomes.linked(old, 2)
    outcomes.linked(new, 21)
    outcomes.closed(old)
    assert outcomes.takeovers() == []


@pytest.mark.parametrize("name", names() or ["andris-synthetic"])
def test_takeovers_of_recordings(name: str) -> None:
    text = "-- session 1: taken over by connection 5; the server ended connections 1, 2, 3 and 4 (frame 136)"
    assert said(recording(name), "taken over") == ([text] if name == "qemu-second-client-kicks-first" else [])


# -- channels that nobody linked

INPUTS, CURSOR = 59538, 59536
"""Ports of two connections of the small recording."""

FRAMES = [(bytes(packet), {packet[TCP].sport, packet[TCP].dport}, packet) for packet in packets()]
LISTED = next(number for number, (frame, _, _) in enumerate(FRAMES) if b"\x03\0\0\0\x02\0\x04\0" in frame)


def without(*ports: int) -> list[bytes]:
    return [frame for frame, ends, _ in FRAMES if not ends & set(ports)]


def test_listed_and_never_linked() -> None:
    assert said(pcap(without(INPUTS)), "listed") == ["-- session 1: listed and never linked in this capture: inputs:0"]
    both = said(pcap(without(INPUTS, CURSOR)), "listed")
    assert both == ["-- session 1: listed and never linked in this capture: cursor:0 and inputs:0"]
    assert said(PLAIN, "listed") == []


@pytest.mark.parametrize("behind", [1, 3])
def test_a_capture_that_is_cut_says_when(behind: int) -> None:
    """It cannot know what came later."""
    text = "-- session 1: listed and not linked before the capture ends, 0.000 s later: display:0, cursor:0 and inputs:0"
    assert said(pcap([frame for frame, _, _ in FRAMES[: LISTED + behind]]), "listed") == [text]


def test_a_capture_that_is_cut_behind_the_last_link_says_nothing() -> None:
    assert said(pcap([frame for frame, _, _ in FRAMES[:-12]]), "listed") == []


def test_a_capture_that_begins_behind_the_list_says_nothing() -> None:
    assert said(pcap([frame for frame, _, _ in FRAMES[LISTED + 1 :]]), "listed") == []


def answered(how: str, *ports: int) -> list[bytes]:
    """The small recording, in which connections from these ports came to nothing."""
    frames = []
    for frame, ends, packet in FRAMES:
        if not ends & set(ports):
            frames.append(frame)
        elif packet[TCP].flags == "S":
            talk = Talk((b"\x7f\0\0\1", packet[TCP].sport), (b"\x7f\0\0\1", packet[TCP].dport))
            talk.send(True, flags=SYN)
            if how == "RST":
                talk.send(False, flags=RST | ACK)
            elif how == "FIN":
                talk.send(False, flags=SYN | ACK)
                talk.send(True)
                talk.send(False, flags=FIN | ACK)
                talk.send(True, flags=FIN | ACK)
            elif how == "ICMP":
                talk.packets.append(bytes(IP(src="127.0.0.1", dst="127.0.0.1") / ICMP(type=3, code=3) / talk.packets[0][:28]))
            frames += [bytes(12) + b"\x08\x00" + made for made in talk.packets]
    return frames


@pytest.mark.parametrize(
    ("how", "words"),
    [("RST", "answered by RST"), ("ICMP", "answered by ICMP port unreachable"), ("FIN", "closed by the server (FIN) before")],
)
def test_listed_and_refused(how: str, words: str) -> None:
    (line,) = said(pcap(answered(how, INPUTS)), "listed")
    assert "warning server channels-refused session 1: listed and refused: inputs:0; 1 connection to 127.0.0.1:5951" in line
    assert words in line and not said(pcap(answered(how, INPUTS)), "never linked")


def test_fewer_refusals_than_channels() -> None:
    cursor = set(without(INPUTS)) - set(without(INPUTS, CURSOR))
    (line,) = said(pcap([frame for frame in answered("RST", INPUTS) if frame not in cursor]), "listed")
    text = "-- session 1: listed and never linked in this capture: cursor:0 and inputs:0"
    assert line.startswith(f"{text}; 1 connection to 127.0.0.1:5951 was answered by RST (frame ")


def test_the_report_of_a_refused_keyboard() -> None:
    path = CAPTURES / "inputs-never-linked.pcap"
    (line,) = said(path, "listed")
    assert "session 1: listed and refused: inputs:0 and cursor:0; 2 connections to 10.0.0.1:5900 were answered by RST" in line
    assert line.endswith("(frames 24 and 26) (frame 26)")
    assert footer(path)[-1].startswith("-- 8 messages, 2 connections, 1 session, 1 warning, 0 bytes undecoded")


def test_a_connection_that_nobody_can_read_may_be_the_one() -> None:
    hello = b"\x16\x03\x01\0\x32\x01\0\0\x2e\x03\x03" + bytes(32) + b"\0\0\x02\x13\x01\x01\0"
    answer = b"\x16\x03\x03\0\x2a\x02\0\0\x26\x03\x03" + bytes(range(1, 33)) + b"\0\x13\x01\0"
    talk = Talk((b"\x7f\0\0\1", 50000), (b"\x7f\0\0\1", 5952))
    talk.open()
    for from_client, data in ((True, hello), (False, answer), (True, b"\x17\x03\x03\0\x14" + bytes(20))):
        talk.send(from_client, data)
    frames = without(INPUTS)
    frames[-20:-20] = [bytes(12) + b"\x08\x00" + packet for packet in talk.packets]
    (line,) = said(pcap(frames), "listed")
    assert line.endswith(
        "listed and not seen to be linked: inputs:0; connection 4 could not be placed and may be for one of them"
    )


def test_many_are_counted() -> None:
    assert enumerated(range(20), most=4) == "0, 1, 2 and 17 more" and enumerated([1]) == "1"


@pytest.mark.parametrize("name", names() or ["andris-synthetic"])
def test_channels_of_recordings(name: str) -> None:
    text = "-- session 1: listed and never linked in this capture: cursor:0 and inputs:0"
    assert said(recording(name), "listed") == ([text] if name == "spicy-screenshot" else [])


def test_a_channel_that_was_asked_for_in_vain() -> None:
    """The server wants TLS for it, and no connection with TLS is in the capture."""
    blocks = Blocks((CAPTURES / "andris-tls.pcapng").read_bytes())
    with PcapNgReader(str(CAPTURES / "andris-tls.pcapng")) as reader:
        ports = [{packet[TCP].sport, packet[TCP].dport} for packet in reader]
    found = said(blocks.without(number for number, ends in enumerate(ports, 1) if 59424 in ends), "listed")
    text = "-- session 1: listed and never linked in this capture: display:0; asked for in vain on connection 3"
    assert found == [text]


TRIALS = ["andris-synthetic", "andris-tls"]
TRIALS += ["qemu-second-client-kicks-first", "kerbside-proxy", "qemu-migration-switch-host"] if names() else []


@pytest.mark.parametrize("name", TRIALS)
def test_nothing_false_is_said_when_a_packet_is_missing(name: str) -> None:
    """Nor when the beginning is. Of what is seen in part, it is said that it was not seen, or when the capture ends."""
    blocks = Blocks(recording(name).read_bytes())
    true = {line.partition("; ")[0] for line in said(recording(name), "taken over")}
    losses = [[number] for number in range(1, blocks.packets + 1)]
    losses += [list(range(1, number)) for number in range(2, blocks.packets, 9)]
    for lost in losses:
        lines = footer(blocks.without(lost))
        words = [
            word
            for word in ("never linked", "refused", "before the capture ends", "tls-alert")
            for line in lines
            if word in line
        ]
        assert not words, (lost[0], lost[-1], words)
        assert len([line for line in lines if "taken over" in line]) <= len(true)


# -- nobody there


def refusal(*flags: tuple[bool, int]) -> list[str]:
    talk = Talk()
    for from_client, flag in flags:
        talk.send(from_client, flags=flag)
    return said(pcap(talk.packets, 101), "refused")


def test_refused_without_any_session() -> None:
    (line,) = refusal((True, SYN), (False, RST | ACK))
    assert line == "!! note server refused a connection to 10.0.0.2:5900 was answered by RST in frame 2"
    assert refusal((True, SYN), (False, SYN | ACK), (True, ACK), (True, FIN | ACK), (False, FIN | ACK)) == []
    assert refusal((True, SYN), (False, SYN | ACK), (True, ACK), (True, RST)) == []
    assert refusal((True, SYN)) == []


def test_one_side_alone_does_not_show_a_refusal() -> None:
    """What the client said is not in the capture."""
    assert refusal((False, SYN | ACK), (False, FIN | ACK)) == []


def test_unreachable_over_ipv6() -> None:
    client, server = (b"\x20\x01" + bytes(13) + b"\x01", 40000), (b"\x20\x01" + bytes(13) + b"\x02", SERVER[1])
    talk = Talk(client, server)
    talk.send(True, flags=SYN)
    answer = bytes(IPv6(src="2001::2", dst="2001::1") / ICMPv6DestUnreach(code=4) / talk.packets[0][:48])
    (line,) = said(pcap([talk.packets[0], answer], 101), "refused")
    assert line.endswith("a connection to [2001::2]:5900 was answered by ICMP port unreachable in frame 2")
    # A later SYN was answered: somebody is there.
    talk.packets.append(answer)
    talk.seq[True] -= 1
    talk.open()
    talk.send(True, flags=FIN | ACK)
    assert said(pcap(talk.packets, 101), "refused") == []


@pytest.mark.parametrize("cut", range(8, 48, 5))
def test_icmp_that_is_cut_says_nothing(cut: int) -> None:
    talk = Talk()
    talk.send(True, flags=SYN)
    whole = bytes(IP(src="10.0.0.2", dst="10.0.0.1") / ICMP(type=3, code=1) / talk.packets[0][:28])
    found = said(pcap([talk.packets[0], whole[: 20 + cut]], 101), "refused")
    assert len(found) == (cut >= 8 + 20 + 4)


# -- JSON lines


def test_records(tmp_path: Path) -> None:
    def records(data: bytes, kind: str) -> list[dict[str, Any]]:
        (tmp_path / "in").write_bytes(data)
        assert main(["decode", "--format", "jsonl", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 0
        found = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
        return [record for record in found if record["record"] == kind]

    first = records(FIGHT.read_bytes(), "end")[0]
    assert [(end["side"], end["kind"], end["frame"]) for end in first["ends"]] == [("server", "FIN", 20), ("client", "FIN", 21)]
    assert first["sent"] == {"client": 180, "server": 254}
    takeover = records(FIGHT.read_bytes(), "takeover")[0]
    assert takeover == {"record": "takeover", "session": 1, "by": 2, "connections": [1], "frame": 20}
    cursor = set(without(INPUTS)) - set(without(INPUTS, CURSOR))
    (unlinked,) = records(pcap([frame for frame in answered("RST", INPUTS) if frame not in cursor]), "unlinked")
    assert (unlinked["channels"], unlinked["whole"]) == (["cursor:0", "inputs:0"], True)
    (refused,) = unlinked["refused"]
    assert (refused["how"], refused["client"]) == ("answered by RST", ["127.0.0.1", INPUTS])
    (last,) = records(FIGHT.read_bytes(), "footer")
    assert last["sent_bytes"] == {"client": 6 * 180, "server": 6 * 254} and round(last["seconds"], 2) == 5.08


# -- totals


def test_totals() -> None:
    totals = footer(PLAIN)[-1]
    client, server = (sum(len(getattr(sink, side)) for sink in Result(PLAIN).sinks) for side in ("client", "server"))
    seconds = float(packets()[-1].time) - float(packets()[0].time)
    assert totals == (
        "-- 22 messages, 4 connections, 1 session, "
        "no problems in reading it (spiceconf lint says whether it may be sent), 0 bytes undecoded; "
        f"client sent {client} bytes, server {server}, in {int(seconds * 1000) / 1000:.3f} s and {len(FRAMES)} frames"
    )
