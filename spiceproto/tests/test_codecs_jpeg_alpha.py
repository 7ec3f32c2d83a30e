"""JPEG pictures with alpha."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spiceproto.codecs import jpeg, jpeg_alpha, lz
from spiceproto.enums.image import JpegAlphaFlags
from spiceproto.errors import LocalError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.codec_samples import colours_sha256, samples


def picture(width: int, height: int, seed: int) -> NDArray[np.uint32]:
    dice = np.random.default_rng(seed)
    alpha = np.where(dice.random((height, width)) < 0.5, 255, dice.integers(0, 256, (height, width)))
    packed: NDArray[np.uint32] = (alpha.astype(np.uint32) << 24) | dice.integers(0, 1 << 24, (height, width), np.uint32)
    return packed


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 99))
def test_round_trip(width: int, height: int, seed: int) -> None:
    pixels = picture(width, height, seed)
    flags, jpeg_size, data = jpeg_alpha.encode(pixels)
    assert flags == JpegAlphaFlags.TOP_DOWN
    found = jpeg_alpha.decode(data, jpeg_size, width, height, top_down=True)
    assert np.array_equal(found >> 24, pixels >> 24)
    assert np.array_equal(found & 0xFFFFFF, jpeg.decode(data[:jpeg_size]))


def test_alpha_bottom_up() -> None:
    pixels = picture(9, 7, 1)
    colour = jpeg.encode(pixels)
    alpha = lz.encode((pixels >> 24).astype(np.uint8), lz.LzImageType.XXXA, top_down=False)
    found = jpeg_alpha.decode(colour + alpha, len(colour), 9, 7, top_down=False)
    assert np.array_equal(found >> 24, pixels >> 24)
    assert np.array_equal(found & 0xFFFFFF, jpeg.decode(colour))


@pytest.mark.parametrize("entry", samples("jpeg_alpha"), ids=lambda entry: str(entry["file"]))
def test_real(entry: dict[str, Any]) -> None:
    found = jpeg_alpha.decode(entry["data"], entry["jpeg_size"], entry["width"], entry["height"], top_down=entry["top_down"])
    assert colours_sha256(found) == entry["colours_sha256"]
    assert hashlib.sha256((found >> 24).astype(np.uint8).tobytes()).hexdigest() == entry["alpha_sha256"]


def test_parts_must_agree() -> None:
    pixels = picture(9, 7, 1)
    colour = jpeg.encode(pixels)
    plane = (pixels >> 24).astype(np.uint8)
    alpha = lz.encode(plane, lz.LzImageType.XXXA)
    data, size = colour + alpha, len(colour)
    jpeg_alpha.decode(data, size, 9, 7, top_down=True)
    shorter = jpeg.encode(pixels[1:])
    for body, jpeg_size, width, height, top_down in (
        (data, size, 9, 7, False),
        (data, size, 7, 9, True),
        (data, size - 1, 9, 7, True),
        (data, size + 1, 9, 7, True),
        (data, len(data) + 1, 9, 7, True),
        (data, 0, 9, 7, True),
        (colour + lz.encode(plane, lz.LzImageType.A8), size, 9, 7, True),
        (colour + lz.encode(plane[1:], lz.LzImageType.XXXA), size, 9, 7, True),
        (shorter + alpha, len(shorter), 9, 7, True),
    ):
        with pytest.raises(RemoteError):
            jpeg_alpha.decode(body, jpeg_size, width, height, top_down=top_down)


def test_truncated() -> None:
    _, size, data = jpeg_alpha.encode(picture(9, 7, 1))
    for length in range(len(data)):
        with pytest.raises(RemoteError):
            jpeg_alpha.decode(data[:length], size, 9, 7, top_down=True)


def test_encode_refuses() -> None:
    with pytest.raises(LocalError):
        jpeg_alpha.encode(np.zeros((2, 2), np.uint16))


def test_mutated() -> None:
    encoded = [jpeg_alpha.encode(picture(15, 11, seed)) for seed in range(3)]
    sizes = {len(one.data): one.jpeg_size for one in encoded}
    anything = encoded[0].jpeg_size

    def decode(stream: bytes) -> None:
        found = jpeg_alpha.decode(stream, sizes.get(len(stream), anything), 15, 11, top_down=True)
        assert found.shape == (11, 15)

    accepted, refused = survives(decode, [one.data for one in encoded], rounds())
    assert accepted
    assert refused
