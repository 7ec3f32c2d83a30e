"""Pages of ``spiceproto view --live`` in Chromium, for tests."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from conformance.adapters.chromium import Chromium, PageError
from spiceproto.tests.peers import PATIENCE, end, until

__all__ = ["LIST", "PIXELS", "Page", "Served", "served"]

LIST = """
Array.from({ length: view.length }, (_, row) => {
  const { columns, summaries, marks } = view.capture;
  const { layer, name } = view.capture.kind(row);
  const { number, time, frame, serial, size } = columns;
  return [layer, name, number[row], time[row], frame[row], serial[row], size[row], view.capture.channel(row),
    view.capture.sender(row), summaries[row], marks[row]];
})
"""
"""What a page lists."""

PIXELS = """
(async () => {
  const canvas = document.querySelector("#display canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [canvas.width, canvas.height, Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")];
})()
"""
"""The display of a page, as size and digest."""


class Page:
    """The page that a browser has. ``js`` is what a script in it says."""

    def __init__(self, browser: Chromium) -> None:
        self._browser = browser
        self.js = browser.evaluate

    def open(self, address: str) -> None:
        self._browser.load("about:blank")
        self._browser.loaded()
        self._browser.load(address)
        self._browser.loaded()
        self.until("document.body?.dataset.ready")

    def until(self, script: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(PageError):
                if self.js(script):
                    return
            assert time.monotonic() < deadline, (script, self.js("document.body.textContent.slice(0, 2000)"))
            time.sleep(0.05)

    @property
    def state(self) -> str:
        """What it says of the whole."""
        return str(self.js("document.getElementById('live').textContent"))

    def pixels(self, row: str = "view.length - 1") -> Any:
        """What the display shows at a row."""
        self.js(f"view.choose({row})")
        self.until(f"document.getElementById('display').dataset.row === String({row})")
        return self.js(PIXELS)


class Served:
    """One that runs. ``address`` is that of its page."""

    def __init__(self, folder: Path, *arguments: str, program: Sequence[str] = ("-m", "spiceproto")) -> None:
        folder.mkdir(exist_ok=True)
        self._log = folder / "view.log"
        self._out = folder / "view.txt"
        command = [sys.executable, *program, "view", *arguments, "--live"]
        with self._log.open("wb") as log, self._out.open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        until(lambda: "\n" in self._out.read_text() or self.process.poll() is not None, what="the page is served")
        self.address = self._out.read_text().strip().rpartition(" ")[2]

    @property
    def told(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    def finish(self) -> int:
        """End it in order; its status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def served(folder: Path, *arguments: str, program: Sequence[str] = ("-m", "spiceproto")) -> Iterator[Served]:
    """A page, until the end of the block; ``program`` is what Python runs."""
    found = Served(folder, *arguments, program=program)
    try:
        yield found
        assert "Traceback" not in found.told, found.told
    finally:
        end(found.process)
