"""PNG files are read by others as the pictures that they were made of."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from spiceproto import png

_NOISE = np.random.default_rng(1).integers(0, 256, (7, 11, 3), np.uint8)

PICTURES: dict[str, NDArray[np.uint8]] = {
    "one pixel": np.array([[[255, 0, 7]]], np.uint8),
    "one column": _NOISE[:, :1],
    "one row": _NOISE[:1],
    "noise": _NOISE,
    "the same rows": np.repeat(_NOISE[:1], 9, axis=0),
    "the same columns": np.repeat(_NOISE[:, :1], 9, axis=1),
    "part of a larger one": _NOISE[1::2, ::-1],
}


@pytest.mark.parametrize("name", PICTURES)
def test_round_trip(name: str) -> None:
    with Image.open(io.BytesIO(png.encode(PICTURES[name]))) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        image.load()
        assert (np.asarray(image) == PICTURES[name]).all()


def test_alpha_is_written() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (5, 9, 4), np.uint8)
    with Image.open(io.BytesIO(png.encode(picture))) as image:
        assert image.mode == "RGBA" and np.array_equal(np.asarray(image), picture)


def test_rows_are_filtered() -> None:
    """Each as it is smallest: what repeats itself downwards and what does to the right is a tenth of the noise."""
    rows = np.repeat(np.random.default_rng(2).integers(0, 256, (1, 300, 3), np.uint8), 300, axis=0)
    for picture in (rows, np.ascontiguousarray(rows.transpose(1, 0, 2))):
        assert len(png.encode(picture)) * 10 < picture.size < len(zlib.compress(rows[0])) * 320


def test_damage_is_noticed() -> None:
    data = bytearray(png.encode(_NOISE))
    data[40] ^= 1
    with pytest.raises((OSError, SyntaxError)), Image.open(io.BytesIO(data)) as image:
        image.load()


@pytest.mark.parametrize("name", PICTURES)
def test_what_was_written_is_read(name: str) -> None:
    assert (png.decode(png.encode(PICTURES[name])) == PICTURES[name]).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_what_others_write_is_read(mode: str) -> None:
    """They use all filters."""
    smooth = np.random.default_rng(3).integers(0, 40, (40, 30, 3), np.uint8) + np.arange(90, dtype=np.uint8).reshape(30, 3)
    file = io.BytesIO()
    Image.fromarray(smooth.astype(np.uint8)).convert(mode).save(file, "PNG")
    packed = file.getvalue()
    size = len(mode)
    rows = np.frombuffer(zlib.decompress(packed[41 : packed.rindex(b"IEND") - 8]), np.uint8).reshape(40, -1)
    assert set(rows[:, 0].tolist()) >= {4} and rows.shape[1] == 1 + 30 * size
    assert (png.decode(packed) == smooth).all()


@pytest.mark.parametrize("cut", [0, 8, 20, 33, 50, -5])
def test_what_is_no_file_is_said_to_be_none(cut: int) -> None:
    with pytest.raises(ValueError, match="PNG"):
        png.decode(png.encode(_NOISE)[:cut])


def test_filters_are_what_the_standard_says() -> None:
    """3 is the mean of left and above, 4 the nearest of left, above and corner."""
    rows = b"\x03\x0a\x14\x1e\x05\x05\x05" + b"\x04\x01\x02\x03\x04\x05\x06"
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\x02\0\0\0\0\0\0\0"
    packed = zlib.compress(rows)
    data = header + len(packed).to_bytes(4, "big") + b"IDAT" + packed + bytes(4) + bytes(4) + b"IEND" + bytes(4)
    assert png.decode(data).tolist() == [[[10, 20, 30], [10, 15, 20]], [[11, 22, 33], [15, 20, 26]]]
