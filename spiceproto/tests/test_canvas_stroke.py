"""Lines: against the X server's pixels (digests), and the rules that can be said in a sentence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.canvas import stroke
from spiceproto.canvas.dash import CAREFUL, Style, dashed
from spiceproto.canvas.path import POINTS, Point
from spiceproto.canvas.region import Box
from spiceproto.enums.display import LineFlags, PathFlags, Ropd
from spiceproto.messages import display as messages
from spiceproto.messages.draw import LineAttr, Path, PathSegment, Stroke
from spiceproto.tests import canvas_messages as make
from spiceproto.tests import canvas_samples as samples
from spiceproto.tests.canvas_messages import rect, segment

REFERENCE = samples.reference()
BOUNDS = Box(0, 0, 60, 50)
NEAR = st.integers(-40, 90)
ANY = st.one_of(NEAR, st.integers(-(2**27), 2**27))


@pytest.mark.parametrize("case", range(300))
def test_path_is_the_x_servers(case: int) -> None:
    points, style, offset, rop = samples.path(case)
    found = np.zeros((50, 60), np.uint8)
    corners = [Point(*point) for point in points]
    if style:
        x, y = dashed(corners, Style(tuple(style), offset), BOUNDS, careful=rop in CAREFUL)
        found[y, x] = 1
    else:
        for start, end in pairwise(corners):
            x, y = stroke.line(start, end, BOUNDS)
            found[y, x] += 1
    assert samples.digest(found) == REFERENCE[f"path {case}"]


@given(NEAR, NEAR, NEAR, NEAR)
def test_line_has_a_pixel_a_step_from_its_start_and_not_its_end(ax: int, ay: int, bx: int, by: int) -> None:
    x, y = stroke.line(Point(ax, ay), Point(bx, by), Box(-100, -100, 200, 200))
    dx, dy = abs(bx - ax), abs(by - ay)
    assert len(x) == max(dx, dy)
    if len(x):
        assert (x[0], y[0]) == (ax, ay)
        assert (bx, by) not in set(zip(x.tolist(), y.tolist(), strict=True))
        assert np.abs(np.diff(x)).max(initial=0) <= 1 and np.abs(np.diff(y)).max(initial=0) <= 1
        # Never farther than half a pixel from the ideal line.
        assert (np.abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) * 2 <= max(dx, dy)).all()


@given(ANY, ANY, ANY, ANY)
def test_clipping_a_line_does_not_bend_it(ax: int, ay: int, bx: int, by: int) -> None:
    start, end = Point(ax, ay), Point(bx, by)
    x, y = stroke.line(start, end, BOUNDS)
    assert ((x >= 0) & (x < 60) & (y >= 0) & (y < 50)).all()
    whole_x, whole_y = stroke.line(start, end, Box(-100, -100, 200, 200))
    inside = (whole_x >= 0) & (whole_x < 60) & (whole_y >= 0) & (whole_y < 50)
    assert (whole_x[inside] == x).all() and (whole_y[inside] == y).all()


@given(NEAR, NEAR, NEAR, NEAR)
def test_line_covers_the_same_pixels_both_ways(ax: int, ay: int, bx: int, by: int) -> None:
    limit = Box(-100, -100, 200, 200)
    there = stroke.line(Point(ax, ay), Point(bx, by), limit)
    back = stroke.line(Point(bx, by), Point(ax, ay), limit)
    one = {*zip(*(a.tolist() for a in there), strict=True), (bx, by)}
    other = {*zip(*(a.tolist() for a in back), strict=True), (ax, ay)}
    assert one == other


def command(
    *segments: PathSegment, rop: int = Ropd.OP_PUT, attr: LineAttr | None = None, brush: object = None, box: object = None
) -> messages.DrawStroke:
    return messages.DrawStroke(
        make.base(rect(0, 0, 60, 50) if box is None else box),  # type: ignore[arg-type]
        Stroke(
            path=Path(segments),
            attr=attr or SOLID,
            brush=make.solid(1) if brush is None else brush,  # type: ignore[arg-type]
            fore_mode=int(rop),
            back_mode=0,
        ),
    )


SOLID = LineAttr(LineFlags(0))


def test_closed_path_under_xor_draws_every_corner_once() -> None:
    shown = make.display(60, 50)
    shown.draw(
        command(segment(PathFlags.BEGIN | PathFlags.END | PathFlags.CLOSE, (5, 5), (20, 5), (20, 15), (5, 15)), rop=Ropd.OP_XOR)
    )
    expected = np.zeros((50, 60), np.uint32)
    expected[5:16, 5:21] = 1
    expected[6:15, 6:20] = 0
    assert not shown.problems and (make.pixels(shown) == expected).all()


def test_crossing_segments_cancel_under_xor() -> None:
    shown = make.display(60, 50)
    one = segment(PathFlags.BEGIN, (10, 0), (10, 20))
    other = segment(PathFlags.BEGIN | PathFlags.END, (0, 10), (20, 10))
    shown.draw(command(one, other, rop=Ropd.OP_XOR))
    found = make.pixels(shown)
    assert not shown.problems and found[10, 10] == 0 and found.sum() == 38


def test_pattern_brush_and_region() -> None:
    shown = make.display(60, 50)
    tile = np.array([[1, 2, 3]], np.uint32)
    shown.draw(
        command(segment(PathFlags.BEGIN, (0, 4), (60, 4)), brush=make.pattern(make.bitmap(tile), 1, 0), box=rect(10, 0, 16, 50))
    )
    assert not shown.problems
    assert make.pixels(shown)[4, 9:17].tolist() == [0, 1, 2, 3, 1, 2, 3, 0]


@pytest.mark.parametrize(
    ("attr", "segments", "code"),
    [
        (LineAttr(LineFlags.STYLED, (0, 0)), [segment(PathFlags.BEGIN, (0, 0), (9, 9))], "bad-command"),
        (LineAttr(LineFlags.STYLED, None), [segment(PathFlags.BEGIN, (0, 0), (9, 9))], "bad-command"),
        (SOLID, [segment(PathFlags.BEGIN | PathFlags.BEZIER, (0, 0), (9, 9))], "bad-command"),
        (SOLID, [segment(PathFlags.BEZIER, (0, 0), (9, 9), (5, 5))], "bad-command"),
        (SOLID, [segment(PathFlags.BEGIN, *[(i % 50, i % 49) for i in range(POINTS + 2)])], "limit"),
        (
            LineAttr(LineFlags.STYLED, (16, 16)),
            [segment(PathFlags.BEGIN, *[(i % 2 * 60, i % 49) for i in range(30000)])],
            "limit",
        ),
    ],
)
def test_paths_without_meaning_and_without_end(attr: LineAttr, segments: list[PathSegment], code: str) -> None:
    shown = make.display(60, 50)
    shown.draw(command(*segments, attr=attr))
    assert [problem.code for problem in shown.problems] == [code]


def test_empty_segments_are_harmless() -> None:
    shown = make.display(60, 50)
    shown.draw(command(segment(PathFlags.BEGIN), segment(PathFlags.END | PathFlags.CLOSE), segment(PathFlags.END)))
    shown.draw(command())
    assert not shown.problems and not make.pixels(shown).any()
