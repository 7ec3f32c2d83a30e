"""A session of a capture: who linked what, and what both sides said, in one order across all channels.

    read          the file
    Recording     the session
    Linked        a channel was linked, and what both ends announced for it
    Said          a message

Messages inside of others stand before the one that holds them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from spiceproto import dispatch
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.places import Named
from spiceproto.channel_state import State
from spiceproto.channels import channel_type
from spiceproto.errors import LocalError, RemoteError
from spiceproto.framing import Spans
from spiceproto.link import Failed, Opaque

__all__ = ["Channel", "Event", "Linked", "Recording", "Said", "read"]

_MOST_BYTES: Final = 256 << 20
"""Of bodies that are kept: a recording is held in memory as a whole."""

_MOST_MESSAGES: Final = 1_000_000

_NAMED: Final = 8
"""Connections that are named where none can be played."""

_GOES_AWAY: Final = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST", "MIGRATE")
"""Messages of a server behind which the session is about another server."""

Channel = tuple[str, int]
"""Name of the type, and id."""


class Linked(msgspec.Struct, frozen=True):
    """A channel was linked ``at`` seconds after the session began."""

    at: float
    channel: Channel
    client: Capabilities
    server: Capabilities


class Said(msgspec.Struct, frozen=True):
    """A message.

    * ``number``: counts those of the session from 1
    * ``at``: seconds after the session began
    * ``type``, ``body``, ``serial``: as they were sent; serials count from 1 where headers have none
    * ``inside``: whether it came inside another message, which is behind it
    * ``sub_list``: offset of the list of messages inside this one, as a full header says it; 0 for none
    """

    number: int
    at: float
    channel: Channel
    sender: str
    type: int
    body: bytes
    serial: int
    inside: bool = False
    sub_list: int = 0

    @property
    def name(self) -> str:
        """As in the specification; "type 99" for a number without meaning here."""
        row = dispatch.row(self.channel[0], self.sender, self.type)
        return f"type {self.type}" if row is None else row.name

    @property
    def value(self) -> Any:
        """The parsed body; None if it cannot be parsed."""
        row = dispatch.row(self.channel[0], self.sender, self.type)
        try:
            return None if row is None else row.parse(self.body)
        except RemoteError:
            return None

    @property
    def place(self) -> str:
        """As in ``main:0``."""
        return f"{self.channel[0]}:{self.channel[1]}"


Event = Linked | Said


class Recording(msgspec.Struct, frozen=True):
    """One session.

    * ``path``: of the capture
    * ``number``, ``sessions``: which of how many that can be played
    * ``events``: in the order in which they were seen
    * ``ended``: sides that closed a channel before the other did
    * ``remarks``: what of the session is not in ``events``, and why
    """

    path: str
    number: int
    sessions: int
    events: tuple[Event, ...]
    ended: frozenset[tuple[Channel, str]] = frozenset()
    remarks: tuple[str, ...] = ()

    @property
    def messages(self) -> list[Said]:
        """Without the links."""
        return [event for event in self.events if isinstance(event, Said)]

    @property
    def links(self) -> dict[Channel, Linked]:
        """The first link of each channel."""
        found: dict[Channel, Linked] = {}
        for event in self.events:
            if isinstance(event, Linked):
                found.setdefault(event.channel, event)
        return found


class _Reader:
    """A consumer of captures that keeps the sessions whose link stages it saw."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sessions: dict[int, list[Any]] = {}
        self._begun: dict[int, int] = {}
        self._linked: set[Conversation] = set()
        self._bytes = self._messages = 0
        self.unreadable: list[str] = []
        self.lossy: dict[int, set[str]] = {}
        self.ended: dict[int, set[tuple[Channel, str]]] = {}

    def connection(self, conversation: Conversation) -> None:
        """Its session is known with the link stage."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """Steps of the link stage are made anew; what ends it is a reason why there is nothing to play."""
        if isinstance(item, Failed | Opaque):
            self._not_read(conversation, "its link stage failed" if isinstance(item, Failed) else "encrypted")

    def _not_read(self, conversation: Conversation, why: str) -> None:
        if len(self.unreadable) < _NAMED:
            self.unreadable.append(f"{conversation.place} ({why})")

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The function that keeps the messages of one sender."""
        if conversation.copy_of is not None:
            return lambda number, body, serial, time_ns, frames: None
        session = conversation.session
        if session is None or conversation.client_capabilities is None:
            self._not_read(conversation, "its link stage is not in the capture")
            return lambda number, body, serial, time_ns, frames: None
        events = self.sessions.setdefault(session.number, [])
        channel = (conversation.channel, conversation.channel_id)
        if conversation not in self._linked:
            self._linked.add(conversation)
            client, server = conversation.client_capabilities, conversation.server_capabilities or NONE
            events.append(Linked(-1.0, channel, client, server))

        def keep(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self._bytes, self._messages = self._bytes + len(body), self._messages + 1
            if self._bytes > _MOST_BYTES or self._messages > _MOST_MESSAGES:
                wanted = f"at most {_MOST_BYTES >> 20} MiB in {_MOST_MESSAGES} messages"
                raise LocalError("a recording that is too large to be played", where=self.path, expected=wanted)
            begun = self._begun.setdefault(session.number, time_ns)
            events.append(Said(0, max(time_ns - begun, 0) / 1e9, channel, sender, number, body, serial))

        return keep

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """Messages of the agent are in those of main."""

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """So is what byte channels carry."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """A migration is not played."""

    def problem(self, problem: Diagnostic) -> None:
        """Bytes that are not in the capture can not be said again."""
        conversation = problem.conversation
        lost = problem.code in ("gap", "message-lost", "resynchronised", "not-resynchronised", "message-too-long")
        if lost and conversation is not None and conversation.session is not None:
            self.lossy.setdefault(conversation.session.number, set()).add(conversation.place)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """The last messages of this sender are inside the next one."""
        session = conversation.session
        events = self.sessions.get(session.number, []) if session is not None else []
        left = len(spans) - 1
        mine = (conversation.channel, conversation.channel_id), at.sender
        for place in range(len(events) - 1, -1, -1):
            event = events[place]
            if left and isinstance(event, Said) and (event.channel, event.sender) == mine:
                events[place] = msgspec.structs.replace(event, inside=True, sub_list=spans[0][0])
                left -= 1
            if not left:
                return

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """It is said again as it is."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """It is not said again."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """Who ended a connection is known; it is not played."""
        if conversation.session is not None and conversation.connection.left:
            channel = conversation.channel, conversation.channel_id
            self.ended.setdefault(conversation.session.number, set()).add((channel, conversation.connection.left))


def _whole(events: Sequence[Any]) -> bool:
    return any(isinstance(event, Linked) and event.channel[0] == "main" for event in events)


def _finished(events: Sequence[Any]) -> tuple[list[Event], list[str]]:
    """Events with their numbers, up to where the session is about another server or links a channel again; remarks."""
    found: list[Event] = []
    number, at = 0, 0.0
    lists: dict[tuple[Channel, str], int] = {}
    linked: set[Channel] = set()
    for event in events:
        if isinstance(event, Linked):
            if event.channel in linked:
                where = f"{event.channel[0]}:{event.channel[1]}"
                return found, [f"not played: what comes behind message {number}, where {where} is linked once more"]
            linked.add(event.channel)
            found.append(msgspec.structs.replace(event, at=at))
            continue
        number, at = number + 1, event.at
        key = event.channel, event.sender
        if event.inside:
            lists[key] = event.sub_list
            event = msgspec.structs.replace(event, number=number, sub_list=0)
        else:
            event = msgspec.structs.replace(event, number=number, sub_list=lists.pop(key, 0))
        if event.sender == "server" and event.name in _GOES_AWAY:
            return found, [f"not played: what comes from message {number} on, {event.name}: the session goes to another server"]
        found.append(event)
    return found, []


def read(
    path: str | os.PathLike[str], *, session: int = 0, keylog: str | None = None, decode_as: Named | None = None
) -> Recording:
    """A session of a capture; ``session`` counts from 1 those that can be played, 0 is the first of them.

    Raises LocalError for a file without such a session, LocalError or RemoteError for one that cannot be read.
    """
    where = str(path)
    reader = _Reader(where)
    Decoder(Path(path), reader, keylog=keylog, decode_as=decode_as, in_order=True).run()
    whole = [number for number, events in sorted(reader.sessions.items()) if _whole(events)]
    if not whole:
        why = ", ".join(reader.unreadable) or "none"
        expected = "a session whose main channel is linked in the capture, and can be read"
        raise LocalError("a capture without a session that can be played", where=where, expected=expected, actual=why)
    if session > len(whole) or session < 0:
        raise LocalError("no such session", where=where, expected=f"1 to {len(whole)}", actual=str(session))
    chosen = whole[max(session, 1) - 1]
    events, remarks = _finished(reader.sessions[chosen])
    for place in sorted(reader.lossy.get(chosen, ())):
        remarks.append(f"not played: messages of {place} of which the capture lacks bytes")
    ended = frozenset(reader.ended.get(chosen, ()))
    return Recording(where, max(session, 1), len(whole), tuple(events), ended, tuple(remarks))


def channel_kind(channel: Channel) -> tuple[int, int]:
    """Number of the type, and id."""
    return int(channel_type(channel[0])), channel[1]
