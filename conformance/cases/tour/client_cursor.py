"""What the tour says on a cursor channel: shapes of several kinds, one of them kept, and a pointer that moves and hides."""

from __future__ import annotations

from typing import Final

from conformance.as_server import SuiteServer
from conformance.talk import Talk
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

__all__ = ["show_pointer"]

_SIDE: Final = 16
_PIXELS: Final = _SIDE * _SIDE
_KEY: Final = 0x5EED
_PLACE: Final = Point16(20, 30)
_KINDS: Final = (
    (CursorType.ALPHA, 4 * _PIXELS),
    (CursorType.MONO, 2 * _PIXELS // 8),
    (CursorType.COLOR32, 4 * _PIXELS + _PIXELS // 8),
)
"""Kind of pixels to the bytes of a shape."""


def _header(kind: CursorType, unique: int) -> cursor.CursorHeader:
    return cursor.CursorHeader(unique=unique, type=kind, width=_SIDE, height=_SIDE, hot_spot_x=2, hot_spot_y=3)


def _shape(kind: CursorType, size: int, *, key: int = 0) -> cursor.Cursor:
    flags = CursorFlags.CACHE_ME if key else CursorFlags(0)
    return cursor.Cursor(flags, _header(kind, key), b"\xff" * size)


def show_pointer(server: SuiteServer, talk: Talk) -> None:
    """Shapes, movements, and the end of the cache."""
    for kind, size in _KINDS:
        talk.send(cursor.Set(_PLACE, 1, _shape(kind, size)), text=f"SET {kind.name}")
    talk.send(
        cursor.Set(_PLACE, 1, _shape(*_KINDS[0], key=_KEY)),
        cursor.Move(Point16(21, 31)),
        cursor.Hide(),
        cursor.Set(_PLACE, 1, cursor.Cursor(CursorFlags.FROM_CACHE, _header(CursorType.ALPHA, _KEY), b"")),
        cursor.Set(_PLACE, 1, cursor.Cursor(CursorFlags.NONE, None, b"")),
        cursor.InvalOne(_KEY),
        cursor.InvalAll(),
    )
    server.alive(talk, "everything that it was told is legal")
