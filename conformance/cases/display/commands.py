"""Which draw command was the last over a pixel, so that a wrong pixel leads to the message that drew it.

Over a pixel is a command whose box has it, and whose clip. Masks are not asked, nor how far lines and letters reach: a command
that left a pixel as it was may be named all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from spiceproto.canvas.region import Box
from spiceproto.enums.display import ClipType
from spiceproto.errors import SpiceError
from spiceproto.messages import display
from spiceproto.messages.draw import Clip, DisplayBase
from spiceproto.messages.geometry import Rect

if TYPE_CHECKING:
    from spiceproto.canvas.display import Display

__all__ = ["Commands"]


class _Command(NamedTuple):
    """``source`` is what is copied, and the column and row of it that meet the corner of the box; None where that is scaled."""

    number: int
    name: str
    base: DisplayBase
    source: tuple[str, int, int] | None
    value: Any
    drawn: bool

    def covers(self, surface: int, x: int, y: int) -> bool:
        if self.base.surface_id != surface or not _inside(self.base.box, x, y):
            return False
        clip = self.base.clip
        return clip.type != ClipType.RECTS or any(_inside(rect, x, y) for rect in clip.rects.rects) if clip.rects else True


class Commands:
    """The draw commands of one display channel, in order.

    ``display`` is the canvas that draws the same; it knows where frames of video go.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self._all: list[_Command] = []
        self._count = 0

    def add(self, name: str, value: Any, *, drawn: bool = True) -> None:
        """A message was sent; it is none of these if it draws nothing. Not ``drawn``: the canvas leaves it out.

        A value is kept only where it was not drawn, so that :meth:`catch_up` finds it.
        """
        if isinstance(value, display.SurfaceCreate):
            self._all = [command for command in self._all if command.base.surface_id != value.surface_id]
        base = self._base(value)
        if base is not None:
            self._count += 1
            self._all.append(_Command(self._count, name, base, _source(value), None if drawn else value, drawn))

    def add_raw(self, name: str, body: bytes) -> None:
        """A draw command in bytes: what nobody can read is over the box that stands at its beginning."""
        if len(body) >= 20:
            surface, top, left, bottom, right = [
                int.from_bytes(body[at : at + 4], "little", signed=at > 0) for at in range(0, 20, 4)
            ]
            base = DisplayBase(surface, Rect(top=top, left=left, bottom=bottom, right=right), Clip(ClipType.NONE))
            self._count += 1
            self._all.append(_Command(self._count, name, base, None, None, True))

    def catch_up(self, value: Any) -> None:
        """A message that was left out is drawn by now."""
        self._all = [
            command._replace(drawn=True, value=None) if command.value is value and value is not None else command
            for command in self._all
        ]

    def over(self, surface: int, x: int, y: int) -> str:
        """The last one over a pixel of a surface that is shown, in words; "" for none."""
        found = [command for command in self._all if command.covers(surface, x, y)]
        if not found:
            return ""
        said = f"pixel {x}, {y} of the screen: last under {self._said(found[-1], x, y)}"
        if found[-1].drawn:
            return said
        before = next((command for command in reversed(found) if command.drawn), None)
        return f"{said}, of which nothing is to be seen" + ("" if before is None else f"; before it {self._said(before, x, y)}")

    def _said(self, command: _Command, x: int, y: int) -> str:
        box = command.base.box
        said = f"{command.name}, draw command {command.number} of {self._count}"
        said += f", box left {box.left}, top {box.top}, right {box.right}, bottom {box.bottom}"
        if command.source is None:
            return said
        what, column, row = command.source
        return f"{said}, which has pixel {column + x - box.left}, {row + y - box.top} of {what} there"

    def _base(self, value: Any) -> DisplayBase | None:
        if isinstance(value, display.StreamData | display.StreamDataSized):
            try:
                stream = self._display.streams[value.base.id]
            except SpiceError:
                return None
            dest = value.dest if isinstance(value, display.StreamDataSized) else stream.dest
            return DisplayBase(stream.surface_id, dest, stream.clip)
        base = getattr(value, "base", None)
        return base if isinstance(base, DisplayBase) else None


def _inside(rect: Rect, x: int, y: int) -> bool:
    return rect.left <= x < rect.right and rect.top <= y < rect.bottom


def _source(value: Any) -> tuple[str, int, int] | None:
    """What a command copies pixel by pixel, and its column and row at the corner of the box."""
    if isinstance(value, display.CopyBits):
        return "the same surface", value.src_pos.x, value.src_pos.y
    data = getattr(value, "data", None)
    image, area = getattr(data, "src_bitmap", None), getattr(data, "src_area", None)
    if image is None or area is None:
        return None
    part, box = Box.of(area), Box.of(value.base.box)
    if (part.width, part.height) != (box.width, box.height):
        return None
    what = "its image" if image.surface is None else f"surface {image.surface.surface_id}"
    return what, part.left, part.top
