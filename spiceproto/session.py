"""One session: the channels that belong together, what they share, and whether everybody keeps the rules.

    LinkStage   one link stage, held against its table
    Session     the channels of a session: announced, linked, closed; session id, mouse mode, capabilities
    Member      one of its channels
    Finding     a sentence of the specification that was broken, or kept in a way that is only tolerated

A session does not care whose view it is. An observer tells it everything that both sides sent. An endpoint tells it
what it receives, and what it is about to send, or asks first (:meth:`Session.objections`). Nothing here keeps anybody
from sending anything: peers have to be tried with what nobody should send.

Messages come as their names and values, times from the caller's clock in seconds. A session that began before anybody
looked is judged only by what does not depend on its past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal

import msgspec

from spiceproto import capabilities as caps
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.base import WireEnum
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.errors import LocalError, RemoteError
from spiceproto.link import Item, Problem, Record
from spiceproto.machine import CLOSE, Coverage, Machine, Run, Sender, Verdict
from spiceproto.rules import framing, link, main, mouse
from spiceproto.size_limits import CHANNELS, named_limit

__all__ = ["REQUIREMENTS", "Finding", "LinkStage", "Member", "Role", "Session"]

Role = Literal["client", "server", "observer"]

_AFTER_MAIN: Final = 10.0
"""Seconds after the end of main in which what was under way on other channels may still come."""

REQUIREMENTS: Final = frozenset({
    "SPICE-FRAME-005", "SPICE-FRAME-007", "SPICE-FRAME-012", "SPICE-LINK-030", "SPICE-LINK-032", "SPICE-MAIN-015",
    "SPICE-MAIN-017", "SPICE-MAIN-019",
})  # fmt: skip
"""Sentences that a session judges itself, besides those of the tables."""

_LINK_MESSAGE_SIZE: Final = 18
_LINK_REPLY_SIZE: Final = 178


class Finding(msgspec.Struct, frozen=True):
    """What a sentence of the specification has to say to something that happened.

    * ``sender``: who did it
    * ``channel``: type and id
    * ``tolerated``: nobody minds, but it is not how it should be done
    """

    requirement: str
    sender: str
    channel: tuple[int, int]
    text: str
    expected: str = ""
    actual: str = ""
    now: float = 0.0
    tolerated: bool = False

    def __str__(self) -> str:
        kind, number = self.channel
        name = kind.name.lower() if isinstance(kind, ChannelType) else f"channel-{kind}"
        text = f"{self.requirement}: {self.sender} on {name}:{number}: {self.text}"
        if self.expected:
            text += f"; expected {self.expected}"
        return f"{text}; found {self.actual}" if self.actual else text


def _findings(verdict: Verdict, sender: str, channel: tuple[int, int], now: float) -> Iterator[Finding]:
    for breach in verdict.breaches:
        yield Finding(breach.requirement, breach.sender, channel, breach.text, breach.expected, breach.actual, now)
    if verdict.tolerated and verdict.legal and verdict.rule is not None:
        text = f"{verdict.letter} in state {verdict.before}"
        yield Finding(verdict.rule.requirement, sender, channel, text, now=now, tolerated=True)


class LinkStage:
    """Takes the items of a :class:`spiceproto.link.LinkObserver`; :meth:`feed` says what is wrong with each."""

    __slots__ = ("_coverage", "channel", "run")

    def __init__(self, *, now: float = 0.0, coverage: Mapping[str, Coverage] | None = None) -> None:
        self.channel: tuple[int, int] = (0, 0)
        self.run = Run(link.LINK, now=now)
        self._coverage = coverage

    def feed(self, item: Item, now: float = 0.0) -> tuple[Finding, ...]:
        """One item. Problems of the severity "note" are no findings."""
        if isinstance(item, Problem):
            if item.severity == "note" or item.code in link.JUDGED:
                return ()
            requirement, tolerated = link.OBSERVED[item.code], item.code in link.TOLERATED
            return (
                Finding(requirement, item.sender, self.channel, item.rule, item.expected, item.actual, now, tolerated),
            )
        if not isinstance(item, Record):
            return ()
        if item.kind == "link-message":
            self.channel = (item.value.channel_type, item.value.channel_id)
            self.run.client = _announced(item.value, _LINK_MESSAGE_SIZE)
        elif item.kind == "link-reply":
            self.run.server = _announced(item.value, _LINK_REPLY_SIZE)
        return self._feed(item.sender, item.kind, item.value, now)

    def closed(self, sender: str, now: float = 0.0) -> tuple[Finding, ...]:
        """``sender`` closed the connection."""
        return self._feed(sender, CLOSE, None, now)

    def _feed(self, sender: str, kind: str, value: Any, now: float) -> tuple[Finding, ...]:
        verdict = self.run.feed(sender, kind, value, now)
        if self._coverage is not None:
            self._coverage[link.LINK.name].note(verdict)
        return tuple(_findings(verdict, sender, self.channel, now))


def _announced(value: Any, fixed: int) -> Capabilities:
    try:
        return caps.read(
            bytes(fixed) + value.caps, fixed, value.num_common_caps, value.num_channel_caps, value.caps_offset
        )
    except RemoteError:
        return NONE


@cache
def _needs(table: str, sender: Sender) -> Mapping[str, tuple[tuple[WireEnum, bool], ...]]:
    """Name of a message to what its receiver must, or must not, have announced; but for what a machine judges."""
    # The schemas bring construct with them, which programs that only talk do not need otherwise.
    from spiceproto.schema import rows

    judged = {rule.message for rule in main.MAIN.rules if rule.when is not None} if table == "main" else set()
    found: dict[str, tuple[tuple[WireEnum, bool], ...]] = {}
    for row in rows(table, sender).values():
        needs = [(item, wanted) for item, wanted in ((row.capability, True), (row.absent, False)) if item is not None]
        if needs and row.name not in judged:
            found[row.name] = tuple(needs)
    return found


class Member:
    """One channel of a session.

    ``table``           "main", "display", ...; "" for a type without messages
    ``client, server``  what the ends announced, None if it was not seen
    """

    __slots__ = ("channel_id", "channel_type", "client", "open", "runs", "server", "table")

    def __init__(
        self,
        channel_type: int,
        channel_id: int,
        client: Capabilities | None,
        server: Capabilities | None,
        runs: dict[str, Run],
    ) -> None:
        self.channel_type = channel_type
        self.channel_id = channel_id
        self.client = client
        self.server = server
        self.table = _table(channel_type)
        self.runs = runs
        self.open = True

    @property
    def channel(self) -> tuple[int, int]:
        """Type and id."""
        return (self.channel_type, self.channel_id)

    @property
    def is_main(self) -> bool:
        """Whether everything else ends with it."""
        return self.channel_type == ChannelType.MAIN

    def __repr__(self) -> str:
        return f"<member {self.table or self.channel_type}:{self.channel_id}>"


_TABLES: Final = {kind.value: kind.name.lower() for kind in ChannelType if kind.name.lower() in CHANNELS}


def _table(channel_type: int) -> str:
    return _TABLES.get(channel_type, "")


class Session:
    """What the channels of one session share.

    ``role``         whose view it is
    ``destination``  it came, or is about to come, from another server: main begins without INIT
    ``whole``        False if it began before anybody looked

    ``id``           what INIT said, None before
    ``announced``    channels that lists have named, None before the first list
    ``supported_modes``, ``mouse_mode``  as the server last said, None before
    """

    __slots__ = ("_coverage", "_findings", "_main_closed", "_mouse", "announced", "destination", "id", "members",
                 "mouse_mode", "role", "supported_modes", "whole")  # fmt: skip

    def __init__(
        self,
        role: Role = "observer",
        *,
        id: int | None = None,
        destination: bool = False,
        whole: bool = True,
        coverage: Mapping[str, Coverage] | None = None,
    ) -> None:
        self.role = role
        self.id = id
        self.destination = destination
        self.whole = whole
        self.members: list[Member] = []
        self.announced: set[tuple[int, int]] | None = None
        self.supported_modes: MouseMode | int | None = None
        self.mouse_mode: MouseMode | int | None = None
        self._coverage = coverage
        self._findings: list[Finding] = []
        self._main_closed: float | None = None
        self._mouse = Run(mouse.MOUSE, state="" if whole and not destination else "joined")

    def take_findings(self) -> tuple[Finding, ...]:
        """What was found since this was last asked."""
        found = tuple(self._findings)
        self._findings.clear()
        return found

    @property
    def over(self) -> bool:
        """Whether main is closed, and with it the session."""
        return self._main_closed is not None

    def open_members(self, channel_type: int | None = None) -> list[Member]:
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
    ) -> Member:
        """A channel was linked. What is wrong with that is among the findings."""
        runs = {machine.name: self._start(machine, client, server, now) for machine in (framing.COMMON, framing.PING)}
        joined = "" if self.whole else "joined"
        runs["acknowledgement"] = self._start(framing.ACKNOWLEDGEMENT, client, server, now, joined)
        if channel_type == ChannelType.MAIN:
            if self.whole:
                runs["main"] = self._start(main.MAIN, client, server, now, "destination" if self.destination else "")
        elif channel_type == ChannelType.INPUTS:
            # The rest of four movements migrates with the channel.
            runs["motion"] = self._start(mouse.MOTION, client, server, now, whole=not self.destination)
        member = Member(channel_type, channel_id, client, server, runs)
        self._judge_link(member, connection_id, now)
        self.members.append(member)
        return member

    def _start(
        self,
        machine: Machine,
        client: Capabilities | None,
        server: Capabilities | None,
        now: float,
        state: str = "",
        whole: bool = True,
    ) -> Run:
        return Run(machine, state=state, client=client, server=server, now=now, whole=whole and self.whole)

    def _judge_link(self, member: Member, connection_id: int, now: float) -> None:
        if member.is_main:
            if connection_id and not self.destination:
                self._find(
                    "SPICE-LINK-032", "client", member, "main with a connection id", "0", str(connection_id), now
                )
            return
        if self.id is not None and connection_id != self.id:
            self._find(
                "SPICE-LINK-030", "client", member, "another connection id", str(self.id), str(connection_id), now
            )
        if any(item.open and item.channel == member.channel for item in self.members):
            self._find("SPICE-MAIN-015", "client", member, "a channel is linked twice", now=now)
        if self.whole and not self.destination and member.channel not in (self.announced or ()):
            self._find("SPICE-MAIN-017", "client", member, "a channel that no list has named", now=now)

    def closed(self, member: Member, now: float = 0.0) -> None:
        """A channel was closed, by whomever."""
        member.open = False
        if member.is_main and self._main_closed is None and not self.open_members(ChannelType.MAIN):
            self._main_closed = now

    # -- messages

    def message(
        self,
        member: Member,
        sender: str,
        name: str,
        value: Any = None,
        now: float = 0.0,
        *,
        size: int | None = None,
        inside: bool = False,
    ) -> None:
        """``sender`` sent a message; ``size`` is that of its body, ``inside`` says that another message holds it."""
        for finding in self._judge(member, sender, name, value, now, size, inside):
            self._findings.append(finding)
        self._apply(member, sender, name, value)

    def unknown(self, member: Member, sender: str, type: int, now: float = 0.0) -> None:
        """``sender`` sent a message of a type that means nothing on this channel."""
        if sender == "client" and member.table:
            self._find("SPICE-FRAME-007", sender, member, "an unknown message", "", f"type {type}", now)
        self.message(member, sender, f"type {type}", None, now)

    def objections(
        self,
        member: Member,
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
        runs, shared = member.runs, self._mouse
        member.runs, self._mouse = {key: run.copy() for key, run in runs.items()}, shared.copy()
        coverage, self._coverage = self._coverage, None
        try:
            return tuple(self._judge(member, self.role, name, value, now, size, inside))
        finally:
            member.runs, self._mouse, self._coverage = runs, shared, coverage

    def _judge(
        self, member: Member, sender: str, name: str, value: Any, now: float, size: int | None, inside: bool
    ) -> Iterator[Finding]:
        for key, run in member.runs.items():
            yield from self._feed(key, run, sender, name, value, now, member, inside)
        if member.table in ("main", "inputs"):
            yield from self._feed("mouse", self._mouse, sender, f"{member.table}.{name}", value, now, member, inside)
        if member.table:
            yield from self._judge_need(member, sender, name, now)
        if size is not None and member.table:
            limit = named_limit(member.table, sender, name)
            if limit is not None and size > limit.size:
                expected, actual = f"at most {limit.size} bytes", f"{size} bytes"
                yield Finding("SPICE-FRAME-012", sender, member.channel, f"{name} is too large", expected, actual, now)
        if self._main_closed is not None and now > self._main_closed + _AFTER_MAIN:
            self._main_closed = float("inf")  # once is enough
            yield Finding("SPICE-MAIN-019", sender, member.channel, f"{name} long after the end of main", now=now)

    def _judge_need(self, member: Member, sender: str, name: str, now: float) -> Iterator[Finding]:
        receiver = member.client if sender == "server" else member.server
        need = _needs(member.table, sender).get(name)
        if receiver is None or need is None:
            return
        for capability, wanted in need:
            if receiver.has(capability) != wanted:
                expected = f"{capability.name} {'announced' if wanted else 'not announced'} by the receiver"
                yield Finding("SPICE-FRAME-005", sender, member.channel, name, expected, "", now)

    def _feed(
        self, key: str, run: Run, sender: str, name: str, value: Any, now: float, member: Member, inside: bool
    ) -> Iterator[Finding]:
        verdict = run.feed(sender, name, value, now, inside=inside)
        if self._coverage is not None:
            self._coverage[key].note(verdict)
        return _findings(verdict, sender, member.channel, now)

    def _apply(self, member: Member, sender: str, name: str, value: Any) -> None:
        if not member.is_main or sender != "server" or value is None:
            return
        if name == "INIT":
            self.id = value.session_id
            self.supported_modes, self.mouse_mode = value.supported_mouse_modes, value.current_mouse_mode
        elif name == "MOUSE_MODE":
            self.supported_modes, self.mouse_mode = value.supported_modes, value.current_mode
        elif name == "CHANNELS_LIST":
            self.announced = (self.announced or set()) | {(item.type, item.id) for item in value.channels}

    def _find(
        self,
        requirement: str,
        sender: str,
        member: Member,
        text: str,
        expected: str = "",
        actual: str = "",
        now: float = 0.0,
    ) -> None:
        self._findings.append(Finding(requirement, sender, member.channel, text, expected, actual, now))
