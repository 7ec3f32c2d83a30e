"""What of a picture has changed, as few rectangles as cover it, each made of whole tiles."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["TILE", "Box", "boxes", "changed", "touched"]

TILE: Final = 32
"""Side of a tile."""

_MOST: Final = 32
"""Rectangles; of more, one is made that is around them all."""

_COLOUR: Final = np.uint32(0xFFFFFF)
"""The highest byte of a pixel has no meaning."""

Tiles = NDArray[np.bool_]
"""Rows and columns of tiles."""


class Box(NamedTuple):
    """``right`` and ``bottom`` are behind the last column and row."""

    left: int
    top: int
    right: int
    bottom: int


def _tiles(size: tuple[int, int]) -> Tiles:
    return np.zeros((-(-size[1] // TILE), -(-size[0] // TILE)), np.bool_)


def touched(rectangles: NDArray[Any], size: tuple[int, int]) -> Tiles:
    """The tiles of a picture, width and height, in which rectangles lie: rows of left, top, width and height."""
    found = _tiles(size)
    for left, top, width, height in rectangles.tolist():
        found[max(top, 0) // TILE : -(-(top + height) // TILE), max(left, 0) // TILE : -(-(left + width) // TILE)] = True
    return found


def changed(before: NDArray[np.uint32], after: NDArray[np.uint32]) -> Tiles:
    """The tiles in which two pictures, pixels ``uint32 (h, w)``, have other colours."""
    differs = (before ^ after) & _COLOUR != 0
    rows, columns = (np.arange(0, length, TILE) for length in differs.shape)
    found: Tiles = np.logical_or.reduceat(np.logical_or.reduceat(differs, rows, axis=0), columns, axis=1)
    return found


def boxes(tiles: Tiles, size: tuple[int, int]) -> list[Box]:
    """Rectangles of a picture, width and height, that cover these tiles: runs of a row, joined where they are the same."""
    width, height = size
    found: list[Box] = []
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(len(tiles) + 1):
        runs = _runs(tiles[row]) if row < len(tiles) else []
        for run, top in list(open_runs.items()):
            if run not in runs:
                del open_runs[run]
                found.append(Box(run[0] * TILE, top * TILE, min(run[1] * TILE, width), min(row * TILE, height)))
        for run in runs:
            open_runs.setdefault(run, row)
    if len(found) > _MOST:
        lefts, tops, rights, bottoms = zip(*found, strict=True)
        return [Box(min(lefts), min(tops), max(rights), max(bottoms))]
    return found


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First tile and the one behind the last, of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], row, [False]))))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
