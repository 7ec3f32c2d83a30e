"""Clients: link reply (1.4): refusals, and the ids that a link message names."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import all_links, goes_on, in_clear, main_and_list, next_link, other_links
from conformance.channels import LISTED
from conformance.expectation import check
from conformance.naming import error_name
from conformance.outcome import Failure, NotApplicable
from conformance.server_wire import Asked, ServerWire
from spiceproto.enums.link import ChannelType, LinkErr

_ONES: Final = (1 << 32) - 1
_MOST_LINKS: Final = 12
"""Links behind a refusal that are looked at, however often a client comes again."""
_NO_REASON: Final = "NEED_UNSECURED (6) on a TLS connection is no reason to send a ticket without TLS"


# -- refusals


@client_case("SPICE-LINK-023/error-alone", channel="main")
def error_alone(server: SuiteServer) -> None:
    """A link reply of four bytes, NEED_SECURED: the client does not wait for more."""
    wire = server.asked()
    wire.refuse(LinkErr.NEED_SECURED, short=True)
    server.step("expect the connection to be closed, or another one")
    if not server.run(lambda: bool(wire.stream.ended) or len(server.network.streams) > wire.number):
        raise Failure("the client closes, or connects again with TLS", wire.state())


@client_case("SPICE-LINK-023/error-alone-beside-tls", channel="main", needs=("client-tls",), requires=("SPICE-LINK-027/main",))
def error_alone_beside_tls(server: SuiteServer) -> None:
    """A link reply of four bytes, NEED_SECURED: the client connects again with TLS, as it does after a whole one."""
    _comes_again_with_tls(server, short=True)


@client_case("SPICE-LINK-026/error", 1, channel="main")
@client_case("SPICE-LINK-026/invalid-magic", 2, channel="main")
@client_case("SPICE-LINK-026/invalid-data", 3, channel="main")
@client_case("SPICE-LINK-026/version-mismatch", 4, channel="main")
@client_case("SPICE-LINK-026/need-secured", 5, channel="main")
@client_case("SPICE-LINK-026/need-unsecured", 6, channel="main")
@client_case("SPICE-LINK-026/permission-denied", 7, channel="main")
@client_case("SPICE-LINK-026/bad-connection-id", 8, channel="main")
@client_case("SPICE-LINK-026/channel-not-available", 9, channel="main")
@client_case("SPICE-LINK-026/unknown-error", 99, channel="main")
def error_with_key(server: SuiteServer, error: int) -> None:
    """A link reply with an error, and for all that a key and capabilities: neither mechanism nor ticket follows."""
    _no_login_follows(server.asked(), error)


@client_case("SPICE-LINK-026/other-channel")
def error_for_another_channel(server: SuiteServer) -> None:
    """A channel behind main is not available: neither mechanism nor ticket follows for it."""
    main_and_list(server)
    _no_login_follows(next_link(server), LinkErr.CHANNEL_NOT_AVAILABLE)


def _no_login_follows(wire: ServerWire, error: int) -> None:
    wire.reply(error=error)
    wire.expect_silence(f"the link reply had the error {error_name(error)}")
    wire.close()


@client_case("SPICE-LINK-027/main", channel="main", needs=("client-tls",))
def need_secured(server: SuiteServer) -> None:
    """NEED_SECURED on the plain port: the client connects to the TLS port, and the session begins there."""
    _comes_again_with_tls(server)


def _comes_again_with_tls(server: SuiteServer, *, short: bool = False) -> None:
    """Main without TLS is answered NEED_SECURED: it comes again with TLS, and is served. Raises Failure."""
    wire = in_clear(server)
    wire.refuse(LinkErr.NEED_SECURED, short=short)
    wire.close()
    goes_on(server, server.redirected())


@client_case("SPICE-LINK-027/one-channel", needs=("client-tls",))
def need_secured_for_one(server: SuiteServer) -> None:
    """Main without TLS, and NEED_SECURED for a channel behind it: that one comes again with TLS."""
    talk = main_and_list(server)
    if talk.stream.secure:
        raise NotApplicable("the client connects with TLS at once")
    wanted = ""
    for wire in other_links(server, patient=True):
        wanted = wanted or wire.asked.name
        again = wire.asked.name == wanted and wire.stream.secure
        if wire.asked.name == wanted and not again:
            wire.refuse(LinkErr.NEED_SECURED)
            wire.close()
            continue
        server.greet(wire.link())
        if again:
            server.alive(talk)
            return
    raise Failure(f"another connection for {wanted}, with TLS, after NEED_SECURED (5)", "none with TLS")


@client_case("SPICE-LINK-028/main", channel="main", needs=("client-tls",))
def need_unsecured(server: SuiteServer) -> None:
    """NEED_UNSECURED on a TLS connection: no ticket follows in clear."""
    wire = server.asked(secure=True)
    wire.refuse(LinkErr.NEED_UNSECURED)
    wire.close()
    _stays_secured(server, wire.asked)


@client_case("SPICE-LINK-028/other-channel", needs=("client-tls",))
def need_unsecured_for_one(server: SuiteServer) -> None:
    """A session over TLS, and NEED_UNSECURED for a channel behind main: no ticket follows in clear."""
    with server.preparing("a channel behind main, with TLS"):
        talk = server.asked(secure=True).link()
        talk.send(server.init())
        server.list_channels(talk, *LISTED)
        wire = _next_with_tls(server)
    with server.taking():
        wire.refuse(LinkErr.NEED_UNSECURED)
        wire.close()
        _stays_secured(server, wire.asked)


def _next_with_tls(server: SuiteServer) -> ServerWire:
    """The link message of a channel behind main that comes with TLS. Raises NotApplicable if none does."""
    for wire in other_links(server, patient=True):
        if wire.stream.secure:
            return wire
        wire.refuse(LinkErr.NEED_SECURED)
        wire.close()
    raise NotApplicable("no channel but main comes with TLS")


def _stays_secured(server: SuiteServer, refused: Asked) -> None:
    """After NEED_UNSECURED, the same channel without TLS gets a key and must not use it. Raises Failure."""
    for _ in range(_MOST_LINKS):
        wire = server.next_asked()
        if wire is None:
            return
        if wire.asked.channel != refused.channel:
            server.greet(wire.link())
            continue
        if wire.stream.secure:
            wire.refuse(LinkErr.NEED_UNSECURED)
        else:
            wire.reply()
            wire.expect_silence(_NO_REASON)
        wire.close()


# -- connection id and channel id


@client_case("SPICE-LINK-030/session-id", 0x0C0FFEE1)
@client_case("SPICE-LINK-030/session-id-2", 2)
@client_case("SPICE-LINK-030/session-id-2147483648", 0x80000000)
@client_case("SPICE-LINK-030/session-id-4294967295", _ONES)
def session_id(server: SuiteServer, number: int) -> None:
    """Every channel but main names the id that INIT brought."""
    server.session_id = number
    links = [wire for wire in all_links(server) if wire.asked.channel[0] != ChannelType.MAIN]
    if not links:
        raise NotApplicable("the client links no channel but main")
    for wire in links:
        check(f"link message for {wire.asked.name}", wire.asked.message, connection_id=number)


@client_case("SPICE-LINK-032/second-attempt", channel="main", needs=("client-tls",), requires=("SPICE-LINK-027/main",))
def connection_id_of_second_attempt(server: SuiteServer) -> None:
    """Main that comes again with TLS names connection id 0 as well."""
    _begins_a_session(server.asked(secure=True))


@client_case("SPICE-LINK-032/new-session", channel="main")
def connection_id_of_second_session(server: SuiteServer) -> None:
    """A session that follows another one begins with connection id 0."""
    with server.preparing("a session before it"):
        talk = server.main()
        server.alive(talk)
    talk.close()
    server.invite_again()
    _begins_a_session(server.asked())


@client_case("SPICE-LINK-032/connection-id-of-main", channel="main", also=("SPICE-LINK-030",))
def connection_id_of_main(server: SuiteServer) -> None:
    """The link message of main names connection id 0."""
    _begins_a_session(server.asked())


def _begins_a_session(wire: ServerWire) -> None:
    """It asks for main, with connection id 0. Raises Failure."""
    check("first link message", wire.asked.message, channel_type=ChannelType.MAIN, connection_id=0)


@client_case("SPICE-LINK-034/channel-id-of-main", channel="main")
def channel_id_of_main(server: SuiteServer) -> None:
    """The link message of main names channel id 0."""
    check("link message for main", server.asked().asked.message, channel_id=0)
