"""Which findings of a recording are about messages that fit a filter.

Everything is judged, whatever is asked for: a sentence may rest on any message. A finding is about the message at which it was
found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from spiceproto.capture.consumer import Consumer, Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.filters import Marked, Selection
from spiceproto.finding import Finding

__all__ = ["About"]


class About(Marked):
    """In front of who judges, whose ``findings`` so far a function tells.

    ``found``: what was found at messages, and steps of the link stage, that fit.
    """

    def __init__(self, consumer: Consumer, selection: Selection, findings: Callable[[], Sequence[Finding]]) -> None:
        super().__init__(consumer, selection)
        self._findings = findings
        self.found: list[Finding] = []

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        before = len(self._findings())
        super().link(conversation, item, at)
        if self._selection.link(conversation, item, at):
            self.found += self._findings()[before:]

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        emit = super().lane(conversation, sender)

        def heard(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            before = len(self._findings())
            emit(number, body, serial, time_ns, frames)
            if self.fits:
                self.found += self._findings()[before:]

        return heard
