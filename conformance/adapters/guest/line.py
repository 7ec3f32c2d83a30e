"""The host's end of the guest's serial line."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conformance.adapters.guest.events import InputEvent, parse_event
from conformance.adapters.guest.mode import Mode
from conformance.adapters.process import TargetUnusable

__all__ = ["IMAGE", "Guest", "write_disk"]

IMAGE: Final = Path(__file__).with_name("guest.img")
"""The assembled guest."""

_DISK: Final = 1 << 20
"""Bytes of the disk that it starts from: the BIOS finds no geometry in one of a few sectors."""

_PATIENCE: Final = 10.0
_HELLO: Final = 0.1
_PAUSE: Final = 0.005


def write_disk(path: Path) -> None:
    """A disk with the guest on it. The file is sparse."""
    path.write_bytes(IMAGE.read_bytes())
    with path.open("r+b") as disk:
        disk.truncate(_DISK)


class Guest:
    """Asks the guest to do things, and collects what it says.

    ``drawing``  whether an animation goes on
    """

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._part = b""
        self._answers: list[str] = []
        self._events: list[InputEvent] = []
        self.drawing = False

    def wait_ready(self, seconds: float = _PATIENCE) -> None:
        """Return once it answers. Raises TargetUnusable if it does not."""
        deadline = time.monotonic() + seconds
        attempt = 0
        while time.monotonic() < deadline:
            # What is said before it runs is lost, or arrives in pieces.
            attempt += 1
            if self._asked(f"hello {attempt}", _HELLO):
                return
        raise TargetUnusable(f"the guest does not answer for {seconds:g} s")

    def command(self, line: str, seconds: float = _PATIENCE) -> None:
        """One command. Raises TargetUnusable if it is not answered, or not understood."""
        if not self._asked(line, seconds):
            raise TargetUnusable(f"the guest does not answer: {line}")
        if self._answers[-1].startswith("no"):
            raise TargetUnusable(f"the guest does not know what this is: {line}")

    def mode(self, mode: Mode) -> None:
        """A picture of this size and depth."""
        self.command(f"mode {mode.width} {mode.height} {mode.bits}")

    def palette(self, first: int) -> None:
        """Other colours for the pixels that are there: the first of them is one of 256."""
        self.command(f"palette {first}")

    def animate(self, number: int) -> None:
        """Begin to fill so many rectangles, 18 a second."""
        self.drawing = number > 0
        self.command(f"animate {number}")

    def film(self, number: int) -> None:
        """Begin to show so many frames, 18 a second, after a mode of 32 bits."""
        self.drawing = number > 0
        self.command(f"film {number}")

    def wait_drawn(self, seconds: float) -> bool:
        """Whether no animation goes on any more, within this time."""
        return self._until(lambda: not self.drawing, seconds)

    def _asked(self, line: str, seconds: float) -> bool:
        self._take()
        self._answers.clear()
        try:
            self._socket.sendall(b"\n" + line.encode() + b"\n")
        except OSError as error:
            raise TargetUnusable(f"the guest is gone: {error}") from None
        # An empty line and earlier questions are answered too.
        return self._until(lambda: bool({f"ok {line}", f"no {line}"} & set(self._answers[-1:])), seconds)

    def events(self, number: int = 0, seconds: float = 0.0) -> list[InputEvent]:
        """What its keyboard and pointer did since the last call; waits up to so many seconds for so many events."""
        self._until(lambda: len(self._events) >= number, seconds)
        found, self._events = self._events, []
        return found

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _until(self, ready: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while True:
            self._take()
            if ready():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := self._socket.recv(65536):
                self._part += data
        *lines, self._part = self._part.split(b"\n")
        for raw in lines:
            line = raw.decode("ascii", "replace")
            event = parse_event(line)
            if event is not None:
                self._events.append(event)
            elif line == "drawn":
                self.drawing = False
            elif line.startswith(("ok ", "no ")):
                self._answers.append(line)
