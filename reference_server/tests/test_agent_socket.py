"""The socket to which a real agent connects, with one that is played on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from reference_server import Guest
from reference_server.agent_socket import AgentSocket
from reference_server.guest import AgentSaid
from spiceproto.agent.device import CHUNK_HEADER_SIZE, DeviceReader, wrap
from spiceproto.agent.pieces import chunks
from spiceproto.enums.agent import AgentMessageType, AgentPort
from spiceproto.tests.peers import PATIENCE

ANNOUNCED = wrap(AgentPort.CLIENT_PORT, chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, bytes(8))[0])


class Place:
    """A socket for an agent: ``said`` is what came from it, ``notes`` what the owner was told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.agent = Guest().agent
        self.said: list[AgentSaid] = []
        self.notes: list[str] = []
        self.flushed = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.agent.watch(self.said.append, AgentSaid)
        self.socket = AgentSocket(self.agent, self._flush, self.notes.append)

    def _flush(self) -> None:
        self.flushed += 1

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_unix_connection(str(self.path))
        self.writers.append(writer)  # one that nobody has is closed
        return reader, writer

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not ready():
                await asyncio.sleep(0.01)


def run(tmp_path: Path, act: Callable[[Place], Awaitable[None]]) -> Place:
    """Do something at a socket that listens."""

    async def whole() -> Place:
        place = Place(tmp_path / "agent")
        await place.socket.listen(place.path)
        try:
            await act(place)
        finally:
            place.socket.close()
        return place

    found = asyncio.run(whole())
    assert not found.path.exists()
    return found


@pytest.mark.parametrize("step", (1, 5, 1000))
def test_chunks_both_ways(tmp_path: Path, step: int) -> None:
    async def act(place: Place) -> None:
        reader, writer = await place.connect()
        await place.until(lambda: place.agent.present)
        for at in range(0, len(ANNOUNCED), step):
            writer.write(ANNOUNCED[at : at + step])
            await writer.drain()
        await place.until(lambda: sum(len(news.data) for news in place.said) == len(ANNOUNCED) - CHUNK_HEADER_SIZE)
        read: list[int] = []
        for number, piece in enumerate(chunks(AgentMessageType.CLIPBOARD, bytes(5000))):
            place.agent.deliver(AgentPort.CLIENT_PORT, piece, partial(read.append, number))
        assert read == [0, 1, 2]
        device = DeviceReader(2048)
        found: list[tuple[int, int, int, bytes]] = []
        while not found:
            found += device.receive(await asyncio.wait_for(reader.read(1000), PATIENCE))
        assert found == [(AgentPort.CLIENT_PORT, AgentMessageType.CLIPBOARD, 0, bytes(5000))]
        writer.close()
        await place.until(lambda: not place.agent.present)
        await place.connect()
        await place.until(lambda: place.agent.present)

    place = run(tmp_path, act)
    assert place.flushed and not place.notes
    assert b"".join(news.data for news in place.said) == ANNOUNCED[CHUNK_HEADER_SIZE:]


def test_one_agent_at_a_time(tmp_path: Path) -> None:
    async def act(place: Place) -> None:
        await place.connect()
        await place.until(lambda: place.agent.present)
        reader, _ = await place.connect()
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        assert place.agent.present

    assert run(tmp_path, act).notes == ["another agent is there"]


def test_a_chunk_for_no_port(tmp_path: Path) -> None:
    async def act(place: Place) -> None:
        reader, writer = await place.connect()
        writer.write(bytes(8))
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        await place.until(lambda: not place.agent.present)

    (note,) = run(tmp_path, act).notes
    assert "unknown port" in note


def test_the_server_has_had_enough(tmp_path: Path) -> None:
    async def act(place: Place) -> None:
        reader, _ = await place.connect()
        await place.until(lambda: place.agent.present)
        place.agent.set_present(False)
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""

    run(tmp_path, act)


def test_an_agent_that_does_not_read_holds_up_the_tokens(tmp_path: Path) -> None:
    async def act(place: Place) -> None:
        reader, _ = await place.connect()
        await place.until(lambda: place.agent.present)
        read = 0

        def count() -> None:
            nonlocal read
            read += 1

        for _ in range(2000):
            place.agent.deliver(AgentPort.CLIENT_PORT, bytes(2048), count)
            await asyncio.sleep(0)
        assert read < 1000 and place.agent.unread + read == 2000
        left = 2000 * (2048 + CHUNK_HEADER_SIZE)
        while left:
            left -= len(await asyncio.wait_for(reader.read(1 << 16), PATIENCE))
        await place.until(lambda: read == 2000)

    run(tmp_path, act)


def test_an_agent_that_says_too_much_is_not_read(tmp_path: Path) -> None:
    async def act(place: Place) -> None:
        _, writer = await place.connect()
        await place.until(lambda: place.agent.present)
        place.agent.slow_down()
        chunk = wrap(AgentPort.CLIENT_PORT, bytes(2048))
        for _ in range(2000):
            writer.write(chunk)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.5)
        before = sum(len(news.data) for news in place.said)
        assert before < 2000 * 2048
        place.agent.slow_down(False)
        await place.until(lambda: sum(len(news.data) for news in place.said) == 2000 * 2048)

    run(tmp_path, act)
