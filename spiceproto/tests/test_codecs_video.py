"""Video streams."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spiceproto.codecs import jpeg, video, ycbcr
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import LimitError, LocalError, MissingExtraError, RemoteError
from spiceproto.tests.codec_mutations import rounds, survives
from spiceproto.tests.codec_samples import colours_sha256, messages, needs_pyav, samples


def picture(width: int, height: int, phase: int = 0) -> NDArray[np.uint32]:
    """A soft gradient that moves."""
    y, x = np.mgrid[0:height, 0:width].astype(np.uint32)
    red, green, blue = (x + phase) % width * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)
    packed: NDArray[np.uint32] = red << 16 | green << 8 | blue
    return packed


def distance(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    return max(
        float(np.abs((one >> shift & 255).astype(int) - (other >> shift & 255).astype(int)).mean()) for shift in (0, 8, 16)
    )


@pytest.mark.parametrize("codec", list(VideoCodecType))
def test_round_trip(codec: VideoCodecType) -> None:
    if codec != VideoCodecType.MJPEG:
        needs_pyav()
    coder, decoder = video.encoder(codec, 96, 64), video.decoder(codec)
    for phase in range(6):
        pixels = picture(96, 64, phase)
        (found,) = decoder.decode(coder.encode(pixels))
        assert found.dtype == np.uint32
        assert found.shape == (64, 96)
        assert found.flags.c_contiguous
        assert found.flags.writeable
        assert not (found >> 24).any()
        assert distance(found, pixels) < 8


@pytest.mark.parametrize("codec", [VideoCodecType.MJPEG, VideoCodecType.VP8, VideoCodecType.VP9])
def test_odd_sizes(codec: VideoCodecType) -> None:
    if codec != VideoCodecType.MJPEG:
        needs_pyav()
    for width, height in ((1, 1), (33, 17), (2, 65)):
        (found,) = video.decoder(codec).decode(video.encoder(codec, width, height).encode(picture(width, height)))
        assert found.shape == (height, width)


@pytest.mark.parametrize("codec", [VideoCodecType.MJPEG, VideoCodecType.VP8])
def test_bottom_up(codec: VideoCodecType) -> None:
    if codec != VideoCodecType.MJPEG:
        needs_pyav()
    frame = video.encoder(codec, 40, 30).encode(picture(40, 30))
    (down,) = video.decoder(codec).decode(frame)
    (up,) = video.decoder(codec, top_down=False).decode(frame)
    assert np.array_equal(up, down[::-1])
    assert up.flags.c_contiguous


@pytest.mark.parametrize("height", [64, 720])
def test_matrix_follows_the_height(height: int) -> None:
    """A flat colour comes back as itself only if both directions take the same matrix."""
    needs_pyav()
    pixels = np.full((height, 32), 0x2040E0, np.uint32)
    for codec in (VideoCodecType.VP8, VideoCodecType.H264):
        (found,) = video.decoder(codec).decode(video.encoder(codec, 32, height).encode(pixels))
        assert distance(found, pixels) < 4


def test_mjpeg_is_jpeg_with_the_fast_settings() -> None:
    pixels = picture(40, 30)
    frame = video.MjpegEncoder(80).encode(pixels)
    assert frame == jpeg.encode(pixels, 80, fast=True)
    (found,) = video.MjpegDecoder().decode(frame)
    assert np.array_equal(found, jpeg.decode(frame, fast=True))


def test_mjpeg_real() -> None:
    """Frames of one stream: only the first has Huffman tables."""
    decoder = video.decoder(VideoCodecType.MJPEG)
    entries = samples("mjpeg")
    assert [any(part.marker == jpeg.DHT for part in jpeg.segments(entry["data"])) for entry in entries] == [
        True,
        False,
        False,
    ]
    for entry in entries:
        (found,) = decoder.decode(entry["data"])
        assert colours_sha256(found) == entry["colours_sha256"]


def without(frame: bytes, *markers: int) -> bytes:
    parts = [part for part in jpeg.segments(frame) if part.marker not in markers]
    return frame[:2] + b"".join(frame[part.start : part.end] for part in parts) + frame[parts[-1].end :]


def test_mjpeg_tables_live_on() -> None:
    """Quantisation tables have no default, so a frame without them needs those of an earlier one."""
    first, second = (jpeg.encode(picture(40, 30, phase), quality, fast=True) for phase, quality in ((0, 30), (9, 70)))
    bare = without(second, jpeg.DQT, jpeg.DHT)
    decoder = video.MjpegDecoder()
    with pytest.raises(RemoteError):
        decoder.decode(bare)
    decoder.decode(first)
    (coarse,) = decoder.decode(bare)
    assert not np.array_equal(coarse, jpeg.decode(second, fast=True))
    decoder.decode(second)
    (fine,) = decoder.decode(bare)
    assert np.array_equal(fine, jpeg.decode(second, fast=True))


def test_mjpeg_tables_of_a_broken_frame_do_not() -> None:
    good, other = (jpeg.encode(picture(40, 30), quality, fast=True) for quality in (30, 70))
    decoder = video.MjpegDecoder()
    decoder.decode(good)
    with pytest.raises(RemoteError):
        decoder.decode(other[:-20])
    (found,) = decoder.decode(without(good, jpeg.DQT))
    assert np.array_equal(found, jpeg.decode(good, fast=True))


def test_vp8_real() -> None:
    needs_pyav()
    (entry,) = samples("vp8")
    decoder = video.decoder(VideoCodecType.VP8)
    frames = messages(entry["data"])
    assert len(frames) == entry["frames"]
    for frame in frames:
        (found,) = decoder.decode(frame)
        assert found.shape == (entry["height"], entry["width"])
        assert len(np.unique(found)) > 100


@pytest.mark.parametrize("codec", [0, 6, 255])
def test_unknown_codec(codec: int) -> None:
    with pytest.raises(RemoteError):
        video.decoder(codec)
    with pytest.raises((LocalError, MissingExtraError)):
        video.encoder(codec, 16, 16)


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"needs PyAV; expected pip install 'spiceproto\[video\]'"):
        video.decoder(VideoCodecType.VP8)
    with pytest.raises(MissingExtraError):
        video.encoder(VideoCodecType.VP8, 16, 16)
    video.decoder(VideoCodecType.MJPEG)


def test_frames_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "PIXELS", 64 * 64 - 1)
    with pytest.raises(LimitError):
        video.decoder(VideoCodecType.MJPEG).decode(jpeg.encode(picture(64, 64)))
    needs_pyav()
    small = video.decoder(VideoCodecType.VP8)
    monkeypatch.undo()
    frame = video.encoder(VideoCodecType.VP8, 64, 64).encode(picture(64, 64))
    with pytest.raises(RemoteError):
        small.decode(frame)


def test_encode_refuses() -> None:
    needs_pyav()
    coder = video.encoder(VideoCodecType.VP8, 16, 16)
    for pixels in (np.zeros((16, 15), np.uint32), np.zeros((16, 16), np.uint16)):
        with pytest.raises(LocalError):
            coder.encode(pixels)  # type: ignore[arg-type]
    for width, height in ((0, 16), (1 << 16, 1 << 16)):
        with pytest.raises(LocalError):
            video.encoder(VideoCodecType.VP8, width, height)


@pytest.mark.parametrize("codec", list(VideoCodecType))
def test_mutated(codec: VideoCodecType) -> None:
    if codec != VideoCodecType.MJPEG:
        needs_pyav()
    coder = video.encoder(codec, 32, 32)
    frames = [coder.encode(picture(32, 32, phase)) for phase in range(5)]
    decoder: Any = video.decoder(codec)

    def decode(frame: bytes) -> None:
        for found in decoder.decode(frame):
            assert found.dtype == np.uint32

    survives(decode, frames, rounds(200))
    # The decoder is still good for a fresh start.
    fresh = video.encoder(codec, 32, 32).encode(picture(32, 32))
    assert len(decoder.decode(fresh)) == 1


# Colours


@pytest.mark.parametrize("matrix", [ycbcr.BT601, ycbcr.BT709, ycbcr.BT2020])
def test_flat_colours_survive_the_way_there_and_back(matrix: ycbcr.Matrix) -> None:
    for colour in (0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0x808080, 0x204080, 0x13FE77):
        pixels = np.full((3, 5), colour, np.uint32)
        luma, cb, cr = ycbcr.from_rgb(pixels, matrix)
        assert luma.shape == (3, 5)
        assert cb.shape == cr.shape == (2, 3)
        assert distance(ycbcr.to_rgb(luma, cb, cr, matrix), pixels) <= 2


def test_known_colours() -> None:
    """The corners of BT.601 in limited range, and both ends of full range."""

    def rgb(luma: int, cb: int, cr: int, full: bool = False) -> int:
        planes = [np.full((1, 1), value, np.uint8) for value in (luma, cb, cr)]
        return int(ycbcr.to_rgb(planes[0], planes[1], planes[2], ycbcr.BT601, full=full)[0, 0])

    assert rgb(16, 128, 128) == 0x000000
    assert rgb(235, 128, 128) == 0xFFFFFF
    assert rgb(81, 90, 240) == 0xFE0000
    assert rgb(145, 54, 34) == 0x00FF01
    assert rgb(41, 240, 110) == 0x0000FF
    assert rgb(0, 0, 0) == 0x008800
    assert rgb(255, 255, 255) == 0xFF7DFF
    assert rgb(0, 128, 128, True) == 0x000000
    assert rgb(255, 128, 128, True) == 0xFFFFFF
    assert rgb(1, 128, 128, True) == 0x010101


@pytest.mark.parametrize(("rows", "columns"), [(3, 5), (3, 3), (2, 3)])
def test_chroma_of_full_and_half_size(rows: int, columns: int) -> None:
    dice = np.random.default_rng(1)
    luma = dice.integers(40, 200, (3, 5), np.uint8)
    cb, cr = dice.integers(100, 150, (2, rows, columns), np.uint8)
    down, right = (1 if rows == 3 else 2), (1 if columns == 5 else 2)
    found = ycbcr.to_rgb(luma, cb, cr, ycbcr.BT709)
    for y in range(3):
        for x in range(5):
            here = np.s_[y // down : y // down + 1, x // right : x // right + 1]
            alone = ycbcr.to_rgb(luma[y : y + 1, x : x + 1], cb[here], cr[here], ycbcr.BT709)
            assert found[y, x] == alone[0, 0]


@pytest.mark.parametrize("size", [(40, 30), (100, 50), (36, 30), (7, 7)])
def test_the_same_frame_gives_the_same_picture(size: tuple[int, int]) -> None:
    """FFmpeg's own conversion does not at these widths."""
    needs_pyav()
    frame = video.encoder(VideoCodecType.VP8, *size).encode(picture(*size))
    first = video.decoder(VideoCodecType.VP8).decode(frame)[0]
    for _ in range(20):
        assert np.array_equal(video.decoder(VideoCodecType.VP8).decode(frame)[0], first)
