"""Tables: what a machine refuses to be, what a run says, walks along the rows and against them."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.capabilities import NONE, Capabilities
from spiceproto.derive import diagrams
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.errors import LocalError, SchemaError
from spiceproto.machine import (
    ANY,
    CLOSE,
    Announced,
    Counter,
    Coverage,
    Deadline,
    Echo,
    Forbidden,
    Machine,
    Rule,
    Run,
    Scenario,
    Split,
    walk,
)
from spiceproto.rules import MACHINES, SCENARIOS

NAMED = Announced(client=(MainCapability.NAME_AND_UUID,))
EVERYTHING = Capabilities((1 << 32) - 1, (1 << 32) - 1)

DOOR = Machine(
    "door",
    "shut",
    (
        Rule("shut", "client", "KNOCK", "asked", "R-1"),
        Rule("asked", "server", "ANSWER yes", "open", "R-2"),
        Rule("asked", "server", "ANSWER no", "shut", "R-2"),
        Rule("open", "server", "NAME", "open", "R-3", when=NAMED),
        Rule("open", "client", ANY, "open", "R-4"),
        Rule("open", "server", CLOSE, "over", "R-5", tolerated=True),
    ),
    final=("over",),
    splits=(Split("server", "ANSWER", ("yes",), (((1,), "yes"),), "no"),),
    forbidden=(
        Forbidden("client", "KNOCK", "R-6"),
        Forbidden("client", ANY, "R-7"),
        Forbidden("server", "ANSWER yes", "R-8", then="open"),
        Forbidden("server", "ANSWER no", "R-8"),
        Forbidden("server", "NAME", "R-9", state="over"),
        Forbidden("server", "NAME", "R-10"),
        Forbidden("server", CLOSE, "R-11", then="over"),
    ),
    deadlines=(Deadline("asked", "server", 5.0, "R-12"),),
)

OPEN = (Rule("open", "client", "X", "open", "R-1"), Rule("open", "server", "Y", "open", "R-2"))
WINDOWED = Machine(
    "windowed",
    "open",
    (*OPEN, Rule("open", "server", "SET", "open", "R-3")),
    counters=(
        Counter("fixed", (("client", "X"),), (("server", "Y"),), "R-ABOVE", "R-BELOW", most=2, unit=2),
        Counter("set", (("client", ANY),), (("server", "Y"),), "R-HIGH", "R-LOW", most=1, more=1,
                unit_from=("server", "SET", "size"), states=("open",)),
    ),
)  # fmt: skip


def broken(run: Run, sender: str, message: str, value: object = None, **more: bool) -> list[str]:
    """Sentences that a message breaks."""
    return [item.requirement for item in run.feed(sender, message, value, **more).breaches]


# -- what a table may not be


def test_two_rules_for_one_letter() -> None:
    with pytest.raises(SchemaError, match="two rules"):
        Machine("m", "a", (Rule("a", "client", "X", "a", "R-1"), Rule("a", "client", "X", "b", "R-2")))


def test_unreachable_state() -> None:
    with pytest.raises(SchemaError, match="nothing leads to"):
        Machine("m", "a", (Rule("b", "client", "X", "a", "R-1"),))


def test_illegal_letter_without_a_sentence() -> None:
    with pytest.raises(SchemaError, match="which sentence"):
        Machine("m", "a", (Rule("a", "client", "X", "b", "R-1"),))


@pytest.mark.parametrize("state", ["forbidden", "deadline", "final", "counter"])
def test_unknown_states(state: str) -> None:
    counter = Counter("n", (("client", "X"),), (), "R", "R", most=1, unit=1, states=("nowhere",))
    with pytest.raises(SchemaError, match="no rule has"):
        Machine(
            "m",
            "open",
            OPEN,
            forbidden=(Forbidden("client", "X", "R", state="nowhere"),) if state == "forbidden" else (),
            deadlines=(Deadline("nowhere", "client", 1.0, "R"),) if state == "deadline" else (),
            final=("nowhere",) if state == "final" else (),
            counters=(counter,) if state == "counter" else (),
        )


def test_counter_of_unread_letters() -> None:
    with pytest.raises(SchemaError, match="does not read"):
        Machine("m", "open", OPEN, counters=(Counter("n", (("client", "Z"),), (), "R", "R", most=1, unit=1),))


def test_forbidden_twice() -> None:
    with pytest.raises(SchemaError, match="twice"):
        Machine("m", "open", OPEN, forbidden=(Forbidden("client", "Z", "R-1"), Forbidden("client", "Z", "R-2")))


# -- what a run says


def test_legal_run() -> None:
    run = Run(DOOR, client=EVERYTHING)
    assert run.feed("client", "KNOCK").legal
    verdict = run.feed("server", "ANSWER", {"yes": 1})
    assert (verdict.letter, verdict.before, verdict.after, verdict.legal) == ("ANSWER yes", "asked", "open", True)
    assert run.feed("server", "NAME").legal
    assert run.feed("client", "ANYTHING").letter == ANY
    assert run.feed("server", "NOTHING OF ITS CONCERN").letter == ""
    verdict = run.feed("server", CLOSE)
    assert verdict.legal and verdict.tolerated and run.finished


def test_values_may_be_objects() -> None:
    class Answer:
        yes = 1

    run = Run(DOOR, state="asked")
    assert run.feed("server", "ANSWER", Answer()).after == "open"


def test_illegal_messages_name_their_sentence() -> None:
    run = Run(DOOR)
    verdict = run.feed("client", "ANYTHING")
    assert [item.requirement for item in verdict.breaches] == ["R-7"]
    assert verdict.breaches[0].expected == "KNOCK" and verdict.after == "shut"
    assert broken(run, "server", "ANSWER", {"yes": 1}) == ["R-8"]
    assert run.state == "open"  # where the table says an observer goes on
    assert broken(run, "client", "KNOCK") == ["R-6"]
    assert broken(Run(DOOR, state="over"), "server", "NAME") == ["R-9"]
    assert broken(Run(DOOR, state="shut"), "server", "NAME") == ["R-10"]


def test_capabilities() -> None:
    for client, wanted in ((NONE, ["R-3"]), (EVERYTHING, []), (None, [])):
        assert broken(Run(DOOR, state="open", client=client), "server", "NAME") == wanted


@given(client=st.sampled_from([None, NONE, EVERYTHING]), server=st.sampled_from([None, NONE, EVERYTHING]))
def test_announced_and_its_negation(client: Capabilities | None, server: Capabilities | None) -> None:
    both = (CommonCapability.MINI_HEADER,)
    plain = Announced(client=both, server=both)
    negated = Announced(client=both, server=both, negated=True)
    known = client is not None and server is not None
    assert plain.holds(client, server) or negated.holds(client, server)
    if known:
        assert plain.holds(client, server) != negated.holds(client, server)


def test_deadlines() -> None:
    run = Run(DOOR)
    assert run.deadline is None
    run.feed("client", "KNOCK", now=10.0)
    assert run.deadline == 15.0
    assert not run.overdue(15.0)
    assert [item.requirement for item in run.overdue(15.1)] == ["R-12"]


def test_counter_bounds() -> None:
    run = Run(WINDOWED)
    assert not any(broken(run, "client", "X") for _ in range(4))
    assert broken(run, "client", "X") == ["R-ABOVE"]
    assert broken(run, "server", "Y") == [] and run.count("fixed") == 3
    assert broken(run, "server", "Y") == []
    assert broken(run, "server", "Y") == ["R-BELOW"] and run.count("fixed") == 0


def test_counter_with_a_unit_from_the_wire() -> None:
    run = Run(WINDOWED)
    run.feed("server", "SET", {"size": 3})
    assert run.unit("set") == 3
    for _ in range(4):
        assert "R-HIGH" not in broken(run, "client", "UNNAMED")
    assert broken(run, "client", "UNNAMED") == ["R-HIGH"]
    assert broken(run, "client", "UNNAMED", inside=True) == []
    run.feed("server", "SET", {"size": 0})
    assert "R-LOW" in broken(run, "server", "Y")


def test_a_run_that_is_not_whole_is_not_held_to_its_past() -> None:
    assert Run(WINDOWED, whole=False).feed("server", "Y").legal


def test_echo() -> None:
    machine = Machine("m", "open", OPEN, echoes=(Echo("e", ("client", "X"), ("server", "Y"), ("id",), "R-E"),))
    run = Run(machine)
    for number in (1, 2, 2):
        run.feed("client", "X", {"id": number})
    assert run.pending("e") == 3
    assert broken(run, "server", "Y", {"id": 2}) == []
    assert broken(run, "server", "Y", {"id": 2}) == []
    assert broken(run, "server", "Y", {"id": 2}) == ["R-E"]
    assert broken(run, "server", "Y", {"id": 1}) == []


def test_echo_letters_follow_the_newest_question() -> None:
    run = Run(MACHINES["acknowledgement"])
    for number in (1, 2, 3):
        run.feed("server", "SET_ACK", {"generation": number, "window": 5})
    assert run.feed("client", "ACK_SYNC", {"generation": 1}).letter == "ACK_SYNC older"
    assert run.feed("client", "ACK_SYNC", {"generation": 3}).after == "agreed"
    assert run.pending("generation") == 0
    assert broken(run, "client", "ACK_SYNC", {"generation": 2}) == ["SPICE-FRAME-027"]


def test_copies_are_independent() -> None:
    run = Run(WINDOWED)
    run.feed("client", "X")
    other = run.copy()
    other.feed("client", "X")
    assert (run.count("fixed"), other.count("fixed")) == (1, 2)


def test_unknown_state() -> None:
    with pytest.raises(LocalError):
        Run(DOOR, state="ajar")


def test_path_to() -> None:
    assert [rule.message for rule in DOOR.path_to("open") or ()] == ["KNOCK", "ANSWER yes"]
    assert DOOR.path_to("shut") == ()
    assert DOOR.path_to("over") is None  # only a tolerated rule leads there


@given(st.integers(0, 3), st.integers(0, 3))
def test_split_letters_and_values_agree(one: int, other: int) -> None:
    for machine in MACHINES.values():
        for split in machine.splits:
            values = dict(zip(split.fields, (one, other), strict=False))
            assert split.letter(values) in split.letters
            for letter in split.letters:
                assert split.letter(split.values(letter)) == letter


# -- walks over every machine of the protocol


@pytest.mark.parametrize("name", MACHINES)
@given(seed=st.integers(0, 2**32), bits=st.tuples(*[st.sampled_from([None, NONE, EVERYTHING])] * 2))
def test_legal_walks_are_never_rejected(
    name: str, seed: int, bits: tuple[Capabilities | None, Capabilities | None]
) -> None:
    machine = MACHINES[name]
    random = Random(seed)
    run = Run(machine, state=random.choice(machine.starts), client=bits[0], server=bits[1])
    for _, verdict in walk(run, random, 60):
        assert verdict.legal and not verdict.tolerated, verdict


@pytest.mark.parametrize("name", MACHINES)
def test_illegal_pairs_are_always_rejected(name: str) -> None:
    machine = MACHINES[name]
    for item in machine.illegal():
        run = Run(machine, state=item.state)
        message, value = item.message, None
        for split in machine.splits:
            if split.sender == item.sender and item.message in split.letters:
                message, value = split.message, split.values(item.message)
        for echo in machine.echoes:
            if echo.letters and echo.answer == (item.sender, item.message.partition(" ")[0]):
                message, value = echo.answer[1], {echo.fields[0]: 1}
                asked = {"newest": [1], "older": [1, 2], "unasked": []}[item.message.partition(" ")[2]]
                run._pending[echo.name].extend((number,) for number in asked)
        found = run.feed(item.sender, message, value)
        assert item.requirement in {breach.requirement for breach in found.breaches}, item


@pytest.mark.parametrize("name", MACHINES)
def test_walks_cover_every_rule_that_is_not_tolerated(name: str) -> None:
    machine = MACHINES[name]
    coverage = Coverage(machine)
    random = Random(7)
    for state in machine.starts * 20 + machine.states * 10:
        for _ in walk(Run(machine, state=state), random, 40, coverage):
            pass
    left = [rule for rule in coverage.unused if not rule.tolerated]
    assert not left


# -- for people


@pytest.mark.parametrize("name", MACHINES)
def test_state_diagrams_draw_every_rule(name: str) -> None:
    machine = MACHINES[name]
    text = diagrams.state_diagram(machine)
    ids = {state.replace("-", "_") for state in machine.states}
    arrows = re.findall(r"^    (\w+) --> (\w+) : ", text, re.MULTILINE)
    assert {state for arrow in arrows for state in arrow} <= ids
    idle = diagrams.idle_letters(machine)
    drawn = [rule for rule in machine.rules if (rule.sender, rule.message) not in idle]
    assert len(arrows) == len({(rule.state, rule.next_state) for rule in drawn})
    assert text.count("tolerated") == sum(rule.tolerated for rule in drawn)
    assert all(rule.state == rule.next_state for rule in machine.rules if rule not in drawn)
    assert diagrams.rule_table(machine).count("\n") == len(machine.rules) + 2


@pytest.mark.parametrize("name", SCENARIOS)
def test_examples_are_legal(name: str) -> None:
    scenario = SCENARIOS[name]
    text = diagrams.sequence_diagram(scenario, MACHINES[scenario.machine])
    assert text.count("->>") == len(scenario.steps) and ";" not in text


def test_an_illegal_example_is_not_drawn() -> None:
    with pytest.raises(SchemaError, match="do not allow"):
        diagrams.sequence_diagram(Scenario("bad", "Bad", "door", (("server", "NAME", ""),)), DOOR)
