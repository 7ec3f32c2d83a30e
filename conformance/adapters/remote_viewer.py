"""remote-viewer, a client with a window: on an X display of its own, driven by moving that display's mouse.

Seen to work with virt-viewer 11.0 (spice-gtk 0.42): TCP, TLS, Unix sockets and tickets by a connection file; keys, buttons
and the wheel; positions in client mouse mode, exact to the pixel; motions in server mouse mode. The process lives from
connect to disconnect; until its window is there (about 1 s) everything but ``connect`` is answered with "error".

In server mode the window sends nothing of the mouse before it has grabbed the pointer, which it does at a click that it
keeps for itself. So such a click comes before the first verb of the mouse. The mode and the grab are read from what
spice-gtk says when it is asked for debugging.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from conformance.adapters.client import Answer
from conformance.adapters.process import missing_programs, program, version_of
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient
from conformance.adapters.x_display import PROGRAMS, XDisplay

__all__ = ["RemoteViewer", "x_keycode"]

_PROGRAM: Final = "remote-viewer"
_WINDOW: Final = r"\([0-9]+\)$"
"""Title of a window that shows a display: the guest's name and the display's number."""

_FRAME_SIDE: Final = 5
_FRAME_TOP: Final = 51
"""What the window has around the picture, with the theme Adwaita, which XDisplay asks for."""

_MODE: Final = re.compile(r"mouse mode \d \((server|client)\)")
_GRABBED: Final = "disabled X11 mouse motion"
"""In the log, spice-gtk's words for a new mode, which ends a grab, and for a grab."""

_GRAB_TIME: Final = 1.0
"""Seconds that the click may take to grab the pointer."""

_PAUSE: Final = 0.02

_X_KEYS: Final = 8
"""An X keycode is a Linux key code and this."""

_LAST_PLAIN: Final = 0x58
"""The last scan code without a prefix that is its own Linux key code."""

_EXTENDED: Final = {
    0x1C: 96, 0x1D: 97, 0x35: 98, 0x37: 99, 0x38: 100, 0x47: 102, 0x48: 103, 0x49: 104, 0x4B: 105, 0x4D: 106, 0x4F: 107,
    0x50: 108, 0x51: 109, 0x52: 110, 0x53: 111, 0x5B: 125, 0x5C: 126, 0x5D: 127,
}  # fmt: skip
"""Scan code behind E0 to Linux key code."""

_BUTTONS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 9}
"""SPICE button to X button."""


def x_keycode(code: int) -> int | None:
    """The X keycode for a scan code of set 1, or None if there is none. Plain ones are Linux key codes already."""
    if 0 < code <= _LAST_PLAIN:
        return code + _X_KEYS
    linux = _EXTENDED.get(code & 0x7F) if code >> 8 in (1, 0xE0) else None
    return linux + _X_KEYS if linux is not None else None


class _Window(msgspec.Struct, frozen=True):
    """A window's id, and the place and size of its picture."""

    id: str
    left: int
    top: int
    width: int
    height: int


class RemoteViewer(StartedClient):
    """remote-viewer and its X display."""

    scheme = "remote-viewer"
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset({"key", "motion", "position", "press", "release", "wheel", "state"})
    start_time = 15.0

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__(options)
        self._display: XDisplay | None = None
        self._inside = False

    @classmethod
    def missing(cls) -> str:
        return missing_programs(_PROGRAM, *PROGRAMS)

    def _start(self) -> None:
        self._display = XDisplay(self.folder)
        self.version = version_of(_PROGRAM, {"PATH": "/usr/bin:/bin", **self._display.environment})

    def _stop(self) -> None:
        super()._stop()
        if self._display is not None:
            self._display.stop()
            self._display = None

    def _command(self, address: ServerAddress) -> tuple[Sequence[str], Mapping[str, str]]:
        assert self._display is not None
        self._inside = False
        file = address.write_connection_file(self.folder / "connection.vv")
        return [program(_PROGRAM), "--auto-resize=never", "--spice-debug", str(file)], self._display.environment

    def _do(self, verb: str, values: Mapping[str, Any]) -> Answer:
        if self._display is None or self.process is None:
            return Answer("error", "remote-viewer is not running")
        window = self._window()
        mode, _ = self._mode()
        if verb == "state":
            return Answer("ok", values={"window": window is not None, "mouse_mode": mode})
        if window is None or not mode:
            return Answer("error", "there is no window yet")
        if verb == "key":
            return self._key(window, int(values["code"]), bool(values.get("down", True)))
        if verb == "position" and (int(values.get("display", 0)) or len(self._windows()) > 1):
            return Answer("unsupported", "with several windows nobody can tell which of them shows which display")
        if mode == "server" and not self._grab(window):
            return Answer("error", "the window does not grab the pointer")
        if mode == "client" and not self._inside and verb != "position":
            self._move(window, window.width // 2, window.height // 2)
        return self._mouse(window, verb, values)

    def _mouse(self, window: _Window, verb: str, values: Mapping[str, Any]) -> Answer:
        assert self._display is not None
        xdotool = self._display.xdotool
        if verb == "position":
            x, y = int(values["x"]), int(values["y"])
            if not self._inside:
                # What brings the pointer into the window is no movement yet.
                self._move(window, x + (1 if x < window.width // 2 else -1), y)
            self._move(window, x, y)
        elif verb == "motion":
            xdotool("mousemove_relative", "--", str(int(values["dx"])), str(int(values["dy"])))
        elif verb == "wheel":
            steps = int(values["steps"])
            xdotool("click", "--repeat", str(min(abs(steps), 100)), "--delay", "5", "4" if steps > 0 else "5")
        else:
            button = _BUTTONS.get(int(values["button"]))
            if button is None:
                return Answer("error", f"there is no button {values['button']}")
            xdotool("mousedown" if verb == "press" else "mouseup", str(button))
        return Answer("ok")

    def _key(self, window: _Window, code: int, down: bool) -> Answer:
        assert self._display is not None
        keycode = x_keycode(code)
        if keycode is None:
            return Answer("error", f"X has no key for {code:#x}")
        self._display.xdotool("windowfocus", "--sync", window.id)
        # A single digit is taken for the key that has it: 9 is Escape's code.
        self._display.xdotool("keydown" if down else "keyup", "Escape" if keycode == 9 else str(keycode))
        return Answer("ok")

    def _move(self, window: _Window, x: int, y: int) -> None:
        """The pointer to a place of the picture."""
        assert self._display is not None
        self._inside = True
        self._display.xdotool("mousemove", str(window.left + x), str(window.top + y))

    def _mode(self) -> tuple[str, bool]:
        """The mouse mode, "" before there is one, and whether the pointer is grabbed."""
        assert self.process is not None
        log = self.process.log.read_text(errors="replace")
        modes = list(_MODE.finditer(log))
        return (modes[-1][1], _GRABBED in log[modes[-1].end() :]) if modes else ("", False)

    def _grab(self, window: _Window) -> bool:
        if self._mode()[1]:
            return True
        assert self._display is not None
        self._move(window, window.width // 2, window.height // 2)
        self._inside = False
        self._display.xdotool("click", "1")
        deadline = time.monotonic() + _GRAB_TIME
        while not self._mode()[1]:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        # The first movement after it only tells the window where the pointer is.
        self._display.xdotool("mousemove_relative", "--", "1", "0")
        return True

    def _windows(self) -> list[str]:
        """Ids of the windows that show a display."""
        assert self._display is not None
        return self._display.xdotool("search", "--onlyvisible", "--name", _WINDOW).split()

    def _window(self) -> _Window | None:
        """The window, once it shows a display."""
        assert self._display is not None
        found = self._windows()
        if not found:
            return None
        shell = self._display.xdotool("getwindowgeometry", "--shell", found[0])
        numbers = {name: int(value) for name, value in re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", shell, re.MULTILINE)}
        if len(numbers) < 4:
            return None
        return _Window(
            id=found[0],
            left=numbers["X"] + _FRAME_SIDE,
            top=numbers["Y"] + _FRAME_TOP,
            width=numbers["WIDTH"] - 2 * _FRAME_SIDE,
            height=numbers["HEIGHT"] - _FRAME_TOP - _FRAME_SIDE,
        )
