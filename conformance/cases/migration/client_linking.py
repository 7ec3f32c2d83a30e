"""Clients: they are told of a destination, and link it (19.1, 19.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.migration.client_steps import (
    ANSWERS,
    CONNECTED,
    SEAMLESS,
    SEMI,
    VERSION,
    Move,
    migrating,
    session,
)
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.naming import error_name
from conformance.outcome import Failure, NotApplicable
from conformance.server_wire import ServerWire
from spiceproto.enums.capabilities import MainCapability
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.messages import main

_DISPLAYS: Final = ((ChannelType.DISPLAY, 0), (ChannelType.DISPLAY, 1), (ChannelType.INPUTS, 0))
_EVERY: Final = (*LISTED, (ChannelType.PLAYBACK, 0), (ChannelType.RECORD, 0), (ChannelType.PORT, 0))
_LISTS: Final = {"two displays": _DISPLAYS, "a channel of each type": _EVERY}
_INPUTS: Final = (int(ChannelType.INPUTS), 0)
_ERROR: Final = "MIGRATE_CONNECT_ERROR"
_KEY: Final = 0x1E
_MANY: Final = 100


# -- main first


@client_case("SPICE-MIG-010/semi-seamless", SEMI, channel="main", also=("SPICE-LINK-032",))
@client_case("SPICE-MIG-010/seamless", SEAMLESS, channel="main", also=("SPICE-LINK-032",))
def main_is_linked(server: SuiteServer, kind: str) -> None:
    """The source tells of a destination: main is linked there, with the session id as connection id."""
    move = migrating(server, kind)
    move.begin()
    wire = move.asked()
    check_value("link message of main", "connection id", wire.asked.message.connection_id, server.session_id)
    check_value("link message of main", "channel id", wire.asked.channel[1], 0)
    move.link_main(wire)
    server.alive(move.source, "all is linked")


@client_case("SPICE-MIG-010/after-one-that-failed", channel="main", also=("SPICE-MIG-014",))
def another_destination(server: SuiteServer) -> None:
    """Nobody listens at the first destination; the second that it is told of is linked."""
    move = migrating(server, SEMI)
    move.begin(port=server.destination.address.closed_port, sport=0)
    move.answered(_ERROR, why="nobody listens there")
    move.begin()
    move.link_main()
    move.answered()


@client_case("SPICE-MIG-005/host-with-a-zero-byte", True, SEMI, channel="main")
@client_case("SPICE-MIG-005/host-without-a-zero-byte", False, SEMI, channel="main")
@client_case("SPICE-MIG-005/host-with-a-zero-byte-seamless", True, SEAMLESS, channel="main")
@client_case("SPICE-MIG-005/host-without-a-zero-byte-seamless", False, SEAMLESS, channel="main")
def zero_byte(server: SuiteServer, there: bool, kind: str) -> None:
    """The host is named with or without a zero byte at its end: main is linked there. Whether there is one, kind."""
    move = migrating(server, kind)
    move.begin(host_data=server.destination.address.host.encode() + (b"\0" if there else b""))
    move.link_main()
    move.answered()


# -- the answer


@client_case("SPICE-MIG-014/semi-seamless", SEMI, channel="main", also=("SPICE-MIG-013", "SPICE-MIG-015"))
@client_case("SPICE-MIG-014/seamless", SEAMLESS, channel="main", also=("SPICE-MIG-013",))
def one_answer(server: SuiteServer, kind: str) -> None:
    """All channels can be linked: the client says so once, and not before they are."""
    move = migrating(server, kind)
    move.begin()
    move.link_main()
    move.answered()
    check_value("session", "channels that are not linked at the destination", ", ".join(move.missing()) or "none", "none")
    move.source.expect_none(*ANSWERS, after=1, why="it has answered")


@client_case("SPICE-MIG-014/begin-twice", channel="main")
def begin_twice(server: SuiteServer) -> None:
    """The same destination is told of once more when it is linked: one more answer of any kind, and the session goes on."""
    move = migrating(server, SEMI)
    move.ready()
    before = sum(move.source.count(name) for name in ANSWERS)
    move.begin()
    again = move.there.asked_for_main(server.network.quiet)
    if again is not None:
        again.link(move.there.usual())
    move.source.expect_message(*ANSWERS, text="an answer to the second MIGRATE_BEGIN")
    move.source.expect_none(*ANSWERS, after=before + 1, why="it has answered")
    server.alive(move.source)


@client_case("SPICE-MIG-013/two-displays", SEMI, "two displays", channel="display")
@client_case("SPICE-MIG-013/two-displays-seamless", SEAMLESS, "two displays", channel="display")
@client_case("SPICE-MIG-013/every-type", SEMI, "a channel of each type", channel="main")
@client_case("SPICE-MIG-013/every-type-seamless", SEAMLESS, "a channel of each type", channel="main")
def all_are_linked(server: SuiteServer, kind: str, which: str) -> None:
    """Every channel of the source is linked at the destination when the client says that it is connected."""
    move = migrating(server, kind, listed=_LISTS[which])
    move.ready()
    check_value("session", "channels that are not linked at the destination", ", ".join(move.missing()) or "none", "none")


@client_case("SPICE-MIG-013/others-wait", SEMI, channel="main")
@client_case("SPICE-MIG-013/others-wait-seamless", SEAMLESS, channel="main")
def waits_for_the_others(server: SuiteServer, kind: str) -> None:
    """Main is linked, and all other channels wait for their link replies: the client does not answer before they come."""
    move = migrating(server, kind)
    if len(server.talks) == 1:
        raise NotApplicable("the target links nothing but main")
    with move.there.taking():
        move.begin()
        move.link_main()
        server.wait_quiet()
        early = ", ".join([name for name in ANSWERS if move.source.count(name)])
        check_value("source", "answers before all is linked", early or "none", "none")
    move.answered()


@client_case("SPICE-MIG-015/nack", channel="main")
def refused_data(server: SuiteServer) -> None:
    """The destination does not know the source's data: MIGRATE_CONNECTED, and not MIGRATE_CONNECTED_SEAMLESS."""
    move = migrating(server, SEAMLESS)
    move.begin()
    move.link_main(known=False)
    move.answered(CONNECTED[SEMI], why="the destination said MIGRATE_DST_SEAMLESS_NACK")


@client_case("SPICE-MIG-015/not-announced", channel="main", also=("SPICE-MAIN-024",))
def not_announced(server: SuiteServer) -> None:
    """The destination announces nothing of seamless migrations: it is not asked, and the client says MIGRATE_CONNECTED."""
    move = migrating(server, SEAMLESS)
    move.begin()
    move.link_main(announces=(MainCapability.SEMI_SEAMLESS_MIGRATE,))
    move.answered(CONNECTED[SEMI], why="the destination did not announce SEAMLESS_MIGRATE")
    move.main.expect_count("MIGRATE_DST_DO_SEAMLESS", 0, why="the destination did not announce SEAMLESS_MIGRATE")


@client_case("SPICE-MIG-016/ordinary-session", channel="main")
def no_answer_unasked(server: SuiteServer) -> None:
    """A session, and a MIGRATE_CANCEL in it: nothing is said of a destination of which nobody told."""
    talk = session(server)
    talk.send(main.MigrateCancel())
    server.alive(talk)
    for name in ANSWERS:
        talk.expect_count(name, 0, why="the source has told of no destination")


@client_case("SPICE-MIG-021/version-1", VERSION, channel="main")
@client_case("SPICE-MIG-021/version-2", 2, channel="main")
@client_case("SPICE-MIG-021/version-4294967295", 0xFFFFFFFF, channel="main")
def version(server: SuiteServer, number: int) -> None:
    """The destination is asked whether it knows the version that the source has named."""
    move = migrating(server, SEAMLESS)
    move.begin(version=number)
    move.asked().link(move.there.usual())
    talk = move.there.main_talk
    talk.expect("MIGRATE_DST_DO_SEAMLESS", src_version=number)
    talk.send(main.MigrateDstSeamlessAck() if number == VERSION else main.MigrateDstSeamlessNack())
    move.answered(CONNECTED[SEAMLESS if number == VERSION else SEMI])


# -- how it links


@client_case("SPICE-MIG-024/semi-seamless", SEMI, channel="main", needs=("client-password",))
@client_case("SPICE-MIG-024/seamless", SEAMLESS, channel="main", needs=("client-password",))
def password(server: SuiteServer, kind: str) -> None:
    """The tickets of all links at the destination hold the password of the session."""
    server.relies_on("SPICE-LINK-045/password-of-the-session", "SPICE-LINK-045/key-of-each-link")
    move = migrating(server, kind)
    move.begin()
    wire = move.asked()
    wire.reply(move.there.usual())
    expected = server.target.password.encode() + b"\0"
    check_value("ticket of main", "password and one zero byte", wire.login(), expected)
    wire.result()
    talk = wire.talk()
    if kind == SEAMLESS:
        talk.expect("MIGRATE_DST_DO_SEAMLESS")
        talk.send(main.MigrateDstSeamlessAck())
    with move.there.taking():
        while (other := move.there.next_asked()) is not None:
            other.reply()
            check_value(f"ticket of {other.asked.name}", "password and one zero byte", other.login(), expected)
            other.result()
            other.talk()
    move.answered()


@client_case("SPICE-MIG-038/semi-seamless", SEMI, channel="main")
@client_case("SPICE-MIG-038/seamless", SEAMLESS, channel="main")
def same_capabilities(server: SuiteServer, kind: str) -> None:
    """On every channel the client announces at the destination what it announced at the source."""
    move = migrating(server, kind, listed=_EVERY)
    move.ready()
    before = {asked.channel: asked for asked in server.links}
    for asked in move.there.links:
        known = before.get(asked.channel)
        if known is not None:
            check_value(f"link of {asked.name} at the destination", "capabilities", asked.capabilities, known.capabilities)


@client_case("SPICE-MIG-019/semi-seamless", SEMI, channel="main")
@client_case("SPICE-MIG-019/seamless", SEAMLESS, channel="main")
def silent_ahead(server: SuiteServer, kind: str) -> None:
    """What is linked ahead is silent until the migration ends."""
    server.relies_on("SPICE-LINK-003/result-withheld", "SPICE-LINK-003/result-withheld-of-other-channels")
    move = migrating(server, kind, listed=_EVERY)
    move.ready()
    server.wait_quiet()
    for talk in move.there.talking:
        heard = [name for name in talk.heard if name not in ("MIGRATE_DST_DO_SEAMLESS", "ACK", "ACK_SYNC", "PONG")]
        check_value(talk.name, "messages before the migration ends", ", ".join(heard) or talk.broken or "none", "none")


# -- meanwhile, at the source


def _slow(server: SuiteServer, kind: str = SEMI) -> tuple[Move, ServerWire]:
    """A migration whose destination has not yet answered the link of main."""
    move = migrating(server, kind, _INPUTS)
    move.begin()
    return move, move.asked()


@client_case("SPICE-MIG-018/ping-on-inputs", "inputs", channel="inputs")
@client_case("SPICE-MIG-018/ping-on-display", "display", channel="display")
@client_case("SPICE-MIG-018/ping-on-main", "main", channel="main")
def answers_meanwhile(server: SuiteServer, table: str) -> None:
    """The destination does not answer yet: at the source a ping on this channel is answered."""
    move, wire = _slow(server)
    talk = next((talk for talk in server.talking if talk.table == table), None)
    if talk is None:
        raise NotApplicable(f"the target links no {table}")
    server.alive(talk, "the destination has not answered yet")
    wire.link(move.there.usual())
    move.answered()


@client_case("SPICE-MIG-018/key", channel="inputs", needs=("act:key",), requires=("SPICE-MOUSE-026/down-and-up",))
def key_meanwhile(server: SuiteServer) -> None:
    """A key goes down while the destination has not answered, and up when all is linked: the source hears both."""
    move, wire = _slow(server)
    keyboard = server.talks[_INPUTS]
    server.act("key", code=_KEY, down=True)
    keyboard.expect_message("KEY_DOWN", "KEY_SCANCODE", why="the session is at the source")
    wire.link(move.there.usual())
    move.answered()
    server.act("key", code=_KEY, down=False)
    keyboard.expect_message("KEY_UP", "KEY_SCANCODE", why="the session is at the source")


@client_case("SPICE-MIG-018/when-all-is-linked", SEMI, channel="main")
@client_case("SPICE-MIG-018/when-all-is-linked-seamless", SEAMLESS, channel="main")
def goes_on_when_linked(server: SuiteServer, kind: str) -> None:
    """All is linked, and the migration does not end for now: every channel of the source goes on."""
    move = migrating(server, kind)
    move.ready()
    for talk in server.talking:
        server.alive(talk, "the session is at the source")


# -- a destination that can not be linked


def _refused(move: Move, why: str) -> None:
    """The client says that it can not link the destination, drops what it has linked, and goes on at the source."""
    move.answered(_ERROR, why=why)
    move.server.alive(move.source, "the session is at the source")
    inputs_here = move.server.talks.get(_INPUTS)
    if inputs_here is not None:
        move.server.alive(inputs_here, "the session is at the source")
    move.source.expect_none(*ANSWERS, after=1, why="it has answered")


@client_case("SPICE-MIG-017/no-ports", "no port", channel="main")
@client_case("SPICE-MIG-017/empty-host", "an empty host", channel="main")
def names_nobody(server: SuiteServer, what: str) -> None:
    """The source names nobody as the destination."""
    move = migrating(server, SEMI)
    move.begin(**({"port": 0, "sport": 0} if what == "no port" else {"host_data": b"\0"}))
    _refused(move, f"the source has named {what}")


@client_case("SPICE-MIG-017/nobody-listens", SEMI, channel="main", also=("SPICE-MIG-014",))
@client_case("SPICE-MIG-017/nobody-listens-seamless", SEAMLESS, channel="main", also=("SPICE-MIG-014",))
def nobody_listens(server: SuiteServer, kind: str) -> None:
    """Nobody listens at the port of the destination."""
    move = migrating(server, kind)
    move.begin(port=server.destination.address.closed_port, sport=0)
    _refused(move, "nobody listens there")


_ERRORS: Final = [error for error in LinkErr if error not in (LinkErr.OK, LinkErr.NEED_SECURED)]


def _each_error(function: Any) -> Any:
    for error in reversed(_ERRORS):
        client_case(f"SPICE-MIG-017/main-{str(error.name).lower().replace('_', '-')}", error.value, channel="main")(function)
    return function


@_each_error
def main_is_refused(server: SuiteServer, error: int) -> None:
    """The destination refuses main with this link error."""
    move = migrating(server, SEMI)
    move.begin()
    wire = move.asked()
    wire.refuse(error)
    wire.close()
    # Some come again once, with TLS or with another header.
    while (again := move.there.asked_for_main(server.network.quiet)) is not None:
        again.refuse(error)
        again.close()
    _refused(move, f"the destination refuses main: {error_name(error)}")


@client_case("SPICE-MIG-017/result-of-main", channel="main")
def result_is_refused(server: SuiteServer) -> None:
    """The destination takes the link message of main, and then the ticket is wrong."""
    move = migrating(server, SEMI)
    move.begin()
    wire = move.asked()
    wire.reply(move.there.usual())
    wire.login()
    wire.result(LinkErr.PERMISSION_DENIED)
    wire.close()
    _refused(move, "the link result of main is PERMISSION_DENIED")


@client_case("SPICE-MIG-017/closed-at-once", channel="main")
def closed_at_once(server: SuiteServer) -> None:
    """The destination closes the connection of main without a word."""
    move = migrating(server, SEMI)
    move.begin()
    move.asked().close()
    while (again := move.there.asked_for_main(server.network.quiet)) is not None:
        again.close()
    _refused(move, "the destination has closed the connection of main")


@client_case("SPICE-MIG-017/one-channel", SEMI, 1, channel="main")
@client_case("SPICE-MIG-017/one-channel-seamless", SEAMLESS, 1, channel="main")
@client_case("SPICE-MIG-017/all-but-main", SEMI, _MANY, channel="main", requires=("SPICE-MIG-017/one-channel",))
@client_case(
    "SPICE-MIG-017/all-but-main-seamless", SEAMLESS, _MANY, channel="main", requires=("SPICE-MIG-017/one-channel-seamless",)
)
def another_is_refused(server: SuiteServer, kind: str, most: int) -> None:
    """The destination links main, and refuses other channels. Kind, how many at most."""
    server.relies_on("SPICE-MIG-013/others-wait", "SPICE-MIG-013/others-wait-seamless")
    move = migrating(server, kind)
    if len(server.talks) == 1:
        raise NotApplicable("the target links nothing but main")
    with move.there.taking():
        move.begin()
        wire = move.there.asked_for_main()
        if wire is None:
            raise Failure("a link of main at the destination", "none")
        talk = wire.link(move.there.usual())
        if kind == SEAMLESS:
            talk.expect("MIGRATE_DST_DO_SEAMLESS")
            talk.send(main.MigrateDstSeamlessAck())
        refused: list[str] = []
        while len(refused) < most and (other := move.there.next_asked()) is not None:
            refused.append(other.asked.name)
            other.refuse(LinkErr.CHANNEL_NOT_AVAILABLE)
            other.close()
    _refused(move, f"the destination refuses {', '.join(refused)}: CHANNEL_NOT_AVAILABLE")


@client_case("SPICE-MIG-017/lost-behind-the-link", channel="main")
def lost_behind_the_link(server: SuiteServer) -> None:
    """The destination goes away before it has said whether it knows the source's data."""
    move = migrating(server, SEAMLESS)
    move.begin()
    move.asked().link(move.there.usual()).expect("MIGRATE_DST_DO_SEAMLESS")
    for stream in server.network.streams:
        if stream.place:
            stream.close()
    while (again := move.there.asked_for_main(server.network.quiet)) is not None:
        again.close()
    _refused(move, "the destination has gone away")


_SLOW: Final = 60.0


@client_case("SPICE-MIG-017/no-answer", channel="main", slow=_SLOW)
def no_answer(server: SuiteServer) -> None:
    """The destination takes the connection of main, and never answers: the client says so before a minute is over."""
    move, _ = _slow(server)
    move.answered(_ERROR, why="the destination does not answer", within=_SLOW)
    server.alive(move.source)
