"""A target in this process: an end without I/O, a virtual clock, and streams that are lists.

Waiting costs nothing here: when nothing is left to deliver, the clock jumps to the time at which the end wants to be
called, or to the end of the wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.network import ClientNetwork, Network, ServerNetwork, Stream
from spiceproto.transport import Close, Connection, End, Open, Send

__all__ = ["MemoryClientNetwork", "MemoryServerNetwork", "MemoryStream"]

_STUCK: Final = 1000
"""Calls of ``tick`` at one and the same time after which an end counts as stuck."""


class MemoryStream(Stream):
    """A connection to an end in this process."""

    network: _Memory

    def __init__(self, network: _Memory, connection: Connection, number: int) -> None:
        super().__init__(network, number, secure=connection.secure)
        self.connection = connection

    def _write(self, data: bytes) -> None:
        piece = self.network.piece or len(data)
        for at in range(0, len(data), piece):
            self.network.deliver(self, data[at : at + piece])

    def _shut(self) -> None:
        self.network.left(self)

    def half_close(self) -> None:
        """Memory has no half of a connection: the end hears that it is closed, and what it still says arrives."""
        self.line.half_closed = True
        self.network.end.closed(self.connection, self.network.now)
        self.network.collect()


class _Memory(Network):
    """What both directions have in common. ``end`` is the target."""

    virtual = True

    def __init__(self, end: End, *, piece: int = 0) -> None:
        super().__init__(patience=5.0, quiet=1.0, piece=piece)
        self.end = end
        self._now = 0.0
        self._by_connection: dict[Connection, MemoryStream] = {}
        self._stuck = 0

    @property
    def now(self) -> float:
        return self._now

    def deliver(self, stream: MemoryStream, data: bytes) -> None:
        """Bytes of the suite reach the end."""
        if not stream.ended:
            self.end.receive(stream.connection, data, self._now)
            self.collect()

    def left(self, stream: MemoryStream) -> None:
        """The suite has closed a stream."""
        if not stream.ended:
            self.end.closed(stream.connection, self._now)
            self.collect()

    def collect(self) -> None:
        """Carry out what the end asks for."""
        while actions := self.end.take_actions():
            for action in actions:
                if isinstance(action, Open):
                    self._open(action.connection)
                    continue
                stream = self._by_connection[action.connection]
                if isinstance(action, Send):
                    stream.arrived(action.data)
                elif isinstance(action, Close):
                    stream.lost("closed")

    def _open(self, connection: Connection) -> None:
        raise AssertionError("a server opens no connections")

    def _add(self, connection: Connection) -> MemoryStream:
        stream = MemoryStream(self, connection, len(self.streams) + 1)
        self._by_connection[connection] = stream
        self.streams.append(stream)
        return stream

    def run(self, until: Callable[[], bool], within: float) -> bool:
        end = self._now + within
        while True:
            self.collect()
            if until():
                return True
            deadline = self.end.deadline
            if deadline is None or deadline > end:
                self._now = end
                return until()
            self._stuck = self._stuck + 1 if deadline <= self._now else 0
            if self._stuck > _STUCK:
                raise AssertionError("the target wants to be called again and again at the same time")
            self._now = max(self._now, deadline)
            self.end.tick(self._now)


class MemoryServerNetwork(_Memory, ServerNetwork):
    """``end`` is a server: it has ``accept(now, secure=...)``."""

    def connect(self, *, secure: bool | None = None) -> Stream:
        end: Any = self.end
        stream = self._add(end.accept(self._now, secure=bool(secure)))
        self.collect()
        return stream


class MemoryClientNetwork(_Memory, ClientNetwork):
    """``end`` is a client: it has ``opened(connection, now)``."""

    def _open(self, connection: Connection) -> None:
        self._add(connection)
        end: Any = self.end
        end.opened(connection, self._now)
