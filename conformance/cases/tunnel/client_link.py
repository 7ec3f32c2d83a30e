"""Clients: no tunnel is linked."""

from __future__ import annotations

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.main.client_channels import strange_type
from spiceproto.enums.link import ChannelType


@client_case("SPICE-TUNNEL-002/listed", channel="main", requires=("SPICE-MAIN-016/type-99",))
def no_tunnel(server: SuiteServer) -> None:
    """A list that names tunnels, before and behind inputs: none is linked, and the client goes on."""
    strange_type(server, int(ChannelType.TUNNEL))
