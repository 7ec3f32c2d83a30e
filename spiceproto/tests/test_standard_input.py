"""Standard input as asyncio reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("size", [0, 7, 300_000])
def test_a_file_is_read_like_a_pipe(size: int, tmp_path: Path) -> None:
    (tmp_path / "input").write_bytes(bytes(size))
    command = [sys.executable, "-c", PROGRAM]
    with (tmp_path / "input").open("rb") as file:
        of_file = subprocess.run(command, stdin=file, capture_output=True, timeout=PATIENCE, check=True)
    of_pipe = subprocess.run(command, input=bytes(size), capture_output=True, timeout=PATIENCE, check=True)
    assert of_file.stdout == of_pipe.stdout == f"{size}\n".encode()
    assert of_file.stderr == b""
