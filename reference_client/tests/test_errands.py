"""What the command does with the agent: options that copy, paste and send files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.errands import Errands
from reference_client.tests.scripted import ScriptedServer
from reference_client.tests.scripted_agent import ALL, ScriptedAgent
from spiceproto.agent import file_start
from spiceproto.enums.agent import ClipboardType, FileXferStatus
from spiceproto.errors import LocalError
from spiceproto.messages import agent

TEXT = int(ClipboardType.UTF8_TEXT)


class MemoryShell:
    """As much of a shell as errands need; time is the loop's."""

    failure = None

    def __init__(self, server: ScriptedServer, errands: Errands) -> None:
        self.server, self.client, self._errands = server, server.client, errands
        self._told = 0

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def pump(self) -> None:
        self.server.run()
        told, self._told = self.server.events[self._told :], len(self.server.events)
        for event in told:
            self._errands.on_event(event)


async def settled(shell: MemoryShell) -> None:
    """What was put off for a moment has been done, and what came of it."""
    for _ in range(5):
        shell.pump()
        await asyncio.sleep(0)


async def begun(errands: Errands) -> tuple[MemoryShell, ScriptedAgent]:
    """A session with an agent that has announced itself."""
    server = ScriptedServer(Client(Options()), begin=False)
    shell: Any = MemoryShell(server, errands)
    errands.begin(shell)
    server.client.start(0.0)
    server.run()
    server.init()
    await settled(shell)
    guest = ScriptedAgent(server, *ALL)
    guest.connect()
    guest.take()
    guest.announce()
    await settled(shell)
    return shell, guest


def test_files_are_sent_and_what_became_of_each_is_said(tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name)

    async def body() -> None:
        errands = Errands(files=[str(tmp_path / name) for name in ("one.txt", "two.txt")])
        assert errands.waits
        shell, guest = await begun(errands)
        starts = [value for value in guest.take() if isinstance(value, agent.FileXferStart)]
        assert [file_start.parse(value.data).name for value in starts] == ["one.txt", "two.txt"]
        found = asyncio.ensure_future(errands.wait(shell))  # type: ignore[arg-type]
        guest.say(agent.FileXferStatusMessage(starts[0].id, FileXferStatus.CAN_SEND_DATA, b""))
        assert [value.data for value in guest.take()] == [b"one.txt"]
        guest.say(agent.FileXferStatusMessage(starts[0].id, FileXferStatus.SUCCESS, b""))
        await settled(shell)
        assert not found.done()
        guest.say(agent.FileXferStatusMessage(starts[1].id, FileXferStatus.NOT_ENOUGH_SPACE, b""))
        await settled(shell)
        assert await found == "two.txt was not sent: the guest has not enough space"

    asyncio.run(body())


def test_what_is_copied_is_there_and_nothing_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")

    async def body() -> None:
        errands = Errands(copy=str(tmp_path / "text"))
        assert not errands.waits
        _, guest = await begun(errands)
        guest.take()
        guest.say(agent.ClipboardRequestSelected(0, bytes(3), TEXT))
        assert guest.take() == [agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"hello")]

    asyncio.run(body())


@pytest.mark.parametrize("standard", [False, True])
def test_what_is_copied_next_is_written(tmp_path: Path, standard: bool, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "pasted"

    async def body() -> None:
        errands = Errands(paste="-" if standard else str(path))
        shell, guest = await begun(errands)
        found = asyncio.ensure_future(errands.wait(shell))  # type: ignore[arg-type]
        guest.take()
        guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(TEXT,)))
        await settled(shell)
        assert guest.take() == [agent.ClipboardRequestSelected(0, bytes(3), TEXT)]
        guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=0, data=b""))
        await settled(shell)
        assert not found.done(), "there was nothing to be had"
        guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=1, types=(TEXT,)))
        await settled(shell)
        guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"hello"))
        await settled(shell)
        assert await found == ""

    asyncio.run(body())
    assert capfdbinary.readouterr().out == (b"hello" if standard else b"")
    assert standard or path.read_bytes() == b"hello"


def test_where_it_can_not_be_written_that_is_said(tmp_path: Path) -> None:
    async def body() -> None:
        errands = Errands(paste=str(tmp_path / "nowhere" / "pasted"))
        shell, guest = await begun(errands)
        found = asyncio.ensure_future(errands.wait(shell))  # type: ignore[arg-type]
        guest.say(agent.ClipboardGrabSelectedSerial(selection=0, reserved=bytes(3), serial=0, types=(TEXT,)))
        await settled(shell)
        guest.say(agent.ClipboardSelected(selection=0, reserved=bytes(3), type=TEXT, data=b"hello"))
        await settled(shell)
        assert (await found).endswith("No such file or directory")

    asyncio.run(body())


def test_waiting_ends_with_the_users_time_and_with_the_session(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")

    async def body() -> None:
        errands = Errands(files=[str(tmp_path / "text")])
        shell, _ = await begun(errands)
        found = await errands.wait(shell, 0.01)  # type: ignore[arg-type]
        assert found == "a file was not there in time"
        other = Errands(paste=str(tmp_path / "pasted"))
        shell, guest = await begun(other)
        guest.server.main.close()
        await settled(shell)
        assert await other.wait(shell) == "the session ended before what was copied in the guest was there"  # type: ignore[arg-type]

    asyncio.run(body())


def test_without_an_agent_waiting_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_client.errands._AGENT_TIME", 0.01)

    async def body() -> None:
        errands = Errands(paste="-")
        server = ScriptedServer(Client(Options()))
        server.init()
        shell: Any = MemoryShell(server, errands)
        errands.begin(shell)
        assert await errands.wait(shell) == "the guest has no agent that could be asked"

    asyncio.run(body())


def test_what_can_not_be_sent_or_copied_is_said_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Errands(files=[str(tmp_path / "nothing")])
    with pytest.raises(LocalError, match="only a file"):
        Errands(files=[str(tmp_path)])
    (tmp_path / "bytes").write_bytes(b"\xff\0")
    with pytest.raises(LocalError, match="not what a clipboard can have"):
        Errands(copy=str(tmp_path / "bytes"))
