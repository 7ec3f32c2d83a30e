"""The reference client's live view in Chromium, started as a program and driven like a person's browser.

``spice-reference-client ADDRESS --view`` prints where its page is; what a test does in the page goes through the DevTools
protocol as events of mouse and keyboard.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conformance.adapters.chromium import PROGRAM, Chromium, PageError
from spiceproto.tests.peers import end, need, until

__all__ = ["LiveView", "digest", "live_view", "shown_in_browser"]

_DIGEST: Final = """(async (id) => {
  const canvas = document.getElementById(id);
  if (!canvas || !canvas.width) return null;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [canvas.width, canvas.height, Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("")];
})"""

_PLACE: Final = """((id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  const canvas = document.getElementById(id);
  return [box.left, box.top, box.width / canvas.width];
})"""

_BUTTONS: Final = {"left": 1, "right": 2, "middle": 4, "back": 8, "forward": 16, "none": 0}


def digest(picture: NDArray[np.uint8]) -> list[Any]:
    """Width, height and SHA-256 of a picture ``uint8 (h, w, 3)`` as a page has it: red, green, blue, 255."""
    height, width = picture.shape[:2]
    opaque = np.full((height, width, 1), 255, np.uint8)
    return [width, height, hashlib.sha256(np.concatenate([picture, opaque], axis=2).tobytes()).hexdigest()]


class LiveView:
    """A page. ``address`` is that of the view, with its token; ``process`` the client, whose events are in ``log``."""

    def __init__(self, browser: Chromium, address: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.browser = browser
        self.address = address
        self.process = process
        self.log = log
        self._down = 0

    def load(self) -> None:
        """Load the page, anew if it is there; until it shows something."""
        self.browser.load("about:blank")
        self.browser.loaded()
        self.browser.load(self.address)
        self.browser.loaded()
        self.until("document.querySelector('canvas')?.width > 0")

    def js(self, script: str) -> Any:
        """What a script in the page says."""
        return self.browser.evaluate(script)

    def until(self, script: str) -> None:
        """Wait until a script says true."""

        def true() -> bool:
            with contextlib.suppress(PageError):  # the page is about to be another
                return bool(self.js(script))
            return False

        until(true, what=script)

    def picture(self, display: int = 0) -> list[Any] | None:
        """Width, height and SHA-256 of what a display shows; None for nothing."""
        found: list[Any] | None = self.js(f"{_DIGEST}('display-{display}')")
        return found

    def shows(self, picture: NDArray[np.uint8], display: int = 0) -> bool:
        """Whether a display shows this, exactly."""
        return self.picture(display) == digest(picture)

    # -- a person's hands

    def mouse(self, kind: str, x: int, y: int, button: str = "none", *, display: int = 0, **more: Any) -> None:
        """``moved``, ``pressed``, ``released`` or ``wheel``, at a pixel of a display."""
        left, top, scale = self.js(f"{_PLACE}('display-{display}')")
        kind = f"mouse{kind.capitalize()}"
        if kind == "mousePressed":
            self._down |= _BUTTONS[button]
        elif kind == "mouseReleased":
            self._down &= ~_BUTTONS[button]
        values = {"x": left + (x + 0.5) * scale, "y": top + (y + 0.5) * scale, "buttons": self._down, "button": button, **more}
        self.browser.command("Input.dispatchMouseEvent", {"type": kind, "clickCount": 1, **values})

    def click(self, x: int, y: int, button: str = "left", *, display: int = 0) -> None:
        """Press and release a button there."""
        self.mouse("moved", x, y, display=display)
        self.mouse("pressed", x, y, button, display=display)
        self.mouse("released", x, y, button, display=display)

    def key(self, code: str, down: bool, *, modifiers: int = 0) -> None:
        """A key by its ``code``, with Alt 1, Ctrl 2, Meta 4, Shift 8 held."""
        kind = "rawKeyDown" if down else "keyUp"
        self.browser.command("Input.dispatchKeyEvent", {"type": kind, "code": code, "key": code, "modifiers": modifiers})

    def press(self, selector: str) -> None:
        """Press and release the left button on an element."""
        x, y = self.js(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.scrollIntoView({{ block: "nearest" }});
          const box = element.getBoundingClientRect();
          return [box.left + box.width / 2, box.top + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.browser.command("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1})

    def screenshot(self) -> bytes:
        """PNG of the window."""
        return b64decode(self.browser.command("Page.captureScreenshot", {"format": "png"})["data"])

    def resize(self, width: int, height: int) -> None:
        """Another size of the window."""
        values = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.command("Emulation.setDeviceMetricsOverride", values)


@contextlib.contextmanager
def shown_in_browser(folder: Path, uri: str, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """The client with a view: where that is, its process, and its log, which ends in order."""
    log = folder / "client.log"
    command = [sys.executable, "-m", "reference_client", uri, "--view", "--log", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)

    def place() -> str:
        assert process.poll() is None, log.read_text()
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith('{"event": "view"')]
        return str(lines[0]["address"]) if lines else ""

    try:
        yield until(place, what="the client says where its view is"), process, log
    finally:
        end(process)


@contextlib.contextmanager
def live_view(folder: Path, uri: str, *options: str, first: str = "", browser: Sequence[str] = ()) -> Iterator[LiveView]:
    """A client with a view, and a browser that shows it; ``first`` and ``browser`` are that one's script and options."""
    need(PROGRAM)
    with shown_in_browser(folder, uri, *options) as (address, process, log):
        chromium = Chromium(folder, folder / "browser.log", first=first, options=browser)
        try:
            view = LiveView(chromium, address, process, log)
            view.load()
            yield view
        finally:
            chromium.stop()
