"""Pointers: one of each type, and no pointer."""

from __future__ import annotations

from typing import Final

import numpy as np

from reference_server.guest import Shape
from reference_server.guests.gallery.pictures import alpha, mask, palette, photo
from spiceproto.enums.cursor import CursorType

__all__ = ["shapes"]

_SIDE: Final = 32
_KEYS: Final = 0xC0


def _bits(plane: object) -> bytes:
    return np.packbits(np.asarray(plane, np.uint8), axis=1).tobytes()


def _data(kind: CursorType) -> bytes:
    disc = mask(_SIDE, _SIDE)
    outside = _bits(1 - disc)
    colours = photo(_SIDE, _SIDE, 3)
    octets = colours.astype("<u4").view(np.uint8).reshape(_SIDE, _SIDE, 4)
    if kind == CursorType.ALPHA:
        return alpha(_SIDE, _SIDE).astype("<u4").tobytes()
    if kind == CursorType.MONO:
        stripes = np.arange(_SIDE)[None, :] // 4 % 2 + np.zeros((_SIDE, 1), int)
        return outside + _bits(stripes & disc)
    if kind == CursorType.COLOR4:
        indices = (np.arange(_SIDE)[:, None] // 2 + np.zeros((1, _SIDE), int)).astype(np.uint8)
        return (indices[:, 0::2] << 4 | indices[:, 1::2]).tobytes() + np.array(palette(16, 4).ents, "<u4").tobytes() + outside
    if kind == CursorType.COLOR8:
        steps = (np.arange(_SIDE)[:, None] * 8 + np.arange(_SIDE)[None, :]).astype(np.uint8)
        return steps.tobytes() + np.array(palette(256, 8).ents, "<u4").tobytes() + outside
    if kind == CursorType.COLOR16:
        narrow = colours >> 9 & 0x7C00 | colours >> 6 & 0x3E0 | colours >> 3 & 0x1F
        return narrow.astype("<u2").tobytes() + outside
    if kind == CursorType.COLOR24:
        return octets[..., :3].tobytes() + outside
    return octets.tobytes() + outside


def shapes() -> list[Shape]:
    """All of them; every second one can be kept."""
    return [
        Shape(
            type=kind,
            width=_SIDE,
            height=_SIDE,
            hot_spot=(number, 2 * number),
            data=_data(kind),
            unique=_KEYS + number if number % 2 else 0,
        )
        for number, kind in enumerate(CursorType)
    ]
