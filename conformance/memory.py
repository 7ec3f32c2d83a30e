"""A target in this process: an end without I/O, a virtual clock, and streams that are lists.

Waiting costs nothing here: when nothing is left to deliver, the clock jumps to the time at which an end wants to be
called, or to the end of the wait. A server that hands over its sessions is two ends on one clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.network import NO_DESTINATION, ClientNetwork, Destination, Network, ServerNetwork, Stream
from conformance.outcome import TargetUnusable
from spiceproto.transport import Close, Connection, End, Open, Place, Send

__all__ = ["MemoryClientNetwork", "MemoryServerNetwork", "MemoryStream"]

_STUCK: Final = 1000
"""Calls of ``tick`` at one and the same time after which an end counts as stuck."""

_DESTINATION: Final = Destination(
    host="127.0.0.1",
    port=5910,
    tls_port=5911,
    subject="O=SPICE reference,CN=localhost",
    stranger="127.0.0.2",
    closed_port=5912,
    expired_port=5913,
    self_signed_port=5914,
)
"""Where a client finds the second server of the suite."""

_UNTRUSTED: Final = {
    _DESTINATION.expired_port: "the certificate has expired",
    _DESTINATION.self_signed_port: "no authority has signed the certificate",
}
"""Why its other ports with TLS are not linked."""


class MemoryStream(Stream):
    """A connection to an end in this process."""

    network: _Memory

    def __init__(self, network: _Memory, connection: Connection, number: int, *, place: int = 0) -> None:
        super().__init__(network, number, secure=connection.secure, place=place)
        self.connection = connection

    @property
    def end(self) -> End:
        """Whose connection it is."""
        return self.network.end_at(self.place)

    def _write(self, data: bytes) -> None:
        piece = self.network.piece or len(data)
        for at in range(0, len(data), piece):
            self.network.deliver(self, data[at : at + piece])

    def _shut(self) -> None:
        self.network.left(self)

    def half_close(self) -> None:
        """Memory has no half of a connection: the end hears that it is closed, and what it still says arrives."""
        self.line.half_closed = True
        self.end.closed(self.connection, self.network.now)
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

    def end_at(self, place: int) -> End:
        """The end to which the streams of a place belong."""
        return self.end

    @property
    def ends(self) -> tuple[End, ...]:
        """All that live on this clock."""
        return (self.end,)

    def deliver(self, stream: MemoryStream, data: bytes) -> None:
        """Bytes of the suite reach the end."""
        if not stream.ended:
            stream.end.receive(stream.connection, data, self._now)
            self.collect()

    def left(self, stream: MemoryStream) -> None:
        """The suite has closed a stream."""
        if not stream.ended:
            stream.end.closed(stream.connection, self._now)
            self.collect()

    def collect(self) -> None:
        """Carry out what the ends ask for."""
        while actions := [action for end in self.ends for action in end.take_actions()]:
            for action in actions:
                if isinstance(action, Open):
                    self._open(action.connection, action.place)
                    continue
                stream = self._by_connection[action.connection]
                if isinstance(action, Send):
                    stream.arrived(action.data)
                elif isinstance(action, Close):
                    stream.lost("closed")

    def _open(self, connection: Connection, place: Place | None) -> None:
        raise AssertionError("a server opens no connections")

    def _add(self, connection: Connection, place: int = 0) -> MemoryStream:
        stream = MemoryStream(self, connection, len(self.streams) + 1, place=place)
        self._by_connection[connection] = stream
        self.streams.append(stream)
        return stream

    def run(self, until: Callable[[], bool], within: float) -> bool:
        end = self._now + within
        while True:
            self.collect()
            if until():
                return True
            wanted = [(at.deadline, at) for at in self.ends if at.deadline is not None]
            deadline, called = min(wanted, key=lambda item: item[0], default=(end + 1, self.end))
            if deadline > end:
                self._now = end
                return until()
            self._stuck = self._stuck + 1 if deadline <= self._now else 0
            if self._stuck > _STUCK:
                raise AssertionError("the target wants to be called again and again at the same time")
            self._now = max(self._now, deadline)
            called.tick(self._now)


class MemoryServerNetwork(_Memory, ServerNetwork):
    """``end`` is a server: it has ``accept(now, secure=...)``. So is ``destination``, if it can hand over its sessions."""

    def __init__(self, end: End, *, destination: End | None = None, piece: int = 0) -> None:
        super().__init__(end, piece=piece)
        self.destination = destination

    def end_at(self, place: int) -> End:
        if not place:
            return self.end
        if self.destination is None:
            raise TargetUnusable(NO_DESTINATION)
        return self.destination

    @property
    def ends(self) -> tuple[End, ...]:
        return (self.end,) if self.destination is None else (self.end, self.destination)

    def connect(self, *, secure: bool | None = None, place: int = 0) -> Stream:
        end: Any = self.end_at(place)
        stream = self._add(end.accept(self._now, secure=bool(secure)), place)
        self.collect()
        return stream


class MemoryClientNetwork(_Memory, ClientNetwork):
    """``end`` is a client: it has ``opened(connection, now)``, and ``failed(connection, now, text)``.

    Who is found where is decided as a network and certificates do it.
    """

    def __init__(self, end: End, *, piece: int = 0) -> None:
        super().__init__(end, piece=piece)
        self._destination: Destination | None = None

    def destination(self) -> Destination:
        self._destination = _DESTINATION
        return _DESTINATION

    def _open(self, connection: Connection, place: Place | None) -> None:
        end: Any = self.end
        why = "" if place is None else self._unreachable(connection, place)
        if why:
            end.failed(connection, self._now, why)
            return
        self._add(connection, 0 if place is None else 1)
        end.opened(connection, self._now)

    def _unreachable(self, connection: Connection, place: Place) -> str:
        """Why nobody is met there; "" if the destination is."""
        known = self._destination
        if known is None or place.host not in (known.host, known.stranger):
            return f"no such host: {place.host}"
        if not connection.secure:
            return "" if place.port == known.port else f"nobody listens at port {place.port}"
        if place.tls_port == known.port:
            return "no TLS there"
        if place.tls_port != known.tls_port:
            return _UNTRUSTED.get(place.tls_port, f"nobody listens at port {place.tls_port}")
        if place.subject:
            return "" if place.subject == known.subject else f"the certificate is that of {known.subject}"
        return "" if place.host == known.host else f"the certificate is not that of {place.host}"
