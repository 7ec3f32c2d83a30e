"""Values of codec. Made from spiceproto/schema/codec.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.image import BitmapFmt, LzImageType, QuicImageType


class QuicHeader(msgspec.Struct, frozen=True, gc=False):
    """Begins a QUIC stream.

    * ``magic`` uint32: The letters QUIC
    * ``version`` uint32: Major in the high half, minor in the low half, both 0
    * ``type`` uint32: Kind of pixels
    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    """

    magic: int
    version: int
    type: QuicImageType | int
    width: int
    height: int


class LzHeader(msgspec.Struct, frozen=True, gc=False):
    """Begins an LZ stream.

    * ``magic`` uint32be: Two spaces and the letters ZL
    * ``version`` uint32be: 1.1
    * ``type`` uint32be: Kind of pixels
    * ``width`` uint32be: Width (pixel)
    * ``height`` uint32be: Height (pixel)
    * ``stride`` uint32be: Size of a row of the source (byte)
    * ``top_down`` uint32be: 1 if the top row comes first
    """

    magic: int
    version: int
    type: LzImageType | int
    width: int
    height: int
    stride: int
    top_down: int


class GlzHeader(msgspec.Struct, frozen=True, gc=False):
    """Begins a GLZ stream.

    * ``magic`` uint32be: Two spaces and the letters ZL
    * ``version`` uint32be: 1.1
    * ``type_and_direction`` uint8: Kind of pixels in the low four bits; bit 4 set if the top row comes first
    * ``width`` uint32be: Width (pixel)
    * ``height`` uint32be: Height (pixel)
    * ``stride`` uint32be: Size of a row of the source (byte)
    * ``image_id`` uint64be: Number of the image in its dictionary, counting up by one
    * ``window_head_distance`` uint32be: image_id minus this is the oldest image that may be referred to
    """

    magic: int
    version: int
    type_and_direction: int
    width: int
    height: int
    stride: int
    image_id: int
    window_head_distance: int


class Lz4Header(msgspec.Struct, frozen=True, gc=False):
    """Begins an LZ4 stream; blocks with a big-endian size before each follow.

    * ``top_down`` uint8: 1 if the top row comes first
    * ``format`` uint8: Kind of pixels: 16BIT, 24BIT, 32BIT or RGBA
    """

    top_down: int
    format: BitmapFmt | int
