"""The machine behind the server: a picture, a pointer, a keyboard.

:class:`Guest` is what a server needs of a guest, and a base for guests of one's own: override what input should do,
change what is seen through ``set_...``, :meth:`Guest.paint` and :meth:`Guest.draw`. Whoever watches is told at once.

:class:`RecordingGuest` keeps a list of what the client did.

What a guest is going to have besides has its place here, as a pair of a method that the server calls and a
``set_...`` that tells the watchers: sound to play and to record, the agent's messages beyond its being there, ports.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton

__all__ = [
    "Box",
    "Button",
    "Guest",
    "InputEvent",
    "Key",
    "Modifiers",
    "Motion",
    "Picture",
    "Pointer",
    "Position",
    "RecordingGuest",
    "Watcher",
    "Wheel",
    "colour_chart",
]

Pointer = Literal["relative", "absolute"]
Picture = NDArray[np.uint8]
"""Height, width, 4: bytes b, g, r and one without meaning."""

_LOCK_KEYS: Final = {
    b"\x46": KeyboardModifierFlags.SCROLL_LOCK,
    b"\x45": KeyboardModifierFlags.NUM_LOCK,
    b"\x3a": KeyboardModifierFlags.CAPS_LOCK,
}
"""Scan codes of the lock keys."""

_SQUARE: Final = 16
"""Side of what :meth:`Guest.animate` draws."""


class Box(msgspec.Struct, frozen=True):
    """A part of a picture; ``right`` and ``bottom`` are behind the last column and row."""

    left: int
    top: int
    right: int
    bottom: int


class Watcher(Protocol):
    """What a server wants to know of its guest."""

    def pointer_changed(self) -> None:
        """The guest uses another kind of pointing device."""

    def agent_changed(self) -> None:
        """The agent came or went."""

    def locks_changed(self) -> None:
        """Lock keys went on or off."""

    def drawn(self, display: int, box: Box) -> None:
        """A part of a picture has changed."""

    def resized(self, display: int) -> None:
        """A picture has another size."""


@cache
def colour_chart(width: int, height: int) -> Picture:
    """Colours that change from pixel to pixel, with a frame: whatever is swapped, shifted or turned over is seen."""
    rows, columns = np.mgrid[0:height, 0:width]
    found = np.zeros((height, width, 4), np.uint8)
    found[..., 0] = columns * 255 // max(width - 1, 1)
    found[..., 1] = rows * 255 // max(height - 1, 1)
    found[..., 2] = (columns // 8 + rows // 8) % 2 * 160
    found[0, :, :3] = found[-1, :, :3] = found[:, 0, :3] = found[:, -1, :3] = 255
    found.flags.writeable = False
    return found


class Guest:
    """A guest that shows a picture and forgets what the client does. ``size`` is width and height of every display."""

    def __init__(self, *, size: tuple[int, int] = (640, 480), pointer: Pointer = "relative") -> None:
        self._size = size
        self._screens: dict[int, Picture] = {}
        self._watchers: list[Watcher] = []
        self._step = 0
        self._held: set[bytes] = set()
        self.pointer: Pointer = pointer
        """What the guest listens to: a mouse that is moved, or a tablet that is pointed at."""
        self.agent = False
        """Whether an agent is there that moves the pointer."""
        self.locks = KeyboardModifierFlags(0)
        """Lock keys that are on."""

    def watch(self, watcher: Watcher) -> None:
        """Tell ``watcher`` from now on."""
        self._watchers.append(watcher)

    # -- what the server does to the guest; "down" of a key or button that is down already repeats it

    def motion(self, dx: int, dy: int, buttons: int) -> None:
        """The mouse was moved; ``buttons`` is a mask of those that are down."""

    def position(self, x: int, y: int, display: int, buttons: int) -> None:
        """The pointer is somewhere else."""

    def button(self, button: int, down: bool) -> None:
        """A button of the mouse went down or up."""

    def wheel(self, steps: int) -> None:
        """The wheel was turned, towards the user if ``steps`` is positive."""

    def key(self, code: bytes, down: bool) -> None:
        """A key went down or up; ``code`` is the scan code of its press. Lock keys turn their lock on and off."""
        lock = _LOCK_KEYS.get(code)
        if lock is None:
            return
        if down and code not in self._held:
            self._held.add(code)
            self.set_locks(self.locks ^ lock)
        elif not down:
            self._held.discard(code)

    def modifiers(self, locks: int) -> None:
        """The client wants these lock keys to be on."""
        self.set_locks(KeyboardModifierFlags(locks & 7))

    def agent_data(self, data: bytes) -> None:
        """A piece of the client's stream of agent messages; comes only while an agent is there."""

    # -- what the guest does

    def set_pointer(self, pointer: Pointer) -> None:
        """Use another pointing device."""
        if pointer not in ("relative", "absolute"):
            raise ValueError(f"a pointer is relative or absolute, not {pointer!r}")
        if pointer != self.pointer:
            self.pointer = pointer
            for watcher in self._watchers:
                watcher.pointer_changed()

    def set_agent(self, agent: bool) -> None:
        """An agent is there, or is gone."""
        if agent != self.agent:
            self.agent = agent
            for watcher in self._watchers:
                watcher.agent_changed()

    def set_locks(self, locks: KeyboardModifierFlags) -> None:
        """These lock keys are on."""
        if locks != self.locks:
            self.locks = locks
            for watcher in self._watchers:
                watcher.locks_changed()

    def screen(self, display: int = 0) -> Picture:
        """What a display shows, not to be written to; see :meth:`draw`."""
        found = self._screens.get(display)
        return colour_chart(*self._size) if found is None else found

    def paint(self, picture: Picture, display: int = 0) -> None:
        """Show another picture, of any size."""
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 4 or 0 in picture.shape:
            raise ValueError(f"a picture is uint8 of height x width x 4, not {picture.dtype} {picture.shape}")
        resized = picture.shape != self.screen(display).shape
        self._screens[display] = picture.copy()
        height, width = picture.shape[:2]
        for watcher in self._watchers:
            if resized:
                watcher.resized(display)
            else:
                watcher.drawn(display, Box(0, 0, width, height))

    def draw(self, left: int, top: int, part: Picture, display: int = 0) -> None:
        """Change a part of a picture; what is outside is cut off."""
        screen = self.screen(display)
        if not screen.flags.writeable:
            screen = self._screens[display] = screen.copy()
        height, width = screen.shape[:2]
        box = Box(max(left, 0), max(top, 0), min(left + part.shape[1], width), min(top + part.shape[0], height))
        if box.left >= box.right or box.top >= box.bottom:
            return
        screen[box.top : box.bottom, box.left : box.right] = part[
            box.top - top : box.bottom - top, box.left - left : box.right - left
        ]
        for watcher in self._watchers:
            watcher.drawn(display, box)

    def animate(self, count: int) -> None:
        """Draw ``count`` times on display 0: a square that wanders and changes its colour."""
        height, width = self.screen().shape[:2]
        for _ in range(count):
            self._step += 1
            colour = (self._step * 37 & 255, self._step * 91 & 255, self._step * 13 & 255, 0)
            square = np.full((_SQUARE, _SQUARE, 4), colour, np.uint8)
            self.draw(self._step * 7 % max(width - _SQUARE, 1), self._step * 3 % max(height - _SQUARE, 1), square)


# -- a guest that remembers


class Motion(msgspec.Struct, frozen=True, tag="motion", tag_field="input"):
    """The mouse was moved."""

    dx: int
    dy: int
    buttons: int


class Position(msgspec.Struct, frozen=True, tag="position", tag_field="input"):
    """The pointer is somewhere else."""

    x: int
    y: int
    display: int
    buttons: int


class Button(msgspec.Struct, frozen=True, tag="button", tag_field="input"):
    """A button went down or up."""

    button: MouseButton | int
    down: bool


class Wheel(msgspec.Struct, frozen=True, tag="wheel", tag_field="input"):
    """The wheel was turned, towards the user if ``steps`` is positive."""

    steps: int


class Key(msgspec.Struct, frozen=True, tag="key", tag_field="input"):
    """A key went down or up; ``code`` is the scan code of its press in hexadecimal."""

    code: str
    down: bool


class Modifiers(msgspec.Struct, frozen=True, tag="modifiers", tag_field="input"):
    """The client wants these lock keys to be on."""

    locks: int


InputEvent = Motion | Position | Button | Wheel | Key | Modifiers

_MOST_EVENTS: Final = 100_000
"""Events that are kept; a client can send more than anybody wants to read."""


class RecordingGuest(Guest):
    """Keeps what the client did in ``events``, oldest first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.events: list[InputEvent] = []

    def note(self, event: InputEvent) -> None:
        """One more event."""
        if len(self.events) < _MOST_EVENTS:
            self.events.append(event)

    def motion(self, dx: int, dy: int, buttons: int) -> None:
        self.note(Motion(dx, dy, buttons))

    def position(self, x: int, y: int, display: int, buttons: int) -> None:
        self.note(Position(x, y, display, buttons))

    def button(self, button: int, down: bool) -> None:
        self.note(Button(button, down))

    def wheel(self, steps: int) -> None:
        self.note(Wheel(steps))

    def key(self, code: bytes, down: bool) -> None:
        self.note(Key(code.hex(), down))
        super().key(code, down)

    def modifiers(self, locks: int) -> None:
        self.note(Modifiers(locks))
        super().modifiers(locks)
