"""Clients that vanish, at every byte of every channel: nothing of them is left, and the next login is served."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from reference_server import Server
from reference_server.shell import Shell, _Stream
from reference_server.tests.whole_client import KINDS, make, record_session
from spiceproto.enums.link import ChannelType
from spiceproto.tests.held import Held, held

ENDS = ("close", "reset")


class Pipe(asyncio.Transport):
    """A connection without a socket, of which a test is the other end. What the server says is counted, and that is all."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.stream = _Stream(shell, False)
        self.loop = asyncio.get_running_loop()
        self.heard = 0
        self.over = False
        self.stream.connection_made(self)

    # -- the client

    def say(self, data: bytes) -> None:
        if not self.over and data:
            self.stream.data_received(data)

    def vanish(self, how: str) -> None:
        """In order, or as who is gone without a word."""
        if self.over:
            return
        if how == "close":
            self.stream.eof_received()
        else:
            self._lose(ConnectionResetError())

    def _lose(self, error: Exception | None = None) -> None:
        if not self.over:
            self.over = True
            self.stream.connection_lost(error)

    # -- asyncio's side

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.heard += len(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def is_closing(self) -> bool:
        return self.over

    def close(self) -> None:
        self.loop.call_soon(self._lose)

    abort = close

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Watch:
    """Knows every line, session and channel that a server has had, without holding it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.seen: weakref.WeakSet[Any] = weakref.WeakSet()
        self.count = 0
        server_linked = server.linked

        def linked(line: Any, event: Any) -> None:
            server_linked(line, event)
            self.count += 1
            for one in (line, line.session, line.channel):
                self.seen.add(one)

        server.linked = linked  # type: ignore[method-assign]

    def living(self) -> list[Any]:
        gc.collect()
        return list(self.seen)


async def settle() -> None:
    """What was put off until soon is done."""
    for _ in range(4):
        await asyncio.sleep(0)


def tables(shell: Shell) -> dict[str, int]:
    """How much is in what a shell and its server have by connection or session."""
    server = shell.server
    return {
        "lines": len(server.lines),
        "sessions": len(server.sessions),
        "streams": len(shell._streams),
        "waiting": len(shell._waiting) + len(shell._rest) + len(shell._full),
        "talking": len(server.agent.talking),
        "watchers": sum(item.watchers for item in _watched(server)),
    }


def _watched(server: Server) -> Iterator[Any]:
    guest = server.guest
    yield from (guest.keyboard, guest.pointer, guest.agent, guest.clipboard, guest.speaker, guest.microphone)
    yield from (*guest.screens.values(), *guest.cursors.values(), *guest.readers, *guest.usb.values(), guest.ports)
    yield from (server.agent, server.modes, server.listing, server.compression)


def serving(body: Callable[[Shell], Awaitable[None]]) -> None:
    async def run() -> None:
        shell = Shell(make())
        try:
            await body(shell)
        finally:
            await shell.close()

    asyncio.run(run())


async def whole(shell: Shell) -> dict[int, Pipe]:
    """A client with all channels."""
    pipes: dict[int, Pipe] = {}
    for kind in KINDS:
        pipes[kind] = Pipe(shell)
        pipes[kind].say(record_session()[kind])
    await settle()
    (session,) = shell.server.sessions.values()
    assert {key[0] for key in session.linked} == set(KINDS)
    return pipes


async def end(pipes: dict[int, Pipe], how: str, order: tuple[int, ...] = KINDS) -> None:
    """All of them vanish."""
    for kind in order:
        pipes[kind].vanish(how)
    await settle()


async def warmed(shell: Shell) -> tuple[dict[str, int], Held]:
    """What a server has in its tables, and holds, when its first client has gone."""
    for how in ENDS:
        await end(await whole(shell), how)
    return tables(shell), kept(shell)


def kept(shell: Shell) -> Held:
    """What the server holds, but for what it remembers of who wants to hear what."""
    for item in _watched(shell.server):
        item.unwatch(print)
    return held(shell.server)


async def is_as_it_was(shell: Shell, before: tuple[dict[str, int], Held], watch: Watch) -> None:
    """Nothing is left, the next client is served, and behind that one the server is what it was behind the first."""
    await settle()
    assert tables(shell) == before[0]
    assert watch.living() == []
    await end(await whole(shell), ENDS[-1])
    assert tables(shell) == before[0]
    assert kept(shell).more_than(before[1]) == {}


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind.name)
def test_at_every_byte_of_a_channel(kind: ChannelType, how: str) -> None:
    """The session goes on, and can have the channel again."""

    async def body(shell: Shell) -> None:
        watch = Watch(shell.server)
        before = await warmed(shell)
        said, known = record_session()[kind], watch.count
        pipes = await whole(shell)
        pipes[kind].vanish(how)
        await settle()
        others = tables(shell)
        assert others["lines"] == len(KINDS) - 1
        for size in range(len(said)):
            pipe = Pipe(shell)
            pipe.say(said[:size])
            pipe.vanish(how)
            await settle()
            assert tables(shell) == others, size
        assert watch.count > known + len(KINDS), "some got as far as to be linked"
        pipes[kind] = Pipe(shell)
        pipes[kind].say(said)
        await settle()
        assert len(shell.server.lines) == len(KINDS)
        await end(pipes, how, KINDS[::-1])
        del pipes, pipe
        await is_as_it_was(shell, before, watch)

    serving(body)


@pytest.mark.parametrize("how", ENDS)
def test_at_every_byte_of_main(how: str) -> None:
    """What was linked with it goes, whichever is first."""

    async def body(shell: Shell) -> None:
        watch = Watch(shell.server)
        before = await warmed(shell)
        said = record_session()
        for size in range(len(said[ChannelType.MAIN])):
            pipes = [Pipe(shell)]
            pipes[0].say(said[ChannelType.MAIN][:size])
            if shell.server.sessions:
                for kind in KINDS[1 + size % 3 :: 3]:
                    pipes.append(Pipe(shell))
                    pipes[-1].say(said[kind])
            for pipe in pipes if size % 2 else pipes[::-1]:
                pipe.vanish(how)
            await settle()
            assert tables(shell) == before[0], size
        del pipes, pipe
        await is_as_it_was(shell, before, watch)

    serving(body)
