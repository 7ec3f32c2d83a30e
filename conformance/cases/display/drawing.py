"""Messages that draw, in fewer words than the wire needs: what cases send and the suite's own canvas draws too.

Boxes are left, top, right, bottom. Images are arrays of pixels: ``uint32`` 0xAARRGGBB, ``uint16`` x1r5g5b5, ``uint8`` indices,
``bool`` bits of a mask; their rows are sent from the top unless a case says otherwise.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import bitmap
from spiceproto.enums.display import (
    AlphaFlags,
    BrushType,
    ClipType,
    ImageScaleMode,
    MaskFlags,
    PathFlags,
    Ropd,
    SurfaceFlags,
    SurfaceFmt,
)
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.messages import display
from spiceproto.messages.draw import (
    AlphaBlend,
    Brush,
    Clip,
    ClipRects,
    Copy,
    DisplayBase,
    Fill,
    Opaque,
    PathSegment,
    Pattern,
    QMask,
    Rop3,
    Transparent,
)
from spiceproto.messages.geometry import Point, PointFix, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor, Palette, Surface

__all__ = [
    "HEIGHT",
    "NOTHING",
    "NO_BRUSH",
    "NO_CLIP",
    "NO_MASK",
    "PLACES",
    "WHOLE",
    "WIDTH",
    "Box",
    "alpha_blend",
    "base",
    "bits",
    "box",
    "cached",
    "clip",
    "copies",
    "copy",
    "descriptor",
    "fill",
    "fills",
    "mask",
    "of_surface",
    "opaque",
    "patch",
    "pattern",
    "picture",
    "raw",
    "rop3",
    "segment",
    "solid",
    "stripes",
    "surface",
    "transparent",
]

WIDTH, HEIGHT = 96, 64
"""Of the screen that these cases draw on."""

Box = tuple[int, int, int, int]
NO_CLIP: Final = Clip(ClipType.NONE)
NO_MASK: Final = QMask(MaskFlags(0), Point(0, 0))
NO_BRUSH: Final = Brush(BrushType.NONE)
NOTHING: Final[Box] = (0, 0, 0, 0)

PLACES: Final = tuple([(x, y, x + 22, y + 19) for y in (2, 23, 44) for x in (1, 25, 49, 73)])
"""Twelve boxes beside each other."""

WHOLE: Final[Box] = (0, 0, 22, 19)
"""All of an image as large as one of the places."""

_ids = count(0x5EED100000)
"""No two images have one id, so that nobody takes one for another."""

_KINDS: Final = {"uint32": BitmapFmt._32BIT, "uint16": BitmapFmt._16BIT, "uint8": BitmapFmt._8BIT, "bool": BitmapFmt._1BIT_BE}


def box(left: int, top: int, right: int, bottom: int) -> Rect:
    return Rect(top=top, left=left, bottom=bottom, right=right)


def clip(*boxes: Box) -> Clip:
    """What is drawn is drawn in these rectangles."""
    return Clip(ClipType.RECTS, ClipRects(tuple([box(*each) for each in boxes])))


def base(where: Box, clip: Clip = NO_CLIP, surface: int = 0) -> DisplayBase:
    return DisplayBase(surface, box(*where), clip)


def surface(number: int, width: int, height: int, format: SurfaceFmt = SurfaceFmt._32_xRGB) -> display.SurfaceCreate:
    """A surface that is not shown; number 0 is the one that is."""
    flags = SurfaceFlags(0) if number else SurfaceFlags.PRIMARY
    return display.SurfaceCreate(surface_id=number, width=width, height=height, format=format, flags=flags)


# -- images


def descriptor(kind: ImageType | int, width: int, height: int, *, flags: int = 0, id: int | None = None) -> ImageDescriptor:
    number = next(_ids) if id is None else id
    return ImageDescriptor(id=number, type=kind, flags=ImageFlags(flags), width=width, height=height)


def raw(
    data: bytes,
    format: BitmapFmt | int,
    width: int,
    height: int,
    stride: int,
    *,
    flags: int = BitmapFlags.TOP_DOWN,
    palette: Palette | None = None,
    palette_id: int | None = None,
    image_flags: int = 0,
    id: int | None = None,
) -> Image:
    """A bitmap as it is."""
    body = BitmapData(
        format=format,
        flags=BitmapFlags(flags),
        x=width,
        y=height,
        stride=stride,
        palette_id=palette_id,
        palette=palette,
        data=data,
    )
    return Image(descriptor=descriptor(ImageType.BITMAP, width, height, flags=image_flags, id=id), bitmap=body)


def picture(
    pixels: NDArray[Any],
    *,
    format: BitmapFmt | None = None,
    top_down: bool = True,
    stride: int | None = None,
    palette: Palette | None = None,
    palette_id: int | None = None,
    palette_flags: int = 0,
    flags: int = 0,
    id: int | None = None,
) -> Image:
    """A bitmap of these pixels; without a format that of their type."""
    kind = _KINDS[pixels.dtype.name] if format is None else format
    numbers = pixels.view(np.uint8) if pixels.dtype == np.bool_ else pixels
    data, found = bitmap.encode(np.ascontiguousarray(numbers), kind, top_down=top_down, stride=stride)
    height, width = pixels.shape
    return raw(
        data,
        kind,
        width,
        height,
        found,
        flags=palette_flags | (BitmapFlags.TOP_DOWN if top_down else 0),
        palette=palette,
        palette_id=palette_id,
        image_flags=flags,
        id=id,
    )


def patch(width: int, height: int, alpha: int = 0, seed: int = 0) -> NDArray[np.uint32]:
    """Pixels of which no two neighbours are alike; with alpha their colours are multiplied by it."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    top = alpha or 255
    red = (columns * 37 + rows * 11 + 40 + seed) % 256
    green = (columns * 5 + rows * 53 + 90 + seed) % 256
    blue = (columns * 71 + rows * 29 + 160 + seed) % 256
    found = np.uint32(alpha << 24) | (red * top // 255) << 16 | (green * top // 255) << 8 | (blue * top // 255)
    return np.ascontiguousarray(found.astype(np.uint32))


def bits(width: int, height: int) -> NDArray[np.bool_]:
    """The bits of a mask: triangles, whose edges lie nowhere on a byte's."""
    rows, columns = np.mgrid[0:height, 0:width]
    found: NDArray[np.bool_] = (columns + 2 * rows) % 11 < 5
    return found


def mask(pixels: NDArray[np.bool_], x: int = 0, y: int = 0, *, flags: int = 0) -> QMask:
    return QMask(MaskFlags(flags), Point(x, y), picture(pixels))


def of_surface(number: int) -> Image:
    """What a surface has; how large it is the surface says."""
    return Image(descriptor=descriptor(ImageType.SURFACE, WIDTH, HEIGHT), surface=Surface(number))


def cached(image: Image, kind: ImageType = ImageType.FROM_CACHE) -> Image:
    """An image once more, from the cache."""
    known = image.descriptor
    return Image(descriptor=descriptor(kind, known.width, known.height, id=known.id))


# -- brushes and commands


def solid(color: int) -> Brush:
    return Brush(BrushType.SOLID, color)


def pattern(image: Image, x: int = 0, y: int = 0) -> Brush:
    return Brush(BrushType.PATTERN, None, Pattern(image, Point(x, y)))


def fill(
    where: Box, brush: Brush | int, rop: int = Ropd.OP_PUT, *, mask: QMask = NO_MASK, clip: Clip = NO_CLIP, surface: int = 0
) -> display.DrawFill:
    """A brush, or a colour, on a box."""
    paint = solid(brush) if isinstance(brush, int) else brush
    return display.DrawFill(base(where, clip, surface), Fill(paint, Ropd(rop), mask))


def copy(
    image: Image,
    where: Box,
    area: Box | None = None,
    rop: int = Ropd.OP_PUT,
    *,
    mode: ImageScaleMode = ImageScaleMode.NEAREST,
    mask: QMask = NO_MASK,
    clip: Clip = NO_CLIP,
    surface: int = 0,
) -> display.DrawCopy:
    """An image on a box: without an area the pixels from its corner on."""
    left, top, right, bottom = where
    part = (0, 0, right - left, bottom - top) if area is None else area
    data = Copy(src_bitmap=image, src_area=box(*part), rop_descriptor=Ropd(rop), scale_mode=mode, mask=mask)
    return display.DrawCopy(base(where, clip, surface), data)


def opaque(
    image: Image,
    where: Box,
    area: Box,
    brush: Brush,
    rop: int,
    *,
    mask: QMask = NO_MASK,
) -> display.DrawOpaque:
    """A brush on an image."""
    data = Opaque(
        src_bitmap=image,
        src_area=box(*area),
        brush=brush,
        rop_descriptor=Ropd(rop),
        scale_mode=ImageScaleMode.NEAREST,
        mask=mask,
    )
    return display.DrawOpaque(base(where), data)


def rop3(image: Image, where: Box, area: Box, brush: Brush, number: int, *, mask: QMask = NO_MASK) -> display.DrawRop3:
    """An operation of three inputs."""
    nearest = ImageScaleMode.NEAREST
    data = Rop3(src_bitmap=image, src_area=box(*area), brush=brush, rop3=number, scale_mode=nearest, mask=mask)
    return display.DrawRop3(base(where), data)


def alpha_blend(
    image: Image, where: Box, area: Box, *, alpha: int = 255, flags: int = 0, surface: int = 0
) -> display.DrawAlphaBlend:
    data = AlphaBlend(alpha_flags=AlphaFlags(flags), alpha=alpha, src_bitmap=image, src_area=box(*area))
    return display.DrawAlphaBlend(base(where, surface=surface), data)


def transparent(
    image: Image, where: Box, area: Box, color: int, *, other: int = 0, surface: int = 0
) -> display.DrawTransparent:
    """An image without the pixels of a colour; ``other`` is the one that means nothing."""
    data = Transparent(src_bitmap=image, src_area=box(*area), src_color=other, true_color=color)
    return display.DrawTransparent(base(where, surface=surface), data)


def fills(*rops: int) -> list[display.DrawFill]:
    """A brush of one colour at as many places as there are operations."""
    return [fill(where, 0x5A3CC3, rop) for where, rop in zip(PLACES, rops, strict=False)]


def copies(*rops: int) -> list[display.DrawCopy]:
    """The same of an image."""
    image = picture(patch(22, 19))
    return [copy(image, where, rop=rop) for where, rop in zip(PLACES, rops, strict=False)]


def stripes(surface: int = 0) -> list[display.DrawFill]:
    """Something to draw on, made of fills alone: eight stripes of other colours."""
    step = WIDTH // 8
    colours = (0x102030, 0xF0E0D0, 0x0F3355, 0xAA55CC, 0x5577EE, 0xEECC11, 0x33AA66, 0x808182)
    return [fill((place * step, 0, (place + 1) * step, HEIGHT), color, surface=surface) for place, color in enumerate(colours)]


def segment(flags: int, *points: tuple[float, float]) -> PathSegment:
    """A part of a path; points in pixels."""
    return PathSegment(PathFlags(flags), tuple([PointFix(round(x * 16), round(y * 16)) for x, y in points]))
