"""One line a message, as in :mod:`spiceproto.report.text`, with the number of the frame that completed it behind its own.

Every message is printed alone: runs do not know frames. So lines may have another form, which is given for each lane.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.errors import RemoteError
from spiceproto.report import images
from spiceproto.report.base import BLOCK
from spiceproto.report.clock import SECOND
from spiceproto.report.text import TextReport

__all__ = ["Form", "FramedReport"]

Form: TypeAlias = Callable[[int, int, str, str, int, str], str]
"""Number, frame, time, name, size and summary of a message as a line."""


class FramedReport(TextReport):
    """The consumer behind ``spiceproto decode --frames``."""

    def form(self, conversation: Conversation, sender: str) -> Form:
        """Of the lines of one sender."""
        place = f"{conversation.connection.number:4d} {conversation.place:12} {sender:6}"

        def line(number: int, frame: int, time: str, name: str, size: int, text: str) -> str:
            return f"{number:6d} {frame:7d} {time} {place} {name:28} {size:8d}  {text}"

        return line

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        decoder, lines = self.decoder, self.lines
        rows = dispatch.rows(conversation.table, sender)
        form = self.form(conversation, sender)
        tails: list[int] = []
        doubts = images.doubts(conversation.table, rows, self.tally) | self.media.looks(conversation, sender)
        self.clock(conversation.connection.time_ns)
        clock, second = "", -(1 << 62)

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            nonlocal clock, second
            decoder.number += 1
            if not 0 <= time_ns - second < SECOND:
                clock, second = self.second(time_ns)
            at, size, row, failure = At(sender, time_ns, frames[-1]), len(body), rows.get(number), None
            name, text = f"UNKNOWN_{number}", ""
            if row is not None:
                name = row.name
                try:
                    text = row.summary(body, tails.append)
                except RemoteError as error:
                    failure, text = error, "(malformed)"
            micro = (time_ns - second) // 1000
            lines.append(form(decoder.number, at.frame, f"{clock}{micro:06d}", name, size, text))
            if row is None:
                self.unknown(conversation, at, number, size)
            elif failure is not None:
                self.malformed(conversation, at, name, size, failure)
            elif number in doubts and doubts[number](body):
                from spiceproto.report.streams import look

                self.pictured(conversation, at, name, body, look(name, body), tails)
            if tails:
                self.trailing(conversation, at, name, size, tails)
            if len(lines) > BLOCK:
                self.flush()

        return self.beside(conversation, sender, emit)
