"""Clients: SWITCH_HOST (19.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.display.drawing import stripes
from conformance.cases.display.screen import PICTURE, Screen
from conformance.cases.migration.client_steps import (
    BOTH,
    OF_MAIN,
    SEMI,
    Move,
    destination_info,
    expect_nobody,
    migrating,
    session,
)
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.server_wire import ServerWire
from conformance.talk import Talk
from spiceproto.messages import main

_BEGUN: Final = ("SPICE-MIG-008/ordinary-session",)
_TLS: Final = ("client-tls",)
_ERROR: Final = "MIGRATE_CONNECT_ERROR"


def _switch(server: SuiteServer, talk: Talk, **other: Any) -> None:
    """SWITCH_HOST to the second server."""
    talk.send(main.MigrateSwitchHost(**destination_info(server, **other)))


def _arrived(server: SuiteServer) -> ServerWire:
    """Main is linked at the second server, with the connection id of a new session. Raises Failure."""
    server.step("expect a link of main at the destination")
    server.destination.ahead = False
    ignored = server.known_to_fail(_BEGUN[0])
    patience = server.network.quiet if ignored else server.target.start_time + server.network.patience
    wire = server.destination.asked_for_main(patience)
    if wire is None:
        raise Failure("a link of main at the host and the port that SWITCH_HOST names", "none")
    check_value("link message of main", "connection id", wire.asked.message.connection_id, 0, why="a new session")
    return wire


def _begins(server: SuiteServer, wire: ServerWire) -> Talk:
    """The new session, with the channels of a list. Raises Failure."""
    there = server.destination
    talk = wire.link(there.usual())
    talk.send(there.init())
    there.list_channels(talk, *LISTED)
    there.link_others()
    there.alive(talk)
    return talk


def _left(server: SuiteServer) -> None:
    Move(server, server.main_talk, SEMI).expect_left()


@client_case("SPICE-MIG-008/ordinary-session", channel="main", also=("SPICE-MIG-005",))
def switched(server: SuiteServer) -> None:
    """SWITCH_HOST in a session: all connections are closed, and a new session begins there, with all channels."""
    talk = session(server)
    _switch(server, talk)
    _begins(server, _arrived(server))
    _left(server)
    missing = sorted([talk.name for key, talk in server.talks.items() if key not in server.destination.talks])
    check_value("new session", "channels that were linked before, and are not", ", ".join(missing) or "none", "none")


@client_case("SPICE-MIG-008/links-that-failed", channel="main")
def behind_an_error(server: SuiteServer) -> None:
    """The client can not link the destination ahead; SWITCH_HOST names it all the same, and it is there now."""
    server.relies_on(*_BEGUN)
    move = migrating(server, SEMI)
    move.begin(port=server.destination.address.closed_port, sport=0)
    move.answered(_ERROR, why="nobody listens there")
    _switch(server, move.source)
    _begins(server, _arrived(server))
    _left(server)


@client_case("SPICE-MIG-008/all-is-linked", channel="main")
def behind_links(server: SuiteServer) -> None:
    """All is linked ahead, and the source says SWITCH_HOST: a new session begins."""
    server.relies_on(*_BEGUN)
    move = migrating(server, SEMI)
    move.ready()
    move.there.talks.clear()
    _switch(server, move.source)
    _begins(server, _arrived(server))
    _left(server)


@client_case("SPICE-MIG-008/picture", channel="display", tags=(PICTURE,))
def picture(server: SuiteServer) -> None:
    """What is drawn in the new session is shown, and nothing of the old one."""
    server.migrates = BOTH
    server.relies_on(*_BEGUN)
    before = Screen(server)
    if before.once:
        raise NotApplicable("it takes one picture in a session")
    before.draw(*stripes())
    before.alive()
    _switch(server, server.main_talk)
    server.destination.greetings = dict(server.greetings)
    _begins(server, _arrived(server))
    screen = Screen(server.destination, arrived=True)
    screen.draw(*reversed(stripes()))
    screen.expect_same("a new session has begun at the second server")


@client_case("SPICE-MIG-005/host-of-switch-host-without-a-zero-byte", channel="main")
def no_zero_byte(server: SuiteServer) -> None:
    """The host of SWITCH_HOST has no zero byte at its end."""
    server.relies_on(*_BEGUN)
    talk = session(server)
    _switch(server, talk, host_data=server.destination.address.host.encode())
    _begins(server, _arrived(server))


@client_case("SPICE-MIG-024/switch-host", channel="main", needs=("client-password",))
def password(server: SuiteServer) -> None:
    """The ticket of the new session holds the password of the one before."""
    server.relies_on(*_BEGUN, "SPICE-LINK-045/password-of-the-session")
    talk = session(server)
    _switch(server, talk)
    wire = _arrived(server)
    wire.reply(server.destination.usual())
    check_value("ticket of main", "password and one zero byte", wire.login(), server.target.password.encode() + b"\0")
    wire.result()
    talk = wire.talk()
    talk.send(server.destination.init())
    server.destination.alive(talk)


# -- SWITCH_HOST to nowhere

_NOWHERE: Final[dict[str, dict[str, Any]]] = {
    "no host": {"host_data": None},
    "an empty host": {"host_data": b"\0"},
    "no ports": {"port": 0, "sport": 0},
}


@client_case("SPICE-MIG-009/no-host", "no host", channel="main")
@client_case("SPICE-MIG-009/empty-host", "an empty host", channel="main")
@client_case("SPICE-MIG-009/no-ports", "no ports", channel="main")
def nowhere(server: SuiteServer, what: str) -> None:
    """SWITCH_HOST that names nobody: nobody is connected to, and the session at the source ends."""
    server.relies_on(*_BEGUN)
    talk = session(server)
    _switch(server, talk, **_NOWHERE[what])
    expect_nobody(server, "SWITCH_HOST names nobody")
    _left(server)


# -- TLS


def _sealed(server: SuiteServer) -> Talk:
    """A session whose main has TLS."""
    server.migrates = BOTH
    with server.preparing("a session whose main is linked with TLS"):
        wire = server.asked(secure=True)
        talk = wire.link(server.usual())
        server.talks[OF_MAIN] = talk
        talk.send(server.init())
        server.list_channels(talk, *LISTED)
        server.link_others()
        server.alive(talk)
    return talk


@client_case("SPICE-MIG-039/switch-host", channel="main", needs=_TLS)
def tls_alone(server: SuiteServer) -> None:
    """SWITCH_HOST with a TLS port alone, in a session without TLS."""
    server.relies_on(*_BEGUN)
    talk = session(server)
    _switch(server, talk, port=0)
    wire = _arrived(server)
    check_value("link of main", "TLS", wire.stream.secure, True)
    _begins(server, wire)


@client_case("SPICE-MIG-011/switch-host", channel="main", needs=_TLS)
def stays_sealed(server: SuiteServer) -> None:
    """SWITCH_HOST with both ports, in a session with TLS: main is linked with TLS."""
    server.relies_on(*_BEGUN)
    talk = _sealed(server)
    _switch(server, talk)
    wire = _arrived(server)
    check_value("link of main", "TLS", wire.stream.secure, True)


@client_case("SPICE-MIG-012/switch-host-right-subject", channel="main", needs=_TLS)
def right_subject(server: SuiteServer) -> None:
    """SWITCH_HOST with the subject of the certificate that is there."""
    server.relies_on(*_BEGUN)
    talk = _sealed(server)
    subject = server.destination.address.subject.encode() + b"\0"
    _switch(server, talk, port=0, cert_subject_data=subject)
    _begins(server, _arrived(server))


@client_case("SPICE-MIG-012/switch-host-wrong-subject", channel="main", needs=_TLS)
def wrong_subject(server: SuiteServer) -> None:
    """SWITCH_HOST with another subject: main is not linked there."""
    server.relies_on(*_BEGUN)
    talk = _sealed(server)
    _switch(server, talk, port=0, cert_subject_data=b"O=SPICE reference,CN=elsewhere\0")
    _expect_no_link(server, "the certificate has another subject")


@client_case("SPICE-MIG-012/switch-host-wrong-host", channel="main", needs=_TLS)
def wrong_host(server: SuiteServer) -> None:
    """SWITCH_HOST without a subject, to a host that the certificate does not name: main is not linked there."""
    server.relies_on(*_BEGUN)
    talk = _sealed(server)
    place = server.destination.address
    if not place.stranger:
        raise NotApplicable("the suite has no second address here")
    _switch(server, talk, port=0, host_data=place.stranger.encode() + b"\0")
    _expect_no_link(server, "the certificate does not name this host")


def _expect_no_link(server: SuiteServer, why: str) -> None:
    server.step("expect no link of main at the destination")
    if server.destination.asked_for_main(server.network.quiet * 2) is not None:
        raise Failure(f"no link of main at the destination ({why})", "one")
    _left(server)
