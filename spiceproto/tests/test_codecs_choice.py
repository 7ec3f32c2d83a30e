"""The automatic choice of compression."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, choice, tier
from spiceproto.codecs.choice import Conditions, Level
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import BitmapFmt, ImageType
from spiceproto.errors import LocalError


def slow_score(pixels: NDArray[Any]) -> tuple[float, int]:
    """One chunk, sample by sample, as choice.py's essay tells it."""
    height, width = pixels.shape
    if height < 2 or width < 2:
        return 1.0, 1
    bits, threshold = (5, 8) if pixels.dtype == np.uint16 else (8, 60)
    flat = [int(value) for value in pixels.ravel()]
    jump = 15 if 15 % width else 14

    def differences(one: int, other: int) -> list[int]:
        return [abs((one >> shift & (1 << bits) - 1) - (other >> shift & (1 << bits) - 1)) for shift in (0, bits, 2 * bits)]

    total, pairs, at = 0.0, 0, width // 2
    while at < (height - 1) * width:
        if at % width == width - 1:
            at -= 1
        found = [differences(flat[at], flat[at + step]) for step in (1, width, width + 1)]
        if any(any(difference) for difference in found):
            for difference in found:
                total += 1 if max(difference) >= threshold else -0.25 if any(difference) else 0.5
        pairs += 3
        at += jump
    return total, pairs


@given(
    st.integers(1, 70),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from([2, 5, 60, 70, 256]),
    st.booleans(),
    st.none() | st.integers(1, 13),
    st.integers(0, 99),
)
def test_score_sample_by_sample(
    width: int, height: int, wide: bool, spread: int, top_down: bool, rows: int | None, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    parts = dice.integers(0, spread, (3, height, width)).astype(np.uint32)
    pixels: NDArray[Any] = parts[0] << 16 | parts[1] << 8 | parts[2] | np.uint32(seed << 24)
    if not wide:
        pixels = bitmap.narrow(pixels) | np.uint16(0x8000)
    lines = pixels if top_down else pixels[::-1]
    scores = [slow_score(lines[start : start + (rows or height)]) for start in range(0, height, rows or height)]
    expected = sum(total for total, _ in scores) / sum(pairs for _, pairs in scores)
    for which in get_args(tier.Tier):
        with tier.forced(which):
            assert choice.score(pixels, top_down=top_down, rows_per_chunk=rows) == expected, which


def test_levels() -> None:
    y, x = np.mgrid[0:100, 0:120].astype(np.uint32)
    soft = (x + y) << 16 | (2 * x) << 8 | y
    noise = np.random.default_rng(1).integers(0, 1 << 24, (100, 120), np.uint32)
    assert choice.score(soft) == -0.25
    assert choice.graduality(soft) is Level.HIGH
    assert choice.graduality(noise) is Level.LOW
    assert choice.graduality(np.zeros((100, 120), np.uint32)) is Level.MEDIUM
    assert choice.graduality(np.zeros((100, 120), np.uint16)) is Level.MEDIUM
    assert choice.graduality(soft[:1]) is Level.LOW
    assert choice.graduality(soft[:, :1]) is Level.LOW


def test_the_16_bit_threshold_is_zero() -> None:
    """A soft hill on a flat plain: below 0, not below -0.03."""
    y, x = np.mgrid[0:50, 0:50]
    hill = np.maximum(10 - abs(x - 25) - abs(y - 25), 0).astype(np.uint32)
    pixels = hill * np.uint32(0x080808)
    assert -0.03 < choice.score(pixels) < 0
    assert choice.graduality(pixels) is Level.MEDIUM
    assert choice.graduality(bitmap.narrow(pixels)) is Level.HIGH


def test_score_refuses() -> None:
    for pixels in (np.zeros((2, 2), np.uint8), np.zeros((0, 3), np.uint32), np.zeros(3, np.uint32)):
        with pytest.raises(LocalError):
            choice.score(pixels)
    with pytest.raises(LocalError):
        choice.score(np.zeros((2, 2), np.uint32), rows_per_chunk=0)


AUTO_GLZ = Conditions(ImageCompression.AUTO_GLZ)
AUTO_LZ = Conditions(ImageCompression.AUTO_LZ)
QUIC = Conditions(ImageCompression.QUIC)
GLZ = Conditions(ImageCompression.GLZ)
LZ = Conditions(ImageCompression.LZ)
LZ4 = Conditions(ImageCompression.LZ4, lz4=True)
OFF = Conditions(ImageCompression.OFF)
WAN = {"lossy": True, "jpeg": True}
F = BitmapFmt


@pytest.mark.parametrize(
    ("conditions", "format", "level", "expected"),
    [
        (OFF, F._32BIT, Level.HIGH, ImageType.BITMAP),
        (replace(AUTO_GLZ, local=True), F._32BIT, Level.HIGH, ImageType.BITMAP),
        (QUIC, F._32BIT, Level.LOW, ImageType.QUIC),
        (QUIC, F.RGBA, Level.LOW, ImageType.QUIC),
        (QUIC, F._8BIT, Level.LOW, ImageType.BITMAP),
        (QUIC, F._8BIT_A, Level.LOW, ImageType.BITMAP),
        (replace(QUIC, **WAN), F._16BIT, Level.LOW, ImageType.JPEG),
        (replace(QUIC, **WAN), F.RGBA, Level.LOW, ImageType.JPEG_ALPHA),
        (replace(QUIC, lossy=True), F._32BIT, Level.LOW, ImageType.QUIC),
        (replace(QUIC, jpeg=True), F._32BIT, Level.LOW, ImageType.QUIC),
        (AUTO_GLZ, F._32BIT, Level.HIGH, ImageType.QUIC),
        (AUTO_GLZ, F._32BIT, Level.MEDIUM, ImageType.GLZ_RGB),
        (AUTO_GLZ, F._32BIT, Level.LOW, ImageType.GLZ_RGB),
        (replace(AUTO_GLZ, zlib_glz=True), F._32BIT, Level.LOW, ImageType.ZLIB_GLZ_RGB),
        (replace(AUTO_GLZ, drawable=False), F._32BIT, Level.LOW, ImageType.LZ_RGB),
        (replace(AUTO_GLZ, dictionary=399), F._32BIT, Level.LOW, ImageType.LZ_RGB),
        (replace(AUTO_GLZ, dictionary=401), F._32BIT, Level.LOW, ImageType.GLZ_RGB),
        (replace(AUTO_GLZ, **WAN), F._32BIT, Level.HIGH, ImageType.JPEG),
        (replace(AUTO_GLZ, **WAN), F._32BIT, Level.LOW, ImageType.GLZ_RGB),
        (AUTO_GLZ, F._8BIT, Level.HIGH, ImageType.LZ_PLT),
        (AUTO_GLZ, F._8BIT_A, Level.HIGH, ImageType.LZ_RGB),
        (AUTO_LZ, F._24BIT, Level.HIGH, ImageType.QUIC),
        (AUTO_LZ, F._24BIT, Level.LOW, ImageType.LZ_RGB),
        (GLZ, F._16BIT, Level.HIGH, ImageType.GLZ_RGB),
        (GLZ, F._1BIT_BE, Level.HIGH, ImageType.LZ_PLT),
        (LZ, F._16BIT, Level.HIGH, ImageType.LZ_RGB),
        (LZ, F._4BIT_LE, Level.HIGH, ImageType.LZ_PLT),
        (LZ4, F._16BIT, Level.HIGH, ImageType.LZ4),
        (LZ4, F._8BIT_A, Level.HIGH, ImageType.LZ_RGB),
        (LZ4, F._8BIT, Level.HIGH, ImageType.LZ_PLT),
        (replace(LZ4, lz4=False), F._32BIT, Level.HIGH, ImageType.LZ_RGB),
    ],
)
def test_choice(conditions: Conditions, format: int, level: Level, expected: ImageType) -> None:
    stride = bitmap.row_size(format, 20)
    assert choice.choose(format, 20, 20, stride, conditions, level) is expected
    assert choice.choose(format, 20, 20, stride, conditions, lambda: level) is expected


def test_small_pictures() -> None:
    assert choice.choose(F._32BIT, 13, 1, 52, LZ) is ImageType.BITMAP
    assert choice.choose(F._32BIT, 14, 1, 56, LZ) is ImageType.LZ_RGB
    assert choice.choose(F._32BIT, 2, 40, 8, QUIC) is ImageType.BITMAP
    assert choice.choose(F._32BIT, 40, 2, 160, AUTO_LZ, Level.HIGH) is ImageType.LZ_RGB
    assert choice.choose(F._32BIT, 3, 40, 12, QUIC) is ImageType.QUIC


def test_padded_rows() -> None:
    for conditions in (LZ, GLZ, LZ4):
        assert choice.choose(F._32BIT, 20, 20, 84, conditions) is ImageType.BITMAP
    assert choice.choose(F._8BIT, 20, 20, 24, AUTO_LZ) is ImageType.BITMAP
    assert choice.choose(F._32BIT, 20, 20, 84, AUTO_LZ, Level.LOW) is ImageType.QUIC
    assert choice.choose(F._32BIT, 20, 20, 84, replace(QUIC, **WAN)) is ImageType.JPEG
    assert choice.choose(F.RGBA, 20, 20, 84, replace(QUIC, **WAN)) is ImageType.QUIC


def test_masks_have_no_palette() -> None:
    assert choice.choose(F._1BIT_BE, 400, 20, 50, LZ, palette=False) is ImageType.BITMAP


def test_the_level_is_asked_for_only_when_it_matters() -> None:
    def asked() -> Level:
        raise AssertionError

    for conditions, format in ((OFF, F._32BIT), (LZ, F._32BIT), (QUIC, F._32BIT), (AUTO_GLZ, F._8BIT)):
        choice.choose(format, 20, 20, bitmap.row_size(format, 20), conditions, asked)


@pytest.mark.parametrize("preferred", [0, 8, 99])
def test_unknown_preference(preferred: int) -> None:
    with pytest.raises(LocalError):
        choice.choose(F._32BIT, 20, 20, 80, Conditions(preferred))


def test_unknown_format() -> None:
    with pytest.raises(LocalError):
        choice.choose(11, 20, 20, 80, LZ)
