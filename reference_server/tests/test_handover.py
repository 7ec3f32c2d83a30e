"""A guest on its way between two shells, and what goes wrong there."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from reference_server import GUESTS, Guest, Options, make_server
from reference_server.departure import Destination
from reference_server.handover import Incoming, hand_over, place
from reference_server.shell import Shell
from reference_server.tests.memory import ticket_key
from spiceproto.errors import LocalError, RemoteError
from spiceproto.tests.peers import PATIENCE

THERE = Destination("127.0.0.1", 5930)
_HEADER = struct.Struct("<4sQ")


class Both:
    """A source with a desktop, and a destination that waits at ``path``."""

    def __init__(self, path: Path, displays: int = 1, program: str = "desktop") -> None:
        guest = Guest(size=(64, 48))
        GUESTS[program](guest, 1)
        self.source = Shell(make_server(Options(ticket_key=ticket_key), guest))
        self.told: list[tuple[str, dict[str, Any]]] = []
        server = make_server(Options(ticket_key=ticket_key, displays=displays), Guest(size=(64, 48)))
        self.there = Shell(server, log=lambda name, fields: self.told.append((name, fields)))
        self.path = str(path)

    async def migrate(self) -> Any:
        return await hand_over(self.source, THERE, "seamless", self.path)


def run(folder: Path, act: Callable[[Both, Incoming], Awaitable[None]], **options: Any) -> None:
    """A test in an event loop."""

    async def body() -> None:
        both = Both(folder / "guest", **options)
        incoming = Incoming(both.there)
        await incoming.listen(both.path)
        try:
            async with asyncio.timeout(PATIENCE):
                await act(both, incoming)
        finally:
            incoming.close()
            await both.source.close()
            await both.there.close()

    asyncio.run(body())


@pytest.mark.parametrize("text", ("x", "./x:y", "/a/b", "127.0.0.1:5", "[::1]:6", "localhost:0", ":7"))
def test_places(text: str) -> None:
    assert place(text) in (text, ("127.0.0.1", 5), ("::1", 6), ("localhost", 0), ("127.0.0.1", 7))


@pytest.mark.parametrize("text", ("", "10.0.0.1:5", "example.org:5", "127.0.0.1:x", "127.0.0.1:65536", "0.0.0.0:5"))
def test_places_that_are_none(text: str) -> None:
    with pytest.raises(LocalError):
        place(text)


def test_a_guest_goes_once(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        assert not both.there.server.here
        assert await both.migrate() == {"sessions": [], "left": True}
        assert both.there.server.here and not both.source.server.here
        assert both.there.server.guest.program is not None and both.there.server.guest.program.name == "desktop"
        assert ("incoming", {"here": True}) in both.told
        with pytest.raises(LocalError):
            await both.migrate()
        assert not Path(both.path).exists()

    run(tmp_path, act)


def test_a_port_of_this_machine(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        other = Incoming(both.there)
        both.path = await other.listen("127.0.0.1:0")
        assert not both.path.endswith(":0")
        await both.migrate()
        assert both.there.server.here

    run(tmp_path, act)


def test_nobody_waits(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        incoming.close()
        with pytest.raises(OSError):
            await both.migrate()
        assert both.source.server.here and both.source.server.migration is None

    run(tmp_path, act)


def test_a_destination_that_refuses(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        with pytest.raises(RemoteError, match="displays"):
            await both.migrate()
        assert both.source.server.here and both.source.server.migration is None and not both.there.server.here
        with pytest.raises(LocalError):
            both.source.server.migrate_cancel()
        both.source.server.save()
        both.source.server.migrate_cancel()
        assert both.source.server.deadline == both.source.server.guest.timer.deadline

    run(tmp_path, act, displays=2)


@pytest.mark.parametrize(
    "data",
    (
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        _HEADER.pack(b"EXPC", 1 << 60),
        _HEADER.pack(b"EXPC", 3) + b"[0]",
        _HEADER.pack(b"EXPC", 3) + b'{"a',
        _HEADER.pack(b"EXPC", 5) + b'["x"]',
        _HEADER.pack(b"EXPC", 3) + b"[5]" + _HEADER.pack(b"GUST", 8) + b"RSGM\1\0\0\0",
        _HEADER.pack(b"EXPC", 3) + b"[5]" + _HEADER.pack(b"GUST", 1 << 40),
        _HEADER.pack(b"GUST", 0),
    ),
)
def test_who_is_no_server_leaves_nothing_behind(tmp_path: Path, data: bytes) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        reader, writer = await asyncio.open_unix_connection(both.path)
        writer.write(data)
        writer.write_eof()
        answer = await reader.read()
        assert not data or answer[:4] in (b"FAIL", b"DONE", b"")
        writer.close()
        assert not both.there.server.here and not both.there.server.migrations
        await both.migrate()
        assert both.there.server.here

    run(tmp_path, act)


def test_one_source_at_a_time(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        reader, writer = await asyncio.open_unix_connection(both.path)
        writer.write(_HEADER.pack(b"EXPC", 3) + b"[5]")
        assert (await reader.readexactly(_HEADER.size))[:4] == b"DONE"
        assert both.there.server.migrations == {5}
        with pytest.raises(RemoteError, match="on its way"):
            await both.migrate()
        writer.close()
        while both.there.server.migrations:
            await asyncio.sleep(0.01)
        await both.migrate()
        assert both.there.server.here

    run(tmp_path, act)


def test_lists_within_lists_are_no_mistake_of_the_server(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        reader, writer = await asyncio.open_unix_connection(both.path)
        writer.write(_HEADER.pack(b"EXPC", 100_000) + b"[" * 100_000)
        assert (await reader.readexactly(_HEADER.size))[:4] == b"FAIL"
        writer.close()

    run(tmp_path, act)


def test_two_at_once_are_one(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        other = Shell(make_server(Options(ticket_key=ticket_key), Guest(size=(64, 48))))
        elsewhere = Incoming(other)
        path = str(tmp_path / "other")
        await elsewhere.listen(path)
        second = hand_over(both.source, THERE, "seamless", path)
        found = await asyncio.gather(both.migrate(), second, return_exceptions=True)
        elsewhere.close()
        await other.close()
        assert [type(each) for each in found].count(LocalError) == 1
        assert {"sessions": [], "left": True} in found
        assert both.there.server.here != other.server.here and not both.source.server.here

    run(tmp_path, act)


async def answer_until(path: str, end: bytes, last: bytes) -> None:
    """A destination that takes all until it hears ``end``; then it says the last, and closes the connection."""
    heard = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, size = _HEADER.unpack(await reader.readexactly(_HEADER.size))
            await reader.readexactly(size)
            if kind != end:
                writer.write(_HEADER.pack(b"DONE", 0))
                continue
            writer.write(last)
            writer.close()
            heard.set()
            return

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        await heard.wait()


@pytest.mark.parametrize(
    ("end", "last", "text", "stays"),
    (
        (b"EXPC", b"", "has closed", True),
        (b"GUST", b"", "has closed", True),
        (b"GUST", _HEADER.pack(b"DONE", 0), "has closed", None),
        (b"GOES", b"", "nobody says", False),
        (b"GOES", _HEADER.pack(b"DONE", 0)[:5], "nobody says", False),
        (b"GOES", _HEADER.pack(b"FAIL", 2) + b"no", "refuses: no", True),
    ),
)
def test_whose_guest_it_is_when_the_destination_breaks_off(
    tmp_path: Path, end: bytes, last: bytes, text: str, stays: bool | None
) -> None:
    """It stays until its server has said the last word, or that is refused; None where nobody knows which was first."""

    async def act(both: Both, incoming: Incoming) -> None:
        both.path = str(tmp_path / "broken")
        other = asyncio.create_task(answer_until(both.path, end, last))
        while not Path(both.path).exists():
            await asyncio.sleep(0.01)
        server = both.source.server
        with pytest.raises(RemoteError, match=text):
            await both.migrate()
        await other
        assert server.here is stays or stays is None
        assert server.migration is None
        assert (server.deadline is not None) is server.here
        if not server.here:
            with pytest.raises(LocalError):
                server.migrate_cancel()

    run(tmp_path, act, program="video")


def test_a_source_that_does_not_say_that_the_guest_goes_has_it(tmp_path: Path) -> None:
    async def act(both: Both, incoming: Incoming) -> None:
        data = both.source.server.save()
        reader, writer = await asyncio.open_unix_connection(both.path)
        writer.write(_HEADER.pack(b"EXPC", 3) + b"[5]" + _HEADER.pack(b"GUST", len(data)) + data)
        for _ in range(2):
            assert (await reader.readexactly(_HEADER.size))[:4] == b"DONE"
        server = both.there.server
        assert server.guest.program is not None and not server.here and server.deadline is None
        server.tick(server.now + 10)
        writer.close()
        while server.migrations:
            await asyncio.sleep(0.01)
        assert not server.here and ("incoming", {"here": True}) not in both.told
        both.source.server.migrate_cancel()
        await both.migrate()
        assert server.here and server.deadline is not None and not both.source.server.here

    run(tmp_path, act, program="video")
