"""DRAW_TRANSPARENT: an image with a colour that is not drawn.

The colour is ``true_color``, 0x00RRGGBB, turned into the surface's format by cutting low bits off; ``src_color`` is the
same colour in the image's own format and nobody reads it. The image is converted to the surface's format first and
compared after, on 32-bit surfaces without the top byte. Scaling is NEAREST, and what comes from outside of the image is
black (and so transparent if that is the colour).

Source: ``canvas_draw_transparent`` in ``common/canvas_base.c``, ``spice_pixman_blit_colorkey`` in
``common/pixman_utils.c``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import blit, scale
from spiceproto.canvas import rop as rops
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import COLOUR, Surface, stored
from spiceproto.enums.display import SurfaceFmt

__all__ = ["draw", "key"]


def key(format: int, true_color: int) -> int:
    """The transparent colour in the format of a surface; 0 where there are no colours."""
    if format in (SurfaceFmt._1_A, SurfaceFmt._8_A):
        return 0
    return int(stored(format, np.array([true_color & int(COLOUR)], np.uint32))[0])


def draw(surface: Surface, region: Region, source: Surface, area: Box, box: Box, true_color: int) -> None:
    """Draw the pixels of ``area`` that have another colour in ``box``, on the pixels of a region inside that box."""
    if (area.width, area.height) == (box.width, box.height):
        dx, dy = box.left - area.left, box.top - area.top
        region = region.within(Box(dx, dy, dx + source.width, dy + source.height))
        picture = source.pixels.copy() if source.pixels is surface.pixels else source.pixels
    else:
        if region.empty:
            return
        needed = region.bounds
        dx, dy = needed.left, needed.top
        picture = blit.scaled(source, area, box, needed, scale.Filter.NEAREST, source.format)
    transparent = key(surface.format, true_color)
    for part, map in region.parts():
        value = part.moved(-dx, -dy).view(picture)
        seen: NDArray[np.bool_] = (value & COLOUR if surface.layout.bits == 32 else value) != transparent
        rops.write(part.view(surface.pixels), value, seen if map is None else seen & map)
