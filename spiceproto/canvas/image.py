"""Images: from the ``Image`` of a message to a surface, whatever it takes.

The descriptor says where the pixels are: in the message (ten encodings), in the pixmap cache, or on another surface of
the channel. :class:`Images` knows the places; :func:`decoded` the encodings.

In which format a decoded image comes out, and into which it is turned before it is drawn:

* An encoding with alpha gives 32_ARGB, one of 16 bits 16_555 (GLZ: 32_xRGB), one of alpha alone 8_A, every other one
  32_xRGB. A raw bitmap with a palette has the format of the surface it is drawn on, because that is what the entries of
  its palette are: x1r5g5b5 on a surface of 16 bits. An LZ_PLT image has 32_xRGB even there, its entries widened.
* Drawing converts to the format of the surface, except that alpha is neither invented (an image without it stays
  32_xRGB on a 32_ARGB surface, so its top bytes are copied as they are) nor lost (an image with it stays 32_ARGB on a
  32_xRGB surface). Alpha blending takes the image as decoded.
* The top byte of a 32BIT bitmap, raw or in LZ4, and of a palette's entries means nothing in 32_xRGB and is kept; of 24
  bits in LZ4 it is 0xFF, of other encodings 0. HIGH_BITS_SET sets it to 0xFF.
* What is converted to 32_xRGB has in its top byte the alpha that pixman fetched: 0xFF from 16 bits, the value itself
  from 8_A. On a 32_ARGB surface that byte is alpha.
* Some readers convert on the way, if the image is neither blended nor kept in the cache, and leave other top bytes: QUIC
  and LZ of 16 bits write 0, and a bitmap with a palette is 32_xRGB on a 32_ARGB surface, with the entries' own.

The cache keeps images as decoded. CACHE_ME stores them (JPEG and JPEG_ALPHA as lossy ones), CACHE_REPLACE_ME replaces a
lossy copy. A command that turns out to draw nothing still has to do that much, and has to decode GLZ because later
images refer to this one: :meth:`Images.touch`.

Source: ``canvas_get_image_internal`` and what it calls in ``common/canvas_base.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.cache import PaletteCache, PixmapCache
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.surface import LAYOUTS, OPAQUE, Surface, argb, convert
from spiceproto.codecs import bitmap, glz, jpeg, jpeg_alpha, lz, lz4, quic, zlib_glz
from spiceproto.codecs import palette as palettes
from spiceproto.codecs.lz import LzImageType
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags
from spiceproto.errors import RemoteError

if TYPE_CHECKING:
    from spiceproto.messages.image import BitmapData, Image, LZPLTData, Palette

__all__ = ["Images"]

LOSSY: Final = frozenset({ImageType.JPEG, ImageType.JPEG_ALPHA})
FROM_CACHE: Final = frozenset({ImageType.FROM_CACHE, ImageType.FROM_CACHE_LOSSLESS})
GLZ: Final = frozenset({ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB})
KEEP: Final = int(ImageFlags.CACHE_ME | ImageFlags.CACHE_REPLACE_ME)
WIDE: Final = frozenset({SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB})
WIDENING: Final = frozenset({ImageType.QUIC, ImageType.LZ_RGB})
INDEXED: Final = frozenset(format for format, layout in bitmap.LAYOUTS.items() if layout.indexed)
BITS: Final = frozenset({BitmapFmt._1BIT_LE, BitmapFmt._1BIT_BE})


def target_format(format: int, alpha: bool) -> int:
    """The format into which an image is turned before it is drawn on a surface of ``format``."""
    if format in WIDE:
        return SurfaceFmt._32_ARGB if alpha else SurfaceFmt._32_xRGB
    return format


def _fitting(found: Surface, format: int) -> Surface:
    """A decoded image as it is drawn on a surface of ``format``."""
    wanted = target_format(format, found.format == SurfaceFmt._32_ARGB)
    if wanted == SurfaceFmt._32_xRGB and found.format != wanted:
        return Surface(wanted, argb(found.format, found.pixels))
    return convert(found, wanted)


def _on_the_way(found: Surface, image: Image, format: int) -> Surface:
    """What the reader of an encoding converts itself for a surface of ``format``."""
    if image.bitmap is not None:
        if image.bitmap.format in INDEXED and format == SurfaceFmt._32_ARGB:
            return Surface(SurfaceFmt._32_xRGB, found.pixels)
        return _fitting(found, format)
    if image.descriptor.type in WIDENING and found.format == SurfaceFmt._16_555 and format in WIDE:
        return Surface(SurfaceFmt._32_xRGB, bitmap.widen(found.pixels))
    return found


def _coloured(pixels: NDArray[Any], alpha: bool) -> Surface:
    """A decoded array as a surface: its dtype tells the rest."""
    if pixels.dtype == np.uint16:
        return Surface(SurfaceFmt._16_555, pixels)
    if pixels.dtype == np.uint8:
        return Surface(SurfaceFmt._8_A, pixels)
    return Surface(SurfaceFmt._32_ARGB if alpha else SurfaceFmt._32_xRGB, pixels)


class Images:
    """Where the images of one display channel come from.

    ``surfaces`` is the channel's table of surfaces, read and never changed; the caches and the window are shared with
    whoever shares them. ``early`` are GLZ images of the message at hand that are in the window already, by the ``id()`` of the
    image: a message that is tried again must not enter them twice.
    """

    def __init__(
        self, surfaces: Mapping[int, Surface], pixmaps: PixmapCache, palettes: PaletteCache, window: glz.Window
    ) -> None:
        self.surfaces = surfaces
        self.pixmaps = pixmaps
        self.palettes = palettes
        self.window = window
        self.early: dict[int, Surface] = {}

    def source(self, image: Image | None, format: int) -> Surface:
        """The image ready to be drawn on a surface of ``format``.

        Another surface is handed out as it is if a raw copy of its pixels is possible, that is if its pixels have as
        many bits; otherwise converted (the reference client aborts).

        :raises RemoteError: nothing to draw; in a :class:`DrawError` or an error of a codec.
        """
        kept = image is None or image.descriptor.flags & KEEP
        found = self._found(image, format, as_decoded=bool(kept))
        if image is not None and image.surface is not None:
            same = found.layout.bits == LAYOUTS[format].bits
            return found if same else convert(found, format)
        return _fitting(found, format)

    def original(self, image: Image | None, format: int) -> Surface:
        """The image in its own format. ``format`` is that of the surface it will be drawn on.

        :raises RemoteError: as :meth:`source`.
        """
        return self._found(image, format, as_decoded=True)

    def _found(self, image: Image | None, format: int, *, as_decoded: bool) -> Surface:
        if image is None:
            raise DrawError(ProblemCode.BAD_IMAGE, "no image where the command needs one", path="src_bitmap")
        descriptor = image.descriptor
        if descriptor.type == ImageType.SURFACE and image.surface is not None:
            return self.surface(image.surface.surface_id)
        if descriptor.type == ImageType.FROM_CACHE:
            return self.pixmaps.get(descriptor.id)
        if descriptor.type == ImageType.FROM_CACHE_LOSSLESS:
            return self.pixmaps.get_lossless(descriptor.id)
        found = self._entered(image, format) if descriptor.type in GLZ else self._decoded(image, format)
        if not as_decoded:
            found = _on_the_way(found, image, format)
        if descriptor.flags & ImageFlags.HIGH_BITS_SET and found.format == SurfaceFmt._32_xRGB:
            found = Surface(found.format, found.pixels | OPAQUE)
        self._keep(image, found)
        return found

    def _entered(self, image: Image, format: int) -> Surface:
        """A GLZ image, which enters the window once."""
        found = self.early.get(id(image))
        if found is None:
            found = self.early[id(image)] = self._decoded(image, format)
        return found

    def mask(self, image: Image) -> NDArray[np.bool_]:
        """The bits of a mask, ``bool (h, w)``, as they are.

        A mask is a raw bitmap of one bit a pixel, such a bitmap from the cache, or a surface of format 1_A.

        :raises RemoteError: as :meth:`source`; BAD_IMAGE for images that are no masks.
        """
        kind, body = image.descriptor.type, image.bitmap
        if kind == ImageType.BITMAP and body is not None:
            if body.format not in BITS:
                raise DrawError(
                    ProblemCode.BAD_IMAGE,
                    "a mask has one bit a pixel",
                    path="mask.bitmap.bitmap.format",
                    expected="1BIT_LE or 1BIT_BE",
                    actual=repr(body.format),
                )
            bits = bitmap.indices(
                body.data,
                body.format,
                body.x,
                body.y,
                body.stride,
                top_down=bool(body.flags & BitmapFlags.TOP_DOWN),
            )
            found = Surface(SurfaceFmt._1_A, bits)
            if image.descriptor.flags & ImageFlags.CACHE_ME:
                self.pixmaps.put(image.descriptor.id, found)
        elif kind in FROM_CACHE or kind == ImageType.SURFACE:
            found = self.original(image, SurfaceFmt._1_A)
        else:
            raise DrawError(
                ProblemCode.BAD_IMAGE,
                "no such mask",
                path="mask.bitmap.descriptor.type",
                expected="BITMAP, FROM_CACHE, FROM_CACHE_LOSSLESS or SURFACE",
                actual=repr(kind),
            )
        if found.format != SurfaceFmt._1_A:
            raise DrawError(
                ProblemCode.BAD_IMAGE,
                "a mask has one bit a pixel",
                path="mask.bitmap",
                expected="1_A",
                actual=repr(found.format),
            )
        return found.pixels.astype(np.bool_)

    def touch(self, image: Image | None, format: int) -> None:
        """Do what an image asks for beyond being drawn: keep it or its palette, enter it into the GLZ window."""
        if image is None:
            return
        descriptor = image.descriptor
        body = image.bitmap or image.lz_plt
        palette = body is not None and body.palette is not None and body.flags & BitmapFlags.PAL_CACHE_ME
        if descriptor.type in GLZ or palette or (descriptor.flags & KEEP and descriptor.type not in FROM_CACHE):
            self.original(image, format)

    def surface(self, surface_id: int) -> Surface:
        """A surface of the channel.

        :raises DrawError: UNKNOWN_SURFACE.
        """
        found = self.surfaces.get(surface_id)
        if found is None:
            raise DrawError(
                ProblemCode.UNKNOWN_SURFACE,
                "no such surface",
                path="surface_id",
                expected=", ".join(map(str, sorted(self.surfaces)[:16])) or "none exists",
                actual=str(surface_id),
            )
        return found

    def _keep(self, image: Image, found: Surface) -> None:
        descriptor = image.descriptor
        lossy = descriptor.type in LOSSY
        if descriptor.flags & ImageFlags.CACHE_ME:
            self.pixmaps.put(descriptor.id, found, lossy=lossy)
        elif descriptor.flags & ImageFlags.CACHE_REPLACE_ME:
            if lossy:
                raise DrawError(ProblemCode.BAD_IMAGE, "a lossy image asks to replace a lossy one", path="flags")
            self.pixmaps.put(descriptor.id, found)

    def _decoded(self, image: Image, format: int) -> Surface:
        descriptor = image.descriptor
        kind, width, height = descriptor.type, descriptor.width, descriptor.height
        if kind == ImageType.BITMAP and image.bitmap is not None:
            return self._bitmap(image.bitmap, format)
        if kind == ImageType.QUIC and image.quic is not None:
            _sized(quic.header(image.quic.data)[1:], width, height)
            alpha = quic.header(image.quic.data).type == quic.QuicImageType.RGBA
            found = _coloured(quic.decode(image.quic.data), alpha)
            if found.format == SurfaceFmt._8_A:  # GRAY: alpha planes have this type, images never
                raise DrawError(ProblemCode.BAD_IMAGE, "a QUIC image without colour", path="quic.data")
            return found
        if kind == ImageType.LZ_RGB and image.lz_rgb is not None:
            head = lz.header(image.lz_rgb.data)
            _sized((head.width, head.height), width, height)
            if head.type < LzImageType.RGB16 or head.type == LzImageType.XXXA:
                raise DrawError(
                    ProblemCode.BAD_IMAGE,
                    "an LZ_RGB image of another kind",
                    path="lz_rgb.data",
                    expected="RGB16, RGB24, RGB32, RGBA or A8",
                    actual=repr(head.type),
                )
            return _coloured(lz.decode(image.lz_rgb.data), head.type == LzImageType.RGBA)
        if kind == ImageType.LZ_PLT and image.lz_plt is not None:
            return self._lz_plt(image.lz_plt, format, width, height)
        if kind == ImageType.GLZ_RGB and image.lz_rgb is not None:
            alpha = glz.header(image.lz_rgb.data).type == LzImageType.RGBA
            return _coloured(_wide(glz.decode(image.lz_rgb.data, self.window)), alpha)
        if kind == ImageType.ZLIB_GLZ_RGB and image.zlib_glz is not None:
            stream = zlib_glz.inflate(image.zlib_glz.data, image.zlib_glz.glz_data_size)
            alpha = glz.header(stream).type == LzImageType.RGBA
            return _coloured(_wide(glz.decode(stream, self.window)), alpha)
        if kind == ImageType.JPEG and image.jpeg is not None:
            picture = jpeg.header(image.jpeg.data)
            _sized((picture.width, picture.height), width, height)
            return _coloured(jpeg.decode(image.jpeg.data), False)
        if kind == ImageType.JPEG_ALPHA and image.jpeg_alpha is not None:
            body = image.jpeg_alpha
            top_down = bool(body.flags & JpegAlphaFlags.TOP_DOWN)
            return _coloured(jpeg_alpha.decode(body.data, body.jpeg_size, width, height, top_down=top_down), True)
        if kind == ImageType.LZ4 and image.lz4 is not None:
            packed = lz4.header(image.lz4.data).format
            pixels = lz4.decode(image.lz4.data, width, height, spare=True)
            return _coloured(pixels | OPAQUE if packed == BitmapFmt._24BIT else pixels, packed == BitmapFmt.RGBA)
        raise DrawError(
            ProblemCode.BAD_IMAGE,
            f"an image of type {getattr(kind, 'name', int(kind))}, which means nothing",
            path="descriptor.type",
        )

    def _bitmap(self, body: BitmapData, format: int) -> Surface:
        # Width and height are the bitmap's own; the reference client does not look at the descriptor's here.
        top_down = bool(body.flags & BitmapFlags.TOP_DOWN)
        table = self._palette(body.palette, body.palette_id, body.flags)
        layout = bitmap.LAYOUTS.get(body.format)
        if layout is not None and layout.indexed:
            found = bitmap.indices(body.data, body.format, body.x, body.y, body.stride, top_down=top_down)
            if table is None:
                raise RemoteError("an indexed bitmap without a palette", path="bitmap.palette")
            if format in WIDE:
                return Surface(format, _looked_up(found, table))
            if format == SurfaceFmt._16_555:
                return Surface(format, palettes.apply(found, table.astype(np.uint16)))
            raise DrawError(
                ProblemCode.BAD_SURFACE,
                "no palette has a meaning on a surface of this format",
                expected="32_xRGB, 32_ARGB or 16_555",
                actual=repr(format),
            )
        # As RGBA, 32BIT keeps the byte without meaning, which a plain copy carries to the surface.
        kept = BitmapFmt.RGBA if body.format == BitmapFmt._32BIT else body.format
        pixels = bitmap.decode(body.data, kept, body.x, body.y, body.stride, top_down=top_down)
        return _coloured(pixels, body.format == BitmapFmt.RGBA)

    def _lz_plt(self, body: LZPLTData, format: int, width: int, height: int) -> Surface:
        table = self._palette(body.palette, body.palette_id, body.flags)
        head = lz.header(body.data)
        _sized((head.width, head.height), width, height)
        if head.type > LzImageType.PLT8:
            raise DrawError(
                ProblemCode.BAD_IMAGE, "an LZ_PLT image of another kind", path="lz_plt.data", actual=repr(head.type)
            )
        if table is None:
            raise RemoteError("an LZ_PLT image without a palette", path="lz_plt.palette")
        if format not in WIDE:
            table = bitmap.widen(table.astype(np.uint16))
        pixels = palettes.apply(lz.decode(body.data), table, modulo=head.type in (LzImageType.PLT4_LE, LzImageType.PLT4_BE))
        return Surface(SurfaceFmt._32_xRGB, pixels)

    def _palette(self, palette: Palette | None, palette_id: int | None, flags: int) -> NDArray[np.uint32] | None:
        if flags & BitmapFlags.PAL_FROM_CACHE:
            found = self.palettes.get(palette_id or 0)
            if found is None:
                raise DrawError(
                    ProblemCode.MISSING_PALETTE,
                    "palette is not in the palette cache",
                    path="palette_id",
                    actual=f"{palette_id or 0:#x}",
                )
            return found
        if palette is None:
            return None
        table = np.array(palette.ents[: palettes.ENTRIES], np.uint32)
        if flags & BitmapFlags.PAL_CACHE_ME:
            self.palettes.put(palette.unique, table)
        return table


def _wide(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of 16 bits as 32: GLZ images come out in nothing else."""
    return bitmap.widen(pixels) if pixels.dtype == np.uint16 else pixels


def _looked_up(indices: NDArray[np.uint8], table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Palette entries with all their 32 bits, which is what a raw bitmap puts on the surface."""
    if table.size < palettes.ENTRIES and (not table.size or int(indices.max()) >= table.size):
        palettes.apply(indices, table)  # raises, in the words of that module
    return table[indices]


def _sized(found: tuple[int, ...], width: int, height: int) -> None:
    if tuple(found) != (width, height):
        raise DrawError(
            ProblemCode.BAD_IMAGE,
            "the stream's size is not the descriptor's",
            path="descriptor",
            expected=f"{width}x{height}",
            actual=f"{found[0]}x{found[1]}",
        )
