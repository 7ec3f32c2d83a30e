"""Paths: rounding, and curves near what they are."""

from __future__ import annotations

import numpy as np
import pytest

from spiceproto.canvas.path import polylines, rounded
from spiceproto.enums.display import PathFlags
from spiceproto.messages.draw import Path
from spiceproto.tests.canvas_messages import segment


@pytest.mark.parametrize(("value", "pixel"), [(0, 0), (8, 0), (9, 1), (16, 1), (24, 1), (25, 2), (-8, -1), (-7, 0)])
def test_coordinates_are_rounded_halves_down(value: int, pixel: int) -> None:
    assert rounded(value) == pixel


def test_curve_goes_from_end_to_end_near_its_controls() -> None:
    path = Path((segment(PathFlags.BEGIN | PathFlags.BEZIER, (0, 0), (0, 30), (30, 30), (30, 0)),))
    (points,) = polylines(path)
    assert points[0] == (0, 0) and points[-1] == (30, 0)
    t = np.linspace(0, 1, 500)
    ideal = np.stack((90 * t**2 * (1 - t) + 30 * t**3, 90 * t * (1 - t)))
    for point in points:
        assert np.hypot(*(ideal - np.array(point)[:, None])).min() < 1.5


def test_curve_that_is_a_point_ends() -> None:
    path = Path((segment(PathFlags.BEGIN | PathFlags.BEZIER, (5, 5), (5, 5), (5, 5), (5, 5)),))
    assert list(polylines(path)) == [[(5, 5), (5, 5)]]
