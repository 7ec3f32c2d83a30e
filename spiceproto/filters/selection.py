"""A filter at work on a capture: which messages are handed on, and how many there were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.channel_state import State
from spiceproto.errors import RemoteError
from spiceproto.filters.compiled import Filter, Verdict
from spiceproto.filters.names import Candidate
from spiceproto.filters.seen import Seen
from spiceproto.image_places import PICTURES
from spiceproto.usbredir import Packet
from spiceproto.vsc import Inside

__all__ = ["Selection"]

_OF_CONNECTION: Final = ("channel", "channel_id", "connection", "session")
"""Names of what all messages of a connection have in common."""


class Selection:
    """What fits.

    * ``selected``: messages that were handed on, without those of inner protocols
    * ``seen``: all of them
    * ``start_ns``: time of the first thing seen, -1 before

    A message of which nobody can say whether it fits, since what was asked of it can not be read, is handed on.
    """

    def __init__(self, filter: Filter) -> None:
        self.filter = filter
        self.selected = 0
        self.seen = 0
        self.start_ns = -1

    def __str__(self) -> str:
        return f"{self.selected} of {self.seen} messages fit{f' {self.filter}' if str(self.filter) else ''}"

    def begin(self, time_ns: int) -> None:
        """Something was seen; 0 is no time."""
        if self.start_ns < 0 < time_ns:
            self.start_ns = time_ns

    def concerns(self, conversation: Conversation) -> bool:
        """Whether anything on this connection could fit."""
        settled = self._settled(conversation, "", "")
        known = {name: settled[name] for name in _OF_CONNECTION if settled[name] is not None}
        channel = conversation.channel
        return any(
            self.filter.settle(candidate._replace(settled={**candidate.settled, **known})) is not False
            for candidate in self.filter.candidates()
            if not channel or candidate.settled.get("channel", channel) == channel
        )

    def lane(self, conversation: Conversation, sender: str, emit: Emit, skip: Callable[[], object]) -> Emit:
        """What hands on to ``emit`` what fits, and calls ``skip`` for what does not."""
        rows = dispatch.rows(conversation.table, sender)
        settled = self._settled(conversation, sender, "spice")
        verdicts: dict[int, Verdict] = {}

        def settle(number: int) -> Verdict:
            row = rows.get(number)
            name = row.name if row is not None else f"UNKNOWN_{number}"
            known = {**settled, "name": name, "type": number}
            classes = () if row is None else (row.value_class,)
            found = verdicts[number] = self.filter.settle(Candidate(known, classes, name if name in PICTURES else ""))
            return found

        def select(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.seen = seen = self.seen + 1
            fits = verdicts.get(number)
            if fits is None:
                fits = settle(number)
            if fits is False:
                skip()
                return
            if fits is not True:
                row = rows.get(number)
                message = Seen(len(body), time_ns, self.start_ns, frames, seen, serial, row=row, body=body)
                if not _fits(fits, message):
                    skip()
                    return
            self.selected += 1
            emit(number, body, serial, time_ns, frames)

        return select

    def link(self, conversation: Conversation, item: Any, at: At) -> bool:
        """Whether a step of the link stage fits."""
        value = getattr(item, "value", None)
        name = getattr(item, "kind", type(item).__name__.lower())
        size = getattr(item, "end", 0) - getattr(item, "start", 0)
        return self._inner(conversation, at, "link", name, size, () if value is None else (value,))

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> bool:
        """Whether an agent message fits."""
        row = dispatch.row(table, at.sender, type)
        name = row.name if row is not None else f"UNKNOWN_{type}"
        settled = {**self._settled(conversation, at.sender, "agent"), "name": name, "type": type}
        verdict = self.filter.settle(Candidate(settled, () if row is None else (row.value_class,)))
        if isinstance(verdict, bool):
            return verdict
        return _fits(verdict, Seen(len(body), at.time_ns, self.start_ns, (at.frame,), row=row, body=body))

    def carried(self, conversation: Conversation, at: At, item: Inner) -> bool:
        """Whether what a byte channel carries fits."""
        protocol = "vsc" if isinstance(item, Inside) else "usbredir" if isinstance(item, Packet) else "webdav"
        values = (item.header, item.value) if isinstance(item, Packet) else (item.value,)
        given = tuple([value for value in values if value is not None])
        return self._inner(conversation, at, protocol, item.name, item.size, given)

    def state(self, conversation: Conversation, at: At, state: State) -> bool:
        """Whether the state of a channel fits."""
        return self._inner(
            conversation, at, "state", state.name, len(state.body), () if state.value is None else (state.value,)
        )

    def _inner(self, conversation: Conversation, at: At, protocol: str, name: str, size: int, values: tuple[Any, ...]) -> bool:
        settled = {**self._settled(conversation, at.sender, protocol), "name": name, "type": None}
        verdict = self.filter.settle(Candidate(settled, tuple([type(value) for value in values])))
        if isinstance(verdict, bool):
            return verdict
        return _fits(verdict, Seen(size, at.time_ns, self.start_ns, (at.frame,), given=values))

    def _settled(self, conversation: Conversation, sender: str, protocol: str) -> dict[str, Any]:
        return {
            "channel": conversation.channel or None,
            "channel_id": conversation.channel_id if conversation.channel else None,
            "connection": conversation.connection.number,
            "session": None if conversation.session is None else conversation.session.number,
            "direction": sender or None,
            "protocol": protocol,
        }


def _fits(verdict: Verdict, seen: Seen) -> bool:
    if isinstance(verdict, bool):
        return verdict
    try:
        return verdict.fits(seen)
    except RemoteError:
        return True
