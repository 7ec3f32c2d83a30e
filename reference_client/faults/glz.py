"""Faults of GLZ, and of GLZ in zlib: a decoder with one step wrong (spec/06-codecs.md, 6.3 and 6.4)."""

from __future__ import annotations

from typing import Any, ClassVar

from reference_client.faults.fault import fault
from reference_client.faults.misdecoded import as_bitmap
from reference_client.faults.misread import Draws, with_image
from reference_client.faults.plain_lz import Glz, Kept
from spiceproto.enums.image import ImageType, LzImageType
from spiceproto.messages.image import Image


class DrawsOver(Draws):
    """Draws some images otherwise than the canvas, which has drawn them before: it knows what is kept and what is missing."""

    def concerns(self, image: Image) -> bool:
        """Whether an image is one of those."""
        raise NotImplementedError

    def other(self, image: Image) -> Any:
        """What is drawn in place of it: pixels; None for nothing."""
        return None

    def alpha(self, image: Image) -> bool:
        """Whether those have alpha."""
        return False

    def _draw(self, canvas: Any, value: Any) -> None:
        image = getattr(getattr(value, "data", None), "src_bitmap", None)
        surface = canvas.surfaces.get(getattr(getattr(value, "base", None), "surface_id", None))
        if image is None or surface is None or not self.concerns(image):
            super()._draw(canvas, value)
            return
        known, before = canvas.problem_count, surface.pixels.copy()
        super()._draw(canvas, value)
        if self._missing is not None or canvas.problem_count > known:
            return
        surface.pixels[...] = before
        found = self.other(image)
        if found is not None:
            super()._draw(canvas, with_image(value, lambda known: as_bitmap(known, found, alpha=self.alpha(known))))


def _stream(image: Image) -> bytes:
    """The GLZ stream of an image; none of others."""
    from spiceproto.codecs import zlib_glz

    if image.zlib_glz is not None:
        return zlib_glz.inflate(image.zlib_glz.data, image.zlib_glz.glz_data_size)
    return image.lz_rgb.data if image.lz_rgb is not None and image.descriptor.type == ImageType.GLZ_RGB else b""


class DecodesGlz(DrawsOver):
    """Decodes GLZ with :attr:`decoder`, one for all displays of the session."""

    decoder: ClassVar[type[Glz]] = Glz

    def concerns(self, image: Image) -> bool:
        return image.descriptor.type in (ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB)

    def alpha(self, image: Image) -> bool:
        return _stream(image)[8] & 15 == LzImageType.RGBA

    def other(self, image: Image) -> Any:
        try:
            return self.host.shared(self.decoder).decode(_stream(image))
        except (ValueError, LookupError, OverflowError):
            return None


@fault("glz-always-from-the-top", "SPICE-CODEC-048")
class GlzAlwaysFromTheTop(DecodesGlz):
    """Takes the first row of a GLZ stream for the top one."""

    class decoder(Glz):
        def turned(self) -> bool:
            return True


@fault("glz-images-at-most-63-back", "SPICE-CODEC-050")
class GlzImagesAtMost63Back(DecodesGlz):
    """Ignores the bytes of an image distance behind its six bits."""

    class decoder(Glz):
        def near(self, low: int, more: int) -> int:
            return low


@fault("glz-offsets-of-12-bits", "SPICE-CODEC-051")
class GlzOffsetsOf12Bits(DecodesGlz):
    """Ignores the upper bits of the offset of a far match."""

    class decoder(Glz):
        def high(self, offset: int) -> int:
            return 0


@fault("glz-distances-from-0", "SPICE-CODEC-052")
class GlzDistancesFrom0(DecodesGlz):
    """Takes the offset of a match in the image itself for the pixels that it lies back."""

    class decoder(Glz):
        def back(self, distance: int) -> int:
            return max(distance, 1)


@fault("glz-offsets-from-the-top", "SPICE-CODEC-053")
class GlzOffsetsFromTheTop(DecodesGlz):
    """Counts the offset in an earlier image from its top left pixel, also where the bottom row came first."""

    class decoder(Glz):
        def place(self, kept: Kept, offset: int) -> int:
            if kept.top_down:
                return offset
            row, column = divmod(offset, kept.width)
            return len(kept.units) - (row + 1) * kept.width + column


@fault("glz-alpha-from-colours", "SPICE-CODEC-055")
class GlzAlphaFromColours(DecodesGlz):
    """Takes matches of alpha in earlier images from their blue."""

    class decoder(Glz):
        def part(self, unit: bytes) -> bytes:
            return unit[:1] if self.plane == "alpha" else unit[:3]


@fault("zlib-glz-cut-at-its-size", "SPICE-CODEC-058")
class ZlibGlzCutAtItsSize(DrawsOver):
    """Takes the size of zlib data for that of what they inflate to, and shows nothing of it."""

    def concerns(self, image: Image) -> bool:
        return image.zlib_glz is not None
