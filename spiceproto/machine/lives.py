"""Lives: a machine with keys, which has a state for each of them.

A channel of SPICE is full of things that begin, are used and end, and have a number: surfaces, streams, cached images and
palettes, ports, file transfers, devices. Each is a table like any other, whose rows are about one such thing; ``keys``
says which messages name one, and where in them the number stands. A surface, for example, with one row for all that
draws on it:

    states     absent, alive
    rules      Rule("absent", "server", "SURFACE_CREATE", "alive", ...)
               Rule("alive", "server", "DRAW", "alive", ...)
               Rule("alive", "server", "SURFACE_DESTROY", "absent", ...)
    forbidden  Forbidden("server", "SURFACE_CREATE", ...)       a second beginning
               Forbidden("server", "DRAW", ...)                 a use outside a life
               Forbidden("server", "SURFACE_DESTROY", ...)      an end without a life
    keys       Keys("surface", ("surface_id",), places=(
                   Place("server", "SURFACE_CREATE", ("surface_id",)),
                   Place("server", "SURFACE_DESTROY", ("surface_id",)),
                   Place("server", "DRAW_FILL", ("base.surface_id",), letter="DRAW"),
                   Place("server", "DRAW_COPY", ("base.surface_id",), letter="DRAW"), ...))

A stream has at most so many lives at once (``alive``, ``most``, ``above``) and an end of all of them:
``Place("server", "STREAM_DESTROY_ALL", all=True)``. The pixmap cache has its keys in the middle of other messages, and
what an image does to it depends on fields there: ``Place("server", "DRAW_COPY", ("id",),
at="data.src_bitmap.descriptor", letter="IMAGE")`` with a Split of ``IMAGE`` by type and flags. A message may carry a
list of keys, ``Place("server", "INVAL_LIST", ("id",), at="resources")``, and it may name several lives: each of its
places is read in turn. A message without a field for the one life that it is about has it in the place: ``life=(0,)``. Lives
that several channels of a session share have ``scope="session"``.

**What nobody saw.** A key whose beginning could have been missed, because the session began before anybody looked or
brought its lives from elsewhere (``Begin(past=False)``), has the state :data:`UNKNOWN`. Nothing is illegal there; the
first letter that leads to one state from wherever it is allowed says what the state is. A message that
nobody could parse makes every key unknown.

**Memory.** Only keys in another state than all the rest are kept, and at most :data:`LIVES` of them. A peer that begins
more is not held to what it does with the others.

What lives cannot say: that the end of one ends others, that something happens within a time, or how often.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from spiceproto.capabilities import Capabilities
from spiceproto.errors import LocalError
from spiceproto.machine.rows import Keys
from spiceproto.machine.run import Breach, Verdict, step
from spiceproto.machine.table import Machine

__all__ = ["LIVES", "UNKNOWN", "Lives"]

LIVES: Final = 1 << 16
"""Keys that are remembered: as many as there are channels of 256 types with 256 ids, and far more surfaces, streams or
cached images than any server has."""

UNKNOWN: Final = ""
"""State of a key of which nothing is known."""


class Lives:
    """A conversation held against a machine with keys.

    * ``client``, ``server``: what the ends announced, None while unknown; they may be set during the conversation
    * ``rest``: the state of every key that is not in ``states``
    * ``states``: the state of each key that has another one
    * ``alive``: how many of them are in a state that counts
    """

    __slots__ = ("_keys", "alive", "client", "machine", "rest", "server", "states")

    def __init__(
        self,
        machine: Machine,
        *,
        state: str = "",
        client: Capabilities | None = None,
        server: Capabilities | None = None,
        whole: bool = True,
    ) -> None:
        """``whole`` is False if lives may have begun before anybody looked; ``state`` is that of every key at first."""
        if machine.keys is None:
            raise LocalError("a machine without keys has one state; see Run", path=machine.name)
        self.machine = machine
        self.client = client
        self.server = server
        self.rest = (state or machine.initial) if whole else UNKNOWN
        self.states: dict[tuple[int, ...], str] = {}
        self.alive = 0
        self._keys: Keys = machine.keys

    def copy(self) -> Lives:
        """The same conversation, to try what would be said of its continuation."""
        found = Lives(self.machine, client=self.client, server=self.server)
        found.rest = self.rest
        found.states = dict(self.states)
        found.alive = self.alive
        return found

    def state(self, key: tuple[int, ...]) -> str:
        """The state of a key."""
        return self.states.get(key, self.rest)

    def judge(
        self, sender: str, message: str, value: Any = None, now: float = 0.0, *, inside: bool = False
    ) -> tuple[Verdict, ...]:
        """``sender`` sent ``message``: a verdict for each life that it names. ``now`` and ``inside`` change nothing."""
        found: list[Verdict] = []
        for look in self.machine.looks(sender, message):
            split, place = look.split, look.places[0]
            letter = place.base
            if place.all:
                found += self._everybody(sender, letter, place.message)
            elif place.life:
                read = letter if split is None else split.letter(value)
                found.append(self._feed(sender, read, place.life, place.message))
            elif value is None:
                self._forget()
            elif parts := look.at(value):
                for place in look.places:
                    for part in parts:
                        key = place.key_of(part)
                        if key is not None:
                            read = letter if split is None else split.letter(part)
                            found.append(self._feed(sender, read, key, place.message))
        return tuple(found)

    def _feed(self, sender: str, letter: str, key: tuple[int, ...], message: str) -> Verdict:
        before = self.states.get(key, self.rest)
        rule = self.machine.rule(before, sender, letter)
        if rule is not None and rule.when is None and rule.next_state == before:
            return Verdict(letter, before, before, rule, (), key)  # most that is said of a life changes nothing
        verdict = self._step(sender, letter, before, key, message)
        grown = self.alive
        self._put(key, verdict.after)
        most = self._keys.most
        if not most or not most < self.alive > grown:
            return verdict
        text = f"{self._name(letter, key, message)} is one too many at once"
        breach = Breach(self._keys.above, sender, text, f"at most {most}", str(self.alive))
        return msgspec.structs.replace(verdict, breaches=(*verdict.breaches, breach))

    def _everybody(self, sender: str, letter: str, message: str) -> list[Verdict]:
        """Every key hears the same letter. Where some are in a state of their own, it is they that are judged."""
        verdict = self._step(sender, letter, self.rest, (), message)
        self.rest = verdict.after
        return [self._feed(sender, letter, key, message) for key in list(self.states)] or [verdict]

    def _step(self, sender: str, letter: str, before: str, key: tuple[int, ...], message: str) -> Verdict:
        if before == UNKNOWN:
            return Verdict(letter, before, self._settled(sender, letter), key=key)
        rule = self.machine.rule(before, sender, letter)
        if rule is not None and rule.when is None:
            return Verdict(letter, before, rule.next_state, rule, (), key)
        name = self._name(letter, key, message)
        after, rule, breaches = step(self.machine, before, sender, letter, self.client, self.server, name)
        return Verdict(letter, before, after, rule, breaches, key)

    def _name(self, letter: str, key: tuple[int, ...], message: str) -> str:
        """The message and the life: that a letter stands for many messages is of no interest to who reads it."""
        base, space, word = letter.partition(" ")
        said = f"{message}{space}{word}" if base != message else letter
        return f"{said.removeprefix('*.')} of {self._keys.noun} {', '.join(map(str, key)) or 'any'}"

    def _settled(self, sender: str, letter: str) -> str:
        """The one state that a letter leads to wherever it is allowed; UNKNOWN if there are several."""
        nexts = {rule.next_state for rule in self.machine.rules if (rule.sender, rule.message) == (sender, letter)}
        return nexts.pop() if len(nexts) == 1 else UNKNOWN

    def _put(self, key: tuple[int, ...], state: str) -> None:
        alive = self._keys.alive
        self.alive += (state in alive) - (self.state(key) in alive)
        if state == self.rest:
            self.states.pop(key, None)
        elif key in self.states or len(self.states) < LIVES:
            self.states[key] = state
        else:
            # One too many to remember: from here on, nothing is known of a key that is not.
            self.rest = UNKNOWN
            self.alive -= state in alive

    def _forget(self) -> None:
        self.rest = UNKNOWN
        self.states.clear()
        self.alive = 0
