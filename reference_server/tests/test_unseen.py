"""What nobody has looked at: it vanishes behind what covers it, comes in order, and does not grow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference_server.guest import Screen
from reference_server.guest.image import NO_CLIP, image, put
from reference_server.guests.gallery.tile import rect
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import DisplayBase
from spiceproto.messages.geometry import Point

WIDTH, HEIGHT = 64, 48


def flat(colour: int, left: int, top: int, width: int = 8, height: int = 8, surface: int = 0) -> display.DrawCopy:
    return put(image(np.full((height, width), colour, np.uint32), BitmapFmt._32BIT), left, top, surface)


def moved(left: int, top: int, x: int, y: int) -> display.CopyBits:
    return display.CopyBits(DisplayBase(0, rect(left, top, 8, 8), NO_CLIP), Point(x, y))


def made() -> Screen:
    screen = Screen((WIDTH, HEIGHT))
    screen.push(flat(0, 0, 0, WIDTH, HEIGHT))
    assert screen.picture[..., :3].max() == 0  # nothing waits now
    return screen


def blue(screen: Screen, left: int, top: int) -> int:
    return int(screen.picture[top, left, 0])


def test_the_same_box_again_takes_the_place_of_what_was_there() -> None:
    screen = made()
    for colour in range(1, 200):
        screen.push(flat(colour, 8, 8))
    assert len(screen._unseen.waiting) == 1
    assert blue(screen, 8, 8) == blue(screen, 15, 15) == 199 and blue(screen, 16, 8) == 0
    assert not screen._unseen.waiting


def test_a_box_that_is_covered_in_part_comes_in_its_turn() -> None:
    screen = made()
    screen.push(flat(1, 0, 0))
    screen.push(flat(2, 4, 0))
    screen.push(flat(3, 0, 0))
    assert [blue(screen, x, 0) for x in (0, 7, 8, 11)] == [3, 3, 2, 2]


def test_what_was_moved_is_what_was_there_before() -> None:
    screen = made()
    screen.push(flat(1, 0, 0))
    screen.push(moved(16, 16, 0, 0))
    screen.push(flat(2, 0, 0))
    screen.push(moved(32, 32, 0, 0))
    assert len(screen._unseen.waiting) == 4
    assert (blue(screen, 0, 0), blue(screen, 16, 16), blue(screen, 32, 32)) == (2, 1, 2)


def test_a_whole_surface_covers_its_own_and_nothing_else() -> None:
    screen = made()
    create = display.SurfaceCreate(surface_id=5, width=16, height=16, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags(0))
    screen.push(create)
    screen.push(flat(9, 0, 0, surface=5))
    for left in range(0, WIDTH, 8):
        screen.push(flat(1, left, 0))
    screen.push(moved(0, 16, 0, 0))
    screen.push(flat(7, 0, 0, WIDTH, HEIGHT))
    assert len(screen._unseen.waiting) == 2
    assert blue(screen, 0, 16) == 7
    other = screen.copy(5)
    assert other is not None and other.data.src_bitmap is not None and other.data.src_bitmap.bitmap is not None
    assert other.data.src_bitmap.bitmap.data[0] == 9


@pytest.mark.parametrize("command", [lambda n: flat(n, n % 57, n % 41), lambda n: moved(n % 57, n % 41, 1, 1)])
def test_what_waits_is_bounded(command: Any) -> None:
    screen = made()
    most = pixels = 0
    for number in range(1, 3000):
        screen.push(command(number))
        waiting = screen._unseen.waiting.values()
        most = max(most, len(waiting))
        pixels = max(pixels, sum(item[1].x * item[1].y for item in waiting if isinstance(item, tuple)))
    assert 1 < most <= 1024 and pixels <= 2 * WIDTH * HEIGHT


def test_a_surface_that_is_not_there_is_told_at_once() -> None:
    screen = made()
    absent = display.CopyBits(DisplayBase(3, rect(0, 0, 8, 8), NO_CLIP), Point(1, 1))
    with pytest.raises(ValueError, match="surface"):
        screen.push(absent)
