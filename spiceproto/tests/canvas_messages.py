"""Messages for the tests of the canvas, in fewer words than the wire needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.display import Display
from spiceproto.enums.display import BrushType, ClipType, MaskFlags, PathFlags, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Brush, Clip, ClipRects, Copy, DisplayBase, Fill, PathSegment, Pattern, QMask
from spiceproto.messages.geometry import Point, PointFix, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor, Palette
from spiceproto.messages.image import Surface as SurfaceImage

NO_CLIP = Clip(ClipType.NONE, None)
NO_MASK = QMask(MaskFlags(0), Point(0, 0), None)


def rect(left: int, top: int, right: int, bottom: int) -> Rect:
    return Rect(top=top, left=left, bottom=bottom, right=right)


def clip(*rects: Rect) -> Clip:
    return Clip(ClipType.RECTS, ClipRects(rects))


def base(box: Rect, clip: Clip = NO_CLIP, surface_id: int = 0) -> DisplayBase:
    return DisplayBase(surface_id, box, clip)


def display(
    width: int, height: int, format: SurfaceFmt = SurfaceFmt._32_xRGB, fill: int | None = None, **shared: Any
) -> Display:
    """A display with a primary surface, filled with random pixels from the seed ``fill``."""
    made = Display(**shared)
    made.draw(messages.SurfaceCreate(surface_id=0, width=width, height=height, format=format, flags=SurfaceFlags.PRIMARY))
    assert not made.problems and made.primary is not None
    if fill is not None:
        pixels = made.primary.pixels
        pixels[...] = np.random.default_rng(fill).integers(0, made.primary.layout.ones + 1, pixels.shape, pixels.dtype)
    return made


def pixels(shown: Display, surface_id: int = 0) -> NDArray[Any]:
    return shown.surfaces[surface_id].pixels


def bitmap(words: NDArray[Any], *, id: int = 1, flags: int = 0, alpha: bool = False) -> Image:
    """An image of words ``uint32`` or ``uint16``, top row first."""
    height, width = words.shape
    format = BitmapFmt._16BIT if words.dtype == np.uint16 else BitmapFmt.RGBA if alpha else BitmapFmt._32BIT
    data = np.ascontiguousarray(words)
    body = BitmapData(
        format=format,
        flags=BitmapFlags.TOP_DOWN,
        x=width,
        y=height,
        stride=width * data.itemsize,
        palette_id=None,
        palette=None,
        data=data.tobytes(),
    )
    return Image(
        descriptor=ImageDescriptor(id=id, type=ImageType.BITMAP, flags=ImageFlags(flags), width=width, height=height),
        bitmap=body,
    )


def indexed(indices: NDArray[np.uint8], palette: Palette | None) -> Image:
    height, width = indices.shape
    body = BitmapData(
        format=BitmapFmt._8BIT,
        flags=BitmapFlags.TOP_DOWN,
        x=width,
        y=height,
        stride=width,
        palette_id=None,
        palette=palette,
        data=indices.tobytes(),
    )
    return Image(
        descriptor=ImageDescriptor(id=2, type=ImageType.BITMAP, flags=ImageFlags(0), width=width, height=height), bitmap=body
    )


def bits(mask: NDArray[np.bool_], *, id: int = 3, flags: int = 0, top_down: bool = True) -> Image:
    """A mask."""
    height, width = mask.shape
    rows = np.packbits(mask if top_down else mask[::-1], axis=1)
    body = BitmapData(
        format=BitmapFmt._1BIT_BE,
        flags=BitmapFlags.TOP_DOWN if top_down else BitmapFlags(0),
        x=width,
        y=height,
        stride=rows.shape[1],
        palette_id=None,
        palette=None,
        data=rows.tobytes(),
    )
    return Image(
        descriptor=ImageDescriptor(id=id, type=ImageType.BITMAP, flags=ImageFlags(flags), width=width, height=height),
        bitmap=body,
    )


def cached(id: int, kind: ImageType = ImageType.FROM_CACHE) -> Image:
    return Image(descriptor=ImageDescriptor(id=id, type=kind, flags=ImageFlags(0), width=0, height=0))


def of_surface(surface_id: int) -> Image:
    return Image(
        descriptor=ImageDescriptor(id=9, type=ImageType.SURFACE, flags=ImageFlags(0), width=0, height=0),
        surface=SurfaceImage(surface_id),
    )


def solid(colour: int) -> Brush:
    return Brush(BrushType.SOLID, colour, None)


def pattern(image: Image, x: int, y: int) -> Brush:
    return Brush(BrushType.PATTERN, None, Pattern(image, Point(x, y)))


NO_BRUSH = Brush(BrushType.NONE, None, None)


def fill(
    box: Rect, brush: Brush, rop: int = Ropd.OP_PUT, *, clip: Clip = NO_CLIP, mask: QMask = NO_MASK, surface_id: int = 0
) -> messages.DrawFill:
    return messages.DrawFill(base(box, clip, surface_id), Fill(brush, Ropd(rop), mask))


def copy(
    box: Rect,
    image: Image | None,
    area: Rect,
    rop: int = Ropd.OP_PUT,
    *,
    scale_mode: int = 1,
    clip: Clip = NO_CLIP,
    mask: QMask = NO_MASK,
    surface_id: int = 0,
) -> messages.DrawCopy:
    return messages.DrawCopy(
        base(box, clip, surface_id),
        Copy(src_bitmap=image, src_area=area, rop_descriptor=Ropd(rop), scale_mode=scale_mode, mask=mask),
    )


def segment(flags: int, *points: tuple[float, float]) -> PathSegment:
    """Part of a path; points in pixels."""
    return PathSegment(PathFlags(flags), tuple(PointFix(int(x * 16), int(y * 16)) for x, y in points))
