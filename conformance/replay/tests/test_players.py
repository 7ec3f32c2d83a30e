"""Recordings played to both references: nothing differs from one's own, and a fault differs where it is."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest

from conformance.address import open_target
from conformance.replay.bound import Binding
from conformance.replay.pacing import Steps, Window
from conformance.replay.player import LINK, Pace
from conformance.replay.recording import Recording, Said, read
from conformance.replay.replay import play
from conformance.replay.tests.played import ANDRIS, SEABIOS, against, facts, recorded
from conformance.replay.tokens import NO_AGENT, Tokens
from spiceproto import dispatch
from spiceproto.messages import common, display, main
from spiceproto.tests.recorded import recording


@pytest.mark.parametrize("capture", [SEABIOS, ANDRIS], ids=["seabios", "andris"])
@pytest.mark.parametrize("address", ["ref:server", "ref:client"])
def test_nothing_differs_from_ones_own(address: str, capture: Path, tmp_path: Path) -> None:
    own = recorded(tmp_path, address, capture)
    played, found = against(own, address, all=True)
    assert facts(found) == [] and found.counts["same"] > 8
    assert played.said and not played.unsaid and not played.absent and not played.remarks


@pytest.mark.parametrize(
    ("fault", "fact"),
    [
        ("list-without-cursor", ("differs", "main:0", "CHANNELS_LIST", ("cursor:0",))),
        ("no-inputs-init", ("missing", "inputs:0", "INIT", ())),
        ("init-twice", ("more", "main:0", "INIT", ())),
        ("list-with-main", ("differs", "main:0", "CHANNELS_LIST", ("main:0",))),
        ("no-cursor-init", ("missing", "cursor:0", "INIT", ())),
        ("list-unasked", ("more", "main:0", "CHANNELS_LIST", ())),
        ("base-last", ("more", "main:0", "BASE_LAST", ())),
    ],
)
def test_a_fault_of_the_server_is_what_differs(fault: str, fact: tuple[object, ...], tmp_path: Path) -> None:
    _, found = against(recorded(tmp_path, "ref:server"), f"ref:server?fault={fault}")
    beside = [("absent", "cursor:0", LINK, ())] if fault == "list-without-cursor" else []
    assert facts(found) == [fact, *beside]


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        ("no-pong-on-inputs", [("missing", "inputs:0", "PONG", ())] * 2),
        ("no-ack-sync", [("missing", "display:0", "ACK_SYNC", ()), ("missing", "cursor:0", "ACK_SYNC", ())]),
    ],
)
def test_a_fault_of_the_client_is_what_differs(fault: str, wanted: list[tuple[object, ...]], tmp_path: Path) -> None:
    _, found = against(recorded(tmp_path, "ref:client"), f"ref:client?fault={fault}")
    assert facts(found) == wanted


@pytest.mark.parametrize("address", ["ref:server", "ref:client"])
@pytest.mark.parametrize(
    "name",
    ["html5-debian", "qemu-agent-clipboard", "qemu-multi-display-2", "qemu-port", "qemu-stream-gradient", "xspice-cursor"],
)
def test_recordings_of_others_are_played_to_their_end(name: str, address: str) -> None:
    found = read(recording(name))
    played, compared = against(found, address)
    own = "client" if address == "ref:server" else "server"
    repeated = [said for said in found.messages if said.sender == own and not said.inside]
    by_itself = [said for said in repeated if own == "client" and said.name in ("ACK", "ACK_SYNC", "PONG")]
    assert played.said + len(played.unsaid) == len(repeated) - len(by_itself)
    assert not played.closed and not played.remarks
    # Each message of the recording's other side is in a row, or counted among those that are not compared.
    rows = sum(row.number > 0 for row in compared.rows) + sum(item.recorded for item in compared.left)
    assert rows == sum(said.sender != own for said in found.messages)


def test_other_servers_differ_in_what_they_are() -> None:
    played, found = against(read(ANDRIS), "ref:server")
    assert ("more", "main:0", "NAME", ()) in facts(found)
    assert {item.why for item in played.unsaid} == {NO_AGENT}
    assert [item.said.name for item in played.unsaid] == ["AGENT_START", "AGENT_DATA", "AGENT_DATA"]
    left = {(item.channel, item.name): (item.recorded, item.found) for item in found.left}
    assert left["display:0", "DRAW_COPY"] == (1, 1) and left["main:0", "AGENT_DATA"] == (2, 0)


def test_what_came_at_another_place_has_moved() -> None:
    _, found = against(read(ANDRIS), "ref:client")
    assert ("moved", "main:0", "ATTACH_CHANNELS", ()) in facts(found)
    assert found.counts["missing"] == found.counts["more"] == 0


def test_a_message_waits_for_what_came_before_it() -> None:
    """A server that asks late is answered late: what was said is in the order of the recording, by cause."""
    target = open_target("ref:server")
    _, transcript = play(read(SEABIOS), target)
    names = [
        (entry.sender, entry.name) for entry in transcript.entries() if entry.kind == "message" and entry.channel == "main:0"
    ]
    assert (
        names.index(("server", "UUID")) < names.index(("client", "ATTACH_CHANNELS")) < names.index(("server", "CHANNELS_LIST"))
    )


def test_pace_keeps_the_times_of_the_recording(tmp_path: Path) -> None:
    own = recorded(tmp_path, "ref:client")
    slow = msgspec.structs.replace(
        own,
        events=tuple([msgspec.structs.replace(event, at=3.0 if place > 4 else 0.0) for place, event in enumerate(own.events)]),
    )
    target = open_target("ref:client")
    played, transcript = play(slow, target, Pace(speed=2.0))
    times = [chunk.at for chunk in transcript.chunks if chunk.sender == "server"]
    assert max(times) >= 1.5 and played.seconds >= 1.5
    assert all(time < 3.0 for time in times)


def test_steps() -> None:
    out = io.StringIO()
    played, _ = against(read(SEABIOS), "ref:server", pace=Pace(steps=Steps(io.StringIO("\nq\n"), out)))
    assert played.said == 1 and {item.why for item in played.unsaid} == {"it was not wanted"}
    assert out.getvalue().splitlines()[0].startswith("6 main:0 ATTACH_CHANNELS")
    played, _ = against(read(SEABIOS), "ref:server", pace=Pace(steps=Steps(io.StringIO("c\n"), io.StringIO())))
    assert played.said == 3 and not played.unsaid
    played, _ = against(read(SEABIOS), "ref:server", pace=Pace(steps=Steps(io.StringIO(""), io.StringIO())))
    assert played.said == 0


def _said(channel: tuple[str, int], sender: str, value: object, serial: int = 1) -> Said:
    number, body = dispatch.build(channel[0], sender, value)
    return Said(1, 0.0, channel, sender, number, body, serial)


def test_clocks_and_sessions_are_bound_afresh() -> None:
    binding = Binding()
    binding.session_id = 77
    init = main.Init(
        session_id=7,
        display_channels_hint=1,
        supported_mouse_modes=1,
        current_mouse_mode=1,
        agent_connected=0,
        agent_tokens=10,
        multi_media_time=(1 << 32) - 500,
        ram_hint=5,
    )
    body = binding.body(_said(("main", 0), "server", init), init, 1.5)
    assert dispatch.parse("main", "server", 103, body) == msgspec.structs.replace(init, session_id=77, multi_media_time=1000)
    name = main.Name(b"x\0")
    assert binding.body(_said(("main", 0), "server", name), name, 1.5) == b"\x02\0\0\0x\0"


def test_serials_are_bound_afresh() -> None:
    binding = Binding()
    binding.sent(_said(("display", 0), "server", display.Mark(), serial=40), 12)
    wait = common.WaitForChannels((common.ChannelWait(2, 0, 40), common.ChannelWait(2, 1, 3)))
    body = binding.body(_said(("cursor", 0), "server", wait), wait, 0.0)
    bound = dispatch.parse("cursor", "server", 5, body)
    assert [item.message_serial for item in bound.wait_list] == [12, 3]


def test_streams_are_bound_afresh() -> None:
    binding, channel = Binding(), ("display", 0)
    report = display.StreamReport(
        stream_id=3,
        unique_id=900,
        start_frame_mm_time=1000,
        end_frame_mm_time=1100,
        num_frames=5,
        num_drops=0,
        last_frame_delay=20,
        audio_delay=0,
    )
    binding.recorded(channel, display.StreamActivateReport(stream_id=3, unique_id=900, max_window_size=5, timeout_ms=1000))
    said = _said(channel, "client", report)
    assert binding.missing(said, report)
    binding.heard(channel, display.StreamActivateReport(stream_id=0, unique_id=17, max_window_size=5, timeout_ms=1000))
    binding.clock = 50
    assert not binding.missing(said, report)
    bound = dispatch.parse("display", "client", said.type, binding.body(said, report, 0.0))
    assert (bound.stream_id, bound.unique_id, bound.start_frame_mm_time) == (0, 17, 1050)


def test_windows_are_those_of_the_recording() -> None:
    window = Window()
    window.sent(common.SetAck(1, 2))
    for _ in range(5):
        assert not window.blocked
        window.sent(display.Mark())
    assert window.blocked
    window.heard(common.Ack())
    assert window.blocked
    window.heard(common.AckSync(1))
    window.heard(common.Ack())
    assert not window.blocked
    window.sent(display.Mark())
    window.sent(display.Mark())
    assert window.blocked
    window.give_up()
    assert not window.blocked


def test_tokens() -> None:
    tokens = Tokens()
    tokens.heard(
        main.Init(
            session_id=7,
            display_channels_hint=1,
            supported_mouse_modes=1,
            current_mouse_mode=1,
            agent_connected=1,
            agent_tokens=1,
            multi_media_time=0,
            ram_hint=0,
        )
    )
    assert tokens.ready()
    tokens.spent()
    assert not tokens.ready() and tokens.connected
    tokens.heard(main.AgentToken(2))
    assert tokens.ready()
    tokens.heard(main.AgentDisconnected(0))
    assert not tokens.ready()
    tokens.heard(main.AgentConnectedTokens(0))
    assert tokens.connected and not tokens.ready()


def test_a_list_of_messages_is_said_again_as_it_was(tmp_path: Path) -> None:
    against(read(SEABIOS), "ref:server?fault=counts-messages-in-messages", save=tmp_path / "list.pcapng")
    listed = read(tmp_path / "list.pcapng")
    played, found = against(listed, "ref:client", save=tmp_path / "again.pcapng")
    again = read(tmp_path / "again.pcapng")

    def inside(recording: Recording) -> list[tuple[str, bool]]:
        return [
            (said.name, said.inside) for said in recording.messages if said.sender == "server" and said.name in ("LIST", "PING")
        ]

    assert inside(again) == inside(listed) and any(found for _, found in inside(again))
    assert not played.unsaid and found.rows


def test_the_target_is_left() -> None:
    _, transcript = play(read(SEABIOS), open_target("ref:server"))
    closed = {entry.connection for entry in transcript.entries() if entry.kind == "close"}
    assert closed == {chunk.connection for chunk in transcript.chunks} == {1, 2, 3, 4}
