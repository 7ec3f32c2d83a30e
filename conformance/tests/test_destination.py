"""The suite as two servers of one client: who gets which connection, and who says what there."""

from __future__ import annotations

import pytest

from conformance.as_server import SuiteServer
from conformance.cases.migration.client_steps import KINDS, SEAMLESS, SEMI, Move, migrating, prepare, session
from conformance.outcome import NotApplicable
from conformance.tests.test_served_link import serving
from spiceproto.enums.capabilities import MainCapability
from spiceproto.messages import main


def names(server: SuiteServer) -> list[str]:
    server.pump_all()
    return sorted([talk.name for talk in server.talking])


@pytest.mark.parametrize("kind", KINDS)
def test_each_server_has_its_own_connections(kind: str) -> None:
    server = serving()
    move = migrating(server, kind)
    move.ready()
    assert names(server) == ["cursor:0", "display:0", "inputs:0", "main:0"]
    assert names(move.there) == [f"{name} at the destination" for name in names(server)]
    assert move.there is server.destination and move.there.now == server.now
    assert {stream.place for stream in server.network.streams} == {0, 1}
    assert [line.place for line in server.network.transcript.lines].count(1) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_said_on_what_is_linked_ahead(kind: str) -> None:
    server = serving()
    move = migrating(server, kind)
    move.ready()
    server.wait_quiet()
    said = {
        line.channel: [name for sender, name in line.counts if sender == "server"]
        for line in server.network.transcript.lines
        if line.place
    }
    question = ["MIGRATE_DST_SEAMLESS_ACK"] if kind == SEAMLESS else []
    assert said == {"main:0": question, "display:0": [], "inputs:0": [], "cursor:0": []}


def test_what_is_said_when_the_session_begins_anew() -> None:
    server = serving()
    move = migrating(server, SEMI)
    move.ready()
    move.over()
    lines = {line.channel: line.counts for line in server.network.transcript.lines if line.place}
    assert lines["display:0"]["server", "SURFACE_CREATE"] == 1 and lines["inputs:0"]["server", "INIT"] == 1
    assert all(not talk.stream.open for talk in server.talking)


def test_what_is_left_behind_a_cancelled_migration() -> None:
    server = serving()
    move = migrating(server, SEMI)
    assert move.missing() == names(server)
    move.ready()
    assert move.missing() == []
    move.cancel()
    assert not [stream for stream in server.network.streams if stream.place and stream.open]
    server.alive(move.source)


def test_both_rest_on_the_same_and_tell_the_same() -> None:
    server = serving()
    session(server)
    there = server.destination
    there.relies_on("SPICE-MIG-010/semi-seamless")
    there.tolerate("a manner")
    there.leaves_undecided(["SPICE-MIG-010"], "why not")
    assert "SPICE-MIG-010/semi-seamless" in server.relied_on
    assert server.tolerated == {"a manner": ""} and server.undecided == {"SPICE-MIG-010": "why not"}


def test_a_client_that_announces_no_migration_is_asked_once() -> None:
    server = serving()
    talk = session(server)
    server.target.unannounced.add(MainCapability.SEAMLESS_MIGRATE)
    prepare(server, SEMI)
    with pytest.raises(NotApplicable, match="announces no SEAMLESS_MIGRATE on main"):
        migrating(server, SEAMLESS)
    assert Move(server, talk, SEMI).there is server.destination


def test_links_of_a_new_session_are_greeted_there() -> None:
    server = serving()
    talk = session(server)
    there = server.destination
    there.ahead = False
    place = there.address
    talk.send(main.MigrateSwitchHost(port=place.port, sport=0, host_data=place.host.encode() + b"\0"))
    wire = there.asked_for_main()
    assert wire is not None and wire.asked.message.connection_id == 0
    found = wire.link(there.usual())
    found.send(there.init())
    there.list_channels(found, *[(int(kind), number) for kind, number in server.talks if (kind, number) != (1, 0)])
    there.link_others()
    there.alive(found)
    counts = {line.channel: line.counts for line in server.network.transcript.lines if line.place}
    assert counts["display:0"]["server", "SURFACE_CREATE"] == 1
