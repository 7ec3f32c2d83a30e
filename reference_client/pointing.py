"""The pointer as the client knows it: which mouse mode is wanted and on, where the pointer is, and what was not said of it yet.

Main says which mode is on, a display channel how large what it shows is, the user how the pointer moves; inputs says it to
the server. None of them knows another: this is what they share.

A movement is remembered as what it adds up to, and becomes a MOUSE_MOTION or a MOUSE_POSITION when it is said: of the kind
that the mode wants at that moment (SPICE-MOUSE-012, SPICE-MOUSE-013). So nothing is lost when the mode changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spiceproto.enums.main import MouseMode

__all__ = ["Pointing"]

_MODES: Final = MouseMode.SERVER | MouseMode.CLIENT

_ANYWHERE: Final = (0x7FFFFFFF, 0x7FFFFFFF)
"""Width and height of a display whose size is not known."""

_INT32: Final = 0x7FFFFFFF
_UINT32: Final = 0xFFFFFFFF


class Pointing:
    """One pointer.

    ``supported``  the modes that can be had; ``mode`` the one that is on; 0 before INIT
    ``wanted``     the mode to ask for, 0 for none
    ``at``         where the pointer is: x, y and the number of a display
    ``placed``     whether the user has moved it there
    ``screens``    number of a display to what gives its width and height, None while there is none
    """

    def __init__(self, *, prefer_client_mode: bool = True) -> None:
        self.supported = 0
        self.mode = 0
        self.wanted = int(MouseMode.CLIENT) if prefer_client_mode else 0
        self.at = (0, 0, 0)
        self.placed = False
        self.screens: dict[int, Callable[[], tuple[int, int] | None]] = {}
        self._followers: list[Callable[[], None]] = []
        self._moved = False
        self._dx = 0
        self._dy = 0

    # -- mode

    def set_modes(self, supported: int, mode: int) -> None:
        """What INIT or MOUSE_MODE says. Who follows is called: movements that wait are of the new kind."""
        self.supported, self.mode = supported, mode
        for follow in list(self._followers):
            follow()

    def follow(self, act: Callable[[], None]) -> None:
        """Call ``act`` whenever the modes were set."""
        self._followers.append(act)

    def unfollow(self, act: Callable[[], None]) -> None:
        """Call it no more."""
        if act in self._followers:
            self._followers.remove(act)

    @property
    def missing(self) -> int:
        """The mode that is wanted, can be had, and is not on; 0 if there is nothing to ask for (SPICE-MOUSE-008)."""
        return self.wanted if self.supported & self.wanted and self.mode != self.wanted else 0

    @property
    def in_client_mode(self) -> bool:
        """Whether positions are wanted; motions are in any other case."""
        return self.mode & _MODES == MouseMode.CLIENT

    # -- movements

    def move(self, dx: int, dy: int) -> None:
        """The pointing device moved, right and down; the pointer stays on its display."""
        x, y, display = self.at
        width, height = self.size(display)
        self.at = (max(0, min(width - 1, x + dx)), max(0, min(height - 1, y + dy)), display)
        self._add(dx, dy)

    def place(self, x: int, y: int, display: int) -> None:
        """The pointer is at ``x, y`` of a display."""
        x, y = max(0, min(_UINT32, x)), max(0, min(_UINT32, y))
        old_x, old_y, _ = self.at
        self.at = (x, y, display)
        self._add(x - old_x, y - old_y)

    def size(self, display: int) -> tuple[int, int]:
        """Width and height of what a display shows, at least 1; very large where that is not known."""
        screen = self.screens.get(display)
        found = None if screen is None else screen()
        return _ANYWHERE if found is None else (max(found[0], 1), max(found[1], 1))

    def _add(self, dx: int, dy: int) -> None:
        self._dx += dx
        self._dy += dy
        self._moved = self.placed = True

    # -- what is to be said

    @property
    def moved(self) -> bool:
        """Whether the pointer moved since the server was told."""
        return self._moved

    def settle(self) -> None:
        """The server was told where the pointer is."""
        self._moved, self._dx, self._dy = False, 0, 0

    def take_motion(self) -> tuple[int, int]:
        """As much of what the movements add up to as one MOUSE_MOTION can say, which is not to be said again."""
        dx, dy = _clamped(self._dx), _clamped(self._dy)
        self._dx -= dx
        self._dy -= dy
        self._moved = bool(self._dx or self._dy)
        return dx, dy


def _clamped(value: int) -> int:
    return max(-_INT32, min(_INT32, value))
