"""LZ4 images."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, lz4
from spiceproto.enums.image import BitmapFmt
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.codec_samples import colours_sha256, samples

FORMATS = sorted(lz4.FORMATS)


def picture(format: int, width: int, height: int, seed: int) -> NDArray[Any]:
    """A quarter noise, the rest flat: both kinds of LZ4 sequence."""
    dice = np.random.default_rng(seed)
    dtype = bitmap.LAYOUTS[format].dtype
    top = {BitmapFmt._16BIT: 1 << 16, BitmapFmt.RGBA: 1 << 32}.get(BitmapFmt(format), 1 << 24)
    noise = dice.integers(0, top, (height, width), dtype, endpoint=False)
    return np.where(dice.random((height, width)) < 0.25, noise, noise[0, 0])


@given(
    st.sampled_from(FORMATS),
    st.integers(1, 40),
    st.integers(1, 20),
    st.booleans(),
    st.none() | st.integers(1, 21),
    st.integers(0, 99),
)
def test_round_trip(format: int, width: int, height: int, top_down: bool, rows: int | None, seed: int) -> None:
    pixels = picture(format, width, height, seed)
    stream = lz4.encode(pixels, format, top_down=top_down, rows_per_block=rows)
    assert lz4.header(stream) == (top_down, format)
    found = lz4.decode(stream, width, height)
    assert found.dtype == pixels.dtype
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert np.array_equal(found, pixels)
    with memoryview(stream) as view:
        assert np.array_equal(lz4.decode(view, width, height), pixels)


def test_blocks_refer_to_earlier_blocks() -> None:
    row = np.random.default_rng(1).integers(0, 1 << 24, 256, np.uint32)
    pixels = np.tile(row, (64, 1))
    stream = lz4.encode(pixels, BitmapFmt._32BIT, rows_per_block=1)
    assert len(stream) < 1100 + 64 * 24
    assert np.array_equal(lz4.decode(stream, 256, 64), pixels)


def test_picture_larger_than_the_reach() -> None:
    pixels = picture(BitmapFmt._32BIT, 300, 200, 4)
    stream = lz4.encode(pixels, BitmapFmt._32BIT, rows_per_block=7)
    assert np.array_equal(lz4.decode(stream, 300, 200), pixels)


def test_border_of_blocks_inside_a_row() -> None:
    """Chunks of guest memory may end anywhere."""
    literals = bytes(range(12))
    blocks = b"".join(
        struct.pack(">I", len(part) + 1) + bytes([len(part) << 4]) + part for part in (literals[:5], literals[5:])
    )
    assert lz4.decode(b"\x01\x08" + blocks, 3, 1).tolist() == [[0x020100, 0x060504, 0x0A0908]]


def test_any_direction_but_zero_is_top_down() -> None:
    pixels = picture(BitmapFmt._32BIT, 5, 5, 1)
    stream = lz4.encode(pixels, BitmapFmt._32BIT)
    assert np.array_equal(lz4.decode(b"\x80" + stream[1:], 5, 5), pixels)
    assert np.array_equal(lz4.decode(b"\x00" + stream[1:], 5, 5), pixels[::-1])


@pytest.mark.parametrize("entry", samples("lz4"), ids=lambda entry: str(entry["file"]))
def test_real(entry: dict[str, Any]) -> None:
    assert colours_sha256(lz4.decode(entry["data"], entry["width"], entry["height"])) == entry["colours_sha256"]


@pytest.mark.parametrize("rows", [None, 2])
def test_truncated(rows: int | None) -> None:
    stream = lz4.encode(picture(BitmapFmt._24BIT, 7, 6, 1), BitmapFmt._24BIT, rows_per_block=rows)
    for length in range(len(stream)):
        with pytest.raises(RemoteError):
            lz4.decode(stream[:length], 7, 6)


@pytest.mark.parametrize("tail", [b"\0", b"\0\0\0\0", b"\0\0\0\1\0", b"\0\0\0\2\x10a"])
def test_trailing(tail: bytes) -> None:
    stream = lz4.encode(picture(BitmapFmt._32BIT, 7, 6, 1), BitmapFmt._32BIT)
    with pytest.raises(RemoteError):
        lz4.decode(stream + tail, 7, 6)


def test_other_size_than_the_stream() -> None:
    stream = lz4.encode(picture(BitmapFmt._32BIT, 7, 6, 1), BitmapFmt._32BIT)
    for width, height in ((7, 5), (7, 7), (6, 6), (8, 6), (0, 6), (7, 0)):
        with pytest.raises(RemoteError):
            lz4.decode(stream, width, height)
    with pytest.raises(LimitError):
        lz4.decode(stream, 1 << 20, 1 << 20)


@pytest.mark.parametrize("format", [0, 1, 2, 3, 4, 5, 10, 11, 255])
def test_other_formats(format: int) -> None:
    with pytest.raises(RemoteError, match="bitmap format"):
        lz4.decode(bytes((1, format, 0, 0, 0, 1, 0)), 1, 1)
    if format < 11:
        with pytest.raises(LocalError):
            lz4.encode(np.zeros((1, 1), np.uint8), format)


@pytest.mark.parametrize(
    "blocks",
    [
        b"",  # none at all
        b"\xff\xff\xff\xff",  # a size past the end
        b"\0\0\0\0",  # an empty block
        b"\0\0\0\1\0",  # a block that yields nothing
        b"\0\0\0\6\x1fa\x01\x00\xff\xff",  # a match longer than the picture
        b"\0\0\0\5\x10a\x09\x00\x00",  # a match before the start
        b"\0\0\0\3\x50aa",  # literals past the block
    ],
)
def test_broken_blocks(blocks: bytes) -> None:
    with pytest.raises(RemoteError):
        lz4.decode(b"\x01\x08" + blocks, 2, 2)


def test_too_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = lz4.encode(picture(BitmapFmt._32BIT, 4, 6, 1), BitmapFmt._32BIT, rows_per_block=1)
    monkeypatch.setattr(lz4, "BLOCKS", 6)
    assert lz4.decode(stream, 4, 6).shape == (6, 4)
    monkeypatch.setattr(lz4, "BLOCKS", 5)
    with pytest.raises(LimitError):
        lz4.decode(stream, 4, 6)


def test_rows_per_block() -> None:
    with pytest.raises(LocalError):
        lz4.encode(np.zeros((2, 2), np.uint32), BitmapFmt._32BIT, rows_per_block=0)


def test_mutated() -> None:
    streams = [
        lz4.encode(picture(format, 13, 11, format), format, top_down=top_down, rows_per_block=rows)
        for format in FORMATS
        for top_down, rows in ((True, None), (False, 1), (True, 4))
    ]

    def decode(stream: bytes) -> None:
        found = lz4.decode(stream, 13, 11)
        assert found.shape == (11, 13)

    accepted, refused = survives(decode, streams, rounds())
    assert accepted
    assert refused


@pytest.mark.parametrize("rows", [None, 1, 7, 24, 1000])
@pytest.mark.parametrize("top_down", [True, False])
@pytest.mark.parametrize("format", sorted(lz4.FORMATS))
def test_rows_as_they_lie_in_memory(format: BitmapFmt, top_down: bool, rows: int | None) -> None:
    pixels = picture(format, 24, 17, 3)
    data, stride = bitmap.encode(pixels, format, top_down=top_down)
    made = lz4.encode_rows(data, format, stride, top_down=top_down, rows_per_block=rows)
    assert made == lz4.encode(pixels, format, top_down=top_down, rows_per_block=rows)
    assert made == lz4.encode_rows(memoryview(data), format, stride, top_down=top_down, rows_per_block=rows)
    assert (lz4.decode(made, pixels.shape[1], pixels.shape[0]) == pixels).all()


def test_rows_of_no_format() -> None:
    with pytest.raises(LocalError, match="format"):
        lz4.encode_rows(b"\0" * 8, BitmapFmt._8BIT_A, 8, top_down=True)
    with pytest.raises(LocalError, match="rows_per_block"):
        lz4.encode_rows(b"\0" * 8, BitmapFmt._32BIT, 8, top_down=True, rows_per_block=0)
