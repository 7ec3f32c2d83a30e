"""Clients: images of every type and format, as they should be (5.3 to 5.5, 6.6, 6.7)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display import client_glz, client_lz, client_lz4, client_quic
from conformance.cases.display.drawing import (
    alpha_blend,
    copy,
    fill,
    of_surface,
    patch,
    picture,
    raw,
    stripes,
    surface,
)
from conformance.cases.display.screen import PICTURE, RESTS, Screen, scene
from conformance.cases.display.steps import BLEND
from conformance.cases.display.vectors import golden, sequence
from conformance.outcome import NotApplicable
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import SurfaceFmt
from spiceproto.enums.image import BitmapFmt, ImageFlags
from spiceproto.messages.image import Image, Palette

_WORDS: Final = (*RESTS, "SPICE-IMAGE-018/five-bits")
_INDICES: Final = (*RESTS, "SPICE-IMAGE-017/bytes")


def _beside(*images: Image, surface: int = 0) -> list[Any]:
    """Images one beside the other, in as many rows as they need."""
    found, left, top, low = [], 1, 1, 1
    for image in images:
        width, height = image.descriptor.width, image.descriptor.height
        if left + width > 96:
            left, top = 1, low + 1
        found.append(copy(image, (left, top, left + width, top + height), surface=surface))
        left, low = left + width + 1, max(low, top + height)
    return found


def _ramp(width: int, height: int) -> Any:
    """Greys, darker from row to row."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.uint32)
    return ((rows * 7 + columns + 30) % 256 * 0x010101).astype(np.uint32)


def _greys(colours: int) -> Palette:
    return Palette(0, tuple([(number * 53 + 20) % 256 * 0x010101 for number in range(colours)]))


def _indices(width: int, height: int, colours: int) -> Any:
    rows, columns = np.mgrid[0:height, 0:width]
    return ((columns * 3 + rows * 5) % colours).astype(np.uint8)


def _words(*channels: int, top: int = 0) -> Any:
    """Pixels of five bits a channel that have these values only."""
    rows, columns = np.mgrid[0:19, 0:22].astype(np.uint16)
    values = np.array(channels, np.uint16)
    red, green, blue = [values[(columns * step + rows) % len(values)] for step in (1, 2, 3)]
    return (red << 10 | green << 5 | blue | np.uint16(top << 15)).astype(np.uint16)


# -- pixels

_EXACT: Final = {
    "quic-rgb32": ("quic/rgb32-noise-7x5", "quic/rgb32-text-33x17", "quic/rgb32-photo-21x13", "quic/rgb32-solid-1x1"),
    "quic-rgb24": ("quic/rgb24-noise-7x5", "quic/rgb24-text-33x17", "quic/rgb24-photo-21x13"),
    "quic-rgb16": ("quic/rgb16-noise-7x5", "quic/rgb16-text-33x17", "quic/rgb16-photo-21x13"),
    "quic-rgba": ("quic/rgba-noise-7x5", "quic/rgba-text-33x17", "quic/rgba-photo-21x13"),
    "quic-large": ("quic/rgb32-mixed-64x64",),
    "lz-rgb32": ("lz/rgb32-noise-7x5", "lz/rgb32-text-33x17", "lz/rgb32-text-33x17-bottom_up", "lz/rgb32-solid-1x1"),
    "lz-rgb24": ("lz/rgb24-noise-7x5", "lz/rgb24-text-33x17", "lz/rgb24-text-33x17-bottom_up"),
    "lz-rgb16": ("lz/rgb16-noise-7x5", "lz/rgb16-text-33x17", "lz/rgb16-text-33x17-bottom_up"),
    "lz-rgba": ("lz/rgba-noise-7x5", "lz/rgba-text-33x17", "lz/rgba-text-33x17-bottom_up"),
    "lz-palettes": ("lz/plt1_be-text-33x17", "lz/plt4_be-text-33x17", "lz/plt8-text-33x17", "lz/plt8-noise-7x5"),
    "lz4-32bit": ("lz4/32bit-noise-13x9", "lz4/32bit-text-33x17", "lz4/32bit-photo-21x13-bottom_up"),
    "lz4-24bit": ("lz4/24bit-noise-13x9", "lz4/24bit-text-33x17", "lz4/24bit-photo-21x13-bottom_up"),
    "lz4-16bit": ("lz4/16bit-noise-13x9", "lz4/16bit-text-33x17", "lz4/16bit-photo-21x13-bottom_up"),
    "lz4-rgba": ("lz4/rgba-noise-13x9", "lz4/rgba-text-33x17", "lz4/rgba-photo-21x13-bottom_up"),
    "bitmaps": ("bitmap/32bit-photo-21x13-bottom_up", "bitmap/24bit-photo-21x13-bottom_up", "bitmap/rgba-text-33x17-padded"),
}
"""Name of a case to the golden images that it draws."""


_STEPS: Final = {"quic": client_quic.STEPS.ids, "lz": client_lz.STEPS.ids, "lz4": client_lz4.STEPS.ids}
"""Codec to the cases about its steps."""


@client_case("SPICE-IMAGE-007/quic-rgb32", "quic-rgb32", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/quic-rgb24", "quic-rgb24", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/quic-rgb16", "quic-rgb16", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/quic-rgba", "quic-rgba", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/quic-large", "quic-large", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz-rgb32", "lz-rgb32", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz-rgb24", "lz-rgb24", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz-rgb16", "lz-rgb16", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz-rgba", "lz-rgba", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz-palettes", "lz-palettes", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz4-32bit", "lz4-32bit", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz4-24bit", "lz4-24bit", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz4-16bit", "lz4-16bit", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/lz4-rgba", "lz4-rgba", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/bitmaps", "bitmaps", channel="display", tags=(PICTURE,))
def exact(server: SuiteServer, which: str) -> None:
    """Golden images of one kind, drawn on stripes."""
    screen = Screen(server, rests=(*RESTS, *_STEPS.get(which.partition("-")[0], ())))
    if which.startswith("lz4") and not screen.talk.client.has(DisplayCapability.LZ4_COMPRESSION):
        raise NotApplicable("the client did not announce LZ4_COMPRESSION")
    screen.draw(*stripes(), *_beside(*[golden(name) for name in _EXACT[which]]))
    screen.expect_same()


@client_case("SPICE-IMAGE-007/glz-rgb32", "glz/rgb32", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/glz-rgb16", "glz/rgb16", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/glz-rgba", "glz/rgba", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/glz-mixed-types", "glz/mixed_types", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/glz-of-a-server", "recorded/glz", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/zlib-glz", "zlib_glz/rgb32", channel="display", tags=(PICTURE,))
@client_case("SPICE-IMAGE-007/zlib-glz-and-glz", "zlib_glz/with_glz", channel="display", tags=(PICTURE,))
def exact_sequence(server: SuiteServer, name: str) -> None:
    """Golden images that refer to those before them."""
    screen = Screen(server, rests=(*RESTS, *client_glz.STEPS.ids))
    if not screen.init.glz_dictionary_window_size:
        raise NotApplicable("the client keeps no GLZ dictionary")
    screen.draw(*stripes(), *_beside(*sequence(name)))
    screen.expect_same()


@scene("SPICE-IMAGE-008/drawn-with-alpha", rests=(*RESTS, BLEND, *client_quic.STEPS.ids, *client_lz.STEPS.ids))
def colours_by_alpha() -> list[Any]:
    """LZ and QUIC with alpha, blended: nobody multiplies colours by their alpha again."""
    found = []
    for place, name in enumerate(("lz/rgba-text-33x17", "quic/rgba-text-33x17", "lz/rgba-photo-21x13")):
        image = golden(name)
        width, height = image.descriptor.width, image.descriptor.height
        top = 2 + 20 * place
        found.append(alpha_blend(image, (5, top, 5 + width, top + height), (0, 0, width, height)))
    return found


@scene("SPICE-IMAGE-009/bit-15", rests=_WORDS)
def bit_15() -> list[Any]:
    """Pixels of 16 bits with bit 15 and without."""
    return _beside(picture(_words(0, 1, 2, 3)), picture(_words(0, 1, 2, 3, top=1)))


@scene("SPICE-IMAGE-009/fourth-byte")
def fourth_byte() -> list[Any]:
    """Pixels of 32 bits with fourth bytes of all kinds, and none."""
    pixels = patch(22, 19)
    return _beside(picture(pixels), picture(pixels | np.uint32(0x5A000000)), picture(pixels | np.uint32(0xFF000000)))


@scene("SPICE-IMAGE-010/as-alpha", rests=(*RESTS, "SPICE-DISPLAY-053/pixels-with-alpha"))
def high_bits() -> list[Any]:
    """An image without alpha and with HIGH_BITS_SET is copied to a surface with alpha, and that is blended."""
    image = picture(patch(22, 19), flags=ImageFlags.HIGH_BITS_SET)
    found: list[Any] = [surface(3, 44, 19, SurfaceFmt._32_ARGB), fill((0, 0, 44, 19), 0, surface=3)]
    found.append(copy(image, (4, 0, 26, 19), surface=3))
    return [*found, alpha_blend(of_surface(3), (5, 5, 49, 24), (0, 0, 44, 19))]


@scene("SPICE-IMAGE-011/all-values", rests=_WORDS)
def widened() -> list[Any]:
    """Every value that a channel of five bits can have."""
    return _beside(picture(_words(*range(32))), picture(_words(31, 16, 0, 15, 1, 30)))


# -- bitmaps


@scene("SPICE-IMAGE-012/behind-the-rows")
def padded() -> list[Any]:
    """Rows with bytes behind their pixels: 1, 4 and 64 of them, not all zeros."""
    found = []
    for more in (4, 64):
        pixels = patch(21, 13)
        rows = np.full((13, 21 * 4 + more), 0xEE, np.uint8)
        rows[:, : 21 * 4] = pixels.view(np.uint8).reshape(13, -1)
        found.append(raw(rows.tobytes(), BitmapFmt._32BIT, 21, 13, 21 * 4 + more))
    return _beside(*found, golden("bitmap/24bit-text-33x17-padded"))


@scene("SPICE-IMAGE-013/from-the-top", rests=RESTS[:1])
def from_the_top() -> list[Any]:
    """Greys from the top row down."""
    return _beside(picture(_ramp(30, 20)))


@scene("SPICE-IMAGE-013/from-the-bottom", rests=RESTS[:1])
def from_the_bottom() -> list[Any]:
    """Greys from the bottom row up, in several formats."""
    small = picture(_ramp(21, 9), format=BitmapFmt._24BIT, top_down=False)
    return _beside(picture(_ramp(30, 20), top_down=False), small)


@scene("SPICE-IMAGE-015/highest-bit-first")
def bits_from_the_left() -> list[Any]:
    """1BIT_BE, from widths that are no whole bytes."""
    wide, small = _indices(37, 19, 2), _indices(5, 7, 2)
    return _beside(*[picture(each, format=BitmapFmt._1BIT_BE, palette=_greys(2)) for each in (wide, small)])


@scene("SPICE-IMAGE-015/lowest-bit-first", rests=(*RESTS, "SPICE-IMAGE-015/highest-bit-first"))
def bits_from_the_right() -> list[Any]:
    """1BIT_LE, which no server should send."""
    return _beside(picture(_indices(37, 19, 2), format=BitmapFmt._1BIT_LE, palette=_greys(2)))


@scene("SPICE-IMAGE-016/high-half-first")
def halves_from_the_left() -> list[Any]:
    """4BIT_BE, of even and odd widths."""
    wide, odd = _indices(30, 19, 16), _indices(17, 9, 16)
    return _beside(*[picture(each, format=BitmapFmt._4BIT_BE, palette=_greys(16)) for each in (wide, odd)])


@scene("SPICE-IMAGE-016/low-half-first", rests=(*RESTS, "SPICE-IMAGE-016/high-half-first"))
def halves_from_the_right() -> list[Any]:
    """4BIT_LE, which no server should send."""
    return _beside(picture(_indices(17, 9, 16), format=BitmapFmt._4BIT_LE, palette=_greys(16)))


@scene("SPICE-IMAGE-017/bytes")
def bytes_of_a_palette() -> list[Any]:
    """8BIT with as many colours as there can be, and with fewer."""
    return _beside(*[picture(_indices(22, 19, number), palette=_greys(number)) for number in (256, 40)])


@scene("SPICE-IMAGE-018/five-bits")
def five_bits() -> list[Any]:
    """Pixels of 16 bits, dark ones of each colour."""
    return _beside(picture(_words(0, 1, 2, 3)), picture(_words(3, 0)))


@scene("SPICE-IMAGE-019/bits-32", rests=RESTS[:2])
def bits_32() -> list[Any]:
    """Pixels of 32 bits: red, green and blue, and mixed."""
    pure = np.array([[0xFF0000, 0x00FF00, 0x0000FF], [0x800000, 0x008000, 0x000080]], np.uint32).repeat(5, 0).repeat(5, 1)
    return _beside(picture(pure), picture(patch(30, 20)))


@scene("SPICE-IMAGE-019/bits-24", rests=RESTS[:2])
def bits_24() -> list[Any]:
    """Pixels of 24 bits, of odd widths."""
    return _beside(*[picture(patch(width, 19), format=BitmapFmt._24BIT) for width in (30, 21)])


@scene("SPICE-IMAGE-019/with-alpha", rests=RESTS[:2])
def rgba() -> list[Any]:
    """Pixels with alpha, copied."""
    return _beside(picture(patch(30, 20, 0xFF), format=BitmapFmt.RGBA), picture(patch(21, 9, 0x80), format=BitmapFmt.RGBA))


# -- palettes


@scene("SPICE-IMAGE-023/on-32-bits", rests=_INDICES)
def palette_on_32_bits() -> list[Any]:
    """Colours of a palette, with top bytes of all kinds."""
    pixels = patch(16, 1)[0]
    colours = Palette(0, tuple([int(pixel) | number * 17 << 24 for number, pixel in enumerate(pixels)]))
    return _beside(picture(_indices(30, 20, 16), palette=colours))


@scene("SPICE-IMAGE-024/on-16-bits", rests=(*_INDICES, "SPICE-DISPLAY-031/on-16-bits"), format=SurfaceFmt._16_555)
def palette_on_16_bits() -> list[Any]:
    """Entries of a palette on a screen of 16 bits."""
    colours = Palette(0, tuple([(number * 2003 + 0x1234) % 0x8000 | 0x5A0000 for number in range(16)]))
    return _beside(picture(_indices(30, 20, 16), palette=colours))
