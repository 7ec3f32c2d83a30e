"""What a table is made of: values, and how a value of a message is read.

Nothing here knows of a whole table; that its rows fit together is checked by :class:`spiceproto.machine.Machine`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from operator import and_
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from spiceproto.capabilities import Capabilities
from spiceproto.enums.base import WireEnum

__all__ = [
    "ANY",
    "CLOSE",
    "EVENTS",
    "EVERY",
    "LINK",
    "PRESS",
    "RELEASE",
    "Announced",
    "Begin",
    "Counter",
    "Deadline",
    "Drawing",
    "Echo",
    "Expiry",
    "Forbidden",
    "Illegal",
    "Keys",
    "Place",
    "Receipt",
    "Rule",
    "Said",
    "Scenario",
    "Scope",
    "Sender",
    "Situation",
    "Split",
    "read",
    "read_all",
]

Sender = Literal["client", "server"]

Scope = Literal["connection", "session", "link"]
"""What a machine runs once for: each connection of its channels, each session, or each link stage."""

Situation = Literal["whole", "destination", "midway"]
"""How the session is met: from its first link on, at the destination of a migration, or after it began unseen."""

ANY: Final = "*"
"""Every message of a sender that the machine does not name; before a dot, every channel."""

CLOSE: Final = "CLOSE"
"""Not a message: the sender closes the connection."""

LINK: Final = "LINK"
"""Not a message: the client has linked the channel, or links it once more."""

PRESS: Final = "PRESS"
"""Not a message: a key of the client goes down, or repeats, by whatever message; its field ``key`` is the scan code."""

RELEASE: Final = "RELEASE"
"""Not a message: a key of the client goes up; ``key`` is the scan code of its press."""

EVENTS: Final = MappingProxyType(
    {CLOSE: "the end of the link", LINK: "a link", PRESS: "the press of a key", RELEASE: "the release of a key"}
)
"""Letters that are not messages, in words; ``*`` does not stand for them."""

EVERY: Final = (ANY,)
"""Channels of a machine: all of them."""


@cache
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _step(value: Any, name: str) -> Any:
    """A field of an object, or what a mapping has under its name; None for neither."""
    # A value of a message is by far the most frequent.
    if not isinstance(value, msgspec.Struct) and isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def _one(value: Any, path: str) -> Any:
    """What stands at a path such as ``base.surface_id``; None where a part of the way is not there."""
    for name in _names(path):
        value = getattr(value, name, None) if isinstance(value, msgspec.Struct) else _step(value, name)
        if value is None:
            return None
    return value


def read_all(value: Any, path: str) -> list[Any]:
    """What stands at a path; where a sequence is on the way, every item of it."""
    return _every(value, _names(path))


def _every(value: Any, names: tuple[str, ...]) -> list[Any]:
    for place, name in enumerate(names, 1):
        value = getattr(value, name, None) if isinstance(value, msgspec.Struct) else _step(value, name)
        if value is None:
            return []
        if isinstance(value, (tuple, list)):
            return [part for item in value for part in _every(item, names[place:])]
    return [value]


def read(value: Any, path: str) -> int:
    """The number at a path of a value, which may be an object or a mapping; 0 where there is none."""
    found = _one(value, path)
    return 0 if found is None else int(found)


class Announced(msgspec.Struct, frozen=True):
    """Holds if each end announced what is listed for it.

    * ``negated``: holds if one of them did not
    """

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
        parts = [
            f"{who} announced {item.name}"
            for who, items in (("client", self.client), ("server", self.server))
            for item in items
        ]
        text = " and ".join(parts)
        return f"not ({text})" if self.negated else text


class Rule(msgspec.Struct, frozen=True, cache_hash=True):
    """In ``state``, ``sender`` may send ``message``.

    * ``when``: the row holds only with these capabilities
    * ``tolerated``: a receiver lives with it, and a sender that knows the whole specification does not do it
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

    * ``state``: one state; "" for all that have no entry of their own
    * ``then``: where an observer goes on afterwards; "" for where it was
    """

    sender: Sender
    message: str
    requirement: str
    state: str = ""
    then: str = ""


class Begin(msgspec.Struct, frozen=True):
    """How a machine begins in a situation.

    * ``state``: where; "" for the initial state
    * ``past``: False if what happened before is not known: counters, echoes and keys are not held to it
    """

    state: str = ""
    past: bool = True


class Split(msgspec.Struct, frozen=True, dict=True):
    """One message, several letters: ``message word``.

    * ``fields``: paths of the fields that tell them apart
    * ``cases``: values of the fields, and the word for them
    * ``other``: the word for all other values
    * ``masks``: and-ed to the fields first, so that bits which a later version may add do not matter
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
        if self._flat and isinstance(value, msgspec.Struct):
            return self._letter([int(getattr(value, name, None) or 0) for name in self.fields])
        return self._letter([read(value, path) for path in self.fields])

    def _letter(self, numbers: Sequence[int]) -> str:
        known = tuple(map(and_, numbers, self.masks)) if self.masks else tuple(numbers)
        return self._letters.get(known, self._others)

    @cached_property
    def _letters(self) -> Mapping[tuple[int, ...], str]:
        return {numbers: f"{self.message} {word}" for numbers, word in self.cases}

    @cached_property
    def _flat(self) -> bool:
        """Whether all fields are those of the value itself."""
        return not any("." in path for path in self.fields)

    @cached_property
    def _others(self) -> str:
        return f"{self.message} {self.other}"

    def values(self, letter: str) -> dict[str, int]:
        """Paths and numbers that give ``letter``."""
        word = letter.removeprefix(f"{self.message} ")
        for found, name in self.cases:
            if name == word:
                return dict(zip(self.fields, found, strict=True))
        # The smallest number that is no case when every field has it.
        number = 0
        while self._letter((number,) * len(self.fields)) != letter:
            number += 1
        return dict.fromkeys(self.fields, number)


class Counter(msgspec.Struct, frozen=True):
    """A number that some letters raise by one and others lower by a *unit*, with bounds on both sides.

    * ``raised``: letters that add one; the letter ``*`` here means every message at all
    * ``lowered``: letters that take away one unit
    * ``above``: the sentence broken by who raises it too far
    * ``below``: the sentence broken by who lowers it without a unit being there; "" if nobody lowers it
    * ``most``, ``more``: units the number may reach, and how much on top
    * ``unit``: the unit, if it is fixed
    * ``unit_from``: sender, message and field that bring the unit and set the number to 0; a unit of 0 stops the counter
    * ``granted``: sender, message and field that add so much to what is allowed; with it a unit of 0 is one like others
    * ``states``: where ``lowered`` counts; everywhere if empty

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
    granted: tuple[tuple[Sender, str, str], ...] = ()

    def brings(self, sender: str, message: str) -> bool:
        """Whether a message brings the unit."""
        return self.unit_from is not None and self.unit_from[:2] == (sender, message)

    def grants(self, sender: str, message: str) -> str:
        """The field that says how much more is allowed; "" for none."""
        return next((field for who, name, field in self.granted if (who, name) == (sender, message)), "")

    def raises(self, sender: str, letter: str) -> bool:
        """Whether a letter adds one."""
        return (sender, letter) in self.raised or (sender, ANY) in self.raised

    def lowers(self, sender: str, letter: str, state: str) -> bool:
        """Whether a letter takes away a unit in ``state``."""
        return (sender, letter) in self.lowered and (not self.states or state in self.states)


class Echo(msgspec.Struct, frozen=True):
    """Each ``answer`` repeats ``fields`` of a ``question`` that is still open.

    * ``letters``: the answer is three letters: ``newest`` answers the last open question and, with it, all before it;
      ``older`` leaves a later one open; ``unasked`` matches none. Without, an unasked answer breaks ``requirement``
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


class Expiry(msgspec.Struct, frozen=True):
    """Whatever is in ``state`` for more than so many seconds goes on in ``then``: what was under way has arrived.

    * ``sender``, ``silence``: the seconds begin anew when this end was silent for longer, for it may have been stopped
    """

    state: str
    seconds: float
    then: str
    sender: Sender
    silence: float


class Receipt(msgspec.Struct, frozen=True):
    """Whatever is in ``state`` goes on in ``then`` when all rounds were played in it: everything before has been read.

    * ``rounds``: a question and its answer; each is asked when the one before was answered
    * ``fields``: paths of the fields that an answer repeats
    """

    state: str
    then: str
    rounds: tuple[tuple[tuple[Sender, str], tuple[Sender, str]], ...]
    fields: tuple[str, ...]


class Place(msgspec.Struct, frozen=True):
    """A message names lives, and where in it their keys stand.

    * ``key``: paths of the fields of the key, counted from each part at ``at``
    * ``at``: path of the parts of the message that name a life each, every item of a list; "" for the message itself
    * ``letter``: what a part is read as; "" for the name of the message
    * ``all``: the message is about every life at once, and has no key
    * ``life``: the key itself, of a message that is about one life and has no field for it

    Where a part or a field of the key is not there, the message does not name a life.
    """

    sender: Sender
    message: str
    key: tuple[str, ...] = ()
    at: str = ""
    letter: str = ""
    all: bool = False
    life: tuple[int, ...] = ()

    @property
    def base(self) -> str:
        """What is read, before a Split tells letters apart."""
        return self.letter or self.message

    def parts(self, value: Any) -> list[Any]:
        """The parts of a message that name a life each."""
        return read_all(value, self.at)

    def key_of(self, part: Any) -> tuple[int, ...] | None:
        """The key that a part has; None for a part without."""
        if len(self.key) == 1:
            number = _one(part, self.key[0])
            return None if number is None else (int(number),)
        found = [_one(part, path) for path in self.key]
        return None if None in found else tuple(map(int, found))


class Keys(msgspec.Struct, frozen=True):
    """What makes a machine one of lives: it has a state for each key, and not one alone.

    * ``noun``: what has such a life, for people: "surface"
    * ``fields``: names of the fields of a key
    * ``places``: every message that names lives, and where
    * ``alive``: states that count as alive
    * ``most``: lives that may be alive at once; 0 for no bound
    * ``above``: the sentence broken by who begins one more
    """

    noun: str
    fields: tuple[str, ...]
    places: tuple[Place, ...]
    alive: tuple[str, ...] = ()
    most: int = 0
    above: str = ""


class Drawing(msgspec.Struct, frozen=True):
    """One of several diagrams of a machine: what leads away from ``states``."""

    title: str
    states: tuple[str, ...]


class Said(msgspec.Struct, frozen=True):
    """A message at the level of a machine: what was sent, and those of its fields that a machine reads."""

    sender: Sender
    message: str
    values: Mapping[str, Any] = {}


class Scenario(msgspec.Struct, frozen=True):
    """An example for people: a row of letters that a machine allows; see :mod:`spiceproto.derive.diagrams`.

    * ``steps``: sender, letter and remark of each
    * ``start``: state it begins in; "" for the initial one
    * ``values``: fields that matter, the same in every step that has them
    """

    name: str
    title: str
    machine: str
    steps: tuple[tuple[Sender, str, str], ...]
    start: str = ""
    values: Mapping[str, int] = {}


class Illegal(msgspec.Struct, frozen=True):
    """A letter that no row allows in a state, and the sentence it breaks."""

    state: str
    sender: Sender
    message: str
    requirement: str
