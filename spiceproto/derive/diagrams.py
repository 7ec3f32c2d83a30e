"""Machines for people: state diagrams and sequence diagrams as Mermaid text, and tables of rules and counters.

A sequence diagram is an example that is run through its machine while it is drawn: one that the rules do not allow is
an error.
"""

from __future__ import annotations

from random import Random

from spiceproto.errors import SchemaError
from spiceproto.machine import ANY, Counter, Event, Machine, Run, Scenario, Sender

__all__ = ["counter_table", "idle_letters", "rule_table", "sequence_diagram", "state_diagram"]


def _name(letter: str) -> str:
    return "any other" if letter == ANY else letter


def _plain(text: str) -> str:
    """Mermaid takes a semicolon for the end of a line."""
    return text.replace(";", ",").replace("#", "")


def idle_letters(machine: Machine) -> tuple[tuple[Sender, str], ...]:
    """Letters that are allowed in several states and change none: in a drawing they would hide the others."""
    found = []
    for sender, letter in machine.alphabet:
        rules = [rule for rule in machine.rules if (rule.sender, rule.message) == (sender, letter)]
        if len(rules) > 2 and all(rule.state == rule.next_state for rule in rules):
            found.append((sender, letter))
    return tuple(found)


def state_diagram(machine: Machine) -> str:
    """``stateDiagram-v2``: an arrow for every pair of states, with letters that lead along it; idle ones left out."""
    idle = idle_letters(machine)
    ids = {state: state.replace("-", "_") for state in machine.states}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state}" as {id}' for state, id in ids.items() if state != id]
    lines += [f"    [*] --> {ids[state]}" for state in machine.starts]
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in machine.rules:
        if (rule.sender, rule.message) in idle:
            continue
        label = f"{rule.sender} {_name(rule.message)}{' (tolerated)' * rule.tolerated}"
        arrows.setdefault((rule.state, rule.next_state), []).append(label)
    for (here, there), labels in arrows.items():
        lines.append(f"    {ids[here]} --> {ids[there]} : {_plain(', '.join(labels))}")
    lines += [f"    {ids[state]} --> [*]" for state in machine.final]
    return "\n".join(lines) + "\n"


def rule_table(machine: Machine) -> str:
    """The rows of a machine in Markdown, with the sentence each rests on."""
    lines = [
        "| state | sender | message | next state | condition | sentence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in machine.rules:
        condition = str(rule.when) if rule.when is not None else ""
        if rule.tolerated:
            condition = f"{condition}; tolerated".removeprefix("; ")
        message = _name(rule.message).replace("|", "\\|")
        lines.append(
            f"| {rule.state} | {rule.sender} | {message} | {rule.next_state} | {condition} | {rule.requirement} |"
        )
    return "\n".join(lines) + "\n"


def counter_table(machine: Machine) -> str:
    """The counters of a machine in Markdown."""
    lines = [
        "| counter | raised by | lowered by | unit | at most | too many | too few |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for counter in machine.counters:
        cells = (
            counter.name,
            _letters(counter.raised),
            _letters(counter.lowered),
            _unit(counter),
            _most(counter),
            counter.above,
            counter.below,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _letters(letters: tuple[tuple[Sender, str], ...]) -> str:
    return ", ".join(f"{sender} {'any message' if letter == ANY else letter}" for sender, letter in letters)


def _unit(counter: Counter) -> str:
    return str(counter.unit) if counter.unit_from is None else f"`{counter.unit_from[2]}` of {counter.unit_from[1]}"


def _most(counter: Counter) -> str:
    more = f" and {counter.more}" if counter.more else ""
    return (
        f"{counter.most} units{more}"
        if counter.unit_from is not None
        else str(counter.most * counter.unit + counter.more)
    )


def sequence_diagram(scenario: Scenario, machine: Machine) -> str:
    """``sequenceDiagram`` of an example. Raises SchemaError if the machine does not allow it."""
    run = Run(machine, state=scenario.start)
    random = Random(0)
    lines = [
        "sequenceDiagram",
        f"    title {_plain(scenario.title)}",
        "    participant C as client",
        "    participant S as server",
    ]
    state = run.state
    for sender, letter, remark in scenario.steps:
        choices = [event for event in run.choices(random) if event.sender == sender and _letter(run, event) == letter]
        if not choices:
            raise SchemaError("an example that the rules do not allow", path=scenario.name, actual=f"{sender} {letter}")
        values = {name: scenario.values.get(name, number) for name, number in choices[0].values.items()}
        run.feed(sender, choices[0].message, values)
        ends = "C->>S" if sender == "client" else "S->>C"
        text = "any message" if letter == ANY else letter
        lines.append(f"    {ends}: {_plain(text + (f' ({remark})' if remark else ''))}")
        if run.state != state:
            state = run.state
            lines.append(f"    Note over C,S: {state}")
    return "\n".join(lines) + "\n"


def _letter(run: Run, event: Event) -> str:
    return run.letter(event.sender, event.message, event.values) or event.message
