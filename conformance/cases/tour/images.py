"""One image of each kind that a display channel has, of the same small picture: what the suite shows to clients.

An image is one only for clients that can have it: LZ4 needs a capability, GLZ a window in the client's INIT, what is taken
from the cache a cache. What needs a library that is not installed is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conformance.cases.display.drawing import cached, descriptor, picture
from spiceproto.capabilities import Capabilities
from spiceproto.codecs import glz, jpeg, jpeg_alpha, lz, lz4, quic, zlib_glz
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, LzImageType, QuicImageType
from spiceproto.errors import LocalError
from spiceproto.messages import display
from spiceproto.messages.image import (
    BinaryData,
    Image,
    ImageDescriptor,
    JPEGAlphaData,
    LZPLTData,
    Palette,
    Surface,
    ZlibGlzRGBData,
)

__all__ = ["HEIGHT", "WIDTH", "images", "of_surface", "photograph", "plain"]

WIDTH, HEIGHT = 32, 24

_WINDOW: Final = 4 * WIDTH * HEIGHT
"""Pixels of the GLZ window that the images use; a client may have a larger one."""
_PALETTE_ID: Final = 0x5EED
_COLOURS: Final = 16
_FIRST_ID: Final = 0x5EED0000

Pixels = NDArray[np.uint32]


@cache
def photograph(alpha: int = 0) -> Pixels:
    """The picture: 0xAARRGGBB, colours that run, with edges."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.uint32)
    found: Pixels = columns * 3 | (rows * 5) << 8 | ((columns // 8 + rows // 8) % 2 * 160) << 16 | np.uint32(alpha << 24)
    return found.astype(np.uint32)


def _indices(colours: int) -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    found: NDArray[np.uint8] = ((columns // 4 + rows // 4) % colours).astype(np.uint8)
    return found


def _palette(colours: int, unique: int = 0) -> Palette:
    return Palette(unique, tuple([number * 0x101010 * 15 // (colours - 1) for number in range(colours)]))


def _descriptor(kind: ImageType) -> ImageDescriptor:
    return descriptor(kind, WIDTH, HEIGHT, id=_FIRST_ID + kind)


# -- without compression


def plain(*, flags: int = 0) -> Image:
    """Pixels of 32 bits."""
    return _bitmap(BitmapFmt._32BIT, photograph(), flags=flags)


def _bitmap(kind: BitmapFmt, pixels: NDArray[Any], **options: Any) -> Image:
    return picture(pixels, format=kind, id=_FIRST_ID + ImageType.BITMAP, **options)


def _indexed(kind: BitmapFmt, colours: int) -> Image:
    return _bitmap(kind, _indices(colours), palette=_palette(colours))


def _kept_palette() -> Image:
    palette = _palette(_COLOURS, _PALETTE_ID)
    return _bitmap(BitmapFmt._8BIT, _indices(_COLOURS), palette=palette, palette_flags=BitmapFlags.PAL_CACHE_ME)


def _palette_again() -> Image:
    return _bitmap(BitmapFmt._8BIT, _indices(_COLOURS), palette_id=_PALETTE_ID, palette_flags=BitmapFlags.PAL_FROM_CACHE)


def _five_bits() -> NDArray[np.uint16]:
    whole = photograph()
    return ((whole >> 9 & 0x7C00) | (whole >> 6 & 0x3E0) | (whole >> 3 & 0x1F)).astype(np.uint16)


# -- with compression


def _quic(kind: QuicImageType, alpha: int = 0) -> Image:
    return Image(descriptor=_descriptor(ImageType.QUIC), quic=BinaryData(quic.encode(photograph(alpha), kind)))


def _lz(kind: LzImageType, alpha: int = 0) -> Image:
    return Image(descriptor=_descriptor(ImageType.LZ_RGB), lz_rgb=BinaryData(lz.encode(photograph(alpha), kind)))


def _lz_indexed() -> Image:
    stream = lz.encode(_indices(_COLOURS), LzImageType.PLT8)
    body = LZPLTData(flags=BitmapFlags.TOP_DOWN, palette_id=None, palette=_palette(_COLOURS), data=stream)
    return Image(descriptor=_descriptor(ImageType.LZ_PLT), lz_plt=body)


def _glz(dictionary: glz.Dictionary) -> Image:
    return Image(
        descriptor=_descriptor(ImageType.GLZ_RGB), lz_rgb=BinaryData(glz.encode(photograph(), LzImageType.RGB32, dictionary))
    )


def _zlib_glz(dictionary: glz.Dictionary) -> Image:
    data, size = zlib_glz.encode(photograph(), LzImageType.RGB32, dictionary)
    return Image(descriptor=_descriptor(ImageType.ZLIB_GLZ_RGB), zlib_glz=ZlibGlzRGBData(size, data))


def _jpeg() -> Image:
    return Image(descriptor=_descriptor(ImageType.JPEG), jpeg=BinaryData(jpeg.encode(photograph())))


def _jpeg_alpha() -> Image:
    flags, size, data = jpeg_alpha.encode(photograph(0x80))
    return Image(descriptor=_descriptor(ImageType.JPEG_ALPHA), jpeg_alpha=JPEGAlphaData(flags, size, data))


def _lz4() -> Image:
    return Image(descriptor=_descriptor(ImageType.LZ4), lz4=BinaryData(lz4.encode(photograph(), BitmapFmt._32BIT)))


# -- what the client has already


def of_surface(surface: int) -> Image:
    """What a surface shows."""
    return Image(descriptor=_descriptor(ImageType.SURFACE), surface=Surface(surface))


# -- all of them


_EVERYWHERE: Final[tuple[tuple[str, Callable[[], Image]], ...]] = (
    ("32 bits", plain),
    ("24 bits", lambda: _bitmap(BitmapFmt._24BIT, photograph())),
    ("16 bits", lambda: _bitmap(BitmapFmt._16BIT, _five_bits())),
    ("32 bits with alpha", lambda: _bitmap(BitmapFmt.RGBA, photograph(0xFF))),
    ("a palette of 2 colours", lambda: _indexed(BitmapFmt._1BIT_BE, 2)),
    ("a palette of 16 colours", lambda: _indexed(BitmapFmt._4BIT_BE, _COLOURS)),
    ("a palette that is kept", _kept_palette),
    ("the palette that was kept", _palette_again),
    ("QUIC", lambda: _quic(QuicImageType.RGB32)),
    ("QUIC with alpha", lambda: _quic(QuicImageType.RGBA, 0xFF)),
    ("LZ", lambda: _lz(LzImageType.RGB32)),
    ("LZ with alpha", lambda: _lz(LzImageType.RGBA, 0xFF)),
    ("LZ of palette indices", _lz_indexed),
    ("JPEG", _jpeg),
    ("JPEG with alpha", _jpeg_alpha),
)


def images(client: Capabilities, init: display.Init) -> tuple[tuple[str, Image], ...]:
    """Name and image of every kind that a client may be sent which announced this and said this INIT."""
    return _made(
        client.has(DisplayCapability.LZ4_COMPRESSION),
        init.glz_dictionary_window_size >= _WINDOW,
        init.pixmap_cache_size >= 4 * WIDTH * HEIGHT,
    )


@cache
def _made(with_lz4: bool, with_glz: bool, kept: bool) -> tuple[tuple[str, Image], ...]:
    makers: list[tuple[str, Callable[[], Image]]] = [*_EVERYWHERE]
    if with_lz4:
        makers.append(("LZ4", _lz4))
    if with_glz:
        dictionary = glz.Dictionary(_WINDOW)
        makers += [(name, lambda: _glz(dictionary)) for name in ("GLZ", "GLZ with an image before it")]
        makers.append(("GLZ inside zlib", lambda: _zlib_glz(dictionary)))
    if kept:
        makers += [
            ("an image that is kept", lambda: plain(flags=ImageFlags.CACHE_ME)),
            ("the image that was kept", lambda: cached(plain())),
        ]
    found = []
    for name, make in makers:
        with suppress(ImportError, LocalError):  # a library that is not installed
            found.append((name, make()))
    return tuple(found)
