"""One line a message, like a packet list.

    number time connection channel sender name size summary

Times are seconds since the first thing seen. Lines are made with one ``%`` and written in blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiceproto import dispatch
from spiceproto.capture.conversation import Conversation, Emit, Problem
from spiceproto.capture.decode import Decoder
from spiceproto.errors import RemoteError
from spiceproto.report import connections
from spiceproto.report.base import BLOCK, Report

__all__ = ["TextReport"]


class TextReport(Report):
    """The consumer behind ``spiceproto decode``."""

    def begin(self, decoder: Decoder, path: str) -> None:
        super().begin(decoder, path)
        self.lines.append("   No.        Time Conn Channel      From   Message                          Size  Summary")

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        connection = conversation.connection
        self.clock(connection.time_ns)
        self.lines.append(f"-- connection {connection.number}: {connections.text(conversation)}")

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""
        number = conversation.connection.number
        self.lines.append(f"{'':6} {self.clock(time_ns):>11} {number:4} {'link':12} {connections.link_text(item)}")

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The hot path of summary reports."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        form = self.form(conversation, sender)
        texts: dict[int, tuple[str, Callable[..., str]]] = {}
        tails: list[int] = []
        tail = tails.append
        self.clock(conversation.connection.time_ns)
        start = self.start_ns

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number = count = decoder.number + 1
            micro = (time_ns - start) // 1000
            try:
                name, summary = texts[number]
            except KeyError:
                row = rows.get(number)
                if row is None:
                    name = f"UNKNOWN_{number}"
                    append(form % (count, micro // 1000000, micro % 1000000, name, len(body), ""))
                    self.unknown(conversation, sender, number, len(body), time_ns, frames[-1])
                    return
                name, summary = texts[number] = row.name, row.summary
            try:
                text = summary(body, tail)
            except RemoteError as error:
                append(form % (count, micro // 1000000, micro % 1000000, name, len(body), "(malformed)"))
                self.malformed(conversation, sender, name, len(body), error, time_ns, frames[-1])
                return
            append(form % (count, micro // 1000000, micro % 1000000, name, len(body), text))
            if tails:
                self.trailing(conversation, sender, name, len(body), tails, time_ns, frames[-1])
            if len(lines) > BLOCK:
                self.flush()

        return emit

    @staticmethod
    def form(conversation: Conversation, sender: str) -> str:
        """``%`` template of the lines of one sender: number, seconds, microseconds, name, size, text."""
        place = f"{conversation.channel}:{conversation.channel_id}"
        return f"%6d %4d.%06d {conversation.connection.number:4d} {place:12} {sender:6} %-28s %8d  %s"

    def agent(self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int,
              frame: int) -> None:  # fmt: skip
        """A whole agent message."""
        row = dispatch.row(table, sender, type)
        failure: RemoteError | None = None
        name, text = f"UNKNOWN_{type}", ""
        if row is not None:
            name = row.name
            try:
                text = row.summary(body)
            except RemoteError as error:
                failure, text = error, "(malformed)"
        number = conversation.connection.number
        self.lines.append(f"{'':6} {self.clock(time_ns):>11} {number:4} {'agent':12} {sender:6} {name:28} {len(body):8}  {text}")
        if row is None:
            self.unknown_agent(conversation, sender, type, len(body), time_ns, frame)
        elif failure is not None:
            conversation.failed(sender, f"agent {name}", failure, time_ns, frame)

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""
        super().problem(problem)
        where = [f"message {problem.number}"] if problem.number else []
        where += [part for part in (problem.where, f"frame {problem.frame}" if problem.frame else "") if part]
        text = problem.text
        if problem.expected:
            text += f"; expected {problem.expected}"
        if problem.actual:
            text += f"; found {problem.actual}"
        if where:
            text += f" ({', '.join(where)})"
        number = problem.conversation.connection.number if problem.conversation is not None else ""
        self.lines.append(f"{'!!':6} {self.clock(problem.time_ns) if problem.time_ns else '':>11} {number:4} "
                          f"{problem.severity:12} {problem.sender:6} {problem.code:28}           {text}")  # fmt: skip

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be."""
        decoder = self.decoder
        counts = [
            f"{self.problems[kind]} {kind}{'s'[: self.problems[kind] != 1]}"
            for kind in ("error", "warning", "note")
            if self.problems[kind]
        ]
        self.lines.append(
            f"-- {decoder.number} messages, {decoder.connections} connections, {len(decoder.sessions)} sessions, "
            f"{', '.join(counts) or 'no problems'}, {decoder.undecoded} bytes undecoded"
        )
        self.flush()
