"""Servers of other people, started for tests on loopback and ended by their own id."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_PATIENCE = 20.0


def absent(reason: str) -> None:
    """A program is not here: skip, or fail where all must be."""
    if os.environ.get("SPICEPROTO_REQUIRE_PEERS"):
        pytest.fail(reason)
    pytest.skip(reason)


def program(name: str) -> str:
    """Path of a program, beside the interpreter or on the path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        absent(f"{name} is not installed")
    assert found is not None
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, seconds: float = _PATIENCE) -> None:
    """Return once a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"in vain waited until {what}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether somebody listens on a TCP port, found out without connecting."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return any(row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port for row in rows)


@contextlib.contextmanager
def running(command: list[str], log: Path, ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """A process, from the time it is ready."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        wait_until(lambda: ready() or process.poll() is not None, f"{command[0]} is ready")
        if process.poll() is not None:
            pytest.fail(f"{command[0]} ended: {log.read_text(errors='replace')[-500:]}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Qemu:
    """A running QEMU. ``trace`` is where it notes keys and movements."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.trace = folder / "trace"
        self._folder = folder

    def qmp(self, command: str, **arguments: Any) -> Any:
        """One command of its control socket; the answer."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(_PATIENCE)
            control.connect(str(self._folder / "qmp"))
            with control.makefile("rwb") as lines:
                lines.readline()
                for name, values in (("qmp_capabilities", {}), (command, arguments)):
                    lines.write(json.dumps({"execute": name, "arguments": values}).encode() + b"\n")
                    lines.flush()
                    while "event" in (answer := json.loads(lines.readline())):
                        pass
                assert "return" in answer, answer
                return answer["return"]

    def traced(self, text: str) -> bool:
        return self.trace.exists() and text in self.trace.read_text(errors="replace")


@contextlib.contextmanager
def qemu(
    folder: Path, spice: str = "disable-ticketing=on", *, unix: bool = False, more: tuple[str, ...] = ()
) -> Iterator[Qemu]:
    """QEMU with a screen and no disk. ``unix`` listens at ``folder/spice`` instead of a port."""
    port = free_port()
    path = folder / "spice"
    where = f"unix=on,addr={path}" if unix else f"port={port},addr=127.0.0.1"
    command = [
        program("qemu-system-x86_64"), "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults", "-vga", "qxl",
        "-spice", f"{where},{spice}", "-qmp", f"unix:{folder / 'qmp'},server=on,wait=off",
        "-trace", "enable=ps2_put_keycode", "-trace", "enable=input_event_rel", "-D", str(folder / "trace"), *more,
    ]  # fmt: skip

    def ready() -> bool:
        return (path.exists() if unix else listens(port)) and (folder / "qmp").exists()

    with running(command, folder / "log", ready):
        yield Qemu(port, folder)


@contextlib.contextmanager
def andris(folder: Path, ticket: str = "sesame") -> Iterator[int]:
    """andris with its test picture; the port."""
    port = free_port()
    secret = folder / "ticket"
    secret.touch(mode=0o600)
    secret.write_text(ticket)
    command = [
        program("andris"), "--listen", f"127.0.0.1:{port}", "--ticket-file", str(secret),
        "--platform", "synthetic", "--no-audio",
    ]  # fmt: skip
    with running(command, folder / "log", lambda: listens(port)):
        yield port
