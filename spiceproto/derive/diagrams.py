"""Machines for people: state diagrams and sequence diagrams as Mermaid text, and tables of states, rules, keys and counters.

What would hide the rest is folded: an arrow that leads back to its own state is not drawn, and rows that say the same of
several states or messages are one. A sequence diagram is an example that is run through its machine while it is drawn:
one that the rules do not allow is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from spiceproto.errors import SchemaError
from spiceproto.machine import ANY, Counter, Drawing, Machine, Place, Rule, Run, Scenario, Sender, begin, choices

__all__ = ["counter_table", "forbidden_table", "key_table", "rule_table", "sequence_diagram", "state_diagram", "state_table"]

_FEW = 2
"""Exceptions that are named, where a row holds in all states but these."""

_LONG = 30
"""Rows of a table of keys that is shown without being asked for."""


def _name(letter: str) -> str:
    return "any other" if letter == ANY else letter.removeprefix(f"{ANY}.")


def _plain(text: str) -> str:
    """Mermaid takes a semicolon for the end of a line."""
    return text.replace(";", ",").replace("#", "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join([f"| {' | '.join(line)} |\n" for line in lines])


# -- states


def state_table(machine: Machine) -> str:
    """What each state of a machine means, in Markdown."""
    return _table(("state", "meaning"), [(f"`{state}`", meaning) for state, meaning in machine.states.items()])


def state_diagram(machine: Machine, drawing: Drawing) -> str:
    """``stateDiagram-v2``: an arrow from a state of the drawing to another, with all letters that lead along it.

    Empty if no letter leads from one state to another.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in machine.rules:
        if rule.state in drawing.states and rule.next_state != rule.state:
            label = f"{rule.sender} {_name(rule.message)}{' (tolerated)' * rule.tolerated}"
            arrows.setdefault((rule.state, rule.next_state), []).append(label)
    if not arrows:
        return ""
    drawn = dict.fromkeys([*drawing.states, *[there for _, there in arrows]])
    ids = {state: state.replace("-", "_") for state in drawn}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state}" as {id}' for state, id in ids.items() if state != id]
    lines += [f"    [*] --> {ids[state]}" for state in machine.starts if state in drawing.states]
    for (here, there), labels in arrows.items():
        lines.append(f"    {ids[here]} --> {ids[there]} : {_plain(', '.join(labels))}")
    lines += [f"    {ids[state]} --> [*]" for state in machine.final if state in drawn]
    return "\n".join(lines) + "\n"


# -- rules


def rule_table(machine: Machine) -> str:
    """The rows of a machine in Markdown, with the sentence each rests on."""
    states: dict[tuple[str, ...], list[str]] = {}
    for rule in machine.rules:
        there = "" if rule.next_state == rule.state else rule.next_state
        states.setdefault((rule.sender, rule.message, there, _condition(rule), rule.requirement), []).append(rule.state)
    messages: dict[tuple[str, ...], list[str]] = {}
    for (sender, message, there, condition, requirement), here in states.items():
        key = (_several(machine, here), sender, there or "the same", condition, requirement)
        messages.setdefault(key, []).append(message)
    head = ("state", "sender", "message", "next state", "condition", "sentence")
    return _table(head, [(key[0], key[1], _letters(letters), *key[2:]) for key, letters in messages.items()])


def forbidden_table(machine: Machine) -> str:
    """Which sentence is broken by a message that no row allows, and where an observer goes on, in Markdown."""
    found: dict[tuple[str, ...], list[str]] = {}
    for item in machine.forbidden:
        key = (item.state or "any other", item.sender, item.then or "the same", item.requirement)
        found.setdefault(key, []).append(item.message)
    head = ("state", "sender", "message", "goes on in", "breaks")
    return _table(head, [(key[0], key[1], _letters(letters), key[2], key[3]) for key, letters in found.items()])


def _condition(rule: Rule) -> str:
    condition = str(rule.when) if rule.when is not None else ""
    return f"{condition}; tolerated".removeprefix("; ") if rule.tolerated else condition


def _several(machine: Machine, states: list[str]) -> str:
    others = [state for state in machine.states if state not in states]
    if len(states) == 1 or len(others) > _FEW or len(others) >= len(states):
        return ", ".join(states)
    return f"any but {', '.join(others)}" if others else "any"


def _letters(letters: list[str]) -> str:
    """Names of messages; where one name has several words, it is said once."""
    words: dict[str, list[str]] = {}
    for letter in letters:
        base, _, word = letter.partition(" ")
        words.setdefault(base, []).append(word)
    return ", ".join([f"{_name(base)} {' or '.join(found)}".strip() for base, found in words.items()])


# -- lives


def key_table(machine: Machine) -> str:
    """Which messages name a life, and where in them its key stands, in Markdown. Empty for a machine without keys."""
    if machine.keys is None:
        return ""
    rows = [(item.sender, _name(item.message), _place(item), item.letter) for item in machine.keys.places]
    table = _table(("sender", "message", "key", "read as"), rows)
    if len(rows) <= _LONG:
        return table
    return f"<details><summary>Where a key stands: all {len(rows)} places</summary>\n\n{table}\n</details>\n"


def _place(place: Place) -> str:
    if place.all:
        return "all at once"
    if place.life:
        return f"always {', '.join(map(str, place.life))}"
    fields = ", ".join([f"`{path}`" for path in place.key])
    return f"{fields} in `{place.at}`" if place.at else fields


# -- counters


def counter_table(machine: Machine) -> str:
    """The counters of a machine in Markdown."""
    head = ("counter", "raised by", "lowered by", "unit", "at most", "too many", "too few")
    rows = [
        (item.name, _counted(item.raised), _counted(item.lowered), _unit(item), _most(item), item.above, item.below)
        for item in machine.counters
    ]
    return _table(head, rows)


def _counted(letters: tuple[tuple[Sender, str], ...]) -> str:
    return ", ".join(f"{sender} {'any message' if letter == ANY else letter}" for sender, letter in letters)


def _unit(counter: Counter) -> str:
    if counter.unit_from is None:
        return str(counter.unit) if counter.most else "1"
    return f"`{counter.unit_from[2]}` of {counter.unit_from[1]}"


def _most(counter: Counter) -> str:
    granted = [f"`{field}` of each {message}" for _, message, field in counter.granted]
    if counter.unit_from is not None:
        more = f" and {counter.more}" if counter.more else ""
        return ", and ".join([f"{counter.most} unit{'s'[: counter.most != 1]}{more}", *granted])
    fixed = counter.most * counter.unit + counter.more
    return ", and ".join([str(fixed)] * bool(fixed or not granted) + granted)


# -- examples


def sequence_diagram(scenario: Scenario, machine: Machine) -> str:
    """``sequenceDiagram`` of an example. Raises SchemaError if the machine does not allow it."""
    held = Run(machine, state=scenario.start) if machine.keys is None else begin(machine)
    assert held is not None  # every machine is run from a session's first link on
    random = Random(0)
    lines = [
        "sequenceDiagram",
        f"    title {_plain(scenario.title)}",
        "    participant C as client",
        "    participant S as server",
    ]
    state = scenario.start or machine.initial
    for sender, letter, remark in scenario.steps:
        found = [item.said for item in choices(held, random) if (item.said.sender, item.letter) == (sender, letter)]
        if not found:
            raise SchemaError("an example that the rules do not allow", path=scenario.name, actual=f"{sender} {letter}")
        values = {name: scenario.values.get(name, value) for name, value in found[0].values.items()}
        ends = "C->>S" if sender == "client" else "S->>C"
        text = "any message" if letter == ANY else _name(letter)
        lines.append(f"    {ends}: {_plain(text + (f' ({remark})' if remark else ''))}")
        after = held.judge(sender, found[0].message, values)[-1].after
        if after != state:
            state = after
            lines.append(f"    Note over C,S: {state}")
    return "\n".join(lines) + "\n"
