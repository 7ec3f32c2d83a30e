"""ZLIB_GLZ: a GLZ stream inside a zlib stream (RFC 1950), for slow lines.

The server codes an image with GLZ and deflates the result; the message gives both sizes (``glz_data_size`` before,
``data_size`` after). Inflating is bounded twice: by ``glz_data_size``, and by what an image of the size in the GLZ
header can take at worst, so that a small message cannot ask for a large buffer.

``isal`` inflates two to five times faster than the standard library's ``zlib`` and is used where it is installed;
streams are always deflated by ``zlib``, whose levels the reference server uses.

Sources: spice-server ``server/zlib-encoder.c``, spice-gtk ``src/decode-zlib.c``.
"""

from __future__ import annotations

import importlib
import zlib
from functools import cache
from typing import Any, Final

from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import glz
from spiceproto.codecs.lz import LzImageType, Stream
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["LEVEL", "decode", "encode", "inflate"]

LEVEL: Final = 3
"""Compression level of the reference server."""

BYTES_PER_PIXEL: Final = 9
"""Worst GLZ stream that still decodes: a match of seven bytes for one pixel, and a literal of two for its alpha."""


@cache
def _library() -> Any:
    """The module that inflates. Looked for once: an import that fails searches the whole path every time."""
    try:
        return importlib.import_module("isal.isal_zlib")
    except ImportError:
        return zlib


def inflate(data: Stream, glz_data_size: int, *, max_pixels: int = limits.IMAGE_PIXELS) -> bytes:
    """The GLZ stream in ``data``, exactly ``glz_data_size`` bytes; raises :class:`RemoteError` where it is not.

    Never holds more than ``glz_data_size`` bytes of output, nor more than an image of its header's size can take. Bytes
    behind the zlib stream are refused.
    """
    if glz_data_size < glz.HEADER_SIZE:
        raise RemoteError(
            "no GLZ stream is that short",
            path="glz_data_size",
            expected=f"at least {glz.HEADER_SIZE}",
            actual=str(glz_data_size),
        )
    library = _library()
    inflater = library.decompressobj()
    try:
        start: bytes = inflater.decompress(data, glz.HEADER_SIZE)
        head = glz.header(start)
        pixels = head.width * head.height
        if pixels > max_pixels:
            raise LimitError(
                "GLZ image too large",
                path="width",
                expected=f"at most {max_pixels} pixels",
                actual=f"{head.width} x {head.height}",
            )
        most = glz.HEADER_SIZE + BYTES_PER_PIXEL * pixels
        if glz_data_size > most:
            raise LimitError(
                "GLZ stream longer than its picture can take",
                path="glz_data_size",
                expected=f"at most {most} for {head.width} x {head.height}",
                actual=str(glz_data_size),
            )
        # One byte more than wanted shows a stream that is too long, and lets one that is right come to its end.
        stream: bytes = start + inflater.decompress(inflater.unconsumed_tail, glz_data_size - len(start) + 1)
        if len(stream) <= glz_data_size and not inflater.eof:
            stream += inflater.decompress(inflater.unconsumed_tail, 1)
    except (zlib.error, library.error) as error:
        raise RemoteError("not a zlib stream", expected="a zlib stream (RFC 1950)", actual=str(error)) from error
    if len(stream) != glz_data_size or not inflater.eof:
        raise RemoteError(
            "zlib stream of another size than announced",
            path="glz_data_size",
            expected=f"{glz_data_size} bytes and the end",
            actual=f"{len(stream)} bytes{'' if inflater.eof else ' and no end'}",
        )
    if inflater.unused_data:
        raise RemoteError(
            "bytes behind the zlib stream",
            offset=len(data) - len(inflater.unused_data),
            expected="the end",
            actual=f"{len(inflater.unused_data)} bytes",
        )
    return stream


def decode(
    data: Stream,
    glz_data_size: int,
    window: glz.Window,
    *,
    max_pixels: int = limits.IMAGE_PIXELS,
    copy: bool = True,
) -> NDArray[Any]:
    """Inflate ``data`` to ``glz_data_size`` bytes and decode them as :func:`spiceproto.codecs.glz.decode` does.

    Offsets in errors of the GLZ stream count from the start of the inflated bytes.
    """
    stream = inflate(data, glz_data_size, max_pixels=min(max_pixels, window.pixels))
    return glz.decode(stream, window, max_pixels=max_pixels, copy=copy)


def encode(
    pixels: NDArray[Any],
    type: LzImageType,
    dictionary: glz.Dictionary,
    *,
    top_down: bool = True,
    level: int = LEVEL,
) -> tuple[bytes, int]:
    """Encode as :func:`spiceproto.codecs.glz.encode` does and deflate; returns (data, glz_data_size)."""
    if not 0 <= level <= 9:
        raise LocalError("no such zlib level", path="level", expected="0..9", actual=str(level))
    stream = glz.encode(pixels, type, dictionary, top_down=top_down)
    return zlib.compress(stream, level), len(stream)
