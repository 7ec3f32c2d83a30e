"""Answers that a target owes: acknowledgements that are due, and questions of the suite that nobody has answered.

Both follow from the tables: a Counter that has reached a unit, and an Echo whose question waits.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.talk import Talk
from spiceproto.machine import Run

__all__ = ["debts"]


def debts(talk: Talk, role: str) -> Iterator[tuple[str, str, str]]:
    """Sentence, message and how many of it a target of this role owes on a channel."""
    member = talk.stream.line.member
    if member is None or not talk.stream.open:
        return
    for run in member.held.values():
        if isinstance(run, Run) and run.whole:
            yield from _acknowledgements(run, role)
            yield from _answers(run, role)


def _acknowledgements(run: Run, role: str) -> Iterator[tuple[str, str, str]]:
    for counter in run.machine.counters:
        unit = run.units[counter.name]
        for sender, letter in counter.lowered:
            rule = run.machine.rule(run.state, sender, letter)
            if sender == role and rule is not None and counter.lowers(sender, letter, run.state) and unit > 0:
                due = run.counts[counter.name] // unit
                if due:
                    yield rule.requirement, letter, f"{due} more, for {run.counts[counter.name]} {counter.name}"


def _answers(run: Run, role: str) -> Iterator[tuple[str, str, str]]:
    for echo in run.machine.echoes:
        sender, message = echo.answer
        waiting = run.asked[echo.name]
        if sender != role or not waiting:
            continue
        letter = f"{message} newest" if echo.letters else message
        rule = run.machine.rule(run.state, sender, letter)
        if rule is not None:
            yield rule.requirement, message, f"{len(waiting)} more"
