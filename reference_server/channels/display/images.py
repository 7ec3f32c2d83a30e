"""One bitmap of the guest as an image of the type that was chosen; see :mod:`spiceproto.codecs.choice`.

Codecs are imported when the first image is compressed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

import msgspec
import numpy as np

from reference_server.channels.display.caches import GlzDictionary
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageType, LzImageType, QuicImageType
from spiceproto.messages.image import BinaryData, BitmapData, Image, ImageDescriptor, JPEGAlphaData, LZPLTData, ZlibGlzRGBData

__all__ = ["LOSSY", "Source", "codec", "compressed", "drawable"]

LOSSY: Final = frozenset({ImageType.JPEG, ImageType.JPEG_ALPHA})
"""Types that do not give back every pixel."""

_LEAST_ZLIB: Final = 100
"""Bytes below which a GLZ stream is not put into zlib, as libspice-server does."""

_BLOCKS: Final = 4
_LEAST_ROWS: Final = 64
"""LZ4 blocks of a picture, and rows of each: libspice-server makes one of each piece of the guest's memory, so clients have to
take several."""

_TOP_DOWN: Final = int(BitmapFlags.TOP_DOWN)

_LZ: Final[dict[int, LzImageType]] = {
    BitmapFmt._1BIT_LE: LzImageType.PLT1_LE,
    BitmapFmt._1BIT_BE: LzImageType.PLT1_BE,
    BitmapFmt._4BIT_LE: LzImageType.PLT4_LE,
    BitmapFmt._4BIT_BE: LzImageType.PLT4_BE,
    BitmapFmt._8BIT: LzImageType.PLT8,
    BitmapFmt._16BIT: LzImageType.RGB16,
    BitmapFmt._24BIT: LzImageType.RGB24,
    BitmapFmt._32BIT: LzImageType.RGB32,
    BitmapFmt.RGBA: LzImageType.RGBA,
    BitmapFmt._8BIT_A: LzImageType.A8,
}

_QUIC: Final[dict[int, QuicImageType]] = {
    BitmapFmt._16BIT: QuicImageType.RGB16,
    BitmapFmt._24BIT: QuicImageType.RGB24,
    BitmapFmt._32BIT: QuicImageType.RGB32,
    BitmapFmt.RGBA: QuicImageType.RGBA,
}


_TURNED: Final[dict[int, tuple[BitmapFmt, bytes]]] = {
    BitmapFmt._1BIT_LE: (BitmapFmt._1BIT_BE, bytes([int(f"{byte:08b}"[::-1], 2) for byte in range(256)])),
    BitmapFmt._4BIT_LE: (BitmapFmt._4BIT_BE, bytes([byte >> 4 | byte << 4 & 0xF0 for byte in range(256)])),
}
"""Formats that clients do not draw, to those that take their place, and what becomes of each byte (SPICE-IMAGE-020)."""


def drawable(image: Image) -> Image:
    """The bitmap in a format that every client draws."""
    body = image.bitmap
    turned = None if body is None else _TURNED.get(body.format)
    if body is None or turned is None:
        return image
    format, table = turned
    return msgspec.structs.replace(image, bitmap=msgspec.structs.replace(body, format=format, data=body.data.translate(table)))


@cache
def codec(name: str) -> Any:
    """A module of :mod:`spiceproto.codecs`, imported when it is wanted for the first time."""
    return import_module(f"spiceproto.codecs.{name}")


class _Rows:
    """The rows of a bitmap as an array that may be written to, without a copy of them.

    Kernels are compiled for such arrays, and one for arrays that may not be written to would be compiled anew. Those of
    encoders only read.
    """

    def __init__(self, data: bytes, width: int, height: int) -> None:
        self._data = data  # kept as long as there is an array of it
        address = np.frombuffer(data, np.uint8).__array_interface__["data"][0]
        self.__array_interface__ = {"version": 3, "typestr": "<u4", "shape": (height, width), "data": (address, False)}


class Source:
    """The pixels of a bitmap, which are made when they are wanted.

    ``bare``: no byte but those of colours means anything to who gets it, and so 32BIT may be told as it is
    """

    def __init__(self, body: BitmapData, *, bare: bool = False) -> None:
        self.body = body
        self.bare = bare
        self.top_down = bool(+body.flags & _TOP_DOWN)
        self._pixels: Any = None

    @property
    def pixels(self) -> Any:
        """Top row first, as the codecs want them: indices if the bitmap has a palette."""
        if self._pixels is None:
            self._pixels = _pixels_of(self.body)
        return self._pixels

    @property
    def words(self) -> Any:
        """The same for who does not look at the byte of 32BIT that means nothing: it may be anything here."""
        body = self.body
        size = body.stride * body.y
        bare = body.format == BitmapFmt._32BIT and self.top_down and body.stride == 4 * body.x and len(body.data) >= size > 0
        return np.asarray(_Rows(body.data, body.x, body.y)) if bare and sys.byteorder == "little" else self.pixels

    @property
    def rows(self) -> bytes | memoryview:
        """The rows as they lie in memory, without a copy; 0 in the byte of 32BIT that means nothing, unless ``bare``."""
        body = self.body
        size = body.stride * body.y
        rows = body.data if len(body.data) == size else memoryview(body.data)[:size]
        if body.format == BitmapFmt._32BIT and not self.bare:
            words = np.frombuffer(rows, "<u4")
            if int(words.max()) >> 24:
                return (words & np.uint32(0xFFFFFF)).astype("<u4", copy=False).tobytes()
        return rows


def _pixels_of(body: BitmapData) -> Any:
    from spiceproto.codecs import bitmap

    top_down = bool(body.flags & BitmapFlags.TOP_DOWN)
    read = bitmap.indices if bitmap.LAYOUTS[body.format].indexed else bitmap.decode
    found: Any = read(body.data, body.format, body.x, body.y, body.stride, top_down=top_down)
    # Interpreted kernels want the machine's own byte order, and no other name for it.
    return found.view(bitmap.LAYOUTS[body.format].dtype)


def _quic(source: Source, words: GlzDictionary) -> dict[str, Any]:
    return {"quic": BinaryData(codec("quic").encode(source.words, _QUIC[source.body.format]))}


def _lz(source: Source, words: GlzDictionary) -> dict[str, Any]:
    return {"lz_rgb": BinaryData(codec("lz").encode(source.words, _LZ[source.body.format], top_down=source.top_down))}


def _lz_plt(source: Source, words: GlzDictionary) -> dict[str, Any]:
    body = source.body
    stream = codec("lz").encode(source.pixels, _LZ[body.format], top_down=source.top_down)
    return {"lz_plt": LZPLTData(flags=BitmapFlags(0), palette_id=body.palette_id, palette=body.palette, data=stream)}


def _glz(source: Source, words: GlzDictionary) -> dict[str, Any]:
    stream = codec("glz").encode(source.words, _LZ[source.body.format], words.dictionary, top_down=source.top_down)
    return {"lz_rgb": BinaryData(stream)}


def _zlib_glz(source: Source, words: GlzDictionary) -> dict[str, Any]:
    import zlib

    stream, size = codec("zlib_glz").encode(source.words, _LZ[source.body.format], words.dictionary, top_down=source.top_down)
    if size < _LEAST_ZLIB:
        return {"lz_rgb": BinaryData(zlib.decompress(stream))}
    return {"zlib_glz": ZlibGlzRGBData(size, stream)}


def _lz4(source: Source, words: GlzDictionary) -> dict[str, Any]:
    body = source.body
    rows = max(_LEAST_ROWS, -(-body.y // _BLOCKS))
    encode = codec("lz4").encode_rows
    return {"lz4": BinaryData(encode(source.rows, body.format, body.stride, top_down=source.top_down, rows_per_block=rows))}


def _jpeg(source: Source, words: GlzDictionary) -> dict[str, Any]:
    return {"jpeg": BinaryData(codec("jpeg").encode(source.pixels))}


def _jpeg_alpha(source: Source, words: GlzDictionary) -> dict[str, Any]:
    made = codec("jpeg_alpha").encode(source.pixels)
    return {"jpeg_alpha": JPEGAlphaData(made.flags, made.jpeg_size, made.data)}


_ENCODERS: Final[dict[int, Callable[[Source, GlzDictionary], dict[str, Any]]]] = {
    ImageType.QUIC: _quic,
    ImageType.LZ_RGB: _lz,
    ImageType.LZ_PLT: _lz_plt,
    ImageType.GLZ_RGB: _glz,
    ImageType.ZLIB_GLZ_RGB: _zlib_glz,
    ImageType.LZ4: _lz4,
    ImageType.JPEG: _jpeg,
    ImageType.JPEG_ALPHA: _jpeg_alpha,
}

_NUMBERED: Final = frozenset({ImageType.GLZ_RGB, ImageType.ZLIB_GLZ_RGB})
"""Types that have to be sent once they are made: others will refer to them."""


def compressed(image: Image, kind: ImageType, source: Source, words: GlzDictionary) -> Image:
    """A bitmap as an image of this type; as it is where that would be larger."""
    body = source.body
    parts = _ENCODERS[kind](source, words)
    (part,) = parts.values()
    if len(part.data) > body.stride * body.y and kind not in _NUMBERED:
        return image
    if kind == ImageType.ZLIB_GLZ_RGB and "lz_rgb" in parts:
        kind = ImageType.GLZ_RGB
    was = image.descriptor
    descriptor = ImageDescriptor(id=was.id, type=kind, flags=was.flags, width=was.width, height=was.height)
    return Image(descriptor=descriptor, **parts)
