"""DRAW_STROKE: lines of one pixel, solid or styled, along a path.

Solid lines
    Bresenham's, as the X server draws lines of width 0. Of two pixels equally near the ideal line, the one that is
    taken depends on the octant (:data:`BIASED`), so that a line covers the same pixels in both directions. The last
    pixel of every segment is left out: it is the first of the next, and the last of a path is not drawn (Windows'
    cosmetic lines exclude it). Each segment is drawn for itself, so under XOR crossings cancel and joints do not.

Styled lines
    :mod:`spiceproto.canvas.dash`.

The region clips; what is far outside of it is skipped by arithmetic and not walked through, so that the length of a
line costs nothing. A path beyond :data:`~spiceproto.canvas.path.POINTS` or :data:`~spiceproto.canvas.dash.WORK` is an error.

Source: ``canvas_draw_stroke`` in ``common/canvas_base.c``, ``common/lines.c`` of spice-common, which is ``mi`` of the
X server; J. Bresenham, "Ambiguities in Incremental Line Rastering", IEEE CG&A, May 1987.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import brush as brushes
from spiceproto.canvas.brush import Paint
from spiceproto.canvas.dash import CAREFUL, SEGMENT, Style, Work, dashed
from spiceproto.canvas.path import Point, polylines
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import Surface

if TYPE_CHECKING:
    from spiceproto.messages.draw import Path

__all__ = ["draw", "line"]

X_DECREASING, Y_DECREASING, Y_MAJOR = 4, 2, 1

BIASED: Final = frozenset(
    {
        Y_DECREASING | Y_MAJOR,
        X_DECREASING | Y_DECREASING | Y_MAJOR,
        X_DECREASING | Y_DECREASING,
        X_DECREASING,
    }
)
"""Octants in which a line that passes exactly between two pixels does not step sideways."""


def line(start: Point, end: Point, bounds: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the pixels of a line that are inside ``bounds``; the end is not one of them.

    On the longer axis there is one pixel a step; after ``i`` steps the line has gone ``floor((2 i short + long -
    bias) / (2 long))`` steps on the shorter one.
    """
    dx, dy = end.x - start.x, end.y - start.y
    octant = (X_DECREASING if dx < 0 else 0) | (Y_DECREASING if dy < 0 else 0)
    x_major = abs(dx) > abs(dy)
    if not x_major:
        octant |= Y_MAJOR
    bias = octant in BIASED
    long, short = (abs(dx), abs(dy)) if x_major else (abs(dy), abs(dx))
    from_, sign, low, high = (
        (start.x, -1 if dx < 0 else 1, bounds.left, bounds.right)
        if x_major
        else (start.y, -1 if dy < 0 else 1, bounds.top, bounds.bottom)
    )
    first, last = (low - from_, high - from_) if sign > 0 else (from_ - high + 1, from_ - low + 1)
    steps = np.arange(max(first, 0), min(last, long), dtype=np.int64)
    if not steps.size:
        return steps, steps
    aside = (2 * short * steps + (long - bias)) // (2 * long)
    if x_major:
        x, y = start.x + sign * steps, start.y + (-1 if dy < 0 else 1) * aside
        inside = (y >= bounds.top) & (y < bounds.bottom)
    else:
        x, y = start.x + (-1 if dx < 0 else 1) * aside, start.y + sign * steps
        inside = (x >= bounds.left) & (x < bounds.right)
    return x[inside], y[inside]


def draw(surface: Surface, region: Region, path: Path, style: Style | None, paint: Paint | None, rop: int) -> None:
    """Stroke a path on the pixels of a region.

    :raises LimitError: a path beyond the limits; what comes before that is drawn.
    :raises DrawError: BAD_COMMAND for a path without meaning; what comes before it is drawn.
    """
    if region.empty:
        return
    bounds = region.bounds
    allowed = region.painted() if len(region.boxes) > 1 or region.map is not None else None
    work = Work()

    def plot(x: NDArray[np.int64], y: NDArray[np.int64]) -> None:
        work.take(int(x.size))
        if allowed is not None:
            chosen = allowed[y - bounds.top, x - bounds.left]
            x, y = x[chosen], y[chosen]
        if x.size:
            brushes.plot(surface, x, y, paint, rop)

    for points in polylines(path):
        if style is not None:
            plot(*dashed(points, style, bounds, careful=rop in CAREFUL, work=work))
            continue
        for start, end in pairwise(points):
            work.take(SEGMENT)
            plot(*line(start, end, bounds))
