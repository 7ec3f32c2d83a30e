"""Which draw command was the last over a pixel."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.cases.display.commands import Commands
from conformance.cases.display.drawing import clip, copy, fill, of_surface, patch, picture, surface
from spiceproto import dispatch
from spiceproto.canvas.display import Display
from spiceproto.enums.display import ClipType, StreamFlags, VideoCodecType
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, DisplayBase
from spiceproto.messages.geometry import Point, Rect

_IMAGE = picture(patch(8, 6))


def commands(*values: Any, drawn: bool = True) -> Commands:
    found = Commands(Display())
    for value in values:
        found.add(dispatch.row_of("display", "server", value).name, value, drawn=drawn)
    return found


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            [fill((0, 0, 9, 9), 1), fill((5, 5, 9, 9), 2)],
            "DRAW_FILL, draw command 2 of 2, box left 5, top 5, right 9",
        ),
        (
            [fill((0, 0, 9, 9), 1), fill((0, 0, 5, 9), 2)],
            "DRAW_FILL, draw command 1 of 2, box left 0, top 0, right 9",
        ),
        ([fill((0, 0, 9, 9), 1, clip=clip((0, 0, 2, 2), (4, 5, 7, 7)))], "DRAW_FILL, draw command 1 of 1, box left 0"),
        ([copy(_IMAGE, (3, 4, 11, 10))], "bottom 10, which has pixel 2, 2 of its image there"),
        ([copy(_IMAGE, (3, 4, 7, 7), (4, 1, 8, 4))], "bottom 7, which has pixel 6, 3 of its image there"),
        ([copy(_IMAGE, (3, 4, 19, 16), (0, 0, 8, 6))], "bottom 16"),
        ([copy(of_surface(7), (3, 4, 11, 10))], "which has pixel 2, 2 of surface 7 there"),
        ([display.InvalAllPalettes(), fill((0, 0, 9, 9), 1)], "draw command 1 of 1"),
    ],
)
def test_the_last_one(values: list[Any], said: str) -> None:
    found = commands(*values).over(0, 5, 6)
    assert found.startswith("pixel 5, 6 of the screen: last under ") and said in found
    assert ("which has" in found) == ("which has" in said), "an image that is scaled has no pixel there"


@pytest.mark.parametrize(
    "value",
    [
        fill((0, 0, 5, 9), 1),
        fill((0, 0, 9, 6), 1),
        fill((6, 0, 9, 9), 1),
        fill((0, 0, 9, 9), 1, surface=3),
        fill((0, 0, 9, 9), 1, clip=clip((0, 0, 5, 9))),
        fill((0, 0, 9, 9), 1, clip=clip()),
    ],
)
def test_none(value: Any) -> None:
    assert commands(value).over(0, 5, 6) == ""


def test_what_is_copied_on_the_same_surface() -> None:
    value = display.CopyBits(DisplayBase(0, Rect(top=4, left=3, bottom=9, right=9), Clip(ClipType.NONE)), Point(20, 30))
    assert commands(value).over(0, 5, 6).endswith("which has pixel 22, 32 of the same surface there")


def test_what_was_on_a_surface_that_is_there_no_more() -> None:
    assert commands(fill((0, 0, 9, 9), 1), surface(0, 40, 30)).over(0, 5, 6) == ""
    assert commands(fill((0, 0, 9, 9), 1), surface(3, 40, 30)).over(0, 5, 6)


def test_what_the_canvas_leaves_out_until_it_catches_up() -> None:
    found = commands(fill((0, 0, 9, 9), 1))
    early = copy(_IMAGE, (3, 4, 11, 10))
    found.add("DRAW_COPY", early, drawn=False)
    said = found.over(0, 5, 6)
    assert "DRAW_COPY, draw command 2 of 2" in said and "of which nothing is to be seen; before it DRAW_FILL" in said
    found.catch_up(early)
    assert "DRAW_COPY, draw command 2 of 2" in found.over(0, 5, 6) and "nothing" not in found.over(0, 5, 6)


def test_commands_in_bytes() -> None:
    found = commands()
    number, body = dispatch.build("display", "server", copy(_IMAGE, (-3, 4, 11, 10)))
    found.add_raw("DRAW_COPY", body)
    found.add_raw("DRAW_COPY", body[:19])
    assert number == 304 and "draw command 1 of 1, box left -3, top 4, right 11, bottom 10" in found.over(0, 5, 6)


def test_frames_of_a_video() -> None:
    canvas = Display()
    canvas.draw(surface(0, 40, 30))
    base = display.StreamDataHeader(id=1, multi_media_time=0)
    made = display.StreamCreate(
        surface_id=0,
        id=1,
        flags=StreamFlags.TOP_DOWN,
        codec_type=VideoCodecType.MJPEG,
        stamp=0,
        stream_width=8,
        stream_height=6,
        src_width=8,
        src_height=6,
        dest=Rect(top=4, left=3, bottom=10, right=11),
        clip=Clip(ClipType.NONE),
    )
    found = Commands(canvas)
    found.add("STREAM_DATA", display.StreamData(base=base, data=b""))
    assert found.over(0, 5, 6) == "", "of no stream that is there"
    canvas.draw(made)
    found.add("STREAM_DATA", display.StreamData(base=base, data=b""))
    assert "STREAM_DATA, draw command 1 of 1, box left 3, top 4, right 11, bottom 10" in found.over(0, 5, 6)
