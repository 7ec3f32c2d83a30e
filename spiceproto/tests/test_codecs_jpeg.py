"""JPEG pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from spiceproto import limits
from spiceproto.codecs import bitmap, jpeg
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.codec_samples import colours_sha256, samples


def picture(width: int, height: int, seed: int) -> NDArray[np.uint32]:
    """Coloured squares with a little noise."""
    dice = np.random.default_rng(seed)
    squares = np.kron(dice.integers(0, 240, (height // 5 + 1, width // 5 + 1, 3)), np.ones((5, 5, 1), np.int64))
    red, green, blue = (squares[:height, :width, :3] + dice.integers(0, 16, (height, width, 3))).transpose(2, 0, 1)
    packed: NDArray[np.uint32] = (red << 16 | green << 8 | blue).astype(np.uint32)
    return packed


def channels(pixels: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.stack([pixels >> shift & 255 for shift in (16, 8, 0)], axis=2).astype(np.int64)


def pillow(stream: bytes) -> NDArray[np.uint32]:
    """The picture by Pillow, which leaves libjpeg's defaults as they are."""
    red, green, blue = np.asarray(Image.open(io.BytesIO(stream)).convert("RGB")).astype(np.uint32).transpose(2, 0, 1)
    packed: NDArray[np.uint32] = red << 16 | green << 8 | blue
    return packed


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 50, 85, 100]), st.booleans(), st.integers(0, 9))
def test_round_trip(width: int, height: int, quality: int, fast: bool, seed: int) -> None:
    pixels = picture(width, height, seed)
    stream = jpeg.encode(pixels, quality, fast=fast)
    assert jpeg.header(stream) == (width, height, 3, 0)
    found = jpeg.decode(stream, width, height, fast=fast)
    assert found.dtype == np.uint32
    assert found.shape == (height, width)
    assert found.flags.writeable
    assert not (found >> 24).any()
    if quality == 100:
        assert np.abs(channels(found) - channels(pixels)).mean() < 40


def test_soft_pictures_come_back_nearly_the_same() -> None:
    y, x = np.mgrid[0:64, 0:96].astype(np.uint32)
    pixels = (x * 2) << 16 | (y * 3) << 8 | (x + y)
    for fast in (False, True):
        found = jpeg.decode(jpeg.encode(pixels, 95, fast=fast), fast=fast)
        assert np.abs(channels(found) - channels(pixels)).mean() < 3


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 100), st.integers(0, 9))
def test_decodes_and_encodes_as_libjpeg_by_default(width: int, height: int, quality: int, seed: int) -> None:
    stream = jpeg.encode(picture(width, height, seed), quality)
    assert np.array_equal(jpeg.decode(stream), pillow(stream))


def test_top_byte_does_not_count() -> None:
    pixels = picture(20, 10, 1)
    assert jpeg.encode(pixels | np.uint32(0x5A000000)) == jpeg.encode(pixels)


def test_16_bit_pictures_are_widened() -> None:
    pixels = np.random.default_rng(1).integers(0, 1 << 16, (9, 17), np.uint16)
    assert jpeg.encode(pixels) == jpeg.encode(bitmap.widen(pixels))


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {}),
        ("RGB", {"progressive": True}),
        ("RGB", {"subsampling": 0}),
        ("RGB", {"subsampling": 1}),
        ("RGB", {"restart_marker_rows": 1}),
    ],
)
def test_other_kinds(mode: str, options: dict[str, Any]) -> None:
    source = Image.fromarray(channels(picture(45, 33, 2)).astype(np.uint8)).convert(mode)
    stream = io.BytesIO()
    source.save(stream, "JPEG", **options)
    assert np.array_equal(jpeg.decode(stream.getvalue(), 45, 33), pillow(stream.getvalue()))


def test_four_components_are_refused() -> None:
    stream = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(stream, "JPEG")
    with pytest.raises(RemoteError, match="kind of JPEG"):
        jpeg.decode(stream.getvalue())


@pytest.mark.parametrize("entry", samples("jpeg"), ids=lambda entry: str(entry["file"]))
def test_real(entry: dict[str, Any]) -> None:
    """Bit for bit what spice-gtk showed."""
    assert colours_sha256(jpeg.decode(entry["data"], entry["width"], entry["height"])) == entry["colours_sha256"]


@pytest.mark.parametrize("entry", samples("mjpeg"), ids=lambda entry: str(entry["file"]))
def test_real_video(entry: dict[str, Any]) -> None:
    """Bit for bit what libjpeg-turbo makes of it with spice-gtk's settings for video."""
    found = jpeg.decode(entry["data"], entry["width"], entry["height"], fast=True)
    assert colours_sha256(found) == entry["colours_sha256"]
    assert colours_sha256(jpeg.decode(entry["data"])) != entry["colours_sha256"]


def test_truncated() -> None:
    stream = jpeg.encode(picture(17, 9, 1))
    for length in range(len(stream) - 1):
        with pytest.raises(RemoteError):
            jpeg.decode(stream[:length])


def test_trailing_bytes_do_not_count() -> None:
    stream = jpeg.encode(picture(17, 9, 1))
    assert np.array_equal(jpeg.decode(stream + b"\xff\xd8more"), jpeg.decode(stream))


def test_other_size_than_the_image() -> None:
    stream = jpeg.encode(picture(17, 9, 1))
    for width, height in ((16, 9), (17, 8), (9, 17), (18, None), (None, 10)):
        with pytest.raises(RemoteError, match="another size"):
            jpeg.decode(stream, width, height)


def test_limits_are_checked_on_the_header() -> None:
    stream = bytearray(jpeg.encode(picture(17, 9, 1)))
    (frame,) = [part for part in jpeg.segments(stream) if part.marker == 0xC0]
    stream[frame.start + 5 : frame.start + 9] = b"\xff\xff\xff\xff"
    assert limits.IMAGE_PIXELS < 0xFFFF**2
    with pytest.raises(LimitError, match="too large"):
        jpeg.decode(stream)


def test_scans_are_counted() -> None:
    stream = jpeg.encode(picture(17, 9, 1))
    with pytest.raises(LimitError, match="scans"):
        jpeg.decode(stream + b"\xff\xda" * jpeg.SCANS)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff\xff",
        b"\xff\xd8\xff\x00",
        b"\xff\xd8\xff\xc0\x00\x00",
        b"\xff\xd8\xff\xc0\x00\x02\xff\xda\x00\x02",
        b"\xff\xd8\xff\xda\x00\x02",
        b"\xff\xd8\xff\xc0\xff\xff",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_no_picture(stream: bytes) -> None:
    with pytest.raises(RemoteError):
        jpeg.decode(stream)


def test_encode_refuses() -> None:
    for pixels in (
        np.zeros((2, 2), np.uint8),
        np.zeros((0, 2), np.uint32),
        np.zeros((2, 2, 4), np.uint32),
        np.zeros((1, 65501), np.uint16),
    ):
        with pytest.raises(LocalError):
            jpeg.encode(pixels)
    for quality in (0, 101):
        with pytest.raises(LocalError):
            jpeg.encode(np.zeros((2, 2), np.uint32), quality)


def test_mutated() -> None:
    progressive = io.BytesIO()
    Image.fromarray(channels(picture(30, 20, 1)).astype(np.uint8)).save(progressive, "JPEG", progressive=True)
    streams = [jpeg.encode(picture(33, 21, seed), 60 + seed) for seed in range(3)] + [progressive.getvalue()]

    def decode(stream: bytes) -> None:
        assert jpeg.decode(stream, fast=bool(len(stream) & 1)).dtype == np.uint32

    accepted, refused = survives(decode, streams, rounds())
    assert accepted
    assert refused
