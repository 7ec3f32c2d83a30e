"""What there is to decode, wherever its bytes are from: sessions, what became of them, and the consumer that is told."""

from __future__ import annotations

from typing import Protocol

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.foreign import refused
from spiceproto.capture.layers import Refusal, Totals
from spiceproto.capture.migrations import Migrations, Moved
from spiceproto.capture.outcomes import Outcomes, Takeover, Unlinked
from spiceproto.capture.repeats import Repeats
from spiceproto.capture.sessions import Sessions

__all__ = ["Decoding", "Origin"]


class Origin(Protocol):
    """Where the bytes are from.

    * ``totals``: what was counted so far
    * ``last_time_ns``: of the last bytes
    * ``refusals``, ``refusal_count``: attempts to connect that came to nothing, the first ones, and how many
    * ``strange``: clients and servers between which there was a connection of which nobody knows what it was
    """

    totals: Totals
    last_time_ns: int
    refusals: list[Refusal]
    refusal_count: int
    strange: set[tuple[str, str]]


class Decoding:
    """What those who decode have in common.

    * ``number``: of messages; while they come, of the last one
    * ``connections``, ``sessions``, ``capture.totals``: what there was
    * ``undecoded``: bytes that nobody could read (malformed or unknown messages, encrypted parts, what was skipped after a
      gap)
    * ``incomplete``: bytes of messages that the end of a stream cut off
    * ``trailing``: bytes that follow the end of messages and mean nothing

    Behind the end:

    * ``moved``: sessions that went to another server, or should have
    * ``takeovers``: sessions that ended because another client came
    * ``unlinked``: channels that were listed and not linked; of those that were refused there is a problem instead
    """

    def __init__(self, capture: Origin, consumer: Consumer) -> None:
        self.capture = capture
        self.consumer = consumer
        self.sessions = Sessions()
        self.outcomes = Outcomes()
        self.migrations = Migrations(consumer, self.sessions)
        self.repeats = Repeats()
        self.moved: list[Moved] = []
        self.takeovers: list[Takeover] = []
        self.unlinked: list[Unlinked] = []
        self.undecoded = 0
        self.incomplete = 0
        self.trailing = 0
        self.connections = 0
        self.number = 0

    def conclude(self) -> None:
        """What became of the sessions."""
        self.moved = self.migrations.moved()
        self.takeovers = self.outcomes.takeovers()
        told: set[Refusal] = set()
        for item in self.outcomes.unlinked(self.capture.refusals, self.capture.strange, self.capture.last_time_ns):
            if item.all_refused:
                at = At("server", item.refused[-1].time_ns, item.refused[-1].frame)
                code, text = "channels-refused", str(item)
                self.consumer.problem(Diagnostic(severity="warning", code=code, text=text, at=at))
            else:
                self.unlinked.append(item)
            told.update(item.refused)
        for severity, text in refused([refusal for refusal in self.capture.refusals if refusal not in told]):
            self.consumer.problem(Diagnostic(severity=severity, code="refused", text=text, at=At("server", 0, 0)))

        more = self.capture.refusal_count - len(self.capture.refusals)
        if more:
            text = f"{more} more attempts to connect came to nothing"
            self.consumer.problem(Diagnostic(severity="note", code="refused", text=text, at=At("", 0, 0)))
