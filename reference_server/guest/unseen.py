"""What a guest has drawn, and nobody has looked at yet: it is carried out when somebody does.

Guests put most of what they show where it was shown before, or move all of it, and clients get that from the guest's own
bytes. So what waits here often vanishes undrawn: behind another bitmap for the same box, or one for the whole surface. What
waits is bounded by twice the pixels of a surface and by :data:`_COMMANDS`; beyond that it is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from spiceproto.messages import display
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BitmapData

__all__ = ["Unseen"]

_TIMES: Final = 2
"""As many pixels as the surface has may wait so often: the whole of it, and what is put on that."""

_COMMANDS: Final = 1024
"""Commands that wait at most, as many as with libspice-server."""

_Key = tuple[int, int, int, int, int, int]
"""Surface; how many parts of surfaces were moved before; left, top, right and bottom of the box."""


class Unseen:
    """``waiting``: what is to be done, in this order: a bitmap and the ``uint32 (h, w)`` that it is put on, or a command."""

    def __init__(self) -> None:
        self.waiting: dict[_Key, tuple[Any, BitmapData] | display.CopyBits] = {}
        self._pixels = 0
        self._moves = 0

    def put(self, surface_id: int, box: Rect, pixels: Any, body: BitmapData) -> bool:
        """A bitmap of 32BIT without padding covers a box, which is inside of the surface. Whether too much waits now."""
        key = (surface_id, self._moves, box.left, box.top, box.right, box.bottom)
        waiting = self.waiting
        size = body.x * body.y
        if waiting.pop(key, None) is None:
            if size == pixels.size:
                self._forget(surface_id)
            self._pixels += size
        waiting[key] = (pixels, body)
        return self._pixels > _TIMES * pixels.size or len(waiting) > _COMMANDS

    def move(self, command: display.CopyBits) -> bool:
        """A part of a surface that is there goes somewhere else. Whether too much waits now."""
        self._moves += 1
        self.waiting[command.base.surface_id, self._moves, 0, 0, 0, 0] = command
        return len(self.waiting) > _COMMANDS

    def _forget(self, surface_id: int) -> None:
        """What waits for a surface is covered."""
        for key in [key for key in self.waiting if key[0] == surface_id]:
            found = self.waiting.pop(key)
            if isinstance(found, tuple):
                self._pixels -= found[1].x * found[1].y

    def draw(self, carry_out: Callable[[display.CopyBits], None]) -> None:
        """Do what waits; ``carry_out`` is for commands."""
        waiting, self.waiting, self._pixels = self.waiting, {}, 0
        for (_, _, left, top, right, bottom), found in waiting.items():
            if isinstance(found, tuple):
                pixels, body = found
                rows: Any = np.frombuffer(body.data, "<u4").reshape(body.y, body.x)
                pixels[top:bottom, left:right] = rows if body.flags else rows[::-1]
            else:
                carry_out(found)
