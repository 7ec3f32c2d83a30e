"""Which codec a stream has, and pictures as its frames.

A client without MULTI_CODEC has MJPEG, another one what it announced. What it likes comes first, then the server's own order.
Codecs are imported when the first stream begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

from reference_server.channels.display.images import Source, codec
from reference_server.channels.display.rate import Rate
from spiceproto import extras
from spiceproto.enums.base import WireEnum
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import LocalError
from spiceproto.messages import display

__all__ = ["Coder", "codecs", "known"]

_BEST: Final = 4_000_000
"""Bits a second of the best quality, but for MJPEG."""

_CAPABILITIES: Final[dict[VideoCodecType, DisplayCapability]] = {
    VideoCodecType.MJPEG: DisplayCapability.CODEC_MJPEG,
    VideoCodecType.VP8: DisplayCapability.CODEC_VP8,
    VideoCodecType.H264: DisplayCapability.CODEC_H264,
    VideoCodecType.VP9: DisplayCapability.CODEC_VP9,
    VideoCodecType.H265: DisplayCapability.CODEC_H265,
}
"""Codecs in the server's own order, and what a client announces that has them."""


def known(numbers: Iterable[int]) -> tuple[VideoCodecType, ...]:
    """Those that there are, each once (SPICE-STREAM-020)."""
    return tuple(dict.fromkeys([VideoCodecType(number) for number in numbers if number in _CAPABILITIES]))


def codecs(
    has: Callable[[WireEnum], bool], preferred: Iterable[VideoCodecType], refused: Collection[int]
) -> Iterator[VideoCodecType]:
    """What a stream can have for a client that ``has`` these capabilities, best first (SPICE-STREAM-021)."""
    many = has(DisplayCapability.MULTI_CODEC)
    for kind in dict.fromkeys((*preferred, *_CAPABILITIES)):
        announced = has(_CAPABILITIES[kind]) if many else kind == VideoCodecType.MJPEG
        if announced and kind not in refused and extras.present("simplejpeg" if kind == VideoCodecType.MJPEG else "av"):
            yield kind


class Coder:
    """The coder of one stream, whose pictures may change their size. Raises LocalError if there is none for them."""

    def __init__(self, kind: VideoCodecType, size: tuple[int, int], frames: float, rate: Rate) -> None:
        self.kind = kind
        self._frames = max(round(frames), 1)
        self._made: tuple[Any, ...] = ()
        self._coder: Any = None
        self._prepare(size, rate)

    def _prepare(self, size: tuple[int, int], rate: Rate) -> None:
        if self.kind == VideoCodecType.MJPEG:
            self._coder = self._coder or codec("video").MjpegEncoder()
            self._coder.quality = rate.quality
            return
        wanted = (size, rate.quality)
        if wanted != self._made:
            # What begins anew begins with a frame that needs none before it.
            bits = int(_BEST * rate.share)
            self._coder = codec("video").encoder(self.kind, *size, bit_rate=bits, fps=self._frames)
            self._made = wanted

    def frame(self, command: display.DrawCopy, rate: Rate) -> bytes:
        """The picture of a command; empty if the codec leaves it out. Raises LocalError."""
        image, area = command.data.src_bitmap, command.data.src_area
        if image is None or image.bitmap is None:
            raise LocalError("no picture", expected="a bitmap")
        pixels = Source(image.bitmap).pixels[area.top : area.bottom, area.left : area.right]
        if pixels.dtype.itemsize == 2:
            pixels = codec("bitmap").widen(pixels)
        self._prepare((pixels.shape[1], pixels.shape[0]), rate)
        found: bytes = self._coder.encode(pixels)
        return found
