"""Chromium without a window, for tests of pages."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.adapters.chromium import PROGRAM, Chromium
from spiceproto.tests.peers import PATIENCE, need, program

__all__ = ["chromium", "started"]


@contextmanager
def started(folder: Path) -> Iterator[Chromium]:
    """A browser that runs, and is asked from outside; its files are in this folder."""
    need(PROGRAM)
    made = Chromium(folder, folder / "log")
    try:
        yield made
    finally:
        made.stop()


def chromium(folder: Path, *arguments: str) -> tuple[str, str]:
    """What the browser wrote, and what it said."""
    need("chromium")
    command = [
        program("chromium"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}",
        *arguments,
    ]
    found = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, check=True)
    return found.stdout, found.stderr
