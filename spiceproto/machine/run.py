"""One conversation held against a machine, message by message."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import msgspec

from spiceproto.capabilities import Capabilities
from spiceproto.errors import LocalError
from spiceproto.machine.rows import ANY, EVENTS, Rule, read
from spiceproto.machine.table import Machine

__all__ = ["Breach", "Run", "Verdict", "step"]

_PENDING: Final = 4096
"""Questions of one Echo or Receipt that are remembered. Who asks more without an answer is not held to the oldest ones."""

_UNSET: Final = -1
"""Unit of a Counter that waits for a message to bring one."""


class Breach(msgspec.Struct, frozen=True):
    """A sentence of the specification is broken by ``sender``."""

    requirement: str
    sender: str
    text: str
    expected: str = ""
    actual: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """What a machine says of one event.

    * ``letter``: what it was read as; "" for messages that are none of the machine's concern
    * ``before``, ``after``: states
    * ``rule``: the row that allows it, if one does
    * ``key``: whose life it is about
    """

    letter: str
    before: str
    after: str
    rule: Rule | None = None
    breaches: tuple[Breach, ...] = ()
    key: tuple[int, ...] = ()

    @property
    def legal(self) -> bool:
        """No sentence is broken."""
        return not self.breaches

    @property
    def tolerated(self) -> bool:
        """Nothing is broken, but it is not how it should be done."""
        return self.rule is not None and self.rule.tolerated


def step(
    machine: Machine,
    state: str,
    sender: str,
    letter: str,
    client: Capabilities | None,
    server: Capabilities | None,
    name: str,
) -> tuple[str, Rule | None, tuple[Breach, ...]]:
    """What a letter does in a state: the next state, the row that allows it, and what is wrong with it.

    ``name`` is what the message is called in the text of a breach.
    """
    rule = machine.rule(state, sender, letter)
    if rule is not None:
        if rule.when is None or rule.when.holds(client, server):
            return rule.next_state, rule, ()
        return rule.next_state, rule, (Breach(rule.requirement, sender, f"{name} needs a capability", str(rule.when)),)
    item = machine.forbids(state, sender, letter)
    assert item is not None  # Machine.illegal has looked
    allowed = [rule.message for rule in machine.rules if rule.state == state and rule.sender == sender]
    text = f"{name} in state {state}"
    expected = " or ".join([_in_words(message) for message in allowed]) or "nothing"
    return item.then or state, None, (Breach(item.requirement, sender, text, expected, _in_words(letter)),)


def _in_words(letter: str) -> str:
    """A letter for people: as its channel and message, or what happens on whatever channel."""
    event = letter.removeprefix("*.")
    return EVENTS.get(event, event)


class Run:
    """One conversation.

    * ``client``, ``server``: what the ends announced, None while unknown; they may be set during the run
    * ``whole``: False for a conversation that began before anybody looked: its past is not judged
    * ``since``: when the state began, or somebody last spoke in it
    * ``entered``: when it became the state
    * ``counts``: the number of each counter
    * ``grants``: what each counter was granted on top
    * ``units``: the unit of each counter; 0 while it does not count, below 0 before a message has brought one
    * ``asked``: the questions of each echo that wait for an answer
    * ``heard``: sender to the time of its last message that is read here
    * ``round``: which round of a receipt is played; -1 for none
    * ``open``: the questions of all receipts that wait for an answer, and whether each was asked in this round
    """

    __slots__ = (
        "asked",
        "client",
        "counts",
        "entered",
        "grants",
        "heard",
        "machine",
        "open",
        "round",
        "server",
        "since",
        "state",
        "units",
        "whole",
    )

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
        self.since = self.entered = now
        self.counts = {counter.name: 0 for counter in machine.counters}
        self.grants = dict.fromkeys(self.counts, 0)
        self.units = {counter.name: _UNSET if counter.unit_from else counter.unit for counter in machine.counters}
        self.asked: dict[str, deque[tuple[int, ...]]] = {echo.name: deque(maxlen=_PENDING) for echo in machine.echoes}
        self.heard: dict[str, float] = {}
        self.round = -1
        self.open: deque[tuple[str, tuple[int, ...], bool]] = deque(maxlen=_PENDING)

    def copy(self) -> Run:
        """The same conversation, to try what would be said of its continuation."""
        found = Run(self.machine, state=self.state, client=self.client, server=self.server, now=self.since, whole=self.whole)
        found.entered = self.entered
        found.counts = dict(self.counts)
        found.grants = dict(self.grants)
        found.units = dict(self.units)
        found.asked = {name: deque(asked, maxlen=_PENDING) for name, asked in self.asked.items()}
        found.heard = dict(self.heard)
        found.round = self.round
        found.open = deque(self.open, maxlen=_PENDING)
        return found

    @property
    def finished(self) -> bool:
        """Whether nothing more is expected."""
        return self.state in self.machine.final

    def letter(self, sender: str, message: str, value: Any = None) -> str:
        """What a message is read as here; "" if it is of no concern, or its fields matter and are not known."""
        base, worded = self.machine.letter(sender, message)
        if not worded:
            return base
        if value is None:
            return ""
        split = self.machine.split(sender, base)
        if split is not None:
            return split.letter(value)
        (echo,) = [item for item in self.machine.echoes if item.letters and item.answer == (sender, base)]
        asked = self.asked[echo.name]
        found = tuple([read(value, path) for path in echo.fields])
        if found not in asked:
            return f"{base} unasked"
        last = asked.index(found) == len(asked) - 1  # what was asked twice is answered twice, in order
        return f"{base} {'newest' if last else 'older'}"

    def judge(
        self, sender: str, message: str, value: Any = None, now: float = 0.0, *, inside: bool = False
    ) -> tuple[Verdict, ...]:
        """As :meth:`feed`, in the form of a machine that may have more to say than one thing."""
        return (self.feed(sender, message, value, now, inside=inside),)

    def feed(self, sender: str, message: str, value: Any = None, now: float = 0.0, *, inside: bool = False) -> Verdict:
        """``sender`` sent ``message``; ``inside`` another message. The run goes on whatever the verdict is.

        ``value`` has the fields as attributes or as a mapping; None for a message without, or one nobody could parse.
        """
        before = self.state
        if self.machine.plain:
            letter = self.letter(sender, message, value)
            rule = self.machine.rule(before, sender, letter)
            if rule is not None and rule.when is None and rule.next_state == before:
                self.since = now
                return Verdict(letter, before, before, rule)  # most that is said changes nothing
        if self.machine.expiries:
            before = self._expired(now)
            self.heard[sender] = now
        letter = self.letter(sender, message, value)
        breaches: list[Breach] = []
        rule = None
        if letter:
            rule = self.machine.rule(before, sender, letter)
            if rule is not None and rule.when is None:
                self.state = rule.next_state
            else:
                name = "a message" if letter == ANY else letter
                self.state, rule, found = step(self.machine, before, sender, letter, self.client, self.server, name)
                breaches += found
            self.since = now
            if self.state != before:
                self.entered = now
        if message not in EVENTS:
            if value is not None and (sender, message) in self.machine.echoed:
                self._echo(sender, message, value, breaches)
            if self.counts and not inside:
                self._count(sender, message, letter, value, before, breaches)
        if self.machine.receipts:
            self._receive(sender, message, value, before, now)
        return Verdict(letter, before, self.state, rule, tuple(breaches))

    def _expired(self, now: float) -> str:
        """The state at this time: another one where nothing can be under way any more."""
        for item in self.machine.expiries:
            if item.state != self.state:
                continue
            if now - max(self.entered, self.heard.get(item.sender, self.entered)) > item.silence:
                self.entered = now
            elif now > self.entered + item.seconds:
                self.state, self.entered = item.then, self.entered + item.seconds
        return self.state

    def _receive(self, sender: str, message: str, value: Any, before: str, now: float) -> None:
        """Questions and answers, which are no letters, and the state that the last answer leads to."""
        receipt = next((item for item in self.machine.receipts if item.state == self.state), None)
        if self.state != before:
            self._next_round(-1 if receipt is None else 0)
        for item in self.machine.receipts:
            for number, (question, answer) in enumerate(item.rounds):
                if value is None or (sender, message) not in (question, answer):
                    continue
                found = tuple([read(value, path) for path in item.fields])
                if (sender, message) == question:
                    self.open.append((question[1], found, item is receipt and number == self.round))
                elif self._answered(question[1], found) and receipt is not None:
                    self._next_round(self.round + 1)
                    if self.round == len(receipt.rounds):
                        self.state, self.entered = receipt.then, now
                        self._next_round(-1)

    def _next_round(self, number: int) -> None:
        """What was asked before counts no more, though it will be answered."""
        self.round = number
        self.open = deque([(name, found, False) for name, found, _ in self.open], maxlen=_PENDING)

    def _answered(self, name: str, found: tuple[int, ...]) -> bool:
        """Whether an answer is to a question of this round. Of equal questions the oldest is answered first."""
        for item in self.open:
            if item[:2] == (name, found):
                self.open.remove(item)
                return item[2]
        return False

    def _echo(self, sender: str, message: str, value: Any, breaches: list[Breach]) -> None:
        for echo in self.machine.echoes:
            asked = self.asked[echo.name]
            if echo.question == (sender, message):
                asked.append(tuple([read(value, path) for path in echo.fields]))
            elif echo.answer == (sender, message):
                found = tuple([read(value, path) for path in echo.fields])
                if found in asked:
                    while asked and echo.letters and asked[0] != found:
                        asked.popleft()
                    asked.remove(found)
                elif not echo.letters and self.whole:
                    waiting = ", ".join(map(str, list(asked)[:4])) or "no answer"
                    text = f"{message} answers nothing that was asked"
                    breaches.append(Breach(echo.requirement, sender, text, waiting, str(found)))

    def _count(self, sender: str, message: str, letter: str, value: Any, before: str, breaches: list[Breach]) -> None:
        for counter in self.machine.counters:
            name = counter.name
            if counter.unit_from is not None and counter.brings(sender, message):
                self.units[name] = _UNSET if value is None else read(value, counter.unit_from[2])
                self.counts[name] = self.grants[name] = 0
                continue
            grant = counter.grants(sender, message) if counter.granted else ""
            if grant:
                if value is None:
                    self.units[name] = _UNSET
                else:
                    self.grants[name] += read(value, grant)
            unit = self.units[name]
            lowers = counter.lowers(sender, letter, before)
            if unit < 0 or (not unit and not counter.granted):
                if not unit and lowers and self.whole:
                    breaches.append(Breach(counter.below, sender, f"{message} while nothing is counted", "none", message))
                continue
            if counter.raises(sender, letter):
                self.counts[name] += 1
                most = counter.most * unit + counter.more + self.grants[name]
                if self.counts[name] > most and self.whole:
                    text = f"{'more than was granted' if counter.granted else 'too much is not acknowledged'}: {name}"
                    breaches.append(Breach(counter.above, sender, text, f"at most {most}", str(self.counts[name])))
            if lowers:
                if self.counts[name] < unit and self.whole:
                    text, expected = f"{message} for too few messages", f"{unit} messages"
                    breaches.append(Breach(counter.below, sender, text, expected, str(self.counts[name])))
                self.counts[name] = max(self.counts[name] - unit, 0)

    @property
    def deadline(self) -> float | None:
        """The next time at which :meth:`overdue` may say something; None for never."""
        times = [self.since + item.seconds for item in self.machine.deadlines if item.state == self.state]
        return min(times, default=None)

    def overdue(self, now: float) -> tuple[Breach, ...]:
        """Deadlines of this state that have passed."""
        found = []
        for item in self.machine.deadlines:
            if item.state == self.state and now > self.since + item.seconds:
                text, expected = f"nothing happened in state {item.state}", f"within {item.seconds:g} s"
                found.append(Breach(item.requirement, item.sender, text, expected, f"{now - self.since:.1f} s"))
        return tuple(found)
