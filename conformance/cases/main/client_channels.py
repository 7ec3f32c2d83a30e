"""Clients: which channels they link, and when they leave them (3.2)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import BOTH_MODES, SuiteServer
from conformance.case import client_case
from conformance.cases.main.client_steps import (
    CURSOR,
    DISPLAY,
    INPUTS,
    expect_no_link,
    linked_ids,
    others_of,
    whole_session,
)
from conformance.channels import LISTED
from conformance.expectation import check_value, one_of, other_than
from conformance.outcome import Failure, NotApplicable
from spiceproto.enums.common import NotifySeverity, NotifyVisibility
from spiceproto.enums.main import MouseMode
from spiceproto.messages import common

_ASKS: Final = ("SPICE-MAIN-026/after-init",)
"""Whether the client asks for channels at all."""


@client_case("SPICE-MAIN-026/after-init", channel="main")
def attaches_after_init(server: SuiteServer) -> None:
    """INIT, and nothing else: the client asks for the channels, if need be once something more has come."""
    with server.preparing("main, linked"):
        talk = server.main()
    if not server.asked_for_channels(talk, server.patience_for_a_manner):
        server.tolerate("asks for the channels only when another message has come behind INIT")


@client_case("SPICE-MAIN-026/server-mode-alone", MouseMode.SERVER.value, MouseMode.SERVER.value, channel="main", requires=_ASKS)
@client_case("SPICE-MAIN-026/client-mode", BOTH_MODES.value, MouseMode.CLIENT.value, channel="main", requires=_ASKS)
def attaches_in_any_mode(server: SuiteServer, supported: int, current: int) -> None:
    """INIT with other mouse modes: the client asks for the channels. Supported modes, current one."""
    with server.preparing("main, linked"):
        talk = server.main(init=server.init(supported=supported, current=current))
    server.asked_for_channels(talk)


# -- what lists name, and what is linked


@client_case("SPICE-MAIN-015/second-list", channel="main")
def second_list(server: SuiteServer) -> None:
    """A second list with one entry of the first, and once more all of it."""
    talk = server.session(INPUTS)
    server.link_others()
    linked = one_of(*[each.name for each in server.talking])
    before = len(server.links)
    for which, entries in (("second", (INPUTS,)), ("third", LISTED)):
        server.name_channels(talk, *entries)
        server.alive(talk)
        expect_no_link(server, linked, after=before, why=f"it is linked, and a {which} list names it")
    for each in server.talking:
        server.alive(each)


@client_case("SPICE-MAIN-015/twice-in-one-list", channel="main")
def twice_in_one_list(server: SuiteServer) -> None:
    """The same entry twice in the first list."""
    talk = server.main()
    server.list_channels(talk, DISPLAY, INPUTS, CURSOR, INPUTS)
    inputs = server.linked(*INPUTS)
    first = [asked.name for asked in server.links].index(inputs.name)
    expect_no_link(server, inputs.name, after=first + 1, why="it is linked, and the list names it twice")
    server.alive(talk)


@client_case("SPICE-MAIN-015/while-it-links", channel="main")
def while_it_links(server: SuiteServer) -> None:
    """Another list that names a channel whose link stage is not over yet."""
    talk = server.main()
    server.list_channels(talk, *LISTED)
    wire = server.next_asked(server.network.patience)
    if wire is None:
        raise NotApplicable("the target links nothing but main")
    first, before = wire.asked, len(server.links)
    server.name_channels(talk, first.channel)
    # Whoever links one channel after another answers nothing meanwhile.
    expect_no_link(server, first.name, after=before, why="its first link is under way")
    server.greet(wire.link())
    server.alive(talk)
    expect_no_link(server, first.name, after=before, why="it is linked, and lists named it twice before that")


@client_case("SPICE-MAIN-016/type-99", 99, channel="main")
@client_case("SPICE-MAIN-016/type-255", 255, channel="main")
@client_case("SPICE-MAIN-016/type-0", 0, channel="main")
def strange_type(server: SuiteServer, number: int) -> None:
    """A list that names a type nobody knows, before and behind inputs."""
    talk = server.main()
    server.list_channels(talk, (number, 0), DISPLAY, INPUTS, (number, 1))
    try:
        server.linked(*INPUTS)
    except NotApplicable:
        server.note("the target links no inputs:0")
    server.link_others()
    check_value("session", f"ids of channels of type {number} that are linked", linked_ids(server, number), [])
    server.alive(talk, f"the list named a channel of type {number}")


@client_case("SPICE-MAIN-017/list-of-one", channel="main")
def list_of_one(server: SuiteServer) -> None:
    """A list that names one channel: nothing else is linked."""
    talk = server.main()
    server.list_channels(talk, CURSOR)
    expect_no_link(server, other_than("cursor:0"), after=1, why="cursor:0 is the only channel in the list")
    server.alive(talk)


@client_case("SPICE-MAIN-017/empty-list", channel="main")
def empty_list(server: SuiteServer) -> None:
    """A list of no channels: nothing is linked."""
    talk = server.main()
    server.list_channels(talk)
    expect_no_link(server, after=1, why="the list is empty")
    server.alive(talk)


@client_case("SPICE-MAIN-017/before-the-list", channel="main")
def before_the_list(server: SuiteServer) -> None:
    """The list is late: until it comes nothing is linked."""
    talk = server.main()
    server.alive(talk)
    expect_no_link(server, after=1, why="the list has not come yet")
    server.name_channels(talk, *LISTED)
    server.alive(talk)


# -- what ends a session, and what does not


@client_case("SPICE-MAIN-019/client-after-the-server", channel="main")
def server_closes(server: SuiteServer) -> None:
    """Main is closed by the server: the client closes every other channel, and links no more of this session."""
    talk, others = whole_session(server)
    if not others:
        raise NotApplicable("the target links nothing but main")
    before = len(server.links)
    talk.close()
    for each in others:
        each.expect_closed(why="main was closed")
    server.step(f"expect no link with connection id {server.session_id:#x}; main of a new session is another matter")
    server.link_others()
    for asked in server.links[before:]:
        if number := asked.message.connection_id:
            raise Failure("no link of a session that is over", f"{asked.name} with connection id {number:#x}")


@client_case("SPICE-MAIN-019/client-by-itself", channel="main", needs=("act:disconnect",))
def client_closes(server: SuiteServer) -> None:
    """The client is told to leave: it closes main and every other channel."""
    talk, others = whole_session(server)
    server.act("disconnect")
    talk.expect_closed(why="the client leaves")
    for each in others:
        each.expect_closed(why="main was closed")


@client_case("SPICE-MAIN-020/client-loses-cursor", "cursor", channel="cursor")
@client_case("SPICE-MAIN-020/client-loses-inputs", "inputs", channel="inputs")
@client_case("SPICE-MAIN-020/client-loses-display", "display", channel="display")
def one_lost(server: SuiteServer, table: str) -> None:
    """Another channel than main is closed by the server: the rest of the session goes on."""
    with server.preparing(f"a session with {table}"):
        lost = server.session_on(table)
        server.link_others()
    lost.close()
    server.wait_quiet()
    for each in others_of(server, lost):
        server.alive(each, f"{lost.name} was closed, and nothing else")
    server.main_talk.expect_open(f"{lost.name} was closed, and not main")


@client_case("SPICE-MAIN-020/client-loses-all-others", channel="main")
def others_lost(server: SuiteServer) -> None:
    """Every channel but main is closed by the server: main goes on."""
    talk, others = whole_session(server)
    for each in others:
        each.close()
    server.wait_quiet()
    server.alive(talk, "all other channels were closed")


# -- NOTIFY


def _notice(severity: int) -> common.Notify:
    return common.Notify(
        time_stamp=1,
        severity=severity,
        visibilty=NotifyVisibility.HIGH,
        what=0,
        message=b"Something has happened",
        terminator=b"\0",
    )


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
        server.name_channels(talk, *LISTED)
    else:
        server.list_channels(talk, *LISTED)
    server.link_others()
    talk.send(_notice(severity))
    for each in server.talking:
        server.alive(each, f"NOTIFY of severity {severity} on main")
    talk.expect_open()


@client_case("SPICE-MAIN-021/on-inputs", "inputs", channel="inputs")
@client_case("SPICE-MAIN-021/on-display", "display", channel="display")
def notify_elsewhere(server: SuiteServer, table: str) -> None:
    """NOTIFY of each severity on another channel than main."""
    with server.preparing(f"a session with {table}"):
        talk = server.session_on(table)
    talk.send(*[_notice(severity.value) for severity in NotifySeverity])
    server.alive(talk, "NOTIFY is a message of every channel")
    server.alive(server.main_talk)
