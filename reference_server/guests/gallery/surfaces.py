"""Surfaces that are not shown: one of each format, drawn on, and copied from; and composites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reference_server.guest.command import Command
from reference_server.guest.image import NO_CLIP, NO_MASK, image, put, surface_image
from reference_server.guests.gallery.areas import solid
from reference_server.guests.gallery.pictures import alpha, icon, mask, photo, words
from reference_server.guests.gallery.tile import SIDE, Tile, rect
from spiceproto.enums.display import AlphaFlags, CompositeFlags, ImageScaleMode, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import AlphaBlend, Composite, Copy, DisplayBase, Fill
from spiceproto.messages.geometry import Point16, Transform
from spiceproto.messages.image import Image

__all__ = ["composites", "surfaces"]

_INNER: Final = SIDE - 6
_ALL: Final = rect(0, 0, _INNER, _INNER)
_FORMATS: Final = (SurfaceFmt._32_xRGB, SurfaceFmt._32_ARGB, SurfaceFmt._16_555, SurfaceFmt._16_565)
_FIRST, _CLEAR, _COVER, _ENDED = 10, 20, 21, 22
"""Numbers of surfaces; the last one is gone at the end."""

_OPERATORS: Final = (0x00, 0x01, 0x03, 0x04, 0x05, 0x08, 0x0A, 0x0B, 0x0C, 0x30, 0x31, 0x39)
"""Operators of X RENDER: of Porter and Duff, and of PDF."""


def _create(number: int, format: SurfaceFmt, side: int = _INNER) -> display.SurfaceCreate:
    return display.SurfaceCreate(surface_id=number, width=side, height=side, format=format, flags=SurfaceFlags(0))


def _shown(tile: Tile, number: int, side: int = _INNER) -> display.DrawCopy:
    return put(surface_image(number, side, side), tile.left + 3, tile.top + 3)


def surfaces(tiles: Iterator[Tile]) -> Iterator[Command]:
    """One surface of each format with colours, one that comes and goes, and one that is blended."""
    for number, format in enumerate(_FORMATS, _FIRST):
        yield _create(number, format)
        yield put(words(photo(_INNER, _INNER, number)), 0, 0, number)
        yield put(icon(1), 5, 5, number)
        yield display.DrawFill(DisplayBase(number, rect(20, 8, 9, 20), NO_CLIP), Fill(solid(0x7C1F), Ropd.OP_XOR, NO_MASK))
        yield _shown(next(tiles), number)
    tile = next(tiles)
    for turn in range(2):
        yield _create(_ENDED, SurfaceFmt._32_xRGB, 16)
        yield put(icon(2 + turn), 0, 0, _ENDED)
        yield put(surface_image(_ENDED, 16, 16), tile.left + 3 + 17 * turn, tile.top + 3)
        yield display.SurfaceDestroy(_ENDED)
    yield _create(_CLEAR, SurfaceFmt._32_ARGB)
    yield put(image(alpha(_INNER, _INNER, 9), BitmapFmt.RGBA), 0, 0, _CLEAR)
    source = surface_image(_CLEAR, _INNER, _INNER)
    for flags in (AlphaFlags(0), AlphaFlags.SRC_SURFACE_HAS_ALPHA):
        blend = AlphaBlend(alpha_flags=flags, alpha=200, src_bitmap=source, src_area=_ALL)
        yield display.DrawAlphaBlend(next(tiles).base(), blend)
    tile = next(tiles)
    copy = Copy(
        src_bitmap=surface_image(0, 640, 480),
        src_area=rect(0, 0, _INNER // 2, _INNER // 2),
        rop_descriptor=Ropd.OP_PUT,
        scale_mode=ImageScaleMode.NEAREST,
        mask=NO_MASK,
    )
    yield display.DrawCopy(tile.base(), copy)


def _composite(
    tile: Tile, operator: int, source: Image, cover: Image | None = None, *, flags: int = 0, turn: Transform | None = None
) -> display.DrawComposite:
    flags |= operator | (CompositeFlags.HAS_MASK if cover is not None else 0)
    flags |= CompositeFlags.HAS_SRC_TRANSFORM if turn is not None else 0
    return display.DrawComposite(
        tile.base(),
        Composite(
            flags=CompositeFlags(flags),
            src_bitmap=source,
            mask_bitmap=cover,
            src_transform=turn,
            mask_transform=None,
            src_origin=Point16(0, 0),
            mask_origin=Point16(0, 0),
        ),
    )


def composites(tiles: Iterator[Tile]) -> Iterator[Command]:
    """Operators, masks with alpha, and a picture that is turned."""
    clear = image(alpha(_INNER, _INNER, 3), BitmapFmt.RGBA)
    for operator in _OPERATORS:
        yield _composite(next(tiles), operator, clear)
    yield _create(_COVER, SurfaceFmt._8_A)
    yield put(image(mask(_INNER, _INNER) * 200, BitmapFmt._8BIT_A), 0, 0, _COVER)
    cover = surface_image(_COVER, _INNER, _INNER)
    yield _composite(next(tiles), 0x03, words(photo(_INNER, _INNER, 11)), cover)
    yield _composite(next(tiles), 0x03, surface_image(_CLEAR, _INNER, _INNER), cover)
    component = int(CompositeFlags.COMPONENT_ALPHA)
    yield _composite(next(tiles), 0x03, words(photo(_INNER, _INNER, 12)), clear, flags=component)
    quarter = Transform(t00=0, t01=1 << 16, t02=0, t10=(1 << 32) - (1 << 16), t11=0, t12=_INNER << 16)
    yield _composite(next(tiles), 0x01, words(photo(_INNER, _INNER, 13)), turn=quarter)
    half = Transform(t00=1 << 15, t01=0, t02=0, t10=0, t11=1 << 15, t12=0)
    for repeat in (int(CompositeFlags.SRC_REPEAT0), 0):
        yield _composite(next(tiles), 0x03, words(photo(12, 12, 14)), flags=repeat, turn=half)
