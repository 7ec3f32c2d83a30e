"""Pictures to measure codecs with: uint32 (height, width), 0x00RRGGBB, the same in every run.

*desktop* (windows, text, a photo), *text*, *gradient* (smooth), *photo* (blobs and grain), *noise* (worst case), *solid* (best
case); *icon* is a square of a desktop in which something is to be seen. Who has photographs and screenshots names their
folder in ``SPICEPROTO_BENCH_PICTURES``: each file (PNG, JPEG; Pillow reads them) is a kind more, by its name, and squares are
cut out of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint32]
ENVIRONMENT: Final = "SPICEPROTO_BENCH_PICTURES"


def packed(red: Any, green: Any, blue: Any) -> Picture:
    red, green, blue = (np.clip(channel, 0, 255).astype(np.uint32) for channel in (red, green, blue))
    return np.ascontiguousarray(red << 16 | green << 8 | blue)


def solid(width: int, height: int) -> Picture:
    return np.full((height, width), 0x3A6EA5, np.uint32)


def noise(width: int, height: int) -> Picture:
    return np.random.default_rng(7).integers(0, 1 << 24, (height, width), np.uint32)


def gradient(width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width]
    return packed(x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))


def photo(width: int, height: int) -> Picture:
    """Blobs of 8 to 64 pixels, blended, with grain: what predicts fairly well and never repeats."""
    dice = np.random.default_rng(7)
    channels = []
    common = np.zeros((height, width))
    for step, weight in ((64, 60), (24, 35), (8, 10)):
        coarse = dice.normal(0, weight, (height // step + 3, width // step + 3))
        y, x = np.arange(height) / step, np.arange(width) / step
        j, i = y.astype(int), x.astype(int)
        v, u = (y - j)[:, None], (x - i)[None, :]
        top = coarse[j][:, i] * (1 - u) + coarse[j][:, i + 1] * u
        bottom = coarse[j + 1][:, i] * (1 - u) + coarse[j + 1][:, i + 1] * u
        common += top * (1 - v) + bottom * v
    for shade in (140, 120, 100):
        channels.append(shade + common + dice.normal(0, 3, (height, width)))
    return packed(*channels)


def write_text(picture: Picture, left: int, top: int, right: int, bottom: int, dice: np.random.Generator) -> None:
    """Lines of 7x11 glyphs with grey edges, of an alphabet of 40 random shapes; words of a few letters."""
    shapes = dice.random((40, 11, 7))
    ink = np.where(shapes > 0.62, 1.0, np.where(shapes > 0.55, 0.5, 0.0))
    ink[:, :, 6] = 0
    ink[0] = 0
    for y in range(top, bottom - 11, 17):
        colour = dice.integers(20, 90, 3)
        letters = dice.integers(0, 40, max((right - left) // 7 - int(dice.integers(0, 30)), 1))
        letters[dice.random(len(letters)) < 0.2] = 0
        row = np.hstack(list(ink[letters]))[:, : right - left]
        there = picture[y : y + 11, left : left + row.shape[1]]
        shades = [(there >> shift & 255) * (1 - row) + int(c) * row for shift, c in zip((16, 8, 0), colour, strict=True)]
        there[:] = packed(*shades)


def text(width: int, height: int) -> Picture:
    picture = np.full((height, width), 0xF6F6F6, np.uint32)
    write_text(picture, 6, 4, width, height, np.random.default_rng(7))
    return picture


def desktop(width: int, height: int) -> Picture:
    dice = np.random.default_rng(7)
    picture: Picture = ((gradient(width, height) >> 2 & 0x3F3F3F) + 0x282828).astype(np.uint32)
    picture[height - height // 27 :] = 0x2D2D30
    for _ in range(max(width // 200, 2)):
        w, h = int(dice.integers(width // 5, width // 2)), int(dice.integers(height // 5, height // 2))
        x, y = int(dice.integers(0, width - w)), int(dice.integers(0, height - h))
        picture[y : y + h, x : x + w] = 0xF6F6F6
        picture[y : y + 22, x : x + w] = 0x3C6EB4
        write_text(picture, x + 8, y + 26, x + w, y + h, dice)
    w, h = width // 4, height // 4
    picture[height // 16 : height // 16 + h, width - w - width // 20 :][:, :w] = photo(w, h)
    return picture


def icon(width: int, height: int) -> Picture:
    return cut(desktop(1920, 1080), width, height, 1)[0]


def cut(picture: Picture, width: int, height: int, count: int, seed: int = 7) -> list[Picture]:
    """So many parts of a picture, at random places; of small ones rather those with four colours and more."""
    dice = np.random.default_rng(seed)
    parts: list[Picture] = []
    for _ in range(50 * count):
        width, height = min(width, picture.shape[1]), min(height, picture.shape[0])
        y, x = int(dice.integers(0, picture.shape[0] - height + 1)), int(dice.integers(0, picture.shape[1] - width + 1))
        part = np.ascontiguousarray(picture[y : y + height, x : x + width])
        if part.size < 16 or part.size > 1 << 14 or len(np.unique(part)) >= 4:
            parts.append(part)
        if len(parts) == count:
            return parts
    return parts or [np.ascontiguousarray(picture[:height, :width])]


@cache
def _file(path: Path) -> Picture:
    from PIL import Image

    with Image.open(path) as image:
        return packed(*np.moveaxis(np.asarray(image.convert("RGB")), 2, 0))


def _cut_file(path: Path, width: int, height: int) -> Picture:
    return cut(_file(path), width, height, 1)[0]


KINDS: Final[dict[str, Callable[[int, int], Picture]]] = {
    kind.__name__: kind for kind in (desktop, icon, text, gradient, photo, noise, solid)
}
REALISTIC: Final = ["desktop", "icon", "text", "gradient", "photo"]

if folder := os.environ.get(ENVIRONMENT):
    for _path in sorted(Path(folder).iterdir()):
        if _path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            KINDS[_path.stem] = partial(_cut_file, _path)
            REALISTIC.append(_path.stem)
