"""A proxy in the loop of a test, with a client and a server of raw bytes at its ends."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from spiceproto.address import parse_address
from spiceproto.proxy.proxy import Plan, Proxy
from spiceproto.proxy.traffic import Passage
from spiceproto.way import Way

__all__ = ["Looker", "Seen", "digest", "linked", "noise", "proxied", "serving"]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def noise(seed: int, size: int) -> bytes:
    """Bytes that are no SPICE."""
    return random.Random(seed).randbytes(size)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Seen:
    """What an observer was told of one connection."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.data = {True: b"", False: b""}
        self.ends: list[tuple[bool, bool]] = []
        self.notes: list[str] = []
        self.over = False

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        self.data[from_client] += data

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        self.ends.append((from_client, reset))

    def closed(self, time_ns: int) -> None:
        self.over = True

    def note(self, text: str) -> None:
        self.notes.append(text)


class Looker:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def opened(self, passage: Passage, time_ns: int) -> Seen:
        self.seen.append(Seen(passage))
        return self.seen[-1]


@contextlib.asynccontextmanager
async def serving(talk: Talk, **options: Any) -> AsyncIterator[int]:
    """A server that does ``talk`` with everybody; its port."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0, **options)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@contextlib.asynccontextmanager
async def proxied(target: int | str | Way, **plan: Any) -> AsyncIterator[tuple[Proxy, int]]:
    """A proxy before a server; its port."""
    way = target if isinstance(target, Way) else Way(address=parse_address(_uri(target)))
    proxy = Proxy(Plan(way=way, **plan))
    port = proxy.listen("127.0.0.1", 0)
    try:
        yield proxy, port
    finally:
        await proxy.close()


def _uri(target: int | str) -> str:
    return f"spice://127.0.0.1:{target}" if isinstance(target, int) else target


def linked(channel: int = 3, *, mini: bool = True) -> tuple[list[tuple[str, bytes]], bytes, bytes]:
    """Who says what in a link stage, in turns; and all of the client's, and all of the server's."""
    from spiceproto.capabilities import NONE
    from spiceproto.enums.capabilities import CommonCapability as Can
    from spiceproto.enums.link import ChannelType
    from spiceproto.link import ClientLink, LinkPolicy, ServerLink

    both = NONE.with_(Can.PROTOCOL_AUTH_SELECTION, Can.AUTH_SPICE, *([Can.MINI_HEADER] if mini else []))
    kind = ChannelType(channel)
    client = ClientLink(kind, 0, 0 if channel == 1 else 1, both)
    server = ServerLink(LinkPolicy({(kind, 0): both}, sessions={1}))
    turns: list[tuple[str, bytes]] = []
    while up := client.bytes_to_send():
        server.receive(up, 0.0)
        turns.append(("client", up))
        if down := server.bytes_to_send():
            client.receive(down)
            turns.append(("server", down))
    said = {side: b"".join([data for who, data in turns if who == side]) for side in ("client", "server")}
    return turns, said["client"], said["server"]
