"""Pictures are alike in two ways, and each number passes over what the other sees."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.likeness import Likeness, likeness, psnr, ssim

RAMP = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None] * 2 + 40, (64, 48, 3)).copy()
STRIPES = np.broadcast_to((np.arange(48) // 2 % 2 * 12 + 100).astype(np.uint8)[None, :, None], (64, 48, 3)).copy()


def test_a_picture_is_like_itself() -> None:
    found = likeness(RAMP, RAMP)
    assert found.psnr == float("inf") and found.ssim == pytest.approx(1.0)


def test_decibels_count_how_far_pixels_are_off() -> None:
    black: NDArray[np.uint8] = np.zeros((4, 4, 3), np.uint8)
    assert psnr(black, black + np.uint8(255)) == 0
    assert psnr(black, black + np.uint8(8)) == pytest.approx(20 * np.log10(255 / 8))


def test_structure_is_seen_where_decibels_see_little() -> None:
    """Fine stripes that are gone: few decibels are lost, and all structure is."""
    flat = np.full_like(STRIPES, 106)
    assert psnr(STRIPES, flat) > 30 and ssim(STRIPES, flat) < 0.7


def test_brightness_is_seen_where_structure_stays() -> None:
    brighter = RAMP + np.uint8(20)
    assert ssim(RAMP, brighter) > 0.9 and psnr(RAMP, brighter) < 25


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 20, 3), (8, 8, 3)])
def test_small_pictures(shape: tuple[int, int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert ssim(picture, picture) == pytest.approx(1.0)
    assert ssim(picture, 255 - picture) < 0.9


def test_both_have_to_be_reached() -> None:
    assert Likeness(31.0, 0.99).reaches(Likeness(30.0, 0.95))
    assert not Likeness(31.0, 0.90).reaches(Likeness(30.0, 0.95))
    assert not Likeness(29.0, 0.99).reaches(Likeness(30.0, 0.95))
