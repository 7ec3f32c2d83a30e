"""Clients: TLS at the destination, and whose certificate it has (19.2)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.migration.client_steps import (
    CONNECTED,
    OF_MAIN,
    SEAMLESS,
    SEMI,
    Move,
    migrating,
    need,
    prepare,
)
from conformance.channels import LISTED
from conformance.expectation import check_value
from conformance.outcome import NotApplicable
from conformance.talk import Talk

_TLS: Final = ("client-tls",)
_ERROR: Final = "MIGRATE_CONNECT_ERROR"
_REFUSED: Final = ("SPICE-MIG-017",)


def _over_tls(server: SuiteServer, kind: str) -> Move:
    """A session in which main is linked with TLS. Raises NotApplicable for who announces no such migration."""
    prepare(server, kind)
    with server.preparing("a session whose main is linked with TLS"):
        wire = server.asked(secure=True)
        talk: Talk = wire.link(server.usual())
        server.talks[OF_MAIN] = talk
        talk.send(server.init())
        server.list_channels(talk, *LISTED)
        server.link_others()
        server.alive(talk)
    need(server, talk, kind)
    return Move(server, talk, kind)


def _refused(move: Move, why: str) -> None:
    """The client says that it can not link the destination, and goes on at the source; no link message came there."""
    _no_link(move, move.server.network.quiet)
    move.answered(_ERROR, why=why)
    move.server.alive(move.source, "the session is at the source")
    _no_link(move, 0.0)


def _no_link(move: Move, within: float) -> None:
    """No link message comes to the destination in that time. Raises Failure."""
    move.there.asked_for_main(within)
    check_value(
        "destination", "channels that are linked there", ", ".join([asked.name for asked in move.there.links]) or "none", "none"
    )


@client_case("SPICE-MIG-011/main-with-tls", SEMI, channel="main", needs=_TLS)
@client_case("SPICE-MIG-011/main-with-tls-seamless", SEAMLESS, channel="main", needs=_TLS)
def stays_sealed(server: SuiteServer, kind: str) -> None:
    """A session over TLS, and a destination with both ports: what had TLS at the source has it there."""
    move = _over_tls(server, kind)
    move.ready()
    sealed = {key for key, talk in server.talks.items() if talk.stream.secure}
    plain = sorted([talk.name for key, talk in move.there.talks.items() if key in sealed and not talk.stream.secure])
    check_value("destination", "channels without TLS that had it at the source", ", ".join(plain) or "none", "none")


@client_case("SPICE-MIG-011/no-tls-port", channel="main", needs=_TLS)
def no_tls_there(server: SuiteServer) -> None:
    """A session over TLS, and a destination with a port without TLS alone: main is not linked there."""
    move = _over_tls(server, SEMI)
    move.begin(sport=0)
    _refused(move, "the session has TLS, and the destination has none")


@client_case("SPICE-MIG-017/wrong-tls-port", channel="main", needs=_TLS)
def wrong_tls_port(server: SuiteServer) -> None:
    """A session over TLS, and a destination at whose TLS port nobody listens, as QEMU announces one that it was not given."""
    move = _over_tls(server, SEMI)
    move.begin(port=0, sport=server.destination.address.closed_port)
    _refused(move, "nobody listens at its TLS port")


@client_case("SPICE-MIG-039/tls-alone", SEMI, channel="main", needs=_TLS)
@client_case("SPICE-MIG-039/tls-alone-seamless", SEAMLESS, channel="main", needs=_TLS)
def tls_alone(server: SuiteServer, kind: str) -> None:
    """A session without TLS, and a destination with a TLS port alone."""
    move = migrating(server, kind)
    if server.main_talk.stream.secure:
        raise NotApplicable("the client links with TLS of its own accord")
    move.begin(port=0)
    move.link_main()
    move.answered()


@client_case("SPICE-MIG-012/right-subject", "subject", channel="main", needs=_TLS)
@client_case("SPICE-MIG-012/right-subject-of-another-host", "subject of another host", channel="main", needs=_TLS)
@client_case("SPICE-MIG-012/right-host", "host", channel="main", needs=_TLS)
@client_case("SPICE-MIG-005/subject-with-a-zero-byte", "subject", channel="main", needs=_TLS)
@client_case("SPICE-MIG-005/subject-without-a-zero-byte", "subject without a zero byte", channel="main", needs=_TLS)
def right_certificate(server: SuiteServer, what: str) -> None:
    """The certificate is the one that the source has announced: main is linked."""
    move = _over_tls(server, SEMI)
    place = server.destination.address
    other: dict[str, Any] = {"port": 0}
    if "subject" in what:
        other["cert_subject_data"] = place.subject.encode() + (b"" if "without" in what else b"\0")
    if "another host" in what:
        if not place.stranger:
            raise NotApplicable("the suite has no second address here")
        other["host_data"] = place.stranger.encode() + b"\0"
    move.begin(**other)
    move.link_main()
    move.answered(CONNECTED[SEMI])


@client_case("SPICE-MIG-012/wrong-subject", b"O=SPICE reference,CN=elsewhere\0", channel="main", needs=_TLS, also=_REFUSED)
@client_case("SPICE-MIG-012/part-of-the-subject", b"O=SPICE reference\0", channel="main", needs=_TLS, also=_REFUSED)
def wrong_subject(server: SuiteServer, subject: bytes) -> None:
    """The source has announced another subject: main is not linked."""
    move = _over_tls(server, SEMI)
    move.begin(port=0, cert_subject_data=subject)
    _refused(move, "the certificate of the destination has another subject")


@client_case("SPICE-MIG-012/wrong-host", channel="main", needs=_TLS, also=_REFUSED)
def wrong_host(server: SuiteServer) -> None:
    """No subject is announced, and the certificate does not name the host: main is not linked."""
    move = _over_tls(server, SEMI)
    place = server.destination.address
    if not place.stranger:
        raise NotApplicable("the suite has no second address here")
    move.begin(port=0, host_data=place.stranger.encode() + b"\0")
    _refused(move, "the certificate does not name this host, and no subject was announced")


@client_case("SPICE-MIG-012/expired", "expired", channel="main", needs=_TLS, also=_REFUSED)
@client_case("SPICE-MIG-012/self-signed", "self-signed", channel="main", needs=_TLS, also=_REFUSED)
def untrusted(server: SuiteServer, what: str) -> None:
    """The certificate has the subject that is announced, but has expired, or no authority has signed it: main is not linked."""
    move = _over_tls(server, SEMI)
    place = server.destination.address
    port = place.expired_port if what == "expired" else place.self_signed_port
    move.begin(port=0, sport=port, cert_subject_data=place.subject.encode() + b"\0")
    _refused(move, "the certificate has expired" if what == "expired" else "no authority has signed the certificate")
