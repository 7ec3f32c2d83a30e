"""A cursor channel: the shape of one display's pointer, and where it is.

Shapes are said in both mouse modes. In mode CLIENT the client knows best where the pointer is, so movements are said there
only where they make it visible. What changes while the client has to acknowledge is said once, as it is then.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from reference_server.channels.base import ServerChannel
from reference_server.guest import Cursor, Hidden, Moved, Shaped, Trailed
from reference_server.host import Host
from reference_server.line import Line
from reference_server.pointing import ModesChanged
from reference_server.session import Session
from spiceproto.enums.cursor import CursorFlags
from spiceproto.enums.main import MouseMode
from spiceproto.link.events import Established
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

__all__ = ["CursorChannel"]

_SHAPES: Final = 256
"""Shapes that a client keeps, as with libspice-server."""

_NO_SHAPE: Final = cursor.Cursor(CursorFlags.NONE, None, b"")
_SIDE: Final = 0x7FFF
"""Largest coordinate."""


class CursorChannel(ServerChannel):
    """The pointer of one display.

    * ``kept``: numbers of the shapes that the client has, the one that was not used for the longest time first
    """

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.kept: OrderedDict[int, None] = OrderedDict()
        self._late: set[type] = set()
        self._seen = True

    @property
    def pointer(self) -> Cursor:
        """What is shown."""
        return self.host.guest.cursors[self.id]

    def start(self, now: float) -> None:
        self.line.set_ack()
        self.watch(self.pointer, self._changed, Shaped, Moved, Hidden, Trailed)
        self.watch(self.host.modes, self._modes_changed, ModesChanged)
        self.send(self.init())

    def go_on(self, data: Any, now: float) -> None:
        """The client goes on without INIT (SPICE-MIG-046): which shapes it has from the source is not known here."""
        self.line.set_ack()
        self.watch(self.pointer, self._changed, Shaped, Moved, Hidden, Trailed)
        self.watch(self.host.modes, self._modes_changed, ModesChanged)
        self.send(cursor.InvalAll())
        self._say({Shaped, Trailed})

    def init(self) -> cursor.Init:
        """INIT as it is now; the client forgets all shapes with it."""
        self.kept.clear()
        shown = self.pointer
        self._seen = shown.visible
        return cursor.Init(
            position=self._position(),
            trail_length=shown.trail[0],
            trail_frequency=shown.trail[1],
            visible=int(shown.visible),
            cursor=self._shape(),
        )

    def _position(self) -> Point16:
        shown = self.pointer
        return Point16(max(min(shown.x, _SIDE), -_SIDE), max(min(shown.y, _SIDE), -_SIDE))

    def _shape(self) -> cursor.Cursor:
        """The shape, or the number under which the client has it."""
        shape = self.pointer.shape
        if shape is None:
            return _NO_SHAPE
        header = cursor.CursorHeader(
            unique=shape.unique,
            type=shape.type,
            width=shape.width,
            height=shape.height,
            hot_spot_x=shape.hot_spot[0],
            hot_spot_y=shape.hot_spot[1],
        )
        if not shape.unique:
            return cursor.Cursor(CursorFlags(0), header, shape.data)
        if shape.unique in self.kept:
            self.kept.move_to_end(shape.unique)
            return cursor.Cursor(CursorFlags.FROM_CACHE, header, b"")
        if len(self.kept) >= _SHAPES:
            oldest, _ = self.kept.popitem(last=False)
            self.send(cursor.InvalOne(oldest))
        self.kept[shape.unique] = None
        return cursor.Cursor(CursorFlags.CACHE_ME, header, shape.data)

    # -- what happens

    def _changed(self, news: Any) -> None:
        if self.line.free:
            self._say({type(news)})
        else:
            self._late.add(type(news))

    def ready(self) -> None:
        late, self._late = self._late, set()
        if late:
            self._say(late)

    def _say(self, news: set[type]) -> None:
        shown = self.pointer
        if Trailed in news:
            self.send(cursor.Trail(length=shown.trail[0], frequency=shown.trail[1]))
        if Shaped in news:
            self.send(cursor.Set(self._position(), int(shown.visible), self._shape()))
        elif Moved in news and shown.visible and (self.host.modes.mode == MouseMode.SERVER or not self._seen):
            self.send(cursor.Move(self._position()))
        if not shown.visible and (self._seen or Shaped in news):
            # Clients show a shape that is set, whatever its message says.
            self.send(cursor.Hide())
        self._seen = shown.visible

    def _modes_changed(self, news: ModesChanged) -> None:
        if self.host.modes.mode == MouseMode.SERVER and self.pointer.shape is not None and self.pointer.visible:
            self._changed(Moved())
