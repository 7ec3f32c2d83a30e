"""Numbers of a capture for plots: round trips, windows of acknowledgements, and what caches and the GLZ dictionary gave.

What follows from the rows alone, bytes and frames a second, the page makes itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Final

from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import Diagnostic
from spiceproto.image_places import PICTURES
from spiceproto.report.dictionary import Dictionary
from spiceproto.report.lives import UNSURE
from spiceproto.report.shapes import SHAPED, Shapes
from spiceproto.report.stats_form import caches
from spiceproto.report.tally import Tally
from spiceproto.view.panes import Pane, Spot

__all__ = ["Numbers"]

_POINTS: Final = 50_000
"""Round trips that a page has, and windows."""

_WAITING: Final = 1 << 10
"""Pings of a channel without an answer that are remembered; the oldest is forgotten first."""


class Numbers(Pane):
    """``trips``: ``[connection, row of the PONG, seconds of it, round trip in seconds]``; ``windows``: ``[connection, row,
    seconds, messages]`` of each SET_ACK; ``caches`` as of ``spiceproto stats``, and ``dictionary`` if somebody reads it."""

    name: ClassVar = "numbers"

    def __init__(self, tally: Tally, *, dictionary: bool) -> None:
        super().__init__()
        self._tally = tally
        self._dictionary = Dictionary() if dictionary else None
        self._shapes = Shapes()
        self._waiting: dict[int, dict[tuple[int, int], float]] = {}
        self._trips: list[tuple[int, int, float, float]] = []
        self._windows: list[tuple[int, int, float, int]] = []
        self._left = 0

    def wanted(self, table: str, sender: str) -> Collection[str]:
        names = {"PING", "SET_ACK"} if sender == "server" else {"PONG"}
        if (table, sender) == ("cursor", "server"):
            names |= SHAPED
        if (table, sender) == ("display", "server") and self._dictionary is not None:
            names |= set(PICTURES)
        return names

    def message(self, conversation: Conversation, spot: Spot, name: str, value: Any, body: bytes) -> None:
        number = conversation.connection.number
        if name == "PING":
            waiting = self._waiting.setdefault(number, {})
            waiting.pop((value.id, value.timestamp), None)
            if len(waiting) >= _WAITING:
                del waiting[next(iter(waiting))]
            waiting[value.id, value.timestamp] = spot.seconds
        elif name == "PONG":
            began = self._waiting.get(number, {}).pop((value.id, value.timestamp), None)
            if began is not None and self._room(self._trips):
                self._trips.append((number, spot.row, spot.seconds, max(spot.seconds - began, 0.0)))
        elif name == "SET_ACK":
            if self._room(self._windows):
                self._windows.append((number, spot.row, spot.seconds, value.window))
        elif conversation.table == "cursor":
            self._shapes.message(value)
        elif self._dictionary is not None:
            self._dictionary.message(value)

    def _room(self, points: list[Any]) -> bool:
        self._left += len(points) >= _POINTS
        return len(points) < _POINTS

    def problem(self, conversation: Conversation, problem: Diagnostic) -> None:
        if problem.code in UNSURE:
            self._waiting.pop(conversation.connection.number, None)

    def as_values(self) -> dict[str, Any]:
        self._tally.fold()
        if self._left:
            self.said.append(f"{self._left} round trips and windows are not in this page")
        read = None
        if self._dictionary is not None and self._dictionary.images:
            read = {"hit_rate": self._dictionary.hit_rate, "text": str(self._dictionary)}
        return {
            "trips": [(number, row, round(at, 6), round(took, 6)) for number, row, at, took in self._trips],
            "windows": self._windows,
            "caches": caches(self._tally, self._shapes),
            "dictionary": read,
        }
