"""A connection that waits for what its first bytes leave open; what was held is handed on from the first messages on."""

from __future__ import annotations

from spiceproto.capture.diagnostics import At
from spiceproto.capture.held import Held
from spiceproto.capture.layers import Connection, Piece, Recognised

__all__ = ["HeldConnection"]


class HeldConnection:
    """Holds a connection of a known or unknown channel until :meth:`look` finds where and how its messages begin.

    * ``at``: where the connection begins
    * ``named``: the caller says which channel it is; there is no link stage
    """

    __slots__ = ("_channel", "_connection", "_held", "at")

    named = False

    def __init__(self, connection: Connection, channel: str) -> None:
        self._connection = connection
        self._channel = channel
        self._held = Held()
        self.at = At("", connection.time_ns, connection.frame)

    @property
    def size(self) -> int:
        """All bytes that came."""
        return sum(self._held.size.values())

    @property
    def over(self) -> bool:
        """Whether as much was held as is worth it."""
        return self._held.full

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """More bytes."""
        self._held.data(from_client, chunk, time_ns, frame)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        self._held.gap(from_client, size, time_ns, frame)

    def look(self, *, last: bool) -> Recognised | None:
        """What the connection is, if that is clear; ``last`` when nothing more comes."""
        raise NotImplementedError

    def skipped(self, found: Recognised) -> dict[bool, int]:
        """Bytes of each end that belong to no message."""
        return self._held.from_starts(found)[1]

    def lost(self, found: Recognised) -> set[bool]:
        """Ends that sent bytes of which no message was recognised."""
        return self._held.lost(found)

    def pieces(self, found: Recognised) -> list[Piece]:
        """What follows from the first message of each end on."""
        return self._held.from_starts(found)[0]
