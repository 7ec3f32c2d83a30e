"""Mouse mode, place and movements, without a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_client.pointing import Pointing

_LARGEST = 0x7FFFFFFF


@pytest.mark.parametrize(
    ("prefers", "supported", "mode", "missing"),
    [(True, 3, 1, 2), (True, 3, 2, 0), (True, 1, 1, 0), (False, 3, 1, 0), (True, 2, 0, 2)],
)
def test_a_mode_is_missing_where_it_is_wanted_and_can_be_had(prefers: bool, supported: int, mode: int, missing: int) -> None:
    pointing = Pointing(prefer_client_mode=prefers)
    pointing.set_modes(supported, mode)
    assert pointing.missing == missing


@pytest.mark.parametrize(("mode", "positions"), [(0, False), (1, False), (2, True), (3, False), (6, True)])
def test_positions_are_wanted_in_client_mode_alone(mode: int, positions: bool) -> None:
    pointing = Pointing()
    pointing.set_modes(3, mode)
    assert pointing.in_client_mode is positions


def test_who_follows_is_called_until_it_does_not() -> None:
    pointing, seen = Pointing(), []

    def follow() -> None:
        seen.append(pointing.mode)

    pointing.follow(follow)
    pointing.set_modes(3, 1)
    pointing.set_modes(3, 2)
    pointing.unfollow(follow)
    pointing.unfollow(follow)
    pointing.set_modes(3, 1)
    assert seen == [1, 2]


def test_the_pointer_stays_on_its_display() -> None:
    pointing = Pointing()
    pointing.screens[2] = lambda: (640, 480)
    pointing.screens[3] = lambda: None
    pointing.place(10, 10, 2)
    pointing.move(1000, -1000)
    assert pointing.at == (639, 0, 2)
    pointing.place(10, 10, 3)
    pointing.move(1000, 1000)
    assert pointing.at == (1010, 1010, 3)
    assert pointing.size(9) == (_LARGEST, _LARGEST)


def test_what_was_said_is_not_said_again() -> None:
    pointing = Pointing()
    pointing.move(3, -1)
    assert pointing.moved and pointing.take_motion() == (3, -1)
    assert not pointing.moved
    pointing.move(1, 1)
    pointing.settle()
    assert not pointing.moved and pointing.take_motion() == (0, 0)


@given(moves=st.lists(st.tuples(st.integers(-3 * _LARGEST, 3 * _LARGEST), st.integers(-9, 9)), max_size=8))
def test_nothing_is_lost_and_each_part_fits_into_a_message(moves: list[tuple[int, int]]) -> None:
    pointing = Pointing()
    for dx, dy in moves:
        pointing.move(dx, dy)
    found = []
    while pointing.moved:
        found.append(pointing.take_motion())
    assert all(abs(dx) <= _LARGEST and abs(dy) <= _LARGEST for dx, dy in found)
    assert sum(dx for dx, _ in found) == sum(dx for dx, _ in moves)
    assert sum(dy for _, dy in found) == sum(dy for _, dy in moves)
