"""What a client begins with, seen before it is read: nobody has to say which port is for what.

    0x16        TLS, with whatever is inside
    CONNECT     a request for a tunnel, as to an HTTP proxy; granted whatever it asks for, for there is one server to go to
    else        SPICE, or a WebSocket with it (:mod:`spiceproto.websocket`)

The bytes stay in the socket, but for the request of a tunnel.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from spiceproto.errors import RemoteError

__all__ = ["PATIENCE", "Arrived", "arrive", "readable", "receive_head"]

PATIENCE: Final = 10.0
"""Seconds for the first bytes, which a client says at once."""

REQUEST: Final = 8192
"""Bytes of a request for a tunnel."""

_PEEKED: Final = 16
_AGAIN: Final = 0.02
_TLS: Final = b"\x16"
_GET: Final = b"G"
_CONNECT: Final = b"CONNECT "
_GRANTED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Arrived:
    """``start`` is what comes first, behind the request of a tunnel to ``target``, in the client's words; "" without one."""

    def __init__(self, start: bytes, target: str) -> None:
        self.secure = start[:1] == _TLS
        self.layers = (*(["connect"] if target else []), *(["websocket"] if start[:1] == _GET else []))


async def arrive(client: socket.socket) -> Arrived:
    """Look at a client's first bytes. Raises RemoteError, TimeoutError for who says nothing, and OSError."""
    async with asyncio.timeout(PATIENCE):
        start = await _peek(client, _CONNECT)
        if start != _CONNECT:
            return Arrived(start, "")
        head = await receive_head(client, REQUEST)
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise RemoteError("not a request for a tunnel", actual=repr(head[:80]))
        await asyncio.get_running_loop().sock_sendall(client, _GRANTED)
        return Arrived(await _peek(client, _TLS), words[1])


async def _peek(client: socket.socket, whole: bytes) -> bytes:
    """As many bytes as ``whole`` has, or fewer if they are not its beginning."""
    while True:
        await readable(client)
        start = client.recv(len(whole), socket.MSG_PEEK)
        if not start:
            raise RemoteError("the client says nothing")
        if len(start) == len(whole) or not whole.startswith(start):
            return start
        await asyncio.sleep(_AGAIN)


async def receive_head(peer: socket.socket, most: int) -> bytes:
    """The head of an HTTP message, up to its empty line and not further. Raises RemoteError."""
    loop, head = asyncio.get_running_loop(), b""
    while True:
        await readable(peer)
        more = peer.recv(most, socket.MSG_PEEK)
        if not more:
            raise RemoteError("the connection ends within the head of an HTTP message")
        end = (head + more).find(b"\r\n\r\n")
        take = len(more) if end < 0 else end + 4 - len(head)
        head += await loop.sock_recv(peer, take)
        if end >= 0:
            return head
        if len(head) > most:
            raise RemoteError("the head of an HTTP message is too long", expected=f"at most {most} bytes")


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def readable(peer: socket.socket) -> None:
    """Wait for bytes, or the end."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(peer, lambda: _wake(ready))
    try:
        await ready
    finally:
        loop.remove_reader(peer)
