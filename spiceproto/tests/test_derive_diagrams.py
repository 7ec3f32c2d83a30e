"""Machines for people: nothing is missing in a diagram or a table, and nothing is too much to be read."""

from __future__ import annotations

import re

import pytest

from spiceproto.derive import chapters, diagrams
from spiceproto.errors import SchemaError
from spiceproto.machine import ANY, EVERY, Announced, Forbidden, Keys, Machine, Place, Rule, Scenario
from spiceproto.rules import MACHINES, SCENARIOS

MOST = 15
"""Arrows that people can follow in one picture."""


def arrows(text: str) -> list[tuple[str, str, str]]:
    return re.findall(r"^    (\w+) --> (\w+) : (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", MACHINES)
def test_diagrams_draw_every_rule_that_leads_elsewhere(name: str) -> None:
    machine = MACHINES[name]
    ids = {state: state.replace("-", "_") for state in machine.states}
    drawn = [diagrams.state_diagram(machine, drawing) for drawing in machine.drawings]
    found = [(here, there, label) for text in drawn for here, there, labels in arrows(text) for label in labels.split(", ")]
    wanted = []
    for rule in machine.rules:
        message = "any other" if rule.message == ANY else rule.message.removeprefix("*.")
        label = f"{rule.sender} {message}{' (tolerated)' * rule.tolerated}"
        if rule.state != rule.next_state:
            wanted.append((ids[rule.state], ids[rule.next_state], label))
    assert sorted(found) == sorted(wanted)
    for text in drawn:
        assert len(arrows(text)) <= MOST
        assert set(re.findall(r"\w+", " ".join(f"{here} {there}" for here, there, _ in arrows(text)))) <= set(ids.values())


def test_beginnings_and_ends_are_drawn() -> None:
    text = diagrams.state_diagram(MACHINES["main"], MACHINES["main"].drawings[0])
    assert "[*] --> linked" in text and "[*] --> destination\n" in text
    assert "over --> [*]" in diagrams.state_diagram(MACHINES["common"], MACHINES["common"].drawings[0])


def test_one_state_is_not_drawn() -> None:
    assert diagrams.state_diagram(MACHINES["ping"], MACHINES["ping"].drawings[0]) == ""
    assert "```mermaid" not in chapters.block("states", "ping")


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def _states(machine: Machine, cell: str) -> list[str]:
    if cell == "any":
        return list(machine.states)
    if cell.startswith("any but "):
        return [state for state in machine.states if state not in cell.removeprefix("any but ").split(", ")]
    return cell.split(", ")


def _letters(cell: str) -> list[str]:
    found = []
    for text in cell.split(", "):
        base, _, words = text.replace("any other", "*").partition(" ")
        found += [f"{base} {word}".strip() for word in words.split(" or ")]
    return found


@pytest.mark.parametrize("name", MACHINES)
def test_folded_rules_unfold_to_all_rules(name: str) -> None:
    machine = MACHINES[name]
    found = {
        (state, sender, letter, state if there == "the same" else there, condition, requirement)
        for here, sender, letters, there, condition, requirement in _cells(diagrams.rule_table(machine))
        for state in _states(machine, here)
        for letter in _letters(letters)
    }
    wanted = set()
    for rule in machine.rules:
        condition = "; ".join([str(rule.when)] * (rule.when is not None) + ["tolerated"] * rule.tolerated)
        letter = rule.message.removeprefix("*.")
        wanted.add((rule.state, rule.sender, letter, rule.next_state, condition, rule.requirement))
    assert found == wanted


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_forbidden_is_said(name: str) -> None:
    machine = MACHINES[name]
    found = {
        ("" if state == "any other" else state, sender, letter, "" if then == "the same" else then, requirement)
        for state, sender, letters, then, requirement in _cells(diagrams.forbidden_table(machine))
        for letter in _letters(letters)
    }
    assert found == {
        (item.state, item.sender, item.message.removeprefix("*."), item.then, item.requirement) for item in machine.forbidden
    }


@pytest.mark.parametrize("name", MACHINES)
def test_states_are_explained_where_they_are_drawn(name: str) -> None:
    text = chapters.block("states", name)
    for state, meaning in MACHINES[name].states.items():
        assert f"| `{state}` | {meaning} |" in text


def test_a_table_of_sixty_rules_can_be_read() -> None:
    assert len(MACHINES["mouse"].rules) > 50
    assert len(_cells(diagrams.rule_table(MACHINES["mouse"]))) <= 22


THINGS = Machine(
    "things",
    channels=EVERY,
    states={"absent": "There is none.", "alive": "There is one."},
    doc="Things.",
    rules=(
        Rule("absent", "server", "MAKE", "alive", "R-1"),
        Rule("alive", "server", "CLEAR", "absent", "R-2"),
        Rule("absent", "server", "CLEAR", "absent", "R-2", when=Announced(negated=True)),
    ),
    forbidden=(Forbidden("server", "MAKE", "R-3"),),
    keys=Keys(
        "thing",
        ("kind", "id"),
        (Place("server", "MAKE_MANY", ("kind", "id"), at="list", letter="MAKE"), Place("server", "CLEAR", all=True)),
        alive=("alive",),
        most=9,
        above="R-4",
    ),
)


def test_keys_of_lives_are_said() -> None:
    assert _cells(diagrams.key_table(THINGS)) == [
        ["server", "MAKE_MANY", "`kind`, `id` in `list`", "MAKE"],
        ["server", "CLEAR", "all at once", ""],
    ]
    assert diagrams.key_table(MACHINES["main"]) == ""


def test_bounds_of_lives_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chapters, "MACHINES", {"things": THINGS})
    text = chapters.block("states", "things")
    assert "one such life for each thing, that is, for each kind and id" in text
    assert "At most 9 are `alive` at once (R-4)." in text


# -- examples


@pytest.mark.parametrize("name", SCENARIOS)
def test_examples_are_legal(name: str) -> None:
    scenario = SCENARIOS[name]
    text = diagrams.sequence_diagram(scenario, MACHINES[scenario.machine])
    assert text.count("->>") == len(scenario.steps) and ";" not in text


def test_an_example_of_one_life() -> None:
    text = diagrams.sequence_diagram(SCENARIOS["channels"], MACHINES["channels"])
    assert re.findall(r"Note over C,S: (\w+)", text) == ["listed", "linked", "listed", "linked"]


def test_an_illegal_example_is_not_drawn() -> None:
    with pytest.raises(SchemaError, match="do not allow"):
        diagrams.sequence_diagram(Scenario("bad", "Bad", "main", (("server", "NAME", ""),)), MACHINES["main"])


def test_a_count_of_what_is_granted_says_who_grants_it() -> None:
    row = diagrams.counter_table(MACHINES["agent_tokens"]).splitlines()[-1]
    assert "`num_tokens` of each AGENT_START, and `num_tokens` of each AGENT_TOKEN" in row
    assert "| 0 |" not in row


def test_a_machine_that_forbids_nothing_has_no_empty_tables() -> None:
    text = chapters.block("states", "agent_tokens")
    assert "What no rule allows" not in text
    assert "not drawn" not in text
    assert "What no rule allows" in chapters.block("states", "main")
