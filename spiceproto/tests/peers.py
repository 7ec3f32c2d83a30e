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
from typing import Any, NoReturn, TypeVar

import pytest

__all__ = ["PATIENCE", "absent", "end", "free_port", "listening", "need", "program", "qemu", "recorded", "running", "until"]

PATIENCE = 60.0
"""Seconds that a test waits for what comes at once where nothing else runs. A wait ends with what it waits for."""

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


def qemu(*spice: str) -> tuple[str, ...]:
    """A command that starts QEMU with a screen, no disk, and these options of its SPICE server."""
    words = "-accel tcg -m 64 -display none -nodefaults -no-user-config -vga qxl -spice"
    return (program("qemu-system-x86_64"), *words.split(), ",".join(spice))


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody listens on a TCP port; found out without connecting, which servers would take for a client."""
    if not Path("/proc/net/tcp").exists():  # as on macOS and Windows
        return _taken(port)
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


def _taken(port: int) -> bool:
    """Whether nobody else can have a port."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def until(ready: Callable[[], Found], *, what: str = "") -> Found:
    """What ``ready`` returns once it is true; fails when patience is over."""
    deadline = time.monotonic() + PATIENCE
    while not (found := ready()):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE:g} s: {what or repr(found)}")
        time.sleep(_PAUSE)
    return found


@contextlib.contextmanager
def running(
    *command: str,
    log: Path,
    port: int | None = None,
    ready: Callable[[], bool] | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that prints into ``log``; with ``port`` from when that listens, with ``ready`` from when that is true."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, env=env)
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


def end(process: subprocess.Popen[Any]) -> None:
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
    """dumpcap on loopback. Datagrams of our own tell that it records, and that it has written what came before them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as signs:
        signs.bind(("127.0.0.1", 0))
        place = signs.getsockname()

        def written(sign: bytes) -> bool:
            signs.sendto(sign, place)
            return path.exists() and sign in path.read_bytes()

        what = f"tcp port {port} or udp port {place[1]}"
        command = (program("dumpcap"), "-q", "-i", "lo", "-s", "0", "-B", "64", "-f", what, "-w", str(path))
        with running(*command, log=path.with_suffix(".log"), ready=lambda: written(b"the record begins")) as process:
            yield
            until(lambda: written(b"the record ends"), what="dumpcap has written what it recorded")
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
