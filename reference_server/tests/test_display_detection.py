"""What is video: how many pictures, how fast, where, and with which colours."""

from __future__ import annotations

import pytest

from reference_server.channels.display.detection import APART, PICTURES, Detector, Place
from spiceproto.messages.geometry import Rect


def place(left: int) -> Place:
    return Rect(top=0, left=left, bottom=100, right=left + 100), (100, 100)


def begins(detector: Detector, times: list[float], gradual: list[bool] | None = None, left: int = 0) -> int | None:
    """The number of the first picture that is video."""
    for number, time in enumerate(times):
        soft = True if gradual is None else gradual[number]
        if detector.rate(place(left), time, lambda soft=soft: soft) is not None:  # type: ignore[misc]
            return number
    return None


def test_the_picture_behind_twenty_is_video() -> None:
    assert begins(Detector(), [number * 0.04 for number in range(40)]) == PICTURES


def test_its_rate_is_that_of_the_pictures_before() -> None:
    detector = Detector()
    rates = [detector.rate(place(0), number * 0.04, lambda: True) for number in range(PICTURES + 1)]
    assert rates[:-1] == [None] * PICTURES
    assert rates[-1] == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize(("apart", "found"), [(APART - 0.01, PICTURES), (APART + 0.01, None)])
def test_how_fast(apart: float, found: int | None) -> None:
    assert begins(Detector(), [number * apart for number in range(40)]) == found


def test_a_pause_begins_anew() -> None:
    times = [number * 0.1 for number in range(15)]
    assert begins(Detector(), times + [5 + time for time in times] + [10 + number * 0.1 for number in range(21)]) == 50


@pytest.mark.parametrize(("soft", "found"), [((), None), ((5,), PICTURES), ((30,), None), ((25, 30), 31), ((1, 2, 3, 4), None)])
def test_one_picture_in_five_has_smooth_colours(soft: tuple[int, ...], found: int | None) -> None:
    """Every fifth is looked at, and stands for five."""
    gradual = [number in soft for number in range(40)]
    assert begins(Detector(), [number * 0.04 for number in range(40)], gradual) == found


def test_behind_a_hundred_sharp_pictures_a_smooth_one_begins_anew() -> None:
    gradual = [number >= 105 for number in range(200)]
    assert begins(Detector(), [number * 0.04 for number in range(200)], gradual) == 105 + PICTURES


def test_places_are_told_apart() -> None:
    detector = Detector()
    for number in range(PICTURES):
        assert detector.rate(place(number % 2), number * 0.04, lambda: True) is None
    assert begins(detector, [0.8 + number * 0.04 for number in range(40)], left=1) == PICTURES // 2


def test_what_was_drawn_in_many_places_is_forgotten() -> None:
    detector = Detector()
    times = [number * 0.001 for number in range(PICTURES)]
    assert begins(detector, times) is None
    assert begins(detector, [0.03] * 1) == 0
    assert begins(detector, times) is None
    for left in range(1, 100):
        detector.rate(place(left), 0.03, lambda: True)
    assert begins(detector, [0.04]) is None
