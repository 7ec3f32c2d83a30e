"""Clients: the main channel, from INIT to the end of the session (spec/03-main.md)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import CHANNELS, SuiteServer
from conformance.case import client_case
from conformance.outcome import Failure, NotApplicable
from conformance.talk import Talk
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.link import ChannelType
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common, main

_END: Final = 1 << 32
"""The multimedia clock goes on from 0 here."""

_ADDED: Final = (ChannelType.INPUTS, 0)
"""The channel that lists of these cases name again and again."""


# -- steps that several cases share


def _name(channel: tuple[int, int]) -> str:
    """As in inputs:0."""
    kind, id = channel
    return f"{ChannelType(kind).name.lower() if kind in set(ChannelType) else f'type {kind}'}:{id}"


def _of_a_new_session(connection_id: int) -> None:
    if connection_id:
        raise NotApplicable(f"main is linked with connection id {connection_id:#x}, as at the destination of a migration")


def _no_more_links(server: SuiteServer, expected: str) -> None:
    """The target links nothing more in a short quiet time."""
    wire = server.another()
    if wire is not None:
        raise Failure(expected, f"a link of {_name(wire.link_message().channel)}")


def _no_second_link(server: SuiteServer, linked: set[tuple[int, int]], why: str) -> None:
    """None of these channels is linked again in a short quiet time."""
    while (wire := server.another()) is not None:
        found = wire.link_message().channel
        if found in linked:
            raise Failure(f"one link of {_name(found)} ({why})", f"another link of {_name(found)}")
        server.serve(server.establish(wire))


def _closed_with_main(server: SuiteServer, others: list[Talk]) -> None:
    for each in others:
        each.expect_closed(why="main was closed")


# -- 3.1 life


@client_case("SPICE-MAIN-005/hint-of-1", 1, 1, channel="main")
@client_case("SPICE-MAIN-005/hint-of-0", 0, 1, channel="main", after=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-4", 4, 1, channel="main", after=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-200", 200, 1, channel="main", after=("SPICE-MAIN-005/hint-of-1",))
@client_case("SPICE-MAIN-005/hint-of-2-and-two-displays", 2, 2, channel="main")
@client_case("SPICE-MAIN-005/hint-of-1-and-two-displays", 1, 2, channel="main",
             after=("SPICE-MAIN-005/hint-of-2-and-two-displays",))  # fmt: skip
def hint(server: SuiteServer, number: int, displays: int) -> None:
    """As many displays as the list names are linked, whatever the hint says: hint, displays in the list."""
    talk = server.main(init=server.init(hint=number))
    server.listing(talk, *[(ChannelType.DISPLAY, id) for id in range(displays)], _ADDED)
    # A client that links fewer displays whatever the hint says has its reasons, and is not judged.
    for id in range(displays):
        server.channel(ChannelType.DISPLAY, id)
    server.others()
    found = sorted(id for kind, id in server.talks if kind == ChannelType.DISPLAY)
    if found != list(range(displays)):
        raise Failure(f"links of display {', '.join(map(str, range(displays)))}, which the list names (the hint says {number})",
                      f"display {', '.join(map(str, found))}")  # fmt: skip
    server.alive(talk)


@client_case("SPICE-MAIN-006/nothing-before-init", channel="main")
def before_init(server: SuiteServer) -> None:
    """INIT is late: until it comes the client says nothing, and then it goes on."""
    wire = server.accept()
    _of_a_new_session(wire.link_message().message.connection_id)
    talk = server.establish(wire)
    server.quiet()
    if talk.heard or talk.broken:
        raise Failure("nothing from the client before INIT", ", ".join(talk.heard) or talk.broken)
    talk.expect_open("it waits for INIT")
    talk.send(server.init())
    server.alive(talk)


@client_case("SPICE-MAIN-007/ordinary-session", channel="main")
def obsolete(server: SuiteServer) -> None:
    """A session with all channels and a change of the mouse mode: no message that no client sends any more, or yet."""
    talk = server.session()
    server.others()
    talk.send(main.MouseModeMessage(MouseMode.SERVER, MouseMode.SERVER))
    server.alive(talk)
    for message in ("CLIENT_INFO", "QUALITY_INDICATOR"):
        if talk.count(message):
            raise Failure(f"no {message}", f"{talk.count(message)}")


_NAMES: Final[dict[str, tuple[bytes, ...]]] = {
    "with-a-zero-byte": (b"guest\0",),
    "without-a-zero-byte": (b"guest",),
    "empty": (b"",),
    "only-a-zero-byte": (b"\0",),
    "no-utf-8": (b"\xff\xfe\xc3",),
    "twice": (b"guest\0", b"other"),
    "60000-bytes": (b"n" * 60000,),
}


def name(server: SuiteServer, which: str) -> None:
    """A NAME, then a ping."""
    talk = server.main()
    if not talk.client.has(MainCapability.NAME_AND_UUID):
        raise NotApplicable("the client did not announce NAME_AND_UUID")
    for text in _NAMES[which]:
        talk.send(main.Name(text))
    talk.send(main.Uuid(bytes(range(16))))
    server.alive(talk, f"NAME was {which.replace('-', ' ')}")
    talk.expect_open()


for _slug in _NAMES:
    client_case(f"SPICE-MAIN-009/{_slug}", _slug, channel="main")(name)


@client_case("SPICE-MAIN-011/starts-before-the-end", channel="main")
def clock(server: SuiteServer) -> None:
    """A clock that starts 50 ms before 2^32, passes it, and is set on both sides of it."""
    talk = server.main(init=server.init(clock=_END - 50))
    server.others()
    server.alive(talk)
    server.wait(0.1)
    server.alive(talk, "its clock has passed 2^32")
    for time in (60, _END - 1, 0, _END // 2, 70):
        talk.send(main.MultiMediaTime(time))
    server.alive(talk, "the server set the clock across 2^32")
    talk.expect_open()


@client_case("SPICE-MAIN-011/set-across-the-end", channel="display")
def clock_of_a_session(server: SuiteServer) -> None:
    """A session whose clock is set to the last millisecond and goes on from 0, display and all."""
    talk = server.session((ChannelType.DISPLAY, 0), init=server.init(clock=_END - 1))
    picture = server.talks[ChannelType.DISPLAY, 0]
    for time in (_END - 1, 5):
        talk.send(main.MultiMediaTime(time))
        server.wait(0.01)
        server.alive(talk)
        server.alive(picture, "the clock of main has passed 2^32")


# -- 3.2 channels


@client_case("SPICE-MAIN-015/second-list", channel="main")
def second_list(server: SuiteServer) -> None:
    """A second list with one entry of the first, and once more all of it."""
    talk = server.session(_ADDED)
    server.others()
    linked = set(server.talks)
    server.name_channels(talk, _ADDED)
    server.alive(talk)
    _no_second_link(server, linked, "a second list names it")
    server.name_channels(talk, *CHANNELS)
    server.alive(talk)
    _no_second_link(server, linked, "a third list names it")
    for each in server.talks.values():
        server.alive(each)


@client_case("SPICE-MAIN-015/twice-in-one-list", channel="main")
def twice_in_one_list(server: SuiteServer) -> None:
    """The same entry twice in the first list."""
    talk = server.main()
    server.listing(talk, (ChannelType.DISPLAY, 0), _ADDED, (ChannelType.CURSOR, 0), _ADDED)
    server.channel(*_ADDED)
    _no_second_link(server, {_ADDED}, "the list names it twice")
    server.alive(talk)


@client_case("SPICE-MAIN-015/while-it-links", channel="main")
def while_it_links(server: SuiteServer) -> None:
    """Another list that names a channel whose link stage is not over yet."""
    talk = server.main()
    server.listing(talk, *CHANNELS)
    wire = server.another(server.network.patience)
    if wire is None:
        raise NotApplicable("the target links nothing but main")
    first = wire.link_message().channel
    server.name_channels(talk, first)
    server.alive(talk)
    _no_second_link(server, {first}, "its first is under way")
    server.serve(server.establish(wire))
    _no_second_link(server, {first}, "lists named it twice before it was linked")


@client_case("SPICE-MAIN-016/type-99", 99, channel="main")
@client_case("SPICE-MAIN-016/type-255", 255, channel="main")
@client_case("SPICE-MAIN-016/type-0", 0, channel="main")
def strange_type(server: SuiteServer, number: int) -> None:
    """A list that names a type nobody knows, before and behind inputs."""
    talk = server.main()
    server.listing(talk, (number, 0), (ChannelType.DISPLAY, 0), _ADDED, (number, 1))
    try:
        server.channel(*_ADDED)
    except NotApplicable:
        server.note("the target links no inputs:0")
    strange = sorted(kind for kind, _ in server.talks if kind == number)
    if strange:
        raise Failure(f"no link of a channel of type {number}", "one")
    _no_more_links(server, "links of the channels with a known type alone")
    server.alive(talk, f"the list named a channel of type {number}")


@client_case("SPICE-MAIN-017/list-of-one", channel="main")
def list_of_one(server: SuiteServer) -> None:
    """A list that names one channel: nothing else is linked."""
    talk = server.main()
    server.listing(talk, (ChannelType.CURSOR, 0))
    while (wire := server.another()) is not None:
        found = wire.link_message().channel
        if found != (ChannelType.CURSOR, 0):
            raise Failure("no link but that of cursor:0, the only channel in the list", f"type {found[0]}, id {found[1]}")
        server.serve(server.establish(wire))
    server.alive(talk)


@client_case("SPICE-MAIN-017/empty-list", channel="main")
def empty_list(server: SuiteServer) -> None:
    """A list of no channels: nothing is linked."""
    talk = server.main()
    server.listing(talk)
    _no_more_links(server, "no link: the list is empty")
    server.alive(talk)


@client_case("SPICE-MAIN-017/before-the-list", channel="main")
def before_the_list(server: SuiteServer) -> None:
    """The list is late: until it comes nothing is linked."""
    talk = server.main()
    server.alive(talk)
    _no_more_links(server, "no link before the list")
    server.name_channels(talk, *CHANNELS)
    server.alive(talk)


@client_case("SPICE-MAIN-019/client-after-the-server", channel="main")
def server_closes(server: SuiteServer) -> None:
    """Main is closed by the server: the client closes every other channel, and links nothing more."""
    talk = server.session()
    server.others()
    others = [each for each in server.talks.values() if each is not talk]
    if not others:
        raise NotApplicable("the target links nothing but main")
    talk.close()
    _closed_with_main(server, others)
    _no_more_links(server, "no link in a session that is over")


@client_case("SPICE-MAIN-019/client-by-itself", channel="main", needs=("act:disconnect",))
def client_closes(server: SuiteServer) -> None:
    """The client is told to leave: it closes main and every other channel."""
    talk = server.session()
    server.others()
    server.act("disconnect")
    talk.expect_closed(why="the client leaves")
    _closed_with_main(server, [each for each in server.talks.values() if each is not talk])


@client_case("SPICE-MAIN-020/client-loses-cursor", "cursor", channel="cursor")
@client_case("SPICE-MAIN-020/client-loses-inputs", "inputs", channel="inputs")
@client_case("SPICE-MAIN-020/client-loses-display", "display", channel="display")
def one_lost(server: SuiteServer, table: str) -> None:
    """Another channel than main is closed by the server: the rest of the session goes on."""
    lost = server.on(table)
    server.others()
    talk = server.talks[ChannelType.MAIN, 0]
    lost.close()
    server.quiet()
    for each in server.talks.values():
        if each is not lost:
            server.alive(each, f"{lost.name} was closed, and nothing else")
    talk.expect_open(f"{lost.name} was closed, and not main")


@client_case("SPICE-MAIN-020/client-loses-all-others", channel="main")
def others_lost(server: SuiteServer) -> None:
    """Every channel but main is closed by the server: main goes on."""
    talk = server.session()
    server.others()
    for each in server.talks.values():
        if each is not talk:
            each.close()
    server.quiet()
    server.alive(talk, "all other channels were closed")


def _notice(severity: int) -> common.Notify:
    return common.Notify(1, severity, NotifyVisibility.HIGH, 0, b"Something has happened", b"\0")


@client_case("SPICE-MAIN-021/info-before-the-list", NotifySeverity.INFO.value, False, channel="main")
@client_case("SPICE-MAIN-021/warning-before-the-list", NotifySeverity.WARN.value, False, channel="main")
@client_case("SPICE-MAIN-021/error-before-the-list", NotifySeverity.ERROR.value, False, channel="main")
@client_case("SPICE-MAIN-021/info-after-the-list", NotifySeverity.INFO.value, True, channel="main")
@client_case("SPICE-MAIN-021/warning-after-the-list", NotifySeverity.WARN.value, True, channel="main")
@client_case("SPICE-MAIN-021/error-after-the-list", NotifySeverity.ERROR.value, True, channel="main")
@client_case("SPICE-MAIN-021/severity-77", 77, True, channel="main")
def notify(server: SuiteServer, severity: int, listed: bool) -> None:
    """NOTIFY, and the session goes on: severity, whether it comes after the list."""
    talk = server.main()
    if not listed:
        talk.send(_notice(severity))
        server.alive(talk, f"NOTIFY of severity {severity} before the list")
        server.name_channels(talk, *CHANNELS)
    else:
        server.listing(talk, *CHANNELS)
    server.others()
    talk.send(_notice(severity))
    for each in server.talks.values():
        server.alive(each, f"NOTIFY of severity {severity} on main")
    talk.expect_open()


@client_case("SPICE-MAIN-021/on-inputs", "inputs", channel="inputs")
@client_case("SPICE-MAIN-021/on-display", "display", channel="display")
def notify_elsewhere(server: SuiteServer, table: str) -> None:
    """NOTIFY of each severity on another channel than main."""
    talk = server.on(table)
    for severity in NotifySeverity:
        talk.send(_notice(severity.value))
    server.alive(talk, "NOTIFY is a message of every channel")
    server.alive(server.talks[ChannelType.MAIN, 0])


# -- 3.3 at the destination of a migration


@client_case("SPICE-MAIN-024/in-a-new-session", channel="main")
def new_session(server: SuiteServer) -> None:
    """A session that came from nowhere, with a server that can migrate: no MIGRATE_DST_DO_SEAMLESS."""
    can = NONE.with_(MainCapability.SEMI_SEAMLESS_MIGRATE, MainCapability.SEAMLESS_MIGRATE)
    wire = server.accept()
    _of_a_new_session(wire.link_message().message.connection_id)
    talk = server.establish(wire, channel=can)
    talk.send(server.init())
    server.listing(talk, *CHANNELS)
    server.others()
    talk.send(main.MigrateCancel())
    server.alive(talk)
    if talk.count("MIGRATE_DST_DO_SEAMLESS"):
        raise Failure("no MIGRATE_DST_DO_SEAMLESS: this is no destination", f"{talk.count('MIGRATE_DST_DO_SEAMLESS')}")
