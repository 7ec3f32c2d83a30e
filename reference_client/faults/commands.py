"""Faults of drawing commands on areas and images, and of alpha (spec/07-display.md, 7.6)."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from reference_client.faults.fault import fault
from reference_client.faults.misread import (
    Misreads,
    changed,
    extent,
    has_pattern,
    of_pixels,
    pixels_of,
    rop_of,
    solid,
    with_bitmap,
)
from spiceproto.enums.display import AlphaFlags, ImageScaleMode, MaskFlags, Ropd
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import Copy, Fill, QMask
from spiceproto.messages.geometry import Point
from spiceproto.messages.image import BitmapData

replace = msgspec.structs.replace
_NO_MASK = QMask(MaskFlags(0), Point(0, 0))


# -- commands


@fault("patterns-only-put", "SPICE-DISPLAY-044")
class PatternsOnlyPut(Misreads):
    """Takes OP_OR for OP_PUT when it fills with a pattern."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.DrawFill) and has_pattern(value.data.brush) and rop_of(value) == Ropd.OP_OR:
            return changed(value, rop_descriptor=Ropd.OP_PUT)
        return value


@fault("copies-only-put", "SPICE-DISPLAY-045")
class CopiesOnlyPut(Misreads):
    """Takes OP_AND for OP_PUT when it copies an image."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.DrawCopy) and rop_of(value) == Ropd.OP_AND:
            return changed(value, rop_descriptor=Ropd.OP_PUT)
        return value


@fault("no-blend", "SPICE-DISPLAY-046")
class NoBlend(Misreads):
    """Leaves DRAW_BLEND out."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return None if isinstance(value, display.DrawBlend) else value


@fault("opaque-without-its-image", "SPICE-DISPLAY-047")
class OpaqueWithoutItsImage(Misreads):
    """Combines the brush of DRAW_OPAQUE with what was on the surface, for OP_AND."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawOpaque) or rop_of(value) != Ropd.OP_AND:
            return value
        return display.DrawFill(value.base, Fill(value.data.brush, Ropd.OP_AND, value.data.mask))


@fault("invers-is-black", "SPICE-DISPLAY-048")
class InversIsBlack(Misreads):
    """Clears what DRAW_INVERS inverts."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawInvers):
            return value
        return display.DrawFill(value.base, Fill(solid(0), Ropd.OP_PUT, value.data.mask))


@fault("brush-and-image-exchanged", "SPICE-DISPLAY-049")
class BrushAndImageExchanged(Misreads):
    """Takes the brush for the image, and the image for the brush, in operations of three inputs."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawRop3):
            return value
        number = value.data.rop3
        return changed(value, rop3=number & 0xC3 | (number & 0x0C) << 2 | (number & 0x30) >> 2)


def _whole_copy(value: display.DrawTransparent) -> display.DrawCopy:
    data = value.data
    copy = Copy(
        src_bitmap=data.src_bitmap,
        src_area=data.src_area,
        rop_descriptor=Ropd.OP_PUT,
        scale_mode=ImageScaleMode.NEAREST,
        mask=_NO_MASK,
    )
    return display.DrawCopy(value.base, copy)


@fault("no-colour-left-out", "SPICE-DISPLAY-051")
class NoColourLeftOut(Misreads):
    """Copies all of the image of DRAW_TRANSPARENT."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return _whole_copy(value) if isinstance(value, display.DrawTransparent) else value


@fault("leaves-src-color-out", "SPICE-DISPLAY-052")
class LeavesSrcColorOut(Misreads):
    """Leaves the pixels of src_color out, if there is one."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.DrawTransparent) and value.data.src_color:
            return changed(value, true_color=value.data.src_color)
        return value


# -- alpha


def _alpha_of(body: BitmapData) -> Any:
    """Pixels with all four bytes."""
    return pixels_of(replace(body, format=BitmapFmt.RGBA))


@fault("alpha-is-all-or-nothing", "SPICE-DISPLAY-053")
class AlphaIsAllOrNothing(Misreads):
    """Draws pixels of DRAW_ALPHA_BLEND as they are, or not at all."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawAlphaBlend) or value.data.alpha != 255 or value.data.alpha_flags:
            return value

        def sharp(body: BitmapData) -> BitmapData:
            pixels = _alpha_of(body)
            return of_pixels(body, np.where(pixels >> 24 > 127, pixels | 0xFF000000, 0).astype(np.uint32))

        return with_bitmap(value, sharp, (BitmapFmt.RGBA,))


@fault("products-cut-off", "SPICE-DISPLAY-054")
class ProductsCutOff(Misreads):
    """Cuts products with the alpha of the message off, instead of rounding them."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawAlphaBlend) or value.data.alpha in (0, 255):
            return value
        alpha, image = value.data.alpha, value.data.src_bitmap
        if image is None or image.bitmap is None or image.bitmap.format != BitmapFmt.RGBA:
            return value

        def cut(body: BitmapData) -> BitmapData:
            pixels = _alpha_of(body)
            found = np.zeros_like(pixels)
            for shift in (24, 16, 8, 0):
                found |= (pixels >> shift & 255) * alpha // 255 << shift
            return of_pixels(body, found)

        return changed(with_bitmap(value, cut), alpha=255)


@fault("alpha-where-there-is-none", "SPICE-DISPLAY-055")
class AlphaWhereThereIsNone(Misreads):
    """Takes the top bytes of an image without alpha for alpha when it blends."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawAlphaBlend):
            return value
        return with_bitmap(value, lambda body: replace(body, format=BitmapFmt.RGBA), (BitmapFmt._32BIT,))


@fault("alpha-of-the-surface-ignored", "SPICE-DISPLAY-056")
class AlphaOfTheSurfaceIgnored(Misreads):
    """Ignores DEST_HAS_ALPHA."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawAlphaBlend):
            return value
        return changed(value, alpha_flags=AlphaFlags(value.data.alpha_flags & ~AlphaFlags.DEST_HAS_ALPHA))


@fault("moves-black-from-outside", "SPICE-DISPLAY-057")
class MovesBlackFromOutside(Misreads):
    """Moves black to where pixels would come from outside of the surface."""

    def misread(self, value: Any, canvas: Any) -> Any:
        surface = canvas.surfaces.get(value.base.surface_id) if isinstance(value, display.CopyBits) else None
        if surface is None:
            return value
        width, height = extent(value.base.box)
        inside = 0 <= value.src_pos.x <= surface.width - width and 0 <= value.src_pos.y <= surface.height - height
        if inside:
            return value
        return [display.DrawFill(value.base, Fill(solid(0), Ropd.OP_PUT, _NO_MASK)), value]
