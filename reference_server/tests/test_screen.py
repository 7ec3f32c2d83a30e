"""The screen as a graphics card: commands and pixels together, heads, and what is no command."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest

from reference_server.guest import Drawn, HeadsChanged, Pushed, Resized, Screen, colour_chart
from reference_server.guest.image import NO_CLIP, NO_MASK, image, put
from reference_server.guests.gallery.areas import solid
from reference_server.guests.gallery.pictures import icon, photo, words
from reference_server.guests.gallery.tile import rect
from reference_server.tests.memory import serve, small
from reference_server.tests.viewer import Viewer, differs
from spiceproto.canvas.display import Display as Canvas
from spiceproto.enums.display import Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import DisplayBase, Fill
from spiceproto.messages.geometry import Point


def fill(colour: int, left: int, top: int, side: int, surface: int = 0) -> display.DrawFill:
    base = DisplayBase(surface, rect(left, top, side, side), NO_CLIP)
    return display.DrawFill(base, Fill(solid(colour), Ropd.OP_PUT, NO_MASK))


def create(number: int, format: SurfaceFmt = SurfaceFmt._32_xRGB, flags: int = 0) -> display.SurfaceCreate:
    return display.SurfaceCreate(surface_id=number, width=16, height=16, format=format, flags=SurfaceFlags(flags))


def test_commands_and_pixels_meet_on_one_surface() -> None:
    screen = Screen((64, 48))
    told: list[Any] = []
    screen.watch(told.append)
    screen.push(fill(0x102030, 8, 8, 4))
    expected = colour_chart(64, 48).copy()
    expected[8:12, 8:12] = (0x30, 0x20, 0x10, 0)
    assert (screen.picture[..., :3] == expected[..., :3]).all()
    screen.draw(9, 9, np.full((1, 1, 4), 7, np.uint8))
    assert screen.picture[9, 9].tolist() == [7, 7, 7, 7] and screen.picture[9, 10, 0] == 0x30
    assert [type(news) for news in told] == [Pushed, Drawn]


@pytest.mark.parametrize("format", (SurfaceFmt._32_ARGB, SurfaceFmt._16_555, SurfaceFmt._16_565), ids=str)
def test_formats_of_the_screen(format: SurfaceFmt) -> None:
    screen = Screen((64, 48))
    told: list[Any] = []
    screen.watch(told.append)
    screen.resize(20, 10, format)
    assert told == [Resized()] and screen.size == (20, 10) and not screen.picture.any()
    screen.draw(0, 0, np.full((4, 4, 4), 0xFF, np.uint8))
    assert screen.picture[:4, :4, :3].min() == 0xFF and not screen.picture[5].any()
    assert screen.surfaces[0].format == format


def test_what_is_no_command() -> None:
    screen = Screen((64, 48))
    before = screen.picture.copy()
    screen.push(create(1))
    for wrong, why in (
        (create(1), "is there"),
        (create(0, flags=1), "primary"),
        (create(2, SurfaceFmt._1_A), "format"),
        (create(2, flags=2), "flags"),
        (display.SurfaceDestroy(0), "primary"),
        (display.SurfaceDestroy(9), "unknown-surface"),
        (fill(1, 0, 0, 4, surface=9), "unknown-surface"),
        (display.Mark(), "no command"),
    ):
        told: list[Any] = []
        screen.watch(told.append)
        with pytest.raises(ValueError, match=why):
            screen.push(wrong)
        assert told == []
        screen.unwatch(told.append)
    with pytest.raises(ValueError, match="0 x 4"):
        screen.resize(0, 4)
    with pytest.raises(ValueError, match="8_A"):
        screen.resize(4, 4, SurfaceFmt._8_A)
    assert (screen.picture == before).all()


def test_heads() -> None:
    guest = small()
    screen = guest.screens[0]
    wire = serve(guest)
    wire.main()
    viewer = Viewer(wire)
    viewer.look()
    assert [(head.monitor_id, head.width) for head in viewer.canvas.heads] == [(0, 64)]
    heads = [display.Head(monitor_id=n, surface_id=0, width=32, height=48, x=32 * n, y=0, flags=0) for n in (0, 1)]
    told: list[Any] = []
    screen.watch(told.append)
    screen.set_heads(*heads)
    assert told == [HeadsChanged()]
    (config,) = viewer.look()
    assert config == display.MonitorsConfig(2, tuple(heads))
    screen.resize(40, 40)
    viewer.look()
    assert [(head.monitor_id, head.width) for head in viewer.canvas.heads] == [(0, 40)]
    outside = display.Head(monitor_id=0, surface_id=0, width=32, height=48, x=32, y=0, flags=0)
    missing = display.Head(monitor_id=0, surface_id=7, width=1, height=1, x=0, y=0, flags=0)
    for wrong in ([outside], [missing], [], [screen.heads[0], screen.heads[0]]):
        with pytest.raises(ValueError, match="monitor"):
            screen.set_heads(*wrong)


def test_a_surface_that_is_a_monitor_stays() -> None:
    screen = Screen((64, 48))
    screen.push(create(3))
    screen.set_heads(display.Head(monitor_id=0, surface_id=3, width=16, height=16, x=0, y=0, flags=0))
    with pytest.raises(ValueError, match="is a monitor"):
        screen.push(display.SurfaceDestroy(3))


def test_what_a_client_keeps_is_nothing_to_the_screen() -> None:
    """More pixels of images that stay the same than any cache has."""
    screen = Screen((64, 48))
    for number in range(70):
        screen.push(put(words(np.broadcast_to(np.uint32(number), (1000, 1000)).copy(), 1000 + number), 0, 0))
    assert screen.picture[0, 0, 0] == 69


def test_a_client_that_comes_in_the_middle() -> None:
    guest = small()
    screen = guest.screens[0]
    screen.push(create(7, SurfaceFmt._16_565))
    screen.push(put(words(photo(16, 16)), 0, 0, 7))
    wire = serve(guest)
    wire.main()
    viewer = Viewer(wire)
    screen.push(put(icon(1), 3, 3))
    assert differs(viewer, screen) == []
    late = guest.screens[0]._drawing().surfaces[7]
    assert (viewer.canvas.surfaces[7].pixels == late.pixels).all()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_put_is_there_when_somebody_looks(seed: int) -> None:
    """Whole bitmaps go a way of their own, and a whole screen is drawn when it is looked at: the pixels are the canvas's."""
    random = Random(seed)
    dice = np.random.default_rng(seed)
    screen, canvas = Screen((64, 48)), Canvas()
    screen.push(create(5))
    size = {0: (64, 48), 5: (16, 16)}
    for surface in screen.surfaces:
        canvas.draw(surface)
        canvas.draw(screen.copy(surface.surface_id))
    for _ in range(60):
        number = random.choice((0, 0, 5))
        whole = random.random() < 0.4
        width, height = size[number] if whole else (random.randint(1, 70), random.randint(1, 50))
        left, top = (0, 0) if whole else (random.randint(-20, 40), random.randint(-20, 40))
        command: Any
        if random.random() < 0.3:
            base = DisplayBase(number, rect(left, top, width, height), NO_CLIP)
            command = display.CopyBits(base, Point(random.randint(-9, 30), random.randint(-9, 30)))
        else:
            pixels = dice.integers(0, 1 << 24, (height, width)).astype(np.uint32)
            stride = 4 * width + random.choice((0, 0, 4))
            command = put(image(pixels, BitmapFmt._32BIT, top_down=random.random() < 0.7, stride=stride), left, top, number)
        screen.push(command)
        canvas.draw(command)
        if random.random() < 0.2:
            seen = screen.copy(number)
            assert seen is not None and seen.data.src_bitmap is not None and seen.data.src_bitmap.bitmap is not None
            assert seen.data.src_bitmap.bitmap.data == canvas.surfaces[number].pixels.tobytes()
    assert np.array_equal(screen.picture[..., :3], canvas.picture()[..., ::-1]) and not canvas.problems
