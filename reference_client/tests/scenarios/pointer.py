"""Faults of the pointer (spec/09-cursor.md): what is shown of it is not what was said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from reference_client.picture import with_pointer
from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import session
from spiceproto.canvas.cursor import Pointer
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.enums.display import SurfaceFlags, SurfaceFmt
from spiceproto.enums.link import ChannelType
from spiceproto.messages import cursor, display
from spiceproto.messages.geometry import Point16

_SIDE = 32


def _shape(kind: CursorType, data: bytes, *, flags: int = 0, unique: int = 7, width: int = 4, height: int = 4) -> Any:
    header = cursor.CursorHeader(unique=unique, type=kind, width=width, height=height, hot_spot_x=0, hot_spot_y=0)
    return cursor.Cursor(CursorFlags(flags), header, data)


def _set(shape: cursor.Cursor, x: int = 5, y: int = 6) -> cursor.Set:
    return cursor.Set(Point16(x, y), 1, shape)


def _init(shape: cursor.Cursor) -> cursor.Init:
    return cursor.Init(position=Point16(3, 4), trail_length=0, trail_frequency=0, visible=1, cursor=shape)


_ONE = bytes(range(60, 124))
_ALPHA = CursorType.ALPHA
_KEEP, _AGAIN = CursorFlags.CACHE_ME, CursorFlags.FROM_CACHE
_NONE = cursor.Cursor(CursorFlags.NONE, None, b"")
_SEEN = _set(_shape(_ALPHA, b"\x40\x50\x60\xff" * 16))
_KEPT = _set(_shape(_ALPHA, b"\x40\x50\x60\xff" * 16, flags=_KEEP))
_TAKEN = _set(_shape(_ALPHA, b"", flags=_AGAIN))
_MOVED = cursor.Move(Point16(10, 12))


def _shows(values: tuple[Any, ...], make: Make) -> bool:
    """Whether the client shows the pointer as it is after these, and goes on."""
    server = session(make(canvas=True))
    made = display.SurfaceCreate(
        surface_id=0, width=_SIDE, height=_SIDE, format=SurfaceFmt._32_xRGB, flags=SurfaceFlags.PRIMARY
    )
    server.line(ChannelType.DISPLAY).send(made)
    pointer = Pointer()
    for value in values:
        server.line(ChannelType.CURSOR).send(value)
        pointer.handle(value)
    if not alive(server):
        return False
    shown = server.client.displays[0]
    assert shown.canvas is not None and shown.canvas.primary is not None
    wanted = shown.canvas.picture()
    if pointer.visible and pointer.shape is not None:
        wanted = with_pointer(shown.canvas.primary, pointer, pointer.x, pointer.y)
    return np.array_equal(shown.picture(cursor=True), wanted)


def _pointed(*values: Any) -> Callable[[Make], bool]:
    return partial(_shows, (_init(_NONE), *values))


_HALVES = bytes(range(1, 7)) + np.arange(16, dtype="<u4").tobytes() + b"\x40\x20\x60"
_MASKED = b"\x10\x20\x30\x00" * 8 + b"\xff\xff\xff\x00" * 8 + b"\xa0\x50\xf0\x30"

SCENARIOS: dict[str, Callable[[Make], bool]] = {
    "shapes-kept-over-init": _pointed(_KEPT, _init(_TAKEN.cursor), _MOVED),
    "shapes-kept-over-reset": _pointed(_KEPT, cursor.Reset(), _TAKEN),
    "pointer-gone-with-the-cache": _pointed(_KEPT, cursor.InvalAll()),
    "keeps-every-shape": _pointed(_SEEN, _TAKEN),
    "place-of-set-ignored": _pointed(_MOVED, _SEEN),
    "cursor-init-ignored": partial(_shows, (_init(_SEEN.cursor),)),
    "move-does-not-show": _pointed(_SEEN, cursor.Hide(), _MOVED),
    "hide-ignored": _pointed(_SEEN, cursor.Hide()),
    "header-of-a-kept-shape-counts": _pointed(_KEPT, _set(_shape(CursorType.MONO, b"", flags=_AGAIN))),
    "mask-before-the-colours": _pointed(_set(_shape(CursorType.COLOR4, _HALVES, width=3, height=3))),
    "masked-white-is-opaque": _pointed(_set(_shape(CursorType.COLOR32, _MASKED))),
    "and-and-xor-exchanged": _pointed(_set(_shape(CursorType.MONO, b"\x30\x30\xc0\xc0\x50\x50\xa0\xa0"))),
    "shapes-multiplied-again": _pointed(_set(_shape(_ALPHA, b"\x20\x30\x40\x80" * 16))),
    "sizes-of-shapes-wrap": _pointed(_set(_shape(_ALPHA, _ONE, width=32768, height=32768))),
}
