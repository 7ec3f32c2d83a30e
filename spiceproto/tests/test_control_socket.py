"""A control socket: who may connect, who waits for whom, and who is dropped."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from spiceproto import control_socket
from spiceproto.control_socket import ControlSocket
from spiceproto.controls.audience import Audience, Listener
from spiceproto.tests.peers import PATIENCE

Body = Callable[["Program"], Awaitable[None]]


class Program:
    """One that answers with what it was asked; it waits with ``wait`` until ``go`` is set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.audience = Audience()
        self.go = asyncio.Event()
        self.socket = ControlSocket("server", self.answer, self.audience)

    async def answer(self, line: bytes | None, listener: Listener) -> dict[str, Any]:
        if line == b"wait":
            await self.go.wait()
        if line == b"events":
            self.audience.listen(listener, True)
        if line == b"much":
            return {"answer": "x" * (16 << 20)}
        return {"answer": "too long" if line is None else line.decode()}

    async def controller(self) -> Controller:
        return Controller(*await asyncio.open_unix_connection(str(self.path), limit=32 << 20))


class Controller:
    """Somebody who asks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, *lines: str) -> None:
        self.writer.write("".join([f"{line}\n" for line in lines]).encode())

    async def hear(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.reader.readline())
        return found

    async def ask(self, line: str) -> Any:
        self.say(line)
        return (await self.hear())["answer"]


def run(path: Path, body: Body) -> None:
    async def act() -> None:
        program = Program(path)
        await program.socket.listen(path)
        try:
            async with asyncio.timeout(PATIENCE):
                await body(program)
        finally:
            await program.socket.close()

    asyncio.run(act())
    assert not path.exists()


def test_only_its_owner_can_connect(tmp_path: Path) -> None:
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as left:  # by a program that is no more
        left.bind(str(path))

    async def body(program: Program) -> None:
        mode = path.stat().st_mode
        assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
        with pytest.raises(OSError, match="another program listens there"):
            await ControlSocket("server", program.answer, program.audience).listen(path)

    run(path, body)


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("precious")
    with pytest.raises(OSError, match="no socket") as caught:
        asyncio.run(Program(path).socket.listen(path))
    assert caught.value.filename == str(path) and path.read_text() == "precious"


def test_answers_are_in_order_and_nobody_waits_for_others(tmp_path: Path) -> None:
    async def body(program: Program) -> None:
        slow, quick = await program.controller(), await program.controller()
        slow.say("wait", "behind")
        assert [await quick.ask(each) for each in ("one", "two")] == ["one", "two"]
        program.go.set()
        assert [(await slow.hear())["answer"] for _ in range(2)] == ["wait", "behind"]

    run(tmp_path / "control", body)


def test_events_are_for_those_who_asked(tmp_path: Path) -> None:
    async def body(program: Program) -> None:
        one, other = await program.controller(), await program.controller()
        await one.ask("events")
        await other.ask("nothing")
        program.audience.tell({"event": "rain"})
        assert await one.hear() == {"event": "rain"}
        assert await other.ask("still") == "still"

    run(tmp_path / "control", body)


def test_a_line_that_is_too_long_has_an_answer_and_so_has_the_last_one(tmp_path: Path) -> None:
    async def body(program: Program) -> None:
        one = await program.controller()
        one.say("x" * (3 << 20), "next")
        assert [(await one.hear())["answer"] for _ in range(2)] == ["too long", "next"]
        one.writer.write(b"without an end")
        one.writer.write_eof()
        assert (await one.hear())["answer"] == "without an end"
        assert not await one.reader.read()

    run(tmp_path / "control", body)


def test_who_reads_no_events_is_dropped(tmp_path: Path) -> None:
    async def body(program: Program) -> None:
        silent, other = await program.controller(), await program.controller()
        silent.writer.transport.pause_reading()  # type: ignore[attr-defined]
        silent.say("events")
        await other.ask("events")
        told = 0
        while program.audience._listeners[0].listens is False:
            await asyncio.sleep(0)
        listeners = len(program.audience._listeners)
        while len(program.audience._listeners) == listeners:
            program.audience.tell({"event": "x" * 10_000})
            told += 10_000
            assert told < 4 * control_socket.WAITING
            await other.hear()

    run(tmp_path / "control", body)


def test_who_reads_no_answers_is_not_read_and_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_socket, "PATIENCE", 0.05)

    async def body(program: Program) -> None:
        silent, other = await program.controller(), await program.controller()
        silent.writer.transport.pause_reading()  # type: ignore[attr-defined]
        silent.say("much", "much", "much")
        assert await other.ask("here") == "here"
        while len(program.audience._listeners) > 1:
            await asyncio.sleep(0.01)
        assert await other.ask("still") == "still"

    run(tmp_path / "control", body)


def test_one_more_than_there_may_be_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_socket, "CONTROLLERS", 2)

    async def body(program: Program) -> None:
        first, second = await program.controller(), await program.controller()
        assert [await each.ask("here") for each in (first, second)] == ["here", "here"]
        third = await program.controller()
        assert (await third.hear())["text"] == "there are 2 controllers already"
        assert not await third.reader.read()
        second.writer.close()
        while len(program.audience._listeners) > 1:
            await asyncio.sleep(0)
        assert await (await program.controller()).ask("now") == "now"

    run(tmp_path / "control", body)
