"""Styled lines: the rules that can be said in a sentence. Their pixels are in test_canvas_stroke."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spiceproto.canvas.dash import Style, dashed
from spiceproto.canvas.path import Point
from spiceproto.tests.test_canvas_stroke import ANY, BOUNDS


@given(st.lists(st.tuples(ANY, ANY), min_size=2, max_size=6), st.lists(st.integers(0, 255), min_size=1, max_size=5))
def test_styled_lines_stay_inside_and_end(points: list[tuple[int, int]], lengths: list[int]) -> None:
    if not sum(lengths):
        lengths[0] = 1
    x, y = dashed([Point(*p) for p in points], Style(tuple(lengths), 0), BOUNDS)
    assert ((x >= 0) & (x < 60) & (y >= 0) & (y < 50)).all()
    assert len({*zip(x.tolist(), y.tolist(), strict=True)}) == len(x)


def test_dashes_alternate_along_a_straight_line() -> None:
    x, y = dashed([Point(2, 7), Point(30, 7)], Style((4, 3), 0), BOUNDS)
    assert set(y.tolist()) == {7}
    assert x.tolist() == [i for i in range(2, 30) if (i - 2) % 7 < 4]
