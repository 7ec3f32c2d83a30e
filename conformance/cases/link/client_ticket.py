"""Clients: ticket (1.6), and what a client makes of a link result."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import WAITS, main_and_list, other_links, tempted
from conformance.expectation import at_most, check_value
from conformance.naming import error_name
from conformance.outcome import Failure, Refusal
from conformance.server_wire import ServerWire
from spiceproto.sizes import MECHANISM_SIZE, TICKET_SIZE

_REDQ: Final = int.from_bytes(b"REDQ", "little")
_LONGEST: Final = 60


def _password_is(plaintext: bytes | None, password: str) -> None:
    """The plain text of a ticket is the password and one zero byte. Raises Failure."""
    if plaintext is None:
        raise Failure(
            "a ticket that RSAES-OAEP (SHA-1, MGF1 with SHA-1, empty label) decrypts with the key of the link reply",
            f"{TICKET_SIZE} bytes that it does not decrypt",
        )
    check_value("ticket", "password and one zero byte", plaintext, password.encode() + b"\0")


def _logs_in_with(server: SuiteServer, wire: ServerWire, password: str) -> None:
    """A link on which the ticket holds this password. Raises Failure."""
    wire.reply()
    _password_is(wire.login(), password)
    wire.result()


@client_case("SPICE-LINK-045/password-of-the-session", channel="main", needs=("client-password",))
def own_password(server: SuiteServer) -> None:
    """The ticket holds the password that the client was given."""
    wire = server.asked()
    _logs_in_with(server, wire, server.target.password)
    server.init_and_ping(wire)


@client_case("SPICE-LINK-045/empty-password", 0, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-045/password-of-one-byte", 1, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-045/password-of-60-bytes", 60, channel="main", needs=("act:password",))
def other_password(server: SuiteServer, size: int) -> None:
    """The ticket holds another password: none, a short one, the longest."""
    password = ("0123456789" * 6)[:size]
    server.act("password", text=password)
    wire = server.asked()
    _logs_in_with(server, wire, password)
    server.init_and_ping(wire)


@client_case("SPICE-LINK-045/key-of-each-link", needs=("client-password",))
def key_of_each_link(server: SuiteServer) -> None:
    """Every channel's ticket is encrypted with the key that came on its own link."""
    talk = main_and_list(server)
    for wire in other_links(server):
        _logs_in_with(server, wire, server.target.password)
        server.greet(wire.talk())
    server.alive(talk)


@client_case("SPICE-LINK-047/password-of-61-bytes", "x", 61, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-31-letters-in-62-bytes", "\u00e9", 31, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-85-bytes", "x", 85, channel="main", needs=("act:password",))
@client_case("SPICE-LINK-047/password-of-200-bytes", "x", 200, channel="main", needs=("act:password",))
def long_password(server: SuiteServer, letter: str, count: int) -> None:
    """A password that is too long does not go out as it is: the client says so, or sends no ticket, or a shorter one."""
    try:
        server.act("password", text=letter * count)
    except Refusal as refusal:
        server.note(f"the client refuses it: {refusal}")
        return
    server.invite()
    wire = server.next_asked(server.target.start_time + server.network.quiet)
    if wire is None:
        server.note("the client does not connect")
        return
    wire.reply()
    wire.step("expect no ticket with it")
    before = MECHANISM_SIZE if wire.selects else 0
    data = wire.take(before + TICKET_SIZE, server.network.quiet)
    plaintext = wire.key.decrypt_plaintext(data[before:]) if data is not None else None
    password = (plaintext or b"").partition(b"\0")[0]
    check_value("ticket", "bytes of the password", len(password), at_most(_LONGEST))
    wire.close()


@client_case("SPICE-LINK-054/error", 1, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/need-secured", 5, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/permission-denied", 7, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/bad-connection-id", 8, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/unknown-error", 99, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/second-link-reply", _REDQ, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/highest-error", 0xFFFFFFFF, channel="main", requires=WAITS)
@client_case("SPICE-LINK-054/error-above-8-bits", 0x100, channel="main", requires=WAITS)
def refused_and_tempted(server: SuiteServer, error: int) -> None:
    """A link result with an error, and INIT and a PING behind it all the same: the client answers nothing."""
    wire = server.asked()
    wire.reply()
    wire.login()
    tempted(server, wire, error, f"the link result was {error_name(error)}")
