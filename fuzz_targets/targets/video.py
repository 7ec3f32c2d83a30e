"""Decoders of video: after a damaged frame they are still good."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fuzz_targets.parts import joined, parts
from fuzz_targets.target import Target, holds
from spiceproto import extras
from spiceproto.codecs import key_frames, video
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import MissingExtraError, RemoteError

__all__ = ["TARGETS"]

_FRAMES: Final = 6
_SIDE: Final = 32


def _picture(phase: int) -> NDArray[Any]:
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE]
    red, green, blue = (rows * 8 + phase * 16) % 256, (columns * 8 + phase) % 256, phase * 40 % 256
    picture: NDArray[Any] = (red << 16 | green << 8 | blue).astype(np.uint32)
    return picture


@cache
def _frames(codec: VideoCodecType) -> tuple[bytes, ...]:
    """Frames of a short stream; none where the codec is not installed."""
    try:
        if codec != VideoCodecType.MJPEG:
            extras.load("av", f"coding {codec.name}")
        coder = video.encoder(codec, _SIDE, _SIDE)
    except MissingExtraError:
        return ()
    return tuple([coder.encode(_picture(phase)) for phase in range(_FRAMES)])


def once(codec: VideoCodecType, data: bytes) -> None:
    """Frames one after the other, and then a good one."""
    if not _frames(codec):
        return
    decoder = video.decoder(codec)
    for _, frame in zip(range(_FRAMES), parts(data), strict=False):
        key_frames.stands_alone(codec, frame)
        try:
            pictures = decoder.decode(frame)
        except RemoteError:
            continue
        holds("another form of picture", all(picture.dtype == np.uint32 and picture.ndim == 2 for picture in pictures))
    pictures = decoder.decode(_frames(codec)[0])
    holds("a good frame behind bad ones is not decoded", [picture.shape for picture in pictures][-1:] == [(_SIDE, _SIDE)])


def seeds(codec: VideoCodecType) -> Iterator[bytes]:
    """A short stream, and its frames."""
    yield joined(_frames(codec))
    for frame in _frames(codec)[:2]:
        yield joined([frame])


TARGETS: Final = [
    Target(
        f"video-{codec.name.lower()}",
        "pictures or RemoteError, and a good frame behind them is decoded",
        partial(once, codec),
        partial(seeds, codec),
        8192,
    )
    for codec in VideoCodecType
]
