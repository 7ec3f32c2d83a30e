"""Commands that wait for one client: in order, without those of which nothing would be seen.

A command that covers a box takes away the ones before it that drew inside of that box on the same surface, but for what
something between them takes from that surface. So a client that is slow gets less, and what it gets is up to date.

A guest that draws hundreds of small pictures at once has all of them here. So what waits is filed by the square of the screen
in which its box begins: a small command looks at few squares, and at nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import msgspec

from reference_server.channels.display.stream import Frame
from reference_server.guest.command import Command, covered, is_inside, sources
from spiceproto.image_places import images
from spiceproto.messages.geometry import Rect
from spiceproto.messages.image import BitmapData

__all__ = ["Drawing", "Pipe", "drawing_of"]

_ANY_COMMAND = 256
"""Bytes that a command is taken for besides its images."""

_SHIFT: Final = 6
"""Squares have sides of 64 pixels."""

_Square = tuple[int | None, int, int]
"""Surface, column, row."""


_NONE: Final[frozenset[int]] = frozenset()


class Drawing(msgspec.Struct, frozen=True):
    """A command that waits.

    * ``surface``: what it draws on, with ``box``; None for what does not draw
    * ``sources``: surfaces that have to be as they are when it comes to them
    * ``size``: about how many bytes it takes
    * ``whole``: it is a surface's picture and not the guest's drawing
    * ``body``: the bitmap of a command that puts all of it somewhere (:class:`reference_server.guest.screen.Pushed`)
    * ``frame``: it is a frame of this stream
    """

    command: Command
    surface: int | None
    box: Rect | None
    sources: frozenset[int]
    size: int
    whole: bool
    body: BitmapData | None = None
    frame: Frame | None = None


def drawing_of(command: Command, *, whole: bool = False, body: BitmapData | None = None) -> Drawing:
    """A command, with what has to be known of it; ``body`` is what :class:`reference_server.guest.screen.Pushed` says of it."""
    if body is not None:
        base = command.base
        return Drawing(command, base.surface_id, base.box, _NONE, _ANY_COMMAND + len(body.data), whole, body)
    base = getattr(command, "base", None)
    size = _ANY_COMMAND
    found = images(command)
    for image in found:
        if image.bitmap is not None:
            size += len(image.bitmap.data)
    return Drawing(
        command=command,
        surface=None if base is None else base.surface_id,
        box=None if base is None else base.box,
        sources=sources(command, found),
        size=size,
        whole=whole,
    )


class Pipe:
    """``waiting`` has what waits, by number, and ``size`` is about how many bytes that is."""

    def __init__(self) -> None:
        self.size = 0
        self._count = 0
        self.waiting: OrderedDict[int, Drawing] = OrderedDict()
        self._squares: dict[_Square, list[int]] = {}
        self._needed: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.waiting)

    def add(self, command: Command, *, whole: bool = False) -> int:
        """Have a command wait behind the others, as far as they do not vanish behind it; the number that it has here."""
        return self.put(drawing_of(command, whole=whole))

    def put(self, drawing: Drawing) -> int:
        """The same, for who knows more of the command already."""
        box = drawing.box
        square = None if box is None else (drawing.surface, box.left >> _SHIFT, box.top >> _SHIFT)
        if self.waiting:
            hides = box if drawing.body is not None else covered(drawing.command)
            if hides is not None and square is not None and (square in self._squares or not _is_in_one(hides)):
                self._drop(drawing.surface, hides)
        self._count = number = self._count + 1
        self.waiting[number] = drawing
        self.size += drawing.size
        for surface in drawing.sources:
            self._needed[surface] = number
        if square is not None:
            numbers = self._squares.get(square)
            if numbers is None:
                self._squares[square] = [number]
            else:
                numbers.append(number)
        return number

    def discard(self, number: int | None) -> None:
        """Let go of what has this number, if it still waits."""
        drawing = None if number is None else self.waiting.pop(number, None)
        if number is not None and drawing is not None:
            self._forget(number, drawing)

    def _drop(self, surface: int | None, box: Rect) -> None:
        """Let go of what was drawn inside of a box since something was last taken from the surface."""
        last = -1 if surface is None else self._needed.get(surface, -1)
        for number in [number for number in self._inside(surface, box) if number > last]:
            drawing = self.waiting[number]
            if drawing.surface == surface and drawing.box is not None and is_inside(drawing.box, box):
                del self.waiting[number]
                self._forget(number, drawing)

    def _inside(self, surface: int | None, box: Rect) -> Iterator[int]:
        """The numbers of what may be inside of a box."""
        columns = range(box.left >> _SHIFT, (box.right - 1 >> _SHIFT) + 1)
        rows = range(box.top >> _SHIFT, (box.bottom - 1 >> _SHIFT) + 1)
        if len(columns) * len(rows) > len(self.waiting):
            yield from self.waiting
            return
        for row in rows:
            for column in columns:
                yield from self._squares.get((surface, column, row), ())

    def _forget(self, number: int, drawing: Drawing) -> None:
        self.size -= drawing.size
        if drawing.box is not None:
            square = (drawing.surface, drawing.box.left >> _SHIFT, drawing.box.top >> _SHIFT)
            numbers = self._squares[square]
            numbers.remove(number)
            if not numbers:
                del self._squares[square]

    def take(self) -> Drawing:
        """The next one."""
        number, drawing = self.waiting.popitem(last=False)
        self._forget(number, drawing)
        return drawing

    def clear(self) -> None:
        """Forget what waits."""
        self.waiting.clear()
        self._squares.clear()
        self._needed.clear()
        self.size = 0


def _is_in_one(box: Rect) -> bool:
    """Whether a box is inside of one square."""
    return box.left >> _SHIFT == box.right - 1 >> _SHIFT and box.top >> _SHIFT == box.bottom - 1 >> _SHIFT
