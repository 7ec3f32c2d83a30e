"""Brushes: what a fill, a stroke or a text paints with: a colour, an image that repeats, or nothing.

A colour is a value in the surface's own format, not a description of a colour: on a surface of 16 bits it is x1r5g5b5
(or r5g6b5) in the low bits of the field. A pattern repeats in both directions; ``pos`` is where one of its copies has
its top left pixel, on the surface, negative or not. No brush paints with zeros, which matters because the raster
operation may not look at its source.

Source: ``draw_brush`` in ``common/canvas_base.c``, ``spice_pixman_tile_rect`` in ``common/pixman_utils.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import rop as rops
from spiceproto.canvas.image import Images
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import Surface
from spiceproto.enums.display import BrushType

if TYPE_CHECKING:
    from spiceproto.messages.draw import Brush

__all__ = ["Paint", "Solid", "Tile", "draw", "plot", "resolve", "touch"]


class Solid(NamedTuple):
    """One value for every pixel, in the format of the surface."""

    colour: int

    def source(self, box: Box, surface: Surface) -> Any:
        """A scalar of the surface's dtype."""
        layout = surface.layout
        return layout.dtype(self.colour & layout.ones)

    def at(self, x: NDArray[np.int64], y: NDArray[np.int64], surface: Surface) -> Any:
        """A scalar of the surface's dtype."""
        return self.source(Box(0, 0, 0, 0), surface)


class Tile(NamedTuple):
    """An image that repeats; the pixel at ``x``, ``y`` of the surface shows its top left one."""

    image: Surface
    x: int
    y: int

    def source(self, box: Box, surface: Surface) -> NDArray[Any]:
        """The pixels that a box of the surface shows."""
        pixels = self.image.pixels
        height, width = pixels.shape
        left, top = (box.left - self.x) % width, (box.top - self.y) % height
        if left + box.width <= width and top + box.height <= height:
            whole: NDArray[Any] = pixels[top : top + box.height, left : left + box.width]
            return whole
        columns = np.arange(left, left + box.width) % width
        rows = np.arange(top, top + box.height) % height
        out: NDArray[Any] = pixels[rows[:, None], columns]
        return out

    def at(self, x: NDArray[np.int64], y: NDArray[np.int64], surface: Surface) -> NDArray[Any]:
        """What single pixels of the surface show."""
        height, width = self.image.pixels.shape
        out: NDArray[Any] = self.image.pixels[(y - self.y) % height, (x - self.x) % width]
        return out


Paint = Solid | Tile


def resolve(brush: Brush, images: Images, format: int) -> Paint | None:
    """The brush with its image decoded for a surface of ``format``; None for a brush of type NONE.

    :raises RemoteError: as :meth:`spiceproto.canvas.image.Images.source`; BAD_COMMAND for an unknown type.
    """
    if brush.type == BrushType.SOLID and brush.color is not None:
        return Solid(brush.color)
    if brush.type == BrushType.PATTERN and brush.pattern is not None:
        return Tile(images.source(brush.pattern.pat, format), brush.pattern.pos.x, brush.pattern.pos.y)
    if brush.type == BrushType.NONE:
        return None
    raise DrawError(ProblemCode.BAD_COMMAND, "unknown type of brush", path="brush.type", actual=repr(brush.type))


def touch(brush: Brush, images: Images, format: int) -> None:
    """Do what the image of a brush asks for beyond being drawn."""
    if brush.pattern is not None:
        images.touch(brush.pattern.pat, format)


def draw(surface: Surface, region: Region, paint: Paint | None, rop: int) -> None:
    """Paint a region."""
    chosen = settled(paint, surface)
    rops.apply(surface, region, rop, lambda box: chosen.source(box, surface))


def plot(surface: Surface, x: NDArray[np.int64], y: NDArray[np.int64], paint: Paint | None, rop: int) -> None:
    """Paint single pixels, none of them twice."""
    value = (paint or Solid(0)).at(x, y, surface)
    if rop != rops.Rop.COPY:
        value = rops.combine(rop, value, surface.pixels[y, x])
        if surface.layout.ones == 1:
            value = value & 1
    surface.pixels[y, x] = value


def settled(paint: Paint | None, surface: Surface) -> Paint:
    """The paint, whose pixels stay as they are while the surface is drawn on; zeros if there is none."""
    if isinstance(paint, Tile) and paint.image.pixels is surface.pixels:
        return paint._replace(image=Surface(surface.format, surface.pixels.copy()))
    return paint or Solid(0)
