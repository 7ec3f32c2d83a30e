"""Clients: areas and images: the commands, one colour left out, alpha (7.6)."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.cases.display.drawing import (
    NO_MASK,
    PLACES,
    WHOLE,
    alpha_blend,
    base,
    box,
    copies,
    copy,
    fill,
    fills,
    of_surface,
    opaque,
    patch,
    pattern,
    picture,
    solid,
    surface,
    transparent,
)
from conformance.cases.display.operations import AND, OPERATIONS, OR, PUT, XOR
from conformance.cases.display.screen import ON_SIXTEEN_BITS, RESTS, scene
from spiceproto.enums.display import AlphaFlags, ImageScaleMode, Ropd, SurfaceFmt
from spiceproto.enums.image import BitmapFmt
from spiceproto.messages import display
from spiceproto.messages.draw import Blackness, Blend, Invers, Whiteness
from spiceproto.messages.image import Image

# -- commands


@scene("SPICE-DISPLAY-044/operations")
def operations_of_fills() -> list[Any]:
    """Each operation of two inputs with a brush of one colour."""
    return fills(*OPERATIONS)


@scene("SPICE-DISPLAY-044/patterns")
def patterns() -> list[Any]:
    """Each operation of two inputs with a pattern."""
    brush = pattern(picture(patch(9, 7)))
    return [fill(where, brush, rop) for where, rop in zip(PLACES, (PUT, OR, AND, XOR), strict=False)]


@scene("SPICE-DISPLAY-045/put", rests=RESTS[:3])
def whole_images() -> list[Any]:
    """The whole of an image, in two places."""
    image = picture(patch(40, 30))
    return [copy(image, (3, 3, 43, 33)), copy(image, (50, 31, 90, 61))]


@scene("SPICE-DISPLAY-045/parts")
def parts_of_an_image() -> list[Any]:
    """Parts of an image, from its middle and of its last corner."""
    image = picture(patch(40, 30))
    return [copy(image, (50, 5, 70, 20), (12, 9, 32, 24)), copy(image, (75, 40, 76, 41), (39, 29, 40, 30))]


@scene("SPICE-DISPLAY-045/operations")
def operations_of_copies() -> list[Any]:
    """Each operation of two inputs with an image."""
    return copies(*OPERATIONS)


@scene("SPICE-DISPLAY-046/as-a-copy")
def blends() -> list[Any]:
    """DRAW_BLEND with several operations, scaled and not."""
    image = picture(patch(22, 19))
    rops = (PUT, OR, AND, XOR | Ropd.INVERS_SRC, PUT, OR)
    found = []
    for place, (where, rop) in enumerate(zip(PLACES, rops, strict=False)):
        area = box(*WHOLE) if place < 4 else box(3, 3, 12, 15)
        nearest = ImageScaleMode.NEAREST
        data = Blend(src_bitmap=image, src_area=area, rop_descriptor=Ropd(rop), scale_mode=nearest, mask=NO_MASK)
        found.append(display.DrawBlend(base(where), data))
    return found


@scene("SPICE-DISPLAY-047/brush-on-an-image")
def brush_on_an_image() -> list[Any]:
    """A brush on an image with each operation, scaled and not."""
    image = picture(patch(22, 19))
    rops = (*OPERATIONS, XOR)
    areas = [WHOLE] * 7 + [(3, 3, 12, 15)]
    brushes = [solid(0x0F3CA5)] * 7 + [pattern(picture(patch(5, 4, seed=9)))]
    places = zip(PLACES, areas, brushes, rops, strict=False)
    return [opaque(image, where, area, brush, rop) for where, area, brush, rop in places]


@scene("SPICE-DISPLAY-048/blackness", 0)
@scene("SPICE-DISPLAY-048/whiteness", 1)
@scene("SPICE-DISPLAY-048/invers", 2)
def one_bit_for_all(which: int) -> list[Any]:
    """All bits clear, set, or the opposite of what they were."""
    made: tuple[Any, ...] = (
        display.DrawBlackness(base((10, 5, 80, 50)), Blackness(NO_MASK)),
        display.DrawWhiteness(base((10, 5, 80, 50)), Whiteness(NO_MASK)),
        display.DrawInvers(base((10, 5, 80, 50)), Invers(NO_MASK)),
    )
    return [made[which]]


@scene("SPICE-DISPLAY-051/one-colour-of-32-bits")
def one_colour_left_out() -> list[Any]:
    """An image in which a colour stands for nothing, scaled and not."""
    pixels = patch(22, 19)
    pixels[4:12, 3:15] = 0x00FF00
    image = picture(pixels)
    return [transparent(image, where, area, 0x00FF00) for where, area in ((PLACES[0], WHOLE), (PLACES[6], (2, 2, 12, 12)))]


@scene("SPICE-DISPLAY-051/on-16-bits", rests=ON_SIXTEEN_BITS, format=SurfaceFmt._16_555)
def one_colour_of_16_bits() -> list[Any]:
    """On a screen of 16 bits colours are the same that differ in their low bits."""
    pixels = patch(22, 19)
    pixels[4:8, 3:15], pixels[8:12, 3:15] = 0x08F808, 0x0FFF0F
    return [transparent(picture(pixels), PLACES[5], WHOLE, 0x0BFB0B)]


@scene("SPICE-DISPLAY-052/another-top-byte", rests=(*RESTS, "SPICE-DISPLAY-051/one-colour-of-32-bits"))
def top_byte_not_compared() -> list[Any]:
    """Pixels with another top byte than the colour, and a src_color that is in the image as well."""
    pixels = patch(22, 19)
    pixels[4:8, 3:15], pixels[8:12, 3:15] = 0x7700FF00, 0x123456
    return [transparent(picture(pixels), PLACES[0], WHOLE, 0x00FF00, other=0x123456)]


# -- alpha


def _with_alpha() -> Image:
    """Every alpha, colours multiplied by it."""
    rows, columns = np.mgrid[0:19, 0:22].astype(np.uint32)
    alpha = (rows * 22 + columns) * 255 // (19 * 22 - 1)
    colours = patch(22, 19)
    found = alpha << 24
    for shift in (16, 8, 0):
        found = found | ((colours >> shift & 255) * alpha // 255) << shift
    return picture(found.astype(np.uint32), format=BitmapFmt.RGBA)


@scene("SPICE-DISPLAY-053/pixels-with-alpha")
def pixels_with_alpha() -> list[Any]:
    """Pixels of every alpha over stripes, and a part of them scaled."""
    image = _with_alpha()
    return [alpha_blend(image, PLACES[1], WHOLE), alpha_blend(image, (30, 30, 90, 60), (2, 2, 20, 16))]


@scene("SPICE-DISPLAY-054/every-alpha")
def every_alpha() -> list[Any]:
    """Pixels of every alpha, with an alpha for all of them."""
    image = _with_alpha()
    alphas = (1, 2, 64, 127, 128, 129, 200, 254, 0)
    return [alpha_blend(image, where, WHOLE, alpha=alpha) for where, alpha in zip(PLACES, alphas, strict=False)]


@scene("SPICE-DISPLAY-055/without-alpha")
def without_alpha() -> list[Any]:
    """Images whose top bytes mean nothing, and a surface with the flag and without."""
    image = picture(patch(22, 19, 0x40))
    return [
        alpha_blend(image, PLACES[0], WHOLE, alpha=128),
        surface(3, 22, 19),
        fill(WHOLE, 0x40102030, surface=3),
        alpha_blend(of_surface(3), PLACES[1], WHOLE),
        alpha_blend(of_surface(3), PLACES[2], WHOLE, flags=AlphaFlags.SRC_SURFACE_HAS_ALPHA),
    ]


@scene("SPICE-DISPLAY-056/with-alpha", rests=(*RESTS, "SPICE-DISPLAY-053/pixels-with-alpha"))
def alpha_of_the_surface() -> list[Any]:
    """A blend on a surface with the flag, and what it made of the top bytes, as the alpha of another."""
    found: list[Any] = [surface(3, 22, 19), fill(WHOLE, 0x80203040, surface=3)]
    found.append(alpha_blend(_with_alpha(), WHOLE, WHOLE, surface=3, flags=AlphaFlags.DEST_HAS_ALPHA))
    found.append(alpha_blend(of_surface(3), (10, 10, 32, 29), WHOLE, flags=AlphaFlags.SRC_SURFACE_HAS_ALPHA))
    return found
