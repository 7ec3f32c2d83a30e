"""How long the suite waits: as told at first, less where the target has shown that less will do, more on a slow line."""

from __future__ import annotations

import pytest

from conformance.pace import Pace


def shown(pace: Pace, seconds: float, times: int = 200) -> Pace:
    for _ in range(times):
        pace.waited(seconds)
    return pace


def test_nothing_is_learned_from_little() -> None:
    pace = shown(Pace(patience=5.0, quiet=0.4, learns_quiet=True), 0.001, times=20)
    assert (pace.patience, pace.short_patience, pace.quiet) == (5.0, 5.0, 0.4)


def test_a_fast_target_costs_less() -> None:
    pace = shown(Pace(patience=5.0, quiet=0.4, learns_quiet=True), 0.001)
    assert pace.patience == 5.0, "a verdict that accuses has the whole time"
    assert pace.short_patience == 1.0 and pace.quiet == 0.15


@pytest.mark.parametrize(("slow", "quiet", "patience"), [(0.01, 0.15, 1.0), (0.02, 0.2, 2.0), (0.3, 0.4, 5.0)])
def test_a_few_slow_answers_are_enough_to_wait_longer_again(slow: float, quiet: float, patience: float) -> None:
    pace = shown(Pace(patience=5.0, quiet=0.4, learns_quiet=True), 0.001)
    pace.waited(slow)
    assert pace.quiet == 0.15, "one is an accident"
    shown(pace, slow, times=2)
    assert pace.quiet == pytest.approx(quiet)
    assert pace.short_patience == 1.0, "what takes long by nature, as closing does, is seldom"
    shown(pace, slow, times=20)
    assert pace.short_patience == pytest.approx(patience)


def test_pictures_are_waited_for_as_long_as_they_were_seen_to_take() -> None:
    pace = Pace()
    for _ in range(9):
        pace.saw(0.001)
    assert pace.short_sight == pace.sight == 4.0, "nothing is learned from little"
    pace.saw(0.001)
    assert (pace.sight, pace.short_sight) == (4.0, 0.15)
    for _ in range(3):
        pace.saw(0.1)
    assert pace.short_sight == pytest.approx(1.0)
    for _ in range(7):
        pace.saw(2.0)
    assert pace.short_sight == 4.0


def test_a_quiet_that_was_told_stays() -> None:
    assert shown(Pace(quiet=0.3), 0.001).quiet == 0.3


def test_a_slow_line_takes_longer_whatever_was_learned() -> None:
    pace = Pace(patience=5.0, quiet=0.4, learns_quiet=True)
    pace.answered(0.2)
    shown(pace, 0.2)
    assert pace.patience == pace.short_patience == 5.2 and pace.quiet == pytest.approx(0.8)
