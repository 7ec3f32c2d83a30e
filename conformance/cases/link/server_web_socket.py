"""Servers: a connection that begins as HTTP does (1.2)."""

from __future__ import annotations

from typing import Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage
from websockets.frames import Frame
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from conformance.as_client import SuiteClient
from conformance.case import server_case
from conformance.cases.link.server_steps import refused
from conformance.channels import COMMON
from conformance.client_wire import ClientWire
from conformance.outcome import Failure
from conformance.wire_form import link_message
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE

_HANDSHAKE_SIZE: Final = 8192
_REPLY_SIZE: Final = LINK_HEADER_SIZE + LINK_REPLY_SIZE
_EITHER: Final = "a completed handshake, or a link reply with the error INVALID_MAGIC (2)"


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
    wire = client.connect()
    protocol = ClientProtocol(parse_uri("ws://localhost/"), subprotocols=[Subprotocol(sub_protocol)], max_size=None)
    protocol.send_request(protocol.connect())
    wire.send(b"".join(protocol.data_to_send()), f"a WebSocket request for the sub-protocol {sub_protocol}")
    wire.step("expect a handshake, or a refusal")
    if not _handshake(wire, protocol):
        answer = wire.answer()
        client.note(f"answered with: {answer}")
        if answer.kind != "closed" and not answer.error:
            raise Failure(_EITHER, str(answer))
        return
    client.note(f"the handshake was completed, sub-protocol {protocol.subprotocol}")
    protocol.send_binary(link_message(ChannelType.MAIN, common_caps=COMMON.common))
    wire.send(b"".join(protocol.data_to_send()), "link header and link message in a binary frame")
    found = _framed(wire, protocol)
    if len(found) < _REPLY_SIZE or found[:4] != b"REDQ" or any(found[LINK_HEADER_SIZE : LINK_HEADER_SIZE + 4]):
        raise Failure("link header and link reply without an error in frames", f"{len(found)} bytes: {found[:20].hex()}")


def _handshake(wire: ClientWire, protocol: ClientProtocol) -> bool:
    """Whether the server answers with HTTP; the bytes of anything else are left where they are. Raises Failure."""
    received, stream = wire.stream.received, wire.stream
    wire.peer.run(lambda: len(received) >= 4 or bool(stream.ended))
    if received[:4] != b"HTTP":
        return False
    wire.peer.run(lambda: b"\r\n\r\n" in received or bool(stream.ended) or len(received) > _HANDSHAKE_SIZE)
    line = bytes(received).partition(b"\r\n")[0].decode("ascii", "replace")
    _feed(wire, protocol)
    if protocol.state.name != "OPEN":
        raise Failure(_EITHER, f"{line!r}")
    return True


def _framed(wire: ClientWire, protocol: ClientProtocol) -> bytes:
    """What comes in frames, until it is as long as a link reply. Raises Failure."""
    wire.step("expect a link reply in frames")
    found = bytearray()

    def replied() -> bool:
        _feed(wire, protocol)
        found.extend(b"".join([bytes(event.data) for event in protocol.events_received() if isinstance(event, Frame)]))
        return len(found) >= _REPLY_SIZE or bool(wire.stream.ended)

    wire.peer.run(replied)
    return bytes(found)


def _feed(wire: ClientWire, protocol: ClientProtocol) -> None:
    data = bytes(wire.stream.received)
    wire.stream.received.clear()
    if data:
        try:
            protocol.receive_data(data)
        except (InvalidHandshake, InvalidMessage) as error:
            raise Failure("frames of a WebSocket", str(error)) from None
