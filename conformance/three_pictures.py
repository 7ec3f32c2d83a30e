"""A picture that is not as it should be, in three: what was expected, what was shown, and where the two differ.

They are small enough to be kept in the record of a case: of a large screen on which too much is to be seen, what is around the
pixels that differ is kept, and of that, if it has to be, each second, fourth, ... pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conformance.results import Picture
from spiceproto import png

__all__ = ["LARGEST", "three_pictures"]

LARGEST: Final = 1 << 18
"""Bytes of one file: three of them, in the letters of a record, are one MiB."""

_AROUND: Final = 16
"""Pixels around those that differ."""

_WHOLE: Final = 1 << 22
"""Pixels of a screen that is kept whole, if its file is small: no test waits for more to be packed."""

_Pixels = NDArray[np.uint8]
_Box = tuple[int, int, int, int]


def three_pictures(wanted: _Pixels, found: _Pixels) -> tuple[Picture, ...]:
    """Of pictures ``uint8 (h, w, 3)``, red first. Where their sizes differ there is no third one."""
    if wanted.shape != found.shape:
        pairs = [("expected", wanted), ("shown", found)]
        return tuple([_small(kind, picture) for kind, picture in pairs if picture.size])
    wrong = (wanted != found).any(axis=2)
    if not wrong.any():
        return ()
    marked = _marked(wanted, found)
    for box, step in _ways(wrong):
        left, top, right, bottom = box
        part = wanted[top:bottom, left:right], found[top:bottom, left:right], marked[top:bottom, left:right]
        files: list[bytes] = []
        for picture in (_each(part[0], step), _each(part[1], step), _brightest(part[2], step)):
            files.append(png.encode(picture))
            if len(files[-1]) > LARGEST:
                break
        else:
            break  # the last way has one pixel, and always fits
    kinds = ("expected", "shown", "difference")
    return tuple([Picture(kind, box, step, data) for kind, data in zip(kinds, files, strict=True)])


def _small(kind: str, picture: _Pixels) -> Picture:
    """A picture that has no other to be compared with."""
    height, width = picture.shape[:2]
    for step in _steps(width, height, width * height > _WHOLE):
        data = png.encode(_each(picture, step))
        if len(data) <= LARGEST:
            break
    return Picture(kind, (0, 0, width, height), step, data)


def _ways(wrong: NDArray[np.bool_]) -> Iterator[tuple[_Box, int]]:
    """Parts of the screen, and which pixels of them, from the most on."""
    height, width = wrong.shape
    rows, columns = np.nonzero(wrong)
    left, top = max(int(columns.min()) - _AROUND, 0), max(int(rows.min()) - _AROUND, 0)
    right, bottom = min(int(columns.max()) + 1 + _AROUND, width), min(int(rows.max()) + 1 + _AROUND, height)
    if height * width <= _WHOLE and (left, top, right, bottom) != (0, 0, width, height):
        yield (0, 0, width, height), 1
    for step in _steps(right - left, bottom - top, (right - left) * (bottom - top) > _WHOLE):
        yield (left, top, right, bottom), step


def _steps(width: int, height: int, large: bool) -> Iterator[int]:
    step = 2 if large else 1
    while True:
        yield step
        if step > max(width, height):
            return
        step *= 2


def _each(picture: _Pixels, step: int) -> _Pixels:
    return np.ascontiguousarray(picture[::step, ::step])


def _brightest(picture: _Pixels, step: int) -> _Pixels:
    """One pixel for each square: that of them which differs most, so that none is lost."""
    if step == 1:
        return np.ascontiguousarray(picture)
    height, width = [-(-size // step) * step for size in picture.shape[:2]]
    whole = np.zeros((height, width, 3), np.uint8)
    whole[: picture.shape[0], : picture.shape[1]] = picture
    squares = whole.reshape(height // step, step, width // step, step, 3).swapaxes(1, 2).reshape(-1, step * step, 3)
    found = squares[np.arange(len(squares)), squares[..., 0].argmax(axis=1)]
    return np.ascontiguousarray(found.reshape(height // step, width // step, 3))


def _marked(wanted: _Pixels, found: _Pixels) -> _Pixels:
    """What was expected, in dark grey; pixels that differ are red, the brighter the more they do."""
    grey = (wanted.mean(axis=2) / 3).astype(np.uint8)
    marked = np.repeat(grey[..., None], 3, axis=2)
    far = np.abs(wanted.astype(np.int16) - found).max(axis=2)
    wrong = far > 0
    marked[wrong] = 0
    marked[wrong, 0] = 127 + far[wrong] // 2
    return marked
