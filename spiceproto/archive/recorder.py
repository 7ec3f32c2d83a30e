"""The consumer of a capture whose JSON lines become rows of tables."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import msgspec

from spiceproto import dispatch
from spiceproto.archive.columns import TABLES
from spiceproto.archive.scalars import SCALARS, scalars
from spiceproto.capture.consumer import Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.report.jsonl import JsonReport

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["Put", "Recorder", "micro"]

Put = Callable[[str, tuple[Any, ...]], None]
"""Takes a row of a table."""

_MOST: Final = 1 << 20
"""Letters of the JSON form of a message that a row has."""

_OWN: Final = frozenset(
    {
        *("record", "number", "message", "time", "connection", "channel", "channel_id", "direction", "type", "name", "serial"),
        *("size", "frame", "frames", "fields", "step", "start", "end"),
    }
)
"""What a record has a column for."""

_ROWS: Final = frozenset({"message", "link", "agent", "usbredir", "webdav", "vsc", "state"})

_OUTCOMES: Final = frozenset({"migration", "takeover", "unlinked"})

_NONE: Final = (None,) * len(SCALARS)

_DATES: Final = 253_402_300_800
"""Seconds from 1970 to the year 10000."""


class Recorder(JsonReport):
    """What a capture called ``capture`` holds, row by row for ``put``.

    * ``rows``: of messages, so far
    * ``left_out``: rows whose JSON form is too long
    * ``missing``: what the capture does not have, in words
    * ``outcomes``: migrations, takeovers, channels that nobody linked, as JSON
    * ``footer``: the sums, behind the end
    * ``put``: takes rows
    * ``codes``: of problems, as many as there are kinds
    """

    def __init__(self, capture: str, put: Put) -> None:
        super().__init__(StringIO())
        self.capture = capture
        self.rows = 0
        self.left_out = 0
        self.missing: list[str] = []
        self.outcomes: list[str] = []
        self.footer: dict[str, Any] = {}
        self.codes: set[str] = set()
        self.put = put
        self._conversations: dict[int, Conversation] = {}
        self._connections: dict[int, dict[str, Any]] = {}
        self._at = At("", 0, 0)
        self._table = ""

    def write(self, item: dict[str, Any]) -> None:
        """A record becomes a row, or waits for more of the same."""
        record = item["record"]
        if record in _ROWS:
            self._row(item)
        elif record == "connection":
            self._connections[item["connection"]] = item
        elif record == "end":
            self._end(item)
        elif record == "problem":
            self._problem(item)
        elif record in _OUTCOMES:
            self.outcomes.append(_text(item))
        elif record == "footer":
            self.footer = item

    # -- what JSON lines do not say

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        self._conversations[conversation.connection.number] = conversation
        super().connection(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage; the first ones come before the channel is known."""
        self._conversations[conversation.connection.number] = conversation
        super().link(conversation, item, at)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        self._at, self._table = at, table
        super().agent(conversation, at, table, type, body)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        self._at = at
        super().carried(conversation, at, item)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel."""
        self._at = at
        super().state(conversation, at, state)

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        before = len(self.unseen)
        super().closed(conversation, at)
        self.missing += [str(item) for item in self.unseen[before:]]
        self._conversations.pop(conversation.connection.number, None)

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be: connections that nobody has ended."""
        for number in list(self._connections):
            self._connection(number, {}, ["nothing behind the damage was read"])
        super().end(failure)

    # -- rows

    def _place(self, number: int | None) -> tuple[str, int | None, int | None]:
        """The first columns of most tables."""
        conversation = self._conversations.get(number or 0)
        session = conversation.session if conversation is not None else None
        return self.capture, session.number if session is not None else None, number

    def _row(self, item: dict[str, Any]) -> None:
        protocol, number = item["record"], item["connection"]
        conversation = self._conversations[number]
        said, direction, frames = item.get("fields"), item.get("direction"), item.get("frames")
        if protocol == "message":
            protocol = "spice"
        if frames is None:
            frames = (item["frame"] if protocol == "link" else self._at.frame,)
        name: str = item.get("name") or item["step"]
        type = item.get("type")
        values = _NONE
        if said is not None and protocol in ("spice", "agent") and type is not None and direction is not None:
            kind = dispatch.row(conversation.table if protocol == "spice" else self._table, direction, type)
            if kind is not None:
                values = scalars(kind.value_class, conversation.channel, name, said)
        more = {key: value for key, value in item.items() if key not in _OWN} if item.keys() - _OWN else None
        fields, rest = _short(said), _short(more)
        self.left_out += (said is not None and fields is None) or (more is not None and rest is None)
        self.rows += 1
        self.put(
            "messages",
            (
                *self._place(number),
                self.rows,
                conversation.channel,
                conversation.channel_id,
                direction,
                protocol,
                item.get("number", item.get("message")),
                name,
                type,
                item.get("serial"),
                micro(item["time"]),
                frames[0],
                frames[-1],
                item["size"] if "size" in item else item["end"] - item["start"] if "end" in item else None,
                *values,
                fields,
                rest,
            ),
        )

    def _connection(self, number: int, end: dict[str, Any], missing: list[str]) -> None:
        item = self._connections.pop(number)
        able = {side: [*sets["common"], *sets["channel"]] for side, sets in item["capabilities"].items()}
        conversation = self._conversations.get(number)
        sent = end.get("sent", {})
        row = {
            **item,
            "capture": self.capture,
            "client_capabilities": able.get("client"),
            "server_capabilities": able.get("server"),
            "time": micro(conversation.connection.time_ns / 1e9) if conversation is not None else None,
            "client_bytes": sent.get("client"),
            "server_bytes": sent.get("server"),
            "ends": [f"{one['side']} {one['kind']}" for one in end.get("ends", ())],
            "missing": missing,
        }
        self.put("connections", tuple([row[column.name] for column in TABLES["connections"]]))

    def _end(self, item: dict[str, Any]) -> None:
        words = [str(one) for one in self.unseen if one.connection == item["connection"]]
        self._connection(item["connection"], item, words)

    def _problem(self, item: dict[str, Any]) -> None:
        self.codes.add(item["code"])
        self.put(
            "problems",
            (
                *self._place(item["connection"]),
                "problem",
                item["severity"],
                item["code"],
                item["direction"] or None,
                item["message"],
                micro(item["time"]) or None,
                item["frame"] or None,
                item["where"],
                item["text"],
                item["expected"],
                item["actual"],
            ),
        )


def micro(seconds: float) -> int | None:
    """Microseconds since 1970; None for a time that is no date, which a file may have as well."""
    return round(seconds * 1_000_000) if 0 <= seconds < _DATES else None


def _text(said: Any) -> str:
    return msgspec.json.encode(said).decode()


def _short(said: Any) -> str | None:
    """As JSON; None where there is nothing, or too much."""
    if said is None:
        return None
    text = _text(said)
    return text if len(text) <= _MOST else None
