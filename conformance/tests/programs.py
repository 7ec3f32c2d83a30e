"""``spiceconf`` and the reference server as programs of their own, for tests of the engine."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spiceproto.tests.peers import PATIENCE, running

__all__ = ["PASSWORD", "reference_server", "settings", "spiceconf", "start_spiceconf"]

PASSWORD = "sesame"
_TIME = 4 * PATIENCE


def start_spiceconf(*arguments: str) -> subprocess.Popen[str]:
    """The command, running."""
    command = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def spiceconf(*arguments: str) -> tuple[int, str]:
    """The command: exit status, and all that it printed."""
    process = start_spiceconf(*arguments)
    try:
        output, _ = process.communicate(timeout=_TIME)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return process.returncode, output


@contextlib.contextmanager
def reference_server(folder: Path, *arguments: str, name: str = "server") -> Iterator[dict[str, Any]]:
    """The reference server as a process; what its first line says: ``port``, ``tls_port``, ``unix``."""
    password = folder / f"{name}.password"
    password.write_text(PASSWORD + "\n")
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "reference_server", "--password-file", str(password), *arguments]
    with running(*command, log=log, ready=lambda: b"\n" in log.read_bytes()):
        yield json.loads(log.read_text().splitlines()[0])


def settings(folder: Path) -> Path:
    """A target file for :func:`reference_server`."""
    path = folder / "target.toml"
    path.write_text(f"""
[target]
password = "{PASSWORD}"
has = ["one-session", "ticket-login", "no-sasl"]
quiet = 0.1
patience = {PATIENCE}
""")
    return path
