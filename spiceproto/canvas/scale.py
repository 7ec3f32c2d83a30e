"""Sampling: the pixels of an image seen through an affine map, to the last bit as pixman computes them.

A map takes the centre of a drawn pixel to a point of the source. All of it is 16.16 fixed point: the row vector
``(column + 1/2, row + 1/2, 1)`` times the matrix, rounded to the nearest 1/65536, halves up. Then

NEAREST    takes the pixel that the point is in; a point exactly between two belongs to the left, or upper, one
BILINEAR   mixes the four pixels around the point with weights of 7 bits, and cuts off what is behind the integer

In floating point, for the operators that divide (:func:`sample_wide`), the weights have 16 bits and nothing is cut off.

The repeat says what is outside of the source: nothing (transparent), copies, the border's pixels, mirrored copies.
INTERPOLATE of the protocol is pixman's GOOD, which is BILINEAR whatever the factor; nothing is averaged when an image
shrinks.

:func:`between` makes the map of commands that draw one rectangle of an image into another. The factor is the quotient
of the sizes cut to 16.16, and the origin is the source rectangle's corner. DRAW_ROP3 is the exception
(:func:`between_rop3`): it computes in floating point and rounds the origin to whole *drawn* pixels.

pixman refuses maps that leave 16.16 (sources beyond 32767 pixels); here the numbers are wide enough, and the sizes of
images are bounded.

Source: ``__scale_image`` in ``common/sw_canvas.c``, ``canvas_scale_surface`` in ``common/canvas_base.c``; pixman's
``pixman-matrix.c``, ``pixman-bits-image.c``, ``pixman-inlines.h``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import wide
from spiceproto.enums.display import ImageScaleMode

__all__ = [
    "IDENTITY",
    "Filter",
    "Map",
    "Repeat",
    "between",
    "between_rop3",
    "filter_of",
    "is_inside",
    "sample",
    "sample_wide",
    "strips",
]

ONE: Final = 1 << 16
HALF: Final = ONE >> 1
WEIGHT_BITS: Final = 7
STRIP: Final = 1 << 18
"""Pixels that are computed at once: bounds the memory of the intermediate values."""

REACH: Final = 1 << 46
"""Largest absolute coordinate, in 1/65536: far beyond any surface, and products of it stay exact."""


class Filter(IntEnum):
    """How a point becomes a pixel; the numbers of pixman_filter_t that need no parameters."""

    FAST = 0
    GOOD = 1
    BEST = 2
    NEAREST = 3
    BILINEAR = 4


class Repeat(IntEnum):
    """What is outside of the source; the numbers of pixman_repeat_t."""

    NONE = 0
    NORMAL = 1
    PAD = 2
    REFLECT = 3


class Map(NamedTuple):
    """Two rows of an affine matrix in 16.16 fixed point: source x is ``xx x + xy y + x0``, source y likewise."""

    xx: int
    xy: int
    x0: int
    yx: int
    yy: int
    y0: int


IDENTITY: Final = Map(ONE, 0, 0, 0, ONE, 0)


def filter_of(scale_mode: int) -> Filter:
    """The filter of a ``scale_mode``.

    :raises DrawError: BAD_COMMAND; the reference client draws nothing then.
    """
    if scale_mode == ImageScaleMode.NEAREST:
        return Filter.NEAREST
    if scale_mode == ImageScaleMode.INTERPOLATE:
        return Filter.GOOD
    raise DrawError(ProblemCode.BAD_COMMAND, "unknown scale mode", path="scale_mode", expected="0 or 1", actual=str(scale_mode))


def _quotient(size: int, by: int) -> int:
    """C's division: towards zero."""
    value = abs(size) * ONE // by
    return value if size >= 0 else -value


def between(source: Box, width: int, height: int) -> Map:
    """The map that draws the box ``source`` of an image as ``width`` x ``height`` pixels (both positive)."""
    return Map(_quotient(source.width, width), 0, source.left * ONE, 0, _quotient(source.height, height), source.top * ONE)


def between_rop3(source: Box, width: int, height: int) -> Map:
    """The map that DRAW_ROP3 uses instead of :func:`between`.

    :raises DrawError: BAD_COMMAND if the source is empty.
    """
    if source.width == 0 or source.height == 0:
        raise DrawError(ProblemCode.BAD_COMMAND, "nothing to scale", path="src_area", actual=repr(tuple(source)))
    x, y = source.width / width, source.height / height
    xx, yy = int(x * ONE), int(y * ONE)
    return Map(xx, 0, xx * math.floor(source.left / x + 0.5), 0, yy, yy * math.floor(source.top / y + 0.5))


def _points(map: Map, box: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Source coordinates of the centres of the pixels in a box, in 1/65536: arrays that broadcast to ``(h, w)``."""
    columns = np.arange(box.left, box.right, dtype=np.int64)[None, :]
    rows = np.arange(box.top, box.bottom, dtype=np.int64)[:, None]
    out: list[NDArray[np.int64]] = []
    for along, across, origin, straight, other in (
        (map.xx, map.xy, map.x0, columns, rows),
        (map.yy, map.yx, map.y0, rows, columns),
    ):
        point = straight * along + (origin + (along + across + 1 >> 1))
        if across:
            point = point + other * across
        out.append(np.clip(point, -REACH, REACH))
    return out[0], out[1]


def _inside(index: NDArray[np.int64], size: int, repeat: int) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    """Indices that are valid, and where they count (None: everywhere)."""
    if repeat == Repeat.NORMAL:
        return index % size, None
    if repeat == Repeat.REFLECT:
        index = index % (2 * size)
        return np.where(index < size, index, 2 * size - 1 - index), None
    kept = np.clip(index, 0, size - 1)
    if repeat == Repeat.PAD or (int(index.min()) >= 0 and int(index.max()) < size):
        return kept, None
    return kept, kept == index


def _picked(pixels: NDArray[np.uint32], x: NDArray[np.int64], y: NDArray[np.int64], repeat: int) -> NDArray[np.uint32]:
    height, width = pixels.shape
    columns, some_columns = _inside(x, width, repeat)
    rows, some_rows = _inside(y, height, repeat)
    out = pixels[rows, columns]
    for some in (some_columns, some_rows):
        if some is not None:
            out *= some
    return out


def sample(pixels: NDArray[np.uint32], map: Map, box: Box, filter: int, repeat: int = Repeat.NONE) -> NDArray[np.uint32]:
    """What the pixels of ``box`` show of a source ``uint32 (h, w)`` 0xAARRGGBB: an array of the box's size.

    The box is in drawn pixels, counted from where the map counts them. Outside of the source is 0 without repeat.
    """
    kind = _nearest if filter in (Filter.FAST, Filter.NEAREST) else _bilinear
    if box.width * box.height <= STRIP:
        return kind(pixels, map, box, repeat)
    out = np.empty((box.height, box.width), np.uint32)
    for strip in strips(box):
        out[strip.top - box.top : strip.bottom - box.top] = kind(pixels, map, strip, repeat)
    return out


def strips(box: Box) -> Iterator[Box]:
    """A box in pieces as wide as it is and of about :data:`STRIP` pixels."""
    rows = max(1, STRIP // box.width)
    for top in range(box.top, box.bottom, rows):
        yield Box(box.left, top, box.right, min(top + rows, box.bottom))


def _nearest(pixels: NDArray[np.uint32], map: Map, box: Box, repeat: int) -> NDArray[np.uint32]:
    x, y = _points(map, box)
    return _picked(pixels, x - 1 >> 16, y - 1 >> 16, repeat)


def _bilinear(pixels: NDArray[np.uint32], map: Map, box: Box, repeat: int) -> NDArray[np.uint32]:
    x, y = _points(map, box)
    x, y = x - HALF, y - HALF
    full = 1 << WEIGHT_BITS
    right = (x >> 16 - WEIGHT_BITS & full - 1).astype(np.uint32)
    lower = (y >> 16 - WEIGHT_BITS & full - 1).astype(np.uint32)
    left, upper = full - right, full - lower
    x, y = x >> 16, y >> 16
    total = np.zeros((box.height, box.width, 4), np.uint32)
    for dx, dy, weight in ((0, 0, left * upper), (1, 0, right * upper), (0, 1, left * lower), (1, 1, right * lower)):
        if weight.any():
            corner: NDArray[Any] = np.ascontiguousarray(_picked(pixels, x + dx, y + dy, repeat))
            total += corner.view(np.uint8).reshape(box.height, box.width, 4) * weight[:, :, None]
    total >>= 2 * WEIGHT_BITS
    return np.ascontiguousarray(total.astype(np.uint8)).view(np.uint32).reshape(box.height, box.width)


def is_inside(map: Map, box: Box, filter: int, width: int, height: int) -> bool:
    """Whether the pixels of a box show nothing of what is outside of a source."""
    x, y = _points(map, box)
    before, after = (1, 0) if filter in (Filter.FAST, Filter.NEAREST) else (HALF, 1)
    return all(
        int(point.min()) - before >> 16 >= 0 and (int(point.max()) - before >> 16) + after < size
        for point, size in ((x, width), (y, height))
    )


def sample_wide(
    pixels: NDArray[np.uint32], format: int, map: Map, box: Box, filter: int, repeat: int = Repeat.NONE
) -> NDArray[np.float32]:
    """As :func:`sample`, as planes ``float32 (4, h, w)`` of the source's format (:func:`spiceproto.canvas.surface.wide`)."""
    if filter in (Filter.FAST, Filter.NEAREST):
        return wide(format, _nearest(pixels, map, box, repeat))
    x, y = _points(map, box)
    x, y = x - HALF, y - HALF
    right, lower = ((part & ONE - 1).astype(np.float32) / np.float32(ONE) for part in (x, y))
    left, upper = np.float32(1) - right, np.float32(1) - lower
    x, y = x >> 16, y >> 16
    out = np.zeros((4, box.height, box.width), np.float32)
    for dx, dy, weight in ((0, 0, left * upper), (1, 0, right * upper), (0, 1, left * lower), (1, 1, right * lower)):
        out += wide(format, _picked(pixels, x + dx, y + dy, repeat)) * weight
    return out
