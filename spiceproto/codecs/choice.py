"""Which image type the server sends: the reference server's automatic choice of compression, as pure functions.

Two questions. :func:`graduality` asks of a picture whether its colours change softly, as in a photograph, where QUIC
(or JPEG) wins, or in hard steps, as in text and user interfaces, where LZ and GLZ win. :func:`choose` asks, with that
and what the client and the administrator allow, for the image type.

Graduality
----------

The picture is sampled: start at pixel ``width // 2`` of the rows *as they lie in memory* and go on by 15 pixels (14
where 15 is a multiple of the width), running over row ends, until the last row; a sample that falls on the last column
moves one pixel to the left, and the walk continues from there. Each sample compares its pixel with the right, the lower
and the lower right neighbour:

=============================================  =====
pair                                           score
=============================================  =====
equal                                          +0.5
a channel differs by the threshold or more     +1
anything else                                  -0.25
=============================================  =====

A sample whose four pixels are equal scores 0 instead of 1.5. The mean over pairs (three a sample, flat ones included)
is the score: strictly below -0.03 (16 bits: 0) HIGH, below 0.002 MEDIUM, else LOW. The threshold is 60 of 255, or 8 of
31. One row or one column scores 1. The server scores every chunk of guest memory for itself and adds up; pass
``rows_per_chunk`` for that.

MEDIUM matters to the detection of video, not to the choice of compression.

Choice
------

In this order (``stride * height`` counts as size; LZ, GLZ and LZ4 need rows without padding):

1. below 54 bytes, or OFF, or a Unix socket (:class:`Conditions` ``local``), or a mask: BITMAP;
2. QUIC asked for: QUIC if it can, else BITMAP;
3. AUTO_GLZ, AUTO_LZ: QUIC if it can and graduality is HIGH or LZ cannot, else GLZ, LZ;
4. GLZ without a drawable (whole surfaces), for 8BIT_A or palettes, or of a picture not smaller than the dictionary: LZ;
5. LZ4 for palettes, or a client without the capability: LZ;
6. wherever QUIC came out, lossy coding is allowed and JPEG is on: JPEG, or JPEG_ALPHA for RGBA.

QUIC can: no palette, 3x3 pixels at least. The type is what is tried: when the result is larger than ``stride * height``
the server sends a BITMAP after all.

Deviations: the server would send 8BIT_A as LZ4, which its own client does not decode: here it goes as LZ. The server
ends in an assertion for a palette format without a palette: here that is a BITMAP. It compresses nothing but QUIC from
memory that the guest may still write to: there is no such memory here. It reads rows with padding as if they
had none when it samples: here padding never counts.

Sources: ``server/spice-bitmap-utils.tmpl.c``, ``server/spice-bitmap-utils.c``, ``server/dcc.cpp``,
``server/dcc-send.cpp``, ``server/image-encoders.cpp`` of spice-server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.codecs import bitmap, tier
from spiceproto.enums.display import ImageCompression
from spiceproto.enums.image import BitmapFmt, ImageType
from spiceproto.errors import LocalError

__all__ = ["Conditions", "Level", "choose", "graduality", "has_graduality", "score"]

SMALLEST: Final = 54
"""Bytes below which nothing is compressed."""

SMALLEST_QUIC: Final = 3
"""Least width and height for QUIC."""

JUMP: Final = 15

CONTRAST: Final = {5: 8, 8: 60}
"""Least difference of one channel that counts as an edge, by bits a channel."""

HIGH: Final = {5: 0.0, 8: -0.03}
MEDIUM: Final = 0.002

ROUTES: Final = {
    ImageCompression.LZ: ImageType.LZ_RGB,
    ImageCompression.GLZ: ImageType.GLZ_RGB,
    ImageCompression.LZ4: ImageType.LZ4,
}


class Level(IntEnum):
    """How softly colours change, ``BITMAP_GRADUAL_*`` of the reference server."""

    LOW = 2
    MEDIUM = 3
    HIGH = 4


def has_graduality(format: int) -> bool:
    """Whether the format has colours that can be compared: 16BIT, 24BIT, 32BIT, RGBA."""
    return BitmapFmt._16BIT <= format <= BitmapFmt.RGBA


def _samples(width: int, rows: int) -> NDArray[np.int64]:
    """Where the walk stops, as pixel numbers.

    The column alone decides the next step, so the walk is periodic after at most ``width`` steps: the period is walked
    once and repeated.
    """
    jump = JUMP if JUMP % width else JUMP - 1
    end = (rows - 1) * width
    seen: dict[int, int] = {}
    stops: list[int] = []
    position = width // 2
    while position < end:
        if position % width == width - 1:
            position -= 1
        column = position % width
        if column in seen:
            first = seen[column]
            period = np.array(stops[first:], np.int64)
            span = position - stops[first]
            times = -(-(end - int(period[0])) // span) + 1
            repeated = (period[None, :] + span * np.arange(times, dtype=np.int64)[:, None]).ravel()
            walk = np.concatenate((np.array(stops[:first], np.int64), repeated))
            # The reference looks at the end before it moves a stop to the left; it makes no difference, as the end is
            # a first column.
            return walk[walk < end]
        seen[column] = len(stops)
        stops.append(position)
        position += jump
    return np.array(stops, np.int64)


def score(pixels: NDArray[Any], *, top_down: bool = True, rows_per_chunk: int | None = None) -> float:
    """The mean score of the sampled pairs, -0.25 (soft everywhere) to 1 (nothing but edges).

    ``pixels`` is ``(h, w)``, top row first: ``uint16`` x1r5g5b5 or ``uint32`` 0x--RRGGBB, whose top byte does not
    count. ``top_down`` is the order of rows in memory, ``rows_per_chunk`` the rows of each chunk of memory.

    :raises LocalError: another dtype or shape.
    """
    if pixels.ndim != 2 or not pixels.size or pixels.dtype not in (np.uint16, np.uint32):
        raise LocalError("not a picture", expected="uint32 or uint16 (height, width)", actual=f"{pixels.dtype} {pixels.shape}")
    if rows_per_chunk is not None and rows_per_chunk < 1:
        raise LocalError("rows_per_chunk", expected="at least 1", actual=str(rows_per_chunk))
    if not top_down:
        pixels = pixels[::-1]
    height = pixels.shape[0]
    step = rows_per_chunk or height
    total, pairs = 0.0, 0
    for start in range(0, height, step):
        chunk_total, chunk_pairs = _chunk_score(pixels[start : start + step])
        total += chunk_total
        pairs += chunk_pairs
    return total / pairs


def _chunk_score(pixels: NDArray[Any]) -> tuple[float, int]:
    rows, width = pixels.shape
    if rows < 2 or width < 2:
        return 1.0, 1
    bits = 5 if pixels.dtype == np.uint16 else 8
    if tier.compiled():
        kernels = tier.kernels("graduality", 0)
        samples = np.zeros(1, np.int64)
        walked = np.require(pixels, requirements=["C", "A", "W"])  # the one type that the kernel is compiled for
        total = kernels.quarters(kernels.view(walked), width, rows, bits, CONTRAST[bits], samples)
        return total / 4, 3 * int(samples[0])
    mask = (1 << bits) - 1
    stops = _samples(width, rows)
    flat = pixels.ravel()
    here = flat[stops].astype(np.int32)
    edge = np.zeros((3, stops.size), bool)
    different = np.zeros((3, stops.size), bool)
    for pair, offset in enumerate((1, width, width + 1)):
        there = flat[stops + offset].astype(np.int32)
        for shift in (0, bits, 2 * bits):
            difference = (here >> shift & mask) - (there >> shift & mask)
            different[pair] |= difference != 0
            edge[pair] |= np.abs(difference) >= CONTRAST[bits]
    uneven = different.any(axis=0)
    # In quarters, where every score is a whole number.
    quarters = np.where(edge, 4, np.where(different, -1, 2)).sum(axis=0)
    return int(quarters[uneven].sum()) / 4, 3 * stops.size


def graduality(pixels: NDArray[Any], *, top_down: bool = True, rows_per_chunk: int | None = None) -> Level:
    """How softly the colours of a picture change; parameters and errors as :func:`score`."""
    mean = score(pixels, top_down=top_down, rows_per_chunk=rows_per_chunk)
    if mean < HIGH[5 if pixels.dtype == np.uint16 else 8]:
        return Level.HIGH
    return Level.MEDIUM if mean < MEDIUM else Level.LOW


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the choice depends on besides the picture.

    ``preferred``       the server's setting, or what the client asked for last
    ``lossy``           this command may lose detail (the raster operation is a plain copy, not a whole surface)
    ``jpeg``            jpeg-wan-compression is in force
    ``lz4``             the client announced LZ4_COMPRESSION
    ``drawable``        the picture belongs to a drawing command, not to a whole surface
    ``dictionary``      pixels the GLZ dictionary holds
    ``zlib_glz``        zlib-glz-wan-compression is in force: GLZ goes as ZLIB_GLZ_RGB
    ``local``           the client is on a Unix socket
    """

    preferred: int = ImageCompression.AUTO_GLZ
    lossy: bool = False
    jpeg: bool = False
    lz4: bool = False
    drawable: bool = True
    dictionary: int = 1 << 22
    zlib_glz: bool = False
    local: bool = False


def choose(
    format: int,
    width: int,
    height: int,
    stride: int,
    conditions: Conditions,
    level: Callable[[], Level] | Level = Level.LOW,
    *,
    palette: bool = True,
) -> ImageType:
    """The image type to try first for a bitmap of ``format``, ``width`` x ``height`` pixels and ``stride`` bytes a row.

    ``level`` is the picture's :func:`graduality`, or a function that works it out when it is needed. ``palette`` says
    whether an indexed format has one (masks have none). A ZLIB_GLZ_RGB of less than 100 bytes is sent as GLZ_RGB: that
    is known after coding only, and left to the caller.

    :raises LocalError: unknown format or preference.
    """
    layout = bitmap.LAYOUTS.get(format)
    if layout is None:
        raise LocalError("unknown bitmap format", expected="1 to 10", actual=str(format))
    preferred = conditions.preferred
    if not ImageCompression.OFF <= preferred <= ImageCompression.LZ4:
        raise LocalError("unknown compression", expected="1 to 7", actual=str(preferred))

    if height * stride < SMALLEST or preferred == ImageCompression.OFF or conditions.local:
        return ImageType.BITMAP
    if layout.indexed and not palette:
        return ImageType.BITMAP

    unpadded = stride <= bitmap.row_size(format, width)
    quic = not layout.indexed and width >= SMALLEST_QUIC and height >= SMALLEST_QUIC
    if preferred in (ImageCompression.AUTO_GLZ, ImageCompression.AUTO_LZ):
        if quic and (not unpadded or (has_graduality(format) and _resolved(level) is Level.HIGH)):
            preferred = ImageCompression.QUIC
        else:
            preferred = ImageCompression.GLZ if preferred == ImageCompression.AUTO_GLZ else ImageCompression.LZ
    if preferred == ImageCompression.QUIC:
        return _gradual(format, conditions, unpadded) if quic else ImageType.BITMAP
    if not unpadded:
        return ImageType.BITMAP
    if layout.indexed:
        return ImageType.LZ_PLT
    if preferred == ImageCompression.GLZ and not (
        conditions.drawable and has_graduality(format) and width * height < conditions.dictionary
    ):
        preferred = ImageCompression.LZ
    if preferred == ImageCompression.LZ4 and not (conditions.lz4 and has_graduality(format)):
        preferred = ImageCompression.LZ
    if preferred == ImageCompression.GLZ and conditions.zlib_glz:
        return ImageType.ZLIB_GLZ_RGB
    return ROUTES[ImageCompression(preferred)]


def _resolved(level: Callable[[], Level] | Level) -> Level:
    return level if isinstance(level, Level) else level()


def _gradual(format: int, conditions: Conditions, unpadded: bool) -> ImageType:
    """QUIC, or JPEG in its place. 8BIT_A has neither; alpha goes through LZ, which cannot skip padding."""
    if not has_graduality(format):
        return ImageType.BITMAP
    if not (conditions.lossy and conditions.jpeg) or (format == BitmapFmt.RGBA and not unpadded):
        return ImageType.QUIC
    return ImageType.JPEG_ALPHA if format == BitmapFmt.RGBA else ImageType.JPEG
