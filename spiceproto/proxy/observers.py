"""Who looks on: what passes is recorded, or decoded for a consumer.

Recorder   a capture file, decrypted
Decoder    a consumer, told as by a capture that is read
Checker    a consumer that parses every message, and keeps nothing of it
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture_file import CaptureFile, Flow
from spiceproto.channel_state import State
from spiceproto.channels import NAMES
from spiceproto.errors import RemoteError
from spiceproto.framing import Spans
from spiceproto.proxy.traffic import Passage, Tell, Watcher

__all__ = ["Checker", "Recorder", "get_ready"]

_SIDES: Final = {True: "client", False: "server"}


def get_ready() -> None:
    """Load what reads messages: later it would take its time in the middle of a session."""
    import spiceproto.link.observer  # noqa: F401

    for channel in NAMES:
        for sender in _SIDES.values():
            for row in dispatch.rows(channel, sender).values():
                _ = row.parse, row.summary


class Recorder:
    """Writes to a file."""

    def __init__(self, file: CaptureFile) -> None:
        self._file = file

    def opened(self, passage: Passage, time_ns: int) -> Watcher:
        """One more connection."""
        around = ", ".join(layer for layer in passage.layers if layer != "tcp")
        return _Recorded(self._file.begin(passage.client, passage.server, role="client", around=around))


class _Recorded:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._first: tuple[str, bool] | None = None
        self.note = flow.note

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        self._flow.said(_SIDES[from_client], data)

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        self._first = self._first or (_SIDES[from_client], reset)

    def closed(self, time_ns: int) -> None:
        sender, reset = self._first or ("client", False)
        self._flow.closed(sender, reset=reset)


class Checker:
    """Counts messages, and problems by severity; tells of the problems."""

    def __init__(self, tell: Tell) -> None:
        self.messages = 0
        self.problems: Counter[str] = Counter()
        self._tell = tell

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """Parses."""
        rows = dispatch.rows(conversation.table, sender)
        get = rows.get

        def emit(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.messages += 1
            row = get(number)
            if row is None:
                actual = f"type {number}, {len(body)} bytes"
                at = At(sender, time_ns, frames[-1])
                self.problem(Diagnostic.of("unknown-message", conversation, at, number=self.messages, actual=actual))
                return
            try:
                row.parse(body)
            except RemoteError as error:
                at = At(sender, time_ns, frames[-1])
                self.problem(Diagnostic.malformed(row.name, error, conversation, at, number=self.messages))

        return emit

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """What byte channels carry."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The state of a channel."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.severity != "note":
            self._tell(f"{problem.severity}: {problem}")

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Messages come by themselves."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """The problem says it."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """The problem says it."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended."""
