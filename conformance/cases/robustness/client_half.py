"""Clients: messages that have not come whole (20.4)."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.framing.client_steps import opened, ping
from conformance.cases.main.client_steps import others_of
from conformance.channels import LISTED
from conformance.outcome import NotApplicable

_WHY: Final = "a message on another channel has not come whole"
_ID: Final = 0x600D


@client_case("SPICE-ROBUST-004/on-main", "main", channel="main")
@client_case("SPICE-ROBUST-004/on-inputs", "inputs", channel="inputs")
@client_case("SPICE-ROBUST-004/on-display", "display", channel="display")
@client_case("SPICE-ROBUST-004/on-cursor", "cursor", channel="cursor")
def half(server: SuiteServer, table: str) -> None:
    """Half a header, and then all but the last byte of a PING: other channels go on; then it is answered. Channel."""
    talk = opened(server, table)
    if table == "main":
        with server.preparing("the other channels"):
            server.list_channels(talk, *LISTED)
    with server.preparing("the other channels"):
        server.link_others()
        for each in server.talking:
            server.alive(each)
    others = others_of(server, talk)
    if not others:
        raise NotApplicable("the target links nothing but main")
    whole = talk.frame(ping(_ID))
    for part in (whole[:3], whole[3:-1]):
        talk.send_bytes(part, f"{len(part)} of {len(whole)} bytes of a PING")
        for each in others:
            server.alive(each, _WHY)
    talk.send_bytes(whole[-1:], "the last byte")
    talk.wait_for("PONG", id=_ID, why="the message has come whole")
