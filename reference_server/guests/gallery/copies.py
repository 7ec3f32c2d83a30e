"""Images: copied, blended with raster operations, scaled, with a brush, with one colour left out, with alpha."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reference_server.guest.command import Command
from reference_server.guest.image import NO_MASK, image, put
from reference_server.guests.gallery.areas import ROPS, masks, pattern, solid
from reference_server.guests.gallery.pictures import alpha, formats, icon, photo, twice, words, writing
from reference_server.guests.gallery.tile import SIDE, Tile, rect
from spiceproto.enums.display import AlphaFlags, ImageScaleMode, Ropd
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import AlphaBlend, Blend, Copy, Opaque, QMask, Rop3, Transparent
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import Image

__all__ = ["alphas", "copies", "images"]

_INNER: Final = SIDE - 6
_ALL: Final = rect(0, 0, _INNER, _INNER)
_ROP3: Final = (0x16, 0x1A, 0x2C, 0x3A, 0x47, 0x69, 0x96, 0xA8, 0xAC, 0xB8, 0xCA, 0xE2, 0xF8, 0xFB, 0x5A, 0xF0)
"""Ternary operations of Windows, those that it uses among them; the last two do without the image."""


def _photo(seed: int = 1) -> Image:
    return words(photo(_INNER, _INNER, seed), 100 + seed)


def _copy(
    tile: Tile,
    source: Image,
    area: Rect = _ALL,
    *,
    rop: Ropd = Ropd.OP_PUT,
    mode: ImageScaleMode = ImageScaleMode.NEAREST,
    mask: QMask = NO_MASK,
) -> display.DrawCopy:
    copy = Copy(src_bitmap=source, src_area=area, rop_descriptor=rop, scale_mode=mode, mask=mask)
    return display.DrawCopy(tile.base(), copy)


def images(tiles: Iterator[Tile]) -> Iterator[Command]:
    """Every format of bitmaps, and pictures that come again."""
    for source in formats(_INNER):
        tile = next(tiles)
        yield put(source, tile.left + 3, tile.top + 3)
    for turn in range(2):
        tile = next(tiles)
        for number in range(4):
            yield put(icon(number + turn), tile.left + 3 + number % 2 * 17, tile.top + 3 + number // 2 * 17)


def copies(tiles: Iterator[Tile]) -> Iterator[Command]:
    """All that copies."""
    for rop in ROPS:
        yield _copy(next(tiles), _photo(), rop=rop)
    for mask in masks():
        yield _copy(next(tiles), _photo(2), mask=mask)
    for mode in ImageScaleMode:
        yield _copy(next(tiles), icon(3), rect(0, 0, 16, 16), mode=mode)
        yield _copy(next(tiles), words(twice(90, 50)), rect(3, 2, 80, 90), mode=mode)
        yield _copy(next(tiles), _photo(3), rect(5, 7, 11, 23), mode=mode, mask=masks()[0])
    for rop in ROPS[:4]:
        blend = Blend(src_bitmap=_photo(4), src_area=_ALL, rop_descriptor=rop, scale_mode=ImageScaleMode.NEAREST, mask=NO_MASK)
        yield display.DrawBlend(next(tiles).base(), blend)
    for rop, brush, mask in (
        (Ropd.OP_PUT, solid(0x80FF40), NO_MASK),
        (Ropd.OP_AND, solid(0x80FF40), NO_MASK),
        (Ropd.OP_XOR, pattern(icon(4), 3, 3), NO_MASK),
        (Ropd.OP_OR | Ropd.INVERS_SRC, pattern(icon(4)), masks()[0]),
    ):
        opaque = Opaque(
            src_bitmap=_photo(5),
            src_area=_ALL,
            brush=brush,
            rop_descriptor=rop,
            scale_mode=ImageScaleMode.NEAREST,
            mask=mask,
        )
        yield display.DrawOpaque(next(tiles).base(), opaque)
    for number, rop3 in enumerate(_ROP3):
        command = Rop3(
            src_bitmap=_photo(6),
            src_area=_ALL,
            brush=pattern(icon(5), 1, 2) if number % 2 else solid(0x4080F0),
            rop3=rop3,
            scale_mode=ImageScaleMode.NEAREST,
            mask=masks()[0] if number % 5 == 4 else NO_MASK,
        )
        yield display.DrawRop3(next(tiles).base(), command)
    tile = next(tiles)
    yield put(_photo(7), tile.left + 3, tile.top + 3)
    yield display.CopyBits(tile.base(tile.part(8, 6, 26, 26)), Point(tile.left + 3, tile.top + 3))
    yield display.CopyBits(tile.base(tile.part(3, 3, 20, 20)), Point(tile.left + 10, tile.top + 12))


def alphas(tiles: Iterator[Tile]) -> Iterator[Command]:
    """What shines through: one colour left out, alpha of an image, alpha of a pixel."""
    for area in (_ALL, rect(4, 4, 17, 17)):
        transparent = Transparent(
            src_bitmap=words(writing(_INNER, _INNER)), src_area=area, src_color=0xF8F0E0, true_color=0xF8F0E0
        )
        yield display.DrawTransparent(next(tiles).base(), transparent)
    clear = image(alpha(_INNER, _INNER), BitmapFmt.RGBA)
    for source, opacity, area in (
        (clear, 255, _ALL),
        (clear, 100, _ALL),
        (clear, 255, rect(2, 3, 20, 15)),
        (_photo(8), 128, _ALL),
        (_photo(8), 255, _ALL),
    ):
        blend = AlphaBlend(alpha_flags=AlphaFlags(0), alpha=opacity, src_bitmap=source, src_area=area)
        yield display.DrawAlphaBlend(next(tiles).base(), blend)
