"""Numbers of images: their type, their pixel formats, their stream headers."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum, WireFlags


class ImageType(WireEnum):
    """How the pixels of an image are encoded (SPICE_IMAGE_TYPE_*)."""

    BITMAP = 0
    QUIC = 1
    RESERVED = 2
    LZ_PLT = 100
    LZ_RGB = 101
    GLZ_RGB = 102
    FROM_CACHE = 103
    SURFACE = 104
    JPEG = 105
    FROM_CACHE_LOSSLESS = 106
    ZLIB_GLZ_RGB = 107
    JPEG_ALPHA = 108
    LZ4 = 109


class ImageFlags(WireFlags):
    """What to do with a decoded image (SPICE_IMAGE_FLAGS_*)."""

    CACHE_ME = 1
    HIGH_BITS_SET = 2
    CACHE_REPLACE_ME = 4


class BitmapFmt(WireEnum):
    """Pixel format of a raw bitmap (SPICE_BITMAP_FMT_*)."""

    INVALID = 0
    _1BIT_LE = 1
    _1BIT_BE = 2
    _4BIT_LE = 3
    _4BIT_BE = 4
    _8BIT = 5
    _16BIT = 6
    _24BIT = 7
    _32BIT = 8
    RGBA = 9
    _8BIT_A = 10


class BitmapFlags(WireFlags):
    """Palette and row order of a bitmap (SPICE_BITMAP_FLAGS_*)."""

    PAL_CACHE_ME = 1
    PAL_FROM_CACHE = 2
    TOP_DOWN = 4


class JpegAlphaFlags(WireFlags):
    """Row order of a JPEG image with alpha (SPICE_JPEG_ALPHA_FLAGS_*)."""

    TOP_DOWN = 1


class LzImageType(WireEnum):
    """Picture type in an LZ or GLZ stream header (LZ_IMAGE_TYPE_*)."""

    INVALID = 0
    PLT1_LE = 1
    PLT1_BE = 2
    PLT4_LE = 3
    PLT4_BE = 4
    PLT8 = 5
    RGB16 = 6
    RGB24 = 7
    RGB32 = 8
    RGBA = 9
    XXXA = 10
    A8 = 11


class QuicImageType(WireEnum):
    """Picture type in a QUIC stream header (QUIC_IMAGE_TYPE_*)."""

    INVALID = 0
    GRAY = 1
    RGB16 = 2
    RGB24 = 3
    RGB32 = 4
    RGBA = 5
