"""What hangs in the gallery: a photograph, writing, icons, and masks, made by arithmetic so that they are always the same."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guest.image import image
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages.image import Image, Palette

__all__ = ["alpha", "bits", "formats", "icon", "mask", "palette", "photo", "twice", "words", "writing"]

Words = NDArray[np.uint32]

_KEYS: Final = 0x6A11E000
"""Numbers of pictures that stay the same."""


def _mixed(count: int, seed: int) -> Words:
    """Numbers that look random (the finaliser of MurmurHash3)."""
    value: Any = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        value = (value ^ value >> np.uint32(shift)) * np.uint32(factor)
    found: Words = value ^ value >> np.uint32(16)
    return found


@cache
def photo(width: int, height: int, seed: int = 1) -> Words:
    """Colours that change softly, with a little noise: what QUIC and JPEG are for."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    noise = _mixed(width * height, seed).reshape(height, width)
    found = np.zeros((height, width), np.uint32)
    for shift, ramp in ((16, columns * 3 + rows), (8, rows * 4 + 30), (0, columns * 2 + rows * 2 + seed * 20)):
        found |= np.minimum(ramp + (noise >> np.uint32(shift) & np.uint32(3)), 255).astype(np.uint32) << np.uint32(shift)
    return found


@cache
def twice(width: int, height: int) -> Words:
    """The photograph, and once more below: what comes again is far away."""
    return np.vstack([photo(width, height)] * 2)


@cache
def writing(width: int, height: int) -> Words:
    """Hard edges of two colours: what LZ is for."""
    rows, columns = np.mgrid[0:height, 0:width]
    ink = (rows % 6 < 4) & ((columns * 5 + rows // 6 * 3) % 7 < 3)
    return np.where(ink, np.uint32(0x101840), np.uint32(0xF8F0E0)).astype(np.uint32)


@cache
def alpha(width: int, height: int, seed: int = 2) -> Words:
    """0xAARRGGBB: clear on the left, opaque on the right, colours multiplied by alpha."""
    ramp = np.linspace(0, 255, width).astype(np.uint32)[None, :].repeat(height, axis=0)
    found = ramp << np.uint32(24)
    colours = photo(width, height, seed)
    for shift in (16, 8, 0):
        found |= ((colours >> np.uint32(shift) & np.uint32(255)) * ramp // np.uint32(255)) << np.uint32(shift)
    return found


def words(pixels: Words, name: int | None = None, **more: Any) -> Image:
    """A picture of 32 bits; with a ``name`` it is one that is kept."""
    key = None if name is None else _KEYS + name
    return image(pixels, BitmapFmt._32BIT, key=key, **more)


def icon(number: int) -> Image:
    """One of a few small pictures that come again and again, and are kept."""
    pixels = writing(16, 16) ^ np.uint32(number * 0x305020 & 0xFFFFFF)
    return words(pixels, number)


def palette(entries: int, unique: int) -> Palette:
    """So many colours."""
    return Palette(unique, tuple([int(value) & 0xFFFFFF for value in _mixed(entries, unique + 7)]))


@cache
def mask(width: int, height: int) -> NDArray[np.uint8]:
    """A disc of ones."""
    rows, columns = np.mgrid[0:height, 0:width]
    inside = (2 * columns - width + 1) ** 2 * height**2 + (2 * rows - height + 1) ** 2 * width**2 < width**2 * height**2
    found: NDArray[np.uint8] = inside.astype(np.uint8)
    return found


def bits(width: int, height: int, format: BitmapFmt = BitmapFmt._1BIT_BE, *, top_down: bool = True) -> Image:
    """The disc as the bitmap of a mask."""
    return image(mask(width, height), format, top_down=top_down)


def formats(side: int) -> list[Image]:
    """Every format of a bitmap, top down and bottom up, with and without bytes behind the rows."""
    found = []
    indices = (_mixed(side * side, 5) >> np.uint32(9)).reshape(side, side)
    stripes = np.arange(side, dtype=np.uint32)[None, :] // 3 + np.arange(side, dtype=np.uint32)[:, None] // 5
    for depth, kinds in ((1, (1, 2)), (4, (3, 4)), (8, (5,))):
        for kind in kinds:
            for top_down, patterned in ((True, True), (False, False)):
                entries = 1 << depth
                table: Any = ((stripes if patterned else indices) % entries).astype(np.uint8)
                colours = palette(entries, depth)
                found.append(image(table, BitmapFmt(kind), palette=colours, top_down=top_down))
    narrow: Any = photo(side, side, 4)
    narrow = (narrow >> 9 & 0x7C00 | narrow >> 6 & 0x3E0 | narrow >> 3 & 0x1F).astype(np.uint16)
    for pixels, format in (
        (narrow, BitmapFmt._16BIT),
        (photo(side, side, 5), BitmapFmt._24BIT),
        (photo(side, side, 6), BitmapFmt._32BIT),
        (alpha(side, side), BitmapFmt.RGBA),
    ):
        width = side * {BitmapFmt._16BIT: 2, BitmapFmt._24BIT: 3}.get(format, 4)
        found.append(image(pixels, format))
        found.append(image(pixels, format, top_down=False, stride=width + 8))
    found.append(image(writing(side, side), BitmapFmt._24BIT))
    found.append(image(writing(side, side), BitmapFmt._32BIT, high_bits=True))
    return found
