"""The server on real sockets: TCP, Unix, TLS, WebSocket, and clients that do not behave."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from reference_server import Guest, Options, make_server
from reference_server.guest.image import draw_copy
from reference_server.shell import Limits, Shell, _Stream
from reference_server.tests.memory import COMMON, OWN, ticket_key
from spiceproto import certificates
from spiceproto.capabilities import Capabilities
from spiceproto.channel import Channel, MessageReceived
from spiceproto.channels import channel_name
from spiceproto.enums.link import ChannelType, LinkErr
from spiceproto.link import ClientLink, Established, LinkReplyReceived
from spiceproto.link.exchange import refusal
from spiceproto.messages import common, display, main
from spiceproto.tests.peers import PATIENCE
from spiceproto.ticket import TicketKey
from spiceproto.transport import Connection


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
                channel = Channel("client", channel_name(kind), event.mini_header)
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
    assert {item.type for item in found.channels} >= {ChannelType.INPUTS, ChannelType.DISPLAY, ChannelType.CURSOR}
    return init


async def dial(shell: Shell) -> Socket:
    """A connection over TCP."""
    return Socket(*await asyncio.open_connection("127.0.0.1", await shell.listen("127.0.0.1", 0)))


async def see(shell: Shell) -> tuple[Socket, Socket, Channel, int]:
    """Main and display of a session, on which the server begins to send a picture; the channel, and the session's id."""
    first, second = await dial(shell), await dial(shell)
    init = await use(first)
    screen = await link(second, ChannelType.DISPLAY, init.session_id)
    await second.write(
        screen.send(display.Init(pixmap_cache_id=1, pixmap_cache_size=1, glz_dictionary_id=1, glz_dictionary_window_size=1))
    )
    return first, second, screen, init.session_id


async def want_picture(shell: Shell) -> tuple[Socket, Socket, int]:
    """The same without the channel, for who does not look."""
    first, second, _, session = await see(shell)
    return first, second, session


def serving(
    body: Callable[[Shell], Awaitable[None]], *, limits: Limits | None = None, size: tuple[int, int] = (64, 48), **options: Any
) -> list[tuple[str, dict[str, Any]]]:
    """Run ``body`` beside a server; what the log was told."""
    log: list[tuple[str, dict[str, Any]]] = []

    async def run() -> None:
        guest = Guest(size=size)
        server = make_server(Options(**({"ticket_key": ticket_key} | options)), guest)
        shell = Shell(server, limits=limits, log=lambda name, fields: log.append((name, fields)))
        try:
            await body(shell)
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

    serving(body, link_timeout=3.0)


def test_a_client_that_does_not_read_is_dropped() -> None:
    async def body(shell: Shell) -> None:
        first, second, session = await want_picture(shell)
        # The picture of some 30 MB does not fit into the buffers of the sockets; nobody reads it.
        await until(lambda: len(shell.server.sessions[session].linked) == 2)
        await until(lambda: len(shell.server.sessions[session].linked) == 1)
        first.writer.close()
        second.writer.close()

    log = serving(body, size=(3000, 2500), limits=Limits(stall=0.3))
    assert _why(log) == ["the client does not read"]


def _why(log: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Why display channels were closed by the server."""
    texts = [fields["text"] for name, fields in log if name == "closed" and fields["channel"] == "display"]
    return [text for text in texts if not text.startswith("the client closed")]


class Turns:
    """Which connection a server was given how many bytes of, in order, once links are over."""

    def __init__(self, shell: Shell) -> None:
        self.taken: list[tuple[int, int]] = []
        receive = shell.server.receive

        def noted(connection: Connection, data: bytes, now: float) -> None:
            self.taken.append((connection.number, len(data)))
            receive(connection, data, now)

        shell.server.receive = noted  # type: ignore[method-assign]

    def of(self, number: int) -> list[int]:
        """Bytes of one connection."""
        return [size for connection, size in self.taken if connection == number]


async def settled(shell: Shell, stream: Stream, channel: Channel) -> None:
    """The first PING of a main channel was answered."""
    await expect(stream, channel, common.Ping)
    lines = [line for line in shell.server.lines.values() if line.link is None]
    await until(lambda: all(line.messages.round_trip is not None for line in lines))


def _pongs(channel: Channel, size: int) -> bytes:
    """So many bytes, or a few more, of messages that need no answer."""
    one = channel.send(common.Pong(1, 1))
    return one * -(-size // len(one))


def test_who_sends_much_at_once_has_one_turn_like_others() -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        streams = [Socket(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(3)]
        channels = []
        for stream in streams:
            channels.append(await link(stream))
            await settled(shell, stream, channels[-1])
        turns = Turns(shell)
        much, few = _pongs(channels[1], 1 << 16), [_pongs(channel, 1) for channel in (channels[0], channels[2])]
        # All of it is with the system before the server looks.
        for stream, data in zip(streams, (few[0], much, few[1]), strict=True):
            stream.writer.write(data)
        await until(lambda: sum(turns.of(2)) == len(much))
        assert max(turns.of(2)) <= 4096 and len(turns.of(2)) >= 16
        places = [number for number, _ in turns.taken]
        last = len(places) - 1 - places[::-1].index(2)
        assert all(places.index(number) < last for number in (1, 3))
        behind = [number for number in places if number != 2]
        assert sorted(behind) == [1, 3]
        for number in (1, 3):
            assert places[: places.index(number)].count(2) <= 1

    serving(body, multi_client=True, limits=Limits(turn=0.0))


def test_what_was_sent_before_the_end_of_a_websocket_is_handled() -> None:
    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            channel = await link(Frames(socket))
            await settled(shell, Frames(socket), channel)
            turns = Turns(shell)
            much = _pongs(channel, 20_000)
            await socket.send(much)
        await until(lambda: not shell.server.sessions)
        assert sum(turns.of(1)) == len(much) and max(turns.of(1)) <= 4096

    serving(body)


class Pipe(asyncio.Transport):
    """A connection without a socket: ``written`` is what the server has said, ``reads`` whether it would hear more."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reads = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True


def test_a_client_that_does_not_read_has_no_turn() -> None:
    async def body(shell: Shell) -> None:
        stream, pipe = _Stream(shell, False), Pipe()
        stream.connection_made(pipe)
        client = ClientLink(ChannelType.MAIN, 0, 0, COMMON)
        heard: list[Any] = []
        while not heard or not isinstance(heard[-1], Established):
            stream.data_received(client.bytes_to_send())
            data, pipe.written = pipe.written, b""
            heard += client.receive(data)
        turns, much = Turns(shell), _pongs(Channel("client", "main", True), 20_000)
        stream.data_received(much)
        assert turns.of(1) == [4096] and not pipe.reads
        stream.pause_writing()
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(turns.of(1)) <= 2 and not pipe.reads
        stream.resume_writing()
        while sum(turns.of(1)) < len(much):
            assert not pipe.reads
            await asyncio.sleep(0)
        assert sum(turns.of(1)) == len(much) and max(turns.of(1)) == 4096 and pipe.reads
        stream.connection_lost(None)

    serving(body, limits=Limits(turn=0.0))


def test_too_much_for_one_client() -> None:
    async def body(shell: Shell) -> None:
        first, second, session = await want_picture(shell)
        with pytest.raises(ConnectionError):
            while await second.read():
                pass
            raise ConnectionResetError
        assert session in shell.server.sessions
        first.writer.close()

    log = serving(body, size=(3000, 2500), limits=Limits(send=10 << 20))
    assert _why(log) == [f"more than {10 << 20} bytes wait for a client that reads too slowly"]


def test_a_client_that_reads_slowly_gets_fewer_pictures() -> None:
    """Of those that cover each other, all but the newest vanish while the sockets are full."""
    side, pictures = 1000, 40

    async def body(shell: Shell) -> None:
        first, second, channel, _ = await see(shell)
        await expect(second, channel, display.SurfaceCreate)
        screen = shell.server.guest.screens[0]
        for number in range(1, pictures + 1):
            screen.push(draw_copy(np.full((side, side, 4), number, np.uint8), 0, 0, number))
            shell.flush()
            await asyncio.sleep(0)
        seen: list[int] = []
        while not seen or seen[-1] != pictures:
            drawn = await expect(second, channel, display.DrawCopy)
            seen.append(drawn.data.src_bitmap.bitmap.data[0])
        assert seen[1:] == sorted(set(seen[1:])) and len(seen) < pictures // 2
        first.writer.close()
        second.writer.close()

    # Twelve of the pictures would be too many.
    log = serving(body, size=(side, side), limits=Limits(send=12 * 4 * side * side, stall=PATIENCE))
    assert set(_why(log)) <= {"the server ends"}


def test_a_mistake_of_the_server_costs_one_connection() -> None:
    log: list[tuple[str, dict[str, Any]]] = []
    reported: list[str] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["message"]))
        server = make_server(Options(ticket_key=ticket_key), Guest(size=(8, 8)))
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


def made(count: int) -> list[TicketKey]:
    return [TicketKey.generate() for _ in range(count)]


def test_no_key_is_made_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, threads = made(3), set()

    def generate() -> TicketKey:
        threads.add(threading.get_ident())
        return keys[0]

    monkeypatch.setattr(TicketKey, "generate", generate)

    async def body(shell: Shell) -> None:
        for _ in range(20):
            await link(await dial(shell))

    serving(body, ticket_key=None)
    assert threads and threading.get_ident() not in threads


def test_a_link_waits_for_a_key_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, go_on = made(2), threading.Semaphore(1)

    def generate() -> TicketKey:
        go_on.acquire()
        return keys.pop()

    monkeypatch.setattr(TicketKey, "generate", generate)

    async def body(shell: Shell) -> None:
        first, second, gone = await dial(shell), await dial(shell), await dial(shell)
        channel = await link(first)
        waiting = asyncio.create_task(link(second, ChannelType.INPUTS, next(iter(shell.server.sessions))))
        await gone.write(b"REDQ")
        await first.write(channel.send(main.AttachChannels()))
        await expect(first, channel, main.ChannelsList)
        assert not waiting.done()
        gone.writer.close()
        keys.extend([ticket_key()] * 1000)
        go_on.release(1000)
        await waiting
        await until(lambda: len(shell.server.lines) == 2)

    serving(body, ticket_key=None)


def test_a_crowd_without_keys_holds_up_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    key, go_on = made(1)[0], threading.Semaphore(0)

    def generate() -> TicketKey:
        go_on.acquire()
        return key

    monkeypatch.setattr(TicketKey, "generate", generate)

    async def body(shell: Shell) -> None:
        port = await shell.listen("127.0.0.1", 0)
        crowd = [Socket(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(20)]
        for stream in crowd:
            await stream.write(ClientLink(ChannelType.MAIN, 0, 0, COMMON).bytes_to_send())
        await until(lambda: len(shell._waiting) == 20)
        last = asyncio.create_task(link(Socket(*await asyncio.open_connection("127.0.0.1", port))))
        await until(lambda: len(shell._waiting) == 21)
        go_on.release()
        await last
        assert len(shell._waiting) == 20
        go_on.release(1000)

    serving(body, ticket_key=None)
