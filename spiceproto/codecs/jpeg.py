"""JPEG pictures: image type JPEG, the colour half of JPEG_ALPHA, and the frames of an MJPEG stream.

The body is an ordinary JFIF stream, always top row first, three components, coded 4:2:0 by the reference server
(libjpeg's defaults, quality 85 for images, 20 to 80 for video). The decoded colour depends on how the decoder computes:

==============================  ===================  ==================  ==========================================
who                             inverse DCT          chroma              here
==============================  ===================  ==================  ==========================================
reference client, images        accurate integer     fancy (triangular)  ``decode(data)``
reference client, MJPEG         fast integer         replicated          ``decode(data, fast=True)``
reference server, images        accurate integer     4:2:0               ``encode(pixels, quality)``
reference server, MJPEG         fast integer         4:2:0               ``encode(pixels, quality, fast=True)``
==============================  ===================  ==================  ==========================================

Client and server use libjpeg-turbo as a rule, and so do ``simplejpeg`` and Pillow, which are imported on use: decoded
pictures were compared with libjpeg-turbo 2.1.5 under the reference client's settings, both rows of the table, and are
equal bit for bit; so are the streams of the encoder with the server's settings. (simplejpeg cannot ask for the accurate
forward transform below quality 96, hence Pillow.) A peer with libjpeg 7 to 9 scales chroma differently, and single
values differ by a few steps.

What a stream announces is read by :mod:`spiceproto.codecs.jpeg_stream`. Damage that libjpeg would only warn about is an
error here: the reference client shows uninitialised memory for a picture that is cut short.

Sources: ``src/decode-jpeg.c`` and ``src/channel-display-mjpeg.c`` of spice-gtk; ``server/jpeg-encoder.c`` and
``server/mjpeg-encoder.c`` of spice-server.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras
from spiceproto.codecs import bitmap
from spiceproto.codecs.jpeg_stream import DHT, DQT, SCANS, Header, Octets, Segment, header, segments
from spiceproto.errors import LocalError, RemoteError

__all__ = ["DHT", "DQT", "IMAGE_QUALITY", "SCANS", "Header", "Segment", "decode", "encode", "header", "segments"]

IMAGE_QUALITY: Final = 85
"""What the reference server uses for images."""

COLOUR: Final = np.uint32(0x00FFFFFF)


def decode(data: Octets, width: int | None = None, height: int | None = None, *, fast: bool = False) -> NDArray[np.uint32]:
    """The picture as ``uint32 (h, w)`` 0x00RRGGBB, top row first.

    ``width`` and ``height``, the image descriptor's, must agree with the stream when given. ``fast`` computes as the
    reference client does for video.

    :raises RemoteError: as :func:`header`; damaged or short data; another size than given.
    :raises LimitError: as :func:`header`.
    """
    found = header(data)
    simplejpeg: Any = extras.load("simplejpeg", "JPEG")
    if (width is not None and width != found.width) or (height is not None and height != found.height):
        raise RemoteError(
            "the JPEG picture has another size than the image",
            expected=f"{width}x{height}",
            actual=f"{found.width}x{found.height}",
        )
    octets = np.empty((found.height, found.width, 4), np.uint8)
    try:
        simplejpeg.decode_jpeg(data, "BGRX", fastdct=fast, fastupsample=fast, buffer=octets, strict=True)
    except (ValueError, MemoryError, OverflowError) as error:
        raise RemoteError("broken JPEG picture", actual=str(error)) from error
    pixels: NDArray[np.uint32] = octets.reshape(found.height, -1).view("<u4").astype(np.uint32, copy=False)
    # The library leaves 255 in the unused byte.
    np.bitwise_and(pixels, COLOUR, out=pixels)
    return pixels


def encode(pixels: NDArray[Any], quality: int = IMAGE_QUALITY, *, fast: bool = False) -> bytes:
    """A JPEG picture of ``uint32 (h, w)`` 0x--RRGGBB or ``uint16 (h, w)`` x1r5g5b5, top row first; the top byte does
    not count. ``quality`` is libjpeg's, 1 to 100; ``fast`` transforms as the reference server does for video (from
    96 up the library insists on the accurate transform).

    :raises LocalError: another dtype or shape, sides above 65500, quality out of range.
    """
    if not 1 <= quality <= 100:
        raise LocalError("JPEG quality", expected="1 to 100", actual=str(quality))
    if pixels.ndim != 2 or not pixels.size or pixels.dtype not in (np.uint32, np.uint16) or max(pixels.shape) > 65500:
        raise LocalError("not a picture", expected="uint32 or uint16 (height, width)", actual=f"{pixels.dtype} {pixels.shape}")
    if pixels.dtype == np.uint16:
        pixels = bitmap.widen(pixels)
    words = np.ascontiguousarray(pixels.astype("<u4", copy=False))
    height, width = words.shape
    if fast:
        simplejpeg: Any = extras.load("simplejpeg", "JPEG")
        coded: bytes = simplejpeg.encode_jpeg(
            words.view(np.uint8).reshape(height, width, 4), quality, "BGRX", "420", fastdct=True
        )
        return coded
    pillow: Any = extras.load("PIL.Image", "JPEG")
    stream = io.BytesIO()
    picture = pillow.frombuffer("RGB", (width, height), words, "raw", "BGRX", 0, 1)
    picture.save(stream, "JPEG", quality=quality, subsampling="4:2:0")
    return stream.getvalue()
