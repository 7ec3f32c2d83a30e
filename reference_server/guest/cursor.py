"""The pointer that a display shows: its shape, where it is, and whether it is seen."""

from __future__ import annotations

import msgspec

from reference_server.watched import Watched
from spiceproto.enums.cursor import CursorType

__all__ = ["Cursor", "Hidden", "Moved", "Shape", "Shaped", "Trailed"]


class Shape(msgspec.Struct, frozen=True):
    """What the pointer looks like.

    * ``data``: its pixels, as :mod:`spiceproto.canvas.cursor` says for each type
    * ``unique``: a number under which clients may keep it; 0 for none. Another shape has another number
    """

    type: CursorType
    width: int
    height: int
    hot_spot: tuple[int, int]
    data: bytes
    unique: int = 0


class Shaped(msgspec.Struct, frozen=True):
    """It has another shape, or none."""


class Moved(msgspec.Struct, frozen=True):
    """It is somewhere else, and seen."""


class Hidden(msgspec.Struct, frozen=True):
    """It is not seen."""


class Trailed(msgspec.Struct, frozen=True):
    """It leaves another trail."""


class Cursor(Watched):
    """The pointer of one display. Tells :class:`Shaped`, :class:`Moved`, :class:`Hidden` and :class:`Trailed`.

    * ``shape``: None for none
    * ``x``, ``y``: where its hot spot is
    * ``visible``: whether it is seen
    * ``trail``: how many shapes follow it, and the milliseconds between them
    """

    def __init__(self) -> None:
        super().__init__()
        self.shape: Shape | None = None
        self.x = self.y = 0
        self.visible = True
        self.trail = (0, 0)

    def set(self, shape: Shape | None) -> None:
        """Have another shape, and be seen."""
        self.shape = shape
        self.visible = True
        self.tell(Shaped())

    def move(self, x: int, y: int) -> None:
        """Be somewhere else, and be seen."""
        if (x, y, True) != (self.x, self.y, self.visible):
            self.x, self.y = x, y
            self.visible = True
            self.tell(Moved())

    def hide(self) -> None:
        """Be not seen, until it is moved or has another shape."""
        if self.visible:
            self.visible = False
            self.tell(Hidden())

    def set_trail(self, length: int, frequency: int) -> None:
        """Leave a trail of so many shapes, so many milliseconds apart."""
        self.trail = (length, frequency)
        self.tell(Trailed())
