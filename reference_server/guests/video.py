"""A film in a window, 25 pictures a second, and around it a desktop that stands still.

Each display has a film of its own. The picture of every number can be computed (:func:`film`), so that what a client shows can
be compared. The space bar stops the film and lets it go on; any other key puts a card in front of its lower right corner, or
takes it away.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
import numpy as np

from reference_server.guest import Key, Picture, colour_chart
from reference_server.guest.image import NO_CLIP, draw_copy
from reference_server.guest.screen import Screen
from reference_server.guests.program import Program
from spiceproto.enums.display import ClipType
from spiceproto.messages.draw import Clip, ClipRects
from spiceproto.messages.geometry import Rect

__all__ = ["PERIOD", "RATE", "Film", "card", "film", "place", "video"]

RATE: Final = 25
"""Pictures a second."""

PERIOD: Final = 64
"""Pictures after which the film begins again."""

_SPACE: Final = "39"
_APART: Final = 16
"""Pictures by which the film of a display is ahead of that of the one before."""

_GREY: Final = 0x60


def place(width: int, height: int) -> Rect:
    """Where the film is on a screen of this size: three quarters of it, in the middle."""
    wide, high = max(width * 3 // 4 // 2 * 2, 2), max(height * 3 // 4 // 2 * 2, 2)
    left, top = (width - wide) // 2, (height - high) // 2
    return Rect(top=top, left=left, bottom=top + high, right=left + wide)


def card(width: int, height: int) -> Rect:
    """Where the card is: over the lower right corner of the film, and beyond it."""
    box = place(width, height)
    return Rect(
        top=(box.top + box.bottom) // 2,
        left=(box.left + box.right) // 2,
        bottom=min(box.bottom + height // 16, height),
        right=min(box.right + width // 16, width),
    )


@cache
def _scene(width: int, height: int) -> Picture:
    """What the camera of the film goes over: colours that change softly everywhere."""
    rows, columns = np.mgrid[0 : height + 2 * PERIOD, 0 : width + 2 * PERIOD].astype(np.float32)
    found = np.zeros((*rows.shape, 4), np.uint8)
    for byte, (across, down) in enumerate(((37.0, 61.0), (53.0, 29.0), (71.0, 47.0))):
        found[..., byte] = 128 + 60 * np.sin(columns / across + byte) + 60 * np.cos(rows / down - byte)
    found.flags.writeable = False
    return found


def film(number: int, width: int, height: int) -> Picture:
    """The picture of this number. The camera goes there and back."""
    step = abs((number + PERIOD // 2) % PERIOD - PERIOD // 2)
    left, top = 4 * step, 3 * step
    return _scene(width, height)[top : top + height, left : left + width]


class Film:
    """The film on one screen. ``covered`` says whether the card is in front of it, ``number`` which picture is shown."""

    def __init__(self, screen: Screen, first: int, *, covered: bool = False) -> None:
        self.screen = screen
        self.number = first
        self.covered = covered

    def show(self, number: int) -> None:
        """Draw the picture of this number."""
        self.number = number
        size = self.screen.size
        box = place(*size)
        command = draw_copy(film(number, box.right - box.left, box.bottom - box.top), box.left, box.top, number)
        base = msgspec.structs.replace(command.base, clip=self._clip(box, size))
        self.screen.push(msgspec.structs.replace(command, base=base))

    def _clip(self, box: Rect, size: tuple[int, int]) -> Clip:
        if not self.covered:
            return NO_CLIP
        front = card(*size)
        above = msgspec.structs.replace(box, bottom=front.top)
        beside = msgspec.structs.replace(box, top=front.top, right=front.left)
        return Clip(ClipType.RECTS, ClipRects((above, beside)))

    def turn(self) -> None:
        """Put the card in front, or take it away."""
        self.covered = not self.covered
        width, height = self.screen.size
        box = card(width, height)
        part = np.full((box.bottom - box.top, box.right - box.left, 4), _GREY, np.uint8)
        if not self.covered:
            part = colour_chart(width, height)[box.top : box.bottom, box.left : box.right]
        self.screen.push(draw_copy(part, box.left, box.top, 0))
        if not self.covered:
            self.show(self.number)


def video(program: Program) -> None:
    """Show a film on every screen."""
    guest = program.guest
    shown = program.had("films", list[tuple[int, bool]], [(number * _APART, False) for number in range(program.displays)])
    films = [
        Film(guest.screens[number], first % PERIOD, covered=covered)
        for number, (first, covered) in enumerate(shown[: program.displays])
    ]
    running = program.had("running", bool, True)
    program.keep("films", lambda: [(one.number, one.covered) for one in films])
    program.keep("running", lambda: running)
    if not program.resumed:
        for one in films:
            one.screen.paint(colour_chart(*one.screen.size))

    def advance(passed: int) -> None:
        if running:
            for one in films:
                one.show((one.number + 1) % PERIOD)

    def typed(news: Key) -> None:
        nonlocal running
        if not news.down:
            return
        if news.code == _SPACE:
            running = not running
        else:
            for one in films:
                one.turn()

    program.watch(guest.keyboard, typed, Key)
    program.every(1 / RATE, advance)
