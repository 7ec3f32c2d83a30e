"""Whether a frame of video can be decoded without the frames before it, as far as its first bytes say.

========  ==================================================================
codec     what such a frame has
========  ==================================================================
MJPEG     Huffman tables before its scan
VP8       a frame tag whose lowest bit is 0 (RFC 6386, 9.1)
VP9       ``frame_type`` 0, and no ``show_existing_frame`` (bit stream, 6.2)
H264      a sequence parameter set (ITU-T H.264, table 7-1)
H265      a sequence parameter set (ITU-T H.265, table 7-1)
========  ==================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from spiceproto.codecs.jpeg_stream import DHT, Octets, segments
from spiceproto.enums.display import VideoCodecType
from spiceproto.errors import RemoteError

__all__ = ["stands_alone"]

_START: Final = b"\x00\x00\x01"
"""Before each unit of H264 and H265."""

_H264_SPS: Final = 7
_H265_SPS: Final = 33


def _mjpeg(data: Octets) -> bool | None:
    try:
        return any(part.marker == DHT for part in segments(data))
    except RemoteError:
        return None


def _vp8(data: Octets) -> bool | None:
    return data[0] & 1 == 0


def _vp9(data: Octets) -> bool | None:
    """The first byte: marker 2 (2 bits), profile (2), a reserved bit in profile 3 alone, show_existing_frame, frame_type."""
    first = data[0]
    if first >> 6 != 2:
        return None
    rest = first << (5 if first >> 4 & 3 == 3 else 4)
    return rest & 0xC0 == 0


def _units(data: Octets) -> Iterator[int]:
    """The first byte of each unit."""
    whole = bytes(data)
    at = whole.find(_START)
    while 0 <= at < len(whole) - len(_START):
        yield whole[at + len(_START)]
        at = whole.find(_START, at + len(_START))


def _h264(data: Octets) -> bool | None:
    types = {first & 0x1F for first in _units(data)}
    return _H264_SPS in types if types else None


def _h265(data: Octets) -> bool | None:
    types = {first >> 1 & 0x3F for first in _units(data)}
    return _H265_SPS in types if types else None


_LOOKS: Final[Mapping[int, Callable[[Octets], bool | None]]] = {
    VideoCodecType.MJPEG: _mjpeg,
    VideoCodecType.VP8: _vp8,
    VideoCodecType.H264: _h264,
    VideoCodecType.VP9: _vp9,
    VideoCodecType.H265: _h265,
}


def stands_alone(codec_type: int, data: Octets) -> bool | None:
    """Whether a frame needs none before it; None where that is not known."""
    look = _LOOKS.get(codec_type)
    return None if look is None or not len(data) else look(data)
