"""The pictures of ``spiceproto render``: video in its time, and what could not be drawn, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiceproto import dispatch
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.layers import Connection
from spiceproto.capture.sessions import Gathered
from spiceproto.capture.streams import Capture
from spiceproto.command import main as command
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.main import MouseMode
from spiceproto.messages import display, main
from spiceproto.report import said
from spiceproto.report.pictures import Pictures
from spiceproto.report.said import Said
from spiceproto.tests import canvas_messages as make
from spiceproto.tests import incomplete
from spiceproto.tests.recorded import recording
from spiceproto.tests.test_canvas_display import ALL, H, W
from spiceproto.tests.test_canvas_streams import GREY, frame, near, stream

START = 1_700_000_000_000_000_000
MS = 1_000_000


class Playing:
    """Pictures of one session, told by hand what a capture says; times are milliseconds from the start of the capture."""

    def __init__(self, **options: Any) -> None:
        self.pictures = Pictures(**options)
        self.pictures.begin(Decoder("unread", self.pictures))
        self.session = Gathered(1)
        self.emits: dict[str, Any] = {}

    def say(self, channel: str, value: Any, time: float) -> None:
        if channel not in self.emits:
            conversation = Conversation(Connection(Capture("unread"), 0, START, 1))
            conversation.channel = conversation.table = channel
            conversation.session = self.session
            self.pictures.connection(conversation)
            self.emits[channel] = self.pictures.lane(conversation, "server")
        number, body = dispatch.build(channel, "server", value)
        self.emits[channel](number, body, 1, START + int(time * MS), (1,))

    def begin(self, clock: int) -> None:
        """The clock, a surface and a stream."""
        self.say(
            "main",
            main.Init(
                session_id=1,
                display_channels_hint=1,
                supported_mouse_modes=MouseMode.SERVER,
                current_mouse_mode=MouseMode.SERVER,
                agent_connected=0,
                agent_tokens=10,
                multi_media_time=clock,
                ram_hint=0,
            ),
            0,
        )
        self.surface(1)
        self.say("display", stream(), 2)

    def surface(self, time: float) -> None:
        format, flags = SurfaceFmt._32_xRGB, SurfaceFlags.PRIMARY
        self.say("display", display.SurfaceCreate(surface_id=0, width=W, height=H, format=format, flags=flags), time)

    @property
    def grey(self) -> bool:
        (screen,) = self.pictures.screens.values()
        assert screen.display.primary is not None
        return near(screen.display.primary.pixels, np.full((H, W), GREY, np.uint32))


def test_video_is_held_until_its_time() -> None:
    playing = Playing()
    playing.begin(5000)
    playing.say("display", frame(5400, GREY), 10)
    playing.say("display", display.Mark(), 399)
    assert not playing.grey
    playing.say("display", display.Mark(), 401)
    assert playing.grey


def test_the_clock_is_set_anew() -> None:
    playing = Playing()
    playing.begin(5000)
    playing.say("display", frame(5400, GREY), 10)
    playing.say("main", main.MultiMediaTime(5380), 20)
    playing.say("display", display.Mark(), 39)
    assert not playing.grey
    playing.say("display", display.Mark(), 41)
    assert playing.grey


def test_without_a_clock_video_is_shown_as_it_comes() -> None:
    playing = Playing()
    playing.surface(1)
    playing.say("display", stream(), 2)
    playing.say("display", frame(5400, GREY), 3)
    assert playing.grey


def test_what_waits_at_the_end_is_shown() -> None:
    playing = Playing()
    playing.begin(5000)
    playing.say("display", frame(5400, GREY), 10)
    playing.pictures.finish()
    assert playing.grey


@pytest.mark.parametrize(("at", "shown"), [(0.3, False), (0.45, True)])
def test_a_picture_at_a_time_has_the_video_of_that_time(at: float, shown: bool) -> None:
    """Although nothing is on the wire when the frame is shown."""
    seen: list[bool] = []

    def tick(now: float) -> float:
        if now < 0:
            return at
        seen.append(playing.grey)
        return 1e9

    playing = Playing(tick=tick)
    playing.begin(5000)
    playing.say("display", frame(5400, GREY), 10)
    playing.say("display", display.StreamDestroyAll(), 1000)
    assert seen == [shown]


def test_what_cannot_be_drawn_is_said_once_and_the_rest_is_drawn() -> None:
    playing = Playing()
    playing.surface(1)
    for _ in range(300):
        playing.say("display", display.DrawFill(make.base(ALL, surface_id=9), make.fill(ALL, make.solid(0)).data), 2)
    playing.say("display", make.fill(ALL, make.solid(GREY)), 3)
    (line,) = playing.pictures.said
    assert line.startswith("session1-display0: message 2: DrawFill: unknown-surface")
    assert line.endswith("(300 times, the last in message 301)")
    assert playing.pictures.problems["error"] == 300 and playing.grey


def test_no_more_kinds_are_kept_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(said, "KINDS", 2)
    found = Said()
    for number, kind in enumerate("abcadd"):
        found.add(kind, kind, number)
    assert found.lines() == ["a (2 times, the last in message 3)", "b", "and 3 of other kinds"]


def test_what_rests_on_lost_bytes_is_no_mistake() -> None:
    playing = Playing()
    playing.surface(1)
    lost = make.fill(ALL, make.solid(0), surface_id=9)
    playing.say("display", lost, 2)
    conversation = Conversation(Connection(Capture("unread"), 0, START, 4))
    conversation.channel = conversation.table = "display"
    conversation.session = playing.session
    for _ in range(3):
        playing.pictures.problem(Diagnostic.of("gap", conversation, At("server", START, 5)))
    for _ in range(20):
        playing.say("display", lost, 3)
    playing.say("display", make.fill(ALL, make.solid(GREY)), 4)
    assert playing.grey
    assert playing.pictures.problems == {"error": 1, "warning": 23}
    before, gap, behind = playing.pictures.said
    assert before.startswith("session1-display0: message 2: DrawFill: unknown-surface")
    assert gap == "connection 0, display:0: warning: bytes are missing from the capture [gap] (3 times)"
    assert behind == (
        "session1-display0: warning: message 3: DrawFill rests on surfaces that came with bytes that the capture lacks "
        "(20 times, the last in message 22)"
    )


def test_a_hole_in_what_the_client_says_excuses_nothing() -> None:
    playing = Playing()
    playing.surface(1)
    conversation = Conversation(Connection(Capture("unread"), 0, START, 4))
    conversation.channel = conversation.table = "display"
    conversation.session = playing.session
    playing.pictures.problem(Diagnostic.of("gap", conversation, At("client", START, 5)))
    playing.say("display", make.fill(ALL, make.solid(0), surface_id=9), 3)
    assert playing.pictures.problems["error"] == 1


LOSSY = ["qemu-draw-auto_glz", "xspice-stream-mjpeg", "xspice-clients-auto_glz"]


@pytest.mark.parametrize("name", LOSSY)
def test_a_recording_with_a_hole_is_drawn_without_accusing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = incomplete.blocks(recording(name))
    full = [place for place, block in enumerate(blocks) if block.payload > 1000]
    path = tmp_path / "lossy.pcapng"
    dropped = {full[len(full) // 3], full[len(full) // 2]}
    path.write_bytes(b"".join(block.raw for place, block in enumerate(blocks) if place not in dropped))
    assert command(["render", str(path), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "1 display drawn" in said.out and "[gap]" in said.err
    assert len(said.err.splitlines()) < 12
