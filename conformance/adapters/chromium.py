"""Chromium without a window, and its one page, driven through the DevTools protocol.

One browser serves a whole run, and each connection gets a page that was just loaded. Loading is begun as soon as the page
before is not wanted any more, and awaited only when the new one is. What the page writes on its console goes into the log.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from conformance.adapters.process import Process, TargetUnusable, program

__all__ = ["PROGRAM", "Chromium", "PageError", "PageHangs"]

PROGRAM: Final = "chromium"

_OPTIONS: Final = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-default-browser-check",
    "--mute-audio",
    "--log-level=3",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-dev-shm-usage",
    "--disable-features=BackForwardCache,Translate,OptimizationHints,MediaRouter",
    # Nothing but loopback.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1024,768",
)
_PORT_FILE: Final = "DevToolsActivePort"
_START_TIME: Final = 30.0
_PATIENCE: Final = 10.0
_PAUSE: Final = 0.02


class PageError(Exception):
    """A script in the page threw."""


class PageHangs(PageError):
    """The page does not answer."""


class Chromium:
    """The browser. ``process`` is its first process; ``first`` is a script that each page has before its own; ``options``
    are more of those of its command line."""

    def __init__(self, folder: Path, log: Path, *, first: str = "", options: Sequence[str] = ()) -> None:
        self._log = log
        self._first = first
        profile = folder / "profile"
        sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        command = [program(PROGRAM), *_OPTIONS, *options, *sandbox, f"--user-data-dir={profile}", "about:blank"]
        self.process = Process(command, log=log, folder=folder)
        self._kept = ExitStack()
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._expected: set[int] = set()
        self._session = ""
        self._target = ""
        self._loading = 0
        """Number of the command that loads the page; 0 if there is none."""
        try:
            self._line = self._connected(profile / _PORT_FILE)
            self.version: str = self._call("Browser.getVersion")["product"]
            self._open()
        except BaseException:
            self.stop()
            raise

    def _connected(self, file: Path) -> ClientConnection:
        deadline = time.monotonic() + _START_TIME
        while True:
            lines = file.read_text().split() if file.exists() else []
            if len(lines) == 2:
                line = connect(f"ws://127.0.0.1:{lines[0]}{lines[1]}", compression=None, max_size=None)
                return self._kept.enter_context(line)
            if self.process.ended is not None:
                raise self.process.unusable(f"ended with status {self.process.ended} instead of starting")
            if time.monotonic() > deadline:
                raise self.process.unusable("does not start")
            time.sleep(_PAUSE)

    # -- the page

    def load(self, address: str) -> None:
        """Begin to load a page in the place of the one that is there."""
        self._loading = self._send("Page.navigate", {"url": address}, page=True)

    def loaded(self) -> None:
        """Wait until the page takes the place of the one before. Raises PageHangs, TargetUnusable."""
        number, self._loading = self._loading, 0
        if number:
            self._answer(number, "Page.navigate", _PATIENCE)

    def command(self, method: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A command of the protocol for the page: ``Input.dispatchKeyEvent``. Raises PageError, PageHangs, TargetUnusable.

        Not of the domain Network: with it the browser copies each frame of a WebSocket for the driver.
        """
        return self._call(method, values, page=True)

    def permit(self, *permissions: str) -> None:
        """Let all pages do what browsers ask their users about: ``clipboardReadWrite``. Raises PageError."""
        self._call("Browser.grantPermissions", {"permissions": list(permissions)})

    def replace(self) -> None:
        """Another page, empty, instead of one that hangs."""
        self._call("Target.closeTarget", {"targetId": self._target})
        self._open()

    def evaluate(self, script: str, seconds: float = _PATIENCE) -> Any:
        """What a script in the page says, or what it promises. Raises PageError, PageHangs, TargetUnusable."""
        values = {"expression": script, "awaitPromise": True, "returnByValue": True}
        found = self._call("Runtime.evaluate", values, page=True, seconds=seconds)
        if "exceptionDetails" in found:
            raise PageError(_thrown(found["exceptionDetails"]))
        return found["result"].get("value")

    def _open(self) -> None:
        self._target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": self._target, "flatten": True})["sessionId"]
        self._call("Page.enable", page=True)
        self._call("Runtime.enable", page=True)
        self._call("Page.addScriptToEvaluateOnNewDocument", {"source": self._first}, page=True)

    # -- the protocol

    def _call(
        self, method: str, values: Mapping[str, Any] | None = None, *, page: bool = False, seconds: float = _PATIENCE
    ) -> dict[str, Any]:
        return self._answer(self._send(method, values, page=page), method, seconds)

    def _send(self, method: str, values: Mapping[str, Any] | None = None, *, page: bool = False) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": dict(values or {})}
        if page:
            message["sessionId"] = self._session
        self._expected.add(number)
        try:
            self._line.send(json.dumps(message))
        except ConnectionClosed:
            raise self._gone(method) from None
        return number

    def _answer(self, number: int, method: str, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while number not in self._answers:
            try:
                self._heard(json.loads(self._line.recv(timeout=max(0.0, deadline - time.monotonic()))))
            except TimeoutError:
                self._expected.discard(number)
                raise PageHangs(f"no answer to {method} for {seconds:g} s") from None
            except ConnectionClosed:
                raise self._gone(method) from None
        found = self._answers.pop(number)
        if "error" in found:
            raise PageError(f"{method}: {found['error'].get('message')}")
        return dict(found["result"])

    def _heard(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        if number is not None:
            if number in self._expected:
                self._expected.discard(number)
                self._answers[number] = message
            return
        values = message["params"]
        if message["method"] == "Runtime.consoleAPICalled":
            words = [str(item.get("value", item.get("description", ""))) for item in values["args"]]
            self._note(f"{values['type']}: {' '.join(words)}")
        elif message["method"] == "Runtime.exceptionThrown":
            self._note(f"exception: {_thrown(values['exceptionDetails'])}")
        elif message["method"] == "Inspector.targetCrashed":
            self._note("the page crashed")

    def _note(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{text}\n")

    def _gone(self, method: str) -> TargetUnusable:
        status = self.process.wait(1)
        return self.process.unusable(f"takes no more commands at {method}" + ("" if status is None else f" (status {status})"))

    def stop(self) -> None:
        """End the browser."""
        self._kept.close()
        self.process.stop()


def _thrown(details: Mapping[str, Any]) -> str:
    return str(details.get("exception", {}).get("description") or details.get("text", ""))
