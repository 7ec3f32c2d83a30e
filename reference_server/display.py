"""A display channel: the guest's picture, sent without compression.

Nothing is said before the client's INIT, for which there is a time. Then come the surface, all of the picture, and what
has changed since; parts that change are sent as they are when the change is told.

Later have their place here: compression, caches, streams, and what the client prefers of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from reference_server.guest import Box, Picture
from reference_server.member import Handlers, Member, Session
from spiceproto.enums.capabilities import DisplayCapability
from spiceproto.enums.display import ClipType, ImageScaleMode, MaskFlags, Ropd, SurfaceFlags, SurfaceFmt
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType
from spiceproto.link.events import Established
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, Copy, DisplayBase, QMask
from spiceproto.messages.geometry import Point, Rect
from spiceproto.messages.image import BitmapData, Image, ImageDescriptor
from spiceproto.transport import Connection

if TYPE_CHECKING:
    from reference_server.server import Server

__all__ = ["DisplayMember", "draw_copy"]

_PRIMARY = 0


def draw_copy(part: Picture, left: int, top: int, number: int) -> display.DrawCopy:
    """DRAW_COPY that puts ``part`` on the primary surface. ``number`` is that of the image, which is not cached."""
    height, width = part.shape[:2]
    rows = np.ascontiguousarray(part).tobytes()
    bitmap = BitmapData(BitmapFmt._32BIT, BitmapFlags.TOP_DOWN, width, height, width * 4, None, None, rows)
    image = Image(ImageDescriptor(number, ImageType.BITMAP, ImageFlags(0), width, height), bitmap=bitmap)
    base = DisplayBase(_PRIMARY, Rect(top, left, top + height, left + width), Clip(ClipType.NONE))
    mask = QMask(MaskFlags(0), Point(0, 0))
    return display.DrawCopy(base, Copy(image, Rect(0, 0, height, width), Ropd.OP_PUT, ImageScaleMode.INTERPOLATE, mask))


class DisplayMember(Member):
    """Shows one display of the guest."""

    table = "display"

    def __init__(self, server: Server, connection: Connection, session: Session, established: Established) -> None:
        super().__init__(server, connection, session, established)
        self.begun = False
        self._deadline: float | None = None
        self._images = 0

    def begin(self, now: float) -> None:
        main = self.session.main
        if main is None or not main.arriving:
            # A client that brings a session from another server says INIT once it is here.
            self._deadline = now + self.server.options.display_init_timeout

    @property
    def deadline(self) -> float | None:
        return self._deadline

    def tick(self, now: float) -> None:
        if self._deadline is not None and now >= self._deadline:
            self.server.drop(self, "INIT of the display channel did not come")

    def _init(self, value: display.Init, now: float) -> None:
        if self.begun:
            return
        self.begun = True
        self._deadline = None
        self.server.set_ack(self)
        self.send(display.InvalAllPalettes())
        self.show()

    def show(self) -> None:
        """The primary surface and all that is on it."""
        screen = self.server.guest.screen(self.key[1])
        height, width = screen.shape[:2]
        self.send(
            display.SurfaceCreate(_PRIMARY, width, height, SurfaceFmt._32_xRGB, SurfaceFlags.PRIMARY),
            self.copy(screen, Box(0, 0, width, height)),
        )
        if self.client_has(DisplayCapability.MONITORS_CONFIG):
            self.send(display.MonitorsConfig(1, (display.Head(0, _PRIMARY, width, height, 0, 0, 0),)))
        self.send(display.Mark())

    def copy(self, screen: Picture, box: Box) -> Any:
        """What draws a part of the picture."""
        self._images += 1
        return draw_copy(screen[box.top : box.bottom, box.left : box.right], box.left, box.top, self._images)

    def drawn(self, box: Box) -> None:
        """The guest has drawn."""
        if self.begun:
            self.send(self.copy(self.server.guest.screen(self.key[1]), box))

    def resized(self) -> None:
        """The guest shows a picture of another size."""
        if self.begun:
            self.send(display.SurfaceDestroy(_PRIMARY))
            self.show()

    handlers: ClassVar[Handlers] = {display.Init: _init}
