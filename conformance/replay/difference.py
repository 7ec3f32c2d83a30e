"""What is said of two conversations: a row for each message of the target that was recorded, or came, and is compared.

Row        one of them; ``kind`` says what of it
Left       messages that are not compared, and why
Compared   all of it
compare    how it is made
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, get_args

import msgspec

from conformance.replay import fields
from conformance.replay.alignment import MOST, align
from conformance.replay.compared import why_not
from conformance.replay.player import LINK, Heard, Played, link_fields
from conformance.replay.recording import Channel, Recording, channel_kind

__all__ = ["Compared", "Field", "Left", "Row", "compare"]

Kind = Literal["same", "differs", "moved", "missing", "more", "absent", "closed"]

_TOO_MANY: Final = f"more than {MOST} messages"
_ABSENT: Final = "the channel is not there"
_BODY: Final = "(body that cannot be parsed)"


class Field(msgspec.Struct, frozen=True):
    """A field that differs: where it stands in the message, and both values in words; ``-`` for none."""

    path: str
    recorded: str
    found: str


class Row(msgspec.Struct, frozen=True):
    """A message.

    * ``kind``: both have it, and it is the ``same``, ``differs``, or has ``moved`` to another place among the others; it is
      ``missing`` or there is one ``more``; its channel is ``absent``, or was ``closed`` by the target
    * ``number``: of the recorded message; ``place``: which of the target's on this channel; 0 for none
    """

    kind: Kind
    channel: str
    sender: str
    name: str
    number: int = 0
    place: int = 0
    fields: tuple[Field, ...] = ()
    why: str = ""


class Left(msgspec.Struct, frozen=True):
    """So many messages of a name were recorded, and came, and are not compared."""

    channel: str
    sender: str
    name: str
    recorded: int
    found: int
    why: str


class Compared(msgspec.Struct, frozen=True):
    """``rows`` in the order of the conversation, channel by channel."""

    rows: tuple[Row, ...]
    left: tuple[Left, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        counted = Counter([row.kind for row in self.rows])
        return {kind: counted[kind] for kind in get_args(Kind)}

    @property
    def differences(self) -> list[Row]:
        """Rows that are not the same."""
        return [row for row in self.rows if row.kind != "same"]


class _Item(msgspec.Struct, frozen=True):
    name: str
    number: int
    fields: dict[str, Any]

    @property
    def key(self) -> Any:
        return self.name, *self.fields.items()


def _item(sender: str, table: str, name: str, number: int, value: Any, body: bytes) -> _Item:
    table_of = {_BODY: body} if value is None else fields.compared(sender, table, name, value)
    return _Item(name, number, table_of)


def _recorded(recording: Recording, channel: Channel, role: str, *, all: bool) -> tuple[list[_Item], Counter[tuple[str, str]]]:
    """What is compared of a channel of the recording; what is not, by name and reason."""
    items, left = [], Counter[tuple[str, str]]()
    link = recording.links.get(channel)
    if link is not None:
        announced = link.server if role == "server" else link.client
        items.append(_Item(LINK, 0, dict(link_fields(channel_kind(channel)[0], announced))))
    seen: Counter[str] = Counter()
    for said in recording.messages:
        if said.channel != channel or said.sender != role:
            continue
        why = why_not(role, channel[0], said.name, seen[said.name], all=all)
        seen[said.name] += 1
        if why:
            left[said.name, why] += 1
        else:
            items.append(_item(role, channel[0], said.name, said.number, said.value, said.body))
    return items, left


def _found(heard: Iterable[Heard], table: str, role: str, *, all: bool) -> tuple[list[_Item], Counter[tuple[str, str]]]:
    items, left = [], Counter[tuple[str, str]]()
    seen: Counter[str] = Counter()
    for message in heard:
        why = "" if message.name == LINK else why_not(role, table, message.name, seen[message.name], all=all)
        seen[message.name] += 1
        if why:
            left[message.name, why] += 1
        elif message.name == LINK:
            items.append(_Item(LINK, 0, dict(message.facts)))
        else:
            items.append(_item(role, table, message.name, message.number, message.value, message.body))
    return items, left


def _row(channel: str, role: str, old: _Item | None, new: _Item | None) -> Row:
    if old is None:
        assert new is not None
        return Row("more", channel, role, new.name, place=new.number)
    if new is None:
        return Row("missing", channel, role, old.name, old.number)
    different = tuple([Field(*found) for found in fields.differing(old.fields, new.fields)])
    return Row("differs" if different else "same", channel, role, old.name, old.number, new.number, different)


def _rows(pairs: list[tuple[_Item | None, _Item | None]], channel: str, role: str) -> Iterator[Row]:
    """A row for each pair; what is missing in one place, and the same in another, has moved there."""
    gone: dict[Any, list[int]] = {}
    for old, new in pairs:
        if new is None and old is not None:
            gone.setdefault(old.key, []).append(old.number)
    moved = {new.number: gone[new.key].pop(0) for old, new in pairs if old is None and new is not None and gone.get(new.key)}
    left = set(moved.values())
    for old, new in pairs:
        if old is None and new is not None and new.number in moved:
            yield Row("moved", channel, role, new.name, moved[new.number], new.number)
        elif new is not None or old is None or old.number not in left:
            yield _row(channel, role, old, new)


def compare(recording: Recording, played: Played, role: str, *, all: bool = False) -> Compared:
    """What the target said beside what was recorded of its side. ``all``: also what depends on guest and user."""
    rows: list[Row] = []
    left: list[Left] = []
    talked = {said.channel: None for said in recording.messages if said.sender == role}
    for channel in dict.fromkeys([*recording.links, *talked, *played.found]):
        place = f"{channel[0]}:{channel[1]}"
        kept, out = _recorded(recording, channel, role, all=all)
        heard = played.found.get(channel)
        if heard is None:
            why = played.absent.get(channel, "")
            if role == "client" and not why:
                why = f"the target links no {place}"
            rows.append(Row("absent", place, role, LINK, why=why or "it was not reached"))
            out.update([(item.name, _ABSENT) for item in kept if item.name != LINK])
            beside = Counter[tuple[str, str]]()
        else:
            came, beside = _found(heard, channel[0], role, all=all)
            out.update([(item.name, _TOO_MANY) for item in kept[MOST:]])
            beside.update([(item.name, _TOO_MANY) for item in came[MOST:]])
            rows += _rows(align(kept[:MOST], came[:MOST]), place, role)
        if channel in played.closed and (channel, role) not in recording.ended:
            rows.append(Row("closed", place, role, "(end of the channel)", why="in the recording it had not closed it first"))
        for name, why in dict.fromkeys([*out, *beside]):
            left.append(Left(place, role, name, out[name, why], beside[name, why], why))
    return Compared(tuple(rows), tuple(left))
