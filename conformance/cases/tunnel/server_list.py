"""Servers: no tunnel is named."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.expectation import check_value
from spiceproto.enums.link import ChannelType


@server_case("SPICE-TUNNEL-001/list", channel="main")
def no_tunnel(client: SuiteClient) -> None:
    """The list of channels names no tunnel."""
    _, listed = client.session()
    found = [number for kind, number in sorted(listed) if kind == ChannelType.TUNNEL]
    check_value("CHANNELS_LIST", "ids of tunnel channels", found, [])
