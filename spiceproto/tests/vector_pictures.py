"""What the golden images show, and how their pixels lie in files.

A picture is made from integers alone, so that it is the same everywhere and with every version of every library:
``picture(content, width, height)`` gives ``int64 (height, width, 4)`` red, green, blue, alpha from 0 to 255.

=========  ============================================================================================
solid      one colour, half transparent: the longest runs
gradient   red rises to the right, green downwards, blue and alpha along the diagonal
text       dark signs of a small alphabet on white, with lines that repeat: short matches, runs
photo      soft waves with a little grain: what predictive coding is for
noise      no two pixels alike: literals
mixed      noise, text, a plain area, and the first rows again at the bottom: matches from far away
=========  ============================================================================================
"""

from __future__ import annotations

import hashlib
import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTENTS", "DTYPES", "MASKS", "as_format", "digest", "from_file", "picture", "png", "raw"]

CONTENTS: Final = ("solid", "gradient", "text", "photo", "noise", "mixed")

DTYPES: Final[dict[str, Any]] = {
    "GRAY8": np.uint8,
    "A8": np.uint8,
    "INDEX8": np.uint8,
    "X1R5G5B5": np.uint16,
    "X8R8G8B8": np.uint32,
    "A8R8G8B8": np.uint32,
}
"""Pixel formats of the expected pictures, and the integer that a pixel is."""

MASKS: Final[dict[str, int]] = {
    "GRAY8": 0xFF,
    "A8": 0xFF,
    "INDEX8": 0xFF,
    "X1R5G5B5": 0x7FFF,
    "X8R8G8B8": 0xFFFFFF,
    "A8R8G8B8": 0xFFFFFFFF,
}
"""The bits of a pixel that mean something."""

_SIGN: Final = 6  # columns and rows of a sign of the text, its margin included


def _dice(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """32 bits for each number, that look random."""
    value = numbers.astype(np.uint64) + np.uint64(0x9E3779B9)
    for factor, shift in ((0x85EBCA6B, 16), (0xC2B2AE35, 13), (0x27D4EB2F, 15)):
        value = (value ^ value >> np.uint64(shift)) * np.uint64(factor) & np.uint64(0xFFFFFFFF)
    return (value ^ value >> np.uint64(16)).astype(np.int64)


def _wave(phase: NDArray[np.int64]) -> NDArray[np.int64]:
    """A wave of 256 steps from 0 to 252, made of parabolas."""
    step = phase % 256
    rising = np.minimum(step, 255 - step)  # 0 to 127
    return np.where(rising < 64, rising * rising // 32, 252 - (127 - rising) * (127 - rising) // 32)


def _text(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 where there is ink."""
    column, line = x // _SIGN, y // _SIGN
    sign = _dice(column + 1000 * (line % 3)) % 9  # every third line is the same
    ink = _dice(sign * 64 + y % _SIGN * 8 + x % _SIGN) >> 5 & 1
    return ink * (x % _SIGN < _SIGN - 1) * (y % _SIGN < _SIGN - 1) * (sign > 0)


def picture(content: str, width: int, height: int) -> NDArray[np.int64]:
    """See the top of this file."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    place = y * width + x
    if content == "solid":
        planes = [np.full_like(x, value) for value in (0x33, 0x66, 0x99, 0x80)]
    elif content == "gradient":
        red, green = x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1)
        both = (x + y) * 255 // max(width + height - 2, 1)
        planes = [red, green, 255 - both, both]
    elif content == "text":
        ink = _text(x, y)
        colour = _dice(y // _SIGN % 3) & 0x7F7F7F
        planes = [np.where(ink, colour >> shift & 255, 255) for shift in (16, 8, 0)]
        planes.append(np.where(ink, 255, 96))
    elif content == "photo":
        grain = _dice(place) & 3
        planes = [
            _wave(5 * x + 3 * y + 40) + grain,
            _wave(3 * x - 4 * y + 90) + (grain ^ 1),
            _wave(2 * x + 7 * y) + (grain ^ 3),
            _wave(6 * x + y + 128) + grain,
        ]
    elif content == "noise":
        planes = [_dice(4 * place + plane) >> 7 & 255 for plane in range(4)]
    elif content == "mixed":
        whole = picture("text", width, height)
        rows = max(height // 40, 1)
        whole[: 2 * rows] = picture("noise", width, 2 * rows)
        whole[height // 3 : height // 2, width // 4 :] = picture("solid", 1, 1)
        whole[-2 * rows :] = whole[: 2 * rows]
        return whole
    else:
        raise ValueError(content)
    return np.stack(planes, axis=-1)


def as_format(colours: NDArray[np.int64], format: str, *, palette_size: int = 256) -> NDArray[Any]:
    """The picture in a pixel format; for INDEX8, indices below ``palette_size``; A8R8G8B8 is premultiplied."""
    red, green, blue, alpha = (colours[..., plane] for plane in range(4))
    if format == "GRAY8":
        values = (77 * red + 150 * green + 29 * blue) >> 8
    elif format == "A8":
        values = alpha
    elif format == "INDEX8":
        values = ((red >> 5 << 5 | green >> 5 << 2 | blue >> 6) * palette_size) >> 8
    elif format == "X1R5G5B5":
        values = red >> 3 << 10 | green >> 3 << 5 | blue >> 3
    elif format == "X8R8G8B8":
        values = red << 16 | green << 8 | blue
    else:
        red, green, blue = (plane * alpha // 255 for plane in (red, green, blue))
        values = alpha << 24 | red << 16 | green << 8 | blue
    return np.ascontiguousarray(values.astype(DTYPES[format]))


def raw(pixels: NDArray[Any], format: str) -> bytes:
    """The bytes of a ``.pixels`` file: little-endian integers, top row first, meaningless bits zero."""
    dtype = np.dtype(DTYPES[format])
    data: bytes = (pixels & dtype.type(MASKS[format])).astype(dtype.newbyteorder("<")).tobytes()
    return data


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def png(pixels: NDArray[Any], format: str) -> bytes:
    """The same picture as a PNG: colour type 0 for one byte a pixel, 2 for X8R8G8B8, 6 for A8R8G8B8."""
    from PIL import Image

    if DTYPES[format] is np.uint8:
        image = Image.fromarray(pixels)
    else:
        planes = [(pixels >> shift & 255).astype(np.uint8) for shift in (16, 8, 0, 24)]
        image = Image.fromarray(np.stack(planes[: 4 if format == "A8R8G8B8" else 3], axis=-1))
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def from_file(data: bytes, png_file: bool, format: str, width: int, height: int) -> NDArray[Any]:
    """The picture in a ``.pixels`` or ``.png`` file."""
    dtype = np.dtype(DTYPES[format])
    if not png_file:
        return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype).reshape(height, width)
    from PIL import Image

    planes = np.asarray(Image.open(io.BytesIO(data))).astype(dtype)
    if dtype == np.uint8:
        return planes.reshape(height, width)
    pixels: NDArray[Any] = planes[..., 0] << dtype.type(16) | planes[..., 1] << dtype.type(8) | planes[..., 2]
    if format == "A8R8G8B8":
        pixels |= planes[..., 3] << dtype.type(24)
    return pixels.reshape(height, width)
