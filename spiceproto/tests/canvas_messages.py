"""Messages for the tests of the canvas, in fewer words than the wire needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.display import Display
from spiceproto.enums.display import BrushType, ClipType, MaskFlags, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.messages import display as messages
from spiceproto.messages.draw import Brush, Clip, ClipRects, Copy, DisplayBase, Fill, Pattern, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor, Palette
from spiceproto.messages.image import Surface as SurfaceImage

NO_CLIP = Clip(ClipType.NONE, None)
NO_MASK = QMask(MaskFlags(0), Point(0, 0), None)


def rect(left: int, top: int, right: int, bottom: int) -> Rect:
    return Rect(top, left, bottom, right)


def clip(*rects: Rect) -> Clip:
    return Clip(ClipType.RECTS, ClipRects(rects))


def base(box: Rect, clip: Clip = NO_CLIP, surface_id: int = 0) -> DisplayBase:
    return DisplayBase(surface_id, box, clip)


def display(
    width: int, height: int, format: SurfaceFmt = SurfaceFmt._32_xRGB, fill: int | None = None, **shared: Any
) -> Display:
    """A display with a primary surface, filled with random pixels from the seed ``fill``."""
    made = Display(**shared)
    made.draw(messages.SurfaceCreate(0, width, height, format, SurfaceFlags.PRIMARY))
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
        format, BitmapFlags.TOP_DOWN, width, height, width * data.itemsize, None, None, data.tobytes()
    )
    return Image(ImageDescriptor(id, ImageType.BITMAP, ImageFlags(flags), width, height), bitmap=body)


def indexed(indices: NDArray[np.uint8], palette: Palette | None) -> Image:
    height, width = indices.shape
    body = BitmapData(
        BitmapFmt._8BIT, BitmapFlags.TOP_DOWN, width, height, width, None, palette, indices.tobytes()
    )
    return Image(ImageDescriptor(2, ImageType.BITMAP, ImageFlags(0), width, height), bitmap=body)


def bits(mask: NDArray[np.bool_], *, id: int = 3, flags: int = 0, top_down: bool = True) -> Image:
    """A mask."""
    height, width = mask.shape
    rows = np.packbits(mask if top_down else mask[::-1], axis=1)
    body = BitmapData(
        BitmapFmt._1BIT_BE, BitmapFlags.TOP_DOWN if top_down else BitmapFlags(0), width, height, rows.shape[1], None,
        None, rows.tobytes(),
    )  # fmt: skip
    return Image(ImageDescriptor(id, ImageType.BITMAP, ImageFlags(flags), width, height), bitmap=body)


def cached(id: int, kind: ImageType = ImageType.FROM_CACHE) -> Image:
    return Image(ImageDescriptor(id, kind, ImageFlags(0), 0, 0))


def of_surface(surface_id: int) -> Image:
    return Image(ImageDescriptor(9, ImageType.SURFACE, ImageFlags(0), 0, 0), surface=SurfaceImage(surface_id))


def solid(colour: int) -> Brush:
    return Brush(BrushType.SOLID, colour, None)


def pattern(image: Image, x: int, y: int) -> Brush:
    return Brush(BrushType.PATTERN, None, Pattern(image, Point(x, y)))


NO_BRUSH = Brush(BrushType.NONE, None, None)


def fill(box: Rect, brush: Brush, rop: int = Ropd.OP_PUT, *, clip: Clip = NO_CLIP, mask: QMask = NO_MASK,
         surface_id: int = 0) -> messages.DrawFill:  # fmt: skip
    return messages.DrawFill(base(box, clip, surface_id), Fill(brush, Ropd(rop), mask))


def copy(box: Rect, image: Image | None, area: Rect, rop: int = Ropd.OP_PUT, *, scale_mode: int = 1,
         clip: Clip = NO_CLIP, mask: QMask = NO_MASK, surface_id: int = 0) -> messages.DrawCopy:  # fmt: skip
    return messages.DrawCopy(base(box, clip, surface_id), Copy(image, area, Ropd(rop), scale_mode, mask))
