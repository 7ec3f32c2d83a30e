"""A desktop: what is typed appears, buttons paint where the pointer is, and the pointer moves.

A page for writing is in the upper half. Enter begins a line, and the page moves up when it is full; Backspace takes a letter
away. A button that is held draws a line after the pointer, each button in a colour of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from reference_server.guest import Button, Key, Motion, Position, Shape
from reference_server.guest.image import NO_CLIP, NO_MASK
from reference_server.guests.desktop.font import HEIGHT, WIDTH, glyph
from reference_server.guests.mouse import Mouse
from reference_server.guests.program import Program
from spiceproto.enums.cursor import CursorType
from spiceproto.enums.display import BrushType, LineFlags, PathFlags, Ropd, StringFlags
from spiceproto.messages import display
from spiceproto.messages.draw import Brush, DisplayBase, Fill, LineAttr, Path, PathSegment, String, Stroke, Text
from spiceproto.messages.geometry import Point, PointFix, Rect
from spiceproto.scan_codes import key_name

__all__ = ["Desktop", "desktop"]

_GROUND: Final = 0x205080
_PAPER: Final = 0xFFFFF4
_INK: Final = 0x101010
_PAINTS: Final = {1: 0xE03030, 2: 0x30C040, 3: 0xF0D030}
_OTHER_PAINT: Final = 0xC060D0
_DOT: Final = 4
_EDGE: Final = 8
_NAMED: Final = {"Space": " ", "KP*": "*", "KP+": "+", "KP-": "-", "KP.": ".", "KP/": "/"}
_ARROW: Final = ("1", "11", "111", "1111", "11111", "111111", "1111111", "11111111", "11111", "1101100", "1000110", "0000011")


def arrow() -> Shape:
    """The usual pointer: white, with a black shadow."""
    side = 16
    dots = np.zeros((side, side), np.uint8)
    for row, line in enumerate(_ARROW):
        dots[row, : len(line)] = [int(dot) for dot in line]
    shadow = np.zeros_like(dots)
    shadow[1:, 1:] = dots[:-1, :-1]
    pixels = np.where(dots, np.uint32(0xFFFFFFFF), np.where(shadow, np.uint32(0xFF000000), np.uint32(0)))
    data = pixels.astype("<u4").tobytes()
    return Shape(type=CursorType.ALPHA, width=side, height=side, hot_spot=(0, 0), data=data, unique=1)


def _solid(colour: int) -> Brush:
    return Brush(BrushType.SOLID, colour)


class Desktop:
    """``page`` is where letters stand, ``column`` and ``line`` where the next one does."""

    def __init__(self, program: Program) -> None:
        guest = self.guest = program.guest
        self.column, self.line = program.had("place", tuple[int, int], (0, 0))
        width, height = guest.screens[0].size
        bottom, right = max(height // 2, _EDGE + HEIGHT), max(width - _EDGE, _EDGE + WIDTH)
        self.page = program.had("page", Rect, Rect(top=_EDGE, left=_EDGE, bottom=bottom, right=right))
        self._held: dict[int, None] = dict.fromkeys(program.had("held", tuple[int, ...], ()))
        self._at = program.had("at", tuple[int, int], (0, 0))
        program.keep("place", lambda: (self.column, self.line))
        program.keep("page", lambda: self.page)
        program.keep("held", lambda: tuple(self._held))
        program.keep("at", lambda: self._at)
        for number in range(program.displays if not program.resumed else 0):
            screen = guest.screens[number]
            whole = Rect(top=0, left=0, bottom=screen.size[1], right=screen.size[0])
            self._fill(number, whole, _GROUND)
            self._fill(number, self.page, _PAPER)
        self.mouse = Mouse(program)
        self.mouse.show(arrow())
        program.watch(guest.keyboard, self._key, Key)
        program.watch(guest.pointer, self._button, Button)
        program.watch(guest.pointer, self._moved, Motion, Position)

    def _fill(self, number: int, box: Rect, colour: int) -> None:
        base = DisplayBase(0, box, NO_CLIP)
        self.guest.screens[number].push(display.DrawFill(base, Fill(_solid(colour), Ropd.OP_PUT, NO_MASK)))

    # -- writing

    @property
    def columns(self) -> int:
        """Letters of a line."""
        return (self.page.right - self.page.left) // WIDTH

    @property
    def lines(self) -> int:
        """Lines of the page."""
        return (self.page.bottom - self.page.top) // HEIGHT

    def _key(self, news: Key) -> None:
        if not news.down:
            return
        name = key_name(int.from_bytes(bytes.fromhex(news.code), "little"))
        if name in ("Enter", "KPEnter"):
            self._break()
        elif name == "Backspace":
            self._erase()
        else:
            name = _NAMED.get(name, name.removeprefix("KP"))
            if len(name) == 1:
                self.write(name)

    def _place(self) -> Rect:
        left, top = self.page.left + self.column * WIDTH, self.page.top + self.line * HEIGHT
        return Rect(top=top, left=left, bottom=top + HEIGHT, right=left + WIDTH)

    def write(self, letter: str) -> None:
        """A letter at the end of what is written."""
        if self.column >= self.columns:
            self._break()
        place = self._place()
        text = Text(
            str=String(StringFlags.RASTER_A1, (glyph(letter, place.left, place.top + 1),)),
            back_area=place,
            fore_brush=_solid(_INK),
            back_brush=_solid(_PAPER),
            fore_mode=Ropd.OP_PUT,
            back_mode=Ropd.OP_PUT,
        )
        self.guest.screens[0].push(display.DrawText(DisplayBase(0, place, NO_CLIP), text))
        self.column += 1

    def _break(self) -> None:
        self.column = 0
        if self.line + 1 < self.lines:
            self.line += 1
            return
        page = self.page
        kept = Rect(top=page.top, left=page.left, bottom=page.top + self.line * HEIGHT, right=page.right)
        if self.line:
            base = DisplayBase(0, kept, NO_CLIP)
            self.guest.screens[0].push(display.CopyBits(base, Point(page.left, page.top + HEIGHT)))
        self._fill(0, Rect(top=kept.bottom, left=page.left, bottom=page.bottom, right=page.right), _PAPER)

    def _erase(self) -> None:
        if self.column:
            self.column -= 1
            self._fill(0, self._place(), _PAPER)

    # -- painting

    def _button(self, news: Button) -> None:
        if not news.down:
            self._held.pop(int(news.button), None)
            return
        self._held[int(news.button)] = None
        x, y = self._at = (self.mouse.x, self.mouse.y)
        dot = Rect(top=y - _DOT, left=x - _DOT, bottom=y + _DOT, right=x + _DOT)
        self._fill(self.mouse.display, dot, _PAINTS.get(int(news.button), _OTHER_PAINT))

    def _moved(self, news: Motion | Position) -> None:
        before, self._at = self._at, (self.mouse.x, self.mouse.y)
        if not self._held or before == self._at:
            return
        colour = _PAINTS.get(next(iter(self._held)), _OTHER_PAINT)
        points = tuple([PointFix(x * 16, y * 16) for x, y in (before, self._at)])
        (left, right), (top, bottom) = (sorted((before[side], self._at[side])) for side in (0, 1))
        base = DisplayBase(0, Rect(top=top, left=left, bottom=bottom + 1, right=right + 1), NO_CLIP)
        stroke = Stroke(
            path=Path((PathSegment(PathFlags.BEGIN | PathFlags.END, points),)),
            attr=LineAttr(LineFlags(0)),
            brush=_solid(colour),
            fore_mode=Ropd.OP_PUT,
            back_mode=Ropd.OP_PUT,
        )
        self.guest.screens[self.mouse.display].push(display.DrawStroke(base, stroke))


def desktop(program: Program) -> None:
    """Have a desktop."""
    Desktop(program)
