"""Faults of the shapes that a client keeps (spec/09-cursor.md); that INIT comes first has its faults in main."""

from __future__ import annotations

from reference_server.channels.cursor import CursorChannel
from reference_server.faults.fault import fault
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16


def _set(unique: int, flags: CursorFlags) -> cursor.Set:
    header = cursor.CursorHeader(unique=unique, type=CursorType.ALPHA, width=1, height=1, hot_spot_x=0, hot_spot_y=0)
    data = b"" if flags & CursorFlags.FROM_CACHE else bytes(4)
    return cursor.Set(Point16(0, 0), 1, cursor.Cursor(flags, header, data))


@fault("shape-that-was-never-sent", "SPICE-CURSOR-006")
class ShapeThatWasNeverSent(CursorChannel):
    """Shows a shape from the cache that the client never had."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(_set(7, CursorFlags.FROM_CACHE))


@fault("shape-that-was-dropped", "SPICE-CURSOR-006")
class ShapeThatWasDropped(CursorChannel):
    """Shows a shape from the cache behind INVAL_ONE."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(_set(7, CursorFlags.CACHE_ME), cursor.InvalOne(7), _set(7, CursorFlags.FROM_CACHE))


@fault("shape-of-another-cache", "SPICE-CURSOR-006")
class ShapeOfAnotherCache(CursorChannel):
    """Believes that INIT leaves the cache as it was."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(_set(7, CursorFlags.CACHE_ME), self.init(), _set(7, CursorFlags.FROM_CACHE))


@fault("too-many-shapes", "SPICE-CURSOR-009")
class TooManyShapes(CursorChannel):
    """Has the client keep 513 shapes."""

    def start(self, now: float) -> None:
        super().start(now)
        self.send(*[_set(number, CursorFlags.CACHE_ME) for number in range(1, 514)])
