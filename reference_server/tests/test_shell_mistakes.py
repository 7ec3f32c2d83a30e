"""Mistakes of the server that come up when time passes, or when the guest does something: who pays for them, and who not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from reference_server import Guest, Options, make_server
from reference_server.line import Line
from reference_server.shell import Shell
from reference_server.tests.memory import ticket_key
from reference_server.tests.test_shell import Socket, dial, expect, see, until, use
from spiceproto.messages import display

Log = list[tuple[str, dict[str, Any]]]


def failing(body: Callable[[Shell, Log, list[str]], Awaitable[None]]) -> None:
    """Run ``body`` beside a server for several clients, with its log and what asyncio was told."""
    log: Log = []
    told: list[str] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
        server = make_server(Options(ticket_key=ticket_key, multi_client=True), Guest(size=(8, 8)))
        shell = Shell(server, log=lambda name, fields: log.append((name, fields)))
        try:
            await body(shell, log, told)
        finally:
            await shell.close()

    asyncio.run(run())


def errors(log: Log) -> list[dict[str, Any]]:
    return [fields for name, fields in log if name == "error"]


def fails(*arguments: Any) -> Any:
    raise ZeroDivisionError


async def two(shell: Shell) -> tuple[Socket, Socket, Line]:
    """Two clients, and the line of the second one."""
    good, bad = await dial(shell), await dial(shell)
    await use(good)
    await use(bad)
    return good, bad, list(shell.server.lines.values())[1]


async def lives(stream: Socket, shell: Shell) -> None:
    """The clock of the guest goes on, and so does this client, which is told something by it."""
    beat = shell.server.guest.timer.every(0.01, lambda passed: shell.server.notify("still here") if passed else None)
    shell.flush()
    while b"still here" not in await stream.read():
        pass
    shell.server.guest.timer.stop(beat)


def test_a_line_that_fails_when_time_passes_is_ended_alone() -> None:
    async def body(shell: Shell, log: Log, told: list[str]) -> None:
        good, bad, line = await two(shell)
        line.tick = fails  # type: ignore[method-assign, assignment]
        shell.server.guest.timer.every(0.001, lambda passed: None)
        shell.flush()
        while await bad.read():
            pass
        await lives(good, shell)
        assert told == ["the server failed on <connection 2>"]
        assert [fields["connection"] for fields in errors(log)] == [2]
        assert len(shell.server.lines) == 1

    failing(body)


def test_a_line_whose_end_fails_too_is_closed_all_the_same() -> None:
    async def body(shell: Shell, log: Log, told: list[str]) -> None:
        good, bad, line = await two(shell)
        line.tick = line.end = fails  # type: ignore[method-assign, assignment]
        shell.server.guest.timer.every(0.001, lambda passed: None)
        shell.flush()
        try:
            while await bad.read():
                pass
        except ConnectionResetError:
            pass
        await lives(good, shell)
        assert {fields["connection"] for fields in errors(log)} == {2}

    failing(body)


def test_a_channel_that_fails_on_what_the_guest_does_is_ended_alone() -> None:
    async def body(shell: Shell, log: Log, told: list[str]) -> None:
        first, shown, channel, _ = await see(shell)
        second, bad, _, _ = await see(shell)
        await until(lambda: len(shell.server.lines) == 4)
        lines = list(shell.server.lines.values())
        lines[3].send = fails  # type: ignore[method-assign]
        before = len(lines)
        shell.server.guest.screens[0].draw(0, 0, np.full((8, 8, 4), 77, np.uint8))
        shell.flush()
        while await bad.read():
            pass
        await until(lambda: len(shell.server.lines) < before)
        assert lines[3].connection not in shell.server.lines and len(shell.server.lines) == before - 1
        while True:
            drawn = await expect(shown, channel, display.DrawCopy)
            if drawn.data.src_bitmap.bitmap.data[0] == 77:
                break
        assert [fields["connection"] for fields in errors(log)] == [lines[3].connection.number]
        first.writer.close()
        second.writer.close()

    failing(body)


def test_a_program_of_the_guest_that_fails_is_done_no_more() -> None:
    async def body(shell: Shell, log: Log, told: list[str]) -> None:
        good, other, _ = await two(shell)
        shell.server.guest.timer.every(0.001, fails)
        await lives(good, shell)
        assert told == ["the server failed in the guest"] and len(errors(log)) == 1 and "connection" not in errors(log)[0]
        assert len(shell.server.lines) == 2
        other.writer.close()

    failing(body)


def test_without_anybody_to_tell_an_error_is_raised() -> None:
    server = make_server(Options(ticket_key=ticket_key), Guest(size=(8, 8)))
    server.guest.timer.every(1.0, fails)
    try:
        server.tick(1.0)
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("nobody was told")
