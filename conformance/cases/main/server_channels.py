"""Servers: the other channels of a session, from their links to their end (3.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.main.server_steps import (
    OTHERS,
    Listed,
    begun,
    close_with_main,
    go_on,
    link_all,
    whole_session,
)
from conformance.channels import COMMON, LISTED
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.talk import Talk
from conformance.wire_form import link_message
from spiceproto import dispatch
from spiceproto.channels import channel_type
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.messages import main

_COMMON: Final = 100
"""Numbers up to this are those of messages that every channel has."""


# -- in any order, and at the same time


@server_case("SPICE-MAIN-018/inputs-alone", "INPUTS", channel="inputs")
@server_case("SPICE-MAIN-018/display-alone", "DISPLAY", channel="display")
@server_case("SPICE-MAIN-018/cursor-alone", "CURSOR", channel="cursor")
def alone(client: SuiteClient, kind: str) -> None:
    """One other channel is linked before all others."""
    ask = Ask(ChannelType[kind])
    with client.preparing("a session"):
        _, listed = client.session()
        client.need_listed(listed, (ask.channel_type, 0))
    client.relies_on("SPICE-LINK-014/every-channel", f"SPICE-LINK-003/first-bytes-on-{kind.lower()}")
    wire = client.ask(ask)
    answer = wire.conclude()
    if not answer.is_error(LinkErr.NEED_SECURED):
        answer.expect_logged_in()
        client.greet(wire.talk())


@server_case("SPICE-MAIN-018/cursor-before-display", "cursor, inputs, display")
@server_case("SPICE-MAIN-018/display-last-but-one", "inputs, display, cursor")
@server_case("SPICE-MAIN-018/display-first", "display, cursor, inputs")
def any_order(client: SuiteClient, order: str) -> None:
    """The other channels, linked in this order."""
    talk, listed = client.session()
    go_on(client, talk, link_all(client, listed, map(channel_type, order.split(", "))))


def _linked_together(client: SuiteClient, listed: Listed, *, backwards: bool) -> list[Talk]:
    """All links at the same time: every step is taken on all of them before the next one."""
    kinds = [kind for kind in OTHERS if (kind, 0) in listed]
    if len(kinds) < 2:
        raise client.not_listed(listed, *LISTED)
    wires = [client.ask(Ask(kind)) for kind in kinds]
    logins = wires[::-1] if backwards else wires
    for wire in logins:
        wire.reply()
    for wire in logins:
        wire.log_in()
    talks = []
    for wire in wires:
        wire.expect_logged_in()
        talks.append(wire.talk())
        client.greet(talks[-1])
    return talks


@server_case("SPICE-MAIN-018/all-at-once", "in the order of the links")
@server_case("SPICE-MAIN-018/all-at-once-crosswise", "backwards")
def all_at_once(client: SuiteClient, logins: str) -> None:
    """Display, inputs and cursor are linked at the same time; logins follow in this order."""
    talk, listed = client.session()
    client.relies_on("SPICE-LINK-064/half-a-ticket")
    talks = _linked_together(client, listed, backwards=logins == "backwards")
    begun(client, talks)
    go_on(client, talk, talks)


@server_case(
    "SPICE-MAIN-018/one-hangs", channel="cursor", requires=("SPICE-LINK-004/byte-by-byte", "SPICE-LINK-064/half-a-header")
)
def one_hangs(client: SuiteClient) -> None:
    """While one channel stands in the middle of its link message, the others are linked; then it goes on."""
    talk, listed = client.session()
    client.need_listed(listed, (ChannelType.CURSOR, 0), (ChannelType.INPUTS, 0))
    wire = client.connect(Ask(ChannelType.CURSOR))
    data = link_message(ChannelType.CURSOR, 0, client.session_id, common_caps=COMMON.common)
    wire.send(data[:20], "the first 20 bytes of a link message for cursor:0")
    keyboard = client.channel(Ask(ChannelType.INPUTS), wait=False)
    wire.send(data[20:], "the rest of it")
    wire.reply()
    wire.log_in()
    wire.expect_logged_in()
    go_on(client, talk, [keyboard, wire.talk()])


# -- what a cursor channel begins with


def _cursor(client: SuiteClient) -> Talk:
    """Cursor, linked. Raises NotApplicable if no list names it."""
    with client.preparing("cursor, linked"):
        _, listed = client.session()
        client.need_listed(listed, (ChannelType.CURSOR, 0))
        return client.link(Ask(ChannelType.CURSOR))


@server_case("SPICE-MAIN-029/init", channel="cursor")
def cursor_init(client: SuiteClient) -> None:
    """Cursor is linked: INIT comes."""
    _cursor(client).expect("INIT")


@server_case("SPICE-MAIN-029/first-message", channel="cursor", requires=("SPICE-MAIN-029/init",))
def cursor_init_first(client: SuiteClient) -> None:
    """Of the messages that cursor alone has, INIT comes first."""
    talk = _cursor(client)
    own = [row.name for number, row in dispatch.rows("cursor", "server").items() if number > _COMMON]
    first = talk.expect_message(*own, text="INIT, and nothing before it that cursor alone has")
    check_value("cursor:0", "first message of its own", first.name, "INIT")


@server_case("SPICE-MAIN-029/linked-again", channel="cursor", requires=("SPICE-MAIN-029/init",))
def cursor_init_again(client: SuiteClient) -> None:
    """Cursor is closed and linked again: INIT comes again."""
    client.relies_on("SPICE-MAIN-020/cursor")
    cursor = _cursor(client)
    with client.preparing("cursor, closed"):
        cursor.expect("INIT")
        cursor.close()
        client.alive(client.main_talk)
    client.link(Ask(ChannelType.CURSOR)).expect("INIT", why="it is a new link")


# -- the end of main


@server_case("SPICE-MAIN-019/client-closes-main")
def client_closes_main(client: SuiteClient) -> None:
    """The client closes main: the server closes every other channel of the session."""
    talk, others = whole_session(client)
    talk.close()
    close_with_main(others)


@server_case("SPICE-MAIN-019/server-closes-main", requires=("SPICE-FRAME-009/main-mouse-mode-request-1",))
def server_closes_main(client: SuiteClient) -> None:
    """The server closes main, for a body that is too short, and with it every other channel of the session."""
    talk, others = whole_session(client)
    number, body = dispatch.build("main", "client", main.MouseModeRequest(MouseMode.SERVER))
    talk.send_raw(number, body[:1], text="MOUSE_MODE_REQUEST of 1 byte")
    talk.expect_closed()
    close_with_main(others)


@server_case("SPICE-MAIN-019/no-other-session", needs=("many-sessions",))
def no_other_session(client: SuiteClient) -> None:
    """Of two sessions that run side by side one is closed; the channels of the other stay."""
    first, of_first = whole_session(client)
    second, of_second = whole_session(client)
    first.close()
    close_with_main(of_first)
    go_on(client, second, of_second)


# -- the loss of another channel


@server_case("SPICE-MAIN-020/inputs", "INPUTS", channel="inputs")
@server_case("SPICE-MAIN-020/cursor", "CURSOR", channel="cursor")
@server_case("SPICE-MAIN-020/display", "DISPLAY", channel="display")
def one_is_lost(client: SuiteClient, kind: str) -> None:
    """The client closes one channel: main answers, and the other channels stay."""
    talk, others = whole_session(client, ChannelType[kind])
    lost = next(other for other in others if other.table == kind.lower())
    others.remove(lost)
    lost.close()
    client.alive(talk, f"only {lost.name} was lost")
    client.wait_quiet()
    go_on(client, talk, others)


@server_case("SPICE-MAIN-020/all-one-after-the-other")
def all_are_lost(client: SuiteClient) -> None:
    """The client closes every channel but main, and links inputs again."""
    talk, others = whole_session(client)
    for other in others:
        other.close()
        client.alive(talk, f"only {other.name} was lost")
    if "inputs" in [other.table for other in others]:
        go_on(client, talk, [client.link(Ask(ChannelType.INPUTS))])


@server_case("SPICE-MAIN-020/closed-in-the-link-stage", channel="inputs")
def lost_in_the_link_stage(client: SuiteClient) -> None:
    """A connection for inputs that is lost in each step of its link stage: main answers."""
    talk, listed = client.session()
    client.need_listed(listed, (ChannelType.INPUTS, 0))
    client.connect().close()
    client.alive(talk, "a connection was lost before its link message")
    client.ask(Ask(ChannelType.INPUTS)).close()
    client.alive(talk, "a connection was lost behind its link message")
    wire = client.ask(Ask(ChannelType.INPUTS))
    wire.reply()
    wire.log_in()
    wire.close()
    client.alive(talk, "a connection was lost behind its login")
