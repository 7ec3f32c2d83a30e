"""Real programs for tests: found or done without, started, waited for, ended by their own id.

Where a program is missing the test skips, unless SPICEPROTO_REQUIRE_PEERS is set: then that is a failure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

__all__ = ["absent", "free_port", "listening", "need", "program", "recorded", "running", "until"]

_PATIENCE = 20.0
_PAUSE = 0.02

Found = TypeVar("Found")


def absent(reason: str) -> NoReturn:
    """Something the test needs is not here: skip, or fail where all must be."""
    if os.environ.get("SPICEPROTO_REQUIRE_PEERS"):
        pytest.fail(reason)
    pytest.skip(reason)


def _path(name: str) -> str | None:
    """Those from PyPI stand beside the interpreter; some are for the system's owner."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def need(*programs: str) -> None:
    """Skip, or fail where peers are required, if a program is missing."""
    missing = [name for name in programs if _path(name) is None]
    if missing:
        absent(f"not installed: {', '.join(missing)}")


def program(name: str) -> str:
    """Path of a program that the test needs."""
    return _path(name) or absent(f"not installed: {name}")


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody listens on a TCP port; found out without connecting, which servers would take for a client."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


def until(ready: Callable[[], Found], seconds: float = _PATIENCE, *, what: str = "") -> Found:
    """What ``ready`` returns once it is true; fails after some seconds."""
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what or repr(found)}")
        time.sleep(_PAUSE)
    return found


@contextlib.contextmanager
def running(
    *command: str, log: Path, port: int | None = None, ready: Callable[[], bool] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that prints into ``log``; with ``port`` from when that listens, with ``ready`` from when that is true."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        if port is not None or ready is not None:
            name = Path(command[0]).name

            def started() -> bool:
                if process.poll() is not None:
                    pytest.fail(f"{name} ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
                return (port is None or listening(port)) and (ready is None or ready())

            until(started, what=f"{name} is ready")
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program, if it has not ended."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def recorded(path: Path, port: int) -> Iterator[None]:
    """dumpcap on loopback, from shortly before to shortly after."""
    command = (program("dumpcap"), "-q", "-i", "lo", "-s", "0", "-B", "64", "-f", f"tcp port {port}", "-w", str(path))
    with running(*command, log=path.with_suffix(".log"), ready=lambda: path.exists() and path.stat().st_size > 0) as process:
        # Its file is there a little before it records, and holds what it recorded a little after.
        time.sleep(0.3)
        yield
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        process.wait(10)
