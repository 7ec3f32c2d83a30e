"""How the times of a session lie on its multimedia clock: what main says again, and sound, against INIT and the time since.

A report says of each how many there were, and the least and the most milliseconds that they are ahead of the clock. What is far
from it ``spiceconf lint`` finds (:mod:`spiceproto.lip_sync`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.errors import RemoteError
from spiceproto.multimedia_time import later

__all__ = ["Span", "Times"]

_PATHS: Final = {
    ("main", "INIT"): "multi_media_time",
    ("main", "MULTI_MEDIA_TIME"): "time",
    ("playback", "START"): "time",
    ("playback", "DATA"): "time",
}
"""Table and message to the field that has its time."""

_MS: Final = 1_000_000


class Span(msgspec.Struct):
    """So many messages of this ``name``, from ``least`` to ``most`` ms ahead of the clock; less than 0 is behind it."""

    session: int
    name: str
    count: int
    least: int
    most: int

    def __str__(self) -> str:
        times = _side(self.most) if self.least == self.most else f"{_side(self.least)} to {_side(self.most)}"
        return f"session {self.session}: time of {self.count} {self.name} against the multimedia clock of INIT: {times}"


def _side(milliseconds: int) -> str:
    return f"{abs(milliseconds)} ms {'behind' if milliseconds < 0 else 'ahead'}"


class Times:
    """The sessions of a capture, as far as main began in it."""

    def __init__(self) -> None:
        self._clocks: dict[int, tuple[int, int]] = {}
        self._spans: dict[tuple[int, str], Span] = {}

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans.values())

    def beside(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """The same, which looks at times where the channel has some."""
        rows = dispatch.rows(conversation.table, sender)
        wanted = {number: row for number, row in rows.items() if (conversation.table, row.name) in _PATHS}
        if sender != "server" or not wanted:
            return emit

        def look(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            row = wanted.get(number)
            if row is not None and conversation.session is not None and conversation.copy_of is None:
                try:
                    value = row.parse(body)
                except RemoteError:
                    return  # the report says so
                self._note(conversation.session.number, conversation.table, row.name, value, time_ns)

        return look

    def _note(self, session: int, table: str, name: str, value: Any, time_ns: int) -> None:
        time = int(getattr(value, _PATHS[table, name]))
        if name == "INIT":
            self._clocks.setdefault(session, (time, time_ns))
            return
        clock = self._clocks.get(session)
        if clock is None:
            return
        ahead = later(time, clock[0] + round((time_ns - clock[1]) / _MS))
        span = self._spans.setdefault((session, name), Span(session, f"{table} {name}", 0, ahead, ahead))
        span.count += 1
        span.least, span.most = min(span.least, ahead), max(span.most, ahead)
