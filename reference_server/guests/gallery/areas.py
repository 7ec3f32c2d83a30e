"""Areas: fills, blackness, whiteness, inversion; brushes, masks, clips and raster operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reference_server.guest.command import Command
from reference_server.guest.image import NO_MASK
from reference_server.guests.gallery.pictures import bits, icon, photo, words
from reference_server.guests.gallery.tile import Tile
from spiceproto.enums.display import BrushType, ClipType, MaskFlags, Ropd
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Brush, Clip, ClipRects, Fill, Invers, Pattern, QMask, Whiteness
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import Image

__all__ = ["NO_BRUSH", "ROPS", "areas", "masks", "pattern", "solid"]

NO_BRUSH: Final = Brush(BrushType.NONE)

ROPS: Final = (
    Ropd.OP_PUT,
    Ropd.OP_OR,
    Ropd.OP_AND,
    Ropd.OP_XOR,
    Ropd.OP_BLACKNESS,
    Ropd.OP_WHITENESS,
    Ropd.OP_INVERS,
    Ropd.OP_PUT | Ropd.INVERS_RES,
    Ropd.OP_OR | Ropd.INVERS_DEST,
    Ropd.OP_AND | Ropd.INVERS_SRC | Ropd.INVERS_BRUSH,
    Ropd.OP_XOR | Ropd.INVERS_RES,
)
"""Raster operations of two operands, some with what they invert."""


def solid(colour: int) -> Brush:
    """A brush of one colour."""
    return Brush(BrushType.SOLID, colour)


def pattern(image: Image, x: int = 0, y: int = 0) -> Brush:
    """A brush that repeats an image."""
    return Brush(BrushType.PATTERN, pattern=Pattern(image, Point(x, y)))


def masks() -> tuple[QMask, ...]:
    """A disc: as it is, inverted, moved, and stored in other ways."""
    return (
        QMask(MaskFlags(0), Point(0, 0), bits(34, 34)),
        QMask(MaskFlags.INVERS, Point(0, 0), bits(34, 34)),
        QMask(MaskFlags(0), Point(6, 3), bits(46, 46, BitmapFmt._1BIT_LE)),
        QMask(MaskFlags(0), Point(0, 0), bits(34, 34, top_down=False)),
    )


def _rects(*rects: Rect) -> Clip:
    return Clip(ClipType.RECTS, ClipRects(rects))


def areas(tiles: Iterator[Tile]) -> Iterator[Command]:
    """All that fills."""
    for rop in ROPS:
        tile = next(tiles)
        yield display.DrawFill(tile.base(), Fill(solid(0x3060C0), rop, NO_MASK))
    for brush in (pattern(icon(1)), pattern(icon(2), 5, 11), pattern(words(photo(7, 5)), 100, -3)):
        tile = next(tiles)
        yield display.DrawFill(tile.base(), Fill(brush, Ropd.OP_PUT, NO_MASK))
    tile = next(tiles)
    yield display.DrawFill(tile.base(), Fill(pattern(icon(1)), Ropd.OP_XOR, NO_MASK))
    for mask in (NO_MASK, *masks()):
        tile = next(tiles)
        yield display.DrawFill(tile.base(), Fill(solid(0xE04020), Ropd.OP_PUT, mask))
    kinds: tuple[tuple[Any, Any], ...] = (
        (display.DrawBlackness, Blackness),
        (display.DrawWhiteness, Whiteness),
        (display.DrawInvers, Invers),
    )
    for kind, data in kinds:
        for mask in (NO_MASK, masks()[0]):
            tile = next(tiles)
            yield kind(tile.base(), data(mask))
    tile = next(tiles)
    clip = _rects(tile.part(5, 5, 10, 30), tile.part(20, 5, 10, 10), tile.part(25, 12, 12, 20))
    yield display.DrawFill(tile.base(clip=clip), Fill(solid(0x20A060), Ropd.OP_PUT, NO_MASK))
    tile = next(tiles)
    clip = _rects(tile.part(0, 0, 20, 20), tile.part(18, 18, 40, 4))
    yield display.DrawInvers(tile.base(clip=clip), Invers(masks()[1]))
    tile = next(tiles)
    yield display.DrawFill(tile.base(clip=_rects()), Fill(solid(0xFFFFFF), Ropd.OP_PUT, NO_MASK))
