"""Pictures that a record keeps: whole where they are small, and always small."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.three_pictures import LARGEST, three_pictures
from spiceproto import png

_SMALL = np.full((20, 30, 3), (10, 200, 30), np.uint8)


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def changed(picture: NDArray[np.uint8], *places: tuple[int, int]) -> NDArray[np.uint8]:
    found = picture.copy()
    for x, y in places:
        found[y, x] ^= 0xFF
    return found


def red(picture: NDArray[np.uint8]) -> set[tuple[int, int]]:
    """Column and row of what is marked."""
    return {
        (int(x), int(y)) for y, x in np.argwhere((picture[..., 0] >= 127) & (picture[..., 1] == 0) & (picture[..., 2] == 0))
    }


def test_small_ones_are_kept_pixel_by_pixel() -> None:
    found = changed(_SMALL, (3, 4), (29, 19))
    expected, shown, difference = three_pictures(_SMALL, found)
    assert [each.kind for each in (expected, shown, difference)] == ["expected", "shown", "difference"]
    assert (png.decode(expected.data) == _SMALL).all() and (png.decode(shown.data) == found).all()
    assert red(png.decode(difference.data)) == {(3, 4), (29, 19)}
    assert all(
        each.box == (0, 0, 30, 20) and each.step == 1 and each.size == (30, 20) for each in (expected, shown, difference)
    )


def test_a_pixel_that_differs_by_one_is_seen() -> None:
    found = _SMALL.copy()
    found[5, 6, 2] += 1
    assert red(png.decode(three_pictures(_SMALL, found)[2].data)) == {(6, 5)}


def test_of_a_large_screen_what_is_around_the_pixels_that_differ() -> None:
    wanted = noise(1080, 1920)
    found = changed(wanted, (700, 500), (720, 505))
    pictures = three_pictures(wanted, found)
    assert {each.box for each in pictures} == {(684, 484, 737, 522)} and {each.step for each in pictures} == {1}
    assert (png.decode(pictures[1].data) == found[484:522, 684:737]).all()
    assert red(png.decode(pictures[2].data)) == {(16, 16), (36, 21)}


def test_the_largest_is_bounded_and_no_pixel_is_lost() -> None:
    wanted = noise(1080, 1920)
    found = changed(wanted, (0, 0), (1, 3), (1919, 1079))
    pictures = three_pictures(wanted, found)
    assert {each.box for each in pictures} == {(0, 0, 1920, 1080)}
    assert all(len(each.data) <= LARGEST for each in pictures)
    (step,) = {each.step for each in pictures}
    assert step > 1 and pictures[0].size == (-(-1920 // step), -(-1080 // step))
    assert (png.decode(pictures[0].data) == wanted[::step, ::step]).all()
    seen = png.decode(pictures[2].data)
    assert seen.shape[1::-1] == pictures[2].size
    assert red(seen) == {(x // step, y // step) for x, y in ((0, 0), (1, 3), (1919, 1079))}


def test_more_pixels_than_anybody_packs() -> None:
    wanted = np.zeros((2200, 3900, 3), np.uint8)
    whole, part = changed(wanted, (0, 0), (3899, 2199)), changed(wanted, (100, 100))
    assert {each.step for each in three_pictures(wanted, whole)} == {2}
    assert {each.box for each in three_pictures(wanted, part)} == {(84, 84, 117, 117)}


@pytest.mark.parametrize("shape", [(20, 31, 3), (1080, 1920, 3)])
def test_two_sizes_have_no_difference(shape: tuple[int, int, int]) -> None:
    other = noise(*shape[:2])
    expected, shown = three_pictures(_SMALL, other)
    assert (expected.kind, shown.kind) == ("expected", "shown") and shown.box == (0, 0, shape[1], shape[0])
    assert len(shown.data) <= LARGEST and (png.decode(shown.data) == other[:: shown.step, :: shown.step]).all()
    assert png.decode(shown.data).shape[1::-1] == shown.size


def test_nothing_to_show() -> None:
    assert three_pictures(_SMALL, _SMALL.copy()) == ()
    (only,) = three_pictures(_SMALL, np.zeros((0, 0, 3), np.uint8))
    assert only.kind == "expected"
