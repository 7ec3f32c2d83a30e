"""Legal steps: what the suite may say now, by the tables, with values of the schemas.

A message is drawn, then its fields (:mod:`spiceproto.derive.legal`, the same values that the Hypothesis strategies have),
and then every table that it concerns is asked, on a copy, whether it may be said. What PING, SET_ACK and acknowledgements ask
for is answered by the suite when steps are played, and is never drawn; migrations are a matter of two servers, and only
mutations have their messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from conformance.fuzz import server_walk, told
from conformance.fuzz.chance import Chance
from conformance.fuzz.ends import MAIN, Place, name_of
from conformance.fuzz.play import Play
from conformance.fuzz.steps import Step
from conformance.fuzz.value_text import fields_of, row_named
from spiceproto import dispatch, schema
from spiceproto.channels import channel_name
from spiceproto.controls import Role
from spiceproto.derive.legal import legal_value
from spiceproto.message import Sender

__all__ = ["AUTOMATIC", "Walk", "is_legal", "sayable"]

AUTOMATIC: Final = frozenset({"ACK_SYNC", "ACK", "PONG", "DISCONNECTING", "LIST", "WAIT_FOR_CHANNELS"})
"""Messages that are answers, that end a channel, or that wait for another one."""

_ENVELOPES: Final = frozenset({"AGENT_DATA", "COMPRESSED_DATA"})
"""Messages whose bytes have a form of their own."""

_SILENT: Final = frozenset({"smartcard", "usbredir", "webdav"})
"""Tables whose DATA carries packets."""

_MOST_CHANNELS: Final = 2
_MOST_FAVOURED: Final = 4
_TRIES: Final = 6
_TOLD: Final = 0.2
"""The share of steps in which the target is told something."""

_FAVOURED: Final = 0.6
"""The share of steps for which a favoured message is taken."""


@cache
def sayable(table: str, sender: Sender) -> tuple[str, ...]:
    """Names of messages that a walk may say on a channel."""
    said_first = {dispatch.row_of(table, sender, value).name for value in _first(table, sender)}
    return tuple(
        [
            row.name
            for row in schema.rows(table, sender).values()
            if row.name not in AUTOMATIC
            and row.name not in _ENVELOPES
            and not row.name.startswith(("MIGRATE", "AGENT"))
            and row.status not in ("reserved", "sentinel")
            and row.name not in said_first
            and not (table in _SILENT and row.name == "DATA")
        ]
    )


def _first(table: str, sender: Sender) -> Sequence[Any]:
    from conformance.channels import greeting

    row = greeting(table)
    return row.client_says if sender == "client" else ()


def is_legal(play: Play, place: Place, name: str, value: Any) -> bool:
    """Whether no table objects to a message of the suite now, on a channel that is linked."""
    talk = play.talks.get(place)
    member = None if talk is None else talk.stream.line.member
    session = None if talk is None else talk.stream.line.session
    if member is None or session is None:
        return False
    sender, now = play.end.own, play.network.now
    for machine, known in session.machines.concerned(member.table, sender, name):
        held = member.held.get(machine)
        if held is not None and any(item.breaches for item in held.copy().judge(sender, known, value, now)):
            return False
    return not dispatch.outside(member.table, sender, value)


class Walk:
    """One conversation's legal part.

    * ``places``: channels on which something is said, main among them
    * ``verbs``: what the target may be told
    """

    def __init__(self, chance: Chance, sender: Sender, places: Sequence[Place], verbs: Sequence[str] = ()) -> None:
        self._chance = chance
        self._sender = sender
        self._verbs = chance.some(verbs, _MOST_FAVOURED) if verbs else []
        able = [place for place in places if sayable(channel_name(place[0]), sender) and place != MAIN]
        self.places = [MAIN, *(chance.some(able, _MOST_CHANNELS) if able else [])]
        self._favoured: Mapping[Place, list[str]] = {
            place: chance.some(sayable(channel_name(place[0]), sender), _MOST_FAVOURED) for place in self.places
        }

    def draw(self, place: Place) -> tuple[str, str, Any]:
        """Name, text and value of a message of a channel, whether it is legal now or not."""
        table = channel_name(place[0])
        names = self._favoured[place] if self._chance.happens(_FAVOURED) else sayable(table, self._sender)
        name = self._chance.least_used(names, f"{table}.")
        value = legal_value(row_named(table, self._sender, name).body, self._chance.values, odd=False)
        if self._sender == "server":
            value = server_walk.fitted(table, name, value, self._chance)
        return name, fields_of(value), value

    def step(self, play: Play) -> Step | None:
        """A legal step; None if a few draws had none."""
        if self._verbs and self._chance.happens(_TOLD):
            role: Role = "server" if self._sender == "client" else "client"
            return Step("main", "do", told.drawn(role, self._chance.one_of(self._verbs), self._chance))
        for _ in range(_TRIES):
            place = self._chance.one_of(self.places)
            if not play.reach(place):
                continue
            name, text, value = self.draw(place)
            if is_legal(play, place, name, value):
                return Step(name_of(place), name, text)
        return None

    def illegal(self, play: Play) -> Step | None:
        """A message that a table forbids now, with legal values; None if a few draws had none."""
        for _ in range(2 * _TRIES):
            place = self._chance.one_of([place for place in self.places if place in play.talks] or [MAIN])
            name, text, value = self.draw(place)
            if not is_legal(play, place, name, value):
                return Step(name_of(place), name, text)
        return None
