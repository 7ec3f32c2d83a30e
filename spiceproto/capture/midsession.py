"""A connection that the capture has from the middle on: held until it is clear what it is.

:class:`MidSession` is the sink of a TCP connection without a beginning: it gives its place to the caller's sink as soon as
the connection is recognised, and lets go of one that is not SPICE.
"""

from __future__ import annotations

from spiceproto.capture.foreign import BEFORE_THE_CAPTURE, UNKNOWN, protocol
from spiceproto.capture.held import Held
from spiceproto.capture.layers import Attach, Connection, Recognised, Sink
from spiceproto.capture.limits import MIDSESSION_WINDOWS, UNRECOGNISED_BYTES, UNRECOGNISED_FEW
from spiceproto.capture.recognition import CLEAR, recognise

__all__ = ["MidSession"]


_DOUBTFUL = (UNKNOWN, "RDP", "X11")
"""Protocols that begin with bytes with which a SPICE message may begin, too."""


class MidSession:
    """The sink of a connection whose beginning the capture does not have."""

    __slots__ = ("_attach", "_counted", "_held", "_name", "_windows", "connection", "skipped")

    def __init__(self, connection: Connection, attach: Attach) -> None:
        self.connection = connection
        self._attach = attach
        self._held = Held()
        self._name = BEFORE_THE_CAPTURE
        self._windows = 0
        self._counted = 0
        self.skipped = {True: 0, False: 0}
        connection.host.unrecognised[self] = None

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Hold, and look now and then."""
        held = self._held
        if not held.size[from_client] and not self._windows:
            name = protocol(chunk)
            if name not in _DOUBTFUL and self._name == BEFORE_THE_CAPTURE:
                self._name = name
            # Full headers begin with their serial, which has no third byte for long; a TLS record has one.
            if name not in _DOUBTFUL and not (name == "TLS" and chunk[2:3] == b"\0"):
                self._drop()
                return
        held.data(from_client, chunk, time_ns, frame)
        waiting = self.connection.host.unrecognised
        self._count()
        if len(waiting) > UNRECOGNISED_FEW and self.connection.host.unrecognised_bytes > UNRECOGNISED_BYTES:
            self._make_room()
            if self not in waiting:
                return
        if held.full or (not self._windows and held.due):
            self.look()

    def _count(self) -> None:
        """What waits here is part of what waits in all connections together."""
        host, size = self.connection.host, self.size if self in self.connection.host.unrecognised else 0
        host.unrecognised_bytes += size - self._counted
        self._counted = size

    def _make_room(self) -> None:
        """Decide some at once: looking for the one with the most at every packet costs too much where there are thousands."""
        host = self.connection.host
        for item in sorted(host.unrecognised, key=lambda item: item.size, reverse=True):
            if host.unrecognised_bytes <= UNRECOGNISED_BYTES * 3 // 4 or len(host.unrecognised) <= UNRECOGNISED_FEW:
                return
            item.give_up()

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        self._held.gap(from_client, size, time_ns, frame)

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Dropped: there is no sink yet."""

    def closed(self, time_ns: int, frame: int) -> None:
        """The last chance."""
        sink = self.look(last=True)
        if sink is not None:
            sink.closed(time_ns, frame)
        elif self in self.connection.host.unrecognised:
            self._forget()

    @property
    def size(self) -> int:
        """Bytes that wait here."""
        return sum(self._held.size.values())

    def give_up(self) -> None:
        """Decide with what there is, or let go."""
        if self.look(last=True) is None and self in self.connection.host.unrecognised:
            self._drop()

    def _forget(self) -> None:
        connection = self.connection
        del connection.host.unrecognised[self]
        self._count()
        if self._held.pieces or self._windows or self._name != BEFORE_THE_CAPTURE:
            connection.host.foreign(connection, self._name)
        else:
            connection.host.totals.empty_connections += 1

    def _drop(self) -> None:
        self._forget()
        self._held = Held()
        self.connection.drop()

    def look(self, *, last: bool = False) -> Sink | None:
        """Decide if possible; the sink that took this one's place."""
        connection, held = self.connection, self._held
        host = connection.host
        if self not in host.unrecognised:
            return None
        addresses = {True: connection.client, False: connection.server}
        at_known = connection.client in host.spice_servers or connection.server in host.spice_servers
        thorough = (at_known and held.full) or (last and at_known)
        found = recognise(held.ends, addresses, known=host.spice_servers, thorough=thorough)
        if found is not None and (found.channel or last or held.full):
            return self._recognised(found)
        if found is not None and found.points >= CLEAR:
            host.learn(addresses[found.swapped])
            return None
        if not last and held.full and (found is None):
            self._windows += 1
            if self._windows > MIDSESSION_WINDOWS:
                self._drop()
            else:
                for end in held.full_ends:
                    self.skipped[end] += held.size[end]
                self._held = held.without(held.full_ends)
                self._count()
        return None

    def _recognised(self, found: Recognised) -> Sink | None:
        connection = self.connection
        host = connection.host
        del host.unrecognised[self]
        self._count()
        pieces, skipped = self._held.from_starts(found)
        lost = self._held.lost(found)
        self._held = Held()
        if found.swapped:
            connection.swap()
        connection.midstream = True
        connection.recognised = found
        connection.skipped_bytes = sum(skipped.values()) + sum(self.skipped.values())
        connection.lost_ends = {end != found.swapped for end in lost}
        connection.unheard_ends = {
            end != found.swapped for end, start in found.starts.items() if start is None
        } - connection.lost_ends
        target = host.open_sink(connection)
        if target is None:
            connection.drop()
            return None
        host.totals.spice_connections += 1
        self._attach(target)
        for end, what, time_ns, frame in pieces:
            from_client = end != found.swapped
            if isinstance(what, int):
                target.gap(from_client, what, time_ns, frame)
            else:
                target.data(from_client, what, time_ns, frame)
        if found.channel or found.points >= CLEAR:
            host.learn(connection.server)
        return target
