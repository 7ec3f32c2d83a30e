"""Which connections belong together.

The server gives a session its number in ``main INIT``; every other channel of the session carries it in its link message.
A session that migrates brings its number to another server, so a number is looked for at the same server first and then
anywhere. Of a session that began before the capture nobody knows the number; then what its server has said of the other one
tells where it will be.
"""

from __future__ import annotations

from collections.abc import Iterable

from spiceproto.capture.limits import OUTCOMES

__all__ = ["Gathered", "Sessions"]

Address = tuple[str, int]

MANY = ("display", "cursor", "usbredir", "port")
"""Channels of which a session usually has several."""


class Gathered:
    """The connections that belong together.

    * ``number``: counts the sessions of a capture from 1
    * ``id``: what the server called it, None before INIT
    * ``counts``: channel -> connections of it of which nobody said which one it is
    """

    __slots__ = ("counts", "id", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.id: int | None = None
        self.counts: dict[str, int] = {}

    def count(self, channel: str) -> int:
        """One more connection of a channel: its id, as far as one can guess."""
        found = self.counts.get(channel, 0)
        self.counts[channel] = found + 1
        return found if channel in MANY else 0

    def __repr__(self) -> str:
        return f"<session {self.number} id {self.id}>"


class Sessions:
    """All sessions of a capture."""

    __slots__ = ("_announced", "_at", "_by_id", "_count", "_unlinked")

    def __init__(self) -> None:
        self._announced: dict[tuple[str, int], Gathered] = {}
        self._count = 0
        self._at: dict[tuple[Address, int], Gathered] = {}
        self._by_id: dict[int, Gathered] = {}
        self._unlinked: dict[Address, Gathered] = {}

    def __len__(self) -> int:
        return self._count

    def _new(self) -> Gathered:
        self._count += 1
        return Gathered(self._count)

    def linked(self, server: Address, connection_id: int, client: str = "") -> Gathered:
        """The session of a connection whose link message names ``connection_id``; a new one for 0.

        ``client`` is the host of one that links main there.
        """
        if connection_id == 0:
            return self._new()
        found = self.find(server, connection_id)
        if found is None and (found := self.announced(server, client)) is not None:
            self.identify(found, server, connection_id)
        if found is None:
            # Its main channel was linked before the capture began, as were those of which nobody said what they are.
            unlinked = self._unlinked.get(server)
            found = unlinked if unlinked is not None and unlinked.id is None else self._new()
            self.identify(found, server, connection_id)
        return found

    def announce(self, session: Gathered, client: str, ports: Iterable[int]) -> None:
        """The session of a client will be at another server, at one of these ports."""
        if session.id is None and len(self._announced) < OUTCOMES:
            self._announced |= dict.fromkeys([(client, port) for port in ports], session)

    def announced(self, server: Address, client: str) -> Gathered | None:
        """The session, of a number that nobody knows, that is to come to a server."""
        found = self._announced.get((client, server[1]))
        return found if found is not None and found.id is None else None

    def find(self, server: Address, connection_id: int) -> Gathered | None:
        """The session of this number, if there is one."""
        return self._at.get((server, connection_id)) or self._by_id.get(connection_id)

    def joined(self, server: Address) -> Gathered:
        """The session of a connection whose link message was lost: the only one at this server, if there is one."""
        found = {id(session): session for (address, _), session in self._at.items() if address == server}
        return next(iter(found.values())) if len(found) == 1 else self.unlinked(server)

    def unlinked(self, server: Address) -> Gathered:
        """The session of connections without a link stage: one for each server."""
        found = self._unlinked.get(server)
        if found is None:
            found = self._unlinked[server] = self._new()
        return found

    def identify(self, session: Gathered, server: Address, number: int) -> None:
        """The server said what the session's number is."""
        session.id = number
        self._at[server, number] = session
        self._by_id[number] = session
