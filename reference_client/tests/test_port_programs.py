"""Who has a port at the command, where what came can not be written as it came."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from reference_client.port_programs import PortPrograms


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is full")
def test_a_full_disk_has_a_name() -> None:
    programs = PortPrograms(["x=file:/dev/full"])
    user = programs.user("x")
    assert user is not None
    with pytest.raises(OSError, match="No space left") as caught:
        user.receive(b"something")
    assert caught.value.filename == "/dev/full"
    programs.close()


def test_a_file_gets_all_behind_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before ")
    programs = PortPrograms([f"x=file:{path}"])
    user = programs.user("x")
    assert user is not None
    user.receive(b"and ")
    assert path.read_bytes() == b"before and "
    user.receive(b"after")
    programs.close()
    assert path.read_bytes() == b"before and after"


def test_standard_output_that_does_not_block_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    data = os.urandom(3_000_000)
    found = bytearray()

    def read() -> None:
        while piece := ours.recv(1 << 16):
            found.extend(piece)

    reader = threading.Thread(target=read)

    async def act() -> None:
        with os.fdopen(os.dup(theirs.fileno()), "rb", 0) as stdin, os.fdopen(os.dup(theirs.fileno()), "wb", 0) as stdout:
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(sys, "stdout", stdout)
            programs = PortPrograms(["x=stdio"])
            await programs.begin()
            user = programs.user("x")
            assert user is not None and not os.get_blocking(theirs.fileno())
            reader.start()
            user.receive(data)
            programs.close()
            await asyncio.sleep(0)

    asyncio.run(act())
    theirs.shutdown(socket.SHUT_RDWR)
    reader.join()
    ours.close()
    theirs.close()
    assert bytes(found) == data
