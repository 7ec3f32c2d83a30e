"""Which parts of surfaces have changed: every pixel that did is in a box, and boxes are few."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.canvas.damage import BOXES, Damage
from spiceproto.canvas.display import Display
from spiceproto.canvas.region import Box
from spiceproto.messages import display as messages
from spiceproto.tests import canvas_messages as make

W, H = 24, 16
_EDGE = st.integers(-4, 30)


def covered(boxes: tuple[Box, ...]) -> np.ndarray:
    """The pixels that are in a box; all boxes are inside of the surface."""
    found = np.zeros((H, W), bool)
    for box in boxes:
        assert Box(0, 0, W, H).meet(box) == box and not box.empty
        box.view(found)[...] = True
    return found


def shown() -> tuple[Display, Damage]:
    display = make.display(W, H)
    damage = display.watch()
    assert display.watch() is damage
    assert damage.take(0) == (Box(0, 0, W, H),)
    return display, damage


@given(st.lists(st.tuples(_EDGE, _EDGE, _EDGE, _EDGE), max_size=2 * BOXES))
def test_what_changed_is_inside_and_boxes_are_few(rects: list[tuple[int, int, int, int]]) -> None:
    display, damage = shown()
    assert display.primary is not None
    for rect in rects:
        display.draw(make.fill(make.rect(*rect), make.solid(0xFFFFFF)))
    boxes = damage.take(0)
    assert len(boxes) <= BOXES
    assert not (display.primary.pixels.astype(bool) & ~covered(boxes)).any()
    assert damage.take(0) == ()


def test_a_clip_makes_it_small() -> None:
    display, damage = shown()
    display.draw(
        make.fill(make.rect(0, 0, W, H), make.solid(1), clip=make.clip(make.rect(1, 1, 3, 3), make.rect(9, 9, 12, 12)))
    )
    assert damage.take(0) == (Box(1, 1, 3, 3), Box(9, 9, 12, 12))


def test_a_surface_is_fresh_once_until_it_is_taken() -> None:
    display, damage = shown()
    assert damage.take_fresh() == ()
    for _ in range(2):
        display.draw(make.fill(make.rect(0, 0, 2, 2), make.solid(1)))
    assert (damage.take_fresh(), damage.take_fresh()) == ((0,), ())
    display.draw(make.fill(make.rect(4, 4, 6, 6), make.solid(1)))
    assert damage.take_fresh() == ()
    assert damage.take(0) == (Box(0, 0, 2, 2), Box(4, 4, 6, 6))
    display.draw(make.fill(make.rect(0, 0, 2, 2), make.solid(1)))
    assert damage.take_fresh() == (0,)


def test_surfaces_are_told_apart_and_forgotten() -> None:
    display, damage = shown()
    display.draw(messages.SurfaceCreate(surface_id=5, width=3, height=2, format=32, flags=0))
    display.draw(make.fill(make.rect(0, 0, 1, 1), make.solid(1), surface_id=5))
    assert (damage.take(5), damage.take(0)) == ((Box(0, 0, 3, 2),), ())
    display.draw(make.fill(make.rect(0, 0, 1, 1), make.solid(1), surface_id=5))
    display.draw(messages.SurfaceDestroy(5))
    assert (damage.take(5), damage.take_fresh()) == ((), ())


def test_a_reset_and_a_new_screen_change_everything() -> None:
    display, damage = shown()
    display.draw(messages.Reset())
    assert damage.take(0) == (Box(0, 0, W, H),)
    display.draw(messages.SurfaceCreate(surface_id=0, width=3, height=2, format=32, flags=1))
    assert damage.take(0) == (Box(0, 0, 3, 2),)
