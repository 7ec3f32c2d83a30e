"""A consumer of a capture that is told of what fits a filter, and of everything that is not as it should be.

Connections and problems are always told: whatever was asked, what the capture lacks is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spiceproto.capture.consumer import Consumer, Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError
from spiceproto.filters.selection import Selection
from spiceproto.framing import Spans

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["Marked", "Selected"]


class Selected:
    """In front of ``consumer``. ``clock``: of one that selects messages itself, by :meth:`Selection.lane`; it takes the time
    of whatever is seen first, wanted or not.
    """

    def __init__(self, consumer: Consumer, selection: Selection, *, clock: Callable[[int], object] | None = None) -> None:
        self._consumer = consumer
        self._selection = selection
        self._clock = clock

    def _begin(self, time_ns: int) -> None:
        if self._selection.start_ns < 0 < time_ns:
            self._selection.begin(time_ns)
            if self._clock is not None:
                self._clock(time_ns)

    def connection(self, conversation: Conversation) -> None:
        """Always told."""
        self._begin(conversation.connection.time_ns)
        self._consumer.connection(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """Told if it fits."""
        self._begin(at.time_ns)
        if self._selection.link(conversation, item, at):
            self._consumer.link(conversation, item, at)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages that fit."""
        self._begin(conversation.connection.time_ns)
        emit = self._consumer.lane(conversation, sender)
        return emit if self._clock is not None else self._selection.lane(conversation, sender, emit, _nothing)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """Told if it fits."""
        if self._selection.agent(conversation, at, table, type, body):
            self._consumer.agent(conversation, at, table, type, body)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """Told if it fits."""
        if self._selection.carried(conversation, at, item):
            self._consumer.carried(conversation, at, item)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """Told if it fits."""
        if self._selection.state(conversation, at, state):
            self._consumer.state(conversation, at, state)

    def problem(self, problem: Diagnostic) -> None:
        """Always told."""
        self._begin(problem.at.time_ns)
        self._consumer.problem(problem)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Always told."""
        self._consumer.listed(conversation, at, spans)

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """Always told."""
        self._consumer.unlisted(conversation, at, type, size, error)

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """Always told."""
        self._consumer.unfinished(conversation, at, type, size, have)

    def closed(self, conversation: Conversation, at: At) -> None:
        """Always told."""
        self._consumer.closed(conversation, at)


class Marked(Selected):
    """In front of a consumer that is told of everything. ``fits``: whether the message does that it hears of."""

    def __init__(self, consumer: Consumer, selection: Selection) -> None:
        super().__init__(consumer, selection)
        self.fits = False

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """Always told."""
        self._begin(at.time_ns)
        self._consumer.link(conversation, item, at)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """All messages."""
        self._begin(conversation.connection.time_ns)
        emit = self._consumer.lane(conversation, sender)
        look = self._selection.lane(conversation, sender, self._fit, self._miss)

        def marked(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            look(number, body, serial, time_ns, frames)
            emit(number, body, serial, time_ns, frames)

        return marked

    def _fit(self, number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
        self.fits = True

    def _miss(self) -> None:
        self.fits = False

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """Always told."""
        self._consumer.agent(conversation, at, table, type, body)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """Always told."""
        self._consumer.carried(conversation, at, item)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """Always told."""
        self._consumer.state(conversation, at, state)


def _nothing() -> None:
    """What does not fit is not told."""
