"""Values of image. Made from spiceproto/schema/image.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags


class Palette(msgspec.Struct, frozen=True, gc=False):
    """Colours of an image whose pixels are indices.

    * ``unique`` uint64: Key in the palette cache
    * ``ents`` uint32s: The colours
    """

    unique: int
    ents: tuple[int, ...]

    @property
    def num_ents(self) -> int:
        """Length of ``ents``."""
        return len(self.ents)


class BitmapData(msgspec.Struct, frozen=True, gc=False):
    """An image without compression.

    * ``format`` uint8: Kind of pixels
    * ``flags`` uint8: Row order, and where the palette comes from
    * ``x`` uint32: Width; upstream calls it x (pixel)
    * ``y`` uint32: Height; upstream calls it y (pixel)
    * ``stride`` uint32: Size of a row (byte)
    * ``palette_id`` uint64 if ``flags`` has PAL_FROM_CACHE: Key of a palette in the cache
    * ``palette`` offset to Palette if ``flags`` has not PAL_FROM_CACHE: The palette; null where pixels are colours
    * ``data`` bytes: The rows
    """

    format: BitmapFmt | int
    flags: BitmapFlags | int
    x: int
    y: int
    stride: int
    palette_id: int | None
    palette: Palette | None
    data: bytes


class BinaryData(msgspec.Struct, frozen=True, gc=False):
    """A compressed stream that brings its own header.

    * ``data`` bytes: The stream
    """

    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class LZPLTData(msgspec.Struct, frozen=True, gc=False):
    """An LZ stream of palette indices.

    * ``flags`` uint8: Where the palette comes from
    * ``palette_id`` uint64 if ``flags`` has PAL_FROM_CACHE: Key of a palette in the cache
    * ``palette`` offset to Palette if ``flags`` has not PAL_FROM_CACHE: The palette
    * ``data`` bytes: The stream, which stands behind the palette's key or offset
    """

    flags: BitmapFlags | int
    palette_id: int | None
    palette: Palette | None
    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class ZlibGlzRGBData(msgspec.Struct, frozen=True, gc=False):
    """A GLZ stream that was compressed once more.

    * ``glz_data_size`` uint32: Size after inflating (byte)
    * ``data`` bytes: A zlib stream that inflates to one GLZ stream
    """

    glz_data_size: int
    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class JPEGAlphaData(msgspec.Struct, frozen=True, gc=False):
    """A JPEG picture with a lossless alpha plane.

    * ``flags`` uint8: Row order
    * ``jpeg_size`` uint32: Size of the JPEG picture (byte)
    * ``data`` bytes: A JPEG picture, then an LZ stream of type XXXA with alpha
    """

    flags: JpegAlphaFlags | int
    jpeg_size: int
    data: bytes

    @property
    def data_size(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class Surface(msgspec.Struct, frozen=True, gc=False):
    """The image is what a surface shows now.

    * ``surface_id`` uint32: The surface
    """

    surface_id: int


class ImageDescriptor(msgspec.Struct, frozen=True, gc=False):
    """Begins every image.

    * ``id`` uint64: Key in the pixmap cache
    * ``type`` uint8: How the pixels are encoded
    * ``flags`` uint8: What to do with the decoded image
    * ``width`` uint32: Width (pixel)
    * ``height`` uint32: Height (pixel)
    """

    id: int
    type: ImageType | int
    flags: ImageFlags | int
    width: int
    height: int


class Image(msgspec.Struct, frozen=True, gc=False):
    """An image; none of the fields behind the descriptor is there if it comes from the cache.

    * ``descriptor`` ImageDescriptor: Type and size
    * ``bitmap`` BitmapData if ``descriptor.type`` is BITMAP: Pixels
    * ``quic`` BinaryData if ``descriptor.type`` is QUIC: A QUIC stream
    * ``lz_rgb`` BinaryData if ``descriptor.type`` is LZ_RGB or GLZ_RGB: An LZ or GLZ stream
    * ``jpeg`` BinaryData if ``descriptor.type`` is JPEG: A JPEG picture
    * ``lz4`` BinaryData if ``descriptor.type`` is LZ4: An LZ4 stream
    * ``lz_plt`` LZPLTData if ``descriptor.type`` is LZ_PLT: An LZ stream of palette indices
    * ``zlib_glz`` ZlibGlzRGBData if ``descriptor.type`` is ZLIB_GLZ_RGB: A GLZ stream inside zlib
    * ``jpeg_alpha`` JPEGAlphaData if ``descriptor.type`` is JPEG_ALPHA: A JPEG picture with alpha
    * ``surface`` Surface if ``descriptor.type`` is SURFACE: A surface as the source
    """

    descriptor: ImageDescriptor
    bitmap: BitmapData | None = None
    quic: BinaryData | None = None
    lz_rgb: BinaryData | None = None
    jpeg: BinaryData | None = None
    lz4: BinaryData | None = None
    lz_plt: LZPLTData | None = None
    zlib_glz: ZlibGlzRGBData | None = None
    jpeg_alpha: JPEGAlphaData | None = None
    surface: Surface | None = None
