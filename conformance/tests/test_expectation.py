"""What a value is expected to be, and how it differs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import expectation
from conformance.expectation import check, check_value, says
from conformance.outcome import Failure
from conformance.results import Difference
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

MODE = main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER)


@pytest.mark.parametrize(
    ("wanted", "right", "wrong", "text"),
    [
        (expectation.one_of(1, 2), (1, 2), (0, 3), "1 or 2"),
        (expectation.other_than(MouseMode.CLIENT), (1, 0), (2,), "anything but CLIENT (2)"),
        (expectation.other_than(0, 7), (1, 8), (0, 7), "anything but 0 or 7"),
        (expectation.at_most(8), (0, 8), (9,), "at most 8"),
        (expectation.at_least(8), (8, 9), (7,), "at least 8"),
        (expectation.among(3), (0, 1, 3), (4, 7), "nothing but 3"),
        (expectation.having(MouseMode.CLIENT), (2, 3), (0, 1), "CLIENT (2), and others or not"),
        (expectation.lacking(MouseMode.CLIENT), (0, 1, 4), (2, 3), "no CLIENT (2)"),
        (expectation.such("even", lambda value: value % 2 == 0), (0, 2), (1,), "even"),
        (5, (5,), (6,), "5"),
    ],
)
def test_what_stands_in_place_of_a_value(wanted: Any, right: tuple[int, ...], wrong: tuple[int, ...], text: str) -> None:
    assert str(wanted) == text
    for value in right:
        check_value("thing", "size", value, wanted)
    for value in wrong:
        with pytest.raises(Failure):
            check_value("thing", "size", value, wanted)


def test_a_single_value() -> None:
    with pytest.raises(Failure, match=r"^expected minor version of the link header: 2 \(always\); found 7$") as caught:
        check_value("link header", "minor version", 7, 2, why="always")
    assert caught.value.differences == (Difference("link header", "minor version", "2", "7"),)


def test_fields_of_a_value() -> None:
    check("MOUSE_MODE", MODE, supported_modes=1, current_mode=MouseMode.SERVER)
    with pytest.raises(Failure) as caught:
        check("MOUSE_MODE", MODE, supported_modes=1, current_mode=2, why="why")
    assert caught.value.expected == "MOUSE_MODE with supported_modes SERVER (1), current_mode CLIENT (2) (why)"
    assert caught.value.actual == "MOUSE_MODE with supported_modes SERVER (1), current_mode SERVER (1)"
    assert caught.value.differences == (Difference("MOUSE_MODE", "current_mode", "CLIENT (2)", "SERVER (1)"),)


def test_a_field_that_is_none_is_a_mistake_of_the_case() -> None:
    with pytest.raises(AttributeError):
        check("MOUSE_MODE", MODE, mode=1)


def test_a_message_that_is_to_come() -> None:
    assert str(says("NAME", name=b"ab")) == "NAME with name 2 bytes: 6162" and str(says("INIT")) == "INIT"
