"""A table, and what can be said of it without a conversation: whether it is one, whom it concerns, what it leaves out."""

from __future__ import annotations

from collections import Counter as Tally
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from spiceproto.errors import SchemaError
from spiceproto.machine.look import Look
from spiceproto.machine.rows import (
    ANY,
    EVENTS,
    EVERY,
    Begin,
    Counter,
    Deadline,
    Drawing,
    Echo,
    Expiry,
    Forbidden,
    Illegal,
    Keys,
    Place,
    Receipt,
    Rule,
    Scope,
    Sender,
    Situation,
    Split,
)

__all__ = ["Machine"]

_BEGINS: Final[Mapping[Situation, Begin]] = {"whole": Begin(), "destination": Begin(), "midway": Begin(past=False)}
"""How a machine begins if it does not say so."""


_ANSWERS: Final = 1 << 10
"""Answers that are remembered; peers make up types of messages."""


class Machine:
    """A table, checked: raises SchemaError for one that contradicts itself.

    * ``channels``: names of the channels whose messages it reads, ``EVERY``, or none for the link stage
    * ``scope``: what it runs once for. In a session letters have their channel in front, ``main.INIT``, or ``*.``
    * ``states``: each with a line that says what it means; the first is where a whole conversation begins
    * ``begins``: where others begin than the initial state, and what they know; None for not at all
    * ``carried``: it goes on at the destination of a seamless migration where it was at the source, if that was seen
    * ``final``: states after which nothing is expected
    * ``plain``: it has states only, and nothing is counted, compared or timed
    * ``keys``: for lives: there is a state for each key
    * ``drawings``: the diagrams, if one would be too full
    * ``doc``: what it is, in a sentence
    * ``alphabet``: the letters it reads, each with its sender
    * ``echoed``: questions and answers of its echoes
    """

    __slots__ = (
        "_bases",
        "_by_event",
        "_forbidden",
        "_named",
        "_places",
        "_splits",
        "_worded",
        "alphabet",
        "begins",
        "carried",
        "channels",
        "counters",
        "deadlines",
        "doc",
        "drawings",
        "echoed",
        "echoes",
        "expiries",
        "final",
        "forbidden",
        "initial",
        "keys",
        "letter",
        "looks",
        "name",
        "plain",
        "receipts",
        "rules",
        "scope",
        "splits",
        "states",
    )

    def __init__(
        self,
        name: str,
        *,
        channels: tuple[str, ...],
        states: Mapping[str, str],
        rules: tuple[Rule, ...],
        scope: Scope = "connection",
        begins: Mapping[Situation, Begin | None] | None = None,
        carried: bool = False,
        final: tuple[str, ...] = (),
        splits: tuple[Split, ...] = (),
        forbidden: tuple[Forbidden, ...] = (),
        counters: tuple[Counter, ...] = (),
        echoes: tuple[Echo, ...] = (),
        deadlines: tuple[Deadline, ...] = (),
        expiries: tuple[Expiry, ...] = (),
        receipts: tuple[Receipt, ...] = (),
        keys: Keys | None = None,
        drawings: tuple[Drawing, ...] = (),
        doc: str = "",
    ) -> None:
        self.name = name
        self.doc = doc
        self.channels = channels
        self.scope = scope
        self.states = states
        self.initial = next(iter(states))
        self.begins: Mapping[Situation, Begin | None] = {**_BEGINS, **(begins or {})}
        self.carried = carried
        self.final = final
        self.rules = rules
        self.splits = splits
        self.forbidden = forbidden
        self.counters = counters
        self.echoes = echoes
        self.echoed = frozenset([event for echo in echoes for event in (echo.question, echo.answer)])
        self.deadlines = deadlines
        self.expiries = expiries
        self.receipts = receipts
        self.plain = not (counters or echoes or expiries or receipts)
        self.keys = keys
        self.drawings = drawings or (Drawing("", tuple(states)),)
        self._by_event: dict[tuple[str, str, str], Rule] = {(rule.state, rule.sender, rule.message): rule for rule in rules}
        self._forbidden: dict[tuple[str, str, str], Forbidden] = {
            (item.state, item.sender, item.message): item for item in forbidden
        }
        self._splits: dict[tuple[str, str], Split] = {(item.sender, item.message): item for item in splits}
        self._places: dict[tuple[str, str], tuple[Place, ...]] = {}
        for place in keys.places if keys is not None else ():
            self._places[place.sender, place.message] = (*self.places(place.sender, place.message), place)
        letters: dict[tuple[Sender, str], None] = {(rule.sender, rule.message): None for rule in rules}
        for split in splits:
            letters.update(dict.fromkeys([(split.sender, letter) for letter in split.letters]))
        letters.update(dict.fromkeys([(item.sender, item.message) for item in forbidden]))
        self.alphabet: tuple[tuple[Sender, str], ...] = tuple(letters)
        self._named = frozenset(letters)
        self._bases = frozenset([(sender, letter.partition(" ")[0]) for sender, letter in letters])
        self.looks = lru_cache(_ANSWERS)(self._looks)
        self.letter = lru_cache(_ANSWERS)(self._letter)
        self._worded = frozenset([*self._splits, *[echo.answer for echo in echoes if echo.letters]])
        self._check()

    def __repr__(self) -> str:
        return f"<machine {self.name}: {len(self.states)} states, {len(self.rules)} rules>"

    # -- whom it concerns

    def covers(self, channel: str) -> bool:
        """Whether it reads anything of a channel."""
        return self.channels == EVERY or channel in self.channels

    def listens(self, sender: str, channel: str) -> bool:
        """Whether its states, in a session, depend on messages that an end sends on a channel."""
        for who, letter in self._bases:
            where, _, name = letter.rpartition(".")
            if who == sender and name not in EVENTS and (where == channel or (where == ANY and self.covers(channel))):
                return True
        return False

    def base(self, sender: str, message: str) -> str:
        """What a message is known as here: its own name, or one with a ``*``; "" for none.

        In a session a message comes with its channel, ``inputs.MOUSE_MOTION``.
        """
        known = self._bases if self.keys is None else self._places
        if (sender, message) in known:
            return message
        if self.scope != "session":
            return ANY if (sender, ANY) in known and message not in EVENTS else ""
        channel, _, name = message.rpartition(".")
        others = [f"{ANY}.{name}"]
        if name not in EVENTS:
            others += [f"{channel}.{ANY}", f"{ANY}.{ANY}"]
        return next((letter for letter in others if (sender, letter) in known), "")

    def reads(self, sender: str, message: str) -> bool:
        """Whether a message is of any concern."""
        if self.base(sender, message) or self.reads_fields(sender, message):
            return True
        return message not in EVENTS and any(counter.raises(sender, ANY) for counter in self.counters)

    def reads_fields(self, sender: str, message: str) -> bool:
        """Whether it matters what a message says."""
        letter = (sender, self.base(sender, message) or message)
        return (
            any(bool(place.key) for place in self.places(*letter))
            or letter in self._splits
            or any(letter in (echo.question, echo.answer) for echo in self.echoes)
            or any(letter in round for item in self.receipts for round in item.rounds)
            or any(counter.brings(*letter) or counter.grants(*letter) for counter in self.counters)
        )

    # -- the rows

    def rule(self, state: str, sender: str, letter: str) -> Rule | None:
        """The row for a letter, or None."""
        return self._by_event.get((state, sender, letter))

    def forbids(self, state: str, sender: str, letter: str) -> Forbidden | None:
        """What a letter breaks that no row allows; None if nothing is said of it."""
        return self._forbidden.get((state, sender, letter)) or self._forbidden.get(("", sender, letter))

    def split(self, sender: str, message: str) -> Split | None:
        """How a message is told apart."""
        return self._splits.get((sender, message))

    def has_words(self, sender: str, message: str) -> bool:
        """Whether a message is several letters, by what it says."""
        return (sender, message) in self._worded

    def places(self, sender: str, message: str) -> tuple[Place, ...]:
        """Where a message names lives."""
        return self._places.get((sender, message), ())

    def _looks(self, sender: str, message: str) -> tuple[Look, ...]:
        """The places of a message as it is called on the wire, ready to be looked at."""
        groups: list[list[Place]] = []
        for place in self.places(sender, self.base(sender, message)):
            last = groups[-1][0] if groups else None
            if last is not None and last.key and place.key and (last.at, last.base) == (place.at, place.base):
                groups[-1].append(place)
            else:
                groups.append([place])
        return tuple([Look(tuple(group), self.split(sender, group[0].base)) for group in groups])

    def _letter(self, sender: str, message: str) -> tuple[str, bool]:
        """What a message is known as here, and whether that is several letters, by what it says."""
        base = self.base(sender, message)
        return base, self.has_words(sender, base)

    def names(self, sender: str, letter: str) -> bool:
        """Whether the machine reads this letter."""
        return (sender, letter) in self._named

    @property
    def starts(self) -> tuple[str, ...]:
        """States where a conversation may begin: the initial one first."""
        begins = [item for item in self.begins.values() if item is not None]
        return tuple(dict.fromkeys([self.initial, *[item.state or self.initial for item in begins]]))

    def requirements(self) -> frozenset[str]:
        """Every sentence that the table names."""
        found = {rule.requirement for rule in self.rules} | {item.requirement for item in self.forbidden}
        found |= {echo.requirement for echo in self.echoes} | {item.requirement for item in self.deadlines}
        for counter in self.counters:
            found |= {counter.above, counter.below} - {""}
        if self.keys is not None and self.keys.above:
            found.add(self.keys.above)
        return frozenset(found)

    def illegal(self) -> tuple[Illegal, ...]:
        """Every letter in every state where no row allows it. Raises SchemaError for one that breaks no sentence."""
        found = []
        for state in self.states:
            for sender, letter in self.alphabet:
                if (state, sender, letter) in self._by_event:
                    continue
                item = self.forbids(state, sender, letter)
                if item is None:
                    raise SchemaError(
                        "no rule allows it, and nothing says which sentence it breaks",
                        path=f"{self.name}.{state}",
                        actual=f"{sender} {letter}",
                    )
                found.append(Illegal(state, sender, letter, item.requirement))
        return tuple(found)

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

    # -- whether it is one

    def _check(self) -> None:
        if len(self._by_event) < len(self.rules):
            keys = Tally([(rule.state, rule.sender, rule.message) for rule in self.rules])
            twice = [key for key, count in keys.items() if count > 1]
            raise SchemaError("a state has two rules for the same message", path=self.name, actual=str(twice))
        if len(self._forbidden) < len(self.forbidden):
            raise SchemaError("a message is forbidden twice in the same state", path=self.name)
        self._check_states()
        for split in self.splits:
            if split.masks and len(split.masks) != len(split.fields):
                raise SchemaError("each field has a mask, or none has", path=self.name, actual=split.message)
        for sender, letter in self.alphabet:
            base, space, _ = letter.partition(" ")
            if space and not self.has_words(sender, base):
                raise SchemaError("nothing tells this letter apart", path=self.name, actual=letter)
        for counter in self.counters:
            for counted in (*counter.raised, *counter.lowered):
                if counted not in self._named and counted[1] != ANY:
                    place = f"{self.name}.{counter.name}"
                    raise SchemaError("a counter counts what the machine does not read", path=place, actual=str(counted))
        self.illegal()
        self._check_scope()
        if self.keys is not None:
            self._check_keys(self.keys)

    def _check_states(self) -> None:
        lost = set(self.states) - self.reachable()
        if lost:
            raise SchemaError("states that nothing leads to", path=self.name, actual=", ".join(sorted(lost)))
        places = [state for rule in self.rules for state in (rule.state, rule.next_state)]
        places += [state for item in self.forbidden for state in (item.state, item.then)]
        places += [*[item.state for item in self.deadlines], *self.starts, *self.final]
        places += [state for item in self.expiries for state in (item.state, item.then)]
        places += [state for item in self.receipts for state in (item.state, item.then)]
        places += [state for counter in self.counters for state in counter.states]
        places += self.keys.alive if self.keys is not None else ()
        places += [state for drawing in self.drawings for state in drawing.states]
        unknown = {state for state in places if state} - set(self.states)
        if unknown:
            raise SchemaError("states that are not explained", path=self.name, actual=", ".join(sorted(unknown)))
        drawn = Tally([state for drawing in self.drawings for state in drawing.states])
        left = {rule.state for rule in self.rules} - set(drawn)
        if left or max(drawn.values()) > 1:
            raise SchemaError("every state is drawn once", path=self.name, actual=", ".join(sorted(left)))

    def _check_scope(self) -> None:
        if (self.scope == "link") != (not self.channels):
            raise SchemaError("a link stage has no channels, and everything else has", path=self.name)
        if self.scope == "session":
            for _, letter in self._places or self._named:
                channel, dot, _ = letter.partition(".")
                if not dot or (channel != ANY and not self.covers(channel)):
                    expected = f"in front of it: {', '.join(self.channels)}"
                    raise SchemaError("a letter of a session has its channel", path=self.name, expected=expected, actual=letter)

    def _check_keys(self, keys: Keys) -> None:
        if self.counters or self.echoes or self.deadlines or self.expiries or self.receipts:
            raise SchemaError("lives have states only: no counters, echoes, deadlines, expiries, receipts", path=self.name)
        if bool(keys.most) != bool(keys.above) or (keys.most and not keys.alive):
            raise SchemaError("a bound has a sentence, and states that count", path=self.name)
        if self.initial in keys.alive:
            raise SchemaError("no life begins alive", path=self.name, actual=self.initial)
        for place in keys.places:
            wanted = 0 if place.all else len(keys.fields)
            if len(place.key or place.life) != wanted or (
                place.all and (place.at or (place.sender, place.base) in self._splits)
            ):
                raise SchemaError(
                    "a key has other fields", path=f"{self.name}.{place.message}", expected=", ".join(keys.fields)
                )
        bases = {(place.sender, place.base) for place in keys.places}
        if bases != self._bases:
            raise SchemaError(
                "what places give is not what rules read", path=self.name, actual=str(sorted(bases ^ self._bases))
            )
