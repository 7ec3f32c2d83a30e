"""Raw bitmaps and palettes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import bitmap, palette
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds
from spiceproto.tests.codec_samples import colours_sha256, samples

FORMATS = sorted(bitmap.LAYOUTS)
INDEXED = [number for number in FORMATS if bitmap.LAYOUTS[number].indexed]
DIRECT = [number for number in FORMATS if not bitmap.LAYOUTS[number].indexed]


def picture(format: int, width: int, height: int, seed: int) -> NDArray[Any]:
    layout = bitmap.LAYOUTS[format]
    top = 1 << (24 if format in (BitmapFmt._24BIT, BitmapFmt._32BIT) else layout.bits)
    return np.random.default_rng(seed).integers(0, top, (height, width), layout.dtype, endpoint=False)


def pixel_by_pixel(data: bytes, format: int, width: int, height: int, stride: int, top_down: bool) -> list[list[int]]:
    """The table at the top of bitmap.py, read again, slowly."""
    rows = []
    for y in range(height):
        row = data[(y if top_down else height - 1 - y) * stride :]
        line = []
        for x in range(width):
            match BitmapFmt(format):
                case BitmapFmt._1BIT_LE:
                    line.append(row[x // 8] >> (x % 8) & 1)
                case BitmapFmt._1BIT_BE:
                    line.append(row[x // 8] >> (7 - x % 8) & 1)
                case BitmapFmt._4BIT_LE:
                    line.append(row[x // 2] >> (x % 2 * 4) & 15)
                case BitmapFmt._4BIT_BE:
                    line.append(row[x // 2] >> ((1 - x % 2) * 4) & 15)
                case BitmapFmt._8BIT | BitmapFmt._8BIT_A:
                    line.append(row[x])
                case BitmapFmt._16BIT:
                    line.append(row[2 * x] | row[2 * x + 1] << 8)
                case BitmapFmt._24BIT:
                    line.append(row[3 * x] | row[3 * x + 1] << 8 | row[3 * x + 2] << 16)
                case BitmapFmt._32BIT:
                    line.append(int.from_bytes(row[4 * x : 4 * x + 3], "little"))
                case BitmapFmt.RGBA:
                    line.append(int.from_bytes(row[4 * x : 4 * x + 4], "little"))
        rows.append(line)
    return rows


def read(data: bytes, format: int, width: int, height: int, stride: int, top_down: bool) -> NDArray[Any]:
    take = bitmap.indices if bitmap.LAYOUTS[format].indexed else bitmap.decode
    return take(data, format, width, height, stride, top_down=top_down)


@given(st.sampled_from(FORMATS), st.integers(1, 35), st.integers(1, 9), st.integers(0, 5), st.booleans(), st.integers(0, 9))
def test_round_trip(format: int, width: int, height: int, padding: int, top_down: bool, seed: int) -> None:
    pixels = picture(format, width, height, seed)
    stride = bitmap.row_size(format, width) + padding
    data, found = bitmap.encode(pixels, format, top_down=top_down, stride=stride)
    assert found == stride
    assert len(data) == stride * height == bitmap.size(format, width, height, stride)
    again = read(data, format, width, height, stride, top_down)
    assert again.dtype == pixels.dtype
    assert again.flags.c_contiguous
    assert again.flags.writeable
    assert np.array_equal(again, pixels)


@given(st.sampled_from(FORMATS), st.integers(1, 20), st.integers(1, 4), st.integers(0, 3), st.booleans(), st.data())
def test_every_format_pixel_by_pixel(
    format: int, width: int, height: int, padding: int, top_down: bool, data: st.DataObject
) -> None:
    stride = bitmap.row_size(format, width) + padding
    body = data.draw(st.binary(min_size=stride * height, max_size=stride * height))
    found = read(body, format, width, height, stride, top_down)
    assert found.tolist() == pixel_by_pixel(body, format, width, height, stride, top_down)
    with memoryview(body) as view:
        assert np.array_equal(found, read(view, format, width, height, stride, top_down))  # type: ignore[arg-type]


@pytest.mark.parametrize("format", FORMATS)
def test_default_stride_is_least(format: int) -> None:
    pixels = picture(format, 13, 3, 1)
    data, stride = bitmap.encode(pixels, format, top_down=True)
    assert stride == bitmap.row_size(format, 13)
    assert len(data) == 3 * stride


@pytest.mark.parametrize("format", FORMATS)
def test_truncated(format: int) -> None:
    data, stride = bitmap.encode(picture(format, 11, 3, 1), format, top_down=True)
    for length in range(len(data)):
        with pytest.raises(RemoteError):
            read(data[:length], format, 11, 3, stride, True)


@pytest.mark.parametrize("format", FORMATS)
def test_trailing_bytes_do_not_count(format: int) -> None:
    pixels = picture(format, 11, 3, 1)
    data, stride = bitmap.encode(pixels, format, top_down=False)
    assert np.array_equal(read(data + b"more", format, 11, 3, stride, False), pixels)


@pytest.mark.parametrize("format", DIRECT)
@pytest.mark.parametrize("top_down", [True, False])
def test_result_is_no_view(format: int, top_down: bool) -> None:
    data, stride = bitmap.encode(picture(format, 8, 1, 1), format, top_down=top_down)
    body = bytearray(data)
    found = read(body, format, 8, 1, stride, top_down)  # type: ignore[arg-type]
    before = found.copy()
    body[:] = bytes(len(body))
    assert np.array_equal(found, before)


@pytest.mark.parametrize(
    ("format", "width", "height", "stride"),
    [(0, 1, 1, 4), (11, 1, 1, 4), (255, 1, 1, 4), (8, 0, 1, 4), (8, 1, 0, 4), (8, 2, 1, 7), (1, 9, 1, 1), (3, 3, 1, 1)],
)
def test_numbers_that_make_no_picture(format: int, width: int, height: int, stride: int) -> None:
    with pytest.raises(RemoteError):
        bitmap.decode(bytes(64), format, width, height, stride, top_down=True, palette=[0] * 256)


def test_limit_comes_before_length() -> None:
    side = 1 << 13
    assert bitmap.size(BitmapFmt._32BIT, side, side, 4 * side) == 4 * limits.IMAGE_PIXELS
    with pytest.raises(LimitError):
        bitmap.decode(b"", BitmapFmt._1BIT_BE, side + 1, side, 1 << 20, top_down=True)
    with pytest.raises(LimitError):
        bitmap.decode(b"", BitmapFmt._1BIT_BE, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, top_down=True)


def test_garbage() -> None:
    dice = np.random.default_rng(3)
    accepted = 0
    for _ in range(rounds()):
        format, width, height, stride = (int(x) for x in dice.integers(0, (12, 40, 8, 64)))
        if dice.random() < 0.1:
            width = int(dice.integers(0, 1 << 32))
        data = dice.bytes(int(dice.integers(0, 400)))
        colours = [7] * int(dice.integers(0, 300)) if dice.random() < 0.8 else None
        try:
            found = bitmap.decode(data, format, width, height, stride, top_down=bool(stride & 1), palette=colours)
        except RemoteError:
            continue
        accepted += 1
        assert found.shape == (height, width)
    assert accepted > rounds() // 20


@pytest.mark.parametrize(
    ("pixels", "format"),
    [
        (np.zeros((2, 2), np.uint8), BitmapFmt._32BIT),
        (np.zeros((2, 2), np.uint32), BitmapFmt._16BIT),
        (np.zeros((2, 2, 4), np.uint8), BitmapFmt._8BIT),
        (np.zeros((0, 2), np.uint32), BitmapFmt._32BIT),
        (np.full((1, 1), 2, np.uint8), BitmapFmt._1BIT_LE),
        (np.full((1, 1), 16, np.uint8), BitmapFmt._4BIT_BE),
        (np.zeros((2, 2), np.uint8), 0),
    ],
)
def test_encode_refuses(pixels: NDArray[Any], format: int) -> None:
    with pytest.raises(LocalError):
        bitmap.encode(pixels, format, top_down=True)


def test_encode_refuses_a_short_stride() -> None:
    with pytest.raises(LocalError):
        bitmap.encode(np.zeros((2, 2), np.uint32), BitmapFmt._32BIT, top_down=True, stride=7)


def test_indices_of_a_format_without() -> None:
    with pytest.raises(LocalError):
        bitmap.indices(bytes(16), BitmapFmt._32BIT, 2, 2, 8, top_down=True)


@pytest.mark.parametrize("entry", samples("bitmap"), ids=lambda entry: str(entry["file"]))
def test_real(entry: dict[str, Any]) -> None:
    pixels = bitmap.decode(
        entry["data"],
        entry["format"],
        entry["width"],
        entry["height"],
        entry["stride"],
        top_down=entry["top_down"],
        palette=entry.get("palette"),
    )
    if pixels.dtype == np.uint16:
        pixels = bitmap.widen(pixels)
    assert colours_sha256(pixels) == entry["colours_sha256"]


def test_widen_repeats_the_high_bits() -> None:
    every = np.arange(1 << 16, dtype=np.uint16)
    wide = bitmap.widen(every)
    for value in (0, 1, 0x1F, 0x20, 0x3E0, 0x400, 0x7C00, 0x7FFF, 0x8000, 0xFFFF, 0x1234):
        red, green, blue = (value >> shift & 31 for shift in (10, 5, 0))
        assert wide[value] == sum((c << 3 | c >> 2) << s for c, s in ((red, 16), (green, 8), (blue, 0)))
    assert np.array_equal(bitmap.narrow(wide), every & 0x7FFF)
    assert bitmap.narrow(np.array([[0xFF07F80F]], np.uint32)) == 0x03E1


# Palettes


@given(st.integers(1, 256), st.integers(0, 99))
def test_palette_looks_up(count: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    values = [int(value) for value in dice.integers(0, 1 << 32, count)]
    indices = dice.integers(0, count, (3, 5), np.uint8)
    found = palette.apply(indices, values)
    assert found.dtype == np.uint32
    assert found.tolist() == [[values[i] & 0xFFFFFF for i in row] for row in indices.tolist()]
    assert np.array_equal(found, palette.apply(indices, np.array(values, np.uint32)))


def test_palette_of_16_bits_stays_so() -> None:
    found = palette.apply(np.array([[1, 0]], np.uint8), np.array([0x8001, 0x7FFF], np.uint16))
    assert found.dtype == np.uint16
    assert found.tolist() == [[0x7FFF, 0x8001]]


def test_palette_index_without_entry() -> None:
    indices = np.array([[0, 2]], np.uint8)
    with pytest.raises(RemoteError, match="no palette entry"):
        palette.apply(indices, [1, 2])
    assert palette.apply(indices, [1, 2], modulo=True).tolist() == [[1, 1]]


def test_palette_empty_or_missing() -> None:
    with pytest.raises(RemoteError):
        palette.apply(np.zeros((1, 1), np.uint8), [])
    with pytest.raises(RemoteError):
        palette.apply(np.zeros((1, 1), np.uint8), np.zeros(0, np.uint32))
    for format in INDEXED:
        with pytest.raises(RemoteError, match="without a palette"):
            bitmap.decode(bytes(4), format, 1, 1, 4, top_down=True)


def test_palette_entries_past_256_do_not_count() -> None:
    assert palette.apply(np.array([[255]], np.uint8), list(range(300))).tolist() == [[255]]
    assert palette.entries(range(300)).size == 256


def test_palette_of_another_kind() -> None:
    with pytest.raises(LocalError):
        palette.apply(np.zeros((1, 1), np.uint8), np.zeros((2, 2), np.uint32))
    with pytest.raises(LocalError):
        palette.apply(np.zeros((1, 1), np.uint8), np.zeros(2, np.float64))
