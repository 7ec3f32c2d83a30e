"""Where a picture of the gallery hangs: squares of one size, row by row."""

from __future__ import annotations

from typing import Final, NamedTuple

from reference_server.guest.image import NO_CLIP
from spiceproto.messages.draw import Clip, DisplayBase
from spiceproto.messages.geometry import Rect

__all__ = ["SIDE", "SIZE", "Tile", "rect"]

SIDE: Final = 40
"""Side of a tile."""

SIZE: Final = (640, 480)
"""Width and height of the wall."""


def rect(left: int, top: int, width: int, height: int) -> Rect:
    """A rectangle."""
    return Rect(top=top, left=left, bottom=top + height, right=left + width)


class Tile(NamedTuple):
    """One place: its top left corner, and the surface that it is on."""

    left: int
    top: int
    surface: int = 0

    @property
    def box(self) -> Rect:
        """What is drawn in, with a frame of three pixels left around it."""
        return self.part(3, 3, SIDE - 6, SIDE - 6)

    def part(self, left: int, top: int, width: int, height: int) -> Rect:
        """A part of it."""
        return rect(self.left + left, self.top + top, width, height)

    def base(self, box: Rect | None = None, clip: Clip = NO_CLIP) -> DisplayBase:
        """The beginning of a command that draws in it."""
        return DisplayBase(self.surface, self.box if box is None else box, clip)


def tiles() -> list[Tile]:
    """All places, row by row."""
    return [Tile(left, top) for top in range(0, SIZE[1], SIDE) for left in range(0, SIZE[0], SIDE)]
