"""Packets that a capture has twice, which no peer sent twice.

A capture on all interfaces has what goes over several of them several times, and so has one at a mirror port, or one that was
joined with a part of itself. TCP sends again what was lost; that is never as good as everything.
"""

from __future__ import annotations

from spiceproto.capture.layers import Connection

__all__ = ["SeenTwice"]


class SeenTwice:
    """What was found of that in one capture."""

    def __init__(self) -> None:
        self._repeated: dict[int, tuple[int, int, int]] = {}
        self._others: dict[int, int] = {}
        self._copies = 0
        self._copy = 0

    def connection(self, connection: Connection) -> None:
        """One that is over."""
        late = sum(item.size for item in connection.missing.values())  # given up, and perhaps behind that
        repeated, sent = sum(connection.repeated.values()) - late, sum(connection.sent.values())
        if connection.number and repeated > 0 and 2 * repeated >= sent:
            self._repeated[connection.number] = repeated, sent, connection.repeated_frame

    def differs(self, number: int, size: int) -> None:
        """So many bytes of a connection came again, and are others."""
        self._others[number] = self._others.get(number, 0) + size

    def copy(self, frame: int) -> None:
        """One that was over begins again with the same numbers."""
        self._copies += 1
        self._copy = min(self._copy, frame) if self._copy else frame

    def __str__(self) -> str:
        """One sentence; "" if there is nothing to say."""
        how = []
        found = {
            number: frame
            for number, (repeated, sent, frame) in self._repeated.items()
            if repeated > (others := self._others.get(number, 0)) and 2 * (repeated - others) >= sent
        }
        if found:
            count = len(found)
            few = ", ".join(map(str, sorted(found)[:8])) + f" and {count - 8} more" * (count > 8)
            how.append(f"those of connection{'s'[: count != 1]} {few}")
        if self._copies:
            how.append(f"all of {self._copies} connection{'s'[: self._copies != 1]} that had ended")
        if not how:
            return ""
        first = min(frame for frame in (*found.values(), self._copy) if frame)
        return f"packets were seen twice, the first again in frame {first}, and count once: {', and '.join(how)}"
