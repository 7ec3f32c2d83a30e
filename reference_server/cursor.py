"""A cursor channel: it says that there is no shape, and listens. Shapes have their place here later."""

from __future__ import annotations

from reference_server.member import Member
from spiceproto.enums.cursor import CursorFlags
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

__all__ = ["CursorMember"]


class CursorMember(Member):
    """The pointer of one display."""

    table = "cursor"

    def begin(self, now: float) -> None:
        self.server.set_ack(self)
        self.send(self.init())

    def init(self) -> cursor.Init:
        """INIT as it is now."""
        return cursor.Init(Point16(0, 0), 0, 0, 1, cursor.Cursor(CursorFlags.NONE, None, b""))
