"""Captures of sessions that were running already, and of others that are none."""

from __future__ import annotations

import argparse
import random
import struct
from collections.abc import Callable
from typing import cast

import pytest

from spiceproto import agent, dispatch
from spiceproto.capture import midsession
from spiceproto.capture.evidence import points
from spiceproto.capture.midsession import MidSession
from spiceproto.capture.places import Place
from spiceproto.command.decode import decode_as
from spiceproto.tests.capture_samples import CLIENT, SERVER, Talk, ethernet, link_message, link_reply, pcap
from spiceproto.tests.cut_recordings import Heard, Recording, Score, decoded, lost_in_link
from spiceproto.tests.recorded import names, recording

RECORDINGS = ["qemu-port", "spicy-basic", "qemu-draw-lz", "qemu-ac97-record-opus", "andris-xev", "spicy-webdav"]
EPHEMERAL = (CLIENT[0], 50000)


def said(*messages: tuple[int, bytes]) -> bytes:
    """Messages under mini headers."""
    return b"".join(struct.pack("<HI", number, len(body)) + body for number, body in messages)


def heard(talk: Talk) -> list[Heard]:
    """What is decoded of a conversation."""
    return list(decoded(pcap(map(ethernet, talk.packets))).heard.values())


ACK = (2, b"")
MOTION = (111, struct.pack("<iiH", 3, -1, 0))
MOTION_ACK = (111, b"")
SET_ACK = (3, struct.pack("<II", 1, 20))
ACK_SYNC = (1, struct.pack("<I", 1))


@pytest.mark.parametrize("server_first", [False, True])
def test_channel_and_ends_are_recognised(server_first: bool) -> None:
    """Bodies say which channel it is and who is the server, whoever speaks first."""
    talk = Talk(EPHEMERAL, SERVER)
    if server_first:
        talk.send(False, said(MOTION_ACK))
    for _ in range(4):
        talk.send(True, said(MOTION))
    talk.send(False, said(MOTION_ACK))
    (found,) = heard(talk)
    assert found.kind == ("inputs", True, ("10.0.0.2", 5900))
    assert len(found.messages) == 5 + server_first


def test_common_messages_leave_the_channel_unknown() -> None:
    """What every channel says names none; it is decoded."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(False, said(SET_ACK))
    talk.send(True, said(ACK_SYNC))
    talk.send(True, said(ACK))
    talk.send(True, said(ACK))
    (found,) = heard(talk)
    assert found.kind == ("", True, ("10.0.0.2", 5900))
    assert found.conversation.table == dispatch.COMMON
    assert [told.message[1] for told in found.messages] == [3, 1, 2, 2]


def test_full_headers() -> None:
    """Serials that count are good evidence."""
    talk = Talk(EPHEMERAL, SERVER)
    for serial in range(70, 76):
        talk.send(True, struct.pack("<QHII", serial, 111, 10, 0) + MOTION[1])
    (found,) = heard(talk)
    assert found.kind == ("inputs", False, ("10.0.0.2", 5900)) and len(found.messages) == 6


def test_begins_inside_a_message() -> None:
    """What is left of a message is skipped, whether or not the next one begins a segment."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(True, b"\xff" * 7 + said(MOTION, MOTION))
    for _ in range(4):
        talk.send(True, said(MOTION))
    (found,) = heard(talk)
    assert found.kind[0] == "inputs" and len(found.messages) == 6


def test_other_connections_of_a_known_server_need_less() -> None:
    """One connection is clear, so another to the same server is taken for SPICE for a single message."""
    clear, idle = Talk(EPHEMERAL, SERVER), Talk((CLIENT[0], 50001), SERVER)
    idle.send(False, said((4, struct.pack("<IQ", 1, 2))))
    for _ in range(6):
        clear.send(True, said(MOTION))
    clear.packets = idle.packets + clear.packets
    assert sorted(found.kind[0] for found in heard(clear)) == ["", "inputs"]
    assert heard(idle) == []


def _counter(start: int) -> bytes:
    return b"".join(struct.pack("<I", number) for number in range(start, start + 50_000))


FOREIGN: dict[str, Callable[[random.Random], bytes]] = {
    "random": lambda chance: chance.randbytes(300_000),
    "zeros": lambda chance: bytes(300_000),
    "ones": lambda chance: b"\xff" * 300_000,
    "text": lambda chance: b"All work and no play makes Jack a dull boy.\r\n" * 5000,
    "counter": lambda chance: _counter(chance.randrange(1000)),
    "small numbers": lambda chance: b"".join(struct.pack("<H", chance.randrange(200)) for _ in range(100_000)),
    "pixels": lambda chance: b"".join(chance.choice((b"\0\0\0\xff", b"\x65\0\0\0", b"\x2e\1\0\0")) for _ in range(60_000)),
    "sound": lambda chance: b"".join(struct.pack("<h", 200 * (item % 99 - 49)) for item in range(100_000)),
    "TLS": lambda chance: b"".join(b"\x17\3\3\4\0" + chance.randbytes(1024) for _ in range(200)),
    "HTTP": lambda chance: b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + chance.randbytes(200_000),
    "SSH": lambda chance: b"SSH-2.0-OpenSSH_9.2\r\n" + chance.randbytes(100_000),
    "VNC": lambda chance: b"".join(struct.pack(">BxH4HI", 0, 1, 3, 5, 16, 16, 0) + chance.randbytes(1024) for _ in range(200)),
    "DNS": lambda chance: b"".join(struct.pack(">H", 60) + chance.randbytes(60) for _ in range(2000)),
    "type and size": lambda chance: b"".join(struct.pack("<HI", 101, 300) + chance.randbytes(300) for _ in range(500)),
    "headers": lambda chance: b"".join(
        struct.pack("<HI", chance.randrange(330), 40) + chance.randbytes(40) for _ in range(4000)
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_traffic_is_not_spice(kind: str) -> None:
    """Both ends, or one alone, from any byte on; a type and a size prove nothing while bodies are free."""
    for seed in range(4):
        chance = random.Random(seed)
        data = FOREIGN[kind](chance)
        talk = Talk(EPHEMERAL, SERVER)
        start = chance.randrange(900) if kind != "type and size" and seed else 0
        for at in range(start, len(data), 1448):
            talk.send(False, data[at : at + 1448])
            if seed & 1:
                talk.send(True, data[at + 70 : at + 130])
        result = decoded(pcap(map(ethernet, talk.packets)))
        assert not result.heard, f"seed {seed}"


@pytest.mark.parametrize(
    ("table", "sender", "number", "body"),
    [
        ("inputs", "server", 102, b"\xff\xff"),
        ("display", "server", 302, bytes(4) + struct.pack("<4i", 9, 9, 3, 3) + bytes(40)),
        ("inputs", "client", 111, MOTION[1] + b"x"),
        ("main", "server", 109, bytes(2049)),
        ("playback", "server", 103, struct.pack("<IHII", 200, 1, 44100, 0)),
    ],
)
def test_impossible_bodies(table: str, sender: str, number: int, body: bytes) -> None:
    """Flags without names, a rectangle upside down, bytes behind the end, too long, two hundred channels of sound."""
    row = dispatch.row(table, sender, number)
    assert row is not None and points(row, body) is None


@pytest.mark.skipif(not names(), reason="set SPICEPROTO_CAPTURES to a folder with recordings")
def test_cut_recordings() -> None:
    """The messages of recordings that begin in the middle are right."""
    score = Score()
    for name in names()[::3]:
        whole = Recording(recording(name))
        for cut in whole.cuts(3):
            score.add(whole, cut)
    assert score.right > 20_000
    assert score.wrong * 10_000 <= score.right and score.missed * 100 <= score.right, score.said
    busy = {key: count for key, count in score.decisions.items() if key[2]}
    named = sum(count for (truth, decided, _), count in busy.items() if truth == decided)
    assert named >= 0.95 * sum(busy.values()), busy
    assert all(decided in (truth, "unknown", "silent") for truth, decided, _ in score.decisions), score.decisions


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_packet_of_a_link_stage_lost(name: str) -> None:
    """Whatever packet of a link stage the capture lacks, the channel is decoded."""
    trials = 0
    for truth, frame, found in lost_in_link(Recording(recording(name))):
        trials += 1
        assert found is not None and found.kind == truth.kind, f"packet {frame}"
        assert len(found.messages) >= len(truth.messages) - 2, f"packet {frame}"
    assert trials > 10


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ((None, 5900), "cursor"),
        (("10.0.0.2", 5900), "cursor"),
        ((None, 50000, None, 5900), "cursor"),
        (("10.0.0.1", 50000, "10.0.0.2", 5900), "cursor"),
        (("10.0.0.1", 50000, None, 5900), "cursor"),
        (("10.0.0.1", 50001, None, 5900), ""),
        (("10.0.0.9", 50000, None, 5900), ""),
    ],
)
@pytest.mark.parametrize("server_first", [False, True])
def test_named_by_connection(place: Place, found: str, server_first: bool) -> None:
    """A channel can be said for a port, a server, or one connection, whoever is seen first."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(not server_first, said(ACK if not server_first else SET_ACK))
    talk.send(server_first, said(SET_ACK if not server_first else ACK))
    talk.send(True, said(ACK))
    (one,) = decoded(pcap(map(ethernet, talk.packets)), {place: "cursor"}).heard.values()
    assert one.kind == (found, True, ("10.0.0.2", 5900))


def test_more_said_wins() -> None:
    """What is said of one connection goes before what is said of its port."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(True, said(ACK))
    named: dict[Place, str] = {(None, 5900): "display", (None, 50000, None, 5900): "cursor"}
    (one,) = decoded(pcap(map(ethernet, talk.packets)), named).heard.values()
    assert one.kind[0] == "cursor"


def test_options_of_decode_as() -> None:
    """The words of the command line."""
    assert decode_as(":5900=display:1") == ((None, 5900), "display:1")
    assert decode_as("[::1]:40000-[::1]:5900=main") == (("::1", 40000, "::1", 5900), "main")
    assert decode_as(":40000-127.0.0.1:5900=") == ((None, 40000, "127.0.0.1", 5900), "")
    with pytest.raises(argparse.ArgumentTypeError):
        decode_as("40000-:x=main")


def test_agent_message_begun_before() -> None:
    """The rest of an agent message is no malformed one; the next is read."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(True, said((107, b"\7" * 900)))
    for kind in (7, 8, 8):
        talk.send(True, said((107, agent.chunks(kind, struct.pack("<4B2I", 0, 0, 0, 0, 1, 1)[: 12 if kind == 7 else 8])[0])))
    found = decoded(pcap(map(ethernet, talk.packets)))
    assert [problem.code for problem in found.problems if "agent" in problem.code] == ["agent-message-begun"]
    assert not any(problem.severity == "error" for problem in found.problems)
    assert len(found.agents) == 3


def test_displays_are_told_apart() -> None:
    """Two channels of a kind get ids in the order in which they were recognised."""
    first, second = Talk(EPHEMERAL, SERVER), Talk((CLIENT[0], 50001), SERVER)
    for talk in (first, second):
        for _ in range(4):
            talk.send(False, said((302, struct.pack("<I4iB", 0, 0, 0, 9, 9, 0) + struct.pack("<BIHB2iI", 1, 7, 8, 0, 0, 0, 0))))
    first.packets += second.packets
    assert [(item.kind[0], item.conversation.channel_id) for item in heard(first)] == [("display", 0), ("display", 1)]


@pytest.mark.parametrize("cut", range(20, 34))
def test_other_end_begins_inside_a_message(cut: int) -> None:
    """What is left of a long message is skipped; what follows is told as soon as it is clear, not when the connection ends."""
    whole = Recording(recording("qemu-agent-mouse"))
    (found,) = (item for item in decoded(whole.blocks.cut(cut)).heard.values() if item.conversation.channel == "main")
    truth = whole.truth[found.ends]
    server = truth.conversation.connection.server
    want = [told.message for told in truth.messages if told.frame > cut and told.message[0] == server]
    assert len(want) > 7
    have = [told.message for told in found.messages if told.message[0] == server]
    assert [item[:4] for item in have] == [item[:4] for item in want]
    assert all(0 <= told[4] - sent[4] < 1_000_000 for told, sent in zip(have, want, strict=True))


INPUTS: dict[Place, str] = {(None, SERVER[1]): "inputs"}


@pytest.mark.parametrize("rest", [b"", b"\xff" * 7], ids=["whole", "inside-a-message"])
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("mini", [True, False], ids=["mini", "full"])
def test_header_under_a_named_channel(mini: bool, count: int, rest: bytes) -> None:
    """Who names the channel need not know which header its messages have."""
    talk = Talk(EPHEMERAL, SERVER)
    for serial in range(1, count + 1):
        header = struct.pack("<HI", *(MOTION[0], 10)) if mini else struct.pack("<QHII", serial, MOTION[0], 10, 0)
        talk.send(True, (rest if serial == 1 else b"") + header + MOTION[1])
    talk.send(False, struct.pack("<HI", 111, 0) if mini else struct.pack("<QHII", 1, 111, 0, 0))
    (found,) = decoded(pcap(map(ethernet, talk.packets)), INPUTS).heard.values()
    assert found.kind == ("inputs", mini, ("10.0.0.2", 5900))
    assert len(found.messages) == count + 1


def test_header_that_nothing_shows() -> None:
    """A named channel of which no message is whole is taken to have mini headers, as it is everywhere."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(True, said(MOTION)[:9])
    (found,) = decoded(pcap(map(ethernet, talk.packets)), INPUTS).heard.values()
    assert found.conversation.mini_header and not found.messages


def test_thousands_of_unknown_connections_do_not_look_at_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in all of them together is counted, and room is made for many at once."""
    frames: list[bytes] = []
    asked = 0
    for number in range(400):
        talk = Talk((bytes((10, 0, number >> 8, number & 255)), 50000), SERVER)
        talk.send(True, random.Random(number).randbytes(1000))
        frames += map(ethernet, talk.packets)
    size = cast(property, vars(MidSession)["size"]).fget
    assert size is not None

    def counted(item: MidSession) -> int:
        nonlocal asked
        asked += 1
        return int(size(item))

    monkeypatch.setattr(midsession, "UNRECOGNISED_BYTES", 100_000)
    monkeypatch.setattr(MidSession, "size", property(counted))
    assert decoded(pcap(frames)).heard == {}
    assert asked < 6000


def test_a_server_whose_first_bytes_may_be_missing_is_not_blamed() -> None:
    """The capture begins with the link message and lacks the reply: what comes first of the server is no reply."""
    talk = Talk(EPHEMERAL, SERVER)
    talk.send(True, link_message())
    talk.seq[False] += 194
    talk.send(False, bytes(4))
    talk.send(False, said(MOTION_ACK, ACK_SYNC))
    found = decoded(pcap(map(ethernet, talk.packets)))
    assert [problem.code for problem in found.problems if problem.severity == "error"] == []


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_packet_of_a_channel_that_nobody_knows_is_lost(lost: int) -> None:
    """Its link message may be there; what is said on it means nothing."""
    channel = bytearray(link_message())
    channel[20] = 77
    talk = Talk(EPHEMERAL, SERVER)
    talk.open()
    talk.send(True, bytes(channel))
    talk.send(False, link_reply())
    talk.send(True, bytes(128))
    talk.send(False, bytes(4))
    for _ in range(3):
        talk.send(False, said(SET_ACK, MOTION_ACK))
        talk.send(True, said(ACK_SYNC, MOTION))
    del talk.packets[2 + lost]
    (found,) = heard(talk)
    assert found.conversation.channel in ("channel-77", "inputs", "")
