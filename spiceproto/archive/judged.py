"""Two consumers of one capture: whoever makes rows, and whoever judges. The second hears everything directly behind the first.

Who judges is the suite's lint, which this package does not know (:mod:`spiceproto.view.broken`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spiceproto.archive.recorder import Put, Recorder
from spiceproto.capture.consumer import Consumer, Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.view.broken import Broken, Judging

if TYPE_CHECKING:
    from spiceproto.channel_state import State

__all__ = ["Judged"]


class Judged:
    """``first``: the recorder, perhaps behind a filter; ``judge`` hears what does not fit it as well."""

    def __init__(self, first: Consumer, recorder: Recorder, judge: Judging) -> None:
        self._first = first
        self._recorder = recorder
        self._judge = judge
        self._broken = Broken(judge)
        self._sessions: dict[int, int] = {}

    def _heard(self, conversation: Conversation | None, ahead: int = 0) -> None:
        """What the judge has found since the last time is about the last message, or, ``ahead``, the one that comes next."""
        number = 0
        if conversation is not None:
            number = conversation.connection.number
            if conversation.session is not None:
                self._sessions[number] = conversation.session.number
        self._broken.heard(self._recorder.decoder.number + ahead, number)

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        self._first.connection(conversation)
        self._judge.connection(conversation)

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        self._first.link(conversation, item, at)
        self._judge.link(conversation, item, at)
        self._heard(conversation)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        first, judge = self._first.lane(conversation, sender), self._judge.lane(conversation, sender)
        self._heard(conversation)
        heard, decoder, place = self._broken.heard, self._recorder.decoder, conversation.connection.number

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            first(number, body, serial, time_ns, frames)
            judge(number, body, serial, time_ns, frames)
            heard(decoder.number, place)

        return emit

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        self._first.agent(conversation, at, table, type, body)
        self._judge.agent(conversation, at, table, type, body)
        self._heard(conversation, ahead=1)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole packet of what a byte channel carries."""
        self._first.carried(conversation, at, item)
        self._judge.carried(conversation, at, item)
        self._heard(conversation)

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel."""
        self._first.state(conversation, at, state)
        self._judge.state(conversation, at, state)
        self._heard(conversation, ahead=1)

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self._first.problem(problem)
        self._judge.problem(problem)
        self._heard(problem.conversation)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """A list of messages inside the next one."""
        self._first.listed(conversation, at, spans)
        self._judge.listed(conversation, at, spans)

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """Messages inside one cannot be found."""
        self._first.unlisted(conversation, at, type, size, error)
        self._judge.unlisted(conversation, at, type, size, error)
        self._heard(conversation)

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """A message is not whole and will not be."""
        self._first.unfinished(conversation, at, type, size, have)
        self._judge.unfinished(conversation, at, type, size, have)
        self._heard(conversation)

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        self._first.closed(conversation, at)
        self._judge.closed(conversation, at)
        self._heard(conversation)

    # -- behind the end

    def conclude(self, put: Put) -> tuple[int, int]:
        """Rows of what is broken and of what is tolerated, and how many there are of each.

        It may be taken back up to the end of a capture, so there are no rows before.
        """
        decoder = self._recorder.decoder
        self._judge.ended(decoder.capture.totals.frames, decoder.capture.last_time_ns)
        self._judge.went(decoder.moved)
        for item in self._broken.as_dicts():
            connection = item["connection"] or None
            put(
                "problems",
                (
                    self._recorder.capture,
                    self._sessions.get(item["connection"]),
                    connection,
                    "sentence",
                    "tolerated" if item["tolerated"] else "broken",
                    item["sentence"],
                    item["sender"] or None,
                    max(item["row"], 0) or None,
                    None,
                    None,
                    "",
                    item["text"],
                    item["expected"],
                    item["actual"],
                ),
            )
        tolerated = sum(item.tolerated for item in self._judge.findings)
        return len(self._judge.findings) - tolerated, tolerated
