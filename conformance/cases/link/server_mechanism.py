"""Servers: mechanism (1.5). Where the same is among the recordings of QEMU, the case has the tag ``probe:NAME`` of it."""

from __future__ import annotations

from typing import Final

from conformance.answer import Answer
from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import (
    ALL_ONES,
    TICKET_CHOSEN,
    WITH_SASL,
    linked_or_too_old,
    need_announced,
    only_closed,
    session_with,
)
from conformance.channels import COMMON
from conformance.client_wire import Ask, ClientWire
from conformance.expectation import at_most, check_value
from conformance.naming import named
from conformance.outcome import NotApplicable
from spiceproto import limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.link.sasl import split_mechanisms

_SELECTION: Final = CommonCapability.PROTOCOL_AUTH_SELECTION
_WITHOUT_SELECTION: Final = COMMON.without(_SELECTION)
_WHO: Final = "a client without PROTOCOL_AUTH_SELECTION"
_UNKNOWN: Final = 77
_REFUSES: Final = ("SPICE-LINK-040/mechanism-77",)


# -- whether a mechanism is due


@server_case("SPICE-LINK-038/no-auth-selection", channel="main")
def no_auth_selection(client: SuiteClient) -> None:
    """A client without PROTOCOL_AUTH_SELECTION logs in with 128 bytes, and no mechanism before them."""
    wire = client.ask(Ask(capabilities=client.usual(common=_WITHOUT_SELECTION)))
    if linked_or_too_old(client, wire.conclude(), _WHO):
        talk = wire.talk()
        talk.expect("INIT")
        client.alive(talk)


@server_case("SPICE-LINK-038/no-auth-selection-on-inputs", channel="inputs")
def no_auth_selection_on_inputs(client: SuiteClient) -> None:
    """Each channel by itself: main logs in with a mechanism, and inputs without."""
    talk = session_with(client, ChannelType.INPUTS)
    capabilities = client.usual(ChannelType.INPUTS, common=_WITHOUT_SELECTION)
    wire = client.ask(Ask(ChannelType.INPUTS, capabilities=capabilities))
    if linked_or_too_old(client, wire.conclude(), _WHO):
        wire.talk().expect("INIT")
    client.alive(talk)


@server_case("SPICE-LINK-038/mechanism-left-out", channel="main", requires=_REFUSES)
def mechanism_left_out(client: SuiteClient) -> None:
    """Both ends announced PROTOCOL_AUTH_SELECTION, and the ticket comes at once: its first bytes are no mechanism."""
    wire = client.ask()
    need_announced(wire, *TICKET_CHOSEN)
    wire.ticket()
    _mechanism_refused(client, wire)


# -- mechanisms that a server does not have


def _mechanism_refused(client: SuiteClient, wire: ClientWire) -> None:
    """A mechanism is answered with a link result other than OK, or as some servers do it. Raises Failure."""
    answer = wire.result()
    if only_closed(client, answer):
        return
    if answer.kind == "second-reply" and answer.error:
        client.tolerate(f"a second link header and link reply with the error {named(LinkErr, answer.error)}")
        return
    _no_mechanism_list(wire, answer)
    answer.expect_refused("result")
    check_value("link result", "error", answer.error, at_most(int(max(LinkErr))), why="more is no error")


def _no_mechanism_list(wire: ClientWire, answer: Answer) -> None:
    """No list of mechanisms stands where a link result belongs. Raises Failure."""
    size = answer.error or 0
    if answer.kind == "result" and max(LinkErr) < size <= limits.SASL_MECHANISM_LIST:
        names = wire.take(size) or b""
        listed = ", ".join(split_mechanisms(names)) if names.isascii() else ""
        check_value("answer to the mechanism", "list of SASL mechanisms", listed or "none", "none")


@server_case("SPICE-LINK-040/mechanism-0", 0, channel="main", tags=("probe:auth-mech-0",))
@server_case("SPICE-LINK-040/mechanism-3", 3, channel="main")
@server_case("SPICE-LINK-040/mechanism-7", 7, channel="main", tags=("probe:auth-mech-7",))
@server_case("SPICE-LINK-040/mechanism-77", _UNKNOWN, channel="main")
@server_case("SPICE-LINK-040/mechanism-1-big-endian", 1 << 24, channel="main")
@server_case("SPICE-LINK-040/mechanism-4294967295", ALL_ONES, channel="main")
def unknown_mechanism(client: SuiteClient, number: int) -> None:
    """A mechanism that nobody knows."""
    wire = client.ask()
    need_announced(wire, _SELECTION)
    wire.mechanism(number)
    _mechanism_refused(client, wire)


@server_case("SPICE-LINK-040/sasl-not-announced", channel="main", tags=("probe:auth-mech-sasl-unoffered",))
def sasl_not_announced(client: SuiteClient) -> None:
    """The mechanism SASL at a server that did not announce AUTH_SASL."""
    _mechanism_refused(client, _sasl_chosen(client, COMMON))


@server_case("SPICE-LINK-041/not-announced", COMMON.common, channel="main")
@server_case("SPICE-LINK-041/announced-by-the-client-only", WITH_SASL.common, channel="main")
def no_mechanism_list(client: SuiteClient, common: int) -> None:
    """The mechanism SASL at a server that did not announce AUTH_SASL: whatever it answers, it is no list of mechanisms."""
    wire = _sasl_chosen(client, Capabilities(common, 0))
    _no_mechanism_list(wire, wire.result())


def _sasl_chosen(client: SuiteClient, common: Capabilities) -> ClientWire:
    """A connection on which the client has chosen SASL, which the server does not have."""
    wire = client.ask(Ask(capabilities=client.usual(common=common)))
    need_announced(wire, _SELECTION)
    server = wire.announced()
    if server.has(CommonCapability.AUTH_SASL):
        raise NotApplicable(f"the server announced AUTH_SASL (common capabilities {server.common:#x})")
    wire.mechanism(AuthMechanism.SASL)
    return wire


@server_case("SPICE-LINK-024/after-a-mechanism", channel="main", requires=_REFUSES)
def after_a_mechanism(client: SuiteClient) -> None:
    """A mechanism that nobody knows, and a good ticket: the connection is closed, and the ticket is not looked at."""
    wire = client.ask()
    need_announced(wire, *TICKET_CHOSEN)
    wire.mechanism(_UNKNOWN)
    wire.result()
    wire.ticket()
    wire.expect_closed()


# -- a server that takes SASL only


@server_case("SPICE-LINK-042/no-auth-selection", channel="main", needs=("sasl-only",))
def sasl_only(client: SuiteClient) -> None:
    """A server that takes SASL only, and a client that cannot choose it."""
    _need_sasl(client)
    _too_old(client.ask(Ask(capabilities=client.usual(common=WITH_SASL.without(_SELECTION)))))


@server_case(
    "SPICE-LINK-042/no-words",
    channel="main",
    needs=("sasl-only",),
    requires=("SPICE-LINK-019/no-channel-words", "SPICE-LINK-020/neither-login"),
)
def sasl_only_and_no_words(client: SuiteClient) -> None:
    """A server that takes SASL only, and a client that announces nothing."""
    _need_sasl(client)
    _too_old(client.ask(common_caps=(), channel_caps=()))


def _need_sasl(client: SuiteClient) -> None:
    """Raises NotApplicable where the server does not say that it has SASL: then the ticket is what it has (SPICE-LINK-039)."""
    wire = client.ask()
    server = wire.announced()
    wire.close()
    if not server.has(CommonCapability.AUTH_SASL):
        raise NotApplicable(f"the server announced {server.common:#x}, without AUTH_SASL")


def _too_old(wire: ClientWire) -> None:
    wire.answer().expect_error(LinkErr.VERSION_MISMATCH, kind="reply")
    wire.expect_closed(rest=True)
