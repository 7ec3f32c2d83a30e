"""A server that gives very many tokens and does not read: a file waits, and goes on when it reads again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reference_client import shell
from reference_client.agent.files import FileEnded
from reference_client.plan import Wish
from reference_client.tests.scripted import CHANNELS, SESSION, OneKey
from reference_client.tests.scripted_agent import ALL, MANY
from reference_client.tests.test_shell import Session
from spiceproto.agent import AgentReader, talk
from spiceproto.agent.pieces import pieces
from spiceproto.agent.terms import Terms, mask
from spiceproto.channel import Channel, MessageReceived
from spiceproto.enums.agent import FileXferStatus
from spiceproto.link import Established, ServerLink
from spiceproto.messages import agent, common, main
from spiceproto.tests.peers import PATIENCE

SIZE = 64 << 20
MOST = 16 << 20
"""Bytes that may be read of the file while nobody takes them: buffers of both ends, and a few turns."""


class Guest:
    """One main channel over a socket, with an agent that takes a file. ``reads`` is whether the server reads on."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.came = 0
        self._terms = Terms(mask(ALL), client=False)
        self._agent = AgentReader()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = ServerLink(OneKey(dict(CHANNELS), sessions=(SESSION,)))
        self._channel: Channel | None = None
        self._writer = writer
        while data := await reader.read(1 << 16):
            if self._channel is None:
                for event in link.receive(data, 0.0):
                    if isinstance(event, Established):
                        writer.write(link.bytes_to_send())
                        self._channel = Channel("server", "main", event.mini_header)
                        self._say(
                            main.Init(
                                session_id=SESSION,
                                display_channels_hint=1,
                                supported_mouse_modes=1,
                                current_mouse_mode=1,
                                agent_connected=1,
                                agent_tokens=MANY,
                                multi_media_time=0,
                                ram_hint=0,
                            )
                        )
                writer.write(link.bytes_to_send())
            else:
                self._channel.receive(data)
                while (message := self._channel.next_event()) is not None:
                    if isinstance(message, MessageReceived) and isinstance(message.value, main.AgentData):
                        for type, _, body in self._agent.receive(message.value.data):
                            self._answer(talk.parse(self._terms, type, body))
            await self.reads.wait()
        writer.close()

    def _say(self, value: Any) -> None:
        assert self._channel is not None
        self._writer.write(self._channel.send(value))

    def _answer(self, value: Any) -> None:
        answer: Any = None
        if isinstance(value, agent.AnnounceCapabilities):
            answer = self._terms.receive(value)
        elif isinstance(value, agent.FileXferStart):
            self.reads.clear()
            answer = agent.FileXferStatusMessage(value.id, FileXferStatus.CAN_SEND_DATA, b"")
        elif isinstance(value, agent.FileXferData):
            self.came += len(value.data)
            if self.came == SIZE:
                answer = agent.FileXferStatusMessage(value.id, FileXferStatus.SUCCESS, b"")
        if answer is not None:
            for piece in pieces(*talk.build(self._terms, answer)):
                self._say(main.AgentData(piece))


def test_a_file_waits_while_the_way_to_the_server_is_full(tmp_path: Path) -> None:
    read = 0

    def source(offset: int, size: int) -> bytes:
        nonlocal read
        read = max(read, offset + size)
        return bytes(size)

    async def body(session: Session) -> None:
        guest = Guest()
        async with await asyncio.start_unix_server(guest.serve, str(tmp_path / "spice")):
            session.shell.start()
            await session.until(lambda: any(line.state == "linked" for line in session.client.lines.values()))
            session.client.main.agent.files.send("film", SIZE, source)
            session.shell.pump()
            await session.until(lambda: session.client.main.agent.held)
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert read < MOST and not session.told(FileEnded)
            guest.reads.set()
            await session.until(lambda: bool(session.told(FileEnded)))
            assert (guest.came, read, session.told(FileEnded)[0].result) == (SIZE, SIZE, "success")
            await session.shell.stop()

    async def whole() -> None:
        await body(Session(Wish(target=f"spice+unix://{tmp_path / 'spice'}")))

    asyncio.run(whole())


def test_a_server_that_asks_on_and_on_and_takes_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 1 << 20
    monkeypatch.setattr(shell, "_TOO_MUCH", most)
    asked = 400_000

    async def body(session: Session) -> None:
        guest = Guest()
        pongs = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal pongs
            link, channel = ServerLink(OneKey(dict(CHANNELS), sessions=(SESSION,))), None
            while channel is None:
                for event in link.receive(await reader.read(1 << 16), 0.0):
                    if isinstance(event, Established):
                        channel = Channel("server", "main", event.mini_header)
                writer.write(link.bytes_to_send())
            writer.write(
                channel.send(
                    main.Init(
                        session_id=SESSION,
                        display_channels_hint=1,
                        supported_mouse_modes=1,
                        current_mouse_mode=1,
                        agent_connected=0,
                        agent_tokens=0,
                        multi_media_time=0,
                        ram_hint=0,
                    )
                )
            )
            writer.write(b"".join([channel.send(common.Ping(number, 0, b"")) for number in range(asked)]))
            await guest.reads.wait()
            while pongs < asked:
                channel.receive(await reader.read(1 << 16))
                while (message := channel.next_event()) is not None:
                    pongs += isinstance(message, MessageReceived) and isinstance(message.value, common.Pong)
            writer.close()

        guest.reads.clear()
        async with await asyncio.start_unix_server(serve, str(tmp_path / "spice")):
            session.shell.start()
            await session.until(lambda: any(stream.waiting > most for stream in session.shell._streams.values()))
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert max(stream.waiting for stream in session.shell._streams.values()) < 2 * most
            guest.reads.set()
            async with asyncio.timeout(PATIENCE):
                while pongs < asked:
                    await asyncio.sleep(0.01)
            await session.shell.stop()

    async def whole() -> None:
        await body(Session(Wish(target=f"spice+unix://{tmp_path / 'spice'}")))

    asyncio.run(whole())
