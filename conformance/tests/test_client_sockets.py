"""The suite's port: SPICE as it stands, and in WebSocket, told apart by the first bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from conformance.client_sockets import SocketClientNetwork
from conformance.network import Stream
from conformance.pace import Pace
from spiceproto.tests.peers import PATIENCE

_BINARY = [Subprotocol("binary")]


@contextmanager
def network(*, piece: int = 0) -> Iterator[SocketClientNetwork]:
    found = SocketClientNetwork(pace=Pace(patience=PATIENCE), piece=piece)
    try:
        yield found
    finally:
        found.stop()


def stream_of(found: SocketClientNetwork, wanted: bytes) -> Stream:
    """The first stream, once these bytes have come."""
    assert found.run(lambda: bool(found.streams) and len(found.streams[0].received) >= len(wanted), PATIENCE)
    assert bytes(found.streams[0].received) == wanted
    return found.streams[0]


@contextmanager
def browser(found: SocketClientNetwork, does: Callable[[ClientConnection], None]) -> Iterator[None]:
    """A client in WebSocket, in a thread of its own; what went wrong there goes wrong here."""
    wrong: list[BaseException] = []

    def client() -> None:
        try:
            with connect(f"ws://127.0.0.1:{found.port}/any/path", subprotocols=_BINARY, proxy=None) as line:
                assert line.subprotocol == "binary"
                does(line)
        except BaseException as error:
            wrong.append(error)

    thread = threading.Thread(target=client)
    thread.start()
    yield
    assert found.run(lambda: not thread.is_alive(), PATIENCE)
    thread.join(PATIENCE)
    if wrong:
        raise wrong[0]


def test_the_bytes_inside_are_the_conversation() -> None:
    heard: list[str | bytes] = []

    def does(line: ClientConnection) -> None:
        line.send(b"REDQ")
        line.send(b"and more")
        heard.append(line.recv(PATIENCE))

    with network() as found:
        with browser(found, does):
            stream = stream_of(found, b"REDQand more")
            stream.send(b"answer")
        assert heard == [b"answer"] and stream.ended == "closed"
        chunks = [(chunk.sender, bytes(chunk.data)) for chunk in found.transcript.chunks]
        assert chunks[-1] == ("server", b"answer")
        assert b"".join([data for sender, data in chunks if sender == "client"]) == b"REDQand more"


def test_pieces_are_frames() -> None:
    heard: list[str | bytes] = []

    def does(line: ClientConnection) -> None:
        line.send(b"x")
        heard.extend([line.recv(PATIENCE) for _ in range(3)])

    with network(piece=2) as found, browser(found, does):
        stream_of(found, b"x").send(b"abcde")
    assert heard == [b"ab", b"cd", b"e"]


def test_the_suite_closes_in_order() -> None:
    codes: list[int] = []

    def does(line: ClientConnection) -> None:
        line.send(b"x")
        try:
            line.recv(PATIENCE)
        except ConnectionClosed as closed:
            codes.append(closed.rcvd.code if closed.rcvd else 0)

    with network() as found, browser(found, does):
        stream = stream_of(found, b"x")
        with pytest.raises(NotImplementedError):
            stream.half_close()
        stream.close()
    assert codes == [1000]


def test_the_suite_may_speak_before_anybody_else() -> None:
    with network() as found, socket.create_connection(("127.0.0.1", found.port)) as sock:
        assert found.run(lambda: bool(found.streams), PATIENCE)
        found.streams[0].send(b"first")
        assert sock.recv(10) == b"first"
        sock.sendall(b"GET ")
        stream_of(found, b"GET ")


@pytest.mark.parametrize(
    "said", [b"GE", b"GET", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Protocol: chat\r\n\r\n"]
)
def test_what_is_no_websocket_is_taken_as_it_stands(said: bytes) -> None:
    with network() as found:
        with socket.create_connection(("127.0.0.1", found.port)) as sock:
            sock.sendall(said)
        assert found.run(lambda: bool(found.streams and found.streams[0].ended), PATIENCE)
        assert bytes(found.streams[0].received) == said


def test_a_request_that_comes_byte_by_byte() -> None:
    request = (
        b"GET /websockify HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: c3BpY2UgaXMgYmluYXJ5IQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    frame = b"\x82\x84\0\0\0\0REDQ"
    with network() as found, socket.create_connection(("127.0.0.1", found.port)) as sock:
        for byte in request + frame:
            sock.sendall(bytes([byte]))
            found.run(lambda: False, 0.001)
        stream_of(found, b"REDQ")
        assert sock.recv(1 << 12).startswith(b"HTTP/1.1 101 ")
