"""Unix sockets of the server: what is at their paths already."""

from __future__ import annotations

import asyncio
import errno
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reference_server.agent_socket import AgentSocket
from reference_server.guest import Agent
from spiceproto.tests.peers import PATIENCE
from spiceproto.unix_socket import UnixSocket


async def _listening(path: Path) -> UnixSocket:
    return await UnixSocket.listening(path, asyncio.Protocol)


def test_a_socket_that_a_program_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
        left.listen()

    async def act() -> None:
        found = await _listening(path)
        (await asyncio.open_unix_connection(str(path)))[1].close()
        found.close()

    asyncio.run(act())
    assert not path.exists()


def test_a_socket_on_which_somebody_listens(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen(1)
        with pytest.raises(OSError, match="another program listens there") as caught:
            asyncio.run(_listening(path))
        assert caught.value.errno == errno.EADDRINUSE and caught.value.filename == str(path)
        other.setblocking(False)
        with pytest.raises(BlockingIOError):  # it was not even called
            other.accept()
        assert path.exists()


def test_a_socket_that_another_program_has_taken_stays(tmp_path: Path) -> None:
    path = tmp_path / "socket"

    async def act() -> None:
        first = await _listening(path)
        path.rename(tmp_path / "elsewhere")
        second = await _listening(path)
        first.close()
        assert path.exists()
        second.close()
        assert not path.exists()

    asyncio.run(act())


def test_a_file_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("precious")

    async def act() -> None:
        agent = AgentSocket(Agent(), lambda: None, print)
        try:
            await agent.listen(path)
        finally:
            agent.close()

    with pytest.raises(OSError, match="no socket"):
        asyncio.run(act())
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "option",
    (
        "--unix {}",
        "--agent-socket {}",
        "--guest-port org.x=unix:{}",
        "--smartcard-socket {}",
        "--usb-socket {}",
        "--control-socket {}",
    ),
)
def test_the_command_says_what_is_there(tmp_path: Path, option: str) -> None:
    path = tmp_path / "file"
    path.write_text("precious")
    command = [sys.executable, "-m", "reference_server", "--port", "0", *option.format(path).split()]
    found = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert found.returncode == 1
    assert found.stderr == f"spice-reference-server: {path}: something is there that is no socket\n"
    assert path.read_text() == "precious"
