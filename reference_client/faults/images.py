"""Faults of images (spec/05-images.md), and of streams that are none (spec/06-codecs.md)."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import Draws, Misreads, Noise, of_pixels, pixels_of, with_bitmap, with_image
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, LzImageType
from spiceproto.messages import display
from spiceproto.messages.image import BitmapData, Image, Palette

replace = msgspec.structs.replace
_MANY = 100
"""Pixels: small pictures are for single steps of a decoder."""
_INDEXED = (BitmapFmt._1BIT_BE, BitmapFmt._4BIT_BE, BitmapFmt._8BIT)


# -- what can not be shown


@fault("unknown-image-type-fatal", "SPICE-IMAGE-003")
class UnknownImageTypeFatal(DisplayChannel):
    """Ends the session at an image of a type that it does not know."""

    def handle(self, value: Any, now: float) -> None:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        if image is not None and not isinstance(image.descriptor.type, ImageType):
            self.host.end("an unknown image", orderly=False)
            return
        super().handle(value, now)


@fault("shows-what-memory-held", "SPICE-IMAGE-004")
class ShowsWhatMemoryHeld(Noise):
    """Shows something for LZ4 rows that end early."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.lz4 is not None and len(image.lz4.data) == 15


@fault("sizes-wrap", "SPICE-IMAGE-005")
class SizesWrap(Noise):
    """Computes sizes in 32 bits, where 65536 times 65536 is nothing, and shows something."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.descriptor.width * image.descriptor.height >= 1 << 32


@fault("shows-pictures-without-pixels", "SPICE-IMAGE-006")
class ShowsPicturesWithoutPixels(Noise):
    """Shows something for a picture of width or height 0."""

    def shows(self, image: Image, error: Exception) -> bool:
        return not image.descriptor.width or not image.descriptor.height


@fault("indices-without-colour-fatal", "SPICE-IMAGE-022")
class IndicesWithoutColourFatal(DisplayChannel):
    """Ends the session at a palette that has fewer colours than its image."""

    def handle(self, value: Any, now: float) -> None:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        body = None if image is None else image.bitmap
        indexed = body is not None and body.format == BitmapFmt._8BIT and body.palette is not None
        if indexed and max(body.data, default=0) >= len(body.palette.ents):  # type: ignore[union-attr]
            self.host.end("an index without a colour", orderly=False)
            return
        super().handle(value, now)


# -- pixels


@fault("loses-the-lowest-bit-of-lz", "SPICE-IMAGE-007")
class LosesTheLowestBitOfLz(Draws):
    """Shows LZ pictures of 24 bits and many pixels without the lowest bit of blue."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        if isinstance(value, display.DrawCopy) and value.data.src_bitmap is not None and value.data.src_bitmap.lz_rgb:
            surface, where = canvas.surfaces[value.base.surface_id], value.base.box
            data, size = value.data.src_bitmap.lz_rgb.data, value.data.src_bitmap.descriptor
            large = size.width * size.height > _MANY and data[11] == LzImageType.RGB24
            if size.type == ImageType.LZ_RGB and large and not canvas.problems:
                surface.pixels[where.top : where.bottom, where.left : where.right] &= 0xFFFFFFFE


@fault("multiplies-by-alpha-again", "SPICE-IMAGE-008")
class MultipliesByAlphaAgain(Misreads):
    """Multiplies colours of LZ pictures by their alpha when it blends them, although that was done."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawAlphaBlend):
            return value

        def again(image: Image) -> Image:
            from spiceproto.codecs import bitmap, lz

            if image.descriptor.type != ImageType.LZ_RGB or image.lz_rgb is None:
                return image
            pixels = lz.decode(image.lz_rgb.data)
            alpha = pixels >> 24
            found = alpha << 24
            for shift in (16, 8, 0):
                found |= (pixels >> shift & 255) * alpha // 255 << shift
            data, stride = bitmap.encode(found, BitmapFmt.RGBA, top_down=True)
            body = BitmapData(
                format=BitmapFmt.RGBA,
                flags=BitmapFlags.TOP_DOWN,
                x=image.descriptor.width,
                y=image.descriptor.height,
                stride=stride,
                palette_id=None,
                palette=None,
                data=data,
            )
            return replace(image, descriptor=replace(image.descriptor, type=ImageType.BITMAP), lz_rgb=None, bitmap=body)

        return with_image(value, again)


@fault("bit-15-is-no-colour", "SPICE-IMAGE-009")
class Bit15IsNoColour(Misreads):
    """Shows black for pixels of 16 bits whose bit 15 is set."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def dark(body: BitmapData) -> BitmapData:
            pixels: Any = pixels_of(body)
            return of_pixels(body, np.where(pixels >> 15, 0, pixels).astype(np.uint16))

        return with_bitmap(value, dark, (BitmapFmt._16BIT,))


@fault("high-bits-as-they-are", "SPICE-IMAGE-010")
class HighBitsAsTheyAre(Misreads):
    """Ignores HIGH_BITS_SET."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def without(image: Image) -> Image:
            known = image.descriptor
            return replace(image, descriptor=replace(known, flags=ImageFlags(known.flags & ~ImageFlags.HIGH_BITS_SET)))

        return with_image(value, without)


@fault("five-bits-shifted", "SPICE-IMAGE-011")
class FiveBitsShifted(Misreads):
    """Widens channels of five bits by three zeros, so that white is no white."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def shifted(body: BitmapData) -> BitmapData:
            pixels: Any = pixels_of(body)
            words = pixels.astype(np.uint32)
            found = (words >> 10 & 31) << 19 | (words >> 5 & 31) << 11 | (words & 31) << 3
            return of_pixels(body, found, BitmapFmt._32BIT)

        return with_bitmap(value, shifted, (BitmapFmt._16BIT,))


# -- bitmaps


@fault("stride-ignored", "SPICE-IMAGE-012")
class StrideIgnored(Misreads):
    """Takes the rows of a bitmap of 32 bits for one directly behind the other."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def packed(body: BitmapData) -> BitmapData:
            if body.stride <= 4 * body.x or len(body.data) < 4 * body.x * body.y:
                return body
            return replace(body, stride=4 * body.x, data=body.data[: 4 * body.x * body.y])

        return with_bitmap(value, packed, (BitmapFmt._32BIT,))


@fault("top-down-ignored", "SPICE-IMAGE-013")
class TopDownIgnored(Misreads):
    """Ignores TOP_DOWN, and shows bitmaps from the top upside down."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return with_bitmap(value, lambda body: replace(body, flags=BitmapFlags(body.flags & ~BitmapFlags.TOP_DOWN)))


@fault("shows-rows-that-are-too-short", "SPICE-IMAGE-014")
class ShowsRowsThatAreTooShort(Noise):
    """Shows something for a bitmap whose rows are too short."""

    def shows(self, image: Image, error: Exception) -> bool:
        body = image.bitmap
        return body is not None and 0 < body.stride < 28 and body.x == 7


@fault("lowest-bit-first", "SPICE-IMAGE-015")
class LowestBitFirst(Misreads):
    """Takes the lowest bit of a byte for its left pixel, in every bitmap of bits with a palette."""

    def misread(self, value: Any, canvas: Any) -> Any:
        turned = bytes([int(f"{byte:08b}"[::-1], 2) for byte in range(256)])
        return with_bitmap(value, lambda body: replace(body, data=body.data.translate(turned)), (BitmapFmt._1BIT_BE,))


@fault("low-half-first", "SPICE-IMAGE-016")
class LowHalfFirst(Misreads):
    """Takes the low half of a byte for its left pixel."""

    def misread(self, value: Any, canvas: Any) -> Any:
        turned = bytes([byte >> 4 | byte << 4 & 0xF0 for byte in range(256)])
        return with_bitmap(value, lambda body: replace(body, data=body.data.translate(turned)), (BitmapFmt._4BIT_BE,))


@fault("indices-of-seven-bits", "SPICE-IMAGE-017")
class IndicesOfSevenBits(Misreads):
    """Takes each index of 8BIT for the one before it."""

    def misread(self, value: Any, canvas: Any) -> Any:
        before = bytes([max(byte - 1, 0) for byte in range(256)])
        return with_bitmap(value, lambda body: replace(body, data=body.data.translate(before)), (BitmapFmt._8BIT,))


@fault("high-byte-first", "SPICE-IMAGE-018")
class HighByteFirst(Misreads):
    """Takes the high byte of a pixel of 16 bits for the first."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return with_bitmap(value, lambda body: of_pixels(body, pixels_of(body).byteswap()), (BitmapFmt._16BIT,))


@fault("red-and-blue-swapped", "SPICE-IMAGE-019")
class RedAndBlueSwapped(Misreads):
    """Takes red for blue in bitmaps of 24 and 32 bits."""

    def misread(self, value: Any, canvas: Any) -> Any:
        def swapped(body: BitmapData) -> BitmapData:
            if not body.x or not body.y or len(body.data) < body.stride * body.y or body.stride < 3 * body.x:
                return body
            pixels: Any = pixels_of(body)
            found = pixels & 0xFF00FF00 | pixels >> 16 & 0xFF | (pixels & 0xFF) << 16
            return of_pixels(body, found.astype(np.uint32))

        return with_bitmap(value, swapped, (BitmapFmt._24BIT, BitmapFmt._32BIT, BitmapFmt.RGBA))


# -- palettes


def _swapped(color: int) -> int:
    return color & 0xFF00FF00 | color >> 16 & 0xFF | (color & 0xFF) << 16


@fault("red-and-blue-of-palettes-swapped", "SPICE-IMAGE-023")
class RedAndBlueOfPalettesSwapped(Misreads):
    """Takes red for blue in palettes."""

    def misread(self, value: Any, canvas: Any) -> Any:
        surface = canvas.surfaces.get(getattr(getattr(value, "base", None), "surface_id", None))
        if surface is None or surface.format == SurfaceFmt._16_555:
            return value

        def other(body: BitmapData) -> BitmapData:
            if body.palette is None:
                return body
            colours = tuple([_swapped(color) for color in body.palette.ents])
            return replace(body, palette=Palette(body.palette.unique, colours))

        return with_bitmap(value, other, _INDEXED)


@fault("palettes-of-24-bits-on-16", "SPICE-IMAGE-024")
class PalettesOf24BitsOn16(Misreads):
    """Takes entries of a palette for red, green and blue of 8 bits on a surface of 16 bits, too."""

    def misread(self, value: Any, canvas: Any) -> Any:
        surface = canvas.surfaces.get(getattr(getattr(value, "base", None), "surface_id", None))
        if surface is None or surface.format != SurfaceFmt._16_555:
            return value

        def narrowed(body: BitmapData) -> BitmapData:
            if body.palette is None:
                return body
            colours = [color >> 9 & 0x7C00 | color >> 6 & 0x3E0 | color >> 3 & 0x1F for color in body.palette.ents]
            return replace(body, palette=Palette(body.palette.unique, tuple(colours)))

        return with_bitmap(value, narrowed, _INDEXED)


# -- streams


@fault("any-quic-header", "SPICE-CODEC-001")
class AnyQuicHeader(Noise):
    """Shows something for a QUIC stream of a version that it does not know."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.quic is not None and len(image.quic.data) == 208 and image.quic.data[4:8] != bytes(4)


@fault("quic-runs-beyond-the-row", "SPICE-CODEC-029")
class QuicRunsBeyondTheRow(Noise):
    """Shows something for a QUIC stream whose run goes beyond its row."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.quic is not None and len(image.quic.data) == 48


@fault("any-lz-version", "SPICE-CODEC-031")
class AnyLzVersion(Noise):
    """Shows something for an LZ stream with another magic or version."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.lz_rgb is not None and image.descriptor.type == ImageType.LZ_RGB and image.lz_rgb.data[:8] not in _LZ


_LZ = (b"  ZL\x00\x01\x00\x01", b"", b"LZ  \x01\x00\x01\x00")


@fault("lz-matches-before-the-first-pixel", "SPICE-CODEC-040")
class LzMatchesBeforeTheFirstPixel(Noise):
    """Shows something for an LZ stream whose match lies before the first pixel."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.lz_rgb is not None and image.descriptor.type == ImageType.LZ_RGB and len(image.lz_rgb.data) in (30, 34)


@fault("any-glz-version", "SPICE-CODEC-047")
class AnyGlzVersion(Noise):
    """Shows something for a GLZ stream with another version."""

    def shows(self, image: Image, error: Exception) -> bool:
        glz = image.descriptor.type == ImageType.GLZ_RGB and image.lz_rgb is not None
        return glz and len(image.lz_rgb.data) == 155 and image.lz_rgb.data[:8] != _LZ[0]  # type: ignore[union-attr]


@fault("glz-matches-before-the-first-pixel", "SPICE-CODEC-056")
class GlzMatchesBeforeTheFirstPixel(Noise):
    """Shows something for a GLZ stream whose match lies before its first pixel, or goes beyond its last."""

    def shows(self, image: Image, error: Exception) -> bool:
        glz = image.descriptor.type == ImageType.GLZ_RGB and image.lz_rgb is not None
        return glz and len(image.lz_rgb.data) == 40  # type: ignore[union-attr]


@fault("inflates-without-end", "SPICE-CODEC-059")
class InflatesWithoutEnd(DisplayChannel):
    """Gives up where zlib data inflate to more than a picture can need: a client that goes on takes all memory."""

    def handle(self, value: Any, now: float) -> None:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        if image is not None and image.zlib_glz is not None and image.zlib_glz.glz_data_size > 1 << 20:
            self.host.end("no memory", orderly=False)
            return
        super().handle(value, now)


@fault("lz4-of-any-format", "SPICE-CODEC-063")
class Lz4OfAnyFormat(Noise):
    """Shows something for LZ4 data of a format that is none."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.lz4 is not None and len(image.lz4.data) > 2 and image.lz4.data[1] not in (6, 7, 8, 9)


@fault("jpeg-red-and-blue-swapped", "SPICE-CODEC-067")
class JpegRedAndBlueSwapped(Draws):
    """Takes red for blue in JPEG pictures."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        if image is not None and image.jpeg is not None and not canvas.problems:
            surface, where = canvas.surfaces[value.base.surface_id], value.base.box
            pixels = surface.pixels[where.top : where.bottom, where.left : where.right]
            pixels[...] = pixels & 0xFF00FF00 | pixels >> 16 & 0xFF | (pixels & 0xFF) << 16


@fault("jpeg-of-any-samples", "SPICE-CODEC-068")
class JpegOfAnySamples(Noise):
    """Shows something for JPEG pictures of other samples or components."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.jpeg is not None and len(image.jpeg.data) == 651 and image.descriptor.width == 7


@fault("jpeg-alpha-without-alpha", "SPICE-CODEC-071")
class JpegAlphaWithoutAlpha(Noise):
    """Shows something for a JPEG picture whose alpha is missing."""

    def shows(self, image: Image, error: Exception) -> bool:
        return image.jpeg_alpha is not None and len(image.jpeg_alpha.data) == 651


@fault("colours-not-above-alpha", "SPICE-CODEC-072")
class ColoursNotAboveAlpha(Draws):
    """Makes colours of a JPEG picture with alpha no larger than their alpha, where it is copied."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        image = value.data.src_bitmap if isinstance(value, display.DrawCopy) else None
        if image is not None and image.jpeg_alpha is not None and not canvas.problems:
            surface, where = canvas.surfaces[value.base.surface_id], value.base.box
            pixels = surface.pixels[where.top : where.bottom, where.left : where.right]
            alpha, found = pixels >> 24, pixels & 0xFF000000
            for shift in (16, 8, 0):
                found = found | np.minimum(pixels >> shift & 255, alpha) << shift
            pixels[...] = found
