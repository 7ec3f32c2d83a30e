"""Servers: time (1.8)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import EVERY_CHANNEL, OTHERS_WAIT, all_closed, whole_session
from conformance.channels import COMMON
from conformance.client_wire import Ask
from conformance.wire_form import link_message
from spiceproto.enums.link import ChannelType
from spiceproto.sizes import LINK_HEADER_SIZE

_MESSAGE: Final = link_message(ChannelType.MAIN, common_caps=COMMON.common)
_HALF_HEADER: Final = _MESSAGE[:7]


@server_case("SPICE-LINK-063/silence", channel="main", slow=64.0, requires=OTHERS_WAIT)
def silence(client: SuiteClient) -> None:
    """Connections on which the client falls silent, each after another part of the link stage."""
    wires = {"nothing": client.connect()}
    for what, data in (
        ("half a header", _HALF_HEADER),
        ("the header", _MESSAGE[:LINK_HEADER_SIZE]),
        ("half a link message", _MESSAGE[:25]),
    ):
        wires[what] = client.connect()
        wires[what].send(data, what)
    wires["the link message"] = client.ask()
    wires["the link message"].reply()
    wires["half a ticket"] = client.ask_for_ticket()
    wires["half a ticket"].send(wires["half a ticket"].encrypted()[:64], "half a ticket")
    all_closed(client, wires)


@server_case("SPICE-LINK-064/half-a-header", channel="main", tags=("probe:half-header-1.5s",), requires=EVERY_CHANNEL)
def half_a_header(client: SuiteClient) -> None:
    """Seven bytes on one connection, a whole session on others."""
    client.connect().send(_HALF_HEADER, "seven bytes of a link header")
    client.alive(whole_session(client)[0])


@server_case("SPICE-LINK-064/half-a-ticket", channel="main", requires=EVERY_CHANNEL)
def half_a_ticket(client: SuiteClient) -> None:
    """A link that wants only the end of its ticket, and a whole session on others."""
    wire = client.ask_for_ticket()
    wire.send(wire.encrypted()[:-1], "a ticket without its last byte")
    client.alive(whole_session(client)[0])


@server_case("SPICE-LINK-064/ten-links", 10, None, channel="main")
@server_case("SPICE-LINK-064/two-hundred-links", 200, False, channel="main", needs=("plain",))
def many_links(client: SuiteClient, number: int, secure: bool | None) -> None:
    """Links that are not finished, and a session beside them. Two hundred are made without TLS, which would take its time."""
    client.step(f"open {number} connections, and send 7 bytes on each")
    for _ in range(number):
        client.connect(Ask(secure=secure)).send(_HALF_HEADER)
    client.alive(client.main())
