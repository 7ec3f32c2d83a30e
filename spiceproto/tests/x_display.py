"""A real X display for tests, Xvfb, and a program on it: a window that draws, and remembers what a user did to it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spiceproto.extras import present
from spiceproto.tests.peers import PATIENCE, absent, program, running

__all__ = ["EXAMPLE", "XDisplay", "XProgram", "x_display", "x_program"]

EXAMPLE = Path(__file__).parents[2] / "examples" / "x11_guest"

_ROWS = 16
"""Of a picture that are sent at once."""


class XDisplay(NamedTuple):
    """A display: its name, like ``:81``, and its server."""

    name: str
    process: subprocess.Popen[bytes]


@contextmanager
def x_display(folder: Path, size: tuple[int, int] = (640, 480), *options: str) -> Iterator[XDisplay]:
    """A display that is there."""
    if not present("Xlib.display"):
        absent("not installed: python-xlib")
    log = folder / "xvfb.log"

    def number() -> str:
        return next((line.strip() for line in log.read_text().splitlines(True) if line.strip().isdigit() and "\n" in line), "")

    screen = f"{size[0]}x{size[1]}x24"
    command = (program("Xvfb"), "-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset", *options)
    with running(*command, log=log, ready=lambda: bool(number())) as process:
        yield XDisplay(f":{number()}", process)


class XProgram:
    """A window without a frame, ``(left, top, width, height)``; all of the display unless it is said. ``events`` are what
    happened to it: ("key", keycode, down), ("button", number, down, x, y), ("motion", x, y), with places on the display.
    """

    def __init__(self, name: str, box: tuple[int, int, int, int] | None = None) -> None:
        from Xlib import X
        from Xlib.display import Display

        self.x = X
        self.display: Any = Display(name)
        self.display.xfixes_query_version()
        self.screen = self.display.screen()
        self.root = self.screen.root
        self.box = box or (0, 0, self.screen.width_in_pixels, self.screen.height_in_pixels)
        mask = X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
        self.window = self.root.create_window(
            *self.box,
            0,
            self.screen.root_depth,
            X.InputOutput,
            X.CopyFromParent,
            override_redirect=1,
            background_pixel=0x336699,
            event_mask=mask | X.ExposureMask,
        )
        self.context = self.window.create_gc()
        self.events: list[tuple[Any, ...]] = []
        self.window.map()
        self.display.sync()
        self._wait_until_seen()
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self.display.sync()

    def _wait_until_seen(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.window.get_attributes().map_state != self.x.IsViewable:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def fill(self, colour: int, box: tuple[int, int, int, int]) -> None:
        """A box of the window in one colour."""
        self.context.change(foreground=colour)
        self.window.fill_rectangle(self.context, *box)
        self.display.sync()

    def noise(self, seed: int) -> None:
        """Other pixels everywhere."""
        _, _, width, height = self.box
        pixels = np.random.default_rng(seed).integers(0, 1 << 24, (height, width), dtype=np.uint32)
        depth = self.screen.root_depth
        for top in range(0, height, _ROWS):
            rows = pixels[top : top + _ROWS]
            self.window.put_image(self.context, 0, top, width, len(rows), self.x.ZPixmap, depth, 0, rows.tobytes())
        self.display.sync()

    def picture(self) -> NDArray[np.uint8]:
        """What the display shows: rows of red, green, blue."""
        size = self.root.get_geometry()
        found = self.root.get_image(0, 0, size.width, size.height, self.x.ZPixmap, 0xFFFFFFFF)
        return np.frombuffer(found.data, np.uint8).reshape(size.height, size.width, 4)[..., 2::-1]

    def pump(self) -> list[tuple[Any, ...]]:
        """All that has happened so far."""
        for _ in range(self.display.pending_events()):
            event = self.display.next_event()
            down = event.type in (self.x.KeyPress, self.x.ButtonPress)
            if event.type in (self.x.KeyPress, self.x.KeyRelease):
                self.events.append(("key", event.detail, down))
            elif event.type in (self.x.ButtonPress, self.x.ButtonRelease):
                self.events.append(("button", event.detail, down, event.root_x, event.root_y))
            elif event.type == self.x.MotionNotify:
                self.events.append(("motion", event.root_x, event.root_y))
        return self.events

    def until(self, *wanted: tuple[Any, ...]) -> None:
        """These have happened."""
        deadline = time.monotonic() + PATIENCE
        while not set(wanted) <= set(self.pump()):
            assert time.monotonic() < deadline, f"the X program does not see {wanted}; it saw {self.events[-20:]}"
            time.sleep(0.01)

    def pointer(self) -> tuple[int, int]:
        """Where X has the pointer."""
        found = self.root.query_pointer()
        return found.root_x, found.root_y

    def press(self, keycode: int) -> None:
        """Press a key and release it, as another user does."""
        from Xlib.ext import xtest

        for what in (self.x.KeyPress, self.x.KeyRelease):
            xtest.fake_input(self.display, what, keycode)
        self.display.sync()

    def has_cursor(self, name: int) -> None:
        """The pointer above the window is this one of the font of cursors."""
        font = self.display.open_font("cursor")
        cursor = font.create_glyph_cursor(font, name, name + 1, (0, 0, 0), (65535, 65535, 65535))
        self.window.change_attributes(cursor=cursor)
        self.display.sync()

    def resize(self, width: int, height: int) -> None:
        """The display has another size, by RANDR."""
        from Xlib.ext import randr

        found = self.root.xrandr_get_screen_resources()
        crtc, output = found.crtcs[0], found.outputs[0]
        mode = {(each["width"], each["height"]): each["id"] for each in found.modes}.get((width, height))
        if mode is None:
            name = f"{width}x{height}"
            timing = (0, width, height, width * height * 60, width, width, width, 0, height, height, height, len(name), 0)
            mode = self.root.xrandr_create_mode(timing, name).mode
            self.display.xrandr_add_output_mode(output, mode)
        self.display.xrandr_set_crtc_config(crtc, found.config_timestamp, 0, 0, 0, randr.Rotate_0, [])
        self.root.xrandr_set_screen_size(width, height, width // 4, height // 4)
        self.display.xrandr_set_crtc_config(crtc, found.config_timestamp, 0, 0, mode, randr.Rotate_0, [output])
        self.display.sync()

    def close(self) -> None:
        """End it."""
        self.display.close()


@contextmanager
def x_program(name: str, box: tuple[int, int, int, int] | None = None) -> Iterator[XProgram]:
    """One, until it is not needed."""
    found = XProgram(name, box)
    try:
        yield found
    finally:
        found.close()
