"""Standard input as asyncio reads it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.standard_input import ThreadReader
from spiceproto.tests.peers import PATIENCE

PROGRAM = """
import asyncio
from spiceproto.standard_input import standard_input

async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), standard_input())
    print(len(await reader.read()))

asyncio.run(main())
"""


BY_THREAD = PROGRAM.replace("standard_input import standard_input", "standard_input import ThreadReader").replace(
    "await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), standard_input())",
    "ThreadReader(loop, asyncio.StreamReaderProtocol(reader), 0)",
)
"""As on Windows."""


@pytest.mark.parametrize("size", [0, 7, 300_000])
def test_a_thread_reads_the_same(size: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BY_THREAD], input=bytes(size), capture_output=True, timeout=PATIENCE, check=True
    )
    assert (done.stdout, done.stderr) == (f"{size}\n".encode(), b"")


class Slow(asyncio.Protocol):
    """Wants nothing more after the first piece, until it is told so."""

    def __init__(self) -> None:
        self.data = b""
        self.over = asyncio.Event()
        self.transport: ThreadReader | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, ThreadReader)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.data += data
        self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()


def test_a_thread_waits_until_more_is_wanted() -> None:
    async def body() -> None:
        end, other = os.pipe()
        found = Slow()
        reader = ThreadReader(asyncio.get_running_loop(), found, end)
        os.write(other, b"first")
        async with asyncio.timeout(PATIENCE):
            while not found.data:
                await asyncio.sleep(0.01)
            os.write(other, b"second")
            await asyncio.sleep(0.1)
            assert found.data == b"first"
            reader.resume_reading()
            while found.data != b"firstsecond":
                await asyncio.sleep(0.01)
            reader.close()
            await found.over.wait()
        os.close(other)

    asyncio.run(body())


@pytest.mark.parametrize("size", [0, 7, 300_000])
def test_a_file_is_read_like_a_pipe(size: int, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(bytes(size))
    command = [sys.executable, "-c", PROGRAM]
    with (tmp_path / "input").open("rb") as file:
        of_file = subprocess.run(command, stdin=file, capture_output=True, timeout=PATIENCE, check=True)
    of_pipe = subprocess.run(command, input=bytes(size), capture_output=True, timeout=PATIENCE, check=True)
    assert of_file.stdout == of_pipe.stdout == f"{size}\n".encode()
    assert of_file.stderr == b""
