"""The proxy on sockets: byte for byte, in every wrapping, and how connections end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from pathlib import Path
from typing import Any

import pytest

from spiceproto import certificates
from spiceproto.address import parse_address
from spiceproto.errors import RemoteError
from spiceproto.http_proxy import parse_proxy
from spiceproto.proxy import arrival, proxy, relay
from spiceproto.proxy.decoder import Decoder
from spiceproto.proxy.dial import dial
from spiceproto.proxy.faults import FAULTS, parse_fault
from spiceproto.proxy.identity import given
from spiceproto.proxy.observers import Checker
from spiceproto.proxy.toml_rules import parse_rules
from spiceproto.tests.link_samples import LOGIN
from spiceproto.tests.peers import PATIENCE, free_port
from spiceproto.tests.proxied import Looker, digest, linked, noise, proxied, serving
from spiceproto.way import Way

SIZE = 3_000_000
UP, DOWN = noise(1, SIZE), noise(2, SIZE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[certificates.Certificates, Path]:
    folder = tmp_path_factory.mktemp("certificates")
    found = certificates.make()
    found.write(folder)
    return found, folder


def run(body: Any) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(PATIENCE):
            await body

    asyncio.run(bounded())


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """Say this, end, and hear everything."""

    async def say() -> None:
        writer.write(data)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    saying = asyncio.create_task(say())
    heard = await reader.read(-1)
    await saying
    return heard


def echo(said: list[bytes]) -> Any:
    """A server that hears all, says DOWN, and ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(await exchange(reader, writer, DOWN))
        writer.close()

    return talk


async def both_ways(port: int, said: list[bytes]) -> None:
    """What either said is what the other one heard."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = await exchange(reader, writer, UP)
    writer.close()
    while not said:
        await asyncio.sleep(0.01)
    assert (digest(heard), digest(said[0])) == (digest(DOWN), digest(UP))


def test_byte_for_byte_with_half_closed_connections() -> None:
    async def body() -> None:
        said: list[bytes] = []
        looker = Looker()
        async with serving(echo(said)) as server, proxied(server, observers={"client": (looker,)}) as (proxy, port):
            await both_ways(port, said)
            while not looker.seen[0].over:
                await asyncio.sleep(0.01)
            assert digest(looker.seen[0].data[True]) == digest(UP) and digest(looker.seen[0].data[False]) == digest(DOWN)
            assert sorted(looker.seen[0].ends) == [(False, False), (True, False)]
            assert proxy.bytes_passed == {"client": SIZE, "server": SIZE}

    run(body())


def test_an_observer_that_fails_costs_nothing() -> None:
    class Failing(Looker):
        def opened(self, passage: Any, time_ns: int) -> Any:
            seen = super().opened(passage, time_ns)
            seen.said = None  # type: ignore[method-assign, assignment]
            return seen

    async def body() -> None:
        said: list[bytes] = []
        told: list[str] = []
        observers = {"client": (Failing(),)}
        async with serving(echo(said)) as server, proxied(server, observers=observers, tell=told.append) as (_, port):
            await both_ways(port, said)
        assert len([text for text in told if "what looks on has failed" in text]) == 1

    run(body())


def test_who_does_not_read_is_not_written_to() -> None:
    """What waits in the proxy is bounded: the sender is held up."""

    async def body() -> None:
        sent = 0

        async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            piece = bytes(1 << 16)
            with contextlib.suppress(ConnectionError):
                while sent < 200 << 20:
                    writer.write(piece)
                    await writer.drain()
                    sent += len(piece)

        async with serving(pour) as server, proxied(server) as (_, port):
            client = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"x" * 20)
            before = -1
            while sent != before or not sent:
                before = sent
                await asyncio.sleep(0.3)
            assert sent < 100 << 20
            client.close()

    run(body())


def test_a_server_that_breaks_off_ends_the_client_behind_what_it_said() -> None:
    async def body() -> None:
        looker = Looker()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reader._limit = 1  # type: ignore[attr-defined]  # bytes stay unread
            writer.write(DOWN)
            while not looker.seen or len(looker.seen[0].data[False]) < SIZE:
                await asyncio.sleep(0.01)
            writer.close()

        async with serving(talk) as server, proxied(server, observers={"server": (looker,)}) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(UP)
            assert digest(await reader.read(-1)) == digest(DOWN)
            assert (False, True) in looker.seen[0].ends
            writer.close()

    run(body())


def test_a_side_that_stays_when_the_other_is_gone_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LINGER", 0.1)

    async def body() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        async with serving(talk) as server, proxied(server) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            assert await reader.read(-1) == b""
            with pytest.raises(ConnectionError):
                while True:
                    writer.write(b"more")
                    await writer.drain()
                    await asyncio.sleep(0.01)

    run(body())


def test_tls_on_both_sides(made: tuple[certificates.Certificates, Path]) -> None:
    found, folder = made
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    identity = given(str(folder / "server-cert.pem"), str(folder / "server-key.pem"))
    assert identity.subject == found.subject

    async def body() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"you said " + await reader.readexactly(5))
            await writer.drain()
            writer.close()

        told: list[str] = []
        looker = Looker()
        trust = ssl.create_default_context(cadata=found.ca_pem)
        async with serving(talk, ssl=context) as server:
            way = Way(address=parse_address(f"spice+tls://localhost:{server}"), ca_pem=found.ca_pem)
            async with proxied(way, identity=identity, observers={"client": (looker,)}) as (_, port):
                for secure in (trust, None):
                    reader, writer = await asyncio.open_connection("localhost", port, ssl=secure)
                    writer.write(b"hello")
                    assert await reader.readexactly(14) == b"you said hello"
                    writer.close()
                assert looker.seen[0].passage.layers == ("tcp", "tls1.3") and looker.seen[1].passage.layers == ("tcp",)
            way = Way(address=parse_address(f"spice+tls://localhost:{server}"), ca_pem=certificates.make().ca_pem)
            async with proxied(way, tell=told.append) as (_, port):
                reader, writer = await asyncio.open_connection("localhost", port)
                writer.write(b"hello")
                with contextlib.suppress(ConnectionError):
                    assert await reader.read(-1) == b""
                assert "not trusted" in told[0]

    run(body())


def test_a_unix_socket_on_both_sides(tmp_path: Path) -> None:
    async def body() -> None:
        said: list[bytes] = []
        server = await asyncio.start_unix_server(echo(said), str(tmp_path / "server"))
        async with server, proxied(f"spice+unix://{tmp_path / 'server'}") as (proxy, _):
            proxy.listen_unix(str(tmp_path / "proxy"))
            with pytest.raises(OSError, match="listens there"):
                proxy.listen_unix(str(tmp_path / "proxy"))
            reader, writer = await asyncio.open_unix_connection(str(tmp_path / "proxy"))
            assert digest(await exchange(reader, writer, UP)) == digest(DOWN)
            writer.close()
        assert digest(said[0]) == digest(UP) and not (tmp_path / "proxy").exists()

    run(body())


def test_websocket_on_both_sides() -> None:
    """One proxy behind another: SPICE in WebSocket between them, plain at both ends."""

    async def body() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(SIZE))
            await writer.drain()

        looker = Looker()
        async with (
            serving(talk) as server,
            proxied(server, observers={"client": (looker,)}) as (_, inner),
            proxied(f"ws://127.0.0.1:{inner}/spice") as (_, outer),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", outer)
            writer.write(UP)
            assert digest(await reader.readexactly(SIZE)) == digest(UP)
            writer.close()
            while not looker.seen[0].over:
                await asyncio.sleep(0.01)
        assert digest(looker.seen[0].data[True]) == digest(looker.seen[0].data[False]) == digest(UP)

    run(body())


def test_http_connect_on_both_sides() -> None:
    async def body() -> None:
        said: list[bytes] = []
        async with serving(echo(said)) as server, proxied(server) as (_, inner):
            way = Way(address=parse_address("spice://elsewhere:1"), proxy=parse_proxy(f"http://127.0.0.1:{inner}"))
            async with proxied(way) as (_, outer):
                await both_ways(outer, said)

    run(body())


def test_tls_in_a_tunnel(made: tuple[certificates.Certificates, Path]) -> None:
    found, folder = made
    identity = given(str(folder / "server-cert.pem"), str(folder / "server-key.pem"))

    async def body() -> None:
        said: list[bytes] = []
        looker = Looker()
        async with (
            serving(echo(said)) as server,
            proxied(server, identity=identity, observers={"client": (looker,)}) as (_, port),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await writer.start_tls(ssl.create_default_context(cadata=found.ca_pem), server_hostname="localhost")
            writer.write(UP)
            assert digest(await reader.readexactly(SIZE)) == digest(DOWN)
            writer.close()
            while not said:
                await asyncio.sleep(0.01)
        assert digest(said[0]) == digest(UP) and looker.seen[0].passage.layers == ("tcp", "connect", "tls1.3")

    run(body())


@pytest.mark.parametrize("request_line", [b"CONNECT x\r\n\r\n", b"CONNECT " + b"x" * 20_000])
def test_a_request_that_is_none(request_line: bytes) -> None:
    async def body() -> None:
        told: list[str] = []
        async with serving(echo([])) as server, proxied(server, tell=told.append) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request_line)
            with contextlib.suppress(ConnectionError):
                assert await reader.read(-1) == b""
            writer.close()
        assert "does not get in" in told[0]

    run(body())


async def silent(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


def test_who_says_nothing_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy, "CONNECTIONS", 2)

    async def body() -> None:
        told: list[str] = []
        said: list[bytes] = []
        async with serving(echo(said)) as server, proxied(server, tell=told.append) as (_, port):
            others = [await silent(port) for _ in range(4)]
            await both_ways(port, said)
            assert [await reader.read(-1) for reader, _ in others[:3]] == [b""] * 3
            for _, writer in others:
                writer.close()
        assert told == ["a client that says nothing is dropped; this is told once"]

    run(body())


def test_who_says_nothing_is_dropped_in_time_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.05)

    async def body() -> None:
        told: list[str] = []
        async with serving(echo([])) as server, proxied(server, tell=told.append) as (_, port):
            for reader, writer in [await silent(port) for _ in range(3)]:
                assert await reader.read(-1) == b""
                writer.close()
        assert told == ["a client that says nothing is dropped; this is told once"]

    run(body())


def test_an_http_proxy_that_is_not_there_is_named() -> None:
    port = free_port()
    way = Way(address=parse_address("spice://h:1"), proxy=parse_proxy(f"127.0.0.1:{port}"))
    with pytest.raises(RemoteError, match=f"the proxy 127.0.0.1:{port} can not be reached: Connection refused"):
        asyncio.run(dial(way, False))


def test_no_server() -> None:
    async def body() -> None:
        told: list[str] = []
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            async with proxied(nobody.getsockname()[1], tell=told.append) as (_, port):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"hello")
                with contextlib.suppress(ConnectionError):
                    assert await reader.read(-1) == b""
        assert told[0].endswith("Connection refused")

    run(body())


# -- SPICE


class Ends:
    """A client and a server that link, say what they are told, and hear everything."""

    def __init__(self, up: bytes, down: bytes, **link: Any) -> None:
        self.turns, self.client_link, self.server_link = linked(**link)
        self.up, self.down = up, down
        self.heard = {"client": b"", "server": b""}
        self.over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            for who, data in self.turns:
                if who == "client":
                    await reader.readexactly(len(data))
                else:
                    writer.write(data)
            self.heard["server"] = await exchange(reader, writer, self.down)
        writer.close()
        self.over.set()

    async def visit(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            for who, data in self.turns:
                if who == "server":
                    assert await reader.readexactly(len(data)) == data
                else:
                    writer.write(data)
            self.heard["client"] = await exchange(reader, writer, self.up)
        writer.close()
        await self.over.wait()


def motion(dx: int) -> bytes:
    return struct.pack("<HLllH", 111, 10, dx, 0, 0)


DROP = "[[rule]]\nname = 'no threes'\nwhen = { channel = 'inputs', message = 'MOUSE_MOTION', dx = 3 }\ndo = 'drop'\n"


def test_a_rule_and_both_views() -> None:
    async def body() -> None:
        ends = Ends(motion(3) + motion(4) + motion(3), b"")
        mine, theirs = Looker(), Looker()
        told: list[str] = []
        rules = tuple(parse_rules(DROP)[0])
        observers = {"client": (mine,), "server": (theirs,)}
        async with (
            serving(ends.serve) as server,
            proxied(server, rules=rules, observers=observers, tell=told.append) as (_, port),
        ):
            await ends.visit(port)
        assert ends.heard["server"] == motion(4)
        assert mine.seen[0].data[True] == ends.client_link + ends.up
        assert theirs.seen[0].data[True] == ends.client_link + motion(4)
        assert mine.seen[0].data[False] == theirs.seen[0].data[False] == ends.server_link
        assert [text for text in told if text.startswith("no threes: connection 1, client inputs:0 MOUSE_MOTION 1: dropped")]
        assert len(mine.seen[0].notes) == 2

    run(body())


def test_messages_in_one_piece_with_the_link_stage() -> None:
    """Who does not wait for the result: what came before it went on at once, and is as it was."""

    async def body() -> None:
        ends = Ends(b"", motion(0)[:0])
        ends.turns = [("client", ends.client_link + motion(3)), ("server", ends.server_link)]
        ends.up = motion(3) + motion(4)
        rules = tuple(parse_rules(DROP)[0])
        async with serving(ends.serve) as server, proxied(server, rules=rules) as (_, port):
            await ends.visit(port)
        assert ends.heard["server"] == motion(4)

    run(body())


def test_messages_are_decoded_as_they_pass() -> None:
    async def body() -> None:
        ends = Ends(motion(1) * 100, struct.pack("<HLH", 102, 2, 1))
        checker = Checker(lambda text: None)
        decoder = Decoder(checker)
        async with serving(ends.serve) as server, proxied(server, observers={"client": (decoder,)}) as (_, port):
            await ends.visit(port)
        decoder.settle()
        assert checker.messages == 101 and not checker.problems
        assert decoder.passing.connections == 1 and len(decoder.passing.sessions) == 1

    run(body())


def test_a_security_layer_passes_and_is_told() -> None:
    """A recorded login of spice-gtk at libspice-server by DIGEST-MD5, and what is encrypted behind it."""

    async def body() -> None:
        ends = Ends(b"", b"")
        ends.turns = LOGIN.steps
        told: list[str] = []
        looker = Looker()
        rules = tuple(parse_rules("[[rule]]\nwhen = {}\ndo = 'drop'\n")[0])
        async with (
            serving(ends.serve) as server,
            proxied(server, rules=rules, observers={"client": (looker,)}, tell=told.append) as (_, port),
        ):
            await ends.visit(port)
        said = {side: b"".join([data for who, data in LOGIN.steps if who == side]) for side in ("client", "server")}
        assert looker.seen[0].data == {True: said["client"], False: said["server"]}
        assert told[0] == "connection 1 (main:0): a security layer (DIGEST-MD5) hides what follows; no rule can see it"

    run(body())


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault(name: str) -> None:
    """Each is told, and does to the client's words what its name says; what goes on is never another byte."""
    more = {"slice": ":size=7", "stall": ":at=400,sender=client", "half-close": ":at=400,sender=client"}
    text = name + more.get(name, ":at=400,sender=client" if name in ("truncate", "reset") else "")

    async def body() -> None:
        ends = Ends(motion(1) * 100, motion(2) * 100)
        told: list[str] = []
        async with (
            serving(ends.serve) as server,
            proxied(server, faults=(parse_fault(text),), tell=told.append) as (_, port),
        ):
            visit = asyncio.create_task(ends.visit(port))
            if name == "stall":
                while not any("fault stall" in item for item in told):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.1)
                assert not ends.over.is_set() and not visit.done()
                visit.cancel()
                await asyncio.gather(visit, return_exceptions=True)
            else:
                await visit
        whole = ends.client_link + ends.up
        heard = ends.client_link + ends.heard["server"] if ends.heard["server"] else b""
        if name in ("slice", "coalesce", "delay"):
            assert heard == whole and ends.heard["client"] == ends.down
        elif name == "half-close":
            assert heard == whole[:400] and ends.heard["client"] == ends.down
        elif name == "truncate":
            assert heard in (whole[:400], b"")
        assert any(item.startswith(f"fault {name}: connection 1") for item in told)

    run(body())


def test_a_fault_of_one_channel() -> None:
    async def body() -> None:
        ends = Ends(motion(1) * 50, b"")
        told: list[str] = []
        faults = (parse_fault("half-close:channel=display"), parse_fault("coalesce:channel=inputs,sender=client"))
        async with serving(ends.serve) as server, proxied(server, faults=faults, tell=told.append) as (_, port):
            await ends.visit(port)
        assert ends.heard["server"] == ends.up
        assert [text.split(":")[0] for text in told] == ["fault coalesce"]

    run(body())


def test_a_delay_keeps_the_order() -> None:
    async def body() -> None:
        ends = Ends(motion(1) + motion(3) + motion(2), b"")
        text = "[[rule]]\nwhen = { message = 'MOUSE_MOTION', dx = 3 }\ndo = 'delay'\nseconds = 0.2\n"
        async with serving(ends.serve) as server, proxied(server, rules=tuple(parse_rules(text)[0])) as (_, port):
            begun = asyncio.get_running_loop().time()
            await ends.visit(port)
            assert asyncio.get_running_loop().time() - begun >= 0.2
        assert ends.heard["server"] == ends.up

    run(body())
