"""Clients: a migration that is cancelled, and messages of none (19.7)."""

from __future__ import annotations

from typing import Any

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.migration.client_steps import (
    DATA,
    SEAMLESS,
    SEMI,
    expect_nobody,
    migrating,
    session,
)
from conformance.cases.migration.states import state
from conformance.outcome import Failure
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.messages import common, main

_INPUTS = (int(ChannelType.INPUTS), 0)
_PLAYBACK = (int(ChannelType.PLAYBACK), 0)


def _expect_source(server: SuiteServer) -> None:
    """All channels of the source go on. Raises Failure."""
    for talk in server.talking:
        server.alive(talk, "the migration is cancelled, and the session at the source")


@client_case("SPICE-MIG-025/all-is-linked", SEMI, channel="main")
@client_case("SPICE-MIG-025/all-is-linked-seamless", SEAMLESS, channel="main")
def cancelled_when_linked(server: SuiteServer, kind: str) -> None:
    """Cancelled when all is linked: the links at the destination are closed, and all channels go on at the source."""
    move = migrating(server, kind)
    move.ready()
    move.cancel()
    _expect_source(server)


@client_case("SPICE-MIG-025/main-is-asked-for", SEMI, channel="main")
@client_case("SPICE-MIG-025/main-is-asked-for-seamless", SEAMLESS, channel="main")
def cancelled_at_main(server: SuiteServer, kind: str) -> None:
    """Cancelled while main waits for the destination's link reply, which comes then: nothing is left of the links there."""
    move = migrating(server, kind)
    move.begin()
    wire = move.asked()
    move.source.send(main.MigrateCancel())
    server.wait_quiet()
    if wire.stream.open:
        # It may have to come to the end of what it does first, or its end is still under way.
        try:
            move.link_main(wire)
        except Failure:
            if wire.stream.open:
                raise
    move.expect_dropped()
    _expect_source(server)


@client_case("SPICE-MIG-025/others-are-asked-for", channel="main")
def cancelled_at_the_others(server: SuiteServer) -> None:
    """Cancelled while the other channels wait for their link replies."""
    move = migrating(server, SEMI)
    with move.there.taking():
        move.begin()
        wire = move.there.asked_for_main()
        if wire is None:
            raise Failure("a link of main at the destination", "none")
        wire.link(move.there.usual())
        server.wait_quiet()
        move.source.send(main.MigrateCancel())
        server.wait_quiet()
    move.expect_dropped()
    _expect_source(server)


@client_case("SPICE-MIG-025/the-data-are-asked-about", channel="main")
def cancelled_at_the_question(server: SuiteServer) -> None:
    """Cancelled while the destination has not yet said whether it knows the source's data; it says so then."""
    move = migrating(server, SEAMLESS)
    move.begin()
    talk = move.asked().link(move.there.usual())
    talk.expect("MIGRATE_DST_DO_SEAMLESS")
    move.source.send(main.MigrateCancel())
    server.wait_quiet()
    if not talk.closed:
        talk.send(main.MigrateDstSeamlessAck())
    move.expect_dropped()
    _expect_source(server)


@client_case("SPICE-MIG-025/then-once-more", SEMI, channel="main")
@client_case("SPICE-MIG-025/then-once-more-seamless", SEAMLESS, channel="main")
def once_more(server: SuiteServer, kind: str) -> None:
    """Cancelled when all is linked, and begun once more: it is followed like the first, to its end."""
    move = migrating(server, kind)
    server.relies_on("SPICE-MIG-025/all-is-linked", "SPICE-MIG-025/all-is-linked-seamless")
    move.ready()
    move.cancel()
    move.there.talks.clear()
    move.ready()
    move.over()


@client_case("SPICE-MIG-025/listed-later", channel="main")
def listed_later(server: SuiteServer) -> None:
    """Cancelled, and a channel is listed then: it is linked at the source."""
    move = migrating(server, SEMI)
    server.relies_on("SPICE-MIG-025/all-is-linked")
    move.ready()
    move.cancel()
    added = (int(ChannelType.DISPLAY), 1)
    server.name_channels(move.source, added)
    server.run(lambda: added in server.talks or added in move.there.talks)
    if added in move.there.talks:
        raise Failure("a link of display:1 at the source, where the session is", "one at the destination")
    server.linked(*added)


# -- what nobody asked for


_UNASKED: dict[str, Any] = {
    "cancel": main.MigrateCancel(),
    "end": main.MigrateEnd(),
    "ack": main.MigrateDstSeamlessAck(),
    "nack": main.MigrateDstSeamlessNack(),
}


@client_case("SPICE-MIG-026/cancel", "cancel", channel="main")
@client_case("SPICE-MIG-026/end", "end", channel="main")
@client_case("SPICE-MIG-026/ack-of-a-destination", "ack", channel="main")
@client_case("SPICE-MIG-026/nack-of-a-destination", "nack", channel="main")
def unasked(server: SuiteServer, what: str) -> None:
    """A message of a migration comes on main, and there is none: the session goes on."""
    talk = session(server)
    talk.send(_UNASKED[what])
    server.alive(talk, "no migration is under way")
    for other in server.talking:
        server.alive(other, "no migration is under way")
    expect_nobody(server, "no migration is under way")


@client_case("SPICE-MIG-026/end-behind-cancel", channel="main")
def end_behind_cancel(server: SuiteServer) -> None:
    """A migration is cancelled, and then ended all the same: the session goes on at the source."""
    move = migrating(server, SEMI)
    server.relies_on("SPICE-MIG-025/all-is-linked")
    move.ready()
    move.cancel()
    move.source.send(main.MigrateEnd())
    _expect_source(server)


@client_case("SPICE-MIG-026/migrate", MigrateFlags(0), channel="inputs")
@client_case("SPICE-MIG-026/migrate-with-flush", MigrateFlags.NEED_FLUSH, channel="inputs")
@client_case("SPICE-MIG-026/migrate-with-data", DATA, channel="inputs")
def migrate_unasked(server: SuiteServer, flags: int) -> None:
    """MIGRATE comes on inputs, with these flags, and no migration is under way: no more than that channel is closed."""
    session(server, _INPUTS)
    server.talks[_INPUTS].send(common.Migrate(flags))
    if flags & MigrateFlags.NEED_DATA_TRANSFER:
        server.talks[_INPUTS].send(common.MigrateData(state("inputs")))
    server.wait_quiet()
    for other in server.talking:
        if other.table != "inputs":
            server.alive(other, "MIGRATE came on inputs alone, and no migration is under way")


@client_case("SPICE-MIG-026/data", channel="inputs")
def data_unasked(server: SuiteServer) -> None:
    """MIGRATE_DATA comes on inputs without MIGRATE: no more than that channel is closed."""
    session(server, _INPUTS)
    server.talks[_INPUTS].send(common.MigrateData(state("inputs")))
    server.wait_quiet()
    for other in server.talking:
        if other.table != "inputs":
            server.alive(other, "MIGRATE_DATA came on inputs alone, and no migration is under way")


@client_case("SPICE-MIG-026/end-behind-an-error", channel="main")
def end_behind_an_error(server: SuiteServer) -> None:
    """The client could not link the destination, and the source says MIGRATE_END all the same: it goes on at the source."""
    move = migrating(server, SEMI)
    move.begin()
    wire = move.asked()
    wire.refuse(1)
    wire.close()
    while (again := move.there.asked_for_main(server.network.quiet)) is not None:
        again.close()
    move.answered("MIGRATE_CONNECT_ERROR")
    move.source.send(main.MigrateEnd())
    _expect_source(server)
