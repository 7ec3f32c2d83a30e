"""Images inside drawing messages: a descriptor, then what its type calls for.

The descriptor's ``type`` chooses one of the fields behind it. FROM_CACHE and FROM_CACHE_LOSSLESS have none: the
descriptor's id is all there is. The compressed streams are bytes here; their headers stand in the codec schema and
:mod:`spiceproto.codecs` decodes them. A bitmap's bottom row comes first unless TOP_DOWN is set.

Sources: spice.proto of spice-common; BEHAVIOUR 13 for the caches.
"""

from __future__ import annotations

from spiceproto.domain import BITS, Room, at_most, named, not_below
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags
from spiceproto.wire import (
    Product,
    array,
    data,
    enum,
    field,
    flags,
    pointer,
    record,
    uint8,
    uint16,
    uint32,
    uint64,
    when,
    when_not,
)

Palette = record(
    "image.Palette",
    field("unique", uint64, "Key in the palette cache"),
    field("num_ents", uint16, "How many colours", domain=at_most(256)),
    field("ents", array(uint32, "num_ents"), "The colours"),
    doc="Colours of an image whose pixels are indices.",
)

_ROW = Room(
    "format",
    "x",
    "",
    {
        BitmapFmt._1BIT_LE: ((1,), 0),
        BitmapFmt._1BIT_BE: ((1,), 0),
        BitmapFmt._4BIT_LE: ((4,), 0),
        BitmapFmt._4BIT_BE: ((4,), 0),
        BitmapFmt._8BIT: ((8,), 0),
        BitmapFmt._16BIT: ((16,), 0),
        BitmapFmt._24BIT: ((24,), 0),
        BitmapFmt._32BIT: ((32,), 0),
        BitmapFmt.RGBA: ((32,), 0),
        BitmapFmt._8BIT_A: ((8,), 0),
    },
)

BitmapData = record(
    "image.BitmapData",
    field("format", enum(BitmapFmt, uint8), "Kind of pixels", domain=named(but=BitmapFmt.INVALID)),
    field("flags", flags(BitmapFlags, uint8), "Row order, and where the palette comes from", domain=BITS),
    field("x", uint32, "Width; upstream calls it x", unit="pixel"),
    field("y", uint32, "Height; upstream calls it y", unit="pixel"),
    field("stride", uint32, "Size of a row", unit="byte", domain=_ROW),
    field("palette_id", when("flags", BitmapFlags.PAL_FROM_CACHE, uint64), "Key of a palette in the cache"),
    field(
        "palette",
        when_not("flags", BitmapFlags.PAL_FROM_CACHE, pointer(Palette, null=True)),
        "The palette; null where pixels are colours",
    ),
    field("data", data(Product("stride", "y")), "The rows"),
    doc="An image without compression.",
)

BinaryData = record(
    "image.BinaryData",
    field("data_size", uint32, "Size of the stream", unit="byte"),
    field("data", data("data_size"), "The stream"),
    doc="A compressed stream that brings its own header.",
)

LZPLTData = record(
    "image.LZPLTData",
    field("flags", flags(BitmapFlags, uint8), "Where the palette comes from", domain=BITS),
    field("data_size", uint32, "Size of the stream", unit="byte"),
    field("palette_id", when("flags", BitmapFlags.PAL_FROM_CACHE, uint64), "Key of a palette in the cache"),
    field("palette", when_not("flags", BitmapFlags.PAL_FROM_CACHE, pointer(Palette, null=False)), "The palette"),
    field("data", data("data_size"), "The stream, which stands behind the palette's key or offset"),
    doc="An LZ stream of palette indices.",
)

ZlibGlzRGBData = record(
    "image.ZlibGlzRGBData",
    field("glz_data_size", uint32, "Size after inflating", unit="byte"),
    field("data_size", uint32, "Size of the zlib stream", unit="byte"),
    field("data", data("data_size"), "A zlib stream that inflates to one GLZ stream"),
    doc="A GLZ stream that was compressed once more.",
)

JPEGAlphaData = record(
    "image.JPEGAlphaData",
    field("flags", flags(JpegAlphaFlags, uint8), "Row order", domain=BITS),
    field("jpeg_size", uint32, "Size of the JPEG picture", unit="byte"),
    field("data_size", uint32, "Size of both streams together", unit="byte", domain=not_below("jpeg_size")),
    field("data", data("data_size"), "A JPEG picture, then an LZ stream of type XXXA with alpha"),
    doc="A JPEG picture with a lossless alpha plane.",
)

Surface = record(
    "image.Surface",
    field("surface_id", uint32, "The surface"),
    doc="The image is what a surface shows now.",
)

_TYPES = named(but=ImageType.RESERVED, needs={ImageType.LZ4: DisplayCapability.LZ4_COMPRESSION})

ImageDescriptor = record(
    "image.ImageDescriptor",
    field("id", uint64, "Key in the pixmap cache"),
    field("type", enum(ImageType, uint8), "How the pixels are encoded", domain=_TYPES),
    field("flags", flags(ImageFlags, uint8), "What to do with the decoded image", domain=BITS),
    field("width", uint32, "Width", unit="pixel"),
    field("height", uint32, "Height", unit="pixel"),
    doc="Begins every image.",
)

Image = record(
    "image.Image",
    field("descriptor", ImageDescriptor, "Type and size"),
    field("bitmap", when("descriptor.type", ImageType.BITMAP, BitmapData), "Pixels"),
    field("quic", when("descriptor.type", ImageType.QUIC, BinaryData), "A QUIC stream"),
    field("lz_rgb", when("descriptor.type", (ImageType.LZ_RGB, ImageType.GLZ_RGB), BinaryData), "An LZ or GLZ stream"),
    field("jpeg", when("descriptor.type", ImageType.JPEG, BinaryData), "A JPEG picture"),
    field("lz4", when("descriptor.type", ImageType.LZ4, BinaryData), "An LZ4 stream"),
    field("lz_plt", when("descriptor.type", ImageType.LZ_PLT, LZPLTData), "An LZ stream of palette indices"),
    field("zlib_glz", when("descriptor.type", ImageType.ZLIB_GLZ_RGB, ZlibGlzRGBData), "A GLZ stream inside zlib"),
    field("jpeg_alpha", when("descriptor.type", ImageType.JPEG_ALPHA, JPEGAlphaData), "A JPEG picture with alpha"),
    field("surface", when("descriptor.type", ImageType.SURFACE, Surface), "A surface as the source"),
    doc="An image; none of the fields behind the descriptor is there if it comes from the cache.",
)
