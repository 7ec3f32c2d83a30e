"""Crowds over sockets: half-open links of all kinds, refused ones that stay, clients that vanish. The next login is served."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from reference_server import Guest, Options, make_server
from reference_server.shell import Limits, Shell
from reference_server.tests.memory import COMMON, ticket_key
from reference_server.tests.test_command import command, finish
from reference_server.tests.test_shell import Socket, until, use
from reference_server.tests.whole_client import KINDS, make, record_session
from spiceproto import certificates
from spiceproto.enums.link import ChannelType
from spiceproto.link import ClientLink
from spiceproto.tests.peers import PATIENCE

CROWD = 200
FEW = Limits(handshakes=20, lingering=10)
_LINK = ClientLink(ChannelType.MAIN, 0, 0, COMMON).bytes_to_send()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def serving(body: Callable[[Shell, int], Awaitable[None]]) -> None:
    """A server for few unfinished links. When everybody has gone, as many descriptors and tasks are there as before."""

    async def run() -> None:
        server = make_server(Options(ticket_key=ticket_key, unfinished_links=30, multi_client=True), Guest(size=(8, 8)))
        shell = Shell(server, limits=FEW)
        port = await shell.listen("127.0.0.1", 0)
        await served(port)
        await until(lambda: not shell.server.lines)
        before, tasks = descriptors(), len(asyncio.all_tasks())
        await body(shell, port)
        await until(lambda: descriptors() == before and len(asyncio.all_tasks()) == tasks)
        assert not (shell.server.lines or shell._streams or shell._lingering or shell._waiting)
        await shell.close()

    asyncio.run(run())


async def served(port: int) -> None:
    """Somebody logs in."""
    stream = Socket(*await asyncio.open_connection("127.0.0.1", port))
    await use(stream)
    stream.writer.close()


@contextlib.asynccontextmanager
async def crowd(port: int, say: bytes, count: int = CROWD) -> AsyncIterator[list[socket.socket]]:
    """Connections on which this was said, and nothing else is."""
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            await loop.sock_connect(one, ("127.0.0.1", port))
            with contextlib.suppress(OSError):
                one.send(say)
            found.append(one)
        yield found


@pytest.mark.parametrize(
    "say",
    [b"", b"RED", b"REDQ", _LINK[:20], _LINK, b"GET / HTTP/1.1\r\n"],
    ids=["nothing", "three-bytes", "magic", "half-a-message", "message", "http"],
)
def test_half_open_links(say: bytes) -> None:
    async def body(shell: Shell, port: int) -> None:
        before = descriptors()
        async with crowd(port, say):
            await until(lambda: len(shell.server.lines) == 30)
            await served(port)
            # Its own end of each, and at most 30 of the server's.
            await until(lambda: descriptors() <= before + CROWD + 30)

    serving(body)


def test_refused_links_that_stay() -> None:
    async def body(shell: Shell, port: int) -> None:
        before = descriptors()
        async with crowd(port, b"not SPICE"):
            await until(lambda: not shell.server.lines)
            assert len(shell._lingering) <= 10 and descriptors() <= before + CROWD + 10
            await served(port)

    serving(body)


def test_neither_who_is_silent_nor_who_asks_keeps_others_out() -> None:
    """A link that is half done is not given up for a crowd of the other kind."""

    async def body(shell: Shell, port: int) -> None:
        for first, then in ((b"", _LINK), (_LINK, b"")):
            async with crowd(port, first, 1) as (slow,), crowd(port, then):
                await until(lambda: len(shell.server.lines) == 30)
                with pytest.raises(BlockingIOError):
                    slow.recv(1 << 16)
                    slow.recv(1)

    serving(body)


def test_handshakes_that_never_end(tmp_path: Path) -> None:
    made = certificates.make()
    made.write(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server-cert.pem", tmp_path / "server-key.pem")
    client = ssl.create_default_context(cadata=made.ca_pem)

    async def body(shell: Shell, port: int) -> None:
        secure = await shell.listen("127.0.0.1", 0, context)
        before = descriptors()
        (handshakes,) = shell._handshakes
        for say in (b"", bytes.fromhex("16030100")):
            async with crowd(secure, say):
                await until(lambda: descriptors() <= before + CROWD + 20)
                assert len(handshakes) == 20 and not shell.server.lines
                stream = Socket(*await asyncio.open_connection("127.0.0.1", secure, ssl=client))
                await use(stream)
                stream.writer.close()
            await until(lambda: not len(handshakes) and not shell.server.lines)
        shell._listeners.pop().close()

    serving(body)


async def _vanish(port: int, cuts: dict[int, int], *, reset: bool) -> None:
    """A client of which each connection ends after so many bytes."""
    streams = []
    for kind, size in cuts.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(record_session()[kind][:size])
        with contextlib.suppress(OSError):
            await writer.drain()
        streams.append(writer)
        if kind == ChannelType.MAIN:
            # Others need the session, if there is to be one.
            await asyncio.wait_for(reader.read(1 << 16), PATIENCE) if size >= len(_LINK) else None
    for writer in streams:
        if reset:
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        else:
            writer.close()


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
def test_clients_that_vanish(reset: bool) -> None:
    said = record_session()

    async def run() -> None:
        shell = Shell(make())
        port = await shell.listen("127.0.0.1", 0)
        await served(port)
        await until(lambda: not shell.server.lines)
        before, tasks = descriptors(), len(asyncio.all_tasks())
        for number in range(40):
            cuts: dict[int, int] = {
                kind: len(said[kind]) * (number * (place + 7) % 41) // 40 for place, kind in enumerate(KINDS)
            }
            await _vanish(port, cuts, reset=reset)
            await until(lambda: not shell.server.lines)
        await served(port)
        await until(lambda: descriptors() == before and len(asyncio.all_tasks()) == tasks)
        assert not (shell.server.sessions or shell._streams or shell._lingering or shell.server.agent.talking)
        await shell.close()

    asyncio.run(run())


def test_without_descriptors_half_open_links_make_room() -> None:
    """Fewer are left for the program than it allows links."""
    with command("--port", "0", "--disable-ticketing", "--log") as (process, first):
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (40, 40))

        async def body() -> None:
            async with crowd(first["port"], b"REDQ", 60):
                await served(first["port"])

        asyncio.run(body())
        _, lines = finish(process, signal.SIGTERM)
    said = [line.get("text") for line in lines]
    assert "too many links are not finished" in said and "the link stage takes too long" not in said
