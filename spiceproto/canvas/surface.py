"""Surfaces: rectangles of pixels in one of the six formats of the protocol.

A :class:`Surface` is both what is drawn on and what is drawn: a decoded image is a surface that no message names.
Pixels are arrays ``(height, width)``, top row first, one element a pixel:

=========  ========  ======================================================================
format     dtype     element
=========  ========  ======================================================================
1_A        uint8     0 or 1 (packed eight to a byte in the client; nobody can tell)
8_A        uint8     alpha
16_555     uint16    x1r5g5b5
16_565     uint16    r5g6b5
32_xRGB    uint32    0x--RRGGBB; the top byte is kept as drawn, and only some operations look at it
32_ARGB    uint32    0xAARRGGBB, colours multiplied by alpha
=========  ========  ======================================================================

The top byte of 32_xRGB deserves its sentence: raster operations change it like any other bits, plain copies copy it,
and an alpha blend that says the source surface has alpha reads it. A canvas that clears it is wrong two commands later.

Conversions are pixman's: a fetch to 32 bits (five- and six-bit channels repeat their top bits, formats without alpha
are opaque, formats without colour are black) and a store (low bits are cut off, never rounded).

Source: ``spice_surface_format_to_pixman`` in ``common/pixman_utils.c``; pixman's ``pixman-access.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.codecs import bitmap
from spiceproto.enums.display import SurfaceFmt
from spiceproto.errors import LimitError

__all__ = ["LAYOUTS", "Layout", "Surface", "argb", "convert", "create", "rgb", "stored", "wide"]

OPAQUE: Final = np.uint32(0xFF000000)
COLOUR: Final = np.uint32(0x00FFFFFF)


class Layout(NamedTuple):
    """One format: bits of a pixel, dtype of the array, an element of all ones, whether there are alpha and colour."""

    bits: int
    dtype: Any
    ones: int
    alpha: bool
    colour: bool


LAYOUTS: Final[Mapping[int, Layout]] = MappingProxyType(
    {
        SurfaceFmt._1_A: Layout(1, np.uint8, 1, True, False),
        SurfaceFmt._8_A: Layout(8, np.uint8, 0xFF, True, False),
        SurfaceFmt._16_555: Layout(16, np.uint16, 0xFFFF, False, True),
        SurfaceFmt._16_565: Layout(16, np.uint16, 0xFFFF, False, True),
        SurfaceFmt._32_xRGB: Layout(32, np.uint32, 0xFFFFFFFF, False, True),
        SurfaceFmt._32_ARGB: Layout(32, np.uint32, 0xFFFFFFFF, True, True),
    }
)

CHANNELS: Final[Mapping[int, tuple[int, int, int, int]]] = MappingProxyType(
    {SurfaceFmt._16_555: (8, 5, 5, 5), SurfaceFmt._16_565: (8, 5, 6, 5)}
)
"""Bits of alpha, red, green and blue where colours have fewer than 8."""


class Surface:
    """Pixels and their format. ``pixels`` of a decoded image may be shared, and is never written to."""

    __slots__ = ("format", "pixels")

    def __init__(self, format: int, pixels: NDArray[Any]) -> None:
        self.format = format
        self.pixels = pixels

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def layout(self) -> Layout:
        """What the format means."""
        return LAYOUTS[self.format]

    def __repr__(self) -> str:
        return f"<Surface {self.width}x{self.height} {self.format!r}>"


def create(format: int, width: int, height: int) -> Surface:
    """A surface of zeros, as the reference client makes it.

    :raises DrawError: unknown format, or no pixels.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels.
    """
    layout = LAYOUTS.get(format)
    if layout is None:
        raise DrawError(ProblemCode.BAD_SURFACE, "unknown surface format", path="format", actual=str(format))
    if width < 1 or height < 1:
        raise DrawError(ProblemCode.BAD_SURFACE, "a surface without pixels", actual=f"{width}x{height}")
    if width * height > limits.IMAGE_PIXELS:
        raise LimitError("surface too large", expected=f"at most {limits.IMAGE_PIXELS} pixels", actual=f"{width}x{height}")
    return Surface(format, np.zeros((height, width), layout.dtype))


def argb(format: int, pixels: NDArray[Any]) -> NDArray[np.uint32]:
    """Pixels of any format as ``uint32`` 0xAARRGGBB: pixman's fetch. May share memory with ``pixels``."""
    if format == SurfaceFmt._32_ARGB:
        return pixels
    if format == SurfaceFmt._32_xRGB:
        return pixels | OPAQUE
    if format == SurfaceFmt._16_555:
        return bitmap.widen(pixels) | OPAQUE
    wide: Any = pixels.astype(np.uint32)
    if format == SurfaceFmt._16_565:
        red, green, blue = wide >> 11, wide >> 5 & 63, wide & 31
        wide = OPAQUE | (red << 3 | red >> 2) << 16 | (green << 2 | green >> 4) << 8 | (blue << 3 | blue >> 2)
    else:
        wide = wide << 24 if format == SurfaceFmt._8_A else wide * OPAQUE
    out: NDArray[np.uint32] = wide
    return out


def wide(format: int, pixels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """What :func:`argb` gave for a format as planes ``float32 (4, h, w)``: alpha, red, green, blue from 0 to 1.

    A channel is a fraction of the largest value that its bits in that format have, not of 255.
    """
    depths = CHANNELS.get(format, (8, 8, 8, 8))
    out = np.empty((4, *pixels.shape), np.float32)
    for plane, (depth, top) in enumerate(zip(depths, (32, 24, 16, 8), strict=True)):
        most = np.uint32((1 << depth) - 1)
        np.multiply(pixels >> np.uint32(top - depth) & most, np.float32(1) / np.float32(most), out=out[plane], casting="unsafe")
    return out


def stored(format: int, pixels: NDArray[np.uint32]) -> NDArray[Any]:
    """``uint32`` 0xAARRGGBB as pixels of a format: pixman's store. May share memory with ``pixels``."""
    if format == SurfaceFmt._32_ARGB:
        return pixels
    if format == SurfaceFmt._32_xRGB:
        return pixels & COLOUR
    if format == SurfaceFmt._16_555:
        return bitmap.narrow(pixels)
    if format == SurfaceFmt._16_565:
        return (pixels >> 8 & 0xF800 | pixels >> 5 & 0x07E0 | pixels >> 3 & 0x001F).astype(np.uint16)
    return (pixels >> (24 if format == SurfaceFmt._8_A else 31)).astype(np.uint8)


def convert(surface: Surface, format: int) -> Surface:
    """The surface in another format; itself if it has that format already."""
    if surface.format == format:
        return surface
    return Surface(format, stored(format, argb(surface.format, surface.pixels)))


def rgb(surface: Surface) -> NDArray[np.uint8]:
    """What a screen shows: ``uint8 (h, w, 3)``, red first. Alpha is ignored."""
    pixels = argb(surface.format, surface.pixels)
    out = np.empty((*pixels.shape, 3), np.uint8)
    for plane, shift in enumerate((16, 8, 0)):
        out[:, :, plane] = pixels >> np.uint32(shift)
    return out
