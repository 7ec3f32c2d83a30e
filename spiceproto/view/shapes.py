"""The shapes of the pointer: each as a picture once, and which one it was from which message on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto import png
from spiceproto.canvas.cursor import Pointer, Shape
from spiceproto.capture.conversation import Conversation
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.view.panes import Pane, Spot

__all__ = ["Shapes"]

_SHAPES: Final = 500
"""Shapes that a page has."""

_BYTES: Final = 4 << 20
"""Of their pictures, and how large one may be in pixels."""
_PIXELS: Final = 1 << 18

_USES: Final = 20_000
"""Changes of the shape that a page has."""

_READ: Final = ("INIT", "RESET", "SET", "MOVE", "HIDE", "INVAL_ONE", "INVAL_ALL")
_CHANGES: Final = ("INIT", "RESET", "SET", "HIDE", "MOVE")


class Shapes(Pane):
    """``shapes`` of the page: ``[{png, width, height, x, y, type, row}]``, the hot spot in pixels from the left and the top.
    ``uses`` are ``[row, channel, shape]``: which is shown from a row on, -1 none."""

    name: ClassVar = "shapes"

    def __init__(self) -> None:
        super().__init__()
        self._pointers: dict[tuple[int, int], Pointer] = {}
        self._places: dict[tuple[bytes, int, int, int, int], int] = {}
        self._now: dict[tuple[int, int], int] = {}
        self._shapes: list[dict[str, Any]] = []
        self._uses: list[tuple[int, str, int, bool]] = []
        self._room = _BYTES
        self._left = 0

    def wanted(self, table: str, sender: str) -> Collection[str]:
        return _READ if (table, sender) == ("cursor", "server") else ()

    def message(self, conversation: Conversation, spot: Spot, name: str, value: Any, body: bytes) -> None:
        session = conversation.session.number if conversation.session is not None else 0
        key = session, conversation.channel_id
        pointer = self._pointers.setdefault(key, Pointer())
        pointer.handle(value)
        if name not in _CHANGES:
            return
        place = self._place(pointer.shape, spot.row) if pointer.visible and pointer.shape is not None else -1
        if name in ("MOVE", "HIDE") and place == self._now.get(key, -1):
            return
        self._now[key] = place
        if len(self._uses) >= _USES:
            self._left += 1
            return
        cursor = getattr(value, "cursor", None)
        cached = cursor is not None and bool(cursor.flags & CursorFlags.FROM_CACHE)
        self._uses.append((spot.row, f"session {session}, {conversation.place}", place, cached))

    def _place(self, shape: Shape, row: int) -> int:
        """The number of a shape; -1 where there is no room for it."""
        key = (shape.pixels.tobytes(), shape.width, shape.height, shape.hot_spot_x, shape.hot_spot_y)
        found = self._places.get(key)
        if found is not None:
            return found
        if not shape.pixels.size:
            return -1
        if len(self._shapes) >= _SHAPES or self._room <= 0 or shape.pixels.size > _PIXELS:
            self._left += 1
            return -1
        data = png.encode(_rgba(shape.pixels))
        self._room -= len(data)
        self.texts.append(b64encode(data).decode("ascii"))
        kind = CursorType._value2member_map_.get(shape.type)
        said: dict[str, Any] = {"width": shape.width, "height": shape.height, "x": shape.hot_spot_x, "y": shape.hot_spot_y}
        said |= {
            "row": row,
            "type": kind.name if kind is not None else f"type {shape.type}",
            "inverts": bool(shape.inverts.any()),
        }
        self._shapes.append(said)
        self._places[key] = len(self._shapes) - 1
        return len(self._shapes) - 1

    def as_values(self) -> dict[str, Any]:
        if self._left:
            self.said.append(f"{self._left} shapes of the pointer, or changes of it, are not in this page")
        return {"shapes": self._shapes, "uses": self._uses}


def _rgba(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """``uint8 (h, w, 4)`` of ``uint32 (h, w)`` 0xAARRGGBB; colours are no longer multiplied by alpha."""
    red, green, blue, alpha = [pixels >> np.uint32(shift) & np.uint32(0xFF) for shift in (16, 8, 0, 24)]
    whole = np.maximum(alpha, 1)
    colours = [np.minimum((colour * 255 + whole // 2) // whole, 255) for colour in (red, green, blue)]
    return np.stack([*colours, alpha], axis=2).astype(np.uint8)
