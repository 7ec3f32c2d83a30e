"""The server on real sockets: TCP, Unix, TLS, WebSocket, and clients that do not behave."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from reference_server import Options, RecordingGuest, make_server
from reference_server.shell import Limits, Shell
from reference_server.tests.memory import COMMON, OWN, TABLES, ticket_key
from spiceproto import certificates
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import ClientLink, Established, LinkReplyReceived
from spiceproto.link.exchange import refusal
from spiceproto.messages import common, display, main

PATIENCE = 10.0


class Stream(Protocol):
    """Bytes both ways."""

    async def read(self) -> bytes:
        """What came; nothing at the end."""

    async def write(self, data: bytes) -> None:
        """Send it."""


class Socket:
    """A stream on a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def read(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(1 << 16), PATIENCE)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


class Frames:
    """A stream in a WebSocket; every third byte begins another frame."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def read(self) -> bytes:
        found = await asyncio.wait_for(self.socket.recv(), PATIENCE)
        assert isinstance(found, bytes)
        return found

    async def write(self, data: bytes) -> None:
        await self.socket.send([data[at : at + 3] for at in range(0, len(data), 3)])


async def link(stream: Stream, kind: int = ChannelType.MAIN, connection_id: int = 0) -> Channel:
    """Link a channel; what came behind the link result waits in it."""
    bits = Capabilities(COMMON.common, OWN[kind].channel)
    client = ClientLink(kind, 0, connection_id, bits)
    while True:
        if out := client.bytes_to_send():
            await stream.write(out)
        for event in client.receive(await stream.read()):
            if isinstance(event, Established):
                channel = Channel("client", TABLES[ChannelType(kind)], event.mini_header)
                channel.receive(event.server_rest)
                return channel
            assert isinstance(event, LinkReplyReceived), event


async def expect(stream: Stream, channel: Channel, wanted: type[Any]) -> Any:
    """The next message of a class; what comes before it is answered as it must be."""
    while True:
        while (event := channel.next_event()) is not None:
            assert isinstance(event, MessageReceived)
            if out := channel.bytes_to_send():
                await stream.write(out)
            if isinstance(event.value, wanted):
                return event.value
        data = await stream.read()
        assert data, f"closed before {wanted.__name__}"
        channel.receive(data)


async def use(stream: Stream) -> main.Init:
    """A main channel that answers."""
    channel = await link(stream)
    init: main.Init = await expect(stream, channel, main.Init)
    await stream.write(channel.send(main.AttachChannels()))
    found: main.ChannelsList = await expect(stream, channel, main.ChannelsList)
    assert len(found.channels) == 3
    return init


async def dial(shell: Shell) -> Socket:
    """A connection over TCP."""
    return Socket(*await asyncio.open_connection("127.0.0.1", await shell.listen("127.0.0.1", 0)))


async def want_picture(shell: Shell) -> tuple[Socket, Socket, int]:
    """Main and display of a session, on which the server begins to send a picture; the session's id."""
    first, second = await dial(shell), await dial(shell)
    init = await use(first)
    screen = await link(second, ChannelType.DISPLAY, init.session_id)
    await second.write(screen.send(display.Init(1, 1, 1, 1)))
    return first, second, init.session_id


def serving(
    body: Callable[[Shell], Awaitable[None]], *, limits: Limits | None = None, size: tuple[int, int] = (64, 48), **options: Any
) -> list[tuple[str, dict[str, Any]]]:
    """Run ``body`` beside a server; what the log was told."""
    log: list[tuple[str, dict[str, Any]]] = []

    async def run() -> None:
        guest = RecordingGuest(size=size)
        server = make_server(Options(**({"ticket_key": ticket_key} | options)), guest)
        shell = Shell(server, limits=limits, log=lambda name, fields: log.append((name, fields)))
        try:
            await asyncio.wait_for(body(shell), 30)
        finally:
            await shell.close()
        assert not server.sessions
        assert server.deadline is None

    asyncio.run(run())
    assert not [entry for entry in log if entry[0] == "error"]
    return log


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


def test_tcp() -> None:
    async def body(shell: Shell) -> None:
        stream = await dial(shell)
        await use(stream)
        stream.writer.close()
        await until(lambda: not shell.server.sessions)

    log = serving(body)
    assert [name for name, _ in log] == ["connected", "channel", "disconnected", "closed"]


def test_unix(tmp_path: Path) -> None:
    path = tmp_path / "socket"

    async def body(shell: Shell) -> None:
        await shell.listen_unix(path)
        await use(Socket(*await asyncio.open_unix_connection(str(path))))

    serving(body)
    assert not path.exists()


def test_tls(tmp_path: Path) -> None:
    made = certificates.make()
    made.write(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server-cert.pem", tmp_path / "server-key.pem")
    client = ssl.create_default_context(cadata=made.ca_pem)

    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0, server)
        for name in ("localhost", "127.0.0.1"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
            await use(Socket(reader, writer))
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="elsewhere")

    log = serving(body, secured=("main",))
    assert ("connected", {"connection": 1, "tls": True}) in log


@pytest.mark.parametrize("offered", (None, ["binary"], ["base64", "binary"]), ids=str)
def test_websocket(offered: list[str] | None) -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        names = None if offered is None else [Subprotocol(name) for name in offered]
        async with connect(f"ws://127.0.0.1:{port}/any/path", subprotocols=names) as socket:
            assert socket.subprotocol == (offered and "binary")
            await use(Frames(socket))
            pong = await socket.ping()
            await asyncio.wait_for(pong, PATIENCE)
        await until(lambda: not shell.server.sessions)

    serving(body)


BASE64 = b"Sec-WebSocket-Protocol: base64\r\n"
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3BpY2UgaXMgYmluYXJ5IQ==\r\n"
)
INVALID_MAGIC = refusal(LinkErr.INVALID_MAGIC)


@pytest.mark.parametrize(
    "request_bytes",
    (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + UPGRADE + BASE64 + b"\r\n",
        b"GET nonsense\r\n\r\n",
        b"GET /" + b"x" * 40_000,
        b"GETx",
        b"redq",
    ),
    ids=("no-upgrade", "base64-only", "no-http", "endless", "not-get", "not-redq"),
)
def test_what_is_neither_spice_nor_websocket(request_bytes: bytes) -> None:
    async def body(shell: Shell) -> None:
        stream = await dial(shell)
        stream.writer.write(request_bytes)
        found = b""
        while data := await stream.read():
            found += data
        assert found == INVALID_MAGIC

    serving(body)


def test_text_in_a_websocket_ends_it() -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            await socket.send("text")
            await asyncio.wait_for(socket.wait_closed(), PATIENCE)
            assert socket.close_code == 1003

    serving(body)


def test_an_orderly_end_in_a_websocket_and_on_tcp() -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)

        async def end(stream: Stream) -> None:
            channel = await link(stream)
            await expect(stream, channel, common.Ping)
            shell.server.shutdown()
            shell.flush()
            assert (await expect(stream, channel, common.Disconnecting)).reason == LinkErr.OK

        plain = Socket(*await asyncio.open_connection("127.0.0.1", port))
        await end(plain)
        assert await plain.read() == b""
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            await end(Frames(socket))
            await asyncio.wait_for(socket.wait_closed(), PATIENCE)
            assert socket.close_code == 1000

    serving(body)


def test_silent_links_are_closed() -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        streams = [Socket(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(3)]
        await streams[1].write(b"REDQ")
        await streams[2].write(b"GET / HTTP/1.1\r\n")
        for stream in streams:
            assert await stream.read() == b""

    serving(body, link_timeout=0.2)


def test_a_client_that_does_not_read_is_dropped() -> None:
    async def body(shell: Shell) -> None:
        first, second, session = await want_picture(shell)
        # The picture of some 30 MB does not fit into the buffers of the sockets; nobody reads it.
        await until(lambda: len(shell.server.sessions[session].members) == 2)
        await until(lambda: len(shell.server.sessions[session].members) == 1)
        first.writer.close()
        second.writer.close()

    serving(body, size=(3000, 2500), limits=Limits(stall=0.3))


def test_too_much_for_one_client() -> None:
    async def body(shell: Shell) -> None:
        first, second, session = await want_picture(shell)
        with pytest.raises(ConnectionError):
            while await second.read():
                pass
            raise ConnectionResetError
        assert session in shell.server.sessions
        first.writer.close()

    serving(body, size=(3000, 2500), limits=Limits(send=10 << 20))


def test_a_mistake_of_the_server_costs_one_connection() -> None:
    log: list[tuple[str, dict[str, Any]]] = []
    reported: list[str] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["message"]))
        server = make_server(Options(ticket_key=ticket_key), RecordingGuest(size=(8, 8)))
        shell = Shell(server, log=lambda name, fields: log.append((name, fields)))
        port = await shell.listen("127.0.0.1", 0)
        good = Socket(*await asyncio.open_connection("127.0.0.1", port))
        channel = await link(good)
        await expect(good, channel, main.Init)
        bad = Socket(*await asyncio.open_connection("127.0.0.1", port))
        server.policy.admit = lambda *arguments: 1 // 0  # type: ignore[method-assign, assignment]
        client = ClientLink(ChannelType.INPUTS, 0, 0, COMMON)
        await bad.write(client.bytes_to_send())
        assert await bad.read() == b""
        await good.write(channel.send(main.AttachChannels()))
        await expect(good, channel, main.ChannelsList)
        await shell.close()

    asyncio.run(run())
    assert reported == ["the server failed on <connection 2>"]
    assert [name for name, _ in log].count("error") == 1
