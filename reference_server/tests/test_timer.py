"""The clock chip of a guest."""

from __future__ import annotations

from reference_server.guest import Timer


def test_nothing_is_to_be_done() -> None:
    timer = Timer()
    assert timer.deadline is None
    timer.tick(1.0)


def test_the_first_time_is_at_once_and_then_by_the_clock() -> None:
    timer = Timer()
    done: list[int] = []
    timer.every(0.5, done.append)
    assert timer.deadline == 0.0
    timer.tick(10.0)
    assert done == [0] and timer.deadline == 10.5
    timer.tick(10.25)
    timer.tick(10.5)
    assert done == [0, 1] and timer.deadline == 11.0


def test_times_that_have_passed_are_left_out() -> None:
    timer = Timer()
    done: list[int] = []
    timer.every(0.5, done.append)
    for now in (0.0, 2.3, 2.5):
        timer.tick(now)
    assert done == [0, 4, 5]


def test_periods_that_are_no_binary_numbers() -> None:
    timer = Timer()
    done: list[int] = []
    timer.every(0.04, done.append)
    now = 0.1
    for _ in range(1000):
        timer.tick(now)
        assert timer.deadline is not None and timer.deadline > now
        now = timer.deadline
    assert done == list(range(1000))


def test_what_is_stopped_is_done_no_more() -> None:
    timer = Timer()
    done: list[str] = []
    first = timer.every(1.0, lambda passed: done.append("first"))
    timer.every(1.0, lambda passed: done.append("second"))
    timer.tick(0.0)
    timer.stop(first)
    timer.tick(1.0)
    assert done == ["first", "second", "second"]
