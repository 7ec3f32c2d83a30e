"""The source's part of a migration: all clients of a server are told of another one, and go there when the guest has.

    begin ──> clients link the destination ──> (the guest goes over) ──> finish
          └────────────────────> cancel

How long a client may take is bounded: who has not answered by then switches hosts (SPICE-MIG-023). Several clients at a time
keep less than one alone: none of them goes seamlessly, as with libspice-server.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from reference_server.departure import Departure, Destination, Kind, Leaves, MigrationBegins, MigrationCancelled
from reference_server.session import Session
from spiceproto.errors import LocalError

__all__ = ["PATIENCE", "VERSION", "Migration", "Outcome"]

VERSION: Final = 1
"""Of the data that a seamless migration carries; newer ones are not understood."""

PATIENCE: Final = 10.0
"""Seconds for which clients may link the destination, and later for which they may leave; as with libspice-server."""

_PORTS: Final = 0xFFFF

_MOST: Final = 4096
"""Letters of a host name or a subject; both together are far from the 64 KiB above which a client takes no message."""


class Outcome(msgspec.Struct, frozen=True):
    """How one session left."""

    session: int
    kind: Kind


class Migration:
    """One, from its begin to its end.

    ``destination``  where clients are to go
    ``kind``         how, at best
    ``until``        when no answer is waited for any more
    """

    def __init__(self, destination: Destination, kind: Kind, sessions: Iterable[Session], now: float) -> None:
        """Raises LocalError for a destination that nobody could go to (SPICE-MIG-003)."""
        ports = (destination.port, destination.tls_port)
        if not destination.host or "\0" in destination.host:
            raise LocalError("a destination has a host", actual=repr(destination.host[:80]))
        for text in (destination.host, destination.subject):
            if "\0" in text or len(text) > _MOST or any("\ud800" <= letter <= "\udfff" for letter in text):
                raise LocalError(
                    "a text that clients can not be told", expected=f"at most {_MOST} letters", actual=repr(text[:80])
                )
        if not any(ports) or not all(0 <= port <= _PORTS for port in ports):
            raise LocalError("a destination has a port, with TLS or without", expected=f"1 to {_PORTS}", actual=str(ports))
        self.destination = destination
        self.kind = kind
        self.until = now + PATIENCE
        self._sessions = tuple(sessions)
        wanted: Kind = "semi-seamless" if kind == "seamless" and len(self._sessions) > 1 else kind
        for session in self._sessions:
            session.departure = departure = Departure(destination, wanted)
            session.tell(MigrationBegins(departure))

    def waits(self, now: float) -> bool:
        """Whether some client may still answer."""
        return now < self.until and any(session.linked and self._of(session).waits for session in self._sessions)

    def _of(self, session: Session) -> Departure:
        """How a session is to leave; one that began meanwhile was told nothing."""
        if session.departure is None:
            session.departure = Departure(self.destination, "switch-host")
        return session.departure

    def seamless(self, sessions: Iterable[Session]) -> tuple[int, ...]:
        """The sessions that go on as if nothing had happened."""
        return tuple([session.id for session in sessions if self._of(session).kind == "seamless"])

    def finish(self, sessions: Iterable[Session]) -> tuple[Outcome, ...]:
        """The guest is there: every client goes, each in its own way."""
        found = []
        for session in tuple(sessions):
            kind = self._of(session).kind
            session.tell(Leaves(kind))
            found.append(Outcome(session.id, kind))
        return tuple(found)

    def cancel(self, sessions: Iterable[Session]) -> None:
        """Every client stays (SPICE-MIG-029)."""
        for session in tuple(sessions):
            departure, session.departure = session.departure, None
            if departure is not None:
                session.tell(MigrationCancelled(departure))
