"""Walks over every machine of the protocol: along its rows, and against them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import MainCapability
from spiceproto.machine import (
    ANY,
    EVERY,
    Counter,
    Coverage,
    Echo,
    Held,
    Lives,
    Machine,
    Rule,
    Run,
    Sender,
    choices,
    said,
    walk,
)
from spiceproto.rules import MACHINES

EVERYTHING = Capabilities((1 << 32) - 1, (1 << 32) - 1)


def started(machine: Machine, state: str, *ends: Capabilities | None) -> Held:
    client, server = ends or (None, None)
    if machine.keys is not None:
        return Lives(machine, state=state, client=client, server=server)
    return Run(machine, state=state, client=client, server=server)


@pytest.mark.parametrize("name", MACHINES)
@given(seed=st.integers(0, 2**32), bits=st.tuples(*[st.sampled_from([None, NONE, EVERYTHING])] * 2))
def test_legal_walks_are_never_rejected(name: str, seed: int, bits: tuple[Capabilities | None, Capabilities | None]) -> None:
    machine = MACHINES[name]
    random = Random(seed)
    for _, verdict in walk(started(machine, random.choice(machine.starts), *bits), random, 60):
        assert verdict.legal and not verdict.tolerated, verdict


def _asked(echo: Echo, word: str) -> list[int]:
    """Questions that make an answer of 1 what the word says."""
    return {"newest": [1], "older": [1, 2], "unasked": []}[word]


@pytest.mark.parametrize("name", MACHINES)
def test_illegal_pairs_are_always_rejected(name: str) -> None:
    machine = MACHINES[name]
    for item in machine.illegal():
        held = started(machine, item.state)
        event = said(machine, item.sender, item.message, (7,) * len(machine.keys.fields) if machine.keys is not None else ())
        value: Any = event.values
        base, _, word = item.message.partition(" ")
        for echo in machine.echoes:
            if echo.letters and echo.answer == (item.sender, base) and isinstance(held, Run):
                value = {echo.fields[0]: 1}
                held.asked[echo.name].extend((number,) for number in _asked(echo, word))
        (found,) = held.judge(item.sender, event.message, value)
        assert item.requirement in {breach.requirement for breach in found.breaches}, item


@pytest.mark.parametrize("name", MACHINES)
def test_walks_cover_every_rule_that_is_not_tolerated(name: str) -> None:
    machine = MACHINES[name]
    coverage = Coverage(machine)
    random = Random(7)
    for state in machine.starts * 20 + tuple(machine.states) * 10:
        for _ in walk(started(machine, state), random, 40, coverage):
            pass
    assert not [rule for rule in coverage.unused if not rule.tolerated]


# -- choices


def found(held: Held) -> set[tuple[Sender, str]]:
    return {(choice.said.sender, choice.letter) for choice in choices(held, Random(0))}


def test_nothing_is_chosen_that_needs_a_capability_in_vain() -> None:
    run = started(MACHINES["main"], "open", NONE.with_(MainCapability.AGENT_CONNECTED_TOKENS), NONE)
    assert ("server", "AGENT_CONNECTED_TOKENS") in found(run)
    assert not found(run) & {("server", "NAME"), ("server", "AGENT_CONNECTED")}


def test_nothing_tolerated_is_chosen() -> None:
    assert ("client", "ACK") not in found(Run(MACHINES["acknowledgement"]))
    assert ("server", "main.MOUSE_MODE CLIENT") not in found(Run(MACHINES["mouse"], state="client"))


def test_choices_stay_within_the_bounds() -> None:
    run = Run(MACHINES["motion"])
    acknowledge, move = ("server", "MOUSE_MOTION_ACK"), ("client", "MOUSE_MOTION")
    for number in range(9):
        assert (acknowledge in found(run)) == (number >= 4) and (move in found(run)) == (number < 8)
        run.feed("client", "MOUSE_MOTION")


def test_answers_are_chosen_where_there_are_questions() -> None:
    run = Run(MACHINES["ping"])
    assert found(run) == {("server", "PING")}
    run.feed("server", "PING", {"id": 4, "timestamp": 5})
    run.feed("server", "PING", {"id": 6, "timestamp": 7})
    (answer,) = [choice.said for choice in choices(run, Random(0)) if choice.letter == "PONG"]
    assert answer.values == {"id": 4, "timestamp": 5}


def test_what_only_a_counter_reads_is_any_message() -> None:
    machine = Machine(
        "m",
        channels=EVERY,
        states={"open": "The only one."},
        rules=(Rule("open", "client", "DONE", "open", "R-1"),),
        counters=(Counter("n", (("server", ANY),), (("client", "DONE"),), "R-2", "R-3", most=1, unit=2),),
    )
    run = Run(machine)
    assert found(run) == {("server", ANY)}
    run.feed("server", ANY)
    run.feed("server", ANY)
    assert found(run) == {("client", "DONE")}


def test_a_walk_ends_where_nothing_is_left_to_say() -> None:
    run = Run(MACHINES["link"], state="closed")
    assert list(walk(run, Random(0), 10)) == []
