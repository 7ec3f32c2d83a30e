"""Servers: the state that goes along, from the source to the destination (19.2, 19.5, 19.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.migration.journey import ALL, SEAMLESS, SEMI_SEAMLESS, TAKES_ALONG, USUAL, WITH_STATE, Kind, set_out
from conformance.cases.streams import server_steps as films
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.talk import Talk
from spiceproto import dispatch
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.common import MigrateFlags
from spiceproto.enums.link import ChannelType
from spiceproto.errors import RemoteError
from spiceproto.messages import common, inputs, main

_BOTH: Final = MigrateFlags.NEED_FLUSH | MigrateFlags.NEED_DATA_TRANSFER
_MAGICS: Final = {
    "main": b"MNMD",
    "display": b"DCMD",
    "inputs": b"ICMD",
    "smartcard": b"SCMD",
    "usbredir": b"SVMD",
    "port": b"SVMD",
    "webdav": b"SVMD",
}
"""Name of a channel to how its data begin; channels without a row have none."""
_WITHOUT: Final = ("cursor", "playback", "record")

_ENDS: Final = ("SPICE-MIG-041/main",)
"""The case that shows that MIGRATE comes at all."""
_FOLLOWED: Final = ("SPICE-MIG-059/seamless-list",)
_AHEAD: Final = frozenset({"SET_ACK", "PING"})
_OWN_AHEAD: Final = {
    "main": frozenset({"MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK"}),
    "inputs": frozenset({"INIT"}),
    "port": frozenset({"INIT"}),
    "webdav": frozenset({"INIT"}),
}
"""What a destination may say on a channel that was linked ahead, besides :data:`_AHEAD`."""
_UNKNOWN: Final = 0xFFFFFFFF


# -- linked ahead


@server_case("SPICE-MIG-020/semi-seamless", SEMI_SEAMLESS, channel="main", needs=TAKES_ALONG)
@server_case("SPICE-MIG-020/seamless", SEAMLESS, channel="main", needs=WITH_STATE)
def quiet_ahead(client: SuiteClient, kind: Kind) -> None:
    """All channels are linked ahead, and the guest has gone: the destination says nothing there yet. Kind."""
    journey = set_out(client, kind, ALL)
    journey.prepare()
    with client.preparing(f"a {kind} migration"):
        journey.finish()
        journey.main.wait_count("MIGRATE_END" if kind is SEMI_SEAMLESS else "MIGRATE")
    client.wait_quiet()
    for talk in [journey.main_there, *journey.others_there.values()]:
        if kind is SEAMLESS and talk.table in _WITHOUT:
            continue  # these go on by themselves: there is nothing that they wait for
        said = (
            set(talk.heard) - _AHEAD - ({"MOUSE_MODE"} if kind is SEAMLESS else set()) - _OWN_AHEAD.get(talk.table, frozenset())
        )
        check_value(talk.name, "messages before the end of the migration", ", ".join(sorted(said)) or "none", "none")


@server_case("SPICE-MIG-022/version-of-ones", channel="main", needs=WITH_STATE)
def unknown_version(client: SuiteClient) -> None:
    """The destination is asked for a version that nobody has: no."""
    journey = set_out(client, SEAMLESS, ())
    with client.preparing("main at the destination"):
        journey.begin()
        journey.link_main()
    answer = journey.ask(_UNKNOWN)
    check_value("", "answer to version 2^32 - 1", answer, "MIGRATE_DST_SEAMLESS_NACK")


# -- MIGRATE


def _leaving(client: SuiteClient, channels: tuple[ChannelType, ...]) -> Any:
    """The guest goes over, and the client has done all for it."""
    journey = set_out(client, SEAMLESS, channels)
    journey.prepare()
    with client.preparing("the guest at the destination"):
        journey.finish()
    return journey


@server_case("SPICE-MIG-041/main", (), channel="main", needs=WITH_STATE)
@server_case("SPICE-MIG-041/others", ALL, needs=WITH_STATE, requires=_ENDS)
def flags(client: SuiteClient, channels: tuple[ChannelType, ...]) -> None:
    """MIGRATE comes on each channel, with the flags of its type. Channels besides main."""
    journey = _leaving(client, channels)
    for talk in [journey.main, *journey.others.values()]:
        wanted = MigrateFlags(0) if talk.table in _WITHOUT else _BOTH
        talk.expect("MIGRATE", flags=wanted, why=f"the guest has gone, and this is {talk.name}")


@server_case("SPICE-MIG-040/no-data-at-the-destination", channel="main", needs=WITH_STATE, requires=_ENDS)
def connected_without_data(client: SuiteClient) -> None:
    """A destination that was not asked for its data, and a client that says MIGRATE_CONNECTED: MIGRATE_END, and no MIGRATE."""
    journey = set_out(client, SEAMLESS, USUAL)
    with client.preparing("a migration that has begun"):
        journey.begin()
        journey.link_main()
        journey.link_others()
        journey.main.send(main.MigrateConnected())
        journey.finish()
    journey.main.expect("MIGRATE_END", why="the client is at the destination, without state")
    client.wait_quiet()
    for talk in [journey.main, *journey.others.values()]:
        talk.expect_count("MIGRATE", 0, why="the client has not said MIGRATE_CONNECTED_SEAMLESS")


@server_case("SPICE-MIG-042/everywhere", needs=WITH_STATE, requires=_ENDS)
def nothing_behind(client: SuiteClient) -> None:
    """On every channel nothing comes behind MIGRATE but the data, once: nothing before these, and nothing behind."""
    journey = _leaving(client, ALL)
    talks = [journey.main, *journey.others.values()]
    with client.preparing("the end of each channel"):
        for talk in talks:
            journey.data_of(talk)
            talk.wire.peer.step(f"{talk.name}: nothing may follow", talk.wire.number)
    # What lies in the inbox now came behind.
    client.wait_quiet()
    for talk in talks:
        found = dict.fromkeys([message.name for message in [*journey.between.get(talk.name, ()), *talk.unread()]])
        if talk.table in _WITHOUT and found.pop("PING", 0) is None:
            client.tolerate(f"PING on {talk.table} behind MIGRATE")
        check_value(talk.name, "messages behind its end, besides the data", ", ".join(found) or "none", "none")


@server_case("SPICE-MIG-054/on-main", ChannelType.MAIN, channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-054/on-display", ChannelType.DISPLAY, channel="display", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-054/on-inputs", ChannelType.INPUTS, channel="inputs", needs=WITH_STATE, requires=_ENDS)
def waits_for_the_mark(client: SuiteClient, kind: ChannelType) -> None:
    """A client that takes its time with MIGRATE_FLUSH_MARK: no data come before it. Channel."""
    journey = _leaving(client, () if kind == ChannelType.MAIN else (kind,))
    talk = journey.main if kind == ChannelType.MAIN else journey.talk(kind)
    talk.expect("MIGRATE")
    talk.expect_count("MIGRATE_DATA", 0, why="the client has not said MIGRATE_FLUSH_MARK", settle=True)
    talk.send(common.MigrateFlushMark())
    talk.expect("MIGRATE_DATA", why="the client has said all that it had to say")


@server_case("SPICE-MIG-048/main", (), channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-048/others", ALL, needs=WITH_STATE, requires=("SPICE-MIG-048/main",))
def well_formed(client: SuiteClient, channels: tuple[ChannelType, ...]) -> None:
    """The data of each channel have its magic, version 1, and all fields. Channels besides main."""
    journey = _leaving(client, channels)
    for talk in [journey.main, *journey.others.values()]:
        found = journey.data_of(talk)
        if found is not None:
            _check_data(talk, found.body)


def _check_data(talk: Talk, body: bytes) -> Any:
    """The data of a channel, read. Raises Failure."""
    magic = _MAGICS.get(talk.table, b"")
    what = f"MIGRATE_DATA on {talk.name}"
    check_value(what, "magic", body[:4], magic)
    row = dispatch.row("migration", "server", int.from_bytes(magic, "little"))
    assert row is not None
    try:
        value = row.parse(body)
    except RemoteError as error:
        raise Failure(f"{what} with all fields", str(error)) from None
    check_value(what, "version", value.header.version, 1)
    return value


@server_case("SPICE-MIG-047/a-film", channel="display", needs=(*WITH_STATE, *films.NEEDS), requires=_ENDS)
def streams_end(client: SuiteClient) -> None:
    """A film is under way when the guest goes: its streams are destroyed before MIGRATE."""
    journey = set_out(client, SEAMLESS, (ChannelType.DISPLAY,))
    talk = journey.talk(ChannelType.DISPLAY)
    client.control("streaming-video", "all")
    client.control("guest", "video")
    with client.preparing("a film"):
        films.create_of(client, talk)
    journey.prepare()
    with client.preparing("the guest at the destination"):
        journey.finish()
        before = talk.up_to("MIGRATE")
    there: set[int] = set()
    for message in before:
        if message.name == "STREAM_CREATE":
            there.add(int(message.parsed.id))
        elif message.name == "STREAM_DESTROY":
            there.discard(int(message.parsed.id))
        elif message.name == "STREAM_DESTROY_ALL":
            there.clear()
    check_value("display:0", "streams at MIGRATE", ", ".join(map(str, sorted(there))) or "none", "none")


@server_case("SPICE-MIG-058/playback", ChannelType.PLAYBACK, channel="playback", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-058/record", ChannelType.RECORD, channel="record", needs=WITH_STATE, requires=_ENDS)
def sound_stops(client: SuiteClient, kind: ChannelType) -> None:
    """Sound is under way when the guest goes: STOP comes before MIGRATE. Channel."""
    journey = set_out(client, SEAMLESS, (kind,))
    talk = journey.talk(kind)
    if client.target.meets("control:guest") and not talk.count("START"):
        client.control("guest", "tone" if kind == ChannelType.PLAYBACK else "meter")
    if not client.target.shows(f"sound on {talk.name}", lambda within: talk.wait_count("START", within=within), 1.0):
        raise NotApplicable(f"{talk.name}: no START comes")
    journey.prepare()
    with client.preparing("the guest at the destination"):
        journey.finish()
        before = [message.name for message in talk.up_to("MIGRATE") if message.name in ("START", "STOP")]
    check_value(talk.name, "the last of START and STOP before MIGRATE", before[-1], "STOP")


# -- at the destination


def _arrived(client: SuiteClient, channels: tuple[ChannelType, ...] = USUAL) -> Any:
    """A session that has come to the destination with its state."""
    client.relies_on(*_FOLLOWED)
    journey = set_out(client, SEAMLESS, channels)
    journey.go()
    return journey


@server_case("SPICE-MIG-046/nothing-anew", needs=WITH_STATE, requires=_ENDS)
def nothing_anew(client: SuiteClient) -> None:
    """At the destination no INIT comes on main and cursor, and no surface is created that is there."""
    journey = _arrived(client)
    journey.alive()
    client.wait_quiet()
    journey.main_there.expect_count("INIT", 0, why="the session goes on")
    for talk in journey.others_there.values():
        for name in {"cursor": ("INIT",), "display": ("SURFACE_CREATE",)}.get(talk.table, ()):
            talk.expect_count(name, 0, why=f"the client has it: {talk.name} goes on")


@server_case("SPICE-MIG-049/before-an-image", channel="display", needs=WITH_STATE, requires=_ENDS)
def palettes(client: SuiteClient) -> None:
    """At the destination INVAL_ALL_PALETTES comes before the first image."""
    journey = set_out(client, SEAMLESS, (ChannelType.DISPLAY,))
    journey.go()
    there = journey.talk_there(ChannelType.DISPLAY)
    if client.target.meets("control:animate"):
        client.control("animate", 2)
    there.wait_count("INVAL_ALL_PALETTES")
    client.wait_quiet()
    names = [message.name for message in there.unread()]
    first = next((name for name in names if name == "INVAL_ALL_PALETTES" or name.startswith("DRAW_")), "neither")
    check_value("display:0", "the first of INVAL_ALL_PALETTES and images", first, "INVAL_ALL_PALETTES")


@server_case("SPICE-MIG-055/full-headers", channel="display", needs=WITH_STATE, requires=_ENDS)
def serials(client: SuiteClient) -> None:
    """With full headers the first message of the destination's display has the number behind that of the data."""
    full = Capabilities(COMMON.common & ~NONE.with_(CommonCapability.MINI_HEADER).common, 0)
    journey = set_out(client, SEAMLESS, ())
    with client.preparing("a display with full headers"):
        talk = client.channel(Ask(ChannelType.DISPLAY, capabilities=full), wait=False)
        talk.wait_count("MARK")
    journey.others[int(ChannelType.DISPLAY), 0] = talk
    journey.prepare()
    with client.preparing("the state of the display"):
        journey.finish()
        journey.hand_over(journey.main, journey.main_there)
        found = journey.data_of(talk)
        if found is None:
            raise Blocked("the display has no data", ("SPICE-MIG-041/others",))
        value = _check_data(talk, found.body)
        there = journey.talk_there(ChannelType.DISPLAY)
        before = there.heard.copy()
        there.send(common.MigrateData(found.body))
        there.go_on()
    if before:
        raise NotApplicable(f"the destination has said {', '.join(before)} before the data came")
    first = there.expect_message()
    check_value("display:0", f"number of its first message there, {first.name}", first.serial, value.message_serial)


@server_case("SPICE-MIG-051/two-and-two", 2, channel="inputs", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-051/three-and-one", 3, channel="inputs", needs=WITH_STATE, requires=_ENDS)
def motions(client: SuiteClient, first: int) -> None:
    """Four movements, so many of them at the source: one MOUSE_MOTION_ACK, for the last. At the source."""
    journey = set_out(client, SEAMLESS, USUAL)
    talk = journey.talk(ChannelType.INPUTS)
    movements = [inputs.MouseMotion(1, 1, 0)] * 4
    talk.send(*movements[:first])
    client.alive(journey.main)
    journey.go()
    client.wait_quiet()
    there = journey.talk_there(ChannelType.INPUTS)
    there.expect_count("MOUSE_MOTION_ACK", 0, why="three movements are none of four")
    there.send(*movements[first:])
    there.expect_count("MOUSE_MOTION_ACK", 1, why="four movements, at two servers", settle=True)


@server_case("SPICE-MIG-053/no-sound", channel="main", needs=WITH_STATE, requires=_ENDS)
def clock(client: SuiteClient) -> None:
    """No sound plays at the destination: MULTI_MEDIA_TIME says what the clock is."""
    journey = set_out(client, SEAMLESS, (*USUAL, ChannelType.PLAYBACK))
    journey.go()
    client.wait_quiet()
    playing = [talk for talk in journey.others_there.values() if talk.table == "playback" and talk.heard.get("DATA")]
    if playing:
        raise NotApplicable("sound plays at the destination")
    journey.main_there.expect_count("MULTI_MEDIA_TIME", 1, why="no sound plays")


# -- data that nobody can read

_WRONG: Final[dict[str, Callable[[bytes], bytes]]] = {
    "magic": lambda body: b"XXXX" + body[4:],
    "version": lambda body: body[:4] + (99).to_bytes(4, "little") + body[8:],
    "empty": lambda body: b"",
    "cut": lambda body: body[:-3],
}


@server_case("SPICE-MIG-056/magic-on-main", "main", "magic", channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/version-on-main", "main", "version", channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/empty-on-main", "main", "empty", channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/cut-on-main", "main", "cut", channel="main", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/magic-on-display", "display", "magic", channel="display", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/version-on-display", "display", "version", channel="display", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/empty-on-display", "display", "empty", channel="display", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/magic-on-inputs", "inputs", "magic", channel="inputs", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/empty-on-inputs", "inputs", "empty", channel="inputs", needs=WITH_STATE, requires=_ENDS)
@server_case("SPICE-MIG-056/magic-on-usbredir", "usbredir", "magic", channel="usbredir", needs=WITH_STATE, requires=_ENDS)
def unreadable(client: SuiteClient, table: str, how: str) -> None:
    """Data of one channel that nobody can read: the destination closes it or main, and serves the next client. Channel, how."""
    channels = {"display": (ChannelType.DISPLAY,), "inputs": (ChannelType.INPUTS,), "usbredir": (ChannelType.USBREDIR,)}
    journey = _leaving(client, channels.get(table, ()))
    talks = {journey.main.table: (journey.main, journey.main_there)}
    talks |= {talk.table: (talk, journey.others_there[channel]) for channel, talk in journey.others.items()}
    if table not in talks:
        raise NotApplicable(f"the server lists no {table}:0")
    for name, (talk, there) in talks.items():
        with client.preparing(f"the state of {name}"):
            found = journey.data_of(talk)
        if found is None:
            continue
        body = _WRONG[how](found.body) if name == table else found.body
        there.send(common.MigrateData(body), text=f"MIGRATE_DATA, {how}" if name == table else "MIGRATE_DATA as it came")
        there.go_on()
    there = talks[table][1]
    main_there = journey.main_there
    client.step(f"{there.name}: expect that it or main is closed", there.wire.number)
    if not client.run(lambda: there.closed or main_there.closed):
        raise Failure(f"{there.name} or main is closed, whose data nobody can read", "both are open")
    _others_are_served(journey)


def _others_are_served(journey: Any) -> None:
    """The next client of the destination is answered. Raises Failure."""
    there = journey.there
    for talk in [journey.main_there, *journey.others_there.values()]:
        talk.wire.close()
    there.step("see that the destination goes on for others")
    there.session_id = 0
    answer = there.ask(Ask(connection_id=0)).answer()
    if answer.error is None:
        raise Failure("an answer of the destination to the next client", str(answer))
