"""JSON lines: one record a line, told apart by ``record``.

    header       the capture and the program
    connection   addresses, channel, session, capabilities by name
    link         a step of the link stage
    message      number, time, connection, channel, channel_id, direction, type, name, serial, size, frames, fields;
                 shown: fields that people read in another form, such as scan codes; streams of images: path, codec, size,
                 inflated, type, and what their headers say of the rest
    agent        a whole agent message, alike
    usbredir     a packet that a usbredir channel carries: type, length, id; version and capabilities of a HELLO,
                 fields of others, command of a mass storage device
    webdav       a chunk that a webdav channel carries: client, length, http (first lines of the heads that end in it)
    state        of a channel that goes to another server: message (the MIGRATE_DATA that holds it), name, size, fields;
                 surfaces that the client has, to_agent: whole messages on their way there, rest: other bytes that wait
    end          of a connection: ends (side, FIN, RST or both, time, frame, in their order), and the bytes that each side sent
    problem      severity, code, text, where, expected, actual
    incomplete   what the capture does not have of a connection: what, side, holes, size, frame
    times        of a session, and a message: how many, and the least and most ms ahead of the multimedia clock of INIT
    migration    of a session: kind, outcome, source, destination, told (what the source has named), announced, answered
                 (with the answer), ended (time, frame); linked: channels there; same, changed, lost, unseen: channels by what
                 became of their state, size: bytes that came as they were sent; successor: the session that was begun there;
                 lossy: connections of which bytes are missing
    takeover     of a session: by which connection, the connections that the server ended, the first frame
    unlinked     of a session: channels that the server listed and nobody linked; whole: the capture has its end
    footer       messages, connections, sessions, sent_bytes (of each side, as TCP counts them), seconds, problems by severity,
                 undecoded_bytes, images (of each type and codec: count, pixels, bytes, ratio to 32 bits a pixel; cached;
                 palettes: whole, kept, from_cache; masks are not counted), video and sound (of each connection and codec
                 or mode: what there was of it, see :mod:`spiceproto.report.media`), ...; with a filter no sums of images, video
                 and sound, but filter, and selected: messages that fit

Times are seconds since the epoch with nine digits. ``direction`` names the sender. Data longer than 64 bytes are
shortened to their size and first bytes unless all of them are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.migrations import Moved
from spiceproto.derive.json_form import to_json
from spiceproto.errors import RemoteError
from spiceproto.report import connections, images, link_stage
from spiceproto.report.base import Report
from spiceproto.report.streams import Seen, look
from spiceproto.shown import file_name
from spiceproto.version import __version__

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["JsonReport"]

_SHORT = 64
_BLOCK = 1024
"""Lines that are written at a time."""

SCHEMA_VERSION = 1

_SHOWING = "inputs"
"""The channel with messages that have such fields; GL scanouts, which have one, too, are in no capture."""


class JsonReport(Report):
    """The consumer behind ``spiceproto decode --format jsonl``."""

    def __init__(self, out: TextIO, *, full_data: bool = False, verbose: bool = False) -> None:
        super().__init__(out)
        self.limit = None if full_data else _SHORT
        self.verbose = verbose

    def write(self, item: dict[str, Any]) -> None:
        """One line."""
        self.lines.append(msgspec.json.encode(item).decode())
        if len(self.lines) >= _BLOCK:
            self.flush()

    def begin(self, decoder: Decoding, path: str) -> None:
        super().begin(decoder, path)
        self.write(
            {"record": "header", "schema": SCHEMA_VERSION, "program": f"spiceproto {__version__}", "capture": file_name(path)}
        )

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        if self.concerns(conversation):
            self.write({"record": "connection", **connections.as_dict(conversation)})

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        self.write(
            {
                "record": "link",
                "time": seconds(at.time_ns),
                "connection": conversation.connection.number,
                "frame": at.frame,
                **link_stage.as_dict(conversation, item),
            }
        )

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        rows = dispatch.rows(conversation.table, sender)
        decoder = self.decoder
        tails: list[int] = []
        shows = conversation.table == _SHOWING
        pictured = images.numbers(conversation.table, rows)
        looks = self.media.looks(conversation, sender)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number += 1
            row = rows.get(number)
            item: dict[str, Any] = {
                "record": "message",
                "number": decoder.number,
                "time": seconds(time_ns),
                "connection": conversation.connection.number,
                "channel": conversation.channel,
                "channel_id": conversation.channel_id,
                "direction": sender,
                "type": number,
                "name": row.name if row is not None else f"UNKNOWN_{number}",
                "serial": serial,
                "size": len(body),
                "frames": frames,
            }
            failure: RemoteError | None = None
            if row is not None:
                try:
                    value = row.parse(body, tails.append)
                    item["fields"] = to_json(value, limit=self.limit)
                    if shows:
                        _show(row, value, item)
                    if self.verbose:
                        from spiceproto.report.tree import span_dicts

                        item["spans"] = span_dicts(row, body)
                except RemoteError as error:
                    failure = error
            seen: list[Seen] = []
            if row is None or failure is not None:
                item["fields"] = None
                item["data"] = body.hex()
            elif number in looks:
                looks[number](body)
            elif number in pictured and (seen := look(row.name, body, self.tally)):
                item["streams"] = images.as_dicts(seen)
            self.write(item)
            if row is not None and seen:
                self.pictured(conversation, At(sender, time_ns, frames[-1]), row.name, body, seen, tails)
            if row is None:
                self.unknown(conversation, At(sender, time_ns, frames[-1]), number, len(body))
            elif failure is not None:
                self.malformed(conversation, At(sender, time_ns, frames[-1]), row.name, len(body), failure)
            elif tails:
                self.trailing(conversation, At(sender, time_ns, frames[-1]), row.name, len(body), tails)

        return self.beside(conversation, sender, emit)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message; ``message`` is the number of the AGENT_DATA that completed it."""
        row = dispatch.row(table, at.sender, type)
        item: dict[str, Any] = {
            "record": "agent",
            "time": seconds(at.time_ns),
            "connection": conversation.connection.number,
            "direction": at.sender,
            "message": self.decoder.number + 1,
            "type": type,
            "name": row.name if row is not None else f"UNKNOWN_{type}",
            "size": len(body),
        }
        failure: RemoteError | None = None
        if row is not None:
            try:
                value = row.parse(body)
                item["fields"] = to_json(value, limit=self.limit)
                _show(row, value, item)
            except RemoteError as error:
                failure = error
        self.write(item)
        if row is None:
            self.unknown_agent(conversation, at, type, len(body))
        elif failure is not None:
            self.malformed_agent(conversation, at, row.name, failure)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries; ``message`` is the number of the DATA that ended it."""
        from spiceproto.report import carried

        self.write(
            {
                "record": carried.protocol(item),
                "time": seconds(at.time_ns),
                "connection": conversation.connection.number,
                "direction": at.sender,
                "message": self.decoder.number,
                "name": item.name,
                "size": item.size,
                **carried.as_dict(item),
            }
        )

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel; ``message`` is the number of the MIGRATE_DATA that holds it."""
        from spiceproto.report import states

        self.write(
            {
                "record": "state",
                "time": seconds(at.time_ns),
                "connection": conversation.connection.number,
                "direction": at.sender,
                "message": self.decoder.number + 1,
                "name": states.name(state),
                "size": len(state.body),
                **states.as_dict(state, self.limit),
            }
        )

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        conversation = problem.conversation
        self.write(
            {
                "record": "problem",
                "severity": problem.severity,
                "code": problem.code,
                "text": problem.text,
                "time": seconds(problem.at.time_ns),
                "connection": conversation.connection.number if conversation is not None else None,
                "direction": problem.at.sender,
                "message": problem.number or None,
                "frame": problem.at.frame,
                "where": problem.where,
                "expected": problem.expected,
                "actual": problem.actual,
            }
        )

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        super().closed(conversation, at)
        connection = conversation.connection
        if not self.concerns(conversation):
            return
        ends = connections.end_dicts(conversation)
        self.write({"record": "end", "connection": connection.number, "ends": ends, "sent": connection.sent})

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be."""
        for moved in self.decoder.moved:
            self.write({"record": "migration", **_moved(moved)})
        for takeover in self.decoder.takeovers:
            self.write({"record": "takeover", **msgspec.to_builtins(takeover)})
        for unlinked in self.decoder.unlinked:
            self.write({"record": "unlinked", **msgspec.to_builtins(unlinked)})
        for item in self.unseen:
            self.write({"record": "incomplete", **msgspec.to_builtins(item)})
        for span in self.times:
            self.write({"record": "times", **msgspec.to_builtins(span)})
        self.write(
            {
                "record": "footer",
                "messages": self.decoder.number,
                "connections": self.decoder.connections,
                "sessions": len(self.decoder.sessions),
                "sent_bytes": {side: self.sent[side] for side in ("client", "server")},
                "seconds": self.duration_ns / 1_000_000_000,
                "problems": {kind: self.problems[kind] for kind in ("error", "warning", "note")},
                "undecoded_bytes": self.decoder.undecoded,
                "incomplete_bytes": self.decoder.incomplete,
                "trailing_bytes": self.decoder.trailing,
                "frames": self.decoder.capture.totals.frames,
                **self._sums(),
                "truncated_frames": self.decoder.capture.totals.truncated_frames,
                "failure": str(failure) if failure is not None else None,
            }
        )
        self.flush()

    def _sums(self) -> dict[str, Any]:
        """Of all messages; where only some were wanted, how many these were."""
        if self.selection is None:
            return {"images": self.tally.as_dict(), **self.media.as_dict()}
        return {"filter": str(self.selection.filter), "selected": self.selection.selected}


def _moved(moved: Moved) -> dict[str, Any]:
    """A migration; its times as they are everywhere."""
    said = msgspec.to_builtins(moved)
    for name in ("announced", "answered", "ended"):
        if said[name] is not None:
            said[name] = {"time": seconds(said[name]["time_ns"]), "frame": said[name]["frame"]}
    return dict(said)


def _show(row: dispatch.Row, value: Any, item: dict[str, Any]) -> None:
    """Add how people read some fields."""
    shown = getattr(row.summary, "shown", None)
    if shown is not None:
        item["shown"] = {name: form(getattr(value, name)) for name, form in shown.items()}


def seconds(time_ns: int) -> float:
    """Seconds since the epoch; a float holds them to less than a microsecond."""
    return time_ns / 1_000_000_000
