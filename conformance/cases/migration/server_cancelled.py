"""Servers: a migration that is called off, and messages that nobody asked for (19.7)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.migration.journey import (
    CANCELS,
    SEAMLESS,
    SEMI_SEAMLESS,
    TAKES_ALONG,
    USUAL,
    Journey,
    Kind,
    set_out,
)
from conformance.client_wire import Ask
from conformance.outcome import Failure
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main

_ENDS_SOME: Final = ("expendable",)
"""libspice-server 0.15.1 does not survive all of it, and with it ends the guest."""
_CANCELLED: Final = ("SPICE-MIG-029/announced",)
_FINISHES: Final = (*CANCELS, "control:migrate-finish")
_WITH_STATE: Final = (*CANCELS, "seamless")


def _so_far(journey: Journey, how: str) -> None:
    """A migration up to where it is called off. Raises Blocked."""
    with journey.client.preparing("a migration that has begun"):
        journey.begin()
        if how != "announced":
            journey.link_main()
            if journey.kind is SEAMLESS:
                journey.ask()
        if how in ("linked", "connected"):
            journey.link_others()
        if how == "connected":
            journey.connected()
            journey.client.alive(journey.main)


def _stays(journey: Journey) -> None:
    """The session goes on at the source. Raises Failure."""
    client = journey.client
    client.alive(journey.main, "the migration was called off")
    for talk in journey.others.values():
        talk.expect_open("the migration was called off")


@server_case("SPICE-MIG-029/announced", SEMI_SEAMLESS, "announced", channel="main", needs=CANCELS)
@server_case("SPICE-MIG-029/main-linked", SEMI_SEAMLESS, "main", channel="main", needs=CANCELS, requires=_CANCELLED)
@server_case("SPICE-MIG-029/all-linked", SEMI_SEAMLESS, "linked", channel="main", needs=CANCELS, requires=_CANCELLED)
@server_case("SPICE-MIG-029/connected", SEMI_SEAMLESS, "connected", channel="main", needs=CANCELS, requires=_CANCELLED)
@server_case("SPICE-MIG-029/connected-seamless", SEAMLESS, "connected", channel="main", needs=_WITH_STATE, requires=_CANCELLED)
def called_off(client: SuiteClient, kind: Kind, how: str) -> None:
    """A migration is called off: the session goes on at the source, on all channels. Kind, and how far it had come."""
    journey = set_out(client, kind, USUAL)
    _so_far(journey, how)
    client.control("migrate-cancel")
    if how == "connected":
        journey.main.expect("MIGRATE_CANCEL", why="the migration was called off")
    _stays(journey)


@server_case("SPICE-MIG-029/another-semi-seamless", SEMI_SEAMLESS, channel="main", needs=_FINISHES, requires=_CANCELLED)
@server_case("SPICE-MIG-029/another-seamless", SEAMLESS, channel="main", needs=(*_FINISHES, "seamless"), requires=_CANCELLED)
def another(client: SuiteClient, kind: Kind) -> None:
    """A migration is called off, and another goes to its end. Kind."""
    journey = set_out(client, kind, USUAL)
    _so_far(journey, "connected")
    client.control("migrate-cancel")
    journey.main.wait_count("MIGRATE_CANCEL")
    journey.drop()
    _stays(journey)
    journey.begin()
    journey.link()
    journey.connected()
    journey.finish()
    journey.arrive()
    journey.alive("the second migration has ended")


@server_case("SPICE-MIG-057/after-the-end", SEMI_SEAMLESS, channel="main", needs=CANCELS, requires=_CANCELLED)
@server_case("SPICE-MIG-057/after-the-end-seamless", SEAMLESS, channel="main", needs=_WITH_STATE, requires=_CANCELLED)
def late(client: SuiteClient, kind: Kind) -> None:
    """The migration is called off while the client links, and it says that it is connected: MIGRATE_CANCEL. Kind."""
    journey = set_out(client, kind, USUAL)
    _so_far(journey, "linked")
    client.control("migrate-cancel")
    before = journey.main.count("MIGRATE_CANCEL")
    journey.connected()
    if before:
        client.note("MIGRATE_CANCEL came before the answer, which is on its way")
    journey.main.expect_count("MIGRATE_CANCEL", 1, after=0, why="no migration is under way any more")
    _stays(journey)


@server_case("SPICE-MIG-057/nobody-asked", main.MigrateConnected(), channel="main")
@server_case("SPICE-MIG-057/nobody-asked-seamless", main.MigrateConnectedSeamless(), channel="main")
def nobody_asked(client: SuiteClient, value: Any) -> None:
    """A client says that it is connected, and nobody asked it: MIGRATE_CANCEL. Message."""
    kind = SEAMLESS if isinstance(value, main.MigrateConnectedSeamless) else SEMI_SEAMLESS
    journey = set_out(client, kind, ())
    journey.main.send(value)
    journey.main.expect("MIGRATE_CANCEL", why="no migration is under way")


_ON_MAIN: Final = {
    "connected": main.MigrateConnected(),
    "connected-seamless": main.MigrateConnectedSeamless(),
    "connect-error": main.MigrateConnectError(),
    "end": main.MigrateEnd(),
    "question": main.MigrateDstDoSeamless(1),
    "flush-mark": common.MigrateFlushMark(),
    "data": common.MigrateData(b"MNMD\x01\0\0\0" + bytes(56)),
}


@server_case("SPICE-MIG-027/connected", "connected", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/connected-seamless", "connected-seamless", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/connect-error", "connect-error", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/end", "end", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/question", "question", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/flush-mark", "flush-mark", channel="main", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/data", "data", channel="main", needs=_ENDS_SOME)
def unexpected(client: SuiteClient, what: str) -> None:
    """A message of a migration that is not under way, on main: the next client is served all the same. Message."""
    capabilities = client.usual().with_(MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
    with client.preparing("a session"):
        talk, _ = client.session(Ask(capabilities=capabilities))
    talk.send(_ON_MAIN[what])
    client.wait_quiet()
    talk.wire.close()
    client.wait_quiet()
    client.step("see that the server goes on for others")
    client.main()


@server_case("SPICE-MIG-027/flush-mark-on-display", ChannelType.DISPLAY, "flush-mark", channel="display", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/data-on-display", ChannelType.DISPLAY, "data", channel="display", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/flush-mark-on-inputs", ChannelType.INPUTS, "flush-mark", channel="inputs", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/data-on-inputs", ChannelType.INPUTS, "data", channel="inputs", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/flush-mark-on-cursor", ChannelType.CURSOR, "flush-mark", channel="cursor", needs=_ENDS_SOME)
@server_case("SPICE-MIG-027/data-on-cursor", ChannelType.CURSOR, "data", channel="cursor", needs=_ENDS_SOME)
def unexpected_elsewhere(client: SuiteClient, kind: ChannelType, what: str) -> None:
    """The same on another channel. Channel, message."""
    with client.preparing("a session with the channel"):
        talk, _ = client.session()
        other = client.channel(Ask(kind))
    other.send(_ON_MAIN[what])
    client.wait_quiet()
    other.wire.close()
    talk.wire.close()
    client.wait_quiet()
    client.step("see that the server goes on for others")
    client.main()


@server_case("SPICE-MIG-028/second", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG)
@server_case("SPICE-MIG-028/second-seamless", SEAMLESS, channel="main", needs=(*TAKES_ALONG, "seamless"))
def second(client: SuiteClient, kind: Kind) -> None:
    """A session has linked main at the destination, and somebody else names it too: refused, and the first goes on. Kind."""
    journey = set_out(client, kind, USUAL)
    journey.prepare()
    first = journey.main_there
    with client.preparing("a second link message"):
        wire = journey.there.ask(Ask(capabilities=journey.capabilities, ahead=True))
    answer = wire.conclude()
    client.wait_quiet()
    if answer.ok:
        if first.closed:
            client.tolerate("the second takes the place of the first")
            return
        raise Failure("the second main link of a session that is linked here is refused", str(answer))
    first.expect_open("somebody else was refused")
    journey.finish()
    journey.arrive()
    journey.alive("somebody else was refused")
