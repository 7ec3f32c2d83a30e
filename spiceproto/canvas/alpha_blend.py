"""DRAW_ALPHA_BLEND: an image over a surface, with its own alpha and one for the whole.

The colours of the image are multiplied by its alpha already. With ``alpha`` below 255 all four channels are multiplied
by it first. Then OVER: the image plus what it lets through of the surface. An image without alpha is opaque.

SRC_SURFACE_HAS_ALPHA makes the top byte of a 32_xRGB *surface* used as the source count as alpha; DEST_HAS_ALPHA makes
that of the surface drawn on count as alpha and be computed. Without it the top byte is 0 afterwards, where the blend
reached it. Scaling is NEAREST, and outside of the image nothing is drawn.

Source: ``canvas_draw_alpha_blend`` in ``common/canvas_base.c``, ``__blend_image`` in ``common/sw_canvas.c``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import rop as rops
from spiceproto.canvas import scale
from spiceproto.canvas.operators import over
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import Surface, argb, stored
from spiceproto.enums.display import SurfaceFmt

__all__ = ["draw"]


def draw(
    surface: Surface,
    region: Region,
    source: Surface,
    area: Box,
    box: Box,
    alpha: int,
    *,
    source_has_alpha: bool,
    destination_has_alpha: bool,
) -> None:
    """Blend ``area`` of the source into ``box``, on the pixels of a region inside that box.

    ``source_has_alpha`` and ``destination_has_alpha`` say that the top bytes of 32_xRGB are alpha.
    """
    area_is_box = (area.width, area.height) == (box.width, box.height)
    dx, dy = box.left - area.left, box.top - area.top
    if area_is_box:
        region = region.within(Box(dx, dy, dx + source.width, dy + source.height))
    if alpha == 0 or region.empty:
        return
    needed = region.bounds
    source_format = _with_alpha(source.format, source_has_alpha)
    format = _with_alpha(surface.format, destination_has_alpha)
    wide: NDArray[np.uint32]
    if area_is_box:
        wide = argb(source_format, needed.moved(-dx, -dy).view(source.pixels))
    else:
        wide = scale.sample(
            argb(source_format, source.pixels),
            scale.between(area, box.width, box.height),
            needed.moved(-box.left, -box.top),
            scale.Filter.NEAREST,
        )
    below = argb(format, needed.view(surface.pixels))
    mixed = stored(format, over(wide, below, alpha))
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-needed.left, -needed.top).view(mixed))


def _with_alpha(format: int, has_alpha: bool) -> int:
    return SurfaceFmt._32_ARGB if has_alpha and format == SurfaceFmt._32_xRGB else format
