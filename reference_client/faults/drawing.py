"""Faults of what all drawing shares: where, and with which brush, operation and scale (spec/07-display.md, 7.5)."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from reference_client.channels import DisplayChannel
from reference_client.faults.fault import fault
from reference_client.faults.misread import (
    Draws,
    Misreads,
    changed,
    extent,
    is_inside,
    is_scaled,
    is_whole,
    of_pixels,
    pixels_of,
    rop_of,
    solid,
    with_base,
    with_bitmap,
    without_image,
)
from spiceproto.enums.display import BrushType, ImageScaleMode, MaskFlags, Ropd, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, ClipRects, Fill, Pattern, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BitmapData

replace = msgspec.structs.replace


# -- where


@fault("moves-what-was-there-before", "SPICE-DISPLAY-017")
class MovesWhatWasThereBefore(Draws):
    """Moves pixels as they were before the box that was filled last."""

    before: Any = None

    def _draw(self, canvas: Any, value: Any) -> None:
        primary = canvas.primary
        if isinstance(value, display.CopyBits) and self.before is not None:
            now = primary.pixels.copy()
            primary.pixels[...] = self.before
            super()._draw(canvas, value)
            where = value.base.box
            moved = primary.pixels[where.top : where.bottom, where.left : where.right].copy()
            primary.pixels[...] = now
            primary.pixels[where.top : where.bottom, where.left : where.right] = moved
            return
        filled = isinstance(value, display.DrawFill) and primary is not None
        self.before = primary.pixels.copy() if filled else None
        super()._draw(canvas, value)


@fault("draws-beyond-the-clip", "SPICE-DISPLAY-018")
class DrawsBeyondTheClip(Misreads):
    """Draws one pixel more to the right of each rectangle of a clip."""

    def misread(self, value: Any, canvas: Any) -> Any:
        clip = getattr(getattr(value, "base", None), "clip", None)
        if clip is None or clip.rects is None:
            return value
        rects = tuple([replace(rect, right=rect.right + 1) for rect in clip.rects.rects])
        return with_base(value, clip=Clip(clip.type, ClipRects(rects)))


@fault("turns-empty-boxes", "SPICE-DISPLAY-019")
class TurnsEmptyBoxes(Misreads):
    """Exchanges the edges of a box whose right edge is left of its left one."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not hasattr(value, "base") or not hasattr(value.base, "box"):
            return value
        box = value.base.box
        left, right = sorted((box.left, box.right))
        top, bottom = sorted((box.top, box.bottom))
        return with_base(value, box=Rect(top=top, left=left, bottom=bottom, right=right))


@fault("rectangles-one-by-one", "SPICE-DISPLAY-020")
class RectanglesOneByOne(Misreads):
    """Draws once for each rectangle of a clip, and twice where two of them lie on each other."""

    most = 16

    def misread(self, value: Any, canvas: Any) -> Any:
        clip = getattr(getattr(value, "base", None), "clip", None)
        if clip is None or clip.rects is None or not 0 < len(clip.rects.rects) <= self.most:
            return value
        return [with_base(value, clip=Clip(clip.type, ClipRects((rect,)))) for rect in clip.rects.rects]


@fault("moves-row-by-row", "SPICE-DISPLAY-021")
class MovesRowByRow(Misreads):
    """Copies a part of the surface row by row from the top, also downwards onto itself."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.CopyBits):
            return value
        box, source = value.base.box, value.src_pos
        found = []
        for number in range(max(box.bottom - box.top, 0)):
            row = with_base(value, box=replace(box, top=box.top + number, bottom=box.top + number + 1))
            found.append(replace(row, src_pos=Point(source.x, source.y + number)))
        return found


@fault("unknown-surfaces-are-the-screen", "SPICE-DISPLAY-022")
class UnknownSurfacesAreTheScreen(Misreads):
    """Draws on the screen what is meant for a surface that is not there."""

    largest = 0

    def misread(self, value: Any, canvas: Any) -> Any:
        if not hasattr(value, "base") or not hasattr(value.base, "surface_id") or value.base.surface_id in canvas.surfaces:
            return value
        # What was to be a surface too large is another matter.
        return value if value.base.surface_id == self.largest else with_base(value, surface_id=0)

    def on_surface_create(self, value: display.SurfaceCreate, now: float) -> None:
        super().on_surface_create(value, now)
        if value.width * value.height >= 1 << 28:
            self.largest = value.surface_id


@fault("large-surfaces-are-cut", "SPICE-DISPLAY-023")
class LargeSurfacesAreCut(Misreads):
    """Takes memory for a part of a surface that is too large, as if sizes had 16 bits."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.SurfaceCreate) and value.width * value.height >= 1 << 28:
            return replace(value, width=64, height=64)
        return value


# -- masks


def _mask_of(value: Any) -> QMask | None:
    return getattr(getattr(value, "data", None), "mask", None)


@fault("masks-not-inverted", "SPICE-DISPLAY-024")
class MasksNotInverted(Misreads):
    """Draws where the bit of a mask is set, whatever its flags are."""

    def misread(self, value: Any, canvas: Any) -> Any:
        mask = _mask_of(value)
        return value if mask is None or without_image(mask) else changed(value, mask=replace(mask, flags=MaskFlags(0)))


@fault("inverted-masks-without-end", "SPICE-DISPLAY-025")
class InvertedMasksWithoutEnd(Misreads):
    """Takes what is outside of a mask for clear, and draws there with INVERS."""

    def misread(self, value: Any, canvas: Any) -> Any:
        mask = _mask_of(value)
        if mask is None or mask.bitmap is None or mask.bitmap.bitmap is None or not mask.flags & MaskFlags.INVERS:
            return value
        width, height = extent(value.base.box)
        bits = pixels_of(mask.bitmap.bitmap)
        wide = np.zeros((height, width), np.uint8)
        rows, columns = np.mgrid[0:height, 0:width]
        y, x = rows + mask.pos.y, columns + mask.pos.x
        inside = (x >= 0) & (y >= 0) & (x < bits.shape[1]) & (y < bits.shape[0])
        wide[inside] = bits[y[inside], x[inside]]
        image = replace(
            mask.bitmap,
            bitmap=of_pixels(mask.bitmap.bitmap, wide),
            descriptor=replace(mask.bitmap.descriptor, width=width, height=height),
        )
        return changed(value, mask=replace(mask, bitmap=image, pos=Point(0, 0)))


@fault("no-mask-inverted-is-nothing", "SPICE-DISPLAY-026")
class NoMaskInvertedIsNothing(Misreads):
    """Draws nothing where a mask without an image has the flag INVERS."""

    def misread(self, value: Any, canvas: Any) -> Any:
        mask = _mask_of(value)
        return None if mask is not None and without_image(mask) and mask.flags & MaskFlags.INVERS else value


# -- surfaces and pixels


@fault("surfaces-begin-white", "SPICE-DISPLAY-027")
class SurfacesBeginWhite(Draws):
    """Begins surfaces that are not shown white."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        if isinstance(value, display.SurfaceCreate) and value.surface_id in canvas.surfaces and not value.flags:
            surface = canvas.surfaces[value.surface_id]
            surface.pixels[...] = surface.layout.ones


@fault("rounds-to-five-bits", "SPICE-DISPLAY-028")
class RoundsToFiveBits(Misreads):
    """Rounds colours that are stored with fewer bits, instead of cutting them off."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawCopy) or value.base.surface_id not in canvas.surfaces:
            return value
        if canvas.surfaces[value.base.surface_id].format not in (SurfaceFmt._16_555, SurfaceFmt._16_565):
            return value

        def rounded(body: BitmapData) -> BitmapData:
            pixels: Any = pixels_of(body)
            found = np.zeros_like(pixels)
            for shift in (16, 8, 0):
                found |= np.minimum((pixels >> shift & 255) + 4, 255) << shift
            return of_pixels(body, found)

        return with_bitmap(value, rounded, (BitmapFmt._32BIT,))


@fault("top-bytes-lost", "SPICE-DISPLAY-029", "SPICE-DISPLAY-055", "SPICE-DISPLAY-056")
class TopBytesLost(Draws):
    """Clears the top bytes of a surface without alpha whenever something is drawn on it."""

    def _draw(self, canvas: Any, value: Any) -> None:
        super()._draw(canvas, value)
        surface = canvas.surfaces.get(getattr(getattr(value, "base", None), "surface_id", None))
        if surface is not None and surface.format == SurfaceFmt._32_xRGB:
            surface.pixels &= 0xFFFFFF


@fault("shows-by-top-byte", "SPICE-DISPLAY-030", "SPICE-IMAGE-007", "SPICE-IMAGE-019", "SPICE-IMAGE-023", "SPICE-CODEC-072")
class ShowsByTopByte(DisplayChannel):
    """Takes the top bytes of the screen for alpha where they are neither all ones nor all zeros."""

    def picture(self, *more: Any, **options: Any) -> Any:
        found = super().picture(*more, **options)
        if self.canvas is None or self.canvas.primary is None:
            return found
        top = self.canvas.primary.pixels >> 24
        found = found.copy()
        found[(top != 0) & (top != 255)] //= 2
        return found


# -- brushes


@fault("colours-of-24-bits-on-16", "SPICE-DISPLAY-031")
class ColoursOf24BitsOn16(Misreads):
    """Takes the colour of a brush for red, green and blue of 8 bits, whatever the surface's format is."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawFill) or value.data.brush.color is None:
            return value
        surface = canvas.surfaces.get(value.base.surface_id)
        if surface is None or surface.format != SurfaceFmt._16_555:
            return value
        color = value.data.brush.color
        return changed(value, brush=solid(color >> 9 & 0x7C00 | color >> 6 & 0x3E0 | color >> 3 & 0x1F))


@fault("patterns-begin-at-the-corner", "SPICE-DISPLAY-032")
class PatternsBeginAtTheCorner(Misreads):
    """Begins every pattern at the corner of the surface."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawFill) or value.data.brush.pattern is None:
            return value
        brush = value.data.brush
        return changed(value, brush=replace(brush, pattern=Pattern(value.data.brush.pattern.pat, Point(0, 0))))


@fault("no-brush-is-white", "SPICE-DISPLAY-033")
class NoBrushIsWhite(Misreads):
    """Paints white where there is no brush."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.DrawFill) and value.data.brush.type == BrushType.NONE:
            return changed(value, brush=solid(0xFFFFFF))
        return value


# -- raster operations


@fault("results-not-inverted", "SPICE-DISPLAY-034")
class ResultsNotInverted(Misreads):
    """Does not invert the result of an operation."""

    def misread(self, value: Any, canvas: Any) -> Any:
        rop = rop_of(value)
        # Black, white and the opposite have no inversions: that is another sentence.
        if rop & (Ropd.OP_BLACKNESS | Ropd.OP_WHITENESS | Ropd.OP_INVERS) or not rop & Ropd.INVERS_RES:
            return value
        return changed(value, rop_descriptor=Ropd(rop & ~Ropd.INVERS_RES))


@fault("takes-the-last-operation", "SPICE-DISPLAY-035")
class TakesTheLastOperation(Misreads):
    """Of two operations in a descriptor takes OP_AND before OP_OR."""

    def misread(self, value: Any, canvas: Any) -> Any:
        rop = rop_of(value)
        both = Ropd.OP_OR | Ropd.OP_AND
        return changed(value, rop_descriptor=Ropd(rop & ~Ropd.OP_OR)) if rop & both == both else value


@fault("white-inverted-is-black", "SPICE-DISPLAY-036")
class WhiteInvertedIsBlack(Misreads):
    """Inverts the result of OP_WHITENESS."""

    def misread(self, value: Any, canvas: Any) -> Any:
        rop = rop_of(value)
        both = Ropd.OP_WHITENESS | Ropd.INVERS_RES
        return changed(value, rop_descriptor=Ropd.OP_BLACKNESS) if rop == both else value


@fault("operations-without-the-image", "SPICE-DISPLAY-038")
class OperationsWithoutTheImage(Misreads):
    """Leaves out operations of three inputs that do not look at the image."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if isinstance(value, display.DrawRop3) and value.data.rop3 >> 2 & 0x33 == value.data.rop3 & 0x33:
            return None
        return value


# -- scaling


@fault("black-around-the-image", "SPICE-DISPLAY-039")
class BlackAroundTheImage(Misreads):
    """Draws black where the source area of an image that is not scaled is outside of it."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawCopy) or is_scaled(value):
            return value
        image = value.data.src_bitmap
        if image is None or image.bitmap is None or is_inside(value.data.src_area, image) or not is_whole(image.bitmap):
            return value
        black = display.DrawFill(value.base, Fill(solid(0), Ropd.OP_PUT, value.data.mask))
        return [black, value]


@fault("scales-only-from-inside", "SPICE-DISPLAY-040")
class ScalesOnlyFromInside(Misreads):
    """Leaves out what is scaled from outside of an image."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not isinstance(value, display.DrawCopy) or not is_scaled(value) or value.data.src_bitmap is None:
            return value
        return value if is_inside(value.data.src_area, value.data.src_bitmap) else None


def _scaled_by_hand(value: display.DrawCopy, half: float) -> Any:
    """The same copy with the pixel under each point, which is at ``half`` of a pixel of the box."""
    image = value.data.src_bitmap
    assert image is not None and image.bitmap is not None
    area, (width, height) = value.data.src_area, extent(value.base.box)
    across, down = extent(area)
    columns = np.floor((np.arange(width) + half) * across / width).astype(int) + area.left
    rows = np.floor((np.arange(height) + half) * down / height).astype(int) + area.top
    pixels = pixels_of(image.bitmap)[np.ix_(rows, columns)]
    size = replace(image.descriptor, width=width, height=height)
    whole = replace(image, descriptor=size, bitmap=of_pixels(image.bitmap, pixels))
    return changed(value, src_bitmap=whole, src_area=Rect(top=0, left=0, bottom=height, right=width))


def _is_plain_scaling(value: Any) -> bool:
    if not isinstance(value, display.DrawCopy) or value.data.scale_mode != ImageScaleMode.NEAREST or not is_scaled(value):
        return False
    image = value.data.src_bitmap
    return image is not None and image.bitmap is not None and is_inside(value.data.src_area, image)


@fault("points-at-corners", "SPICE-DISPLAY-041")
class PointsAtCorners(Misreads):
    """Takes the corner of a pixel for its centre when it scales."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return _scaled_by_hand(value, 0.0) if _is_plain_scaling(value) else value


@fault("edges-belong-to-the-right", "SPICE-DISPLAY-042")
class EdgesBelongToTheRight(Misreads):
    """Takes the right, or the lower pixel for a point on the edge of two."""

    def misread(self, value: Any, canvas: Any) -> Any:
        if not _is_plain_scaling(value):
            return value
        sizes = [extent(value.data.src_area), extent(value.base.box)]
        half = sizes[0][0] == 2 * sizes[1][0] and sizes[0][1] == 2 * sizes[1][1]
        return _scaled_by_hand(value, 0.5) if half else value


@fault("never-mixes", "SPICE-DISPLAY-043")
class NeverMixes(Misreads):
    """Scales without mixing pixels, whatever the mode is."""

    def misread(self, value: Any, canvas: Any) -> Any:
        return changed(value, scale_mode=ImageScaleMode.NEAREST) if isinstance(value, display.DrawCopy) else value
