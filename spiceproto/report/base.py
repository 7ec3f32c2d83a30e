"""What every report shares: lines written in blocks, and what is said of a message that cannot be read whole."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from spiceproto.capture.consumer import Problem
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.errors import RemoteError

__all__ = ["Report"]

BLOCK = 4096
"""Lines that are written at a time."""


class Report:
    """Counts problems, gathers lines. Sub-classes are consumers of a capture."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.lines: list[str] = []
        self.problems: Counter[str] = Counter()
        self.start_ns = -1
        self.decoder: Decoder

    def begin(self, decoder: Decoder, path: str) -> None:
        """Before anything is read."""
        self.decoder = decoder

    def flush(self) -> None:
        """Write what has gathered."""
        if self.lines:
            self.out.write("\n".join(self.lines) + "\n")
            self.lines.clear()

    def clock(self, time_ns: int) -> str:
        """Seconds since the first thing seen, with six digits."""
        if self.start_ns < 0:
            self.start_ns = time_ns
        micro = max(time_ns - self.start_ns, 0) // 1000
        seconds, micro = divmod(micro, 1_000_000)
        return f"{seconds}.{micro:06d}"

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        """The connection ended."""

    def unknown(self, conversation: Conversation, sender: str, type: int, size: int, time_ns: int, frame: int) -> None:
        """A message whose number means nothing."""
        self.decoder.undecoded += size
        conversation.report(
            "warning",
            "unknown-message",
            "a message whose number means nothing on this channel",
            sender,
            time_ns,
            frame,
            actual=f"type {type}, {size} bytes",
            number=self.decoder.number,
        )

    def malformed(
        self, conversation: Conversation, sender: str, name: str, size: int, error: RemoteError, time_ns: int, frame: int
    ) -> None:
        """A message that breaks its schema."""
        self.decoder.undecoded += size
        conversation.failed(sender, name, error, time_ns, frame, self.decoder.number)

    def trailing(
        self, conversation: Conversation, sender: str, name: str, size: int, tails: list[int], time_ns: int, frame: int
    ) -> None:
        """Bytes behind a message that its schema does not know; ``tails`` is emptied."""
        at = tails[0]
        tails.clear()
        self.decoder.trailing += size - at
        conversation.report(
            "warning",
            "trailing-bytes",
            f"{name}: bytes follow the end of the message",
            sender,
            time_ns,
            frame,
            expected=f"{at} bytes",
            actual=f"{size} bytes",
            number=self.decoder.number,
        )

    def unknown_agent(self, conversation: Conversation, sender: str, type: int, size: int, time_ns: int, frame: int) -> None:
        """An agent message whose number means nothing."""
        conversation.report(
            "warning",
            "unknown-agent-message",
            "an agent message whose number means nothing",
            sender,
            time_ns,
            frame,
            actual=f"type {type}, {size} bytes",
        )
