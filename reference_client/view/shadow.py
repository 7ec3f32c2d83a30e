"""What a page has of a display, and how that differs from what the display shows.

The damage of a canvas says where something may have changed; here is what really has, as few boxes without overlap. A part of
64 x 64 pixels is the least that a large change is cut into.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.region import Box
from spiceproto.canvas.surface import Surface

__all__ = ["TILE", "Shadow"]

TILE: Final = 64


class Shadow:
    """Pixels of a surface as they were when :meth:`differences` was called last; at first none that a surface could have."""

    def __init__(self) -> None:
        self._pixels: NDArray[Any] | None = None
        self._format = -1

    def fits(self, surface: Surface) -> bool:
        """Whether it is of a surface of this size and format."""
        return self._pixels is not None and self._pixels.shape == surface.pixels.shape and self._format == surface.format

    def differences(self, surface: Surface, boxes: Iterable[Box]) -> list[Box]:
        """Where in these boxes, which may overlap, a surface is not as it was; all of it for one that does not fit."""
        whole = Box(0, 0, surface.width, surface.height)
        if self._pixels is None or not self.fits(surface):
            self._pixels, self._format = surface.pixels.copy(), surface.format
            return [whole]
        found = []
        for box in boxes:
            box = box.meet(whole)
            if not box.empty:
                inside = self._updated(box.view(self._pixels), box.view(surface.pixels))
                found += [inner.moved(box.left, box.top) for inner in inside]
        return found

    def _updated(self, old: NDArray[Any], new: NDArray[Any]) -> list[Box]:
        differs = old != new
        if not differs.any():
            return []
        height, width = differs.shape
        old[...] = new
        if height <= TILE and width <= TILE:
            return [Box(0, 0, width, height)]
        rows = np.logical_or.reduceat(differs, np.arange(0, height, TILE), axis=0)
        tiles = np.logical_or.reduceat(rows, np.arange(0, width, TILE), axis=1)
        whole = Box(0, 0, width, height)
        return [Box(*[edge * TILE for edge in box]).meet(whole) for box in _joined(tiles)]


def _joined(tiles: NDArray[np.bool_]) -> list[Box]:
    """Boxes over all tiles that are set, and no other: runs of a row, joined with equal ones of the row above."""
    found: list[Box] = []
    open_runs: dict[tuple[int, int], int] = {}
    for top, row in enumerate(tiles):
        edges = np.flatnonzero(np.diff(row, prepend=False, append=False))
        runs = dict.fromkeys(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True), top)
        for run, start in open_runs.items():
            if run in runs:
                runs[run] = start
            else:
                found.append(Box(run[0], start, run[1], top))
        open_runs = runs
    return found + [Box(left, start, right, len(tiles)) for (left, right), start in open_runs.items()]
