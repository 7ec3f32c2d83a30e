"""Servers: a connection that begins as HTTP does (1.2)."""

from __future__ import annotations

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import refused
from conformance.cases.link.web_socket import requested
from conformance.channels import COMMON
from conformance.wire_form import link_message
from spiceproto.enums.link import ChannelType, LinkErr


@server_case("SPICE-LINK-006/get-request", channel="main", needs=("raw-stream",))
def not_a_handshake(client: SuiteClient) -> None:
    """A request of a web browser that asks for no WebSocket: the answer to a wrong header."""
    wire = client.connect()
    wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "GET / without an upgrade")
    refused(client, wire, LinkErr.INVALID_MAGIC)


@server_case("SPICE-LINK-007/web-socket", "binary", channel="main", needs=("raw-stream",))
@server_case("SPICE-LINK-007/unknown-sub-protocol", "chat", channel="main", needs=("raw-stream",))
def web_socket(client: SuiteClient, sub_protocol: str) -> None:
    """A WebSocket request: either the link stage goes on in frames, or it is refused as any wrong header is."""
    frames = requested(client.connect(), sub_protocol)
    if frames is None:
        return
    frames.protocol.send_binary(link_message(ChannelType.MAIN, common_caps=COMMON.common))
    frames.flush("link header and link message in a binary frame")
    frames.expect_reply()
