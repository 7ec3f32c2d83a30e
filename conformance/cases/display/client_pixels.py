"""Clients: what all drawing messages share: pixels, brushes, raster operations, scaling (7.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from conformance.cases.display.drawing import (
    NO_BRUSH,
    PLACES,
    WHOLE,
    alpha_blend,
    copies,
    copy,
    fill,
    fills,
    of_surface,
    opaque,
    patch,
    pattern,
    picture,
    rop3,
    solid,
    surface,
)
from conformance.cases.display.operations import AND, BLACK, OPPOSITE, OR, PUT, WHITE, XOR
from conformance.cases.display.screen import ON_SIXTEEN_BITS, RESTS, scene
from spiceproto.enums.display import AlphaFlags, ImageScaleMode, Ropd, SurfaceFmt
from spiceproto.messages import display

_NEAREST, _MIXED = ImageScaleMode.NEAREST, ImageScaleMode.INTERPOLATE
_SRC, _BRUSH, _DEST, _RES = Ropd.INVERS_SRC, Ropd.INVERS_BRUSH, Ropd.INVERS_DEST, Ropd.INVERS_RES

# -- surfaces and their pixels


@scene("SPICE-DISPLAY-027/off-screen")
def new_surface() -> list[Any]:
    """A surface that nobody has drawn on is copied to the screen, and one is made where another was."""
    return [
        surface(3, 40, 30),
        copy(of_surface(3), (4, 4, 44, 34)),
        fill((0, 0, 40, 30), 0xFFFFFF, surface=3),
        display.SurfaceDestroy(3),
        surface(3, 40, 30),
        copy(of_surface(3), (50, 20, 90, 50)),
    ]


@scene("SPICE-DISPLAY-028/on-555", rests=ON_SIXTEEN_BITS, format=SurfaceFmt._16_555)
@scene("SPICE-DISPLAY-028/on-565", rests=ON_SIXTEEN_BITS, format=SurfaceFmt._16_565)
def stored_with_fewer_bits() -> list[Any]:
    """An image of 32 bits on a screen of 16."""
    return [copy(picture(patch(80, 60)), (3, 2, 83, 62))]


@scene("SPICE-DISPLAY-029/seen-by-a-blend")
def top_byte_kept() -> list[Any]:
    """Top bytes that a copy brought, and a raster operation changed, are the alpha of a blend."""
    image = picture(patch(40, 30, 0x60))
    return [
        surface(3, 40, 30),
        copy(image, (0, 0, 40, 30), surface=3),
        fill((10, 0, 40, 15), 0x50000000, Ropd.OP_XOR, surface=3),
        alpha_blend(of_surface(3), (20, 20, 60, 50), (0, 0, 40, 30), flags=AlphaFlags.SRC_SURFACE_HAS_ALPHA),
    ]


@scene("SPICE-DISPLAY-030/top-bytes-on-the-screen")
def top_byte_not_shown() -> list[Any]:
    """Brushes and images with top bytes of all kinds on the screen."""
    found: list[Any] = [fill(where, 0x112233 + (top << 24)) for where, top in zip(PLACES, range(0, 256, 31), strict=False)]
    return [*found, copy(picture(patch(22, 19, 0x40)), PLACES[10])]


# -- brushes


@scene("SPICE-DISPLAY-031/on-16-bits", format=SurfaceFmt._16_555)
def brush_on_16_bits() -> list[Any]:
    """Brushes of one colour on a screen of 16 bits."""
    values = range(0x123, 0x8000, 3000)
    return [fill(where, 0xABCD0000 | value) for where, value in zip(PLACES, values, strict=False)]


@scene("SPICE-DISPLAY-032/at-0")
def pattern_at_0() -> list[Any]:
    """A pattern in two boxes: it goes on from one to the other."""
    brush = pattern(picture(patch(7, 5)))
    return [fill((3, 4, 40, 30), brush), fill((50, 25, 90, 60), brush)]


@scene("SPICE-DISPLAY-032/elsewhere", 5, 3)
@scene("SPICE-DISPLAY-032/before-the-surface", -13, -4)
@scene("SPICE-DISPLAY-032/far-before-it", -100000, -70001)
def pattern_elsewhere(x: int, y: int) -> list[Any]:
    """A pattern that begins at x, y."""
    return [
        fill((3, 4, 90, 40), pattern(picture(patch(7, 5)), x, y)),
        fill((30, 20, 90, 60), pattern(picture(patch(8, 9, seed=5)), x + 1, y + 2), XOR),
    ]


@scene("SPICE-DISPLAY-033/fill")
def no_brush() -> list[Any]:
    """Brushes of no type: nothing but zeros, with several operations."""
    return [fill(where, NO_BRUSH, rop) for where, rop in zip(PLACES, (PUT, OR, AND, XOR, PUT | _BRUSH), strict=False)]


@scene("SPICE-DISPLAY-032/of-three", rests=(*RESTS, "SPICE-DISPLAY-049/of-three"))
def pattern_of_three() -> list[Any]:
    """An operation of three inputs with a pattern that begins inside of the box, and left of it."""
    image, tile = picture(patch(22, 19)), picture(patch(5, 4, seed=9))
    return [rop3(image, where, WHOLE, pattern(tile, 5, 7), 0xCA) for where in (PLACES[0], PLACES[6])]


@scene("SPICE-DISPLAY-033/of-three", rests=(*RESTS, "SPICE-DISPLAY-049/of-three"))
def no_brush_of_three() -> list[Any]:
    """Operations of three inputs without a brush, behind one with a colour."""
    image = picture(patch(22, 19))
    brushes = (solid(0x5A3CC3), NO_BRUSH, NO_BRUSH)
    return [rop3(image, where, WHOLE, brush, 0x96) for where, brush in zip(PLACES, brushes, strict=False)]


# -- raster operations


@scene("SPICE-DISPLAY-034/of-fills")
def inversions_of_fills() -> list[Any]:
    """Every operation with each inversion, and those that mean nothing for a brush."""
    return fills(
        PUT | _BRUSH,
        PUT | _RES,
        OR | _BRUSH,
        OR | _DEST,
        OR | _RES,
        AND | _BRUSH | _DEST,
        AND | _RES,
        AND | _SRC,
        XOR | _DEST,
        XOR | _BRUSH | _RES,
        PUT | _SRC,
        OR | _BRUSH | _DEST | _RES,
    )


@scene("SPICE-DISPLAY-034/of-copies")
def inversions_of_copies() -> list[Any]:
    """Every operation with each inversion, and those that mean nothing for an image."""
    return copies(
        PUT | _SRC,
        PUT | _RES,
        OR | _SRC,
        OR | _DEST,
        OR | _RES,
        AND | _SRC | _DEST,
        AND | _RES,
        AND | _BRUSH,
        XOR | _DEST,
        XOR | _SRC | _RES,
        PUT | _BRUSH,
        OR | _SRC | _DEST | _RES,
    )


@scene("SPICE-DISPLAY-034/of-opaque")
def inversions_of_opaque() -> list[Any]:
    """A brush on an image: inversions of both, and of the result."""
    image, brush = picture(patch(22, 19)), solid(0x5A3CC3)
    rops = (XOR | _SRC, XOR | _BRUSH, AND | _SRC, AND | _BRUSH, OR | _RES, OR | _SRC | _BRUSH, AND | _DEST, PUT | _RES)
    return [opaque(image, where, WHOLE, brush, rop) for where, rop in zip(PLACES, rops, strict=False)]


@scene("SPICE-DISPLAY-035/of-fills")
def several_operations() -> list[Any]:
    """Several operations in one descriptor, and none."""
    return fills(PUT | OR, OR | AND, AND | XOR, XOR | BLACK, BLACK | WHITE, WHITE | OPPOSITE, 0, OR | OPPOSITE)


@scene("SPICE-DISPLAY-036/of-fills")
def inversions_that_count_not() -> list[Any]:
    """OP_PUT with an inverted surface; black, white and the opposite with each inversion."""
    return fills(
        PUT | _DEST,
        PUT | _DEST | _BRUSH,
        BLACK | _RES,
        BLACK | _BRUSH,
        WHITE | _RES,
        WHITE | _DEST,
        OPPOSITE | _DEST,
        OPPOSITE | _RES,
        OPPOSITE | _BRUSH,
    )


def _looks_at_all(number: int) -> bool:
    """Whether an operation looks at all three of brush, image and surface."""
    return all(number >> shift & kept != number & kept for shift, kept in ((4, 0x0F), (2, 0x33), (1, 0x55)))


def _operations(numbers: list[int]) -> Iterator[Any]:
    # One on the other: what one gets wrong the last picture has, since XOR loses nothing.
    image, brush = picture(patch(8, 8)), solid(0x5A3CC3)
    for number in numbers:
        x, y = number % 12 * 8, number // 12 % 8 * 8
        yield rop3(image, (x, y, x + 8, y + 8), (0, 0, 8, 8), brush, number)


_THREE: Final = (*RESTS, "SPICE-DISPLAY-049/of-three")


@scene("SPICE-DISPLAY-038/all-three-1", 0, rests=_THREE)
@scene("SPICE-DISPLAY-038/all-three-2", 1, rests=_THREE)
@scene("SPICE-DISPLAY-038/all-three-3", 2, rests=_THREE)
def all_three(part: int) -> list[Any]:
    """Operations that look at brush, image and surface: a third of them, each in a box of its own."""
    numbers = [number for number in range(256) if _looks_at_all(number)]
    return list(_operations(numbers[part * 80 : part * 80 + 80]))


@scene("SPICE-DISPLAY-038/not-all-three", rests=_THREE)
def not_all_three() -> list[Any]:
    """Operations that do not look at brush, image or surface; spice-gtk 0.42 ends at sixteen of them."""
    return list(_operations([number for number in range(256) if not _looks_at_all(number)]))


@scene("SPICE-DISPLAY-049/of-three")
def three_inputs() -> list[Any]:
    """Well-known operations of three inputs with brushes of one colour and patterns."""
    image = picture(patch(22, 19))
    brushes = (solid(0x5A3CC3), pattern(picture(patch(5, 4, seed=9))), solid(0x00FF80))
    numbers = (0x96, 0xCA, 0xB8, 0xE2)
    return [rop3(image, where, WHOLE, brushes[place % 3], numbers[place // 3]) for place, where in enumerate(PLACES)]


# -- scaling

_SCALED: Final = (*RESTS, "SPICE-DISPLAY-041/odd-sizes", "SPICE-DISPLAY-042/by-2-and-by-a-half")
_MIXES: Final = (*RESTS, "SPICE-DISPLAY-043/larger-and-smaller")


@scene("SPICE-DISPLAY-039/source-outside-of-the-image")
def source_outside() -> list[Any]:
    """Source areas as large as the box that reach beyond the image, or lie beside it."""
    image = picture(patch(20, 16))
    areas = ((-5, -3, 17, 16), (10, 6, 32, 25), (-30, 0, -8, 19), (0, 16, 22, 35))
    return [copy(image, where, area) for where, area in zip(PLACES[::3], areas, strict=False)]


@scene(
    "SPICE-DISPLAY-040/nearest",
    int(_NEAREST),
    rests=_SCALED,
)
@scene("SPICE-DISPLAY-040/mixed", int(_MIXED), rests=_MIXES)
def scaled_from_outside(mode: int) -> list[Any]:
    """Source areas beyond the image that are scaled, and areas in its middle, whose neighbours a filter may reach."""
    image = picture(patch(20, 16))
    areas = ((-4, -2, 8, 9), (12, 8, 25, 20), (5, 4, 9, 9), (1, 1, 19, 15))
    return [copy(image, where, area, mode=ImageScaleMode(mode)) for where, area in zip(PLACES[::3], areas, strict=False)]


_BOXES: Final = ((0, 0, 37, 23), (40, 0, 51, 41), (55, 3, 96, 30), (0, 26, 13, 35), (20, 40, 96, 64))


@scene("SPICE-DISPLAY-041/odd-sizes")
def points_of_pixels() -> list[Any]:
    """NEAREST by quotients that are no whole numbers, larger and smaller, from the middle of an image."""
    image = picture(patch(31, 29))
    return [copy(image, where, (3, 2, 26, 21), mode=_NEAREST) for where in _BOXES]


@scene("SPICE-DISPLAY-042/by-2-and-by-a-half")
def nearest() -> list[Any]:
    """NEAREST where points lie exactly between pixels."""
    image = picture(patch(40, 30))
    return [
        copy(image, (0, 0, 40, 30), (0, 0, 20, 15), mode=_NEAREST),
        copy(image, (45, 0, 65, 15), (0, 0, 40, 30), mode=_NEAREST),
        copy(image, (0, 32, 90, 62), (2, 2, 32, 12), mode=_NEAREST),
    ]


@scene("SPICE-DISPLAY-043/larger-and-smaller")
def mixed() -> list[Any]:
    """INTERPOLATE by several factors, larger and smaller."""
    image = picture(patch(31, 29))
    return [copy(image, where, (3, 2, 26, 21), mode=_MIXED) for where in _BOXES]
