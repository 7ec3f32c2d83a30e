"""Servers that vanish, over sockets, and sessions at once in one process: no descriptor and no task is left."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from reference_client.shell import Shell
from reference_client.tests.test_vanishing import KINDS, MAIN, Key, make, record_server
from spiceproto.address import Address
from spiceproto.tests.peers import PATIENCE
from spiceproto.way import Way

_KEY_AT = 20
"""Where a link message, with its header, has type and id of the channel."""

Cut = tuple[Key, int, bool]
"""A channel, after how many bytes it ends, and whether by a reset."""


class Server:
    """Says what was recorded to everybody who links a channel."""

    def __init__(self) -> None:
        self.cut: Cut | None = None
        self.cut_off = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            asked = await reader.readexactly(_KEY_AT + 2)
            key = (asked[_KEY_AT], asked[_KEY_AT + 1])
            if self.cut is None or self.cut[0] != key:
                writer.write(record_server()[key])
                while await reader.read(1 << 16):
                    pass
                return
            writer.write(record_server()[key][: self.cut[1]])
            await writer.drain()
            if self.cut[2]:
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            self.cut_off.set()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


def serving(body: Callable[[Server, Way], Awaitable[None]]) -> None:
    """Run ``body`` beside such a server; in the end there is what there was in the beginning."""

    async def run() -> None:
        server = Server()
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        way = Way(address=Address(host="127.0.0.1", port=str(listener.sockets[0].getsockname()[1])))
        async with listener:
            # Selectors, modules and the like are there behind the first session.
            await _session(way)
            await until(lambda: len(asyncio.all_tasks()) == 1)
            before = descriptors()
            await body(server, way)
            await until(lambda: len(asyncio.all_tasks()) == 1 and descriptors() == before)

    asyncio.run(run())


async def linked(way: Way) -> Shell:
    shell = Shell(make(), way)
    shell.start()
    await until(lambda: len(shell.client.linked()) == len(KINDS) + 1)
    return shell


async def _session(way: Way) -> None:
    await (await linked(way)).stop()


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
@pytest.mark.parametrize("key", [MAIN, *[(int(kind), 0) for kind in KINDS]], ids=str)
def test_servers_that_vanish(key: Key, reset: bool) -> None:
    async def body(server: Server, way: Way) -> None:
        size = len(record_server()[key])
        for part in range(8):
            server.cut, server.cut_off = (key, size * part // 8, reset), asyncio.Event()
            shell = Shell(make(), way)
            shell.start()
            await asyncio.wait_for(server.cut_off.wait(), PATIENCE)
            await until(lambda client=shell.client: client.lines[key].state == "closed")  # type: ignore[misc]
            assert (shell.client.ended is not None) == (key == MAIN)
            await asyncio.wait_for(shell.stop(), PATIENCE)
            assert shell.failure is None and not shell._tasks and not shell._streams and not shell._held
        server.cut = None
        await _session(way)

    serving(body)


def test_many_sessions_at_once_and_one_after_the_other() -> None:
    async def body(server: Server, way: Way) -> None:
        for _ in range(20):
            await _session(way)
        shells = [await linked(way) for _ in range(20)]
        for shell in shells:
            await shell.stop()

    serving(body)
