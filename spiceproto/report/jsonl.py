"""JSON lines: one record a line, told apart by ``record``.

    header       the capture and the program
    connection   addresses, channel, session, capabilities by name
    link         a step of the link stage
    message      number, time, connection, channel, channel_id, direction, type, name, serial, size, frames, fields
    agent        a whole agent message
    problem      severity, code, text, where, expected, actual
    footer       messages, connections, problems by severity, undecoded_bytes

Times are seconds since the epoch with nine digits. ``direction`` names the sender. Data longer than 64 bytes are
shortened to their size and first bytes unless all of them are asked for.
"""

from __future__ import annotations

from typing import Any, TextIO

import msgspec

from spiceproto import __version__, dispatch
from spiceproto.capture.consumer import Emit, Problem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.derive.json_form import to_json
from spiceproto.errors import RemoteError
from spiceproto.report import connections
from spiceproto.report.base import Report

__all__ = ["JsonReport"]

_SHORT = 64
_BLOCK = 1024
"""Lines that are written at a time."""

SCHEMA_VERSION = 1


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

    def begin(self, decoder: Decoder, path: str) -> None:
        super().begin(decoder, path)
        self.write({"record": "header", "schema": SCHEMA_VERSION, "program": f"spiceproto {__version__}", "capture": path})

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        self.write({"record": "connection", **connections.as_dict(conversation)})

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""
        self.write(
            {
                "record": "link",
                "time": seconds(time_ns),
                "connection": conversation.connection.number,
                "frame": frame,
                **connections.link_dict(item),
            }
        )

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        rows = dispatch.rows(conversation.table, sender)
        decoder = self.decoder
        tails: list[int] = []

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
                    item["fields"] = to_json(row.parse(body, tails.append), limit=self.limit)
                    if self.verbose:
                        from spiceproto.report.tree import span_dicts

                        item["spans"] = span_dicts(row, body)
                except RemoteError as error:
                    failure = error
            if row is None or failure is not None:
                item["fields"] = None
                item["data"] = body.hex()
            self.write(item)
            if row is None:
                self.unknown(conversation, sender, number, len(body), time_ns, frames[-1])
            elif failure is not None:
                self.malformed(conversation, sender, row.name, len(body), failure, time_ns, frames[-1])
            elif tails:
                self.trailing(conversation, sender, row.name, len(body), tails, time_ns, frames[-1])

        return emit

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
        """A whole agent message; ``message`` is the number of the AGENT_DATA that completed it."""
        row = dispatch.row(table, sender, type)
        item: dict[str, Any] = {
            "record": "agent",
            "time": seconds(time_ns),
            "connection": conversation.connection.number,
            "direction": sender,
            "message": self.decoder.number + 1,
            "type": type,
            "name": row.name if row is not None else f"UNKNOWN_{type}",
            "size": len(body),
        }
        failure: RemoteError | None = None
        if row is not None:
            try:
                item["fields"] = to_json(row.parse(body), limit=self.limit)
            except RemoteError as error:
                failure = error
        self.write(item)
        if row is None:
            self.unknown_agent(conversation, sender, type, len(body), time_ns, frame)
        elif failure is not None:
            conversation.failed(sender, f"agent {row.name}", failure, time_ns, frame)

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        conversation = problem.conversation
        self.write(
            {
                "record": "problem",
                "severity": problem.severity,
                "code": problem.code,
                "text": problem.text,
                "time": seconds(problem.time_ns),
                "connection": conversation.connection.number if conversation is not None else None,
                "direction": problem.sender,
                "message": problem.number or None,
                "frame": problem.frame,
                "where": problem.where,
                "expected": problem.expected,
                "actual": problem.actual,
            }
        )

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be."""
        self.write(
            {
                "record": "footer",
                "messages": self.decoder.number,
                "connections": self.decoder.connections,
                "sessions": len(self.decoder.sessions),
                "problems": {kind: self.problems[kind] for kind in ("error", "warning", "note")},
                "undecoded_bytes": self.decoder.undecoded,
                "incomplete_bytes": self.decoder.incomplete,
                "trailing_bytes": self.decoder.trailing,
                "frames": self.decoder.capture.totals.frames,
                "failure": str(failure) if failure is not None else None,
            }
        )
        self.flush()


def seconds(time_ns: int) -> float:
    """Seconds since the epoch; a float holds them to less than a microsecond."""
    return time_ns / 1_000_000_000
