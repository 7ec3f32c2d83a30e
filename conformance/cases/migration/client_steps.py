"""What cases about migrations of a client have in common: a session at the source, and the way of it to the destination.

    move = migrating(server, SEAMLESS)    a session with all its channels, of a client that can do this
    move.begin()                          the source tells of the destination
    move.link_main()                      main at the destination; the suite serves all other links
    move.answered("MIGRATE_CONNECTED")    what the client says of that at the source
    move.ready()                          these three
    move.end()                            semi-seamless: MIGRATE_END at the source, and the client's at the destination
    move.begin_anew()                     ... and INIT there, and what is said first on all channels
    move.hand_over()                      seamless: MIGRATE, FLUSH_MARK and MIGRATE_DATA on all channels
    move.over()                           one or the other: the session is at the destination

A client that announces no migration of the kind is none that the cases bind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.cases.agent.steps import AgentEnd, greeted
from conformance.cases.migration.states import STATELESS, state
from conformance.channels import LISTED
from conformance.expectation import at_least
from conformance.outcome import Failure, NotApplicable
from conformance.server_wire import ServerWire
from conformance.talk import Talk
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main

__all__ = [
    "ANSWERS",
    "BOTH",
    "CONNECTED",
    "DATA",
    "KINDS",
    "LETTERS",
    "OF_MAIN",
    "SEAMLESS",
    "SEMI",
    "VERSION",
    "Move",
    "destination_info",
    "expect_nobody",
    "half_sent",
    "migrating",
    "need",
    "prepare",
    "session",
]

SEMI: Final = "semi-seamless"
SEAMLESS: Final = "seamless"
KINDS: Final = (SEMI, SEAMLESS)

BOTH: Final = (MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
"""What servers announce that can migrate."""

CONNECTED: Final = {SEMI: "MIGRATE_CONNECTED", SEAMLESS: "MIGRATE_CONNECTED_SEAMLESS"}
ANSWERS: Final = (*CONNECTED.values(), "MIGRATE_CONNECT_ERROR")
"""What a client says at the source when it has been told of a destination."""

DATA: Final = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER
"""Flags of MIGRATE on a channel with data."""

OF_MAIN: Final = (int(ChannelType.MAIN), 0)
VERSION: Final = 1
"""Of the data of today's servers."""

LETTERS: Final = "what was copied at the source " * 1000
"""A clipboard of many pieces."""

_FEW: Final = 4
"""Tokens of which not all are left when it is asked for."""

_NEEDED: Final = {SEMI: MainCapability.SEMI_SEAMLESS_MIGRATE, SEAMLESS: MainCapability.SEAMLESS_MIGRATE}
_BEGUN: Final = {SEMI: "SPICE-MIG-010/semi-seamless", SEAMLESS: "SPICE-MIG-010/seamless"}
_ANSWERED: Final = {SEMI: "SPICE-MIG-014/semi-seamless", SEAMLESS: "SPICE-MIG-014/seamless"}
_MARKED: Final = "SPICE-MIG-043/every-channel"
_OVER: Final = {SEMI: "SPICE-MIG-032/main", SEAMLESS: "SPICE-MIG-044/every-channel"}


def prepare(server: SuiteServer, kind: str) -> None:
    """The suite announces on main that it can migrate. Raises NotApplicable for a client that was seen not to."""
    server.migrates = BOTH
    if _NEEDED[kind] in server.target.unannounced:
        raise _not_announced(kind)


def need(server: SuiteServer, talk: Talk, kind: str) -> None:
    """Raises NotApplicable unless the client has announced this kind of migration on main."""
    if not talk.client.has(_NEEDED[kind]):
        server.target.unannounced.add(_NEEDED[kind])
        raise _not_announced(kind)


def _not_announced(kind: str) -> NotApplicable:
    return NotApplicable(f"the target announces no {_NEEDED[kind].name} on main")


def destination_info(server: SuiteServer, **other: Any) -> dict[str, Any]:
    """The fields of DstInfo, and of SWITCH_HOST, for the second server; ``other`` stand in place of the usual."""
    place = server.destination.address
    found = {"port": place.port, "sport": place.tls_port, "host_data": place.host.encode() + b"\0"}
    return {**found, "cert_subject_data": None, **other}


def session(server: SuiteServer, *wanted: tuple[int, int], listed: tuple[tuple[int, int], ...] = LISTED) -> Talk:
    """A session at a server that can migrate, with all channels that the client links of those listed; main.

    What is ``wanted`` is waited for. With TLS if the case needs a client that knows a TLS port.
    """
    server.migrates = BOTH
    with server.preparing("a session with all its channels"):
        talk = server.session(*wanted, listed=listed)
        server.link_others()
        server.alive(talk)
    return talk


def migrating(server: SuiteServer, kind: str, *wanted: tuple[int, int], listed: tuple[tuple[int, int], ...] = LISTED) -> Move:
    """Such a session, of a client that has announced this kind of migration. Raises NotApplicable for others."""
    prepare(server, kind)
    talk = session(server, *wanted, listed=listed)
    need(server, talk, kind)
    return Move(server, talk, kind)


def half_sent(server: SuiteServer, kind: str) -> tuple[Move, AgentEnd]:
    """A session whose client sends a clipboard that has more pieces than it has tokens; and the agent, which heard the first.

    It gives no tokens back. Raises NotApplicable where nothing can be copied.
    """
    prepare(server, kind)
    with server.preparing("a clipboard of which the last pieces wait for tokens"):
        end = greeted(server, tokens=_FEW)
        server.link_others()
        need(server, end.talk, kind)
        end.keeps_tokens = True
        server.act("copy", text=LETTERS)
        end.expect("ClipboardGrab")
        before = end.talk.count("AGENT_DATA")
        end.say(end.request())
        end.talk.expect_count("AGENT_DATA", at_least(1), after=before, settle=True)
        end.listen()
    return Move(server, end.talk, kind), end


def expect_nobody(server: SuiteServer, why: str) -> None:
    """Nobody comes to the destination, up to the end of a short quiet time. Raises Failure."""
    server.step("expect no connection at the destination")
    server.wait_quiet()
    if any(stream.place for stream in server.network.streams):
        raise Failure(f"no connection at the destination ({why})", "one came")


class Move:
    """A session, and the migration in which it is.

    ``server``, ``there``  the source and the destination
    ``source``, ``main``   main at the source; and at the destination, once it is linked
    """

    def __init__(self, server: SuiteServer, source: Talk, kind: str) -> None:
        self.server = server
        self.there = server.destination
        self.source = source
        self.kind = kind
        self._main: Talk | None = None

    @property
    def main(self) -> Talk:
        """Main at the destination."""
        assert self._main is not None
        return self._main

    # -- the source tells of the destination

    def begin(self, *, version: int = VERSION, **other: Any) -> None:
        """MIGRATE_BEGIN, or MIGRATE_BEGIN_SEAMLESS; ``other`` are fields of DstInfo."""
        self.server.relies_on(_BEGUN[self.kind])
        info = main.DstInfo(**destination_info(self.server, **other))
        self.source.send(main.MigrateBegin(info) if self.kind == SEMI else main.MigrateBeginSeamless(info, version))

    def asked(self) -> ServerWire:
        """The link message of main at the destination. Raises Failure."""
        self.server.step("expect a link of main at the destination")
        ignored = self.server.known_to_fail(_BEGUN[self.kind])
        wire = self.there.asked_for_main(self.server.network.quiet if ignored else None)
        if wire is None:
            raise Failure("a link of main at the destination", self._instead("none"))
        return wire

    def link_main(
        self, wire: ServerWire | None = None, *, known: bool = True, announces: Iterable[MainCapability] = BOTH
    ) -> None:
        """Main at the destination is linked; asked whether it knows the source's data, it answers. Raises Failure.

        ``wire``: its link message, if that is read already; ``announces``: what the destination announces of migrations there;
        ``known``: whether it knows the data.
        """
        self.there.migrates = tuple(announces)
        self._main = (wire or self.asked()).link(self.there.usual())
        if self.kind == SEAMLESS and MainCapability.SEAMLESS_MIGRATE in self.there.migrates:
            self.main.expect("MIGRATE_DST_DO_SEAMLESS")
            self.main.send(main.MigrateDstSeamlessAck() if known else main.MigrateDstSeamlessNack())

    def answered(self, wanted: str = "", *, why: str = "", within: float | None = None) -> None:
        """The client says this at the source of what it was told; what is right for the kind unless something is named."""
        wanted = wanted or CONNECTED[self.kind]
        self.server.relies_on(_ANSWERED[self.kind])
        found = self.source.expect_message(*ANSWERS, text=wanted, why=why, within=within).name
        if found != wanted:
            raise Failure(f"{wanted}{f' ({why})' if why else ''}", found)

    def ready(self) -> None:
        """The client is told of the destination, links it, and says so. Raises Failure."""
        self.begin()
        self.link_main()
        self.answered()

    def missing(self) -> list[str]:
        """The channels of the source that are not linked at the destination."""
        self.server.pump_all()
        here = {key: talk for key, talk in self.server.talks.items() if not talk.closed}
        return sorted([talk.name for key, talk in here.items() if key not in self.there.talks])

    def _instead(self, found: str) -> str:
        said = [name for name in ANSWERS if self.source.count(name)]
        return f"{found}; at the source it said {', '.join(said)}" if said else found

    # -- semi-seamless

    def end(self) -> None:
        """MIGRATE_END at the source; the client says it at the destination. Raises Failure."""
        self.source.send(main.MigrateEnd())
        self.main.expect("MIGRATE_END", why="the source has ended the migration")

    def let_go(self) -> None:
        """The source closes what is left of the session there when the client has left main, as libspice-server does.

        spice-gtk 0.42 goes on with a channel at the destination only when that at the source is closed.
        """
        self.server.run(lambda: self.source.closed, self.server.network.quiet)
        for talk in self.server.talking:
            talk.close()

    def begin_anew(self, **init: Any) -> None:
        """INIT at the destination, the list if it is asked for, and what is said first on the other channels."""
        there = self.there
        self.server.relies_on(_OVER[SEMI])
        self.main.send(there.init(**init))
        if self.main.wait_count("ATTACH_CHANNELS", within=self.server.network.quiet):
            there.name_channels(self.main, *[key for key in self.server.talks if key != OF_MAIN])
        there.begin_anew()
        there.alive(self.main, "the session begins anew at the destination")

    # -- seamless

    def say_migrate(self) -> dict[tuple[int, int], Talk]:
        """MIGRATE on all channels of the source, which are returned: on those with data, it asks for a mark and for these."""
        talks = {key: talk for key, talk in self.server.talks.items() if not talk.closed}
        for talk in talks.values():
            talk.send(common.Migrate(0 if talk.table in STATELESS else DATA))
        return talks

    def hand_over(self, bodies: dict[str, bytes] | None = None) -> None:
        """All channels leave the source, and their data come to the destination. ``bodies``: name of a type to its data."""
        for key, talk in self.say_migrate().items():
            if talk.table not in STATELESS:
                self.carry(key, (bodies or {}).get(talk.table, state(talk.table)))
        self.there.ahead = False

    def carry(self, key: tuple[int, int], body: bytes) -> None:
        """The data of one channel, on which MIGRATE was said: from the source to the destination. Raises Failure."""
        talk = self.server.talks[key]
        self.server.relies_on(_MARKED)
        talk.expect("MIGRATE_FLUSH_MARK", why="NEED_FLUSH asks for it")
        talk.send(common.MigrateData(body), text=f"MIGRATE_DATA, {len(body)} bytes")
        found = self.there.talks[key].expect("MIGRATE_DATA", why=f"as the source has sent it on {talk.name}").data
        if found != body:
            first = next((at for at, (one, other) in enumerate(zip(found, body, strict=False)) if one != other), None)
            where = "" if first is None else f", of which the first that differs is number {first}"
            raise Failure(f"the {len(body)} bytes of MIGRATE_DATA of {talk.name}", f"{len(found)} bytes{where}")

    # -- either

    def over(self, **init: Any) -> None:
        """The migration is ended: the session is at the destination, and goes on. Raises Failure."""
        self.server.relies_on(_OVER[self.kind])
        if self.kind == SEMI:
            self.end()
            self.let_go()
            self.begin_anew(**init)
        else:
            self.hand_over()
            self.there.alive(self.main, "the session is at the destination")

    def cancel(self) -> None:
        """MIGRATE_CANCEL, and the client drops what it has linked at the destination. Raises Failure."""
        self.source.send(main.MigrateCancel())
        self.expect_dropped()

    def expect_dropped(self) -> None:
        """All connections to the destination are closed. Raises Failure."""
        self._expect_closed(1, "the destination")

    def expect_left(self) -> None:
        """All connections to the source are closed. Raises Failure."""
        self._expect_closed(0, "the source")

    def _expect_closed(self, place: int, name: str) -> None:
        self.server.step(f"expect all connections to {name} to be closed")
        streams = [stream for stream in self.server.network.streams if stream.place == place]
        if not self.server.run(lambda: not any(stream.open for stream in streams)):
            opened = [stream.line.channel or "one without a link message" for stream in streams if stream.open]
            raise Failure(f"all connections to {name} are closed", f"open: {', '.join(opened)}")
