"""The client over real sockets, with real servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from reference_client import Client, events, make_client
from reference_client.channels import display, main
from reference_client.channels.inputs import Typed
from reference_client.plan import Wish, plan
from reference_client.shell import Shell
from reference_client.tests.servers import Qemu, andris, qemu
from spiceproto import certificates
from spiceproto.address import Address
from spiceproto.enums.link import LinkErr
from spiceproto.errors import LocalError
from spiceproto.http_proxy import parse_proxy
from spiceproto.tests.peers import PATIENCE, free_port, until
from spiceproto.transport import Place
from spiceproto.way import Way

_ALL = {"main", "display", "inputs", "cursor"}


class Session:
    """A shell in a running loop, and what it told."""

    def __init__(self, wish: Wish) -> None:
        way, options = plan(wish)
        self.events: list[events.Event] = []
        self.client: Client = make_client(options)
        self.shell = Shell(self.client, way, self.events.append)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition() and self.client.ended is None:
                await asyncio.sleep(0.01)
        assert condition(), self.events

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def linked(self) -> set[str]:
        return {line.name for line in self.client.linked()}

    def act(self, verb: str, *values: Any) -> None:
        """The user does something with mouse or keyboard."""
        getattr(self.client.inputs, verb)(*values)
        self.shell.pump()


def run(wish: Wish, body: Callable[[Session], Coroutine[Any, Any, None]], *, session_class: type[Session] = Session) -> Session:
    async def whole() -> Session:
        session = session_class(wish)
        session.shell.start()
        try:
            await body(session)
        finally:
            await session.shell.stop()
        return session

    return asyncio.run(whole())


async def all_linked(session: Session) -> None:
    """Four channels, of which the display has begun: libspice-server 0.15.1 crashes now and then if one ends before that."""
    await session.until(lambda: session.linked >= _ALL and bool(session.told(display.Marked)))


async def until_the_end(session: Session) -> None:
    async with asyncio.timeout(PATIENCE):
        await session.shell.ended.wait()


def refusal(wish: Wish) -> events.ChannelRefused:
    found: events.ChannelRefused = run(wish, until_the_end).told(events.ChannelRefused)[0]
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with qemu(tmp_path_factory.mktemp("qemu")) as found:
        yield found


@pytest.fixture(scope="module")
def made() -> certificates.Certificates:
    return certificates.make()


@pytest.mark.parametrize("address", ["spice://127.0.0.1:{}", "spice://localhost?port={}", "ws://127.0.0.1:{}/websockify"])
def test_all_channels_of_qemu_are_linked(server: Qemu, address: str) -> None:
    session = run(Wish(target=address.format(server.port)), all_linked)
    assert session.told(events.Ended) == [events.Ended(True, "the user left")]
    assert session.told(main.Named)[0].name.startswith("QEMU")
    # QEMU does not always survive who leaves before.
    assert session.client.displays[0].settled


def test_keys_and_movements_reach_the_guest(server: Qemu) -> None:
    async def body(session: Session) -> None:
        await all_linked(session)
        # 0x1E is 0x1C in the set of scan codes in which QEMU's keyboard keeps it.
        session.act("key", 0x1E, True)
        session.act("motion", 77, 0)
        await asyncio.to_thread(until, lambda: server.traced("keycode 0x1c"), what="the key arrives")
        await asyncio.to_thread(until, lambda: server.traced("value 77"), what="the movement arrives")

    run(Wish(target=f"spice://127.0.0.1:{server.port}"), body)


def test_a_text_is_typed_and_what_is_down_goes_up_in_the_end(server: Qemu) -> None:
    async def body(session: Session) -> None:
        await all_linked(session)
        session.act("type", "zX")
        await session.until(lambda: bool(session.told(Typed)))
        # In the set of scan codes in which QEMU's keyboard keeps them.
        for code in ("0x1a", "0x12", "0x22"):
            await asyncio.to_thread(until, partial(server.traced, f"keycode {code}"), what="the keys arrive")
        session.act("key", 0x45, True)
        await asyncio.to_thread(until, lambda: server.traced("keycode 0x77"), what="the key arrives")

    run(Wish(target=f"spice://127.0.0.1:{server.port}"), body)
    until(lambda: server.traced_in_a_row("keycode 0xf0", "keycode 0x77"), what="the key goes up")


def test_more_movements_than_the_window_all_arrive(server: Qemu) -> None:
    async def body(session: Session) -> None:
        await all_linked(session)
        for _ in range(50):
            session.act("motion", 1, 0)
        await session.until(lambda: not session.client.pointing.moved and session.client.inputs.unacknowledged < 8)

    run(Wish(target=f"spice://127.0.0.1:{server.port}"), body)


def test_the_picture_is_what_qemu_shows(server: Qemu, tmp_path: Path) -> None:
    from PIL import Image

    server.qmp("stop")

    async def body(session: Session) -> None:
        await session.until(lambda: bool(session.told(display.Marked)))
        server.qmp("screendump", filename=str(tmp_path / "screen.ppm"))
        with Image.open(tmp_path / "screen.ppm") as image:
            wanted = np.asarray(image.convert("RGB"))
        await session.until(lambda: np.array_equal(session.client.displays[0].picture(), wanted))
        assert wanted.any()

    try:
        run(Wish(target=f"spice://127.0.0.1:{server.port}", canvas=True), body)
    finally:
        server.qmp("cont")


def test_a_proxy_brings_the_connection(server: Qemu) -> None:
    asked: list[bytes] = []

    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            back, forth = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            await asyncio.gather(copy(reader, forth), copy(back, writer))

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as proxy:
            port = proxy.sockets[0].getsockname()[1]
            session = Session(Wish(target=f"spice://127.0.0.1:{server.port}", proxy=f"http://u:p@127.0.0.1:{port}"))
            session.shell.start()
            await all_linked(session)
            await session.shell.stop()

    asyncio.run(body())
    assert len(asked) == 4
    assert asked[0].startswith(b"CONNECT 127.0.0.1:") and b"Proxy-Authorization: Basic dTpw" in asked[0]


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Login\r\n\r\n", b"x" * 20000, b"", b"HTTP/1.1 200"])
def test_a_proxy_that_refuses_is_told(answer: bytes) -> None:
    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as proxy:
            port = proxy.sockets[0].getsockname()[1]
            session = Session(Wish(target="spice://h:1", proxy=f"127.0.0.1:{port}"))
            assert session.shell.way.proxy == parse_proxy(f"127.0.0.1:{port}")
            session.shell.start()
            await until_the_end(session)
            [refused] = session.told(events.ChannelRefused)
            assert refused.stage == "connect" and f"the proxy 127.0.0.1:{port}" in refused.text
            await session.shell.stop()
            assert session.shell.silent == ""

    asyncio.run(body())


def test_a_ticket(tmp_path: Path) -> None:
    secret = ("-object", "secret,id=ticket,data=sesame")
    with qemu(tmp_path, "password-secret=ticket", more=secret) as found:
        target = f"spice://127.0.0.1:{found.port}"
        run(Wish(target=target, password="sesame"), all_linked)
        refused = refusal(Wish(target=target, password="wrong"))
    assert (refused.error, refused.stage) == (LinkErr.PERMISSION_DENIED, "result")


def test_a_unix_socket(tmp_path: Path) -> None:
    with qemu(tmp_path, unix=True):
        run(Wish(target=f"spice+unix://{tmp_path / 'spice'}"), all_linked)


def test_tls_with_the_name_the_subject_and_the_wrong_ones(tmp_path: Path, made: certificates.Certificates) -> None:
    made.write(tmp_path / "x509")
    port = free_port()
    with qemu(tmp_path, f"tls-port={port},x509-dir={tmp_path / 'x509'},disable-ticketing=on,tls-channel=main") as found:
        secure = f"spice+tls://127.0.0.1:{port}"
        for wish in (
            Wish(target=secure, ca_pem=made.ca_pem),
            Wish(target=secure, ca_pem=made.ca_pem, host_subject=made.subject),
        ):
            session = run(wish, all_linked)
            assert all(event.secure for event in session.told(events.ChannelLinked))
        # main needs TLS: the plain port sends it over.
        both = f"spice://127.0.0.1?port={found.port}&tls-port={port}"
        session = run(Wish(target=both, ca_pem=made.ca_pem), all_linked)
        assert session.told(events.ChannelLinked)[0].secure
        other = certificates.make()
        for wish in (
            Wish(target=secure, ca_pem=other.ca_pem),
            Wish(target=secure),
            Wish(target=secure, ca_pem=made.ca_pem, host_subject="CN=somebody"),
            Wish(target=f"spice+tls://127.0.0.2:{port}", ca_pem=made.ca_pem),
        ):
            assert refusal(wish).stage == "connect"


def test_what_is_no_host_is_refused_at_once() -> None:
    refused = refusal(Wish(target=f"spice://{'x' * 70}:1"))
    assert refused.stage == "connect" and "not the name of a host" in refused.text


def test_nobody_there() -> None:
    refused = refusal(Wish(target=f"spice://127.0.0.1:{free_port()}"))
    assert (refused.stage, refused.error) == ("connect", None)


def test_who_leaves_before_a_connection_has_begun_is_gone_at_once() -> None:
    """The task of a connection is cancelled before its first step."""

    async def main() -> None:
        way, options = plan(Wish(target=f"spice://127.0.0.1:{free_port()}"))
        shell = Shell(Client(options), way)
        shell.start()
        async with asyncio.timeout(PATIENCE):
            await shell.stop()

    asyncio.run(main())


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    async def body() -> None:
        async with await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            way, options = plan(Wish(target=f"spice://127.0.0.1:{port}"))
            client = make_client(msgspec.structs.replace(options, link_timeout=0.2))
            shell = Shell(client, way)
            async with asyncio.timeout(PATIENCE):
                ended = await shell.run()
            assert not ended.orderly and "too long" in ended.text

    asyncio.run(body())


def test_a_server_that_is_no_websocket_is_refused(tmp_path: Path) -> None:
    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            session = Session(Wish(target=f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
            session.shell.start()
            await until_the_end(session)
            assert session.told(events.ChannelRefused)[0].stage == "connect"
            await session.shell.stop()

    asyncio.run(body())


def test_andris_links_everything_and_draws(tmp_path: Path) -> None:
    async def body(session: Session) -> None:
        await all_linked(session)
        await session.until(lambda: bool(session.client.displays[0].picture().any()))
        session.act("position", 10, 10)
        session.act("press", 1)
        session.act("release", 1)
        await asyncio.sleep(0)
        assert session.linked >= _ALL

    with andris(tmp_path) as port:
        session = run(Wish(target=f"spice://127.0.0.1:{port}", password="sesame", canvas=True), body)
        assert session.told(events.Ended)[0].orderly
        assert refusal(Wish(target=f"spice://127.0.0.1:{port}", password="wrong")).error == LinkErr.PERMISSION_DENIED


def test_the_way_to_another_server_is_like_that_to_the_first() -> None:
    way = Way(address=Address(host="here", port="1"), ca_pem="trusted", host_subject="CN=here", proxy=parse_proxy("proxy:8080"))
    there = way.to(Place("::1", 5931, 5932, "CN=there"))
    assert there.address == Address(host="[::1]", port="5931", tls_port="5932") and there.address.plain_host == "::1"
    assert (there.ca_pem, there.proxy, there.host_subject) == ("trusted", way.proxy, "CN=there")
    assert way.to(Place("there", 0, 5932)).address == Address(host="there", tls_port="5932")
    assert way.to(Place("there", 0, 5932)).host_subject == ""
    assert way.to(None) is way
    web = Way(address=Address(host="here", port="1", websocket="/spice"))
    assert web.to(Place("there", 5931, 0)).address.uri == "ws://there:5931/spice"


def test_a_session_over_a_unix_socket_goes_nowhere() -> None:
    with pytest.raises(LocalError, match="Unix socket"):
        Way(address=Address(unix_path="/run/spice")).to(Place("there", 5931, 0))
