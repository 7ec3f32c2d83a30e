"""What is around a connection: WebSocket of both ends, the answer of a proxy, connection files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fuzz_targets.parts import pieces
from fuzz_targets.target import Target, holds
from spiceproto import http_proxy, websocket, websocket_client
from spiceproto.connection_file import parse_connection_file
from spiceproto.errors import LocalError, RemoteError

__all__ = ["TARGETS"]

_REQUEST: Final = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
)
_FRAMES: Final = (
    b"\x82\x85abcd\x31\x27\x27\x35\x30",
    b"\x89\x80abcd",
    b"\x02\x81abcd\x00",
    b"\x80\x81abcd\x01",
    b"\x88\x80abcd",
)
"""Of a client: a message, a ping, a message in two parts, the end."""

_PROXY: Final = http_proxy.Proxy(False, "proxy", 3128)
_ANSWER: Final = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_FILE: Final = (
    b"[virt-viewer]\ntype=spice\nhost=localhost\nport=5900\ntls-port=5901\npassword=sesame\nca=a\\nb\n"
    b"secure-channels=main;all\n"
)


def _served(data: list[bytes]) -> tuple[bytes, str]:
    """What a server takes for SPICE, and what it takes the connection for."""
    first, way, found = websocket.Undecided(), None, b""
    for piece in data:
        if way is None:
            way = first.received(piece)
            if way is not None:
                found += way.payload() if isinstance(way, websocket.WebSocket) else first.held
        elif not way.ended:
            found += way.received(piece)
        if way is not None:
            way.answers()
    return found, type(way).__name__


def server(data: bytes) -> None:
    """The bytes of a client, in one piece and in small ones."""
    whole, kind = _served([data])
    cut, same = _served(pieces(data, 5))
    holds("cut it is something else", kind == same and cut.startswith(whole), kind, same, whole, cut)


def client(data: bytes) -> None:
    """The bytes of a server."""
    end = websocket_client.WebSocket("ws://localhost:1/")
    end.bytes_to_send()
    try:
        for piece in pieces(data, 40):
            end.receive(piece)
            end.bytes_to_send()
    except RemoteError:
        return


def proxy(data: bytes) -> None:
    """The answer of a proxy, up to its empty line."""
    said = http_proxy.refusal(data, _PROXY)
    holds("words that cannot be printed", said.isprintable(), said)


def file(data: bytes) -> None:
    """The text of a connection file: its user is told what is wrong."""
    try:
        parse_connection_file(data.decode("utf-8", "replace"))
    except LocalError:
        return


def _seeds(*seeds: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(seeds)


TARGETS: Final = [
    Target(
        "websocket-server", "bytes, the same in pieces", server, _seeds(_REQUEST + b"".join(_FRAMES), b"REDQ", _REQUEST), 2048
    ),
    Target("websocket-client", "bytes or RemoteError", client, _seeds(_ANSWER + b"\x82\x05hello", _ANSWER), 2048),
    Target("proxy-answer", "a line", proxy, _seeds(b"HTTP/1.1 407 No\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"), 512),
    Target("connection-file", "a connection, or LocalError", file, _seeds(_FILE, b"[virt-viewer]\ntype=spice\n"), 2048),
]
