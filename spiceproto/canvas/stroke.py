"""DRAW_STROKE: lines of one pixel, solid or styled, and Bezier curves made of them.

A path is flattened to polylines of whole pixels: a coordinate of 28.4 fixed point is rounded to the nearest pixel,
halves down. A curve is halved until its control points are near its chord.

Solid lines
    Bresenham's, as the X server draws lines of width 0. Of two pixels equally near the ideal line, the one that is
    taken depends on the octant (:data:`BIASED`), so that a line covers the same pixels in both directions. The last
    pixel of every segment is left out: it is the first of the next, and the last of a path is not drawn (Windows'
    cosmetic lines exclude it). Each segment is drawn for itself, so under XOR crossings cancel and joints do not.

Styled lines
    The dashes of a line that is really one pixel wide, as the X server draws wide ones: each dash is a rectangle around
    the ideal line, and covers the pixels whose centres are inside it (left and upper edges count as inside). Where two
    segments meet inside a dash, the outer corner is filled with a mitre. A path covers each pixel once. ``style``
    alternates between dash and gap, in 1/16 pixels of which only whole ones count, modulo 256; it goes on across the
    segments of a path. Only the dashes are drawn; ``back_mode`` has no effect. With START_WITH_GAP the reference client
    rotates the style by one and starts behind its first entry; so does this file.

The region clips; what is far outside of it is skipped by arithmetic and not walked through, so that the length of a
line costs nothing. A style without length, on which the reference client does not return, is an error here. So is a
path beyond the limits below.

Source: ``canvas_draw_stroke`` in ``common/canvas_base.c``, ``common/lines.c`` of spice-common, which is ``mi`` of the
X server; J. Bresenham, "Ambiguities in Incremental Line Rastering", IEEE CG&A, May 1987.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas import brush as brushes
from spiceproto.canvas.brush import Paint
from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.canvas.region import Box, Region
from spiceproto.canvas.surface import Surface
from spiceproto.enums.display import LineFlags, PathFlags
from spiceproto.errors import LimitError

if TYPE_CHECKING:
    from spiceproto.messages.draw import LineAttr, Path
    from spiceproto.messages.geometry import PointFix

__all__ = ["POINTS", "WORK", "Style", "dashed", "draw", "line", "polylines", "rounded", "style_of"]

POINTS: Final = 1 << 16
"""Points of one path after flattening: minutes of drawing by hand."""

WORK: Final = 1 << 25
"""What one path may cost: a unit for a pixel, :data:`SEGMENT` for a segment, :data:`SPAN` for a row of a dash, which is
what their times relate like. Enough for a page of dotted lines, and a few seconds.
"""

WALKED: Final = 4096
"""Length of a segment that is walked through even out of sight, so that sums of floating point are the reference's."""

SEGMENT: Final = 256
SPAN: Final = 64

HALVINGS: Final = 24
"""Depth to which a curve is halved: enough for one as long as coordinates allow. Curves that have shrunk to a point
would be halved for ever.
"""

CAREFUL: Final = frozenset({2, 6, 8, 9, 10, 11, 14})
"""Raster operations under which drawing a pixel twice is not drawing it once. The X server then collects the pixels
of a styled path, and takes another way at joints.
"""

MITRE_LIMIT: Final = 108.856472512142
"""1 / sin(11/2 degrees) squared: where X11 begins to cut mitres off."""

X_DECREASING, Y_DECREASING, Y_MAJOR = 4, 2, 1

BIASED: Final = frozenset({
    Y_DECREASING | Y_MAJOR, X_DECREASING | Y_DECREASING | Y_MAJOR, X_DECREASING | Y_DECREASING, X_DECREASING,
})  # fmt: skip
"""Octants in which a line that passes exactly between two pixels does not step sideways."""


class Point(NamedTuple):
    """A pixel."""

    x: int
    y: int


class Style(NamedTuple):
    """Lengths of dashes and gaps by turns, and where in them a path begins; in pixels."""

    lengths: tuple[int, ...]
    offset: int


# -- paths -------------------------------------------------------------------------------------------------------------


def rounded(value: int) -> int:
    """28.4 fixed point to the nearest integer, halves down."""
    return (value >> 4) + ((value & 15) > 8)


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


def _curve(first: Point, controls: Sequence[PointFix]) -> Iterator[Point]:
    """The ends of the straight pieces of a curve, without its first point."""
    start = (first.x << 4, first.y << 4)
    a, b, c = ((p.x, p.y) for p in controls)
    stack = [(start, a, b, c, 0)]
    while stack:
        p0, p1, p2, p3, depth = stack.pop()
        chord = _dot(p0, p3, p0, p3)
        one = (_dot(p0, p1, p0, p1) * chord - _dot(p0, p1, p0, p3) ** 2) >> 3
        two = (_dot(p3, p2, p3, p2) * chord - _dot(p3, p2, p3, p0) ** 2) >> 3
        if (one < chord and two < chord) or depth >= HALVINGS or p0 == p1 == p2 == p3:
            yield Point(rounded(p3[0]), rounded(p3[1]))
            continue
        p01, p12, p23 = _middle(p0, p1), _middle(p1, p2), _middle(p2, p3)
        p012, p123 = _middle(p01, p12), _middle(p12, p23)
        centre = _middle(p012, p123)
        stack.append((centre, p123, p23, p3, depth + 1))
        stack.append((p0, p01, p012, centre, depth + 1))


Fixed = tuple[int, int]


def _dot(a: Fixed, b: Fixed, c: Fixed, d: Fixed) -> int:
    """The product of the vectors from a to b and from c to d, in 1/16."""
    return (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1]) >> 4


def _middle(a: Fixed, b: Fixed) -> Fixed:
    """Half way, cut towards zero as C divides."""
    x, y = a[0] + b[0], a[1] + b[1]
    return (x + (x < 0)) >> 1, (y + (y < 0)) >> 1


def polylines(path: Path) -> Iterator[list[Point]]:
    """The path as polylines of pixels.

    :raises DrawError: BAD_COMMAND for a curve without a point to start from, or with points that make no whole curve.
    :raises LimitError: more than :data:`POINTS` points.
    """
    points: list[Point] = []
    count = 0
    for segment in path.segments:
        rest = list(segment.points)
        if segment.flags & PathFlags.BEGIN:
            if points:
                yield points
            points = []
            if rest:
                points.append(Point(rounded(rest[0].x), rounded(rest[0].y)))
                rest = rest[1:]
        if segment.flags & PathFlags.BEZIER:
            if len(rest) % 3 or not points:
                raise DrawError(
                    ProblemCode.BAD_COMMAND, "not whole curves", path="path.segments",
                    expected="a first point, then three points a curve", actual=f"{len(segment.points)} points",
                )  # fmt: skip
            for i in range(0, len(rest), 3):
                for point in _curve(points[-1], rest[i : i + 3]):
                    points.append(point)
                    if len(points) > POINTS:
                        break
                if len(points) > POINTS:
                    break
        else:
            points.extend(Point(rounded(p.x), rounded(p.y)) for p in rest)
        count += len(segment.points)
        if count + len(points) > 2 * POINTS or len(points) > POINTS:
            raise LimitError("path has too many points", path="path", expected=f"at most {POINTS}")
        if segment.flags & PathFlags.END:
            if points:
                if segment.flags & PathFlags.CLOSE:
                    points.append(points[0])
                yield points
            points = []
    if points:
        yield points


# -- solid lines -------------------------------------------------------------------------------------------------------


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


# -- styled lines ------------------------------------------------------------------------------------------------------


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


class _Work:
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


class _Cover:
    """The pixels of a styled path inside the bounds of a region: spans ``(row, left, right)`` that may overlap."""

    def __init__(self, bounds: Box, work: _Work) -> None:
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
            np.arange((row - self.bounds.top) * width + left - self.bounds.left,
                      (row - self.bounds.top) * width + right - self.bounds.left, dtype=np.int64)
            for row, left, right in self.spans
        ]  # fmt: skip
        places = np.unique(np.concatenate(flat)) if flat else np.zeros(0, np.int64)
        return places % width + self.bounds.left, places // width + self.bounds.top

    def near(self, at: Point) -> bool:
        """Whether a point is close to the bounds."""
        return (
            self.bounds.left - 2 <= at.x <= self.bounds.right + 2
            and self.bounds.top - 2 <= at.y <= self.bounds.bottom + 2
        )


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


def _dash(
    cover: _Cover, sides: tuple[Edge, Edge], front: Edge, back: Edge, corners: Sequence[Corner], at: Point
) -> None:
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
    mx = (
        left.xa + (my - left.ya) * left.dx / left.dy
        if left.dy
        else right.xa + (my - right.ya) * right.dx / right.dy
    )
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
    area = sum(
        ax * by_ - bx * ay for (ax, ay), (bx, by_) in zip(corners, corners[1:] + corners[:1], strict=True)
    )
    if area < 0:  # then the interior is to the left of the directions
        edges = [Edge(-e.dx, -e.dy, -e.k) for e in edges]
    heights = [y for _, y in corners]
    cover.fill(edges, min(heights), max(heights), left.x, left.y)


def dashed(
    points: Sequence[Point], style: Style, bounds: Box, *, careful: bool = False, work: _Work | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of the pixels of a styled polyline that are inside ``bounds``, each once.

    ``careful`` is whether the raster operation is one of :data:`CAREFUL`, which changes a few pixels at joints.

    :raises LimitError: more than :data:`WORK`.
    """
    cover = _Cover(bounds, work or _Work())
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


# -- the command -------------------------------------------------------------------------------------------------------


def draw(surface: Surface, region: Region, path: Path, style: Style | None, paint: Paint | None, rop: int) -> None:
    """Stroke a path on the pixels of a region.

    :raises LimitError: a path beyond :data:`POINTS` or :data:`WORK`; what comes before that is drawn.
    :raises DrawError: BAD_COMMAND for a path without meaning; what comes before it is drawn.
    """
    if region.empty:
        return
    bounds = region.bounds
    allowed = region.painted() if len(region.boxes) > 1 or region.map is not None else None
    work = _Work()

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
