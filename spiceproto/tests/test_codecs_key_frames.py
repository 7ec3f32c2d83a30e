"""Which frames of video need none before them: those of encoders, and a few bytes."""

from __future__ import annotations

import numpy as np
import pytest

from spiceproto.codecs.key_frames import stands_alone
from spiceproto.codecs.video import encoder
from spiceproto.enums.display import VideoCodecType


def pictures() -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint32]]]:
    rows, columns = np.mgrid[0:64, 0:96].astype(np.uint32)
    return [(rows + step << np.uint32(8)) + columns for step in range(3)]


@pytest.mark.parametrize("codec", [codec for codec in VideoCodecType if codec != VideoCodecType.MJPEG])
def test_the_first_frame_of_an_encoder_stands_alone(codec: VideoCodecType) -> None:
    pytest.importorskip("av")
    coder = encoder(codec, 96, 64)
    assert [stands_alone(codec, coder.encode(picture)) for picture in pictures()] == [True, False, False]


def test_jpeg_pictures_stand_alone_with_their_tables() -> None:
    pytest.importorskip("simplejpeg")
    data = encoder(VideoCodecType.MJPEG, 96, 64).encode(pictures()[0])
    assert stands_alone(VideoCodecType.MJPEG, data) is True
    tables = data.index(b"\xff\xc4")
    scan = data.index(b"\xff\xda")
    assert stands_alone(VideoCodecType.MJPEG, data[:tables] + data[scan:]) is False


@pytest.mark.parametrize(
    ("codec", "data"),
    [(1, b"no picture"), (3, b"nothing"), (4, b"\x00"), (5, b"\x00\x00\x01"), (2, b""), (9, b"\x00")],
)
def test_what_is_not_known(codec: int, data: bytes) -> None:
    assert stands_alone(codec, data) is None


def test_a_third_profile_has_a_bit_more() -> None:
    assert [stands_alone(VideoCodecType.VP9, bytes([first])) for first in (0b10110000, 0b10110010, 0b10110100)] == [
        True,
        False,
        False,
    ]
