"""Styled lines: the dashes of a line that is really one pixel wide, as the X server draws wide ones.

Each dash is a rectangle around the ideal line, and covers the pixels whose centres are inside it (left and upper edges
count as inside). Where two segments meet inside a dash, the outer corner is filled with a mitre. A path covers each pixel
once. ``style`` alternates between dash and gap, in 1/16 pixels of which only whole ones count, modulo 256; it goes on across
the segments of a path. Only the dashes are drawn; ``back_mode`` has no effect. With START_WITH_GAP the reference client
rotates the style by one and starts behind its first entry; so does this file.

A style without length, on which the reference client does not return, is an error here.

Source: ``common/lines.c`` of spice-common, which is ``mi`` of the X server.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.path import Point, rounded
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box
from spiceproto.enums.display import LineFlags
from spiceproto.errors import LimitError

if TYPE_CHECKING:
    from spiceproto.messages.draw import LineAttr

__all__ = ["CAREFUL", "SEGMENT", "WORK", "Style", "Work", "dashed", "style_of"]

WORK: Final = 1 << 25
"""What one path may cost: a unit for a pixel, :data:`SEGMENT` for a segment, :data:`SPAN` for a row of a dash, which is
what their times relate like. Enough for a page of dotted lines, and a few seconds.
"""

WALKED: Final = 4096
"""Length of a segment that is walked through even out of sight, so that sums of floating point are the reference's."""

SEGMENT: Final = 256
SPAN: Final = 64

CAREFUL: Final = frozenset({2, 6, 8, 9, 10, 11, 14})
"""Raster operations under which drawing a pixel twice is not drawing it once. The X server then collects the pixels
of a styled path, and takes another way at joints.
"""

MITRE_LIMIT: Final = 108.856472512142
"""1 / sin(11/2 degrees) squared: where X11 begins to cut mitres off."""


class Style(NamedTuple):
    """Lengths of dashes and gaps by turns, and where in them a path begins; in pixels."""

    lengths: tuple[int, ...]
    offset: int


class Work:
    """What a path may still cost, in :data:`WORK`."""

    def __init__(self) -> None:
        self.left = WORK

    def take(self, units: int) -> None:
        """Pay.

        :raises LimitError: nothing is left.
        """
        self.left -= units
        if self.left < 0:
            raise LimitError("path takes too long", path="path", expected=f"at most {WORK} units of work")


def style_of(attr: LineAttr) -> Style | None:
    """The style of a line; None for a solid one.

    :raises DrawError: BAD_COMMAND for a style without length.
    """
    if not attr.flags & LineFlags.STYLED:
        return None
    lengths = tuple(rounded(value) & 0xFF for value in attr.style or ())
    if not sum(lengths):
        raise DrawError(ProblemCode.BAD_COMMAND, "a style without length", path="attr.style", actual=repr(lengths))
    if attr.flags & LineFlags.START_WITH_GAP:
        lengths = lengths[1:] + lengths[:1]
        return Style(lengths, lengths[0])
    return Style(lengths, 0)


class Edge(NamedTuple):
    """A side of a polygon: the points with ``x dy - y dx = k``, interior to the right of the direction (dx, dy)."""

    dx: int
    dy: int
    k: float


class Face(NamedTuple):
    """An end of a segment: the pixel, the outward direction, a corner of the wide line relative to the pixel, and its
    edge's constant.
    """

    x: int
    y: int
    dx: int
    dy: int
    xa: float
    ya: float
    k: float

    @property
    def turned(self) -> Face:
        """The other corner, the other direction."""
        return self._replace(dx=-self.dx, dy=-self.dy, xa=-self.xa, ya=-self.ya)


class _Cover:
    """The pixels of a styled path inside the bounds of a region: spans ``(row, left, right)`` that may overlap."""

    def __init__(self, bounds: Box, work: Work) -> None:
        self.bounds = bounds
        self.work = work
        self.spans: list[tuple[int, int, int]] = []

    def fill(self, edges: Sequence[Edge], low: float, high: float, x: int, y: int) -> None:
        """Cover the convex polygon between heights ``low`` and ``high``; its coordinates count from ``x``, ``y``."""
        bounds = self.bounds
        top = max(math.ceil(low), bounds.top - y)
        bottom = min(math.ceil(high), bounds.bottom - y)
        for row in range(top, bottom):
            left, right = bounds.left - x, bounds.right - x
            for dx, dy, k in edges:
                # The first pixel whose centre is not left of the edge; the constant is rounded first, as there all else
                # is integer.
                if dy > 0:
                    right = min(right, -((-math.ceil(k) - row * dx) // dy))
                elif dy < 0:
                    left = max(left, -((-math.ceil(-k) + row * dx) // -dy))
            self.work.take(SPAN)
            if left < right:
                self.work.take(right - left)
                self.spans.append((row + y, left + x, right + x))

    def pixels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns and rows of the pixels, each once."""
        width = self.bounds.width
        flat = [
            np.arange(
                (row - self.bounds.top) * width + left - self.bounds.left,
                (row - self.bounds.top) * width + right - self.bounds.left,
                dtype=np.int64,
            )
            for row, left, right in self.spans
        ]
        places = np.unique(np.concatenate(flat)) if flat else np.zeros(0, np.int64)
        return places % width + self.bounds.left, places // width + self.bounds.top

    def near(self, at: Point) -> bool:
        """Whether a point is close to the bounds."""
        return self.bounds.left - 2 <= at.x <= self.bounds.right + 2 and self.bounds.top - 2 <= at.y <= self.bounds.bottom + 2


class _Pen:
    """Where in its style a path is: the index of the dash or gap, and how much of it is over."""

    def __init__(self, style: Style) -> None:
        self.lengths = style.lengths
        self.total = sum(style.lengths)
        self.index = 0
        self.over = 0
        self.advance(style.offset)

    @property
    def on(self) -> bool:
        """Whether this is a dash."""
        return not self.index & 1

    @property
    def left(self) -> int:
        """What is left of the dash or gap."""
        return self.lengths[self.index] - self.over

    def next(self) -> None:
        """Go to the start of the next dash or gap."""
        self.index = (self.index + 1) % len(self.lengths)
        self.over = 0

    def advance(self, distance: int) -> None:
        """Go on by whole pixels."""
        if distance < self.left:
            self.over += distance
            return
        distance -= self.left
        self.next()
        distance %= self.total
        while distance >= self.lengths[self.index]:
            distance -= self.lengths[self.index]
            self.next()
        self.over = distance


def _clip_range(start: Point, end: Point, length: float, bounds: Box) -> tuple[float, float]:
    """Distances from the start between which a segment may touch the bounds; empty if the first is the larger."""
    low, high = 0.0, length
    for at, delta, least, most in (
        (start.x, end.x - start.x, bounds.left - 2, bounds.right + 2),
        (start.y, end.y - start.y, bounds.top - 2, bounds.bottom + 2),
    ):
        if delta == 0:
            if not least <= at <= most:
                return 1.0, 0.0
            continue
        one, two = sorted(((least - at) * length / delta, (most - at) * length / delta))
        low, high = max(low, one), min(high, two)
    return low, high


def _segment(cover: _Cover, pen: _Pen, start: Point, end: Point) -> tuple[Face, Face]:
    """Cover the dashes of one segment and move the pen along; gives the faces at its start and at its end.

    The four corners of the current dash are kept relative to the start and moved on, dash by dash, in floating point:
    the sums of the reference, not their closed form, because a corner may lie on a row of pixels.
    """
    dx, dy = end.x - start.x, end.y - start.y
    length = float(abs(dx + dy)) if dx == 0 or dy == 0 else math.hypot(dx, dy)
    if dx == 0 or dy == 0:
        rdx, rdy = math.copysign(0.5, dx) if dx else 0.0, math.copysign(0.5, dy) if dy else 0.0
    else:
        ratio = 0.5 / length
        rdx, rdy = ratio * dx, ratio * dy
    k = 0.5 * length
    sides = (Edge(dx, dy, k), Edge(-dx, -dy, k))
    begin = (rdy, -rdx), (-rdy, rdx)  # corners of the face behind
    ahead = begin  # corners of the face before
    back_k = 0.0
    left = length
    near, far = _clip_range(start, end, length, cover.bounds)
    while left > pen.left:
        cover.work.take(SPAN)
        gone = length - left
        if gone + pen.total < near and left > 2 * pen.total and length > WALKED:  # whole rounds, out of sight
            rounds = int(min(near - gone, left - pen.total) // pen.total)
            step = rounds * pen.total
            along = step * dx / length, step * dy / length
            begin = _moved(begin, along)
            ahead = _moved(ahead, along)
            back_k = -(ahead[0][0] * dx + ahead[0][1] * dy)
            left -= step
            continue
        if gone > far and left > 2 * pen.total and length > WALKED:  # nothing that follows is in sight
            left -= int(left / pen.total - 1) * pen.total
            continue
        ahead = _moved(ahead, (pen.left * dx / length, pen.left * dy / length))
        front_k = ahead[0][0] * dx + ahead[0][1] * dy
        if pen.on and pen.left:
            _dash(cover, sides, Edge(-dy, dx, front_k), Edge(dy, -dx, back_k), (*begin, *ahead), start)
        left -= pen.left
        pen.next()
        begin, back_k = ahead, -front_k
    if pen.on and near <= length and length - left <= far:
        begin = _moved(begin, (-float(dx), -float(dy)))
        ahead = (rdy, -rdx), (-rdy, rdx)
        back = Edge(dy, -dx, back_k + dx * dx + dy * dy)
        _dash(cover, sides, Edge(-dy, dx, 0.0), back, (*begin, *ahead), end)
    remaining = int(pen.left - left)
    if remaining == 0:
        pen.next()
    else:
        pen.over = pen.lengths[pen.index] - remaining
    return _faces(start, end, dx, dy, rdx, rdy, k)


Corner = tuple[float, float]


def _moved(corners: tuple[Corner, Corner], by: Corner) -> tuple[Corner, Corner]:
    (ax, ay), (bx, by_) = corners
    return (ax + by[0], ay + by[1]), (bx + by[0], by_ + by[1])


def _faces(start: Point, end: Point, dx: int, dy: int, rdx: float, rdy: float, k: float) -> tuple[Face, Face]:
    return Face(*start, dx, dy, rdy, -rdx, k), Face(*end, -dx, -dy, -rdy, rdx, k)


def _dash(cover: _Cover, sides: tuple[Edge, Edge], front: Edge, back: Edge, corners: Sequence[Corner], at: Point) -> None:
    heights = [y for _, y in corners]
    cover.fill((sides[0], front, sides[1], back), min(heights), max(heights), at.x, at.y)


def _join(cover: _Cover, left: Face, right: Face, careful: bool) -> None:
    """Fill the outer corner between the start of one segment (``left``) and the end of the one before."""
    if not careful:
        # If one of the two lines draws the pixel of the corner, that is enough.
        for face in (left, right):
            if face.dx > 0 or (face.dx == 0 and face.dy > 0):
                return
    denominator = -left.dx * right.dy + right.dx * left.dy
    if denominator == 0:
        return
    if denominator > 0:
        left, sign = left.turned, 1
    else:
        right, sign = right.turned, -1
    my = (
        left.dy * (right.xa * right.dy - right.ya * right.dx) - right.dy * (left.xa * left.dy - left.ya * left.dx)
    ) / denominator
    mx = left.xa + (my - left.ya) * left.dx / left.dy if left.dy else right.xa + (my - right.ya) * right.dx / right.dy
    edges = [Edge(-right.dy, right.dx, 0.0), Edge(left.dy, -left.dx, 0.0)]
    corners = [(right.xa, right.ya), (0.0, 0.0), (left.xa, left.ya)]
    if (mx * mx + my * my) * 4 <= MITRE_LIMIT:
        edges.append(Edge(sign * left.dx, sign * left.dy, sign * left.k))
        edges.append(Edge(sign * right.dx, sign * right.dy, sign * right.k))
        corners.append((mx, my))
    else:
        dx, dy = right.xa - left.xa, right.ya - left.ya
        by = max(abs(dx), abs(dy))
        cut_x, cut_y = int(dx * 65536 / by), int(dy * 65536 / by)
        edges.append(Edge(cut_x, cut_y, ((left.xa + right.xa) * cut_y - (left.ya + right.ya) * cut_x) / 2))
    area = sum(ax * by_ - bx * ay for (ax, ay), (bx, by_) in zip(corners, corners[1:] + corners[:1], strict=True))
    if area < 0:  # then the interior is to the left of the directions
        edges = [Edge(-e.dx, -e.dy, -e.k) for e in edges]
    heights = [y for _, y in corners]
    cover.fill(edges, min(heights), max(heights), left.x, left.y)


def dashed(
    points: Sequence[Point], style: Style, bounds: Box, *, careful: bool = False, work: Work | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the pixels of a styled polyline that are inside ``bounds``, each once.

    ``careful`` is whether the raster operation is one of :data:`CAREFUL`, which changes a few pixels at joints.

    :raises LimitError: more than :data:`WORK`.
    """
    cover = _Cover(bounds, work or Work())
    pen = _Pen(style)
    closed = points[0] == points[-1]
    careful = careful and len(points) >= 3
    first: Face | None = None
    previous: Face | None = None
    was_on = on = False
    begun = False
    for start, end in pairwise(points):
        cover.work.take(SEGMENT)
        if start == end:
            continue
        starts_on = pen.on
        left, right = _segment(cover, pen, start, end)
        # An odd index with something gone of it is a gap; an even one, or a gap just begun, still belongs to the dash.
        on = bool(pen.index & 1) != (pen.over != 0)
        if starts_on:
            if begun and was_on and previous is not None:
                if cover.near(start):
                    _join(cover, left, previous, careful)
            elif not begun and closed:
                first = left
        previous, was_on, begun = right, on, True
    if begun and on and first is not None and previous is not None:
        _join(cover, first, previous, careful)
    return cover.pixels()
