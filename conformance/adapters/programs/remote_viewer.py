"""remote-viewer, a client with a window: on an X display of its own, driven by moving that display's mouse.

Seen to work with virt-viewer 11.0 (spice-gtk 0.42): TCP, TLS, Unix sockets and tickets by a connection file; keys, buttons
and the wheel; positions in client mouse mode, exact to the pixel; motions in server mouse mode. The process lives from
connect to disconnect; until its window is there (about 1 s) everything but ``connect`` is answered with "error".

In server mode the window sends nothing of the mouse before it has grabbed the pointer, which it does at a click that it
keeps for itself. So such a click comes before the first verb of the mouse. The mode, the grab and the part of the surface
that is shown are read from what spice-gtk says when it is asked for debugging.

The picture is what the X server has in the window, without the pointer. The window is never smaller than its bar of buttons,
and what is smaller than the window is drawn larger, with pixels between pixels: such a display has no picture.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from conformance.adapters.client import Answer
from conformance.adapters.pixmap_file import as_png
from conformance.adapters.process import missing_programs, program, version_of
from conformance.adapters.server_address import ServerAddress
from conformance.adapters.started_client import StartedClient
from conformance.adapters.x_display import PROGRAMS, XDisplay

__all__ = ["RemoteViewer", "x_keycode"]

_PROGRAM: Final = "remote-viewer"
_FRAME_SIDE: Final = 5
_FRAME_TOP: Final = 51
"""What the window has around the picture, with the theme Adwaita, which XDisplay asks for."""

_MODE: Final = re.compile(r"mouse mode \d \((server|client)\)")
_GRABBED: Final = "disabled X11 mouse motion"
"""In the log, spice-gtk's words for a new mode, which ends a grab, and for a grab."""

_SHOWN: Final = re.compile(r"(\d+):\d+ recalc geom: guest \+\d+\+\d+:(\d+)x(\d+)")
"""In the log: display, and size of what its window shows."""

_ROOT_WINDOW: Final = Path(__file__).parents[1] / "root_window.py"
_PICTURE: Final = 20.0
"""Seconds that it may take to write a picture down."""

_FIT_TIME: Final = 3.0
"""Seconds that the window may take to be as large as what it shows."""

_APART: Final = 600
"""Pixels from one window to the next where there are several: a window that is covered has no picture."""

_DRAWN: Final = 0.05
"""Seconds in which a window draws what has come: it does so with the display's frames, 60 a second."""

_GRAB_TIME: Final = 5.0
"""Seconds that the click may take to grab the pointer, on a busy machine."""

_PAUSE: Final = 0.02

_X_KEYS: Final = 8
"""An X keycode is a Linux key code and this."""

_LAST_PLAIN: Final = 0x58
"""The last scan code without a prefix that is its own Linux key code."""

_EXTENDED: Final = {
    0x1C: 96,
    0x1D: 97,
    0x35: 98,
    0x37: 99,
    0x38: 100,
    0x47: 102,
    0x48: 103,
    0x49: 104,
    0x4B: 105,
    0x4D: 106,
    0x4F: 107,
    0x50: 108,
    0x51: 109,
    0x52: 110,
    0x53: 111,
    0x5B: 125,
    0x5C: 126,
    0x5D: 127,
}
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
    knows_sasl = True
    options: ClassVar[Mapping[str, str]] = {}
    verbs = frozenset({"key", "motion", "picture", "position", "press", "release", "wheel", "state"})
    start_time = 15.0
    least_screen = (480, 320)

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
        if verb == "picture":
            return self._picture(int(values.get("display", 0)), str(values["path"]))
        if window is None or not mode:
            return Answer("error", "there is no window yet")
        if verb == "key":
            return self._key(window, int(values["code"]), bool(values.get("down", True)))
        if verb == "position" and (int(values.get("display", 0)) or len(self._windows()) > 1):
            return Answer("unsupported", "of several windows one covers the other")
        if mode == "server" and not self._grab(window):
            return Answer("error", "the window does not grab the pointer")
        if mode == "client" and not self._inside and verb != "position":
            self._move(window, window.width // 2, window.height // 2)
        return self._mouse(window, verb, values)

    def _picture(self, display: int, path: str) -> Answer:
        """Write what the window of a display shows, once it is as large as that."""
        assert self._display is not None
        deadline = time.monotonic() + _FIT_TIME
        while True:
            windows = self._windows()
            if len(windows) > 2:
                return Answer("unsupported", "there is no room for more than two windows beside each other")
            moved = [self._moved(id, place * _APART) for place, id in enumerate(windows) if len(windows) > 1]
            window, size = self._window(display), self._shown(display)
            if not any(moved) and window is not None and size == (window.width, window.height):
                break
            if time.monotonic() > deadline:
                found = f"{window.width} x {window.height}" if window is not None else "none"
                said = f"the window ({found}) does not show a display of {size[0]} x {size[1]} as it is"
                return Answer("unsupported" if window is not None and all(size) else "error", said)
            time.sleep(_PAUSE)
        time.sleep(_DRAWN)
        area = [str(number) for number in (window.left, window.top, *size)]
        with tempfile.NamedTemporaryFile(suffix=".ppm") as file:
            command = [sys.executable, str(_ROOT_WINDOW), self._display.environment["DISPLAY"], file.name, *area]
            done = subprocess.run(command, capture_output=True, timeout=_PICTURE, check=False)
            if done.returncode:
                return Answer("error", f"no picture of the window ({done.returncode})")
            as_png(Path(file.name), Path(path))
        return Answer("ok", values={"width": size[0], "height": size[1]})

    def _shown(self, display: int) -> tuple[int, int]:
        """Size of what the window of a display shows; zeros before there is anything."""
        assert self.process is not None
        found = [item for item in _SHOWN.finditer(self.process.log.read_text(errors="replace")) if int(item[1]) == display]
        return (int(found[-1][2]), int(found[-1][3])) if found else (0, 0)

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

    def _windows(self, number: str = "[0-9]+") -> list[str]:
        """Ids of the windows that show a display, or of the one with a number: the display's id and one."""
        assert self._display is not None
        return self._display.xdotool("search", "--onlyvisible", "--name", rf"\({number}\)$").split()

    def _moved(self, id: str, left: int) -> bool:
        """Whether a window has to be moved, which was asked for."""
        assert self._display is not None
        found = self._geometry(id)
        if found is None or left <= found.left < left + _FRAME_TOP:
            return False
        self._display.xdotool("windowmove", id, str(left), "0")
        return True

    def _window(self, display: int | None = None) -> _Window | None:
        """The window of a display, or any, once it shows one."""
        found = self._windows() if display is None else self._windows(str(display + 1))
        return self._geometry(found[0]) if found else None

    def _geometry(self, id: str) -> _Window | None:
        assert self._display is not None
        shell = self._display.xdotool("getwindowgeometry", "--shell", id)
        numbers = {name: int(value) for name, value in re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", shell, re.MULTILINE)}
        if len(numbers) < 4:
            return None
        return _Window(
            id=id,
            left=numbers["X"] + _FRAME_SIDE,
            top=numbers["Y"] + _FRAME_TOP,
            width=numbers["WIDTH"] - 2 * _FRAME_SIDE,
            height=numbers["HEIGHT"] - _FRAME_TOP - _FRAME_SIDE,
        )
