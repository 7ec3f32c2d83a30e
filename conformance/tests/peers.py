"""Real programs for the tests: found or skipped, started, and ended by their own id."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["free_port", "listening", "need", "program", "running"]


def program(name: str) -> str:
    """Path of a program; those from PyPI stand beside the interpreter."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or ""


def need(*programs: str) -> None:
    """Skip, or fail where peers are required, if a program is missing."""
    missing = [name for name in programs if not program(name)]
    if missing:
        text = f"not installed: {', '.join(missing)}"
        if os.environ.get("SPICEPROTO_REQUIRE_PEERS"):
            pytest.fail(text)
        pytest.skip(text)


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """True if somebody listens; found out without connecting, which servers would take for a client."""
    wanted = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1] == wanted and line.split()[3] == "0A" for line in lines)


@contextlib.contextmanager
def running(*command: str, log: Path, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program; with ``port``, once that listens."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 20
        while port is not None and not listening(port):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
