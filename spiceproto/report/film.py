"""A film of a display: GIF through Pillow, MP4 through PyAV. All frames have the size of the first."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiceproto import extras, mp4

__all__ = ["Film", "library"]

GIF_FRAMES = 2000
"""A GIF is made in memory; longer films need MP4."""


def library(format: str) -> ModuleType:
    """What writes films of a format, "gif" or "mp4".

    :raises MissingExtraError: it is not installed.
    """
    return extras.load(*{"gif": ("PIL.Image", "a film as GIF"), "mp4": ("av", "a film as MP4")}[format])


class Film:
    """One file. ``add`` takes ``uint8 (h, w, 3)`` RGB; ``close`` finishes it."""

    def __init__(self, path: Path, format: str, rate: float) -> None:
        self._path = path
        self._rate = rate
        self._frames: list[Any] = []
        self._count = 0
        self._size: tuple[int, int] | None = None
        self._library: Any = library(format)
        self._writer = mp4.Writer(path) if format == "mp4" else None

    def add(self, picture: NDArray[np.uint8]) -> None:
        """One frame."""
        if self._size is None:
            self._size = picture.shape[0], picture.shape[1]
        frame = np.zeros((*self._size, 3), np.uint8)
        height, width = min(self._size[0], picture.shape[0]), min(self._size[1], picture.shape[1])
        frame[:height, :width] = picture[:height, :width]
        if self._writer is not None:
            self._writer.add(frame, self._count / self._rate)
        elif len(self._frames) < GIF_FRAMES:
            self._frames.append(self._library.fromarray(frame).quantize(256))
        self._count += 1

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.close()
        elif self._frames:
            first, *rest = self._frames
            first.save(self._path, save_all=True, append_images=rest, duration=int(1000 / self._rate), loop=0)
