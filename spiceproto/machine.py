"""State machines that are tables, and what can be done with a table.

A row says: in this state, this end may send this message, and the next state is that one; and it names the sentence of
the specification that says so. A table does not know whose view it is. An endpoint asks it what it may send and judges
what it receives; an observer of both directions feeds everything; the specification prints it; a test walks through it,
along the rows or against them.

    Rule        one row
    Forbidden   which sentence is broken by a message that no row allows
    Split       one message that means several things to a machine, by its fields: RESULT is "link-result OK" or another
    Announced   a row that holds only if capabilities were announced
    Counter     a number with bounds: messages under way before somebody acknowledges them
    Echo        an answer that repeats fields of its question
    Deadline    how long a state may last while one end is silent
    Machine     all of these together, checked
    Run         one conversation held against a machine

A *letter* is what a machine reads: the name of a message, with a word behind it if a Split distinguishes. The letter
``*`` stands for every message of a sender that the machine does not name; without it such messages are of no concern.

What must never live here: bytes, sockets, clocks, and the protocol itself, which is in :mod:`spiceproto.rules`.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import deque
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final, Literal

import msgspec

from spiceproto.capabilities import Capabilities
from spiceproto.enums.base import WireEnum
from spiceproto.errors import LocalError, SchemaError

__all__ = ["ANY", "CLOSE", "Announced", "Breach", "Counter", "Coverage", "Deadline", "Echo", "Event", "Forbidden",
           "Illegal", "Machine", "Rule", "Run", "Scenario", "Sender", "Split", "Verdict", "walk"]  # fmt: skip

Sender = Literal["client", "server"]

ANY: Final = "*"
"""Every message of a sender that the machine does not name."""

CLOSE: Final = "CLOSE"
"""Not a message: the sender closes the connection."""

_PENDING: Final = 4096
"""Questions of one Echo that are remembered. Who asks more without an answer is not held to the oldest ones."""


_UNSET: Final = -1
"""Unit of a Counter that waits for a message to bring one."""


class Announced(msgspec.Struct, frozen=True):
    """Holds if each end announced what is listed for it; ``negated``: if one of them did not."""

    client: tuple[WireEnum, ...] = ()
    server: tuple[WireEnum, ...] = ()
    negated: bool = False

    def holds(self, client: Capabilities | None, server: Capabilities | None) -> bool:
        """None is an end whose capabilities were not seen: it gets the benefit of the doubt."""
        unknown = False
        for wanted, found in ((self.client, client), (self.server, server)):
            for capability in wanted:
                if found is None:
                    unknown = True
                elif not found.has(capability):
                    return self.negated
        return unknown or not self.negated

    def __str__(self) -> str:
        parts = [f"{who} announced {item.name}" for who, items in (("client", self.client), ("server", self.server))
                 for item in items]  # fmt: skip
        text = " and ".join(parts)
        return f"not ({text})" if self.negated else text


class Rule(msgspec.Struct, frozen=True):
    """In ``state``, ``sender`` may send ``message``.

    ``tolerated``  a receiver lives with it, and a sender that knows the whole specification does not do it
    ``when``       the row holds only with these capabilities
    """

    state: str
    sender: Sender
    message: str
    next_state: str
    requirement: str
    when: Announced | None = None
    tolerated: bool = False


class Forbidden(msgspec.Struct, frozen=True):
    """Where no row allows it, ``message`` breaks ``requirement``.

    ``state``  one state; "" for all that have no entry of their own
    ``then``   where an observer goes on afterwards; "" for where it was
    """

    sender: Sender
    message: str
    requirement: str
    state: str = ""
    then: str = ""


class Split(msgspec.Struct, frozen=True):
    """One message, several letters: ``message word``.

    ``cases`` maps the values of ``fields`` to the word; anything else has the word ``other``. ``masks`` are and-ed to
    the fields first, so that bits which a later version may add do not matter.
    """

    sender: Sender
    message: str
    fields: tuple[str, ...]
    cases: tuple[tuple[tuple[int, ...], str], ...]
    other: str
    masks: tuple[int, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """What this message may be read as."""
        words = dict.fromkeys([word for _, word in self.cases] + [self.other])
        return tuple([f"{self.message} {word}" for word in words])

    def letter(self, value: Any) -> str:
        """What ``value`` is read as."""
        found = tuple([_read(value, name) for name in self.fields])
        if self.masks:
            found = tuple([number & mask for number, mask in zip(found, self.masks, strict=True)])
        return f"{self.message} {dict(self.cases).get(found, self.other)}"

    def values(self, letter: str) -> dict[str, int]:
        """Field values that give ``letter``."""
        word = letter.removeprefix(f"{self.message} ")
        for found, name in self.cases:
            if name == word:
                return dict(zip(self.fields, found, strict=True))
        # Nothing else is named: the smallest numbers that no case has.
        number = 0
        while (values := tuple([number] * len(self.fields))) in dict(self.cases) or self.letter(
            dict(zip(self.fields, values, strict=True))
        ) != letter:
            number += 1
        return dict(zip(self.fields, values, strict=True))


class Counter(msgspec.Struct, frozen=True):
    """A number that some letters raise by one and others lower by a *unit*, with bounds on both sides.

    ``raised``  letters that add one; the letter ``*`` here means every message at all
    ``lowered`` letters that take away one unit, in the states of ``states`` (all if empty); elsewhere they do not count
    ``unit``    the unit; with ``unit_from`` a field of a message brings it and sets the number to 0; 0 stops it
    ``most``    units the number may reach, and ``more`` on top
    ``above``   the sentence broken by who raises it further; ``below`` by who lowers it without a unit being there

    Messages inside other messages are not counted.
    """

    name: str
    raised: tuple[tuple[Sender, str], ...]
    lowered: tuple[tuple[Sender, str], ...]
    above: str
    below: str
    most: int
    unit: int = 0
    unit_from: tuple[Sender, str, str] | None = None
    more: int = 0
    states: tuple[str, ...] = ()


class Echo(msgspec.Struct, frozen=True):
    """Each ``answer`` repeats ``fields`` of a ``question`` that is still open.

    ``letters`` makes the answer three letters: ``newest`` answers the last open question and, with it, all before it;
    ``older`` leaves a later one open; ``unasked`` matches none. Otherwise an unasked answer breaks ``requirement``.
    """

    name: str
    question: tuple[Sender, str]
    answer: tuple[Sender, str]
    fields: tuple[str, ...]
    requirement: str
    letters: bool = False


class Deadline(msgspec.Struct, frozen=True):
    """In ``state``, ``sender`` does something within so many seconds."""

    state: str
    sender: Sender
    seconds: float
    requirement: str


class Event(msgspec.Struct, frozen=True):
    """A message at the level of a machine: what was sent, and those of its fields that a machine reads."""

    sender: Sender
    message: str
    values: Mapping[str, int] = {}


class Scenario(msgspec.Struct, frozen=True):
    """An example for people: a row of letters that a machine allows; see :mod:`spiceproto.derive.diagrams`."""

    name: str
    title: str
    machine: str
    steps: tuple[tuple[Sender, str, str], ...]
    """Sender, letter, remark."""
    start: str = ""
    values: Mapping[str, int] = {}
    """Fields that matter, the same in every step that has them."""


class Illegal(msgspec.Struct, frozen=True):
    """A letter that no row allows in a state, and the sentence it breaks."""

    state: str
    sender: Sender
    message: str
    requirement: str


class Breach(msgspec.Struct, frozen=True):
    """A sentence of the specification is broken by ``sender``."""

    requirement: str
    sender: str
    text: str
    expected: str = ""
    actual: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """What a machine says of one event. ``letter`` is "" for messages that are none of its concern."""

    letter: str
    before: str
    after: str
    rule: Rule | None = None
    breaches: tuple[Breach, ...] = ()

    @property
    def legal(self) -> bool:
        """No sentence is broken."""
        return not self.breaches

    @property
    def tolerated(self) -> bool:
        """Nothing is broken, but it is not how it should be done."""
        return self.rule is not None and self.rule.tolerated


def _read(value: Any, name: str) -> int:
    found = value.get(name, 0) if isinstance(value, Mapping) else getattr(value, name, 0)
    return int(found)


class Machine:
    """A table, checked: raises SchemaError for one that contradicts itself.

    ``initial``  where a conversation begins; ``starts`` are further states where one may begin
    ``final``    states after which nothing is expected
    """

    __slots__ = ("_by_event", "_forbidden", "_named", "_splits", "alphabet", "counters", "deadlines", "doc", "echoes",
                 "final", "forbidden", "initial", "name", "rules", "splits", "starts", "states")  # fmt: skip

    def __init__(
        self,
        name: str,
        initial: str,
        rules: tuple[Rule, ...],
        *,
        starts: tuple[str, ...] = (),
        final: tuple[str, ...] = (),
        splits: tuple[Split, ...] = (),
        forbidden: tuple[Forbidden, ...] = (),
        counters: tuple[Counter, ...] = (),
        echoes: tuple[Echo, ...] = (),
        deadlines: tuple[Deadline, ...] = (),
        doc: str = "",
    ) -> None:
        self.name = name
        self.doc = doc
        self.initial = initial
        self.starts = (initial, *starts)
        self.final = final
        self.rules = rules
        self.splits = splits
        self.forbidden = forbidden
        self.counters = counters
        self.echoes = echoes
        self.deadlines = deadlines
        self._by_event: dict[tuple[str, str, str], Rule] = {
            (rule.state, rule.sender, rule.message): rule for rule in rules
        }
        self._forbidden: dict[tuple[str, str, str], Forbidden] = {
            (item.state, item.sender, item.message): item for item in forbidden
        }
        self._splits: dict[tuple[str, str], Split] = {(item.sender, item.message): item for item in splits}
        self.states = tuple(
            dict.fromkeys([*self.starts, *[state for rule in rules for state in (rule.state, rule.next_state)]])
        )
        letters: dict[tuple[Sender, str], None] = {}
        for rule in rules:
            letters[rule.sender, rule.message] = None
        for split in splits:
            letters.update(dict.fromkeys([(split.sender, letter) for letter in split.letters]))
        for item in forbidden:
            letters[item.sender, item.message] = None
        self.alphabet: tuple[tuple[Sender, str], ...] = tuple(letters)
        self._named = frozenset(letters)
        self._check()

    def __repr__(self) -> str:
        return f"<machine {self.name}: {len(self.states)} states, {len(self.rules)} rules>"

    def _check(self) -> None:
        if len(self._by_event) < len(self.rules):
            keys = Tally([(rule.state, rule.sender, rule.message) for rule in self.rules])
            twice = [key for key, count in keys.items() if count > 1]
            raise SchemaError("a state has two rules for the same message", path=self.name, actual=str(twice))
        if len(self._forbidden) < len(self.forbidden):
            raise SchemaError("a message is forbidden twice in the same state", path=self.name)
        lost = set(self.states) - self.reachable()
        if lost:
            raise SchemaError("states that nothing leads to", path=self.name, actual=", ".join(sorted(lost)))
        places = [item.state for item in self.forbidden] + [item.then for item in self.forbidden]
        places += [item.state for item in self.deadlines]
        places += [state for counter in self.counters for state in counter.states] + list(self.final)
        unknown = {state for state in places if state} - set(self.states)
        if unknown:
            raise SchemaError("states that no rule has", path=self.name, actual=", ".join(sorted(unknown)))
        for counter in self.counters:
            for letter in (*counter.raised, *counter.lowered):
                if letter not in self._named and letter[1] != ANY:
                    place = f"{self.name}.{counter.name}"
                    raise SchemaError("a counter counts what the machine does not read", path=place, actual=str(letter))
        self.illegal()

    def reachable(self) -> set[str]:
        """States that rules lead to, tolerated ones included, or that an observer goes to after a breach."""
        found = {*self.starts, *[item.then for item in self.forbidden if item.then]}
        todo = list(found)
        while todo:
            state = todo.pop()
            for rule in self.rules:
                if rule.state == state and rule.next_state not in found:
                    found.add(rule.next_state)
                    todo.append(rule.next_state)
        return found

    def rule(self, state: str, sender: str, letter: str) -> Rule | None:
        """The row for a letter, or None."""
        return self._by_event.get((state, sender, letter))

    def forbids(self, state: str, sender: str, letter: str) -> Forbidden | None:
        """What a letter breaks that no row allows; None if nothing is said of it."""
        return self._forbidden.get((state, sender, letter)) or self._forbidden.get(("", sender, letter))

    def split(self, sender: str, message: str) -> Split | None:
        """How a message is told apart."""
        return self._splits.get((sender, message))

    def names(self, sender: str, letter: str) -> bool:
        """Whether the machine reads this letter."""
        return (sender, letter) in self._named

    def illegal(self) -> tuple[Illegal, ...]:
        """Every letter in every state where no row allows it. Raises SchemaError for one that breaks no sentence."""
        found = []
        for state in self.states:
            for sender, letter in self.alphabet:
                if (state, sender, letter) in self._by_event:
                    continue
                item = self.forbids(state, sender, letter)
                if item is None:
                    raise SchemaError("no rule allows it, and nothing says which sentence it breaks",
                                      path=f"{self.name}.{state}", actual=f"{sender} {letter}")  # fmt: skip
                found.append(Illegal(state, sender, letter, item.requirement))
        return tuple(found)

    def path_to(self, state: str) -> tuple[Rule, ...] | None:
        """The fewest rules that lead from ``initial`` to ``state``, without tolerated ones; None if there is no way."""
        ways: dict[str, tuple[Rule, ...]] = {self.initial: ()}
        todo = deque([self.initial])
        while todo:
            here = todo.popleft()
            if here == state:
                return ways[here]
            for rule in self.rules:
                if rule.state == here and rule.next_state not in ways and not rule.tolerated:
                    ways[rule.next_state] = (*ways[here], rule)
                    todo.append(rule.next_state)
        return None

    def requirements(self) -> frozenset[str]:
        """Every sentence that the table names."""
        found = {rule.requirement for rule in self.rules} | {item.requirement for item in self.forbidden}
        found |= {echo.requirement for echo in self.echoes} | {item.requirement for item in self.deadlines}
        for counter in self.counters:
            found |= {counter.above, counter.below}
        return frozenset(found)


class Run:
    """One conversation.

    ``client``, ``server``  what the ends announced, None while unknown; they may be set during the run
    ``whole``               False for a conversation that began before anybody looked: its past is not judged
    """

    __slots__ = ("_counts", "_pending", "_units", "client", "machine", "server", "since", "state", "whole")

    def __init__(
        self,
        machine: Machine,
        *,
        state: str = "",
        client: Capabilities | None = None,
        server: Capabilities | None = None,
        now: float = 0.0,
        whole: bool = True,
    ) -> None:
        if state and state not in machine.states:
            raise LocalError("no such state", path=machine.name, expected=", ".join(machine.states), actual=state)
        self.machine = machine
        self.state = state or machine.initial
        self.client = client
        self.server = server
        self.whole = whole
        self.since = now
        """When the state began, or somebody last spoke in it."""
        self._counts = {counter.name: 0 for counter in machine.counters}
        self._units = {counter.name: _UNSET if counter.unit_from else counter.unit for counter in machine.counters}
        self._pending: dict[str, deque[tuple[int, ...]]] = {
            echo.name: deque(maxlen=_PENDING) for echo in machine.echoes
        }

    def copy(self) -> Run:
        """The same conversation, to try what would be said of its continuation."""
        found = Run(
            self.machine, state=self.state, client=self.client, server=self.server, now=self.since, whole=self.whole
        )
        found._counts = dict(self._counts)
        found._units = dict(self._units)
        found._pending = {name: deque(pending, maxlen=_PENDING) for name, pending in self._pending.items()}
        return found

    def count(self, counter: str) -> int:
        """The number of a counter."""
        return self._counts[counter]

    def unit(self, counter: str) -> int:
        """The unit of a counter; 0 while it does not count."""
        return max(self._units[counter], 0)

    def pending(self, echo: str) -> int:
        """How many questions wait for an answer."""
        return len(self._pending[echo])

    @property
    def finished(self) -> bool:
        """Whether nothing more is expected."""
        return self.state in self.machine.final

    def letter(self, sender: str, message: str, value: Any = None) -> str:
        """What a message is read as here; "" if it is of no concern, or its fields matter and are not known."""
        split = self.machine.split(sender, message)
        if split is not None:
            return "" if value is None else split.letter(value)
        for echo in self.machine.echoes:
            if echo.letters and echo.answer == (sender, message):
                if value is None:
                    return ""
                pending = self._pending[echo.name]
                found = tuple([_read(value, name) for name in echo.fields])
                if found not in pending:
                    return f"{message} unasked"
                return f"{message} {'newest' if pending[-1] == found else 'older'}"
        if self.machine.names(sender, message):
            return message
        return ANY if self.machine.names(sender, ANY) and message != CLOSE else ""

    def feed(self, sender: str, message: str, value: Any = None, now: float = 0.0, *, inside: bool = False) -> Verdict:
        """``sender`` sent ``message``; ``inside`` another message. The run goes on whatever the verdict is.

        ``value`` has the fields as attributes or as a mapping; None for a message without, or one nobody could parse.
        """
        before = self.state
        letter = self.letter(sender, message, value)
        breaches: list[Breach] = []
        rule: Rule | None = None
        if letter:
            rule = self.machine.rule(before, sender, letter)
            if rule is not None:
                self.state = rule.next_state
                if rule.when is not None and not rule.when.holds(self.client, self.server):
                    breaches.append(Breach(rule.requirement, sender, f"{letter} needs a capability", str(rule.when)))
            else:
                breaches.append(self._illegal(sender, letter))
        if message != CLOSE:
            if value is not None:
                self._echo(sender, message, value, breaches)
            if not inside:
                self._count(sender, message, letter, value, before, breaches)
        if letter:
            self.since = now
        return Verdict(letter, before, self.state, rule, tuple(breaches))

    def _illegal(self, sender: str, letter: str) -> Breach:
        item = self.machine.forbids(self.state, sender, letter)
        assert item is not None  # Machine.illegal has looked
        allowed = [rule.message for rule in self.machine.rules if rule.state == self.state and rule.sender == sender]
        text = f"{letter} in state {self.state}" if letter != ANY else f"a message in state {self.state}"
        self.state = item.then or self.state
        return Breach(item.requirement, sender, text, " or ".join(allowed) or "nothing", letter)

    def _echo(self, sender: str, message: str, value: Any, breaches: list[Breach]) -> None:
        for echo in self.machine.echoes:
            pending = self._pending[echo.name]
            if echo.question == (sender, message):
                pending.append(tuple([_read(value, name) for name in echo.fields]))
            elif echo.answer == (sender, message):
                found = tuple([_read(value, name) for name in echo.fields])
                if found in pending:
                    while pending and echo.letters and pending[0] != found:
                        pending.popleft()
                    pending.remove(found)
                elif not echo.letters and self.whole:
                    waiting = ", ".join(map(str, list(pending)[:4])) or "no answer"
                    text = f"{message} answers nothing that was asked"
                    breaches.append(Breach(echo.requirement, sender, text, waiting, str(found)))

    def _count(self, sender: str, message: str, letter: str, value: Any, before: str, breaches: list[Breach]) -> None:
        for counter in self.machine.counters:
            name = counter.name
            if counter.unit_from is not None and counter.unit_from[:2] == (sender, message):
                self._units[name] = _UNSET if value is None else _read(value, counter.unit_from[2])
                self._counts[name] = 0
                continue
            unit = self._units[name]
            if unit <= 0:
                if not unit and (sender, letter) in counter.lowered and before in counter.states and self.whole:
                    breaches.append(
                        Breach(counter.below, sender, f"{message} while nothing is counted", "none", message)
                    )
                continue
            if (sender, letter) in counter.raised or (sender, ANY) in counter.raised:
                self._counts[name] += 1
                most = counter.most * unit + counter.more
                if self._counts[name] > most and self.whole:
                    text = f"too much is not acknowledged: {counter.name}"
                    breaches.append(Breach(counter.above, sender, text, f"at most {most}", str(self._counts[name])))
            if (sender, letter) in counter.lowered and (not counter.states or before in counter.states):
                if self._counts[name] < unit and self.whole:
                    breaches.append(Breach(counter.below, sender, f"{message} for too few messages", f"{unit} messages",
                                           str(self._counts[name])))  # fmt: skip
                self._counts[name] = max(self._counts[name] - unit, 0)

    # -- time

    @property
    def deadline(self) -> float | None:
        """The next time at which :meth:`overdue` may say something; None for never."""
        times = [self.since + item.seconds for item in self.machine.deadlines if item.state == self.state]
        return min(times, default=None)

    def overdue(self, now: float) -> tuple[Breach, ...]:
        """Deadlines of this state that have passed."""
        return tuple([
            Breach(item.requirement, item.sender, f"nothing happened in state {item.state}",
                   f"within {item.seconds:g} s", f"{now - self.since:.1f} s")
            for item in self.machine.deadlines if item.state == self.state and now > self.since + item.seconds
        ])  # fmt: skip

    # -- what could come next

    def choices(self, random: Random) -> list[Event]:
        """Everything that is legal now and not merely tolerated; where the rules leave a field open, it is drawn.

        A message ``*`` stands for any that the machine does not name.
        """
        found = []
        for rule in self.machine.rules:
            if rule.state != self.state or rule.tolerated:
                continue
            if rule.when is not None and not rule.when.holds(self.client, self.server):
                continue
            event = self._event(rule, random)
            if event is not None and self._within_bounds(event, rule.message):
                found.append(event)
        for counter in self.machine.counters:
            for sender, letter in counter.raised:
                event = Event(sender, ANY)
                if letter == ANY and not self.machine.names(sender, ANY) and self._within_bounds(event, ANY):
                    found.append(event)
        return found

    def _event(self, rule: Rule, random: Random) -> Event | None:
        for split in self.machine.splits:
            if split.sender == rule.sender and rule.message in split.letters:
                return Event(rule.sender, split.message, split.values(rule.message))
        for echo in self.machine.echoes:
            message, _, word = rule.message.partition(" ")
            if echo.answer == (rule.sender, message if echo.letters else rule.message):
                pending = list(self._pending[echo.name])
                if echo.letters and word == "unasked":
                    return Event(rule.sender, echo.answer[1], {name: random.getrandbits(32) for name in echo.fields})
                if echo.letters:
                    pending = [item for item in pending if (item == pending[-1]) == (word == "newest")]
                if not pending:
                    return None
                # In the order of the questions; the bounds of a counter may depend on it.
                return Event(rule.sender, echo.answer[1], dict(zip(echo.fields, pending[0], strict=True)))
        values: dict[str, int] = {}
        for echo in self.machine.echoes:
            if echo.question == (rule.sender, rule.message):
                values |= {name: random.getrandbits(32) for name in echo.fields}
        for counter in self.machine.counters:
            if counter.unit_from is not None and counter.unit_from[:2] == (rule.sender, rule.message):
                values[counter.unit_from[2]] = random.choice((0, 1, 2, 20))
        return Event(rule.sender, rule.message, values)

    def _within_bounds(self, event: Event, letter: str) -> bool:
        for counter in self.machine.counters:
            unit = self._units[counter.name]
            if not unit and (event.sender, letter) in counter.lowered and self.state in counter.states:
                return False
            if unit <= 0 or (counter.unit_from is not None and counter.unit_from[:2] == (event.sender, event.message)):
                continue
            number = self._counts[counter.name]
            raised = (event.sender, letter) in counter.raised or (event.sender, ANY) in counter.raised
            if raised and number >= counter.most * unit + counter.more:
                return False
            counts = not counter.states or self.state in counter.states
            if (event.sender, letter) in counter.lowered and counts and number < unit:
                return False
        return True


def walk(run: Run, random: Random, steps: int, coverage: Coverage | None = None) -> Iterator[tuple[Event, Verdict]]:
    """Up to ``steps`` legal events, each fed to ``run``; ends where nothing is left to say.

    With ``coverage`` the walk notes what it does there, and takes what was done least: many walks come everywhere.
    """
    for _ in range(steps):
        choices = run.choices(random)
        if not choices:
            return
        random.shuffle(choices)
        event = choices[0] if coverage is None else min(choices, key=lambda item: coverage.times(run, item))
        verdict = run.feed(event.sender, event.message, event.values)
        if coverage is not None:
            coverage.note(verdict)
        yield event, verdict


class Coverage:
    """Which rows of a machine were used, over any number of runs."""

    __slots__ = ("machine", "used")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.used: Tally[Rule] = Tally()

    def note(self, verdict: Verdict) -> None:
        """Count what a run said."""
        if verdict.rule is not None:
            self.used[verdict.rule] += 1

    def times(self, run: Run, event: Event) -> int:
        """How often the row was used that ``event`` would be judged by now."""
        rule = self.machine.rule(run.state, event.sender, run.letter(event.sender, event.message, event.values))
        return 0 if rule is None else self.used[rule]

    @property
    def unused(self) -> tuple[Rule, ...]:
        """Rows that nothing came along, in the order of the table."""
        return tuple([rule for rule in self.machine.rules if rule not in self.used])
