"""Clients: mechanism (1.5)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.link.client_steps import NO_MECHANISM, WAITS, announcing, main_and_list, next_link
from conformance.expectation import check_value, one_of
from conformance.server_wire import ServerWire
from spiceproto.capabilities import NONE
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism
from spiceproto.sizes import MECHANISM_SIZE, TICKET_SIZE

_SELECTION: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.MINI_HEADER)
_ANNOUNCED: Final = {
    "selection": _SELECTION,
    "selection and ticket": _SELECTION.with_(CommonCapability.AUTH_SPICE),
    "selection, ticket and SASL": _SELECTION.with_(CommonCapability.AUTH_SPICE, CommonCapability.AUTH_SASL),
    "ticket without selection": NONE.with_(CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER),
}
"""What the suite announces, in the words of the cases' titles."""

_SASL_ALONE: Final = _SELECTION.with_(CommonCapability.AUTH_SASL)


def _mechanism_and_ticket(wire: ServerWire) -> None:
    """Exactly as many bytes come as are due at one link; what is in them is for other cases. Raises Failure."""
    size = MECHANISM_SIZE + TICKET_SIZE if wire.selects else TICKET_SIZE
    due = f"{size} bytes: a {'mechanism and a ticket' if wire.selects else 'ticket, and no mechanism before it'}"
    wire.step(f"expect {due}")
    wire.need(size, due)
    wire.expect_silence(f"{wire.asked.name} sent {due}")


@client_case("SPICE-LINK-037/with-selection", "selection and ticket", channel="main", requires=WAITS)
@client_case("SPICE-LINK-037/without-selection", "ticket without selection", channel="main", requires=WAITS)
def mechanism_due(server: SuiteServer, announced: str) -> None:
    """A mechanism before the ticket where both announced the selection, and none where the server did not."""
    wire = server.asked()
    wire.reply(wire.usual(common=_ANNOUNCED[announced]))
    _mechanism_and_ticket(wire)
    wire.result()
    server.init_and_ping(wire)


@client_case(
    "SPICE-LINK-037/selection-for-main-only",
    "selection and ticket",
    "ticket without selection",
    requires=NO_MECHANISM,
)
@client_case(
    "SPICE-LINK-037/selection-but-for-main",
    "ticket without selection",
    "selection and ticket",
    requires=NO_MECHANISM,
)
def mechanism_of_each_link(server: SuiteServer, for_main: str, for_others: str) -> None:
    """Each link goes by what was announced on it, not by what was announced on main."""
    talk = main_and_list(server, common=_ANNOUNCED[for_main])
    wire = next_link(server)
    wire.reply(wire.usual(common=_ANNOUNCED[for_others]))
    _mechanism_and_ticket(wire)
    wire.result()
    server.greet(wire.talk())
    server.alive(talk)


@client_case("SPICE-LINK-039/ticket-announced", "selection and ticket", (1,), channel="main")
@client_case("SPICE-LINK-039/nothing-announced", "selection", (1,), channel="main")
@client_case("SPICE-LINK-039/both-announced", "selection, ticket and SASL", (1, 2), channel="main")
def choice_of_mechanism(server: SuiteServer, announced: str, allowed: tuple[int, ...]) -> None:
    """The client chooses what the server announced; the ticket if it announced neither."""
    wire = announcing(server, CommonCapability.PROTOCOL_AUTH_SELECTION)
    wire.reply(wire.usual(common=_ANNOUNCED[announced]))
    found = wire.mechanism()
    check_value("login", "mechanism", found, one_of(*[AuthMechanism(number) for number in allowed]))
    if found == AuthMechanism.SPICE:
        wire.ticket()
        wire.result()
        server.init_and_ping(wire)
    wire.close()


@client_case("SPICE-LINK-039/sasl-announced", channel="main")
def sasl_only(server: SuiteServer) -> None:
    """A server that announces SASL only gets mechanism 2, or nothing."""
    wire = announcing(server, CommonCapability.PROTOCOL_AUTH_SELECTION)
    wire.reply(wire.usual(common=_SASL_ALONE))
    wire.step("expect mechanism 2 (SASL), or nothing")
    wire.silent()
    alone = AuthMechanism.SASL.to_bytes(MECHANISM_SIZE, "little")
    check_value("login", "bytes", bytes(wire.stream.received), one_of(alone, b""), why="SASL alone was announced")
    wire.close()
