"""The pointer that a display shows: its shape, where it is, and whether it is seen."""

from __future__ import annotations

from typing import Final

import msgspec

from reference_server.guest.value import integer
from reference_server.watched import Watched
from spiceproto.enums.cursor import CursorType
from spiceproto.size_limits import POINTER

__all__ = ["Cursor", "Hidden", "Moved", "Shape", "Shaped", "Trailed"]


_UINT16: Final = (0, 0xFFFF)
_INT32: Final = (-0x80000000, 0x7FFFFFFF)
_UINT64: Final = (0, 0xFFFF_FFFF_FFFF_FFFF)

_LARGEST: Final = POINTER.size - 64
"""Bytes of a shape that clients have to take, without what is before them in a message."""

_PALETTES: Final = {CursorType.COLOR4: 64, CursorType.COLOR8: 1024}
_BITS: Final = {
    CursorType.ALPHA: 32,
    CursorType.MONO: 1,
    CursorType.COLOR4: 4,
    CursorType.COLOR8: 8,
    CursorType.COLOR16: 16,
    CursorType.COLOR24: 24,
    CursorType.COLOR32: 32,
}
"""Of a pixel. All but ALPHA have a second plane of one bit a pixel."""


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

    def check(self) -> None:
        """Raises ValueError for what no message says, and for data that are too short."""
        integer("the width of a shape", self.width, *_UINT16)
        integer("the height of a shape", self.height, *_UINT16)
        integer("the number of a shape", self.unique, *_UINT64)
        for part in _pair("hot_spot", self.hot_spot):
            integer("hot_spot", part, *_UINT16)
        if self.type not in _BITS:
            raise ValueError(f"a shape has a type of CursorType, not {self.type!r}")
        if not isinstance(self.data, bytes):
            raise ValueError(f"data of a shape are bytes, not {type(self.data).__name__}")
        row = -(-_BITS[self.type] * self.width // 8) + (0 if self.type == CursorType.ALPHA else -(-self.width // 8))
        least = row * self.height + _PALETTES.get(self.type, 0)
        if not least <= len(self.data) <= _LARGEST:
            what = f"{self.type.name} of {self.width} x {self.height}"
            raise ValueError(f"a shape {what} has {least} bytes, and none more than {_LARGEST}, not {len(self.data)}")


def _pair(name: str, found: object) -> tuple[object, object]:
    if not isinstance(found, tuple) or len(found) != 2:
        raise ValueError(f"{name} is a pair, not {found!r:.40}")
    return found


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
        """Have another shape, and be seen. Raises ValueError for one that can not be."""
        if shape is not None:
            if not isinstance(shape, Shape):
                raise ValueError(f"a pointer has a Shape or None, not {type(shape).__name__}")
            shape.check()
        self.shape = shape
        self.visible = True
        self.tell(Shaped())

    def move(self, x: int, y: int) -> None:
        """Be somewhere else, and be seen. Raises ValueError for what is no place."""
        integer("x of a pointer", x, *_INT32)
        integer("y of a pointer", y, *_INT32)
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
        """Leave a trail of so many shapes, so many milliseconds apart. Raises ValueError for what has no 16 bits."""
        integer("the length of a trail", length, *_UINT16)
        integer("the frequency of a trail", frequency, *_UINT16)
        self.trail = (length, frequency)
        self.tell(Trailed())
