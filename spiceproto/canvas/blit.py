"""Copies: an image onto a surface, scaled or not, with a raster operation of two or three operands.

If the source area has the size of the command's box, pixels are copied; where the source area leaves the image nothing
is drawn. Otherwise the source area is scaled to the box, and what is outside of the *image* (not of the source area) is
transparent black, which a copy writes as black.

Scaling is the one copy that looks at alpha. On a surface of 32_ARGB a pixel without alpha is opaque, so what scaling
mixes with the outside is half transparent there; towards 32_xRGB, and before a raster operation that is no plain copy,
the four bytes of a pixel are mixed as they are.

DRAW_COPY and DRAW_BLEND are the same command. DRAW_OPAQUE is a copy and then a brush, whose raster operation sees the
copied image as its destination. DRAW_ROP3 needs an image that covers the box; the reference client aborts on a smaller
one, and reads before the pattern if its ``pos`` lies beyond the box's corner. Here the first is an error, and the
pattern repeats in all directions.

COPY_BITS moves pixels inside a surface, as if all were read before one is written. What would come from outside of the
surface stays as it is.

Source: ``canvas_draw_copy``, ``canvas_draw_opaque``, ``canvas_draw_rop3``, ``canvas_copy_bits`` in
``common/canvas_base.c``; ``spice_pixman_blit`` in ``common/pixman_utils.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import brush as brushes
from spiceproto.canvas import rop as rops
from spiceproto.canvas import scale
from spiceproto.canvas.brush import Paint
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import Surface, argb, stored
from spiceproto.enums.display import SurfaceFmt

if TYPE_CHECKING:
    from spiceproto.messages.geometry import Point

__all__ = ["copy", "copy_bits", "filter_for", "opaque", "rop3", "scaled"]


def scaled(source: Surface, area: Box, box: Box, needed: Box, filter: int, format: int) -> NDArray[Any]:
    """The part ``needed`` of the picture that ``area`` of the source makes in ``box``, as pixels of ``format``.

    ``needed`` is inside ``box``; both are on the target.
    """
    map = scale.between(area, box.width, box.height)
    return _sampled(source, map, needed.moved(-box.left, -box.top), filter, format)


def _sampled(source: Surface, map: scale.Map, box: Box, filter: int, format: int) -> NDArray[Any]:
    if format == SurfaceFmt._32_xRGB and source.layout.bits == 32:
        return scale.sample(source.pixels, map, box, filter)
    return stored(format, scale.sample(argb(source.format, source.pixels), map, box, filter))


def copy(surface: Surface, region: Region, source: Surface, area: Box, box: Box, rop: int, filter: int | None) -> None:
    """Draw ``area`` of the source in ``box``, on the pixels of a region inside that box.

    ``filter`` may be None if the two have one size.
    """
    if (area.width, area.height) == (box.width, box.height):
        dx, dy = box.left - area.left, box.top - area.top
        region = region.within(Box(dx, dy, dx + source.width, dy + source.height))
        pixels = _apart(source, surface)
        rops.apply(surface, region, rop, lambda part: part.moved(-dx, -dy).view(pixels))
        return
    if region.empty:
        return
    needed = region.bounds
    format = surface.format if rop == rops.Rop.COPY else source.format
    picture = scaled(source, area, box, needed, filter or 0, format)
    rops.apply(surface, region, rop, lambda part: part.moved(-needed.left, -needed.top).view(picture))


def _apart(source: Surface, surface: Surface) -> NDArray[Any]:
    """The source's pixels, copied if they are the target's own."""
    return source.pixels.copy() if source.pixels is surface.pixels else source.pixels


def opaque(
    surface: Surface, region: Region, source: Surface, area: Box, box: Box, filter: int, paint: Paint | None, rop: int
) -> None:
    """Draw an image and then a brush on it."""
    copy(surface, region, source, area, box, rops.Rop.COPY, filter)
    brushes.draw(surface, region, paint, rop)


def rop3(
    surface: Surface,
    region: Region,
    source: Surface,
    area: Box,
    box: Box,
    filter: int,
    paint: Paint | None,
    number: int,
) -> None:
    """Combine an image, a brush and the surface.

    :raises DrawError: BAD_IMAGE if the source area leaves the image, BAD_COMMAND if it is empty.
    """
    if region.empty:
        return
    needed = region.bounds
    if (area.width, area.height) == (box.width, box.height):
        inside = needed.moved(area.left - box.left, area.top - box.top)
        if inside.meet(Box(0, 0, source.width, source.height)) != inside:
            raise DrawError(
                ProblemCode.BAD_IMAGE,
                "the source area leaves the image",
                path="src_area",
                expected=f"inside {source.width}x{source.height}",
                actual=repr(tuple(area)),
            )
        pixels = inside.view(_apart(source, surface))
    else:
        map = scale.between_rop3(area, box.width, box.height)
        pixels = _sampled(source, map, needed.moved(-box.left, -box.top), filter, source.format)
    chosen = brushes.settled(paint, surface)
    ones = surface.layout.ones
    for part, map_ in region.parts():
        target: NDArray[Any] = part.view(surface.pixels)
        picture = part.moved(-needed.left, -needed.top).view(pixels)
        value = rops.rop3(number, chosen.source(part, surface), picture, target)
        rops.write(target, value & 1 if ones == 1 else value, map_)


def copy_bits(surface: Surface, region: Region, box: Box, origin: Point) -> None:
    """Copy the pixels that begin at ``origin`` to ``box``, on the pixels of a region inside that box."""
    dx, dy = box.left - origin.x, box.top - origin.y
    if dx == 0 and dy == 0:
        return
    region = region.within(Box(dx, dy, dx + surface.width, dy + surface.height))
    if region.empty:
        return
    if dy and len(region.boxes) == 1 and region.map is None:
        _move(surface.pixels, region.bounds, dx, dy)
        return
    whole = region.bounds
    before = np.array(whole.moved(-dx, -dy).view(surface.pixels))
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-whole.left, -whole.top).view(before))


def _move(pixels: NDArray[Any], box: Box, dx: int, dy: int) -> None:
    """Move what is (dx, dy) before a box to it, in stripes that are never read after they are written."""
    step = abs(dy)
    tops = range(box.top, box.bottom, step)
    for top in tops if dy < 0 else reversed(tops):
        part = Box(box.left, top, box.right, min(top + step, box.bottom))
        part.view(pixels)[...] = part.moved(-dx, -dy).view(pixels)


def filter_for(area: Box, box: Box, scale_mode: int) -> int:
    """The filter of a copy. Without scaling the mode is not looked at, as in the reference client."""
    if (area.width, area.height) == (box.width, box.height):
        return scale.Filter.NEAREST
    return scale.filter_of(scale_mode)
