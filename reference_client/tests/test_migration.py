"""A session that goes from one server to another: all three kinds, and what may stand in their way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_client import Client, Options, events
from reference_client.agent.files import FileEnded
from reference_client.channels.main import Initialised
from reference_client.tests.migrating import (
    BOTH,
    MIGRATING,
    Destination,
    begin,
    begin_seamless,
    connected,
    dst,
    move,
    move_one,
    two,
)
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, SESSION, ScriptedServer, init, session
from reference_client.tests.scripted_agent import ALL, ScriptedAgent
from spiceproto.enums.agent import FileXferStatus
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.errors import LocalError
from spiceproto.messages import agent, common, display, inputs, main
from spiceproto.tests.canvas_messages import cached, copy, rect
from spiceproto.transport import Place

_MAIN, _DISPLAY, _INPUTS, _CURSOR = [
    (int(kind), 0) for kind in (ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR)
]
_ALL = {_MAIN, _DISPLAY, _INPUTS, _CURSOR}
THERE = Place("there", 5931, 0)


def moved(source: ScriptedServer) -> list[str]:
    return [event.kind for event in source.told(events.Migrated)]


def failures(source: ScriptedServer) -> list[str]:
    return [event.text for event in source.told(events.MigrationFailed)]


def at_source(source: ScriptedServer) -> set[Any]:
    return {connection for connection in source.connections if connection in source.open}


def at_destination(source: ScriptedServer, there: Destination) -> set[Any]:
    return {connection for connection in there.connections if connection in source.open}


def surface(line: Any, width: int = 640) -> None:
    line.send(display.SurfaceCreate(surface_id=0, width=width, height=480, format=32, flags=1), display.Mark())


def goes_on(source: ScriptedServer, line: Any) -> bool:
    """Whether what the user does is said on this inputs channel, and a ping there is answered."""
    line.take()
    source.client.inputs.key(0x1E)
    line.send(common.Ping(7, 7, b""))
    return bool(line.take() == [inputs.KeyDown(0x1E), common.Pong(7, 7)])


# -- linking the destination


def test_the_destination_is_linked_ahead_and_the_source_hears_of_it() -> None:
    source, there = two()
    begin(source)
    assert source.main.take() == [main.MigrateConnected()]
    assert set(there.lines) == _ALL and set(source.places) == {THERE}
    assert {line.established.message.connection_id for line in there.lines.values() if line.established} == {SESSION}
    assert not any(line.take() for line in there.lines.values())
    assert source.told(events.MigrationBegun) == [events.MigrationBegun("there", 5931, 0, "", False)]
    assert source.told(events.MigrationConnected) == [events.MigrationConnected(False)]
    assert goes_on(source, source.inputs)
    state = source.client.state(source.now)
    assert state["place"] is None
    assert state["migration"] == {"phase": "connected", "place": {"host": "there", "port": 5931, "tls_port": 0}}


@pytest.mark.parametrize("end", [b"", b"\0", b"\0more"])
def test_host_and_subject_end_with_a_zero_byte_or_without(end: bytes) -> None:
    source, _ = two()
    begin(source, host=b"there" + end, subject=b"CN=x" + end)
    assert source.places[0] == Place("there", 5931, 0, "CN=x")


def test_the_destination_is_asked_whether_it_knows_the_data() -> None:
    source, there = two()
    connected(source, there)
    assert set(there.lines) == _ALL
    assert source.told(events.MigrationConnected) == [events.MigrationConnected(True)]


def test_a_destination_that_does_not_know_the_data_gets_a_semi_seamless_migration() -> None:
    source, there = two()
    connected(source, there, main.MigrateDstSeamlessNack())
    source.inputs.send(common.Migrate(BOTH))
    assert not source.inputs.take()
    source.main.send(main.MigrateEnd())
    assert there.main.take() == [main.MigrateEnd()]


def test_a_destination_that_announces_no_seamless_migration_is_not_asked() -> None:
    source, there = two(channels=dict(CHANNELS))
    begin_seamless(source)
    assert source.main.take() == [main.MigrateConnected()] and not there.main.take()


def test_a_destination_that_does_not_answer_the_question_fails() -> None:
    source, there = two(Client(Options(link_timeout=3.0)))
    begin_seamless(source)
    assert source.client.deadline == 3.0 and not source.main.take()
    source.wait(3.0)
    assert source.main.take() == [main.MigrateConnectError()] and not at_destination(source, there)


def test_what_comes_ahead_waits_for_the_channel() -> None:
    source, there = two()
    begin_seamless(source)
    for line in there.lines.values():
        line.send(common.SetAck(1, 20), common.Ping(1, 1, b""))
    there.main.take()
    there.main.send(main.MigrateDstSeamlessAck())
    there.main.send(common.Ping(2, 2, b""))
    assert not any(line.take() for line in there.lines.values())
    source.main.take()
    move(source)
    assert there.inputs.take() == [common.MigrateData(b"state of (3, 0)"), common.AckSync(1), common.Pong(1, 1)]
    said = there.main.take()
    assert said == [common.MigrateData(b"state of (1, 0)"), common.AckSync(1), common.Pong(1, 1), common.Pong(2, 2)]


def test_too_much_ahead_is_the_end_of_that_line() -> None:
    source, there = two()
    begin(source)
    for _ in range(40):
        if there.inputs.connection in source.open:
            there.inputs.send(common.Ping(1, 1, bytes(1 << 18)))
    assert there.inputs.closed_by_client and len(at_source(source)) == 4
    assert source.client.paused(there.line(ChannelType.DISPLAY).connection) is False


def test_a_line_ahead_with_much_that_waits_is_not_read() -> None:
    source, there = two()
    begin(source)
    for _ in range(5):
        there.inputs.send(common.Ping(1, 1, bytes(1 << 18)))
    assert source.client.paused(there.inputs.connection)


def test_tls_is_used_where_it_was_used() -> None:
    source, there = two(Client(Options(tls=True)), source={"secured": {ChannelType.INPUTS}})
    begin(source, sport=5932)
    assert {key for key, line in there.lines.items() if line.connection.secure} == {_INPUTS}
    assert source.main.take() == [main.MigrateConnected()]


def test_a_destination_without_tls_is_not_linked_where_the_source_had_it() -> None:
    source, there = two(Client(Options(tls=True)), source={"secured": {ChannelType.INPUTS}})
    begin(source)
    assert source.main.take() == [main.MigrateConnectError()] and _INPUTS not in there.lines
    assert "TLS" in failures(source)[0]
    assert goes_on(source, source.inputs)


def test_a_destination_with_a_tls_port_alone_is_linked_with_tls() -> None:
    source, there = two()
    begin(source, port=0, sport=5932)
    assert source.main.take() == [main.MigrateConnected()]
    assert all(line.connection.secure for line in there.lines.values())


def test_a_destination_may_need_tls_that_the_source_did_not() -> None:
    source, there = two(secured={ChannelType.DISPLAY})
    begin(source, sport=5932)
    assert source.main.take() == [main.MigrateConnected()]
    assert {key for key, line in there.lines.items() if line.connection.secure} == {_DISPLAY}


@pytest.mark.parametrize("count", [3, 2, 1])
def test_a_destination_that_lacks_a_channel_fails(count: int) -> None:
    channels = dict(list(MIGRATING.items())[:count])
    source, there = two(channels=channels)
    begin(source)
    assert source.main.take() == [main.MigrateConnectError()]
    assert failures(source) and not at_destination(source, there) and len(at_source(source)) == 4
    assert source.client.state(0.0)["migration"] == {"phase": "", "place": None}
    assert goes_on(source, source.inputs)


def test_a_destination_that_nobody_listens_at_fails() -> None:
    source, there = two()
    there.refuse_connections = True
    begin_seamless(source)
    assert source.main.take() == [main.MigrateConnectError()] and goes_on(source, source.inputs)
    assert failures(source) == ["main at there: refused"]


def test_a_destination_that_says_nothing_fails_in_time() -> None:
    source, there = two(Client(Options(link_timeout=4.0)))
    there.holding = True
    begin(source)
    assert goes_on(source, source.inputs) and not source.main.take()
    source.wait(4.0)
    assert source.main.take() == [main.MigrateConnectError()]


@pytest.mark.parametrize("info", [{"host": b""}, {"host": b"\0"}, {"port": 0}])
def test_a_destination_that_is_none_fails(info: dict[str, Any]) -> None:
    source, there = two()
    begin(source, **info)
    assert source.main.take() == [main.MigrateConnectError()] and not there.connections


@pytest.mark.parametrize("migration", ["none", "switch-host"])
def test_who_does_not_follow_announces_nothing_and_links_nothing(migration: str) -> None:
    source, there = two(Client(Options(migration=migration)))
    announced = source.main.established
    assert announced is not None
    for bit in (MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE):
        assert not announced.client.has(bit)
    begin(source)
    assert source.main.take() == [main.MigrateConnectError()] and not there.connections


def test_what_is_announced_follows_the_option() -> None:
    for migration, count in (("semi-seamless", 1), ("seamless", 2)):
        found = session(Client(Options(migration=migration))).main.established
        assert found is not None
        bits = (MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
        assert [found.client.has(bit) for bit in bits] == [True, True][:count] + [False] * (2 - count)
    with pytest.raises(LocalError):
        Client(Options(migration="sideways"))


def test_who_follows_semi_seamless_alone_asks_nothing() -> None:
    source, there = two(Client(Options(migration="semi-seamless")))
    begin_seamless(source)
    assert source.main.take() == [main.MigrateConnected()] and not there.main.take()


def test_the_password_is_the_same_there() -> None:
    source, _ = two(Client(Options(password="sesame")), source={"password": b"sesame"}, password=b"sesame")
    begin(source)
    assert source.main.take() == [main.MigrateConnected()]
    source, _ = two(Client(Options(password="sesame")), source={"password": b"sesame"}, password=b"other")
    begin(source)
    assert source.main.take() == [main.MigrateConnectError()]


def test_before_init_there_is_nothing_that_could_go_along() -> None:
    source = ScriptedServer(Client())
    there = Destination(source)
    begin(source)
    assert not there.connections and not source.main.take()


def test_who_leaves_does_not_follow() -> None:
    source, there = two()
    source.client.disconnect(source.now)
    begin(source)
    assert main.MigrateConnectError() in source.main.take() and not there.connections


def test_who_leaves_meanwhile_leaves_both() -> None:
    source, _ = two()
    begin(source)
    surface(source.line(ChannelType.DISPLAY))
    source.leave()
    assert not source.open and source.client.ended == events.Ended(True, "the user left")


# -- channels that are not linked yet, or not any more


def test_a_link_that_is_under_way_at_the_source_is_waited_for() -> None:
    more = (ChannelType.DISPLAY, 1)
    source, there = two(source={"channels": {**CHANNELS, more: COMMON}}, channels={**MIGRATING, more: COMMON})
    slow = _Slow(source, more)
    source.main.take()
    begin(source)
    assert set(there.lines) == _ALL and not source.main.take()
    slow.free()
    assert (2, 1) in there.lines and source.main.take() == [main.MigrateConnected()]


class _Slow:
    """A channel whose link stage at the source stands still until :meth:`free`."""

    def __init__(self, source: ScriptedServer, channel: tuple[int, int]) -> None:
        self._source = source
        self._kept: list[tuple[Any, bytes]] = []
        self._deliver = source.deliver
        known = set(source.connections)

        def deliver(connection: Any, data: bytes) -> None:
            if connection in known or connection not in source.connections:
                self._deliver(connection, data)
            else:
                self._kept.append((connection, data))

        source.deliver = deliver  # type: ignore[method-assign]
        source.listing(channel)

    def free(self) -> None:
        self._source.deliver = self._deliver  # type: ignore[method-assign]
        for connection, data in self._kept:
            self._deliver(connection, data)


def test_a_channel_that_is_added_behind_connected_goes_along() -> None:
    more = (ChannelType.DISPLAY, 1)
    source, there = two(source={"channels": {**CHANNELS, more: COMMON}}, channels={**MIGRATING, more: COMMON})
    connected(source, there)
    source.listing(more)
    assert (2, 1) in there.lines
    move_one(source.lines[2, 1], BOTH, b"more")
    move(source)
    assert there.lines[2, 1].take() == [common.MigrateData(b"more")] and moved(source) == ["seamless"]


def test_a_channel_that_is_lost_at_the_source_does_not_go() -> None:
    source, there = two()
    connected(source, there)
    source.line(ChannelType.CURSOR).close()
    assert there.line(ChannelType.CURSOR).closed_by_client
    move(source)
    assert moved(source) == ["seamless"] and {line.name for line in source.client.linked()} == {"main", "display", "inputs"}


# -- semi-seamless


def test_a_semi_seamless_migration_begins_everything_anew() -> None:
    source, there = two(Client(Options(canvas=True)))
    surface(source.line(ChannelType.DISPLAY))
    old = source.client.displays[0]
    begin(source)
    assert source.main.take() == [main.MigrateConnected()]
    source.main.send(main.MigrateEnd())
    assert not at_source(source) and not any(line.take() for line in source.lines.values())
    assert there.main.take() == [main.MigrateEnd()]
    assert not there.line(ChannelType.DISPLAY).take()  # not before INIT
    there.main.send(init())
    assert there.main.take() == [main.AttachChannels(), main.MouseModeRequest(2)]
    assert [type(value) for value in there.line(ChannelType.DISPLAY).take()] == [display.Init]
    assert source.client.displays[0] is not old and source.client.displays[0].size() is None
    there.main.send(main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in LISTED])))
    assert len(there.connections) == 4
    assert moved(source) == ["semi-seamless"]
    assert source.client.state(0.0)["place"] == {"host": "there", "port": 5931, "tls_port": 0}
    assert len(source.told(Initialised)) == 2
    assert goes_on(source, there.inputs)


def test_a_channel_that_the_destination_adds_is_linked_there() -> None:
    more = (ChannelType.DISPLAY, 1)
    source, there = two(channels={**MIGRATING, more: COMMON})
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    there.main.send(main.ChannelsList((main.ChannelId(*more),)))
    assert (2, 1) in there.lines and (2, 1) not in source.lines


def test_keys_that_are_down_and_files_that_wait_go_along() -> None:
    source, there = two()
    source.client.inputs.key(0x1E)
    source.client.inputs.press(1)
    source.client.main.agent.files.send("letter", 3, lambda offset, size: b"abc"[offset : offset + size])
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    assert not there.inputs.take()
    assert [file.name for file in source.client.main.agent.files.waiting] == ["letter"]
    surface(there.line(ChannelType.DISPLAY))
    source.leave()
    assert inputs.KeyUp(0x9E) in there.inputs.take()


def test_a_channel_that_the_destination_closes_before_init_is_lost_alone() -> None:
    source, there = two()
    begin(source)
    source.main.send(main.MigrateEnd())
    there.line(ChannelType.CURSOR).close()
    there.main.send(init())
    assert moved(source) == ["semi-seamless"]
    assert [event.channel for event in source.told(events.ChannelClosed)] == ["cursor"]


def test_the_destination_may_be_left_again() -> None:
    source, there = two()
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    first, there.lines = dict(there.lines), {}
    first[_MAIN].take()
    first[_MAIN].send(main.MigrateBegin(dst(port=6000, host=b"further")))
    assert first[_MAIN].take() == [main.MigrateConnected()]
    first[_MAIN].send(main.MigrateEnd())
    assert there.main.take() == [main.MigrateEnd()]
    there.main.send(init())
    assert moved(source) == ["semi-seamless"] * 2
    assert source.client.place == Place("further", 6000, 0)
    assert goes_on(source, there.inputs)


# -- seamless


def test_a_seamless_migration_goes_on_as_if_nothing_were() -> None:
    client = Client(Options(canvas=True, preferred_compression=3))
    source, there = two(client)
    surface(source.line(ChannelType.DISPLAY))
    before = {line.name: line.channel for line in client.linked()}
    client.inputs.key(0x1E)
    client.inputs.press(1)
    source.inputs.take()
    connected(source, there)
    move(source)
    assert {line.name: line.channel for line in client.linked()} == before
    assert client.displays[0].size() == (640, 480)
    for key in (_MAIN, _DISPLAY, _INPUTS):
        assert source.lines[key].take()[-1] == common.MigrateFlushMark()
        assert there.lines[key].take() == [common.MigrateData(b"state of " + bytes(str(key), "ascii"))]
    assert not source.lines[_CURSOR].take() and not there.lines[_CURSOR].take()
    assert moved(source) == ["seamless"] and not at_source(source)
    assert not source.told(events.ChannelClosed)
    assert len(source.told(events.ChannelLinked)) == 4 and len(source.told(Initialised)) == 1
    assert client.inputs.buttons == 1 and list(client.inputs.keys) == [0x1E]
    assert goes_on(source, there.inputs)


def test_channels_that_are_listed_later_are_linked_at_the_destination() -> None:
    more = (ChannelType.DISPLAY, 1)
    source, there = two(channels={**MIGRATING, more: COMMON})
    connected(source, there)
    move(source)
    there.main.send(main.ChannelsList((main.ChannelId(*more),)))
    assert (2, 1) in there.lines and len(source.connections) == 4


@pytest.mark.parametrize("flags", [MigrateFlags(0), MigrateFlags.NEED_FLUSH, MigrateFlags.NEED_DATA_TRANSFER, BOTH])
def test_flags_are_obeyed(flags: MigrateFlags) -> None:
    source, there = two()
    connected(source, there)
    source.inputs.take()
    source.inputs.send(common.Migrate(flags))
    assert source.inputs.take() == [common.MigrateFlushMark()] * bool(flags & MigrateFlags.NEED_FLUSH)
    if flags & MigrateFlags.NEED_DATA_TRANSFER:
        source.client.inputs.key(0x1E)
        source.run()
        assert not source.inputs.take() and not there.inputs.take()
        source.inputs.send(common.MigrateData(b"state"))
        assert there.inputs.take() == [common.MigrateData(b"state"), inputs.KeyDown(0x1E)]
    source.client.inputs.key(0x1F)
    source.run()
    assert there.inputs.take() == [inputs.KeyDown(0x1F)] and not source.inputs.take()


def test_the_source_is_left_when_all_have_moved() -> None:
    source, there = two()
    connected(source, there)
    for key in (_MAIN, _DISPLAY, _INPUTS):
        move_one(source.lines[key], BOTH, b"")
        assert len(at_source(source)) == 4
    assert source.client.place == THERE
    move_one(source.lines[_CURSOR], MigrateFlags(0), b"")
    assert not at_source(source) and moved(source) == ["seamless"]


def test_a_source_that_closes_what_has_moved_is_no_loss() -> None:
    source, there = two()
    connected(source, there)
    move_one(source.main, BOTH, b"")
    source.main.close()
    assert source.client.ended is None
    for key in (_DISPLAY, _INPUTS, _CURSOR):
        move_one(source.lines[key], BOTH, b"x")
        source.lines[key].close()
    assert moved(source) == ["seamless"] and goes_on(source, there.inputs)


def test_a_channel_that_the_source_closes_without_its_data_is_lost() -> None:
    source, there = two()
    connected(source, there)
    source.inputs.send(common.Migrate(BOTH))
    source.inputs.close()
    assert there.inputs.closed_by_client
    move(source)
    assert moved(source) == ["seamless"]
    assert [event.channel for event in source.told(events.ChannelClosed)] == ["inputs"]


def test_a_main_that_the_source_closes_without_its_data_is_the_end() -> None:
    source, there = two()
    connected(source, there)
    source.main.send(common.Migrate(BOTH))
    source.main.close()
    assert source.client.ended is not None and not source.open
    assert there.main.closed_by_client


@pytest.mark.parametrize("mini", [False, True])
def test_numbers_go_on(mini: bool) -> None:
    common_bits = COMMON if mini else COMMON.without(CommonCapability.MINI_HEADER)
    channels = {key: each if mini else each.without(CommonCapability.MINI_HEADER) for key, each in MIGRATING.items()}
    source, there = two(source={"channels": {**channels, _DISPLAY: common_bits}}, channels=channels)
    connected(source, there)
    line = source.line(ChannelType.DISPLAY)
    surface(line)
    client = source.client.lines[_DISPLAY]
    sent = client.messages.sent_serial if client.messages else 0
    move(source)
    client = source.client.lines[_DISPLAY]
    assert client.messages is not None and line.channel is not None
    assert client.messages.handled_serial == line.channel.sent_serial
    assert client.messages.sent_serial == sent + 2  # the mark and the data
    there.line(ChannelType.DISPLAY).send(display.Mark())
    if mini:
        assert client.messages.handled_serial == line.channel.sent_serial + 1


def test_a_channel_that_waits_for_another_is_released_by_what_comes_there() -> None:
    source, there = two()
    connected(source, there)
    line = source.line(ChannelType.DISPLAY)
    assert line.channel is not None
    cursor = source.line(ChannelType.CURSOR)
    assert cursor.channel is not None
    wanted = cursor.channel.sent_serial + 2  # MIGRATE, and the first message at the destination
    line.send(common.WaitForChannels((common.ChannelWait(ChannelType.CURSOR, 0, wanted),)))
    line.send(common.Migrate(BOTH))
    assert not line.take()
    cursor.send(common.Migrate(MigrateFlags(0)))
    there.line(ChannelType.CURSOR).send(common.Ping(1, 1, b""))
    assert line.take() == [common.MigrateFlushMark()]


def test_data_that_come_before_the_late_link_is_there_wait_for_it() -> None:
    more = (ChannelType.DISPLAY, 1)
    source, there = two(source={"channels": {**CHANNELS, more: COMMON}}, channels={**MIGRATING, more: COMMON})
    connected(source, there)
    there.holding = True
    source.listing(more)
    move_one(source.lines[2, 1], BOTH, b"late")
    there.free()
    assert there.lines[2, 1].take() == [common.MigrateData(b"late")]


def test_a_destination_that_closes_one_channel_loses_that_channel() -> None:
    source, there = two()
    connected(source, there)
    there.inputs.close()
    move(source)
    assert moved(source) == ["seamless"]
    assert [event.channel for event in source.told(events.ChannelClosed)] == ["inputs"]


@pytest.mark.parametrize("seamless", [False, True])
def test_a_destination_that_closes_main_behind_connected_is_gone_to_anew(seamless: bool) -> None:
    source, there = two()
    if seamless:
        connected(source, there)
    else:
        begin(source)
        source.main.take()
    there.main.close()
    assert failures(source) and goes_on(source, source.inputs) and not source.main.take()
    there.lines.clear()
    if seamless:
        source.inputs.send(common.Migrate(BOTH))
    else:
        source.main.send(main.MigrateEnd())
    assert not at_source(source)
    assert there.main.established is not None and there.main.established.message.connection_id == 0
    there.main.send(init())
    assert moved(source) == ["switch-host"]


def test_a_destination_that_closes_before_connected_fails() -> None:
    source, there = two()
    begin_seamless(source)
    there.main.close()
    assert source.main.take() == [main.MigrateConnectError()] and not at_destination(source, there)
    assert goes_on(source, source.inputs)


def test_messages_behind_migrate_are_taken_and_not_answered() -> None:
    source, there = two()
    connected(source, there)
    source.inputs.send(common.Migrate(BOTH))
    source.inputs.take()
    source.inputs.send(common.Ping(1, 1, b""))
    assert not source.inputs.take()
    source.inputs.send(common.MigrateData(b"x"))
    assert there.inputs.take() == [common.MigrateData(b"x")]


def test_a_second_migrate_and_more_data_change_nothing() -> None:
    source, there = two()
    connected(source, there)
    for _ in range(2):
        source.inputs.send(common.Migrate(BOTH))
    source.inputs.send(common.MigrateData(b"x"))
    source.inputs.send(common.MigrateData(b"y"))
    there.inputs.send(common.Migrate(BOTH))
    there.inputs.send(common.MigrateData(b"z"))
    assert source.inputs.got.count(common.MigrateFlushMark()) == 1
    assert there.inputs.take() == [common.MigrateData(b"x")]


def file_under_way(source: Any) -> tuple[ScriptedAgent, Any, bytes]:
    """The guest's agent, and what it was offered of a file that it has said it takes."""
    guest = ScriptedAgent(source, *ALL)
    guest.connect(tokens=5)
    guest.announce()
    guest.take()
    content = bytes(range(256)) * 200
    source.client.main.agent.files.send("letter", len(content), lambda offset, size: content[offset : offset + size])
    source.run()
    [offer] = guest.take()
    guest.say(agent.FileXferStatusMessage(offer.id, FileXferStatus.CAN_SEND_DATA, b""))
    return guest, offer, content


def test_a_file_that_is_under_way_goes_on() -> None:
    """Its bytes wait for tokens at the source, and go on at the destination from where they were."""
    source, there = two()
    guest, offer, content = file_under_way(source)
    assert not guest.take()  # some pieces of a message that is not whole
    begin_seamless(source)
    there.main.take()
    there.main.send(main.MigrateDstSeamlessAck())
    move(source)
    guest.server = there
    there.main.send(main.AgentToken(1000))
    assert b"".join([value.data for value in guest.take()]) == content
    guest.say(agent.FileXferStatusMessage(offer.id, FileXferStatus.SUCCESS, b""))
    assert [event.result for event in source.told(FileEnded)] == ["success"]


def test_a_file_that_is_under_way_begins_anew_where_all_does() -> None:
    source, there = two()
    *_, content = file_under_way(source)
    begin(source)
    source.main.send(main.MigrateEnd())
    there.main.send(init())
    another = ScriptedAgent(there, *ALL)
    another.connect()
    another.announce()
    [again] = [value for value in another.take() if isinstance(value, agent.FileXferStart)]
    another.say(agent.FileXferStatusMessage(again.id, FileXferStatus.CAN_SEND_DATA, b""))
    assert b"".join([value.data for value in another.take()]) == content


def test_what_a_display_can_not_draw_yet_is_no_obstacle() -> None:
    """It waits for an image that another display may bring; MIGRATE stands behind it, and comes when that is given up."""
    more = (ChannelType.DISPLAY, 1)
    client = Client(Options(canvas=True, reference_timeout=5.0))
    source, there = two(client, source={"channels": {**CHANNELS, more: COMMON}}, channels={**MIGRATING, more: COMMON})
    source.listing(more)
    line = source.line(ChannelType.DISPLAY)
    surface(line)
    connected(source, there)
    line.take()
    box = rect(0, 0, 16, 8)
    line.send(copy(box, cached(7), box))
    line.send(common.Migrate(BOTH))
    assert not line.take() and client.paused(line.connection)
    source.wait(5.0)
    assert line.take() == [common.MigrateFlushMark()]


def test_a_way_that_was_full_is_free_at_the_destination() -> None:
    source, there = two()
    guest = ScriptedAgent(source, *ALL)
    guest.connect()
    guest.announce()
    guest.take()
    connected(source, there)
    source.client.hold(source.main.connection, True, source.now)
    assert source.client.main.agent.held
    move(source)
    assert not source.client.main.agent.held


@pytest.mark.parametrize("cancelled", [True, False])
def test_between_the_last_word_and_the_data_what_can_wait_waits(cancelled: bool) -> None:
    source, there = two()
    connected(source, there)
    source.inputs.take()
    agent = source.client.main.agent
    source.main.send(common.Migrate(BOTH))
    assert agent.held
    source.client.hold(source.main.connection, True, source.now)
    source.client.hold(source.main.connection, False, source.now)
    assert agent.held
    source.main.send(main.MigrateCancel() if cancelled else common.MigrateData(b"x"))
    assert not agent.held and not source.client.lines[_MAIN].crowded


# -- switch host


def test_switch_host_begins_a_new_session_there() -> None:
    source, there = two(Client(Options(migration="switch-host")))
    surface(source.line(ChannelType.DISPLAY))
    source.client.inputs.key(0x1E)
    source.main.send(main.MigrateSwitchHost(port=5931, sport=0, host_data=b"there\0", cert_subject_data=None))
    assert not at_source(source) and set(source.places) == {THERE}
    assert there.main.established is not None and there.main.established.message.connection_id == 0
    there.main.send(init())
    there.main.send(main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in LISTED])))
    assert set(there.lines) == _ALL and moved(source) == ["switch-host"]
    assert there.line(ChannelType.DISPLAY).take()
    assert list(source.client.inputs.keys) == [0x1E]
    assert goes_on(source, there.inputs)
    surface(there.line(ChannelType.DISPLAY))
    source.leave()
    assert source.client.ended == events.Ended(True, "the user left")


@pytest.mark.parametrize("phase", ["linking", "connected", "failed"])
def test_switch_host_may_come_in_the_middle_of_a_migration(phase: str) -> None:
    source, there = two()
    there.holding = phase == "linking"
    there.refuse_connections = phase == "failed"
    begin(source)
    there.refuse_connections = there.holding = False
    there.lines.clear()
    source.main.send(main.MigrateSwitchHost(port=5931, sport=0, host_data=b"there\0", cert_subject_data=None))
    there.main.send(init())
    assert moved(source) == ["switch-host"] and len(at_destination(source, there)) == 1


@pytest.mark.parametrize("wrong", [{"host_data": b""}, {"host_data": b"\0"}, {"port": 0}, {"host_data": None}])
def test_switch_host_to_nowhere_ends_the_session(wrong: dict[str, Any]) -> None:
    source, there = two()
    values: dict[str, Any] = {"port": 5931, "sport": 0, "host_data": b"there\0", "cert_subject_data": None} | wrong
    source.main.send(main.MigrateSwitchHost(**values))
    assert not there.connections and not source.open
    assert source.client.ended is not None and not source.client.ended.orderly


def test_who_follows_nothing_ends_where_it_is() -> None:
    source, there = two(Client(Options(migration="none")))
    source.main.send(main.MigrateSwitchHost(port=5931, sport=0, host_data=b"there\0", cert_subject_data=None))
    assert not there.connections and source.client.ended is not None and "there" in source.client.ended.text


def test_tls_goes_along_with_switch_host() -> None:
    source, there = two(Client(Options(tls=True)), source={"secured": {ChannelType.INPUTS}})
    source.main.send(main.MigrateSwitchHost(port=1, sport=2, host_data=b"there", cert_subject_data=b"CN=x"))
    there.main.send(init())
    there.main.send(main.ChannelsList(tuple([main.ChannelId(kind, number) for kind, number in LISTED])))
    assert {key for key, line in there.lines.items() if line.connection.secure} == {_INPUTS}
    assert source.places[0].subject == "CN=x"


def test_switch_host_to_who_is_not_there_is_the_end() -> None:
    source, there = two()
    there.refuse_connections = True
    source.main.send(main.MigrateSwitchHost(port=5931, sport=0, host_data=b"there", cert_subject_data=None))
    assert source.client.ended is not None and not source.client.ended.orderly


# -- cancelled


def _linking(source: ScriptedServer, there: Destination) -> None:
    there.holding = True
    begin_seamless(source)


def _asked(source: ScriptedServer, there: Destination) -> None:
    begin_seamless(source)


def _semi(source: ScriptedServer, there: Destination) -> None:
    begin(source)


def _flushed(source: ScriptedServer, there: Destination) -> None:
    connected(source, there)
    source.inputs.send(common.Migrate(BOTH))


def _partly_gone(source: ScriptedServer, there: Destination) -> None:
    connected(source, there)
    move_one(source.inputs, BOTH, b"state")
    move_one(source.line(ChannelType.CURSOR), MigrateFlags(0), b"")


_POINTS: list[Callable[[ScriptedServer, Destination], None]] = [_linking, _asked, _semi, connected, _flushed, _partly_gone]


@pytest.mark.parametrize("point", _POINTS)
def test_it_can_be_cancelled_and_begun_once_more(point: Callable[[ScriptedServer, Destination], None]) -> None:
    source, there = two()
    point(source, there)
    source.main.send(main.MigrateCancel())
    assert source.told(events.MigrationCancelled) == [events.MigrationCancelled()]
    assert not at_destination(source, there) and len(at_source(source)) == 4
    assert goes_on(source, source.inputs)
    there.free()
    there.lines.clear()
    source.main.take()
    source.client.inputs.keys.clear()
    connected(source, there)
    move(source)
    assert moved(source) == ["seamless"] and goes_on(source, there.inputs)


def test_what_the_user_did_meanwhile_is_said_at_the_source() -> None:
    source, there = two()
    _flushed(source, there)
    source.inputs.take()
    source.client.inputs.key(0x1E)
    source.run()
    assert not source.inputs.take()
    source.main.send(main.MigrateCancel())
    assert source.inputs.take() == [inputs.KeyDown(0x1E)]


def test_a_destination_can_not_cancel() -> None:
    source, there = two()
    connected(source, there)
    move_one(source.main, BOTH, b"")
    there.main.send(main.MigrateCancel())
    move(source)
    assert moved(source) == ["seamless"]


@pytest.mark.parametrize("point", [_linking, _asked, _semi, connected])
def test_who_announces_twice_means_the_second(point: Callable[[ScriptedServer, Destination], None]) -> None:
    source, there = two()
    point(source, there)
    source.main.take()
    there.free()
    first = set(there.connections)
    there.lines.clear()
    begin(source, host=b"other")
    assert source.main.take() == [main.MigrateConnected()]
    assert not first & source.open and source.places[-1].host == "other"


# -- what nobody asked for


def test_messages_of_a_migration_without_one_change_nothing() -> None:
    source, there = two()
    for value in (main.MigrateCancel(), main.MigrateEnd(), main.MigrateDstSeamlessAck(), main.MigrateDstSeamlessNack()):
        source.main.send(value)
    for line in source.lines.values():
        line.send(common.Migrate(BOTH))
        line.send(common.MigrateData(b"state"))
        assert not line.take()
    assert len(source.open) == 4 and goes_on(source, source.inputs) and not there.connections


def test_end_before_connected_was_said_changes_nothing() -> None:
    source, there = two()
    _asked(source, there)
    source.main.send(main.MigrateEnd())
    assert len(at_source(source)) == 4 and goes_on(source, source.inputs)
    there.main.take()
    there.main.send(main.MigrateDstSeamlessAck())
    source.main.send(main.MigrateEnd())
    assert there.main.take() == [main.MigrateEnd()]


def _says(key: tuple[int, int], value: Any, source: ScriptedServer, there: Destination) -> None:
    source.lines[key].send(value)


def _closes(key: tuple[int, int], source: ScriptedServer, there: Destination) -> None:
    source.lines[key].close()


_STEPS: dict[str, Callable[[ScriptedServer, Destination], None]] = {
    "begin": lambda source, there: begin(source),
    "begin-seamless": lambda source, there: begin_seamless(source),
    "begin-tls": lambda source, there: begin(source, port=0, sport=1),
    "cancel": lambda source, there: source.main.send(main.MigrateCancel()),
    "end": lambda source, there: source.main.send(main.MigrateEnd()),
    "switch": lambda source, there: source.main.send(
        main.MigrateSwitchHost(port=1, sport=0, host_data=b"there", cert_subject_data=None)
    ),
    "ack": lambda source, there: there.main.send(main.MigrateDstSeamlessAck()),
    "nack": lambda source, there: there.main.send(main.MigrateDstSeamlessNack()),
    "there-init": lambda source, there: there.main.send(init()),
    "there-cancel": lambda source, there: there.main.send(main.MigrateCancel()),
    "there-begin": lambda source, there: there.main.send(main.MigrateBegin(dst(host=b"further"))),
    "there-closes": lambda source, there: there.inputs.close(),
    "there-closes-main": lambda source, there: there.main.close(),
    "refuse": lambda source, there: setattr(there, "refuse_connections", not there.refuse_connections),
    "wait": lambda source, there: source.wait(16.0),
    "leave": lambda source, there: source.client.disconnect(source.now),
    "key": lambda source, there: source.client.inputs.key(0x1E),
    **{f"migrate-{key}": partial(_says, key, common.Migrate(BOTH)) for key in _ALL},
    **{f"data-{key}": partial(_says, key, common.MigrateData(b"x")) for key in _ALL},
    **{f"close-{key}": partial(_closes, key) for key in _ALL},
}


@settings(max_examples=500)
@given(steps=st.lists(st.sampled_from(sorted(_STEPS)), max_size=14))
def test_whatever_servers_say_in_whatever_order_nothing_is_raised(steps: list[str]) -> None:
    source, there = two(Client(Options(canvas=True)))
    for step in steps:
        try:
            _STEPS[step](source, there)
            source.run()
        except (KeyError, LocalError):
            pass  # there is no such line, or nobody who has keys
    source.leave()
    assert source.client.ended is not None and not source.open


def test_errors_of_the_destination_have_words() -> None:
    source, _ = two(channels={key: each for key, each in MIGRATING.items() if key != _CURSOR})
    begin(source)
    assert failures(source) == [f"cursor at there: the server refuses the channel: {LinkErr.CHANNEL_NOT_AVAILABLE.name}"]
