"""A guest that is a real X display: what that shows is shown, and what clients do is done there.

    DISPLAY=:81 spice-reference-server --port 5934 --guest examples/x11_guest

It needs python-xlib, the extra ``x11``. Pictures, the pointer and its shape, both mouse modes, buttons and the wheel, keys and
their locks, and another size of the display go through; sound does not. ``examples/x11_guest:shared`` plays an agent, too: it
shares text of the clipboards, and gives the display the size that a client wants.

``watcher.py`` talks with the X server on a thread of its own, so that nobody here waits for that: what has changed is fetched
there, and drawn in the turn of the reference server (``Program.call``). ``server.py`` is the connection, ``changes.py`` finds
what is another picture, ``keys.py`` has the keycodes, ``selections.py`` and ``sharing.py`` are the two sides of the clipboards,
``sizes.py`` is RANDR.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

import numpy as np

from reference_server import Program
from reference_server.guest import Button, Key, Motion, Picture, Position, Shape, Wheel
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton
from spiceproto.errors import LocalError
from x11_guest.changes import Box
from x11_guest.keys import keycode
from x11_guest.server import XServer
from x11_guest.sharing import Sharing
from x11_guest.watcher import Move, Pixels, Watcher

__all__ = ["X11Guest", "guest", "shared"]

_PATIENCE: Final = 10.0
"""Seconds for the first picture."""

_BEAT: Final = 1.0
"""Seconds after which it is looked whether the X server answers."""

_SILENT: Final = 10
"""So many times it may have answered nothing since the last."""

_BUTTONS: Final[dict[int, int]] = {
    MouseButton.LEFT: 1,
    MouseButton.MIDDLE: 2,
    MouseButton.RIGHT: 3,
    MouseButton.SIDE: 8,
    MouseButton.EXTRA: 9,
}
_AWAY, _TOWARDS = 4, 5
"""The wheel is two buttons of X."""


def _picture(pixels: Pixels) -> Picture:
    rows = np.ascontiguousarray(pixels)
    return rows.view(np.uint8).reshape(*rows.shape, 4)


class X11Guest:
    """Shows the X display ``name`` on display 0, and plays an agent for it if it is ``shared``. Raises LocalError if that can
    not be.
    """

    def __init__(self, program: Program, name: str, *, shared: bool = False) -> None:
        self._program = program
        self._guest = program.guest
        self._seen = threading.Event()
        self._error: Exception | None = None
        self._asked = self._silent = 0
        self._name = name
        self._watcher = Watcher(name, self)
        self._sharing = Sharing(program, self._watcher) if shared else None
        self._watcher.start()
        program.at_end(self._watcher.stop)
        if not self._seen.wait(_PATIENCE):
            raise LocalError(f"the X server {name} does not answer", expected=f"a picture within {_PATIENCE:g} s")
        if self._error is not None:
            raise self._error
        program.answer_calls()
        self._guest.pointer.set_kind("absolute")  # it can do both
        program.watch(self._guest.keyboard, self._key, Key)
        program.watch(self._guest.pointer, self._button, Button)
        program.watch(self._guest.pointer, self._wheel, Wheel)
        program.watch(self._guest.pointer, self._motion, Motion)
        program.watch(self._guest.pointer, self._position, Position)
        program.every(_BEAT, self._look)

    def _look(self, passed: int) -> None:
        """Raises LocalError if the X server hangs. Times are counted, as all of it may have stood still with the X server."""
        before, self._asked = self._asked, self._watcher.asked
        self._silent = self._silent + 1 if self._asked == before else 0
        if self._silent > _SILENT:
            raise LocalError(f"the X server {self._name} hangs", actual=f"no answer for {_SILENT * _BEAT:g} s")

    # -- what clients do

    def _key(self, news: Key) -> None:
        code = keycode(bytes.fromhex(news.code))
        if code is not None:
            self._watcher.order(lambda server: server.key(code, news.down))

    def _button(self, news: Button) -> None:
        number = _BUTTONS.get(news.button)
        if number is not None:
            self._watcher.order(lambda server: server.button(number, news.down))

    def _wheel(self, news: Wheel) -> None:
        number = _TOWARDS if news.steps > 0 else _AWAY
        for _ in range(abs(news.steps)):
            self._watcher.order(lambda server: server.click(number))

    def _motion(self, news: Motion) -> None:
        self._watcher.order(Move(news.dx, news.dy, by=True))

    def _position(self, news: Position) -> None:
        if news.display == 0:
            self._watcher.order(Move(news.x, news.y, by=False))

    # -- what the X display does, told on the watcher's thread

    def painted(self, picture: Pixels, done: Callable[[], None]) -> None:
        def act() -> None:
            self._guest.screens[0].paint(_picture(picture))
            done()

        self._program.call(act)
        self._seen.set()

    def drawn(self, parts: list[tuple[Box, Pixels]], done: Callable[[], None]) -> None:
        def act() -> None:
            for box, pixels in parts:
                self._guest.screens[0].draw(box.left, box.top, _picture(pixels))
            done()

        self._program.call(act)

    def shaped(self, shape: Shape | None) -> None:
        self._program.call(lambda: self._guest.cursors[0].set(shape))

    def moved(self, place: tuple[int, int]) -> None:
        self._program.call(lambda: self._guest.cursors[0].move(*place))

    def locked(self, locks: KeyboardModifierFlags) -> None:
        self._program.call(lambda: self._guest.keyboard.set_locks(locks))

    def connected(self, server: XServer) -> None:
        if self._sharing is not None:
            server.share(self._sharing.copied, self._sharing.cleared, self._sharing.wanted)

    def failed(self, error: Exception) -> None:
        self._error = error
        self._program.call(lambda: self._program.fail(error))
        self._seen.set()


def guest(program: Program) -> None:
    """Show the display that the environment names."""
    X11Guest(program, _display())


def shared(program: Program) -> None:
    """The same, with an agent."""
    X11Guest(program, _display(), shared=True)


def _display() -> str:
    name = os.environ.get("DISPLAY", "")
    if not name:
        raise LocalError("no X display is named", expected="DISPLAY in the environment, like :81")
    return name
