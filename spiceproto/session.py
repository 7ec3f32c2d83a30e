"""One session: the channels that belong together, what they share, and whether everybody keeps the rules.

    Session     the channels of a session: announced, linked, closed; session id, mouse mode, capabilities
    Linked      one of its channels
    Finding     a sentence of the specification that was broken, or kept in a way that is only tolerated

A session does not care whose view it is. An observer tells it everything that both sides sent. An endpoint tells it
what it receives, and what it is about to send, or asks first (:meth:`Session.objections`). Nothing here keeps anybody
from sending anything: peers have to be tried with what nobody should send.

Messages come as their names and values, times from the caller's clock in seconds. A session that began before anybody
looked is judged only by what does not depend on its past; what was missed of one in the middle (:meth:`Session.missed`)
makes it such a session from there on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Final, Literal

from spiceproto import contents, descriptors, lip_sync, shares, video
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.comparison import Carried
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.finding import Finding
from spiceproto.link_stage import findings_of
from spiceproto.linked import Linked, table_of
from spiceproto.machine import CLOSE, LINK, Coverage, Held, Machine, Machines, Scope, Situation, begin
from spiceproto.rules import MACHINES

__all__ = ["JOINED", "Finding", "Linked", "Role", "Session"]

Role = Literal["client", "server", "observer"]

_AFTER_MAIN: Final = 10.0
"""Seconds after the end of main in which what was under way on other channels may still come."""

JOINED: Final = "session"
"""What findings name in place of a machine when no machine compares the connections."""

_LIST: Final = "CHANNELS_LIST"
_END: Final = "MIGRATE_END"
_DEVICES: Final = ("usbredir", "smartcard")
"""Tables of channels whose bytes a device of the guest reads and writes, which goes where the guest goes."""

_MAIN, _AGENT, _DISPLAY = "main", "agent", "display"
"""Tables of channels: the second is that of the messages inside of AGENT_DATA."""


class Session:
    """What the channels of one session share.

    * ``role``: whose view it is
    * ``destination``: it came, or is about to come, from another server: main begins without INIT
    * ``came_with``: the session id that the client brought there, None where it brought none
    * ``arrived``: at a destination, whether the migration is over
    * ``whole``: False if it began before anybody looked
    * ``machines``: the tables that it is held against
    * ``members``: every channel that was linked, in that order
    * ``id``: what INIT said, None before
    * ``supported_modes``, ``mouse_mode``: as the server last said, None before
    * ``shares``: what its display channels share
    * ``clock``: its multimedia clock
    * ``lip_sync``: what its main and playback channels say of that clock
    """

    __slots__ = (
        "_coverage",
        "_findings",
        "_main_closed",
        "_shared",
        "arrived",
        "came_with",
        "clock",
        "destination",
        "id",
        "lip_sync",
        "machines",
        "members",
        "mouse_mode",
        "role",
        "shares",
        "supported_modes",
        "whole",
    )

    def __init__(
        self,
        role: Role = "observer",
        *,
        id: int | None = None,
        destination: bool = False,
        whole: bool = True,
        coverage: Mapping[str, Coverage] | None = None,
        machines: Machines = MACHINES,
    ) -> None:
        self.role = role
        self.id = id
        self.destination = destination
        self.came_with = id if destination else None
        self.arrived = False
        self.whole = whole
        self.machines = machines
        self.members: list[Linked] = []
        self.supported_modes: MouseMode | int | None = None
        self.mouse_mode: MouseMode | int | None = None
        self._coverage = coverage
        self._findings: list[Finding] = []
        self._main_closed: float | None = None
        self.shares = shares.Shares()
        self.clock = video.Clock()
        self.lip_sync = lip_sync.LipSync()
        self._shared = self._begin("session")

    @property
    def situation(self) -> Situation:
        """How it is met."""
        if not self.whole:
            return "midway"
        return "destination" if self.destination and not self.arrived else "whole"

    def _begin(
        self,
        scope: Scope,
        channel: str = "",
        client: Capabilities | None = None,
        server: Capabilities | None = None,
        now: float = 0.0,
    ) -> dict[str, Held]:
        begun = {
            machine.name: begin(machine, self.situation, client=client, server=server, now=now)
            for machine in self.machines.covering(scope, channel)
        }
        return {name: held for name, held in begun.items() if held is not None}

    def take_findings(self) -> tuple[Finding, ...]:
        """What was found since this was last asked."""
        found = tuple(self._findings)
        self._findings.clear()
        return found

    @property
    def over(self) -> bool:
        """Whether main is closed, and with it the session."""
        return self._main_closed is not None

    def open_members(self, channel_type: int | None = None) -> list[Linked]:
        """Channels that are not closed; of one type, or all."""
        return [item for item in self.members if item.open and channel_type in (None, item.channel_type)]

    # -- channels

    def link(
        self,
        channel_type: int,
        channel_id: int,
        connection_id: int,
        client: Capabilities | None = None,
        server: Capabilities | None = None,
        now: float = 0.0,
    ) -> Linked:
        """A channel was linked. What is wrong with that is among the findings."""
        held = self._begin("connection", table_of(channel_type), client, server, now)
        if table_of(channel_type) == _MAIN:
            held |= self._begin("connection", _AGENT, client, server, now)
        member = Linked(
            channel_type,
            channel_id,
            client,
            server,
            held | self._shared,
            self.machines,
            self.clock,
            midway=self.situation != "whole",
        )
        if member.is_main:
            if connection_id and not self.destination:
                self._find("SPICE-LINK-032", "client", member, "main with a connection id", "0", str(connection_id), now)
        elif self.id is not None and connection_id != self.id:
            self._find("SPICE-LINK-030", "client", member, "another connection id", str(self.id), str(connection_id), now)
        self.lip_sync.forget(member.table, member.channel)
        self._tell(member, LINK, now)
        self.members.append(member)
        return member

    def missed(self, member: Linked, sender: str, now: float = 0.0) -> tuple[Machine, ...]:
        """Nobody saw some of what ``sender`` sent on a channel: what depends on it is judged no more.

        Returns the machines that know their past no more. They begin anew, as for somebody who joins midway: those of the
        channel, and those of the session that read what this end says there.
        """
        forgotten: list[Machine] = []
        for comparison in member.compared:
            comparison.forget(sender)
        if sender == "server":
            self.shares.forget(member.channel)
            self.clock.forget(member.table)
            self.lip_sync.forget(member.table, member.channel)
        for name in list(member.held):
            machine = self.machines[name]
            if machine.scope == "session" and not machine.listens(sender, member.table):
                continue
            forgotten.append(machine)
            begun = begin(machine, "midway", client=member.client, server=member.server, now=now)
            holders = [member.held] if machine.scope == "connection" else [self._shared, *[item.held for item in self.members]]
            for held in holders:
                held.pop(name, None)
                if begun is not None:
                    held[name] = begun
        return tuple(forgotten)

    def closed(self, member: Linked, now: float = 0.0, *, seen: bool = True) -> None:
        """A channel was closed, by whomever; unless ``seen``, that is only supposed."""
        member.open = False
        if not any(item.channel == member.channel for item in self.open_members()):
            self._tell(member, CLOSE, now)
            if not member.gone:
                self.shares.closed(member.channel)
        if seen and member.is_main and self._main_closed is None and not self.open_members(ChannelType.MAIN):
            self._main_closed = now

    # -- at the destination of a migration

    def take_over(self, member: Linked, source: Session, left: Linked) -> None:
        """``member`` goes on where ``left``, the same channel of the session at the source, has stopped.

        What the channels of a session share is one thing at both servers from the first channel on.
        """
        self.clock, self.shares, self.lip_sync = source.clock, source.shares, source.lip_sync
        for name, held in source._shared.items():
            if self.machines[name].carried:
                self._shared[name] = held
                for item in self.members:
                    item.held[name] = held
        for name, machine in self.machines.items():
            if machine.scope == "connection" and machine.carried:
                member.held.pop(name, None)
                if name in left.held:
                    member.held[name] = left.held[name].copy()
        member.compared, member.samples = left.compared, left.samples
        left.compared, left.samples, left.gone = (), None, True
        if member.is_main:
            self.supported_modes, self.mouse_mode = source.supported_modes, source.mouse_mode
            self.arrived = True

    def _begin_here(self, now: float) -> None:
        """The client has said MIGRATE_END: nothing goes on of what was at the source, and nothing has come before.

        Tables that know of that message find their way themselves, and so do those that begin alike wherever they begin. What a
        device of the guest has said is not known: it has come with the guest.
        """
        self.arrived = True
        anew = [
            machine
            for machine in self.machines.values()
            if machine.begins["whole"] != machine.begins["destination"]
            and not machine.names("client", _END)
            and not any(map(machine.channels.__contains__, _DEVICES))
        ]
        for machine in anew:
            if machine.scope == "session":
                self._replace(machine, (self._shared, *[item.held for item in self.members]), begin(machine, now=now))
            for item in self.members if machine.scope == "connection" else ():
                if machine.covers(item.table) or (item.is_main and machine.covers(_AGENT)):
                    self._replace(machine, (item.held,), begin(machine, client=item.client, server=item.server, now=now))
        known = len(self._findings)
        for item in self.open_members():
            item.compare_anew(self.clock, midway=item.table in _DEVICES)
            self._tell(item, LINK, now)  # it was linked ahead
        del self._findings[known:]

    @staticmethod
    def _replace(machine: Machine, places: Iterable[dict[str, Held]], begun: Held | None) -> None:
        for held in places:
            held.pop(machine.name, None)
            if begun is not None:
                held[machine.name] = begun

    def _tell(self, member: Linked, event: str, now: float) -> None:
        """The machines hear what is no message."""
        if not member.is_main:
            value = {"type": member.channel_type, "id": member.channel_id}
            self._findings += self._hold(member, "client", event, value, now, inside=False)

    # -- messages

    def reads_fields(self, member: Linked, sender: str, name: str) -> bool:
        """Whether it matters what a message says; the value of another one may be left out."""
        if name == _LIST and member.is_main:
            return True
        if name == "AGENT_DATA" and member.is_main:
            return True
        return (member.table, sender, name) in _APPLIED or self.machines.reads_fields(member.table, sender, name)

    def message(
        self,
        member: Linked,
        sender: str,
        name: str,
        value: Any = None,
        now: float = 0.0,
        *,
        size: int | None = None,
        tail: int = 0,
        inside: bool = False,
    ) -> None:
        """``sender`` sent a message; ``size`` is that of its body, ``inside`` says that another message holds it.

        ``tail`` bytes of the body are behind the last field.
        """
        self.clock.hear(member.table, sender, name, value, now)
        self._findings += self._judge(member, sender, name, value, now, size, inside, tail)
        apply = _APPLIED.get((member.table, sender, name))
        if apply is not None and value is not None:
            apply(self, value)
        if name == _LIST and member.is_main and value is not None:
            self._named_once(member, value, now)
        if name == _END and sender == "client" and member.is_main and self.situation == "destination":
            self._begin_here(now)

    def _named_once(self, member: Linked, value: Any, now: float) -> None:
        entries = Counter([(int(entry.type), entry.id) for entry in value.channels])
        twice = [f"{channel_name(kind)}:{number}" for (kind, number), times in entries.items() if times > 1]
        if twice:
            text = f"{_LIST} names channels more than once"
            self._find("SPICE-MAIN-027", "server", member, text, "each channel once", ", ".join(twice), now)

    def unreadable(
        self,
        member: Linked,
        sender: str,
        name: str,
        error: RemoteError,
        now: float = 0.0,
        *,
        size: int | None = None,
        inside: bool = False,
    ) -> None:
        """``sender`` sent a message whose body nobody can read."""
        self.message(member, sender, name, None, now, size=size, inside=inside)
        if member.table:
            self._findings.append(member.contents.unreadable(sender, name, error, now))

    def unlisted(self, member: Linked, sender: str, name: str, error: RemoteError, now: float = 0.0) -> None:
        """The messages inside one that ``sender`` sent cannot be found; that one itself is told apart from this."""
        if member.table:
            self._findings.append(member.contents.unreadable(sender, name, error, now, sentence=contents.LIST))

    def announced(self, member: Linked, sender: str, type: int, size: int, now: float = 0.0) -> None:
        """``sender`` sent a header, and its body has not come: only what it announces can be judged."""
        if member.table:
            self._findings += member.contents.announced(sender, type, size, now)

    def cut(self, member: Linked, sender: str, have: int, wanted: int, now: float = 0.0) -> None:
        """``sender`` closed the connection inside a message.

        What ends with the session is nobody's mistake, and without main nobody knows when that was.
        """
        if member.table and not self.over and any(item.is_main for item in self.members):
            self._findings.append(member.contents.cut(sender, have, wanted, now))

    def unknown(self, member: Linked, sender: str, type: int, now: float = 0.0) -> None:
        """``sender`` sent a message of a type that means nothing on this channel."""
        if sender == "client" and member.table:
            text = "an unknown message"
            self._findings.append(Finding("SPICE-FRAME-007", sender, member.channel, text, "", f"type {type}", now))
        self.message(member, sender, f"type {type}", None, now)

    def objections(
        self,
        member: Linked,
        name: str,
        value: Any = None,
        now: float = 0.0,
        *,
        size: int | None = None,
        inside: bool = False,
    ) -> tuple[Finding, ...]:
        """What would be wrong with sending a message now. Raises LocalError for an observer."""
        if self.role == "observer":
            raise LocalError("an observer sends nothing")
        with self._unchanged(member):
            self.clock.hear(member.table, self.role, name, value, now)
            return tuple(self._judge(member, self.role, name, value, now, size, inside))

    @contextmanager
    def _unchanged(self, member: Linked) -> Iterator[None]:
        """What a message on a channel changes is changed in copies, which are gone afterwards."""
        closed, coverage, held = self._main_closed, self._coverage, [(item, item.held) for item in self.members]
        shares, kept = self.shares, (member.compared, member.samples, self.clock, self.lip_sync)
        for item in self.members:
            item.held = dict(item.held)
        member.held = {key: item.copy() for key, item in member.held.items()}
        self._coverage = None
        # All at once: what knows another of them knows its copy.
        member.compared, member.samples, self.clock, self.lip_sync = deepcopy(kept)
        if member.table == _DISPLAY:  # on other channels nobody looks at them, and they can be large
            self.shares = deepcopy(shares)
        try:
            yield
        finally:
            member.compared, member.samples, self.clock, self.lip_sync = kept
            self.shares = shares
            self._main_closed, self._coverage = closed, coverage
            for item, before in held:
                item.held = before

    def _judge(
        self, member: Linked, sender: str, name: str, value: Any, now: float, size: int | None, inside: bool, tail: int = 0
    ) -> Iterator[Finding]:
        yield from self._hold(member, sender, name, value, now, inside=inside)
        if member.table:
            yield from member.contents.judge(sender, name, value, size, tail, now)
        for comparison in member.compared:
            for item in comparison.judge(sender, name, value, now):
                if isinstance(item, Finding):
                    yield item
                elif isinstance(item, Carried):
                    yield from self._hold(member, sender, item.name, item.value, now, inside=item.inside, table=item.table)
                else:
                    self._begin_anew(member, item.table, now)
        if member.table == _DISPLAY:
            yield from self._judge_pictures(member, sender, name, value, now)
        yield from self.lip_sync.judge(member.table, member.channel, sender, name, value, now, member.samples)
        if self._main_closed is not None and now > self._main_closed + _AFTER_MAIN:
            self._main_closed = float("inf")  # once is enough
            text = f"{name} long after the end of main"
            yield Finding("SPICE-MAIN-019", sender, member.channel, text, now=now, machine=JOINED)

    def _begin_anew(self, member: Linked, table: str, now: float) -> None:
        """What went before is known, however the session is met. What the channel itself has under way goes on."""
        for machine in self.machines.covering("connection", table):
            if machine.covers(member.table):
                continue
            begun = begin(machine, client=member.client, server=member.server, now=now)
            if begun is not None:
                member.held[machine.name] = begun

    def _judge_pictures(self, member: Linked, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        if sender == "server" and value is not None:
            yield from descriptors.agree(member.channel, name, value, now)
        yield from self.shares.judge(member.channel, sender, name, value, now)
        if (sender, name) == ("client", "INIT"):
            for item in self.members:
                # Channels overtake each other: what one finds in a cache that it shares, another may have brought.
                if item.channel in self.shares.shared(member.channel):
                    item.held.pop("images", None)

    def _hold(
        self, member: Linked, sender: str, name: str, value: Any, now: float, *, inside: bool, table: str = ""
    ) -> Iterator[Finding]:
        """Every machine that a message concerns hears it; ``table`` is that of a message inside of one of the channel."""
        coverage = self._coverage
        for machine, known in self.machines.concerned(table or member.table, sender, name):
            held = member.held.get(machine)
            if held is None:
                continue
            for verdict in held.judge(sender, known, value, now, inside=inside):
                if coverage is not None:
                    coverage[machine].note(verdict)
                if verdict.breaches or verdict.tolerated:
                    yield from findings_of(verdict, machine, sender, member.channel, now)

    def _find(
        self,
        requirement: str,
        sender: str,
        member: Linked,
        text: str,
        expected: str = "",
        actual: str = "",
        now: float = 0.0,
    ) -> None:
        self._findings.append(Finding(requirement, sender, member.channel, text, expected, actual, now, machine=JOINED))


def _take_init(session: Session, value: Any) -> None:
    session.id = value.session_id
    session.supported_modes, session.mouse_mode = value.supported_mouse_modes, value.current_mouse_mode


def _take_mode(session: Session, value: Any) -> None:
    session.supported_modes, session.mouse_mode = value.supported_modes, value.current_mode


_APPLIED: Final[Mapping[tuple[str, str, str], Callable[[Session, Any], None]]] = {
    ("main", "server", "INIT"): _take_init,
    ("main", "server", "MOUSE_MODE"): _take_mode,
}
"""Messages that say something about the session itself."""
