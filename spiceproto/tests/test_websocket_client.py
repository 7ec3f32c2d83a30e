"""SPICE inside WebSocket, against the server's half of the library that frames it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from spiceproto.errors import RemoteError
from spiceproto.websocket_client import WebSocket


def both(subprotocols: tuple[str, ...] = ("binary",)) -> tuple[WebSocket, ServerProtocol]:
    client, server = WebSocket("ws://h:1/path"), ServerProtocol(subprotocols=[Subprotocol(name) for name in subprotocols])
    server.receive_data(client.bytes_to_send())
    [request] = server.events_received()
    assert isinstance(request, Request) and request.path == "/path"
    server.send_response(server.accept(request))
    return client, server


def said(server: ServerProtocol) -> bytes:
    return b"".join(server.data_to_send())


def heard(server: ServerProtocol) -> bytes:
    return b"".join([bytes(event.data) for event in server.events_received() if isinstance(event, Frame)])


@given(pieces=st.lists(st.binary(max_size=300), max_size=5), size=st.integers(1, 50))
def test_bytes_go_both_ways_in_pieces_of_any_size(pieces: list[bytes], size: int) -> None:
    client, server = both()
    answer = said(server)
    assert not client.ready
    client.receive(answer)
    assert client.ready
    for piece in pieces:
        server.send_binary(piece)
        client.send(piece)
    data = said(server)
    assert b"".join([client.receive(data[at : at + size]) for at in range(0, len(data), size)]) == b"".join(pieces)
    server.receive_data(client.bytes_to_send())
    assert heard(server) == b"".join(pieces)


def test_pings_are_answered_and_fragments_are_joined() -> None:
    client, server = both()
    client.receive(said(server))
    server.send_ping(b"hello")
    server.send_binary(b"ab", fin=False)
    server.send_continuation(b"cd", fin=True)
    assert client.receive(said(server)) == b"abcd"
    server.receive_data(client.bytes_to_send())
    assert heard(server) == b"hello"


def test_a_goodbye_of_the_server_is_noted_and_one_of_ours_is_said_once() -> None:
    client, server = both()
    client.receive(said(server))
    server.send_close()
    client.receive(said(server))
    assert client.closed
    server.receive_data(client.bytes_to_send())
    client.close()
    assert client.bytes_to_send() == b""


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"REDQ" + bytes(20) + b"\r\n", b"\0" * 9000]
)
def test_what_is_no_websocket_is_an_error(data: bytes) -> None:
    client = WebSocket("ws://h:1/")
    with pytest.raises(RemoteError):
        client.receive(data)
    assert not client.ready


@pytest.mark.parametrize("frame", [b"\x81\x01x", b"\xf2\x01x", b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"])
def test_frames_that_no_server_of_spice_sends_are_errors(frame: bytes) -> None:
    client, server = both()
    client.receive(said(server))
    with pytest.raises(RemoteError):
        client.receive(frame)


@given(data=st.binary(max_size=200))
def test_garbage_raises_nothing_else(data: bytes) -> None:
    client, server = both()
    answer: Any = said(server)
    for feed in (answer, data, data):
        try:
            client.receive(feed)
        except RemoteError:
            break
