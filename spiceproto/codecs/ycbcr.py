"""Y'CbCr pictures, in which video codecs think, to and from RGB.

Three planes of bytes: luma of full size, two chroma planes of the same size or of half the width, or of half width and
half height (4:4:4, 4:2:2, 4:2:0). Limited range has luma 16 to 235 and chroma 16 to 240, full range 0 to 255. Three
matrices occur; nothing in SPICE names one, see :mod:`spiceproto.codecs.video`.

Chroma is replicated on the way to RGB and averaged on the way back, as the plain converters do. FFmpeg's own conversion
is not used: for widths that are no multiple of 8 it takes the last columns from uninitialised memory (seen with
PyAV 17.0 and 18.1), and with older PyAV it writes past the end of the picture; the peer chooses the width.

Source: Recommendations ITU-R BT.601-7, BT.709-6, BT.2020-2.
"""

from __future__ import annotations

import functools
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["BT601", "BT709", "BT2020", "Matrix", "from_rgb", "to_rgb"]

Plane = NDArray[np.uint8]
Table = NDArray[np.int32]


class Matrix(NamedTuple):
    """The weights of red and blue in luma; green has the rest."""

    red: float
    blue: float


BT601: Final = Matrix(0.299, 0.114)
BT709: Final = Matrix(0.2126, 0.0722)
BT2020: Final = Matrix(0.2627, 0.0593)

UNIT: Final = 16
"""Fraction bits of the integers below; with 8 bits of value and a factor below 2.2 they stay within 32 bits."""


BAND: Final = 16
"""Rows of chroma converted together."""


@functools.cache
def _tables(matrix: Matrix, full: bool) -> tuple[Table, Table, Table, Table, Table]:
    """What each value of luma adds to all channels (rounding included), Cr to red and green, Cb to green and blue."""
    value = np.arange(256)
    luma = value * 1.0 if full else (value - 16) * 255 / 219
    chroma = (value - 128) * (1.0 if full else 255 / 224)
    green = 1 - matrix.red - matrix.blue
    red_cr, blue_cb = 2 * (1 - matrix.red), 2 * (1 - matrix.blue)

    def fixed(values: NDArray[Any]) -> Table:
        table: Table = np.rint(values * (1 << UNIT)).astype(np.int32)
        return table

    return (
        fixed(luma + 0.5),
        fixed(chroma * red_cr),
        fixed(-chroma * red_cr * matrix.red / green),
        fixed(-chroma * blue_cb * matrix.blue / green),
        fixed(chroma * blue_cb),
    )


def to_rgb(luma: Plane, cb: Plane, cr: Plane, matrix: Matrix, *, full: bool = False) -> NDArray[np.uint32]:
    """``uint32 (h, w)`` 0x00RRGGBB of ``uint8`` planes: ``luma (h, w)``, chroma the same size or half, rounded up."""
    height, width = luma.shape
    down, right = -(-height // cb.shape[0]), -(-width // cb.shape[1])
    table_y, red_cr, green_cr, green_cb, blue_cb = _tables(matrix, full)
    pixels = np.zeros((height, width), np.uint32)
    for top in range(0, cb.shape[0], BAND):
        # A band of rows at a time, so that what is in between stays in the cache.
        rows = slice(top * down, (top + BAND) * down)
        base, blue, red = table_y[luma[rows]], cb[top : top + BAND], cr[top : top + BAND]
        for shift, part in ((16, red_cr[red]), (8, green_cr[red] + green_cb[blue]), (0, blue_cb[blue])):
            channel = part.repeat(down, axis=0).repeat(right, axis=1)[: base.shape[0], :width]
            channel = channel + base
            channel >>= UNIT
            np.clip(channel, 0, 255, out=channel)
            channel <<= shift
            pixels[rows] |= channel.view(np.uint32)
    return pixels


def from_rgb(pixels: NDArray[np.uint32], matrix: Matrix) -> tuple[Plane, Plane, Plane]:
    """Luma, Cb and Cr of ``uint32 (h, w)`` 0x--RRGGBB, ``uint8``, limited range, 4:2:0 with sizes rounded up."""
    height, width = pixels.shape
    red, green, blue = ((pixels >> np.uint32(shift) & np.uint32(255)).astype(np.float32) for shift in (16, 8, 0))
    luma = matrix.red * red + (1 - matrix.red - matrix.blue) * green + matrix.blue * blue

    def half(difference: NDArray[np.float32], scale: float) -> Plane:
        even = np.pad(difference, ((0, height % 2), (0, width % 2)), mode="edge")
        mean = (even[0::2, 0::2] + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2]) / 4
        chroma: Plane = np.rint(128 + mean * scale).astype(np.uint8)
        return chroma

    return (
        np.rint(16 + luma * (219 / 255)).astype(np.uint8),
        half(blue - luma, 224 / 255 / (2 * (1 - matrix.blue))),
        half(red - luma, 224 / 255 / (2 * (1 - matrix.red))),
    )
