"""Both directions of any number of connections held against the tables of ``spiceproto.rules``.

    Judge      all sessions of one capture, or of one case; collects findings
    Judged     one connection

A judge does not care where the bytes come from: a capture file (:mod:`conformance.lint`) or the suite's own connections
(:mod:`conformance.transcript`). It is told items of the link stage and messages that somebody else has cut out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from spiceproto import dispatch
from spiceproto.errors import RemoteError
from spiceproto.link import Established, Item, Problem, Record
from spiceproto.machine import Coverage
from spiceproto.messages import main
from spiceproto.session import Finding, LinkStage, Member, Session

__all__ = ["Judge", "Judged"]


class Judge:
    """``findings`` grows; ``coverage`` (machine to coverage) notes which rows were used."""

    def __init__(self, coverage: Mapping[str, Coverage] | None = None) -> None:
        self.findings: list[Finding] = []
        self.coverage = coverage
        self.messages = 0
        self.sessions = 0
        self._by_id: dict[tuple[Hashable, int], Session] = {}

    def connection(self, server: Hashable = None, now: float = 0.0) -> Judged:
        """A connection to ``server``; sessions are told apart by it and their id."""
        return Judged(self, server, now)

    def session(self, server: Hashable, number: int) -> Session:
        """The session that a link message with this connection id belongs to."""
        found = self._by_id.get((server, number)) if number else None
        if found is None:
            found = Session(destination=number != 0, id=number or None, coverage=self.coverage)
            self.sessions += 1
            if number:
                self._by_id[server, number] = found
        return found

    def identify(self, server: Hashable, number: int, session: Session) -> None:
        """INIT has named the session."""
        self._by_id[server, number] = session


class Judged:
    """One connection, told in the order in which things were sent.

    ``on_finding`` is called with each finding before it is kept; what it returns is kept instead (None for nothing).
    """

    def __init__(self, judge: Judge, server: Hashable, now: float) -> None:
        self.judge = judge
        self.server = server
        self.table = ""
        self.member: Member | None = None
        self.session: Session | None = None
        self.on_finding: Callable[[Finding], Finding | None] = lambda finding: finding
        self._stage: LinkStage | None = LinkStage(now=now, coverage=judge.coverage)

    @property
    def channel(self) -> tuple[int, int]:
        """Type and id; (0, 0) while nobody knows."""
        if self.member is not None:
            return self.member.channel
        return self._stage.channel if self._stage is not None else (0, 0)

    def _keep(self, *findings: Finding) -> None:
        for finding in findings:
            kept = self.on_finding(finding)
            if kept is not None:
                self.judge.findings.append(kept)

    def link(self, item: Item, now: float) -> None:
        """An item of a link stage; Established begins the messages."""
        if isinstance(item, Established):
            message = item.message
            self.session = self.judge.session(self.server, message.connection_id)
            self.member = self.session.link(
                message.channel_type, message.channel_id, message.connection_id, item.client, item.server, now
            )
            self.table = self.member.table
            self._keep(*self.session.take_findings())
        elif isinstance(item, (Record, Problem)) and self._stage is not None:
            self._keep(*self._stage.feed(item, now))

    def raw(self, sender: str, number: int, body: bytes, now: float, *, inside: bool = False) -> None:
        """A message as it stands on the wire. Only what some rule reads is parsed."""
        row = dispatch.row(self.table, sender, number)
        if row is None:
            self.unknown(sender, number, now)
            return
        value = None
        if self.table in ("main", "inputs") or number < 100:
            try:
                value = row.parse(body)
            except RemoteError:
                value = None
        self.message(sender, row.name, value, len(body), now, inside=inside)

    def message(self, sender: str, name: str, value: Any, size: int, now: float, *, inside: bool = False) -> None:
        """A message; ``value`` is None where nobody could parse it."""
        session, member = self.session, self.member
        if session is None or member is None:
            return
        self.judge.messages += 1
        session.message(member, sender, name, value, now, size=size, inside=inside)
        if isinstance(value, main.Init):
            self.judge.identify(self.server, value.session_id, session)
        self._keep(*session.take_findings())

    def unknown(self, sender: str, number: int, now: float) -> None:
        """A message of a type that means nothing on the channel."""
        if self.session is not None and self.member is not None:
            self.judge.messages += 1
            self.session.unknown(self.member, sender, number, now)
            self._keep(*self.session.take_findings())

    def closed(self, sender: str, now: float) -> None:
        """``sender`` closed the connection first; "" if nobody knows who."""
        if self.session is not None and self.member is not None:
            self.session.closed(self.member, now)
        elif self._stage is not None and sender:
            self._keep(*self._stage.closed(sender, now))
        self._stage = None
