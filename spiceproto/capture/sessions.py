"""Which connections belong together.

The server gives a session its number in ``main INIT``; every other channel of the session carries it in its link message.
A session that migrates brings its number to another server, so a number is looked for at the same server first and then
anywhere.
"""

from __future__ import annotations

__all__ = ["Session", "Sessions"]

Address = tuple[str, int]


class Session:
    """``number`` counts the sessions of a capture from 1; ``id`` is what the server called it, None before INIT."""

    __slots__ = ("id", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.id: int | None = None

    def __repr__(self) -> str:
        return f"<session {self.number} id {self.id}>"


class Sessions:
    """All sessions of a capture."""

    __slots__ = ("_at", "_by_id", "_count", "_unlinked")

    def __init__(self) -> None:
        self._count = 0
        self._at: dict[tuple[Address, int], Session] = {}
        self._by_id: dict[int, Session] = {}
        self._unlinked: dict[Address, Session] = {}

    def __len__(self) -> int:
        return self._count

    def _new(self) -> Session:
        self._count += 1
        return Session(self._count)

    def linked(self, server: Address, connection_id: int) -> Session:
        """The session of a connection whose link message names ``connection_id``; a new one for 0."""
        if connection_id == 0:
            return self._new()
        found = self._at.get((server, connection_id)) or self._by_id.get(connection_id)
        if found is None:
            found = self._new()
            self.identify(found, server, connection_id)
        return found

    def unlinked(self, server: Address) -> Session:
        """The session of connections without a link stage: one for each server."""
        found = self._unlinked.get(server)
        if found is None:
            found = self._unlinked[server] = self._new()
        return found

    def identify(self, session: Session, server: Address, number: int) -> None:
        """The server said what the session's number is."""
        session.id = number
        self._at[server, number] = session
        self._by_id[number] = session
