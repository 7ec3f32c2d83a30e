"""What could come next, and whether everything came: for tests, fuzzers and drawings. No end and no observer needs it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

import msgspec

from spiceproto.machine.lives import UNKNOWN, Lives
from spiceproto.machine.machines import Held
from spiceproto.machine.rows import ANY, Counter, Keys, Place, Rule, Said, Sender
from spiceproto.machine.run import Run, Verdict
from spiceproto.machine.table import Machine

__all__ = ["Choice", "Coverage", "choices", "said", "walk"]

_UNITS: Final = (0, 1, 2, 20)
"""Units that a counter is given."""

_NEAR: Final = 4
"""Lives that are looked at for what could happen to them next."""


class Choice(msgspec.Struct, frozen=True):
    """Something that could be said now.

    * ``letter``: what it would be read as
    * ``rule``: the row that allows it; None for a message that only a counter reads
    """

    said: Said
    letter: str
    rule: Rule | None = None


def choices(held: Held, random: Random) -> list[Choice]:
    """Everything that is legal now and not merely tolerated; where the rules leave a field open, it is drawn.

    A message ``*`` stands for any that the machine does not name. Of lives, those that exist come first.
    """
    return _of_run(held, random) if isinstance(held, Run) else _of_lives(held, random)


def said(machine: Machine, sender: Sender, letter: str, key: tuple[int, ...] = (), place: Place | None = None) -> Said:
    """A message that is read as ``letter``; of a machine with keys, about the life ``key``. No fields of an Echo.

    Where several messages can say it, ``place`` is that of the one to take; the first if it is None.
    """
    base = letter.partition(" ")[0]
    split = machine.split(sender, base)
    values: dict[str, Any] = {} if split is None else dict(split.values(letter))
    if machine.keys is None:
        return Said(sender, base, _nested(values))
    place = place or _places(machine.keys, sender, letter)[0]
    values |= dict(zip(place.key, key, strict=False))
    return Said(sender, place.message, _inside(place, _nested(values)))


def _places(keys: Keys, sender: str, letter: str) -> list[Place]:
    """Where a letter may stand: not in a message that is about every life before it comes to one."""
    base = letter.partition(" ")[0]
    everybody = {(place.sender, place.message) for place in keys.places if place.all}
    found = [place for place in keys.places if (place.sender, place.base) == (sender, base)]
    return [place for place in found if place.all or (place.sender, place.message) not in everybody]


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Paths and what stands there, as a mapping of mappings."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        *way, last = path.split(".")
        here = found
        for name in way:
            here = here.setdefault(name, {})
        here[last] = value
    return found


def _inside(place: Place, part: dict[str, Any]) -> Mapping[str, Any]:
    return _nested({place.at: part}) if place.at else part


# -- a run


def _of_run(run: Run, random: Random) -> list[Choice]:
    found = []
    for rule in run.machine.rules:
        if rule.state == run.state and _allowed(run, rule):
            event = _event(run, rule, random)
            if event is not None and _within_bounds(run, event, rule.message):
                found.append(Choice(event, rule.message, rule))
    for counter in run.machine.counters:
        for sender, letter in counter.raised:
            event = Said(sender, ANY)
            if letter == ANY and not run.machine.names(sender, ANY) and _within_bounds(run, event, ANY):
                found.append(Choice(event, ANY))
    return found


def _allowed(held: Held, rule: Rule) -> bool:
    return not rule.tolerated and (rule.when is None or rule.when.holds(held.client, held.server))


def _event(run: Run, rule: Rule, random: Random) -> Said | None:
    """The message of a row; None for an answer that nobody waits for."""
    for echo in run.machine.echoes:
        message, _, word = rule.message.partition(" ")
        if echo.answer == (rule.sender, message if echo.letters else rule.message):
            asked = list(run.asked[echo.name])
            if echo.letters and word == "unasked":
                return Said(rule.sender, echo.answer[1], {path: random.getrandbits(32) for path in echo.fields})
            if echo.letters:
                asked = [item for item in asked if (item == asked[-1]) == (word == "newest")]
            if not asked:
                return None
            # In the order of the questions; the bounds of a counter may depend on it.
            return Said(rule.sender, echo.answer[1], dict(zip(echo.fields, asked[0], strict=True)))
    values: dict[str, Any] = {}
    for echo in run.machine.echoes:
        if echo.question == (rule.sender, rule.message):
            values |= {path: random.getrandbits(32) for path in echo.fields}
    for counter in run.machine.counters:
        if counter.unit_from is not None and counter.brings(rule.sender, rule.message):
            values[counter.unit_from[2]] = random.choice(_UNITS)
        if grant := counter.grants(rule.sender, rule.message):
            values[grant] = random.choice(_UNITS)
    event = said(run.machine, rule.sender, rule.message)
    return Said(event.sender, event.message, {**event.values, **_nested(values)})


def _within_bounds(run: Run, event: Said, letter: str) -> bool:
    return all(_within(run, counter, event, letter) for counter in run.machine.counters)


def _within(run: Run, counter: Counter, event: Said, letter: str) -> bool:
    unit, number = run.units[counter.name], run.counts[counter.name]
    lowers = counter.lowers(event.sender, letter, run.state)
    if not unit and lowers:
        return False
    if unit < 0 or (not unit and not counter.granted) or counter.brings(event.sender, event.message):
        return True
    if counter.raises(event.sender, letter) and number >= counter.most * unit + counter.more + run.grants[counter.name]:
        return False
    return not lowers or number >= unit


# -- lives


def _of_lives(lives: Lives, random: Random) -> list[Choice]:
    machine = lives.machine
    assert machine.keys is not None
    near = [*list(lives.states)[-_NEAR:], tuple([random.getrandbits(16) for _ in machine.keys.fields])]
    found = []
    for rule in machine.rules:
        if not _allowed(lives, rule):
            continue
        place = random.choice(_places(machine.keys, rule.sender, rule.message))
        if place.all:
            heard = set(lives.states.values()) or {lives.rest}
            if rule.state in heard and all(_goes(lives, state, rule) for state in heard):
                found.append(Choice(said(machine, rule.sender, rule.message, (), place), rule.message, rule))
            continue
        for key in [place.life] if place.life else near:
            if lives.state(key) == rule.state and _has_room(lives, machine.keys, rule):
                found.append(Choice(said(machine, rule.sender, rule.message, key, place), rule.message, rule))
    return found


def _goes(lives: Lives, state: str, rule: Rule) -> bool:
    there = lives.machine.rule(state, rule.sender, rule.message)
    return state != UNKNOWN and there is not None and _allowed(lives, there)


def _has_room(lives: Lives, keys: Keys, rule: Rule) -> bool:
    begins = rule.next_state in keys.alive and rule.state not in keys.alive
    return not begins or not keys.most or lives.alive < keys.most


# -- many steps


class Coverage:
    """Which rows of a machine were used, over any number of conversations."""

    __slots__ = ("machine", "used")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.used: Tally[Rule] = Tally()

    def note(self, verdict: Verdict) -> None:
        """Count what was said of a message."""
        if verdict.rule is not None:
            self.used[verdict.rule] += 1

    @property
    def unused(self) -> tuple[Rule, ...]:
        """Rows that nothing came along, in the order of the table."""
        return tuple([rule for rule in self.machine.rules if rule not in self.used])


def walk(held: Held, random: Random, steps: int, coverage: Coverage | None = None) -> Iterator[tuple[Said, Verdict]]:
    """Up to ``steps`` legal messages, and what is said of each; ends where nothing is left to say.

    With ``coverage`` the walk notes what it does there, and takes what was done least: many walks come everywhere.
    """
    for _ in range(steps):
        found = choices(held, random)
        if not found:
            return
        random.shuffle(found)
        choice = found[0] if coverage is None else min(found, key=lambda item: coverage.used[item.rule] if item.rule else 0)
        event = choice.said
        for verdict in held.judge(event.sender, event.message, event.values):
            if coverage is not None:
                coverage.note(verdict)
            yield event, verdict
