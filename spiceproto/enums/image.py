"""Numbers of images: their type, their pixel formats, their stream headers."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class ImageType(WireEnum):
    """How the pixels of an image are encoded (SPICE_IMAGE_TYPE_*)."""

    BITMAP = 0
    """Pixels without compression."""
    QUIC = 1
    RESERVED = 2
    """Never sent."""
    LZ_PLT = 100
    """LZ of palette indices."""
    LZ_RGB = 101
    GLZ_RGB = 102
    """LZ that refers to earlier images."""
    FROM_CACHE = 103
    """Any copy in the pixmap cache."""
    SURFACE = 104
    """What a surface shows now."""
    JPEG = 105
    """Lossy."""
    FROM_CACHE_LOSSLESS = 106
    """A copy in the pixmap cache that is not lossy."""
    ZLIB_GLZ_RGB = 107
    """A GLZ stream inside zlib."""
    JPEG_ALPHA = 108
    """A lossy JPEG picture and a lossless alpha plane."""
    LZ4 = 109


class ImageFlags(WireFlags):
    """What to do with a decoded image (SPICE_IMAGE_FLAGS_*)."""

    CACHE_ME = 1
    """Keep the decoded image in the pixmap cache."""
    HIGH_BITS_SET = 2
    """The top byte of every 32-bit pixel is all ones."""
    CACHE_REPLACE_ME = 4
    """Replace the lossy copy in the cache by this image."""


class BitmapFmt(WireEnum):
    """Pixel format of a raw bitmap (SPICE_BITMAP_FMT_*)."""

    INVALID = 0
    _1BIT_LE = 1
    """The lowest bit is the left pixel."""
    _1BIT_BE = 2
    """The highest bit is the left pixel."""
    _4BIT_LE = 3
    """The low half is the left pixel."""
    _4BIT_BE = 4
    """The high half is the left pixel."""
    _8BIT = 5
    """An index into the palette."""
    _16BIT = 6
    """x1r5g5b5, little-endian."""
    _24BIT = 7
    """Bytes b, g, r."""
    _32BIT = 8
    """Bytes b, g, r and one without meaning."""
    RGBA = 9
    """Bytes b, g, r, a; colours are multiplied by alpha."""
    _8BIT_A = 10
    """Alpha only."""


class BitmapFlags(WireFlags):
    """Palette and row order of a bitmap (SPICE_BITMAP_FLAGS_*)."""

    PAL_CACHE_ME = 1
    """Keep the palette in the palette cache."""
    PAL_FROM_CACHE = 2
    """Take the palette from the palette cache."""
    TOP_DOWN = 4
    """The top row comes first."""


class JpegAlphaFlags(WireFlags):
    """Row order of a JPEG image with alpha (SPICE_JPEG_ALPHA_FLAGS_*)."""

    TOP_DOWN = 1
    """The top row comes first, in both streams."""


class LzImageType(WireEnum):
    """Picture type in an LZ or GLZ stream header (LZ_IMAGE_TYPE_*)."""

    INVALID = 0
    PLT1_LE = 1
    """Palette indices of one bit, the lowest bit left."""
    PLT1_BE = 2
    """Palette indices of one bit, the highest bit left."""
    PLT4_LE = 3
    """Palette indices of four bits, the low half left."""
    PLT4_BE = 4
    """Palette indices of four bits, the high half left."""
    PLT8 = 5
    """Palette indices of one byte."""
    RGB16 = 6
    """x1r5g5b5."""
    RGB24 = 7
    RGB32 = 8
    """Three colours; the fourth byte is not coded."""
    RGBA = 9
    """A pass of colours, then a pass of alpha."""
    XXXA = 10
    """The alpha pass alone, as in JPEG_ALPHA."""
    A8 = 11
    """Alpha only, one byte a pixel."""


class QuicImageType(WireEnum):
    """Picture type in a QUIC stream header (QUIC_IMAGE_TYPE_*)."""

    INVALID = 0
    GRAY = 1
    """One byte a pixel."""
    RGB16 = 2
    """x1r5g5b5."""
    RGB24 = 3
    RGB32 = 4
    """Three colours; the fourth byte is not coded."""
    RGBA = 5
    """Three colours, then alpha."""
