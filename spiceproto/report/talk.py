"""One session as a conversation: what client and server say to each other on all of its channels, in the order of the capture.

    number time channel > name summary          the client says it
    number time channel         < name summary  the server says it

What is the same in every line of a report is left out, and so are connections of other sessions. Messages that client and guest
agent send each other, and what byte channels carry, are marked alike, without a number; problems are where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spiceproto.capture.consumer import Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At
from spiceproto.link import Step
from spiceproto.report import connections, link_stage
from spiceproto.report.base import Report
from spiceproto.report.clock import WIDTHS
from spiceproto.report.framed import Form, FramedReport

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["MARKS", "TalkReport"]

MARKS: Final = {"client": "> ", "server": f"{'':8}< ", "": f"{'':4}- "}
"""Sender to what stands before its words."""


class TalkReport(FramedReport):
    """The consumer behind ``spiceproto decode --conversation``, of what a selection has of ``session``."""

    def __init__(self, *arguments: Any, session: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.session = session

    def begin(self, decoder: Decoding, path: str) -> None:
        """Before anything is read."""
        Report.begin(self, decoder, path)
        frame = "   Frame" * self.frames
        self.lines.append(
            f"   No.{frame} {'Time':>{WIDTHS[self.time]}} Channel      > client says, {MARKS['server'].strip()} server says"
        )

    def connection(self, conversation: Conversation) -> None:
        """A connection of the session begins."""
        self.clock(conversation.connection.time_ns)
        if self.concerns(conversation):
            self.lines.append(
                f"-- {conversation.place} is connection {conversation.connection.number}: {connections.text(conversation)}"
            )

    def form(self, conversation: Conversation, sender: str) -> Form:
        """Of the lines of one sender."""
        frames, place, mark = self.frames, f"{conversation.place:12}", MARKS[sender]

        def line(number: int, frame: int, time: str, name: str, size: int, text: str) -> str:
            at = f"{number:6d} {frame:7d}" if frames else f"{number:6d}"
            return f"{at} {time} {place} {mark}{name} {text}".rstrip()

        return line

    def _inner(self, conversation: Conversation, at: At, protocol: str, name: str, text: str) -> None:
        place = f"{conversation.place if conversation.channel else 'link':12}"
        self.lines.append(f"{'':6} {self.stamp(at)} {place} {MARKS[at.sender]}{protocol} {name} {text}".rstrip())

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        words = link_stage.text(conversation, item).split(None, 3 if isinstance(item, Step) else 1)
        name, text = (
            (words[1], words[3] if len(words) > 3 else "") if isinstance(item, Step) else (words[0], " ".join(words[1:]))
        )
        sender = item.sender if isinstance(item, Step) else ""
        self._inner(conversation, At(sender, at.time_ns, at.frame), "link", name, text)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        self.put_agent(
            conversation, at, table, type, body, lambda name, text: self._inner(conversation, at, "agent", name, text)
        )

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        from spiceproto.report import carried

        self._inner(conversation, at, carried.protocol(item), item.name, carried.text(item))

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel."""
        from spiceproto.report import states

        self._inner(conversation, at, "state", states.name(state), states.text(state))

    def end(self, failure: Exception | None) -> None:
        """After everything was read, or as much as could be."""
        sessions = len(self.decoder.sessions)
        if self.session > sessions:
            self.lines.append(f"-- there is no session {self.session}: the capture has {sessions}")
        super().end(failure)
