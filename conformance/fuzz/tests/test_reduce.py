"""Conversations made small, by the reducer and by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.fuzz.reduce import reduced
from conformance.fuzz.steps import Step, parse, parse_all

MOTION = 'inputs: MOUSE_MOTION {"dx": 300, "dy": -7, "buttons_state": ["LEFT"]}'
LINES = [
    MOTION,
    "main: ATTACH_CHANNELS",
    MOTION,
    "inputs: type 999 00ff00ff",
    MOTION,
    "main: ATTACH_CHANNELS",
    MOTION,
    "port:1: close",
]


def movements(steps: Sequence[Step]) -> int:
    return sum(step.word == "MOUSE_MOTION" for step in steps)


def test_steps_that_are_not_needed_go_and_values_become_small() -> None:
    found = reduced(parse_all(LINES), lambda steps: movements(steps) >= 1 and any(step.word == "type" for step in steps))
    assert [str(step) for step in found] == [
        'inputs: MOUSE_MOTION {"dx": 0, "dy": 0, "buttons_state": []}',
        "inputs: type 999",
    ] or [step.word for step in found] == ["type", "MOUSE_MOTION"]


def test_what_has_to_vanish_in_twos_does() -> None:
    def even(steps: Sequence[Step]) -> bool:
        return movements(steps) >= 2 and movements(steps) % 2 == 0

    found = reduced(parse_all([MOTION, "main: ATTACH_CHANNELS"] * 6), even)
    assert [step.word for step in found] == ["MOUSE_MOTION"] * 2


def test_a_change_that_does_nothing_goes_and_so_does_the_number_of_a_channel() -> None:
    (step,) = reduced(
        parse_all(['port:1: EVENT {"event": "OPENED"} ! poke 0 ff']), lambda steps: steps[:1] != () and steps[0].word == "EVENT"
    )
    assert step == parse('port: EVENT {"event": "OPENED"}')


def test_nothing_is_tried_twice_or_without_end() -> None:
    tried: list[tuple[Step, ...]] = []

    def never(steps: Sequence[Step]) -> bool:
        tried.append(tuple(steps))
        return False

    steps = parse_all(LINES * 10)
    assert reduced(steps, never, tries=50) == steps
    assert len(tried) == len(set(tried)) == 50
