"""Servers: how an inputs channel begins (4.0)."""

from __future__ import annotations

from typing import Final

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.client_wire import Ask
from conformance.talk import Talk
from spiceproto.enums.link import ChannelType
from spiceproto.messages import inputs

_COMES: Final = ("SPICE-INPUTS-001/init",)


def _linked(client: SuiteClient) -> Talk:
    """Inputs, linked, and nothing said there yet. Raises NotApplicable if no list names it."""
    with client.preparing("inputs, linked"):
        _, listed = client.session()
        client.need_listed(listed, (ChannelType.INPUTS, 0))
        wire = client.ask(Ask(ChannelType.INPUTS))
        wire.conclude().expect_logged_in()
        return wire.talk()


@server_case("SPICE-INPUTS-001/init", channel="inputs")
def init(client: SuiteClient) -> None:
    """Inputs is linked, and the client says nothing: INIT comes."""
    _linked(client).expect("INIT")


@server_case("SPICE-INPUTS-001/first-message", channel="inputs", requires=_COMES)
def first_message(client: SuiteClient) -> None:
    """Inputs is linked, and the client says nothing: INIT comes, and nothing before it."""
    _linked(client).expect_next("INIT")


@server_case("SPICE-INPUTS-001/client-speaks-first", channel="inputs", requires=("SPICE-INPUTS-001/first-message",))
def client_speaks_first(client: SuiteClient) -> None:
    """KEY_MODIFIERS goes out with the end of the link stage, as spice-gtk does it: INIT is the first message all the same."""
    talk = _linked(client)
    talk.send(inputs.KeyModifiers(0))
    talk.expect_next("INIT")
