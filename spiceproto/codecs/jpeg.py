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

The stream is looked through before the library sees it, because what it announces is what will be allocated: the frame
header gives the size, and the number of scans bounds the work (a progressive stream can ask for a pass over the whole
picture with a few bytes). Damage that libjpeg would only warn about is an error here: the reference client shows
uninitialised memory for a picture that is cut short.

Sources: ITU-T T.81 B.1 and B.2; ``src/decode-jpeg.c`` and ``src/channel-display-mjpeg.c`` of spice-gtk;
``server/jpeg-encoder.c`` and ``server/mjpeg-encoder.c`` of spice-server.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto import limits
from spiceproto.codecs import bitmap
from spiceproto.errors import LimitError, LocalError, RemoteError

__all__ = ["IMAGE_QUALITY", "SCANS", "Header", "Segment", "decode", "encode", "header", "segments"]

Octets = bytes | bytearray | memoryview

IMAGE_QUALITY: Final = 85
"""What the reference server uses for images."""

SCANS: Final = 64
"""Most scans of one picture. The reference server writes 1, usual progressive scripts 10."""

SOI, EOI, SOS, DHT, DQT, TEM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0x01
STANDALONE: Final = frozenset({TEM, SOI, *range(0xD0, 0xD8)})
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, 0xCC}

COLOUR: Final = np.uint32(0x00FFFFFF)


class Segment(NamedTuple):
    """A marker segment: ``data[start:end]`` begins with the marker's 0xFF byte."""

    marker: int
    start: int
    end: int


class Header(NamedTuple):
    """What the frame header says; ``sof`` is 0 for baseline, 1 extended sequential, 2 progressive, ..."""

    width: int
    height: int
    components: int
    sof: int


def segments(data: Octets) -> Iterator[Segment]:
    """The marker segments up to and with the first SOS, whose entropy-coded data are not looked at.

    :raises RemoteError: no JPEG, or it ends before SOS.
    """
    if len(data) < 2 or data[0] != 0xFF or data[1] != SOI:
        raise RemoteError("not a JPEG stream", offset=0, expected="ff d8", actual=bytes(data[:2]).hex(" "))
    offset = 2
    while True:
        start = offset
        while offset + 1 < len(data) and data[offset] == 0xFF and data[offset + 1] == 0xFF:
            offset += 1
        if offset + 1 >= len(data):
            raise RemoteError("the JPEG stream ends before its first scan", offset=start)
        if data[offset] != 0xFF or not data[offset + 1]:
            raise RemoteError("no JPEG marker", offset=offset, expected="ff", actual=f"{data[offset]:02x}")
        marker = data[offset + 1]
        offset += 2
        if marker == EOI:
            raise RemoteError("a JPEG stream without a picture", offset=start)
        if marker in STANDALONE:
            continue
        length = int.from_bytes(data[offset : offset + 2], "big")
        if length < 2 or len(data) - offset < length:
            raise RemoteError(
                "a JPEG segment runs past the end", offset=start, expected=f"{length} bytes",
                actual=f"{len(data) - offset} bytes",
            )
        offset += length
        yield Segment(marker, start, offset)
        if marker == SOS:
            return


def header(data: Octets) -> Header:
    """Size and kind of the picture, within limits; nothing is decoded.

    :raises RemoteError: no JPEG, no frame header before the first scan, not 8 bits a sample, not 1 or 3 components, no
        pixels.
    :raises LimitError: more than :data:`spiceproto.limits.IMAGE_PIXELS` pixels, or than :data:`SCANS` scans.
    """
    found: Header | None = None
    for marker, start, end in segments(data):
        if marker not in FRAMES:
            continue
        if found is not None:
            raise RemoteError("a second JPEG frame header", offset=start)
        body = bytes(data[start:end]).lstrip(b"\xff")[3:]
        if len(body) < 6:
            raise RemoteError("the JPEG frame header is cut short", offset=start)
        precision, components = body[0], body[5]
        found = Header(
            int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"), components, marker - 0xC0
        )
        if precision != 8 or components not in (1, 3):
            raise RemoteError(
                "a kind of JPEG that SPICE does not use", offset=start, expected="8 bits, 1 or 3 components",
                actual=f"{precision} bits, {components} components",
            )
        if not found.width or not found.height:
            raise RemoteError("a JPEG picture without pixels", offset=start)
        if found.width * found.height > limits.IMAGE_PIXELS:
            raise LimitError(
                "JPEG picture too large", offset=start, expected=f"at most {limits.IMAGE_PIXELS} pixels",
                actual=f"{found.width}x{found.height}",
            )
    if found is None:
        raise RemoteError("a JPEG scan before any frame header")
    # 0xff is followed by zero in coded data, so this counts every scan and at worst a few bytes of comments.
    if bytes(data).count(bytes((0xFF, SOS))) > SCANS:
        raise LimitError("too many JPEG scans", expected=f"at most {SCANS}")
    return found


def decode(
    data: Octets, width: int | None = None, height: int | None = None, *, fast: bool = False
) -> NDArray[np.uint32]:
    """The picture as ``uint32 (h, w)`` 0x00RRGGBB, top row first.

    ``width`` and ``height``, the image descriptor's, must agree with the stream when given. ``fast`` computes as the
    reference client does for video.

    :raises RemoteError: as :func:`header`; damaged or short data; another size than given.
    :raises LimitError: as :func:`header`.
    """
    import simplejpeg

    found = header(data)
    if (width is not None and width != found.width) or (height is not None and height != found.height):
        raise RemoteError(
            "the JPEG picture has another size than the image", expected=f"{width}x{height}",
            actual=f"{found.width}x{found.height}",
        )
    octets = np.empty((found.height, found.width, 4), np.uint8)
    try:
        simplejpeg.decode_jpeg(
            data, "BGRX", fastdct=fast, fastupsample=fast, buffer=octets, strict=True
        )
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
        raise LocalError(
            "not a picture", expected="uint32 or uint16 (height, width)", actual=f"{pixels.dtype} {pixels.shape}"
        )
    if pixels.dtype == np.uint16:
        pixels = bitmap.widen(pixels)
    words = np.ascontiguousarray(pixels.astype("<u4", copy=False))
    height, width = words.shape
    if fast:
        import simplejpeg

        coded: bytes = simplejpeg.encode_jpeg(
            words.view(np.uint8).reshape(height, width, 4), quality, "BGRX", "420", fastdct=True
        )
        return coded
    from PIL import Image

    stream = io.BytesIO()
    picture = Image.frombuffer("RGB", (width, height), words, "raw", "BGRX", 0, 1)
    picture.save(stream, "JPEG", quality=quality, subsampling="4:2:0")
    return stream.getvalue()
