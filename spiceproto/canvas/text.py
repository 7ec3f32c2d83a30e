"""DRAW_TEXT: strings of glyphs, each a small picture of coverage.

First the background: the part of ``back_area`` in the region is painted with the back brush, copied, whatever
``back_mode`` says. Then all glyphs of the string are collected in one mask, and the fore brush is laid over the
surface through it. A fore brush with a pattern is anchored at the string, not at the surface: its ``pos`` counts from
the top left corner of the box around all glyphs, those without pixels too. ``fore_mode`` has one meaning, OP_PUT; text with a
background and another mode is not drawn.

Where glyphs overlap, the greater coverage wins. Odd columns of A4 glyphs, counted from the glyph's left, are the
exception: the reference client compares a byte that still holds the left neighbour's four bits, so wherever that
neighbour is not empty the later glyph wins, whether it covers more or less.

A glyph's box begins at ``render_pos + glyph_origin``. Rows are filled up to whole bytes; A1 has the left pixel in the
high bit, A4 in the high nibble, whose value counts sixteenfold (15 is 240 of 255, so the fullest A4 glyph is still a
little transparent). **The bottom row comes first.** With RASTER_TOP_DOWN set it should be the other way round, and is
here; spice-gtk ignores the flag, and no server sets it.

A8 in the field: the loop of spice-common that copies A8 glyphs starts one row too far. It draws every row one pixel
lower than it is, never draws the bottom one, and fills the top row of a glyph with the bytes that happen to lie
behind it in memory (mostly the structure of the next glyph, so client and server differ there; libspice-server warns
that the path is untested). :data:`FIELD_A8` says which is drawn: the field's rows, with nothing in the top one. That
way all rows but one are those of spice-gtk, and none depends on memory.

A brush of one colour becomes 8 bits a channel first: on a surface of 16 bits its five bits ``c`` become ``255.996 c /
31``, cut off, and a mixture is cut to five bits again.

Source: ``canvas_draw_text`` in ``common/sw_canvas.c``; ``canvas_put_glyph_bits`` in ``common/canvas_base.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import brush as brushes
from spiceproto.canvas import rop as rops
from spiceproto.canvas.brush import Paint, Solid, Tile
from spiceproto.canvas.operators import Operator, combined
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import OPAQUE, Surface, argb, stored
from spiceproto.enums.display import Ropd, StringFlags

if TYPE_CHECKING:
    from spiceproto.messages.draw import RasterGlyphA1, RasterGlyphA4, RasterGlyphA8, String

    Glyph = RasterGlyphA1 | RasterGlyphA4 | RasterGlyphA8

__all__ = ["FIELD_A8", "background", "box_of", "coverage", "draw", "mask"]

FIELD_A8: Final = True
"""Whether A8 glyphs are drawn as spice-common draws them, one row too low."""


def box_of(glyph: Glyph) -> Box:
    """Where a glyph is."""
    left, top = glyph.render_pos.x + glyph.glyph_origin.x, glyph.render_pos.y + glyph.glyph_origin.y
    return Box(left, top, left + glyph.width, top + glyph.height)


def coverage(glyph: Glyph, bits: int, *, top_down: bool) -> NDArray[np.uint8]:
    """The coverage of a glyph's pixels, ``uint8 (h, w)``, top row first.

    :raises DrawError: BAD_IMAGE if the data are too short.
    """
    width, height = glyph.width, glyph.height
    stride = (width * bits + 7) // 8
    if len(glyph.data) < stride * height:
        raise DrawError(
            ProblemCode.BAD_IMAGE,
            "a glyph is cut short",
            path="str.glyphs.data",
            expected=f"{stride * height} bytes",
            actual=str(len(glyph.data)),
        )
    rows = np.frombuffer(glyph.data, np.uint8, stride * height).reshape(height, stride)
    if bits == 1:
        out = np.unpackbits(rows, axis=1, count=width) * np.uint8(255)
    elif bits == 4:
        out = np.empty((height, stride * 2), np.uint8)
        out[:, 0::2] = rows & 0xF0
        out[:, 1::2] = rows << 4
        out = out[:, :width]
    else:
        out = rows
    if top_down:
        return out
    out = out[::-1]
    if bits == 8 and FIELD_A8 and height:
        out = np.concatenate((np.zeros_like(out[:1]), out[:-1]))
    return out


def depth(string: String) -> int:
    """Bits of a glyph's pixel.

    :raises DrawError: BAD_COMMAND: glyphs as outlines were never specified.
    """
    for flag, bits in ((StringFlags.RASTER_A1, 1), (StringFlags.RASTER_A4, 4), (StringFlags.RASTER_A8, 8)):
        if string.flags & flag:
            return bits
    raise DrawError(ProblemCode.BAD_COMMAND, "glyphs without a depth", path="str.flags", actual=repr(string.flags))


def mask(string: String, bounds: Box) -> NDArray[np.uint8]:
    """The coverage of a whole string in ``bounds``: ``uint8`` of its size.

    :raises DrawError: as :func:`depth` and :func:`coverage`.
    """
    bits = depth(string)
    out = np.zeros((bounds.height, bounds.width), np.uint8)
    top_down = bool(string.flags & StringFlags.RASTER_TOP_DOWN)
    for glyph in string.glyphs or ():
        box = box_of(glyph)
        seen = box.meet(bounds)
        if not seen.empty:
            part: NDArray[Any] = seen.moved(-bounds.left, -bounds.top).view(out)
            laid = coverage(glyph, bits, top_down=top_down)
            inside = seen.moved(-box.left, -box.top)
            later = inside.view(_wins(laid)) if bits == 4 else False
            np.maximum(part, inside.view(laid), out=part, where=~np.asarray(later))
            np.copyto(part, inside.view(laid), where=later)
    return out


def _wins(laid: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where an A4 glyph replaces what is below it: odd columns whose left neighbour is not empty."""
    out = np.zeros(laid.shape, np.bool_)
    out[:, 1::2] = laid[:, : laid.shape[1] // 2 * 2 : 2] != 0
    return out


def background(surface: Surface, region: Region, area: Box, paint: Paint | None, fore_mode: int) -> None:
    """Paint the background of a text.

    :raises DrawError: BAD_COMMAND for a mode that a text with background cannot have.
    """
    if area.empty:
        return
    if fore_mode != Ropd.OP_PUT:
        raise DrawError(
            ProblemCode.BAD_COMMAND,
            "text with a background and a raster operation",
            path="fore_mode",
            expected=str(int(Ropd.OP_PUT)),
            actual=str(fore_mode),
        )
    brushes.draw(surface, region.within(area), paint, rops.Rop.COPY)


def _colour(paint: Paint, box: Box, surface: Surface) -> NDArray[np.uint32]:
    """The fore brush as ``uint32`` 0xAARRGGBB of the box's size."""
    if not isinstance(paint, Solid):
        return argb(paint.image.format, paint.source(box, surface))
    # Colours of 16-bit surfaces have five bits a channel here even where green has six: the reference client's rule.
    bits, ones = (5, 31) if surface.layout.bits == 16 else (8, 255)
    value = int(OPAQUE)
    for shift in (0, 8, 16):
        channel = paint.colour >> shift // 8 * bits & ones
        value |= (channel * 0xFFFF // ones >> 8) << shift
    return np.full((box.height, box.width), value, np.uint32)


def draw(surface: Surface, region: Region, string: String, paint: Paint | None) -> None:
    """Lay the fore brush over the surface through the glyphs, on the pixels of a region. No brush draws nothing.

    :raises DrawError: as :func:`mask`.
    """
    boxes = [box_of(glyph) for glyph in string.glyphs or ()]
    if not boxes or paint is None:
        depth(string)
        return
    around = Region(tuple(boxes)).bounds
    if isinstance(paint, Tile):
        paint = paint._replace(x=paint.x + around.left, y=paint.y + around.top)
    region = region.within(around)
    if region.empty:
        return
    needed = region.bounds
    cover = mask(string, needed).astype(np.uint32) << np.uint32(24)
    colour = _colour(brushes.settled(paint, surface), needed, surface)
    below = argb(surface.format, needed.view(surface.pixels))
    mixed = stored(surface.format, combined(Operator.OVER, colour, cover, below))
    rops.apply(surface, region, rops.Rop.COPY, lambda part: part.moved(-needed.left, -needed.top).view(mixed))
