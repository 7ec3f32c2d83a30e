"""Clients: order (1.1)."""

from __future__ import annotations

from itertools import islice
from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import WAITS, main_and_list, next_link, other_links
from conformance.channels import LISTED
from conformance.naming import error_name
from conformance.outcome import Blocked, Failure
from spiceproto.messages import common

_PING: Final = common.Ping(0xB41, 9, b"")


@client_case("SPICE-LINK-001/whole-stage-of-a-client", channel="main")
def whole_stage(server: SuiteServer) -> None:
    """The link stage of main, INIT, and what the client links of a list of channels if it asks for one: it goes on."""
    talk = server.main()
    try:
        server.asked_for_channels(talk)
    except (Blocked, Failure):
        server.note("the target has not asked for the channels")
    else:
        server.name_channels(talk, *LISTED)
        server.link_others()
    server.wait_quiet()
    server.target.left |= {key for key, other in server.talks.items() if other is not talk and other.closed and not other.begun}
    talk.expect_open("it was sent INIT")


@client_case("SPICE-LINK-001/reply-withheld", channel="main")
def reply_withheld(server: SuiteServer) -> None:
    """No link reply for a while: neither mechanism nor ticket comes before it."""
    wire = server.asked()
    wire.expect_silence("the link reply has not come yet")
    wire.reply()
    wire.conclude()
    server.init_and_ping(wire)


@client_case("SPICE-LINK-001/reply-withheld-of-other-channels")
def other_replies_withheld(server: SuiteServer) -> None:
    """The same on the channels behind main."""
    talk = main_and_list(server)
    for wire in islice(other_links(server), 4):
        wire.expect_silence("the link reply has not come yet")
        server.greet(wire.link())
    server.alive(talk)


@client_case("SPICE-LINK-003/result-withheld", channel="main")
def result_withheld(server: SuiteServer) -> None:
    """No link result for a while: no message comes before it."""
    wire = server.asked()
    wire.reply()
    wire.login()
    wire.expect_silence("the link result has not come yet")
    wire.result()
    server.init_and_ping(wire)


@client_case("SPICE-LINK-003/result-withheld-of-other-channels")
def other_results_withheld(server: SuiteServer) -> None:
    """The same on the channels behind main, where some clients speak first."""
    talk = main_and_list(server)
    for wire in islice(other_links(server), 4):
        wire.reply()
        wire.login()
        wire.expect_silence("the link result has not come yet")
        wire.result()
        server.greet(wire.talk())
    server.alive(talk)


@client_case("SPICE-LINK-003/refused-login", 1, channel="main")
@client_case("SPICE-LINK-003/refused-login-invalid-magic", 2, channel="main")
@client_case("SPICE-LINK-003/refused-login-invalid-data", 3, channel="main")
@client_case("SPICE-LINK-003/refused-login-version", 4, channel="main")
@client_case("SPICE-LINK-003/refused-login-need-secured", 5, channel="main")
@client_case("SPICE-LINK-003/refused-login-need-unsecured", 6, channel="main")
@client_case("SPICE-LINK-003/refused-login-permission", 7, channel="main")
@client_case("SPICE-LINK-003/refused-login-connection-id", 8, channel="main")
@client_case("SPICE-LINK-003/refused-login-channel", 9, channel="main")
def refused_login(server: SuiteServer, error: int) -> None:
    """A link result with an error: no message follows it."""
    wire = server.asked()
    wire.reply()
    wire.login()
    wire.result(error)
    wire.expect_silence(f"the link result was {error_name(error)}")
    wire.close()


@client_case("SPICE-LINK-004/one-byte-at-a-time", 1, channel="main")
@client_case("SPICE-LINK-004/three-bytes-at-a-time", 3, channel="main")
@client_case("SPICE-LINK-004/fifty-bytes-at-a-time", 50, channel="main")
def in_pieces(server: SuiteServer, size: int) -> None:
    """The whole stage in small pieces; messages come whole."""
    wire = server.asked()
    usual, server.network.piece = server.network.piece, size
    wire.reply()
    wire.login()
    wire.result()
    server.network.piece = usual
    server.init_and_ping(wire)


@client_case("SPICE-LINK-004/cut-and-continued", channel="main", requires=WAITS)
def cut_and_continued(server: SuiteServer) -> None:
    """Half a link header, half a link reply, half a link result: the client waits for the other half."""
    wire = server.asked()
    data = wire.make_reply()
    wire.send(data[:8], "half the link header")
    wire.expect_silence("half the link header")
    wire.send(data[8:100], "the rest of it, and half the link reply")
    wire.expect_silence("half the link reply")
    wire.send(data[100:], "the rest of it")
    wire.login()
    wire.send(bytes(2), "half a link result")
    wire.expect_silence("half the link result")
    wire.send(bytes(2), "the rest of it")
    server.init_and_ping(wire)


@client_case("SPICE-LINK-004/result-with-init", channel="main")
def result_with_init(server: SuiteServer) -> None:
    """The link result and INIT in one write: the client has seen INIT, and asks for the channels."""
    wire = server.asked()
    wire.reply()
    wire.login()
    talk = wire.talk()
    wire.send(bytes(4) + talk.frame(server.init()), "link result OK and INIT in one")
    server.list_channels(talk, *LISTED)
    server.alive(talk)


@client_case("SPICE-LINK-004/result-with-ping")
def result_with_ping(server: SuiteServer) -> None:
    """The link result of a channel behind main and a PING in one write."""
    main_and_list(server)
    wire = next_link(server)
    wire.reply()
    wire.login()
    talk = wire.talk()
    wire.send(bytes(4) + talk.frame(_PING), "link result OK and PING in one")
    talk.wait_for("PONG", id=_PING.id)
    server.greet(talk)
    server.alive(talk)
