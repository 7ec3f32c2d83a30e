"""The recorder of a capture that still runs: with an end to everything that it keeps."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.finding import Finding
from spiceproto.view.broken import Judging
from spiceproto.view.latest import LatestBodies, LatestRows
from spiceproto.view.recorder import Recorder

__all__ = ["LiveRecorder"]

_LISTED: Final = 5000
"""Problems that are kept, and findings."""

_STEP: Final = 1000
"""How many of them go at once."""


class LiveRecorder(Recorder):
    """``rows`` and ``blocks`` have the latest. ``changed`` are places in ``connections``, in the order in which these changed.

    ``problems_gone``  problems that are not kept any more
    """

    rows: LatestRows
    blocks: LatestBodies

    def __init__(
        self, judge: Judging | None = None, *, rows: LatestRows | None = None, bodies: LatestBodies | None = None
    ) -> None:
        super().__init__(
            judge,
            rows=LatestRows() if rows is None else rows,
            blocks=LatestBodies() if bodies is None else bodies,
        )
        self.changed: list[int] = []
        self.problems_gone = 0
        self._seen = 0

    def settle(self) -> None:
        """Some of the capture was read: rows of problems are looked up, and what is too old is forgotten."""
        first = self.rows.first
        self.blocks.forget(first)
        of_message = self._of_message
        for item in self.found[self._seen :]:
            place = bisect_left(of_message, (item["message"], -1))
            if item["message"] and place < len(of_message) and of_message[place][0] == item["message"]:
                item["row"] = of_message[place][1]
        self._seen = len(self.found)
        if len(self.found) > _LISTED:
            del self.found[:_STEP]
            self.problems_gone += _STEP
            self._seen -= _STEP
        if of_message and of_message[0][1] < first:
            del of_message[: bisect_left(of_message, first, key=lambda pair: pair[1])]
        self.flush()

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        super().connection(conversation)
        self.changed.append(len(self.connections) - 1)

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        super().closed(conversation, at)
        self.changed += self.places[conversation.connection.number]

    def findings(self) -> tuple[int, list[Finding]]:
        """The latest, and how many there were before these."""
        every = self.judge.findings if self.judge is not None else ()
        gone = max(len(every) - _LISTED + _STEP - 1, 0) // _STEP * _STEP
        return gone, list(every[gone:])
