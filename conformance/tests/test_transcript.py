"""What a transcript makes of the bytes of a conversation."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from conformance.tests.result_samples import Story
from conformance.transcript import Transcript
from conformance.wire_form import link_message, link_reply
from spiceproto import framing
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main


def kinds(transcript: Transcript) -> list[tuple[str, str]]:
    return [(entry.kind, entry.name) for entry in transcript.entries() if entry.kind not in ("open", "step")]


def test_the_link_stage_and_what_follows() -> None:
    story = Story()
    line = story.session()
    story.say(line, "server", common.Ping(7, 99, b""))
    found = kinds(story.transcript)
    assert found[:4] == [("link", "link-header"), ("link", "link-message"), ("link", "link-header"), ("link", "link-reply")]
    assert ("link", "link-result") in found and found[-1] == ("message", "PING")
    assert line.channel == "main:0" and line.counts["server", "PING"] == 2
    ping = story.transcript.entries()[-1]
    assert ping.fields == {"id": 7, "timestamp": 99, "data": ""} and ping.channel == "main:0"
    assert bytes.fromhex(ping.data)[-12:] == (7).to_bytes(4, "little") + (99).to_bytes(8, "little")


def test_it_does_not_matter_how_the_bytes_are_cut() -> None:
    story = Story()
    story.session()
    whole = story.transcript
    again = Transcript("server")
    line = again.open(1, 0.0, secure=False)
    for chunk in whole.chunks:
        for at in range(len(chunk.data)):
            line.sent(chunk.sender, chunk.data[at : at + 1], 0.0)
    assert kinds(again) == kinds(whole) and line.counts == whole.lines[0].counts
    assert b"".join(chunk.data for chunk in again.chunks) == b"".join(chunk.data for chunk in whole.chunks)


def test_bytes_that_are_nothing_are_kept() -> None:
    transcript = Transcript("server")
    line = transcript.open(1, 0.0, secure=False)
    line.sent("client", link_message(1, magic=b"HTTP"), 0.0)
    line.sent("server", b"\x00\x01", 0.5)
    line.closed("server", 1.0)
    assert line.bytes_of("server", 0, 2) == b"\x00\x01"
    assert [chunk.data for chunk in transcript.chunks][1] == b"\x00\x01"
    assert transcript.entries()[-1].kind == "close"


def finding(transcript: Transcript) -> list[str]:
    return [seen.requirement for seen in transcript.seen]


def init_twice(role: str, *, spoil: bool) -> Transcript:
    """A server that says INIT twice."""
    story = Story(role)
    line = story.session()
    line.spoiled = spoil
    story.say(
        line,
        "server",
        main.Init(
            session_id=2,
            display_channels_hint=1,
            supported_mouse_modes=1,
            current_mouse_mode=1,
            agent_connected=0,
            agent_tokens=10,
            multi_media_time=1,
            ram_hint=0,
        ),
    )
    return story.transcript


def test_the_rules_see_what_the_target_breaks() -> None:
    transcript = init_twice("server", spoil=False)
    assert set(finding(transcript)) == {"SPICE-MAIN-002"}
    assert (transcript.seen[0].channel, transcript.seen[0].tolerated) == ("main:0", False)


def test_a_spoiled_line_is_not_judged() -> None:
    assert finding(init_twice("server", spoil=True)) == []


def test_what_the_suite_breaks_spoils_the_line() -> None:
    transcript = init_twice("client", spoil=False)
    assert finding(transcript) == [] and transcript.lines[0].spoiled


def said(*data: bytes, closed: str = "", how: str = "", half: bool = False) -> Transcript:
    """A session whose server says these bytes behind its INIT."""
    story = Story()
    line = story.session()
    line.half_closed = half
    for piece in data:
        story.raw(line, "server", piece)
    if closed:
        story.close(line, closed, how)
    return story.transcript


MINI = framing.Writer(True)


@pytest.mark.parametrize(
    ("frame", "requirement", "found"),
    [
        (MINI.frame(4, bytes(11)), "SPICE-FRAME-041", ("timestamp", "byte 4")),
        (MINI.frame(framing.LIST, b"\1\0\xff\0\0\0"), "SPICE-FRAME-042", ("sub_list.sub_messages[0]", "byte 2")),
        (struct.pack("<HL", 4, 1 << 20), "SPICE-FRAME-012", ("PING", "size")),
        (struct.pack("<HL", 4, 0xFFFFFFFF), "SPICE-FRAME-012", ("PING", "size")),
    ],
)
def test_bytes_that_cannot_be_read_are_the_target_s(frame: bytes, requirement: str, found: tuple[str, ...]) -> None:
    transcript = said(frame)
    (seen,) = transcript.seen
    assert seen.requirement == requirement and all(word in seen.text for word in found)
    assert seen.expected and seen.actual and not transcript.lines[0].spoiled


def test_a_target_does_not_close_inside_a_message() -> None:
    ping = MINI.frame(4, bytes(12))
    (seen,) = said(ping[:9], closed="server").seen
    assert (seen.requirement, seen.expected, seen.actual) == ("SPICE-FRAME-043", "18 bytes", "9 bytes")
    assert [item.requirement for item in said(ping[:3], closed="server").seen] == ["SPICE-FRAME-043"]
    assert not said(ping, closed="server").seen
    assert not said(ping[:9]).seen  # the rest may still come
    assert not said(ping[:9], closed="client").seen
    assert not said(ping[:9], closed="server", how="reset").seen
    assert not said(ping[:9], closed="server", half=True).seen


def test_what_the_suite_cuts_spoils_the_line() -> None:
    story = Story("client")
    line = story.session()
    story.raw(line, "server", struct.pack("<HL", 4, 1 << 20))
    assert line.spoiled and not story.transcript.seen


def closed_early(by: str) -> list[str]:
    transcript = Transcript("server")
    line = transcript.open(1, 0.0, secure=False)
    line.sent("client", link_message(ChannelType.CURSOR, 0, 5), 0.0)
    line.closed(by, 1.0)
    return finding(transcript)


def test_a_client_that_leaves_cannot_blame_the_server_for_its_silence() -> None:
    assert closed_early("client") == []
    assert "SPICE-LINK-029" in closed_early("server")


def test_a_connection_is_closed_once() -> None:
    transcript = Transcript("server")
    line = transcript.open(1, 0.0, secure=False)
    line.closed("client", 1.0)
    line.closed("server", 2.0)
    assert [(entry.kind, entry.sender) for entry in transcript.entries()] == [("open", ""), ("close", "client")]


def test_a_refusal() -> None:
    transcript = Transcript("server")
    line = transcript.open(1, 0.0, secure=False)
    line.sent("client", link_message(ChannelType.CURSOR, 0, 5), 0.0)
    line.sent("server", link_reply(b"", error=7), 0.1)
    (reply,) = [entry for entry in transcript.entries() if entry.name == "link-reply"]
    fields: Any = reply.fields
    assert fields["error"] == "PERMISSION_DENIED" and line.established is None


def test_large_bodies_are_shown_in_part() -> None:
    story = Story()
    line = story.session()
    story.say(line, "server", common.Ping(7, 99, bytes(100_000)))
    entry = story.transcript.entries()[-1]
    assert entry.size > 100_000 and len(entry.data) // 2 == 4096


def test_a_half_header_of_the_suite_spoils_the_line_when_the_target_closes() -> None:
    transcript = Transcript("server")
    line = transcript.open(1, 0.0, secure=False)
    line.sent("client", link_message(ChannelType.MAIN)[:3], 0.0)
    line.sent("server", link_reply(b"", error=3), 0.1)
    line.closed("server", 0.2)
    assert line.spoiled and finding(transcript) == []
