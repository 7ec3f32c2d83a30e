"""Paths: polylines of whole pixels, and Bezier curves flattened to them.

A coordinate of 28.4 fixed point is rounded to the nearest pixel, halves down. A curve is halved until its control points
are near its chord.

Source: ``canvas_draw_stroke`` in ``common/canvas_base.c`` of spice-common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from spiceproto.canvas.problem import DrawError, ProblemCode
from spiceproto.enums.display import PathFlags
from spiceproto.errors import LimitError

if TYPE_CHECKING:
    from spiceproto.messages.draw import Path
    from spiceproto.messages.geometry import PointFix

__all__ = ["POINTS", "Point", "polylines", "rounded"]

POINTS: Final = 1 << 16
"""Points of one path after flattening: minutes of drawing by hand."""

HALVINGS: Final = 24
"""Depth to which a curve is halved: enough for one as long as coordinates allow. Curves that have shrunk to a point
would be halved for ever.
"""


class Point(NamedTuple):
    """A pixel."""

    x: int
    y: int


def rounded(value: int) -> int:
    """28.4 fixed point to the nearest integer, halves down."""
    return (value >> 4) + ((value & 15) > 8)


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
                    ProblemCode.BAD_COMMAND,
                    "not whole curves",
                    path="path.segments",
                    expected="a first point, then three points a curve",
                    actual=f"{len(segment.points)} points",
                )
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
