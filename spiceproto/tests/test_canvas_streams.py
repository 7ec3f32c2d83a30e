"""Video streams of a display channel: where their frames are drawn, and how streams come and go."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.canvas import streams
from spiceproto.codecs import jpeg
from spiceproto.enums.display import (
    StreamFlags,
    SurfaceFlags,
    SurfaceFmt,
    VideoCodecType,
)
from spiceproto.messages import display as messages
from spiceproto.tests import canvas_messages as make
from spiceproto.tests.canvas_messages import rect
from spiceproto.tests.test_canvas_display import ALL, SMOOTH, H, W, codes


def stream(id: int = 3, *, flags: int = StreamFlags.TOP_DOWN, codec: int = VideoCodecType.MJPEG, **other: Any) -> Any:
    return messages.StreamCreate(
        surface_id=other.pop("surface_id", 0),
        id=id,
        flags=StreamFlags(flags),
        codec_type=codec,
        stamp=0,
        stream_width=W,
        stream_height=H,
        src_width=W,
        src_height=H,
        dest=other.pop("dest", ALL),
        clip=other.pop("clip", make.NO_CLIP),
    )


def data(id: int = 3) -> messages.StreamData:
    return messages.StreamData(messages.StreamDataHeader(id, 0), jpeg.encode(SMOOTH, fast=True))


def near(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    parts = [np.abs((found >> s & 255).astype(int) - (expected >> s & 255).astype(int)).max() for s in (16, 8, 0)]
    return bool(max(parts) < 40)


def test_frames_are_drawn_in_their_place() -> None:
    shown = make.display(2 * W, 2 * H)
    shown.draw(stream(dest=rect(5, 6, 5 + W, 6 + H)))
    shown.draw(data())
    assert not shown.problems and near(make.pixels(shown)[6 : 6 + H, 5 : 5 + W], SMOOTH)
    shown.draw(messages.StreamClip(3, make.clip(rect(0, 0, 2, 2))))
    shown.draw(make.fill(rect(0, 0, 99, 99), make.solid(0)))
    shown.draw(data())
    assert not make.pixels(shown).any()
    shown.draw(messages.StreamClip(3, make.NO_CLIP))
    sized = messages.StreamDataSized(
        base=messages.StreamDataHeader(3, 0), width=1, height=1, dest=rect(0, 0, 2 * W, 2 * H), data=data().data
    )
    shown.draw(sized)
    assert near(make.pixels(shown), SMOOTH.repeat(2, 0).repeat(2, 1))
    assert shown.streams[3].frames == 3 and not shown.problems


def test_a_stream_without_a_decoder_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its frames are missed for the decoder's sake; nobody is told that it never began."""
    monkeypatch.setitem(sys.modules, "av", None)
    shown = make.display(W, H)
    shown.draw(stream(codec=VideoCodecType.VP8))
    shown.draw(messages.StreamClip(3, make.NO_CLIP))
    shown.draw(data())
    shown.draw(messages.StreamDestroy(3))
    assert codes(shown) == ["missing-decoder"] * 2
    assert "pip install 'spiceproto[video]'" in str(shown.problems[1])


def test_stream_from_the_bottom() -> None:
    shown = make.display(W, H)
    shown.draw(stream(flags=0))
    shown.draw(data())
    assert near(make.pixels(shown), SMOOTH[::-1])


def test_streams_come_and_go() -> None:
    shown = make.display(W, H)
    shown.draw(data())
    shown.draw(stream())
    shown.draw(stream())
    shown.draw(stream(64))
    shown.draw(stream(4, codec=99))
    shown.draw(messages.StreamDestroy(3))
    shown.draw(messages.StreamDestroy(3))
    shown.draw(stream(3, surface_id=8))
    shown.draw(data())
    shown.draw(messages.StreamDestroyAll())
    shown.draw(data())
    after = ["undecodable-image", "unknown-stream", "unknown-surface", "unknown-stream"]
    assert codes(shown) == ["unknown-stream"] * 3 + after


def frame(time: int, colour: int, id: int = 3) -> messages.StreamData:
    """A frame of one colour."""
    return messages.StreamData(
        messages.StreamDataHeader(id, time & 0xFFFFFFFF), jpeg.encode(np.full((H, W), colour, np.uint32), fast=True)
    )


def shows(shown: Any, colour: int) -> bool:
    return near(make.pixels(shown), np.full((H, W), colour, np.uint32))


WHITE, GREY = 0xFFFFFF, 0x808080


@pytest.mark.parametrize("start", [1000, 0xFFFFFFF0], ids=["plain", "overflow"])
def test_frames_wait_for_their_time(start: int) -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=start)
    shown.draw(frame(start + 40, GREY), now=start)
    shown.draw(frame(start + 80, WHITE), now=start + 10)
    assert shows(shown, 0)
    shown.show((start + 39) & 0xFFFFFFFF)
    assert shows(shown, 0) and shown.streams[3].frames == 0
    shown.show((start + 40) & 0xFFFFFFFF)
    assert shows(shown, GREY)
    shown.draw(make.fill(ALL, make.solid(0)), now=(start + 80) & 0xFFFFFFFF)  # the frame was due before it
    assert shows(shown, 0) and shown.streams[3].frames == 2 and not shown.problems


@pytest.mark.parametrize("start", [1000, 0xFFFFFFF0], ids=["plain", "overflow"])
def test_when_the_next_frame_is_due(start: int) -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=start)
    shown.draw(stream(4), now=start)
    assert shown.streams.next_in(start) is None
    shown.draw(frame(start + 80, GREY), now=start)
    shown.draw(frame(start + 40, GREY, 4), now=start)
    assert shown.streams.next_in(start) == 40 and shown.streams.next_in(start + 100 & 0xFFFFFFFF) == 0


def test_late_frames_and_all_that_wait_are_shown() -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=100)
    shown.draw(frame(99, GREY), now=100)
    assert shows(shown, GREY)
    shown.draw(frame(500, WHITE), now=100)
    shown.show(None)
    assert shows(shown, WHITE)


def test_a_clip_holds_when_a_frame_is_shown() -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=0)
    shown.draw(frame(10, WHITE), now=0)
    shown.draw(messages.StreamClip(3, make.clip(rect(0, 0, 0, 0))), now=5)
    shown.show(10)
    assert shows(shown, 0) and shown.streams[3].frames == 1


@pytest.mark.parametrize(
    "end",
    [
        messages.StreamDestroy(3),
        messages.StreamDestroyAll(),
        frame(5, 0),  # the clock was set back
    ],
    ids=["destroy", "destroy-all", "earlier-frame"],
)
def test_frames_that_wait_are_dropped(end: Any) -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=0)
    shown.draw(frame(10, WHITE), now=0)
    shown.draw(end, now=1)
    shown.show(None)
    assert shows(shown, 0) and not shown.problems


def test_frames_do_not_outlive_their_surface() -> None:
    shown = make.display(W, H)
    shown.draw(messages.SurfaceCreate(surface_id=7, width=W, height=H, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0)))
    shown.draw(stream(surface_id=7), now=0)
    shown.draw(frame(10, WHITE), now=0)
    shown.draw(messages.SurfaceDestroy(7), now=1)
    shown.show(None)
    assert not shown.problems


def test_a_frame_that_waits_keeps_its_number() -> None:
    shown = make.display(W, H)
    shown.draw(stream(), now=0, number=1)
    shown.draw(messages.StreamData(messages.StreamDataHeader(3, 10), b"no picture"), now=0, number=2)
    shown.draw(make.fill(ALL, make.solid(0)), now=20, number=3)
    (problem,) = shown.problems
    assert (problem.number, problem.message) == (2, "StreamData")


def test_no_more_frames_wait_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "WAITING", 2)
    shown = make.display(W, H)
    shown.draw(stream(), now=0)
    for time in range(1000, 1005):
        shown.draw(frame(time, WHITE), now=0)
    shown.draw(make.fill(rect(0, 0, 0, 0), make.solid(0)), now=0)
    assert shown.streams[3].frames == 3 and len(shown.streams[3].waiting) == 2


def test_the_frames_of_all_streams_that_wait_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(frame(0, WHITE).data)
    monkeypatch.setattr(streams, "WAITING_BYTES", 4 * size)
    shown = make.display(W, H)
    for number in (3, 4):
        shown.draw(stream(number), now=0)
    for time in range(1000, 1008):
        shown.draw(frame(time, WHITE, 3 + time % 2), now=0)
    shown.draw(make.fill(rect(0, 0, 0, 0), make.solid(0)), now=0)
    held = [shown.streams[number] for number in (3, 4)]
    assert [(one.frames, len(one.waiting), one.size) for one in held] == [(2, 2, 2 * size)] * 2
    shown.show(2000)
    assert [(one.frames, one.size) for one in held] == [(4, 0)] * 2
    shown.draw(frame(3000, WHITE), now=2000)
    shown.draw(frame(2500, WHITE), now=2000)
    assert (held[0].size, held[0].dropped) == (2 * size, 1)
    shown.show(2000)
    assert (held[0].size, held[0].dropped) == (size, 0)
