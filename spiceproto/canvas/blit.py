"""Copies: an image onto a surface, scaled or not, with a raster operation of two or three operands.

If the source area has the size of the command's box, pixels are copied; where the source area leaves the image nothing
is drawn. Otherwise the source area is scaled to the box, and what is outside of the *image* (not of the source area) is
transparent black, which a copy writes as black.

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

if TYPE_CHECKING:
    from spiceproto.messages.geometry import Point

__all__ = ["copy", "copy_bits", "opaque", "rop3", "scaled"]


def scaled(source: Surface, area: Box, box: Box, needed: Box, filter: int) -> Surface:
    """The part ``needed`` of the picture that ``area`` of the source makes in ``box``; the source's format.

    ``needed`` is inside ``box``; both are on the target.
    """
    pixels = scale.sample(
        argb(source.format, source.pixels),
        scale.between(area, box.width, box.height),
        needed.moved(-box.left, -box.top),
        filter,
    )
    return Surface(source.format, stored(source.format, pixels))


def copy(
    surface: Surface, region: Region, source: Surface, area: Box, box: Box, rop: int, filter: int | None
) -> None:
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
    picture = _fitting(scaled(source, area, box, needed, filter or 0), surface)
    rops.apply(surface, region, rop, lambda part: part.moved(-needed.left, -needed.top).view(picture.pixels))


def _apart(source: Surface, surface: Surface) -> NDArray[Any]:
    """The source's pixels, copied if they are the target's own."""
    return source.pixels.copy() if source.pixels is surface.pixels else source.pixels


def _fitting(source: Surface, surface: Surface) -> Surface:
    """Scaling goes through pixman, which converts, so here formats of one size differ in meaning."""
    if source.format == surface.format:
        return source
    return Surface(surface.format, stored(surface.format, argb(source.format, source.pixels)))


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
                ProblemCode.BAD_IMAGE, "the source area leaves the image", path="src_area",
                expected=f"inside {source.width}x{source.height}", actual=repr(tuple(area)),
            )  # fmt: skip
        pixels = inside.view(_apart(source, surface))
    else:
        map = scale.between_rop3(area, box.width, box.height)
        wide = scale.sample(argb(source.format, source.pixels), map, needed.moved(-box.left, -box.top), filter)
        pixels = stored(source.format, wide)
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
    whole = region.bounds
    before = np.array(whole.moved(-dx, -dy).view(surface.pixels))
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-whole.left, -whole.top).view(before))
