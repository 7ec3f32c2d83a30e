"""A session that goes from one server to another: both servers, and the order of what is said to them.

    Course      what was said of one migration, on whatever channel of whichever server
    Migration   the session at the source and the session at the destination, and what goes from one to the other
    Migrations  every session that an observer sees, by server and number, and which of them are joined so

A client has connections to two servers while its guest moves. Each server knows of its own; who sees both knows that
they are one session. What may be said when at one server is in tables (:mod:`spiceproto.rules.migration`), which every
session is held against; here is what rests on both.

**What survives.** At the destination of a seamless migration everything goes on that a table calls ``carried``: surfaces,
caches, tokens, keys that are down, the mouse mode. A channel goes over alone: when the source has given it up and, if it has
data, the client brings them. What belongs to the session, such as the multimedia clock, is one thing from then on. A
semi-seamless migration brings nothing but the links: with ``MIGRATE_END`` the destination is a session that begins. Where the
source was not seen, what there was at a seamless destination is not known, and not judged.

Order between the two servers is that in which the observer saw things; a client and a source can not know of each other
sooner than that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final, Literal

from spiceproto.channels import channel_name
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.finding import Finding
from spiceproto.linked import Linked
from spiceproto.machine import Coverage, Machines
from spiceproto.rules import MACHINES
from spiceproto.rules.migration import MIGRATION
from spiceproto.rules.migration_arrival import ARRIVAL
from spiceproto.session import JOINED, Session

__all__ = ["DESTINATION", "REQUIREMENTS", "RESTS_ON_BOTH", "SOURCE", "Course", "Kind", "Migration", "Migrations", "Place"]

Place = Literal[0, 1]
SOURCE: Final = 0
DESTINATION: Final = 1

Kind = Literal["", "switch-host", "semi-seamless", "seamless"]
"""How a migration has ended, as far as it has: "" while nobody knows."""

_ALL, _SEAMLESS, _VERSION, _EARLY = "SPICE-MIG-013", "SPICE-MIG-015", "SPICE-MIG-021", "SPICE-MIG-031"
_LATE, _NUMBER, _DATA, _SAME = "SPICE-MIG-032", "SPICE-MIG-033", "SPICE-MIG-044", "SPICE-MIG-038"
_ANEW: Final = "SPICE-MIG-034"
_BROUGHT: Final = "SPICE-MIG-010"

REQUIREMENTS: Final = {
    _BROUGHT: "compares the link stage of one server with what the other has announced",
    _ALL: "compares the channels of two servers",
    _SEAMLESS: "compares what two servers have said",
    _VERSION: "compares a field of one connection with a field of another",
    _EARLY: "compares what two servers have said",
    _LATE: "compares what was said to two servers",
    _NUMBER: "compares a field of one connection with a field of another",
    _ANEW: "rests on how the migration has ended at the other server",
    _SAME: "compares the link stages of two connections",
    _DATA: "compares the body of one message with that of another",
}
"""Sentences that are judged here, and why no machine can."""

RESTS_ON_BOTH: Final = frozenset(REQUIREMENTS) - {_BROUGHT}
"""Those of which nothing can be said where one of the servers was not seen."""

Channel = tuple[int, int]
"""Type and id."""

_MAIN: Final[Channel] = (int(ChannelType.MAIN), 0)
_OFFERS: Final = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST")
_WAITS: Final = frozenset({"PONG", "ACK_SYNC", "ACK"})
"""What a client owes for what came before the end, and may pay at once or later."""


def _words(channel: Channel) -> str:
    return f"{channel_name(channel[0])}:{channel[1]}"


_OF_THE_LINK: Final = frozenset({"SET_ACK", "PING"})
"""What a server says of a connection, whatever is on it."""


class Course:
    """One migration, from ``MIGRATE_BEGIN`` or ``MIGRATE_SWITCH_HOST`` to its end.

    * ``kind``: how it has ended so far
    * ``offer``: what the source has announced, the value of MIGRATE_BEGIN, MIGRATE_BEGIN_SEAMLESS or MIGRATE_SWITCH_HOST;
      None if that was not seen
    * ``agreed``: whether the destination knows the data: None while it has not said
    * ``linked``: channels that were linked at each place and are not closed
    * ``answered``: whether the client has said that it is connected
    * ``cancelled``: whether the source has called it off
    * ``left``: channels that the source has given up, with the flags of their MIGRATE
    * ``data``: the body of MIGRATE_DATA of the source, by channel, until the client has brought it
    * ``arrived``: channels that go on at the destination
    """

    __slots__ = (
        "agreed",
        "answered",
        "arrived",
        "cancelled",
        "data",
        "ended",
        "kind",
        "left",
        "linked",
        "offer",
        "seamless",
        "seen",
        "version",
    )

    def __init__(self) -> None:
        self.kind: Kind = ""
        self.offer: Any = None
        self.seamless = False
        self.version: int | None = None
        self.agreed: bool | None = None
        self.answered = False
        self.cancelled = False
        self.ended = False
        self.linked: tuple[set[Channel], set[Channel]] = (set(), set())
        self.left: dict[Channel, int] = {}
        self.data: dict[Channel, bytes] = {}
        self.arrived: set[Channel] = set()
        self.seen = [False, False]

    def link(self, place: Place, channel: Channel) -> None:
        """A channel was linked."""
        self.seen[place] = True
        self.linked[place].add(channel)

    def awaits(self, server: Hashable) -> bool:
        """Whether the source has announced this server, and the client is still to come there."""
        if self.offer is None or self.kind or self.cancelled or self.answered:
            return False
        there = getattr(self.offer, "dst_info", self.offer)
        return server == DESTINATION or (isinstance(server, tuple) and server[-1] in (there.port, there.sport))

    def closed(self, place: Place, channel: Channel) -> None:
        """The last connection of a channel was closed."""
        self.linked[place].discard(channel)

    def begin_at_destination(self) -> None:
        """The client links main at the destination, for the first time or once more."""
        self.linked[DESTINATION].clear()
        self.agreed = None

    def hear(self, place: Place, channel: Channel, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        """Something was said at one of the two servers; what is wrong with it because of the other."""
        self.seen[place] = True
        hear = self._hear_source if place == SOURCE else self._hear_destination
        for sentence, text, expected, actual in hear(channel, sender, name, value):
            yield Finding(sentence, sender, channel, text, expected, actual, now, machine=JOINED)

    def _hear_source(self, channel: Channel, sender: str, name: str, value: Any) -> Iterator[tuple[str, str, str, str]]:
        if sender == "client" and self.ended and self.kind == "semi-seamless":
            yield _LATE, f"{name} at the source, behind MIGRATE_END at the destination", "nothing", name
        match sender, name:
            case "server", "MIGRATE_BEGIN" | "MIGRATE_BEGIN_SEAMLESS":
                self.offer = value
                self.seamless = name == "MIGRATE_BEGIN_SEAMLESS"
                self.version = None if value is None else getattr(value, "src_mig_version", None)
            case "server", "MIGRATE_SWITCH_HOST":
                self.offer, self.kind = value, "switch-host"
            case "server", "MIGRATE_CANCEL":
                self.cancelled = True
            case "server", "MIGRATE_END":
                self.kind = "semi-seamless"
            case "server", "MIGRATE":
                self.kind = "seamless"
                self.left[channel] = flags = 0 if value is None else int(value.flags)
                if not flags & MigrateFlags.NEED_DATA_TRANSFER:
                    self.arrived.add(channel)
            case "server", "MIGRATE_DATA" if value is not None:
                self.data[channel] = bytes(value.data)
            case "client", "MIGRATE_CONNECTED" | "MIGRATE_CONNECTED_SEAMLESS":
                yield from self._connected(name)

    def _connected(self, name: str) -> Iterator[tuple[str, str, str, str]]:
        self.answered = True
        missing = sorted(self.linked[SOURCE] - self.linked[DESTINATION])
        # A capture need not have the other server.
        if missing and self.seen[DESTINATION] and not self.cancelled:
            yield _ALL, f"{name} with channels that are not linked", "all", ", ".join(map(_words, missing))
        if name == "MIGRATE_CONNECTED_SEAMLESS" and self.seen[DESTINATION] and self.agreed is not True:
            said = "nothing" if self.agreed is None else "MIGRATE_DST_SEAMLESS_NACK"
            yield _SEAMLESS, f"{name} without the word of the destination", "MIGRATE_DST_SEAMLESS_ACK", said

    def _hear_destination(self, channel: Channel, sender: str, name: str, value: Any) -> Iterator[tuple[str, str, str, str]]:
        if sender == "server":
            if name in ("MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK"):
                self.agreed = name == "MIGRATE_DST_SEAMLESS_ACK"
        elif name == "MIGRATE_DST_DO_SEAMLESS":
            if value is not None and self.version is not None and value.src_version != self.version:
                yield _VERSION, f"{name} with another version", str(self.version), str(value.src_version)
        elif name == "MIGRATE_END":
            if self.seen[SOURCE] and self.kind != "semi-seamless":
                yield _EARLY, f"{name} before the source has said so", "MIGRATE_END of the source", self.kind or "nothing"
            self.ended = True
        elif name == "MIGRATE_DATA":
            yield from self._brought(channel, value)
        elif channel in self.left and channel not in self.arrived and name not in _WAITS:
            self.arrived.add(channel)
            if self.left[channel] & MigrateFlags.NEED_DATA_TRANSFER:
                yield _DATA, f"{name} in place of MIGRATE_DATA", "MIGRATE_DATA first", name

    def _brought(self, channel: Channel, value: Any) -> Iterator[tuple[str, str, str, str]]:
        if not self.seen[SOURCE]:
            self.arrived.add(channel)
            return
        if self.ended:
            yield _ANEW, "MIGRATE_DATA in a session that begins anew", "none", "MIGRATE_DATA"
        elif channel in self.arrived:
            yield _DATA, "MIGRATE_DATA that is not the first message", "one, first", "another"
        elif channel not in self.data:
            yield _DATA, "MIGRATE_DATA that the source has not sent", "none", "MIGRATE_DATA"
        else:
            sent, found = self.data.pop(channel), b"" if value is None else bytes(value.data)
            if value is not None and found != sent:
                same = next((at for at, (one, other) in enumerate(zip(sent, found, strict=False)) if one != other), -1)
                where = f"another from byte {same} on" if same >= 0 else "another size"
                yield _DATA, f"MIGRATE_DATA with {where}", f"{len(sent)} bytes as they came", f"{len(found)} bytes"
        self.arrived.add(channel)


class Migration:
    """The two sessions of a migration.

    * ``source``: None where it was not seen
    * ``destination``: None before the client has linked it
    * ``course``: what was said at both
    """

    __slots__ = ("_gone", "_heard", "course", "destination", "source")

    def __init__(self, source: Session | None = None) -> None:
        self.source = source
        self.destination: Session | None = None
        self.course = Course()
        self._gone: dict[Channel, Linked] = {}
        self._heard: set[Channel] = set()
        """Channels of which the destination was heard to say something that is its own."""
        if source is not None:
            for member in source.open_members():
                self.course.link(SOURCE, member.channel)

    def place(self, session: Session) -> Place:
        """Which of the two a session is."""
        return DESTINATION if session is self.destination else SOURCE

    def linked(self, session: Session, member: Linked, now: float) -> Iterator[Finding]:
        """A channel was linked at one of the servers."""
        place = self.place(session)
        self.course.link(place, member.channel)
        if place == DESTINATION and not self.over:
            there = self._member(self.source, member.channel)
            if there is not None and None not in (there.client, member.client) and there.client != member.client:
                text, found = "other capabilities at the destination", _announced(member)
                yield Finding(_SAME, "client", member.channel, text, _announced(there), found, now, machine=JOINED)

    def closed(self, session: Session, member: Linked) -> None:
        """A connection was closed."""
        if self._member(session, member.channel) is None:
            self.course.closed(self.place(session), member.channel)

    def before(self, session: Session, member: Linked, sender: str, name: str) -> None:
        """A message is about to be judged: whether the channel goes on with it where it was at the source."""
        if (sender, name) == ("client", "MIGRATE_DATA") and self.place(session) == DESTINATION:
            self._take_over(member.channel)

    def hear(self, session: Session, member: Linked, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        """A message was judged by its own session; what is wrong with it because of the other."""
        place, channel = self.place(session), member.channel
        yield from self.course.hear(place, channel, sender, name, value, now)
        if place == SOURCE and (sender, name) == ("server", "MIGRATE"):
            # Who hears both servers may hear the destination first: then what was at the source comes too late for it.
            if not self.course.left[channel] & MigrateFlags.NEED_DATA_TRANSFER and channel not in self._heard:
                self._take_over(channel)
        elif place == DESTINATION and sender == "server" and name not in _OF_THE_LINK:
            self._heard.add(channel)
        if place == DESTINATION and member.is_main and (sender, name) == ("server", "INIT"):
            yield from self._same_number(session, member, value, now)

    @property
    def over(self) -> bool:
        """Whether the session goes on at the destination, or will not."""
        return self.course.ended or self.course.cancelled or _MAIN in self.course.arrived

    def _same_number(self, session: Session, member: Linked, value: Any, now: float) -> Iterator[Finding]:
        number = session.came_with
        if self.course.ended and value is not None and number is not None and value.session_id != number:
            text = "INIT behind MIGRATE_END with another session id"
            yield Finding(_NUMBER, "server", member.channel, text, str(number), str(value.session_id), now, machine=JOINED)

    def _take_over(self, channel: Channel) -> None:
        """A channel goes on at the destination as it was at the source; once."""
        source, destination = self.source, self.destination
        there, here = self._member(source, channel), self._member(destination, channel)
        left = channel in self.course.left and channel not in self._gone
        if source is None or destination is None or there is None or here is None or not left:
            return
        self._gone[channel] = there
        destination.take_over(here, source, there)

    @staticmethod
    def _member(session: Session | None, channel: Channel) -> Linked | None:
        """The open connection of a channel."""
        members = () if session is None else [item for item in session.open_members() if item.channel == channel]
        return members[-1] if members else None


def _is_linked_ahead(session: Session) -> bool:
    """Whether main is linked at a destination where the session has not arrived."""
    return session.situation == "destination" and any(item.is_main for item in session.open_members())


def _announced(member: Linked) -> str:
    common, channel = member.client.names(member.channel_type) if member.client is not None else ((), ())
    return " ".join((*common, *channel)) or "none"


def _without_migration(machines: Machines) -> Machines:
    return Machines([machine for machine in machines.values() if machine not in (ARRIVAL, MIGRATION)])


_ANYWHERE: Final = _without_migration(MACHINES)
"""What is judged of a session that is not migrated: one object, for it remembers what messages concern."""


class Migrations:
    """Every session that an observer sees.

    A server is whatever tells servers apart: an address, or a place.
    """

    def __init__(self, *, coverage: Mapping[str, Coverage] | None = None, machines: Machines = MACHINES) -> None:
        self.coverage = coverage
        self.machines = machines
        self._anywhere = _ANYWHERE if machines is MACHINES else _without_migration(machines)
        self.sessions: list[Session] = []
        self._at: dict[tuple[Hashable, int], Session] = {}
        self._latest: dict[int, Session] = {}
        self._going: dict[int, Migration] = {}
        self._come: dict[int, Migration] = {}
        self._server: dict[int, Hashable] = {}

    def session(self, server: Hashable, number: int, channel_type: int = -1) -> Session:
        """The session that a link message belongs to: what it names as connection id, and its type of channel.

        Main that names a session of another server is the destination of a migration.
        """
        found = self._at.get((server, number)) if number else None
        # A client that links a destination once more has left the links that it had there; their end may be seen later.
        again = found is not None and channel_type == ChannelType.MAIN and (found.over or _is_linked_ahead(found))
        if found is not None and not again:
            return found
        # Where main was not seen, nobody knows whether the session arrives here or began here, and what was announced.
        machines = self.machines if channel_type == ChannelType.MAIN else self._anywhere
        new = Session(destination=number != 0, id=number or None, coverage=self.coverage, machines=machines)
        self.sessions.append(new)
        self._server[id(new)] = server
        if number:
            source = self._where(number)
            if source is not None and channel_type == ChannelType.MAIN:
                self._join(source, new)
            self._at[server, number] = new
            self._latest.setdefault(number, new)
        return new

    def _where(self, number: int) -> Session | None:
        """Where a session is by now, that has gone from server to server."""
        found = self._latest.get(number)
        while found is not None:
            migration = self._going.get(id(found))
            if migration is None or migration.destination is None or not migration.destination.arrived:
                return found
            found = migration.destination
        return None

    def identify(self, server: Hashable, number: int, session: Session) -> None:
        """INIT has named the session."""
        self._at[server, number] = session
        self._latest[number] = session

    def migration(self, session: Session) -> Migration | None:
        """The migration that a session takes part in: the one that it goes away with, or else the one that it came with."""
        return self._going.get(id(session)) or self._come.get(id(session))

    def _join(self, source: Session, destination: Session) -> None:
        """A session is linked at another server: that is its destination, unless it has one that is not gone."""
        migration = self._going.get(id(source))
        if migration is None or (migration.destination is not None and migration.over):
            migration = self._going[id(source)] = Migration(source)
        migration.destination = destination
        migration.course.begin_at_destination()
        self._come[id(destination)] = migration

    def linked(self, session: Session, member: Linked, now: float) -> tuple[Finding, ...]:
        """A channel was linked: to be told behind :meth:`Session.link`."""
        self._linked_elsewhere(session, member)
        stray = self._stray(session, member, now) if member.is_main and session.came_with is not None else ()
        return (*stray, *[item for migration in self._of(session) for item in migration.linked(session, member, now)])

    def _stray(self, session: Session, member: Linked, now: float) -> Iterator[Finding]:
        """Main names a session of which nobody has heard, where another one was to come."""
        server = self._server[id(session)]
        if id(session) in self._come:
            return
        for migration in self._going.values():
            source = migration.source
            if source is not None and migration.destination is None and migration.course.awaits(server):
                text, found = "main at the destination with another connection id", str(session.came_with)
                yield Finding(_BROUGHT, "client", member.channel, text, str(source.id), found, now, machine=JOINED)

    def _linked_elsewhere(self, session: Session, member: Linked) -> None:
        """A channel at another port than main, with or without TLS, may be one of the destination."""
        if session.came_with is not None and self.migration(session) is None:
            source = self._where(session.came_with)
            going = self._going.get(id(source))
            if going is not None and going.destination is not None:
                going.course.link(DESTINATION, member.channel)

    def closed(self, session: Session, member: Linked) -> None:
        """A connection was closed: to be told behind :meth:`Session.closed`."""
        for migration in self._of(session):
            migration.closed(session, member)

    def before(self, session: Session, member: Linked, sender: str, name: str) -> None:
        """To be told before :meth:`Session.message`."""
        if name != "MIGRATE_DATA":
            return
        for migration in self._of(session):
            migration.before(session, member, sender, name)

    def message(self, session: Session, member: Linked, sender: str, name: str, value: Any, now: float) -> tuple[Finding, ...]:
        """To be told behind :meth:`Session.message`: what is wrong because of the other server."""
        if member.is_main and sender == "server" and name in _OFFERS:
            self._offered(session, name)
        if not self._going:
            return ()
        return tuple(
            [item for migration in self._of(session) for item in migration.hear(session, member, sender, name, value, now)]
        )

    def _offered(self, session: Session, name: str) -> None:
        """The source begins a migration; SWITCH_HOST may end one that has begun."""
        going = self._going.get(id(session))
        if going is None or going.over or (name != "MIGRATE_SWITCH_HOST" and going.course.offer is not None):
            self._going[id(session)] = Migration(session)

    def _of(self, session: Session) -> tuple[Migration, ...]:
        """The migration that a session came with, and the one that it goes away with."""
        found = (self._come.get(id(session)), self._going.get(id(session)))
        return tuple([item for item in found if item is not None])
