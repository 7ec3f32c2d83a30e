"""Both directions of any number of connections held against the tables of ``spiceproto.rules``.

    Judge      all sessions of one capture, or of one case; collects findings
    Judged     one connection

A judge does not care where the bytes come from: a capture file (:mod:`conformance.lint`) or the suite's own connections
(:mod:`conformance.transcript`). It is told items of the link stage and messages that somebody else has cut out.

**What was not seen.** A hole in what an end sent (:meth:`Judged.missed`) makes the tables forget. Messages of one connection
come in the order in which they were sent, and a hole comes before what answers it (``in_order`` of a capture). Between
connections there is no such order: what was found there since the last message before a hole is taken back. Behind a hole,
where the next message begins may be a guess: a row of good ones has to come before anything is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any

from conformance.keys import lent
from spiceproto import dispatch, framing, shares
from spiceproto.compared import ACROSS, TIMED
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.link import Established, Item, Problem, Step
from spiceproto.link_stage import LinkStage
from spiceproto.machine import Coverage, Machine, Machines
from spiceproto.migration import REQUIREMENTS as _OF_TWO
from spiceproto.migration import Migrations
from spiceproto.rules import MACHINES
from spiceproto.session import Linked, Session

__all__ = ["REQUIREMENTS", "Judge", "Judged"]

_KEY = "SPICE-LINK-044"

REQUIREMENTS = {_KEY: "compares the keys of all links, whatever session they belong to"}
"""Sentences about several conversations that a judge finds broken itself, and why no session can.

In a recording they are not judged: whoever plays back what was recorded plays the same keys.
"""

_ACROSS = ACROSS | _OF_TWO.keys()
"""Sentences that rest on the order between connections, to one server or to two."""

_LINK = "link"
_WITHOUT = {
    ("client", _LINK): "SPICE-MIG-013",
    ("server", "MIGRATE_DST_SEAMLESS_ACK"): "SPICE-MIG-015",
    ("server", "MIGRATE_END"): "SPICE-MIG-031",
    ("server", "MIGRATE_DATA"): "SPICE-MIG-044",
}
"""What at one server has to be before what is said to another, and the sentence that is broken without it."""

_BEHIND, _THE_END = "SPICE-MIG-032", ("client", "MIGRATE_END")
"""Behind that message at one server nothing may come at the other."""

_GOOD = 8
"""Messages in a row, each known, whole and with values that have names, after which a guess was right."""


class Judge:
    """``findings`` grows, and is mended where something was not seen.

    * ``coverage``: machine to coverage: which rows of ``machines`` were used
    * ``jitter``: seconds by which a recording may exchange what was sent on two connections
    * ``keys``: the key of each link reply; shared by who judges several conversations with one server, None if not judged
    * ``unjudged``: machines that had to forget
    * ``undecided``: sentences besides theirs that nobody can judge here
    * ``ended``: when a client has said last that it goes on at another server
    """

    def __init__(
        self, coverage: Mapping[str, Coverage] | None = None, *, machines: Machines = MACHINES, jitter: float = 0.0
    ) -> None:
        self.findings: list[Finding] = []
        self.jitter = jitter
        self.keys: set[bytes] | None = None
        self.unjudged: set[str] = set()
        self.undecided: set[str] = set()
        self._by_history: list[tuple[Judged, Finding]] = []
        self._across: list[Finding] = []
        self._kept: list[tuple[Judged, Finding]] = []
        self.coverage = coverage
        self.machines = machines
        self.messages = 0
        self.ended = float("-inf")
        self.migrations = Migrations(coverage=coverage, machines=machines)

    def connection(self, server: Hashable = None, now: float = 0.0) -> Judged:
        """A connection to ``server``; sessions are told apart by it and their id."""
        return Judged(self, server, now)

    @property
    def sessions(self) -> int:
        """How many there were; one that goes to another server is one more there."""
        return len(self.migrations.sessions)

    def keep(self, judged: Judged, finding: Finding) -> None:
        """One more; what a machine has found may be taken back."""
        if finding.requirement == _BEHIND and finding.now <= self.ended + self.jitter:
            return
        self.findings.append(finding)
        self._kept.append((judged, finding))
        if finding.machine in self.machines:
            self._by_history.append((judged, finding))
        if finding.requirement in _ACROSS:
            self._across.append(finding)

    def forget(self, judged: Judged, sender: str, machines: Collection[Machine], since: float) -> None:
        """``sender`` has said more since then, which these did not hear.

        What they have found since is taken back where it may rest on that: on other connections. On one connection, who has not
        acknowledged something has not answered it.
        """
        self.unjudged |= {machine.name for machine in machines}
        joining = {machine.name for machine in machines if machine.scope == "session"}

        def rests_on(owner: Judged, item: Finding) -> bool:
            mine = item.machine in joining and owner.session is judged.session
            return mine and (item.now > since or (item.now == since and item.sender != sender))

        self._take_back(rests_on)

    def doubt(self, judged: Judged, since: float) -> None:
        """What ``judged`` heard since then may have been something else: what was found since of its session is not judged."""
        gone = [item for owner, item in self._kept if _together(owner, judged) and item.now >= since]
        self.undecided |= {item.requirement for item in gone}
        self.take_back(gone)

    def overtaken(self, judged: Judged, sender: str, name: str, now: float) -> None:
        """A message that may have been sent before what another connection of its session was blamed for."""
        if not self._by_history:
            return
        known = f"{judged.table}.{name}"

        def rests_on(owner: Judged, item: Finding) -> bool:
            if owner is judged or owner.session is not judged.session or item.sender == sender or now > item.now + self.jitter:
                return False
            machine = self.machines[item.machine]
            return machine.scope == "session" and machine.base(sender, known) != ""

        self._take_back(rests_on)

    def late(self, channel: tuple[int, int], sender: str, name: str, now: float) -> None:
        """Something that may have come before what was blamed at another server for coming without it."""
        sentence = _WITHOUT.get((sender, name))

        def rests_on(item: Finding) -> bool:
            mine = item.channel == channel or name == _LINK
            return mine and item.requirement == sentence and now <= item.now + self.jitter

        if sentence is not None:
            self._drop({id(item) for item in self._across if rests_on(item)})

    def take_back(self, found: Iterable[Finding]) -> None:
        """These are no findings."""
        self._drop({id(item) for item in found})

    def distrust(self) -> None:
        """The order between connections is not known: what was found by it is taken back, and not judged.

        What the display channels of a session share is known where there is one of them.
        """
        joining = {name for name, machine in self.machines.items() if machine.scope == "session"}
        self.unjudged |= joining
        several = any(map(_shares, self.migrations.sessions))
        self.undecided |= _ACROSS if several else _ACROSS - set(shares.REQUIREMENTS)
        self._take_back(lambda owner, item: item.machine in joining)
        self._drop({id(item) for item in self._across if item.requirement in self.undecided})

    def one_sided(self, sentences: Collection[str]) -> None:
        """A session went to another server, and not all is known of the two: what rests on both is taken back, not judged."""
        self.undecided |= set(sentences)
        self.take_back([item for item in self.findings if item.requirement in sentences])

    def untimed(self) -> None:
        """Nobody measured when things were sent: what was found by that is taken back, and not judged."""
        self.undecided |= TIMED
        self.take_back([item for item in self.findings if item.requirement in TIMED])

    def _take_back(self, wrong: Callable[[Judged, Finding], bool]) -> None:
        self._drop({id(item) for owner, item in self._by_history if wrong(owner, item)})

    def _drop(self, gone: Collection[int]) -> None:
        if gone:
            self._by_history = [(owner, item) for owner, item in self._by_history if id(item) not in gone]
            self._kept = [(owner, item) for owner, item in self._kept if id(item) not in gone]
            self.findings[:] = [item for item in self.findings if id(item) not in gone]


def _together(one: Judged, other: Judged) -> bool:
    """Whether two connections are one, or of one session."""
    return one is other or (one.session is not None and one.session is other.session)


def _shares(session: Session) -> bool:
    """Whether there are several display channels in it."""
    return len({item.channel for item in session.members if item.table == "display"}) > 1


class Judged:
    """One connection, told in the order in which things were sent.

    ``on_finding`` is called with each finding before it is kept; what it returns is kept instead (None for nothing).
    ``on_message`` is called with sender, value and time of each message, and what it finds is kept; ``on_hole`` where some is
    missing.
    ``doubted`` are senders of whose bytes some are missing, or whose headers are others than was agreed: what cannot be read
    of theirs breaks no sentence.
    ``spans`` says where in the next message of a sender those inside it stand, and their list.
    """

    def __init__(self, judge: Judge, server: Hashable, now: float) -> None:
        self.judge = judge
        self.server = server
        self.table = ""
        self.member: Linked | None = None
        self.session: Session | None = None
        self.on_finding: Callable[[Finding], Finding | None] = lambda finding: finding
        self.on_message: Callable[[str, Any, float], Iterable[Finding]] = lambda sender, value, now: ()
        self.on_hole: Callable[[], None] = lambda: None
        self.doubted: set[str] = set()
        self.spans: dict[str, framing.Spans] = {}
        self._of_the_link: list[Finding] = []
        self._unsure: dict[str, int] = {}
        self._just_lost: set[str] = set()
        self._heard: dict[str, float] = {}
        self._linked = now
        self._mini = True
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
                self.judge.keep(self, kept)
                if self.session is None:
                    self._of_the_link.append(kept)

    def link(self, item: Item, now: float) -> None:
        """An item of a link stage; Established begins the messages."""
        if isinstance(item, Established):
            message, self._mini = item.message, item.mini_header
            self._linked = now
            migrations = self.judge.migrations
            self.session = migrations.session(self.server, message.connection_id, message.channel_type)
            self.member = self.session.link(
                message.channel_type, message.channel_id, message.connection_id, item.client, item.server, now
            )
            self.table = self.member.table
            if self.judge.jitter:
                self.judge.late(self.member.channel, "client", _LINK, now)
            self._keep(*self.session.take_findings(), *migrations.linked(self.session, self.member, now))
        elif isinstance(item, (Step, Problem)) and self._stage is not None:
            self._keep(*self._stage.feed(item, now))
            if isinstance(item, Step) and item.kind == "link-reply" and item.value.error == LinkErr.OK:
                self._key(bytes(item.value.pub_key), now)

    def _key(self, key: bytes, now: float) -> None:
        """The key of a link reply; zeros are none, and those that the suite lends come again."""
        keys = self.judge.keys
        if keys is None or lent(key):
            return
        if key in keys:
            text, tail = "a key that another link had", key[-20:].hex()
            self._keep(Finding(_KEY, "server", self.channel, text, "a key of its own", f"one that ends in {tail}", now))
        elif any(key):
            keys.add(key)

    def let_go(self) -> None:
        """It is another view of a connection that is judged as well."""
        self.judge.take_back(self._of_the_link)
        self._of_the_link = []
        self._stage = None

    def raw(self, sender: str, number: int, body: bytes, now: float, *, inside: bool = False) -> None:
        """A message as it stands on the wire."""
        session, member = self.session, self.member
        if session is None or member is None:
            return
        spans = self.spans.pop(sender, ())
        if sender in self._unsure and not self._convinced(sender, number, body, now):
            return
        self._heard[sender] = now
        row = dispatch.row(self.table, sender, number)
        if row is None:
            self.unknown(sender, number, now)
            return
        size = len(body)
        tails: list[int] = []
        try:
            value = row.parse(body, tails.append)
        except RemoteError as error:
            self.unreadable(sender, row.name, error, size, now, inside=inside)
        else:
            tail = framing.stray(size, tails[-1], spans) if tails and sender not in self.doubted else 0
            self.message(sender, row.name, value, size, now, tail=tail, inside=inside)

    def missed(self, sender: str, now: float) -> None:
        """Some of what ``sender`` sent was not seen, and where its next message begins is a guess."""
        if sender not in self.doubted:
            self._just_lost.add(sender)
        else:
            self._just_lost.discard(sender)
        self._believe_nothing(sender, now)

    def _believe_nothing(self, sender: str, now: float) -> None:
        self.doubted.add(sender)
        self._unsure[sender] = _GOOD
        self._forget(sender, now)
        self.on_hole()

    def _forget(self, sender: str, now: float) -> None:
        if self.session is not None and self.member is not None:
            machines = self.session.missed(self.member, sender, now)
            self.judge.forget(self, sender, machines, self._heard.get(sender, 0.0))

    def contested(self, sender: str, since: float, now: float) -> bool:
        """Nobody knows whether ``sender`` has sent what was heard since then; whether anything can still be judged here.

        Where the link stage is among that, nobody knows what was agreed.
        """
        self.judge.doubt(self, since)
        if self.session is None or since <= self._linked:
            for side in ("client", "server"):
                self._forget(side, now)
            self.let_go()
            self.session = self.member = None
            return False
        self._believe_nothing(sender, now)
        return True

    def found_again(self, sender: str) -> None:
        """The message that lost something is known, so the next one begins where it ends."""
        if sender in self._just_lost:
            self._believe(sender)

    def _believe(self, sender: str) -> None:
        self._just_lost.discard(sender)
        del self._unsure[sender]
        self.doubted.discard(sender)

    def _convinced(self, sender: str, number: int, body: bytes, now: float) -> bool:
        """Whether there were so many good messages behind a hole that this is one as well."""
        if self._unsure[sender] == 0:
            self._believe(sender)
            self._forget(sender, now)
            return True
        row = dispatch.row(self.table, sender, number)
        tails: list[int] = []
        try:
            good = row is not None and not dispatch.outside(self.table, sender, row.parse(body, tails.append)) and not tails
        except RemoteError:
            good = False
        self._unsure[sender] = self._unsure[sender] - 1 if good else _GOOD
        return False

    def message(
        self, sender: str, name: str, value: Any, size: int, now: float, *, tail: int = 0, inside: bool = False
    ) -> None:
        """A message; ``tail`` bytes of its body are behind the last field."""
        session, member = self.session, self.member
        if session is None or member is None:
            return
        self.judge.messages += 1
        known, migrations = session.id, self.judge.migrations
        migrations.before(session, member, sender, name)
        session.message(member, sender, name, value, now, size=size, tail=tail, inside=inside)
        if self.judge.jitter:
            self.judge.overtaken(self, sender, name, now)
            self.judge.late(member.channel, sender, name, now)
            if (sender, name) == _THE_END:
                self.judge.ended = now
        if session.id is not None and session.id != known:
            migrations.identify(self.server, session.id, session)
        found = migrations.message(session, member, sender, name, value, now)
        self._keep(*session.take_findings(), *found, *self.on_message(sender, value, now))

    def unreadable(self, sender: str, name: str, error: RemoteError, size: int, now: float, *, inside: bool = False) -> None:
        """A message whose body nobody can read."""
        if sender in self.doubted:
            self.message(sender, name, None, size, now, inside=inside)
        elif self.session is not None and self.member is not None:
            self.judge.messages += 1
            self.session.unreadable(self.member, sender, name, error, now, size=size, inside=inside)
            self._keep(*self.session.take_findings())

    def _believes(self, sender: str, number: int) -> bool:
        """Whether bytes are a header: a full one whose type means nothing may be none at all (SPICE-FRAME-001)."""
        return sender not in self.doubted and (self._mini or dispatch.row(self.table, sender, number) is not None)

    def unlisted(self, sender: str, number: int, error: RemoteError, now: float) -> None:
        """The messages inside one cannot be found; that one itself is told apart from this."""
        if self._believes(sender, number) and self.session is not None and self.member is not None:
            row = dispatch.row(self.table, sender, number)
            name = f"type {number}" if row is None else row.name
            self.session.unlisted(self.member, sender, name, error, now)
            self._keep(*self.session.take_findings())

    def announced(self, sender: str, number: int, size: int, now: float) -> None:
        """A header whose body has not come."""
        if self._believes(sender, number) and self.session is not None and self.member is not None:
            self.session.announced(self.member, sender, number, size, now)
            self._keep(*self.session.take_findings())

    def cut(self, sender: str, have: int, wanted: int, now: float) -> None:
        """``sender`` closed the connection, first and by itself, inside a message."""
        if sender not in self.doubted and self.session is not None and self.member is not None:
            self.session.cut(self.member, sender, have, wanted, now)
            self._keep(*self.session.take_findings())

    def unknown(self, sender: str, number: int, now: float) -> None:
        """A message of a type that means nothing on the channel."""
        if self.session is not None and self.member is not None:
            self.judge.messages += 1
            self.session.unknown(self.member, sender, number, now)
            self._keep(*self.session.take_findings())

    def closed(self, sender: str, now: float, *, seen: bool = True) -> None:
        """``sender`` closed the connection first; "" if nobody knows who. Unless ``seen``, nobody may have."""
        if self.session is not None and self.member is not None:
            self.session.closed(self.member, now, seen=seen)
            self.judge.migrations.closed(self.session, self.member)
            self._keep(*self.session.take_findings())
        elif self._stage is not None and sender:
            self._keep(*self._stage.closed(sender, now))
        self._stage = None
