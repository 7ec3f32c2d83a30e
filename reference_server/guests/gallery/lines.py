"""Lines and writing: paths with and without dashes, and glyphs of each depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from reference_server.guest.command import Command
from reference_server.guest.image import NO_CLIP
from reference_server.guests.gallery.areas import NO_BRUSH, pattern, solid
from reference_server.guests.gallery.pictures import icon
from reference_server.guests.gallery.tile import SIDE, Tile, rect
from spiceproto.enums.display import ClipType, LineFlags, PathFlags, Ropd, StringFlags
from spiceproto.messages import display
from spiceproto.messages.draw import (
    Brush,
    Clip,
    ClipRects,
    LineAttr,
    Path,
    PathSegment,
    RasterGlyphA1,
    RasterGlyphA4,
    RasterGlyphA8,
    String,
    Stroke,
    Text,
)
from spiceproto.messages.geometry import Point, PointFix, Rect

__all__ = ["lines"]

_SIXTEENTHS: Final = 16
_PLAIN: Final = LineAttr(LineFlags(0))
_DASHED: Final = LineAttr(LineFlags.STYLED, (5 * _SIXTEENTHS, 3 * _SIXTEENTHS))
_GAP_FIRST: Final = LineAttr(LineFlags.STYLED | LineFlags.START_WITH_GAP, (7 * _SIXTEENTHS, 2 * _SIXTEENTHS))
_STAR: Final = ((5, 30), (20, 5), (34, 30), (4, 13), (36, 13))
_CURVE: Final = ((5, 34), (6, 4), (34, 4), (35, 34))

_FORMS: Final = (
    (_PLAIN, PathFlags.CLOSE, _STAR),
    (_DASHED, PathFlags.CLOSE, _STAR),
    (_GAP_FIRST, PathFlags(0), _STAR),
    (_PLAIN, PathFlags.BEZIER, _CURVE),
    (_DASHED, PathFlags.BEZIER, _CURVE),
)

_LETTER: Final = np.array(
    [
        [0, 0, 4, 9, 9, 4, 0, 0, 0],
        [0, 3, 12, 3, 3, 12, 3, 0, 0],
        [0, 8, 8, 0, 0, 8, 8, 0, 0],
        [0, 15, 15, 15, 15, 15, 15, 0, 0],
        [4, 15, 0, 0, 0, 0, 15, 4, 0],
        [9, 12, 0, 0, 0, 0, 12, 9, 1],
    ],
    np.uint8,
)
"""Coverage of a letter, of 15; its bottom row first when it is sent."""

_LINE: Final = 22
"""Where writing stands in a tile."""


def _path(tile: Tile, flags: PathFlags, points: tuple[tuple[int, int], ...]) -> Path:
    fixed = [PointFix((tile.left + x) * _SIXTEENTHS, (tile.top + y) * _SIXTEENTHS) for x, y in points]
    if flags & PathFlags.BEZIER:
        begin = PathSegment(PathFlags.BEGIN, (fixed[0],))
        return Path((begin, PathSegment(PathFlags.BEZIER | PathFlags.END, tuple(fixed[1:]))))
    return Path((PathSegment(PathFlags.BEGIN | PathFlags.END | flags, tuple(fixed)),))


def _glyphs(tile: Tile, depth: StringFlags) -> String:
    rows = _LETTER[::-1]
    height, width = rows.shape
    kind: type[RasterGlyphA1 | RasterGlyphA4 | RasterGlyphA8]
    if depth == StringFlags.RASTER_A1:
        kind, data = RasterGlyphA1, np.packbits(rows > 5, axis=1).tobytes()
    elif depth == StringFlags.RASTER_A4:
        padded = np.pad(rows, ((0, 0), (0, width % 2)))
        kind, data = RasterGlyphA4, (padded[:, 0::2] << 4 | padded[:, 1::2]).tobytes()
    else:
        kind, data = RasterGlyphA8, (rows * np.uint8(17)).tobytes()
    step = 0 if depth == StringFlags.RASTER_A8 else 1
    places = [(tile.left + 6 + 10 * number, tile.top + _LINE + number * step) for number in range(3)]
    made = [
        kind(render_pos=Point(x, y), glyph_origin=Point(0, -height), width=width, height=height, data=data) for x, y in places
    ]
    return String(depth, tuple(made))  # type: ignore[arg-type]


def _text(tile: Tile, string: String, brush: Brush, area: Rect | None = None) -> display.DrawText:
    clip = NO_CLIP
    if string.flags & StringFlags.RASTER_A8:
        # Of such a glyph spice-gtk draws the top row from memory that is not its own.
        below = tile.top + _LINE - len(_LETTER) + 1
        clip = Clip(ClipType.RECTS, ClipRects((rect(tile.left, below, SIDE, tile.top + SIDE - below),)))
    return display.DrawText(
        tile.base(clip=clip),
        Text(
            str=string,
            back_area=rect(0, 0, 0, 0) if area is None else area,
            fore_brush=brush,
            back_brush=NO_BRUSH if area is None else solid(0xFFF0C0),
            fore_mode=Ropd.OP_PUT,
            back_mode=Ropd.OP_PUT,
        ),
    )


def lines(tiles: Iterator[Tile]) -> Iterator[Command]:
    """All that is drawn with a pen."""
    for number, (style, flags, points) in enumerate(_FORMS):
        for mode, brush in ((Ropd.OP_PUT, solid(0xFF2020)), (Ropd.OP_XOR, pattern(icon(6), number, 1))):
            tile = next(tiles)
            stroke = Stroke(path=_path(tile, flags, points), attr=style, brush=brush, fore_mode=mode, back_mode=Ropd.OP_PUT)
            yield display.DrawStroke(tile.base(), stroke)
    for depth in (StringFlags.RASTER_A1, StringFlags.RASTER_A4, StringFlags.RASTER_A8):
        tile = next(tiles)
        yield _text(tile, _glyphs(tile, depth), solid(0x000080))
        tile = next(tiles)
        yield _text(tile, _glyphs(tile, depth), solid(0x600000), tile.part(5, 12, 31, 15))
    tile = next(tiles)
    yield _text(tile, _glyphs(tile, StringFlags.RASTER_A4), pattern(icon(7)))
