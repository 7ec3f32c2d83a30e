"""Servers: order (1.1)."""

from __future__ import annotations

from typing import Final

from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import (
    NO_SESSION,
    TICKET_CHOSEN,
    WRONG_TICKET,
    first_channels,
    need_announced,
    session_with,
)
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.expectation import check_value
from conformance.outcome import Failure, NotApplicable
from conformance.wire_form import link_message
from spiceproto.enums.capabilities import CommonCapability, MainCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.sizes import MECHANISM_SIZE

_NAMED: Final = COMMON.with_(MainCapability.NAME_AND_UUID)
_MESSAGE: Final = link_message(ChannelType.MAIN, common_caps=_NAMED.common, channel_caps=_NAMED.channel)
_TICKET_NEXT: Final = AuthMechanism.SPICE.to_bytes(MECHANISM_SIZE, "little")
_OWN_WORDS: Final = ("SPICE-LINK-014/every-channel",)


# -- the parts in order


@server_case("SPICE-LINK-001/whole-stage", also=("SPICE-MAIN-001",), channel="main", tags=("probe:good-main",))
def whole_stage(client: SuiteClient) -> None:
    """The link stage of main, and INIT."""
    try:
        client.main()
    except Failure as failure:
        if failure.actual == str(Answer("silence")):
            _reply_behind_the_mechanism(client)
        raise


def _reply_behind_the_mechanism(client: SuiteClient) -> None:
    """A server that sends its link reply when a mechanism was named, and not before, has another order. Raises Failure."""
    wire = client.ask()
    wire.send(_TICKET_NEXT, "mechanism 1, to see whether the link reply waits for that")
    if wire.answer().kind == "reply":
        check_value("link stage of the server", "when the link reply comes", "behind the mechanism", "behind the link message")


@server_case("SPICE-LINK-001/over-tls", channel="main", needs=("tls",))
def over_tls(client: SuiteClient) -> None:
    """The link stage of main over TLS is the same, ticket included."""
    client.alive(client.main(Ask(secure=True)))


@server_case("SPICE-LINK-001/other-channels", channel="inputs", requires=_OWN_WORDS)
def other_channels(client: SuiteClient) -> None:
    """The link stage of every first channel that is listed is that of main."""
    talk, others = first_channels(client)
    for ask in others:
        wire = client.ask(ask)
        found = wire.conclude()
        if not found.is_error(LinkErr.NEED_SECURED):
            found.expect_logged_in()
            client.greet(wire.talk())
    client.alive(talk)


@server_case("SPICE-LINK-002/three-letters", channel="main", requires=("SPICE-LINK-004/byte-by-byte",))
def three_letters(client: SuiteClient) -> None:
    """Three bytes of the header, and nothing more for a while: the server says nothing."""
    wire = client.connect()
    wire.send(_MESSAGE[:3], "the letters RED")
    wire.expect_silence("the client has not sent four bytes yet", open=True)
    wire.send(_MESSAGE[3:], "the rest of the link header and the link message")
    wire.reply()


# -- no message before the link result


@server_case("SPICE-LINK-003/before-the-ticket", channel="main")
def before_the_ticket(client: SuiteClient) -> None:
    """All of the link stage but the last byte of the ticket: no message comes, and not the link result."""
    wire = client.ask_for_ticket()
    wire.send(wire.encrypted()[:-1], "a ticket without its last byte")
    client.step("expect no message: the ticket is not whole yet")
    wire.silent()
    received = bytes(wire.stream.received)
    refused = bool(wire.stream.ended) and any(received[:4]) and (len(received) == 4 or received[:4] == b"REDQ")
    if not refused:  # a refusal is no message, whatever else is wrong with it
        check_value("", "bytes before the ticket is whole", received, b"")


@server_case("SPICE-LINK-003/first-bytes", ChannelType.MAIN, channel="main")
@server_case("SPICE-LINK-003/first-bytes-on-display", ChannelType.DISPLAY, channel="display", requires=_OWN_WORDS)
@server_case("SPICE-LINK-003/first-bytes-on-inputs", ChannelType.INPUTS, channel="inputs", requires=_OWN_WORDS)
@server_case("SPICE-LINK-003/first-bytes-on-cursor", ChannelType.CURSOR, channel="cursor", requires=_OWN_WORDS)
def first_bytes(client: SuiteClient, channel_type: int) -> None:
    """What comes first behind the ticket is the link result."""
    if channel_type != ChannelType.MAIN:
        session_with(client, channel_type)
    wire = client.ask_for_ticket(Ask(channel_type))
    wire.ticket()
    answer = wire.result()
    if answer.is_error(LinkErr.BAD_CONNECTION_ID, LinkErr.CHANNEL_NOT_AVAILABLE):
        raise NotApplicable(f"a link result came first, and it was a refusal: {answer}")
    answer.expect_logged_in()
    if channel_type == ChannelType.DISPLAY:
        client.greet(wire.talk())


@server_case("SPICE-LINK-003/after-a-wrong-ticket", channel="main", needs=("ticket",), requires=WRONG_TICKET)
def after_a_wrong_ticket(client: SuiteClient) -> None:
    """No byte follows the link result that refuses a ticket."""
    wire = client.ask_for_ticket()
    wire.ticket(client.password + "x")
    wire.result()
    wire.expect_silence("the ticket was refused")


@server_case("SPICE-LINK-003/after-a-bad-connection-id", channel="display", requires=NO_SESSION)
def after_a_bad_connection_id(client: SuiteClient) -> None:
    """No byte follows the error for a display of no session."""
    with client.preparing("a session"):
        client.main()
    wire = client.ask(Ask(ChannelType.DISPLAY, 0, client.bad_connection_id))
    wire.conclude()
    wire.expect_silence("the display was refused")


# -- pieces of any size


@server_case("SPICE-LINK-004/byte-by-byte", channel="main", tags=("probe:byte-by-byte",))
def byte_by_byte(client: SuiteClient) -> None:
    """The whole stage, a byte at a time."""
    wire = client.connect(Ask(capabilities=_NAMED))
    wire.send_apart(_MESSAGE, "link header and link message, byte by byte")
    server = wire.announced()
    wire.need_ticket_login()
    login = wire.encrypted()
    if server.has(CommonCapability.PROTOCOL_AUTH_SELECTION):
        login = _TICKET_NEXT + login
    wire.send_apart(login, "mechanism and ticket, byte by byte")
    wire.expect_logged_in()
    talk = wire.talk()
    talk.expect("INIT")
    client.alive(talk)


@server_case("SPICE-LINK-004/in-one-write", channel="main")
def in_one_write(client: SuiteClient) -> None:
    """Link header, link message and mechanism in one write: all that needs no answer."""
    before = client.ask()
    need_announced(before, *TICKET_CHOSEN)
    before.close()
    wire = client.connect(Ask(capabilities=_NAMED))
    wire.send(_MESSAGE + _TICKET_NEXT, "link header, link message and mechanism in one write")
    wire.reply()
    wire.ticket()
    wire.expect_logged_in()
    wire.talk().expect("INIT")


@server_case("SPICE-LINK-004/mechanism-and-ticket", channel="main")
def mechanism_and_ticket(client: SuiteClient) -> None:
    """Mechanism and ticket in one write."""
    wire = client.ask()
    need_announced(wire, *TICKET_CHOSEN)
    wire.send(_TICKET_NEXT + wire.encrypted(), "mechanism and ticket in one write")
    wire.expect_logged_in()
    wire.talk().expect("INIT")
