"""One line a message, like a packet list.

    number time connection channel sender name size summary

Times are seconds since the first thing seen. Lines are made with one ``%`` and written in blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Problem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.errors import RemoteError
from spiceproto.report import connections
from spiceproto.report.base import BLOCK, Report

__all__ = ["TextReport"]

_LARGE = 4096


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
        """The hot path of summary reports: one ``%`` a message."""
        decoder = self.decoder
        lines = self.lines
        append = lines.append
        rows = dispatch.rows(conversation.table, sender)
        place = f"{conversation.channel}:{conversation.channel_id}"
        start_of_line = f"%6d %s%06d {conversation.connection.number:4d} {place:12} {sender:6} "
        forms: dict[int, tuple[str, Callable[..., tuple[Any, ...]]]] = {}
        tails: list[int] = []
        tail = tails.append
        self.clock(conversation.connection.time_ns)
        start = self.start_ns

        # What is printed of the time before the fraction, good for one second from `second` on, in ns.
        clock, second = "", -(1 << 62)

        def tick(time_ns: int) -> None:
            nonlocal clock, second
            seconds = (time_ns - start) // 1_000_000_000
            clock, second = f"{seconds:4d}.", start + seconds * 1_000_000_000

        def line(name: str, size: int, text: str, time_ns: int) -> str:
            tick(time_ns)
            micro = (time_ns - second) // 1000
            return f"{start_of_line}%-28s %8d  %s" % (decoder.number, clock, micro, name, size, text)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            decoder.number = count = decoder.number + 1
            elapsed = time_ns - second
            if not 0 <= elapsed < 1_000_000_000:
                tick(time_ns)
                elapsed = time_ns - second
            try:
                form, values = forms[number]
                append(form % ((count, clock, elapsed // 1000) + values(body, tail)))  # noqa: RUF005
            except KeyError:
                row = rows.get(number)
                if row is None:
                    append(line(f"UNKNOWN_{number}", len(body), "", time_ns))
                    self.unknown(conversation, sender, number, len(body), time_ns, frames[-1])
                    return
                forms[number] = _form(start_of_line, row)
                decoder.number -= 1
                emit(number, body, serial, time_ns, frames)
                return
            except RemoteError as error:
                append(line(rows[number].name, len(body), "(malformed)", time_ns))
                self.malformed(conversation, sender, rows[number].name, len(body), error, time_ns, frames[-1])
                return
            if tails:
                lines[-1] = line(rows[number].name, len(body), rows[number].summary(body), time_ns)
                self.trailing(conversation, sender, rows[number].name, len(body), tails, time_ns, frames[-1])
            if len(lines) > BLOCK:
                self.flush()

        return emit

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
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
        self.lines.append(
            f"{'':6} {self.clock(time_ns):>11} {number:4} {'agent':12} {sender:6} {name:28} {len(body):8}  {text}"
        )
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
        self.lines.append(
            f"{'!!':6} {self.clock(problem.time_ns) if problem.time_ns else '':>11} {number:4} "
            f"{problem.severity:12} {problem.sender:6} {problem.code:28}           {text}"
        )

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


def _form(start_of_line: str, row: dispatch.Row) -> tuple[str, Callable[..., tuple[Any, ...]]]:
    """``%`` template of the lines of one message, and what gives the values behind number and time."""
    summary = row.summary
    fixed = getattr(summary, "fixed", None)
    if fixed is not None:
        size, text, values = fixed
        return f"{start_of_line}{row.name:28} {size:8d}  {text}", values

    def general(body: bytes, tail: Callable[[int], object]) -> tuple[int, str]:
        # The value made on the way is thrown away: it may look at a large body instead of copying parts of it.
        return len(body), summary(body if len(body) < _LARGE else memoryview(body), tail)

    return f"{start_of_line}{row.name:28} %8d  %s", general
