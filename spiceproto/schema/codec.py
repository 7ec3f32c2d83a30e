"""Headers of the compressed image streams. What follows them is read by :mod:`spiceproto.codecs`.

QUIC is little-endian, LZ and GLZ are big-endian. The headers of ZLIB-GLZ and JPEG-alpha stand in the image itself.
"""

from __future__ import annotations

from spiceproto.enums.image import BitmapFmt, LzImageType, QuicImageType
from spiceproto.wire import enum, field, record, uint8, uint32, uint32be, uint64be

QuicHeader = record(
    "codec.QuicHeader",
    field("magic", uint32, "The letters QUIC", domain=0x43495551, shown="letters"),
    field("version", uint32, "Major in the high half, minor in the low half, both 0", domain=0),
    field("type", enum(QuicImageType, uint32), "Kind of pixels"),
    field("width", uint32, "Width", unit="pixel"),
    field("height", uint32, "Height", unit="pixel"),
    doc="Begins a QUIC stream.",
)

LzHeader = record(
    "codec.LzHeader",
    field("magic", uint32be, "Two spaces and the letters ZL", domain=0x20205A4C, shown="letters_big"),
    field("version", uint32be, "1.1", domain=0x00010001),
    field("type", enum(LzImageType, uint32be), "Kind of pixels"),
    field("width", uint32be, "Width", unit="pixel"),
    field("height", uint32be, "Height", unit="pixel"),
    field("stride", uint32be, "Size of a row of the source", unit="byte"),
    field("top_down", uint32be, "1 if the top row comes first"),
    doc="Begins an LZ stream.",
)

GlzHeader = record(
    "codec.GlzHeader",
    field("magic", uint32be, "Two spaces and the letters ZL", domain=0x20205A4C, shown="letters_big"),
    field("version", uint32be, "1.1", domain=0x00010001),
    field("type_and_direction", uint8, "Kind of pixels in the low four bits; bit 4 set if the top row comes first"),
    field("width", uint32be, "Width", unit="pixel"),
    field("height", uint32be, "Height", unit="pixel"),
    field("stride", uint32be, "Size of a row of the source", unit="byte"),
    field("image_id", uint64be, "Number of the image in its dictionary, counting up by one"),
    field("window_head_distance", uint32be, "image_id minus this is the oldest image that may be referred to"),
    doc="Begins a GLZ stream.",
)

Lz4Header = record(
    "codec.Lz4Header",
    field("top_down", uint8, "1 if the top row comes first"),
    field("format", enum(BitmapFmt, uint8), "Kind of pixels: 16BIT, 24BIT, 32BIT or RGBA"),
    doc="Begins an LZ4 stream; blocks with a big-endian size before each follow.",
)

RECORDS = (QuicHeader, LzHeader, GlzHeader, Lz4Header)
