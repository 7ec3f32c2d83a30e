"""JPEG_ALPHA: a JPEG picture for the colour, an LZ stream for the alpha.

The image's fields before its data are ``u8 flags``, ``u32 jpeg_size``, ``u32 data_size``; the data are ``jpeg_size``
bytes of JPEG and then, up to ``data_size``, an LZ stream of type XXXA whose one channel is the alpha. The JPEG always
has its top row first; the alpha has the direction that both the flag TOP_DOWN and the LZ header name. Sizes in both
headers must be the descriptor's.

The colour was premultiplied before JPEG blurred it, so a channel can come out above its alpha; it is handed on as it
is, as the reference client does. That client also draws whatever alpha it has when the LZ stream disagrees in type,
size or direction, after a warning; here it is an error.

Sources: ``canvas_get_jpeg_alpha`` in ``common/canvas_base.c`` of spice-common, ``image_encoders_compress_jpeg`` in
``server/image-encoders.cpp`` of spice-server.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import jpeg
from spiceproto.enums.image import JpegAlphaFlags
from spiceproto.errors import LocalError, RemoteError

__all__ = ["Encoded", "decode", "encode"]

Octets = bytes | bytearray | memoryview


class Encoded(NamedTuple):
    """The three things the message needs: ``data_size`` is the length of ``data``."""

    flags: JpegAlphaFlags
    jpeg_size: int
    data: bytes


def decode(data: Octets, jpeg_size: int, width: int, height: int, *, top_down: bool) -> NDArray[np.uint32]:
    """The picture as ``uint32 (height, width)`` 0xAARRGGBB, top row first.

    ``jpeg_size`` is in bytes; ``width`` and ``height`` are the descriptor's; ``top_down`` is the flag TOP_DOWN.

    :raises RemoteError: ``jpeg_size`` past the end, either stream broken, another type, size or direction than said.
    :raises LimitError: as :func:`spiceproto.codecs.jpeg.decode`.
    """
    from spiceproto.codecs import lz

    if jpeg_size > len(data):
        raise RemoteError(
            "the JPEG part is larger than the data",
            path="jpeg_size",
            expected=f"at most {len(data)}",
            actual=str(jpeg_size),
        )
    view = memoryview(data)
    # The alpha's header is read first: it costs nothing, and says whether the colour is worth decoding.
    stream = view[jpeg_size:]
    head = lz.header(stream)
    if head.type != lz.LzImageType.XXXA:
        raise RemoteError(
            "the alpha is not an XXXA stream", path="type", offset=jpeg_size, expected="10", actual=str(int(head.type))
        )
    if (head.width, head.height) != (width, height):
        raise RemoteError(
            "the alpha has another size than the image",
            offset=jpeg_size,
            expected=f"{width}x{height}",
            actual=f"{head.width}x{head.height}",
        )
    if bool(head.top_down) != top_down:
        raise RemoteError(
            "the alpha has another direction than the flags",
            path="flags",
            offset=jpeg_size,
            expected="top down" if top_down else "bottom up",
            actual="top down" if head.top_down else "bottom up",
        )
    pixels = jpeg.decode(view[:jpeg_size], width, height)
    alpha = lz.decode(stream)
    pixels |= alpha.astype(np.uint32) << np.uint32(24)
    return pixels


def encode(pixels: NDArray[np.uint32], quality: int = jpeg.IMAGE_QUALITY) -> Encoded:
    """Code ``uint32 (h, w)`` 0xAARRGGBB, top row first.

    :raises LocalError: another dtype or shape, quality out of range.
    """
    from spiceproto.codecs import lz

    if pixels.ndim != 2 or pixels.dtype != np.uint32:
        raise LocalError("not a picture", expected="uint32 (height, width)", actual=f"{pixels.dtype} {pixels.shape}")
    colour = jpeg.encode(pixels, quality)
    alpha = bytes(lz.encode((pixels >> np.uint32(24)).astype(np.uint8), lz.LzImageType.XXXA))
    flags = JpegAlphaFlags.TOP_DOWN if lz.header(alpha).top_down else JpegAlphaFlags(0)
    return Encoded(flags, len(colour), colour + alpha)
