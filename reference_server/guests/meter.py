"""A level meter: it listens, and shows on every display how loud each side of the client's sound is.

Two bars, the left sound channel's and the right one's. A bar is as high as the loudest sample of a stretch, in decibels; the
whole height is 60 of them.
"""

from __future__ import annotations

from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from reference_server.guest import Heard, Switched
from reference_server.guest.image import NO_CLIP, NO_MASK
from reference_server.guests.program import Program
from spiceproto.enums.display import BrushType, Ropd
from spiceproto.messages import display
from spiceproto.messages.draw import Brush, DisplayBase, Fill
from spiceproto.messages.geometry import Rect

__all__ = ["BARS", "RANGE", "Meter", "height", "meter"]

RANGE: Final = 60.0
"""Decibels from the foot of a bar to its top."""

BARS: Final = 0x40C060
_GROUND: Final = 0x202028
_FULL: Final = 32768


def height(samples: NDArray[np.int16], whole: int) -> int:
    """Pixels of a bar, of ``whole``, for the samples of one sound channel."""
    peak = int(np.abs(samples.astype(np.int32)).max(initial=0))
    if not peak:
        return 0
    return round(whole * min(max(1 + 20 * log10(peak / _FULL) / RANGE, 0.0), 1.0))


class Meter:
    """``heights`` are those of the bars of each display, in pixels."""

    def __init__(self, program: Program) -> None:
        self._guest = program.guest
        self.heights = program.had("heights", list[list[int]], [[0, 0] for _ in range(program.displays)])
        program.keep("heights", lambda: self.heights)
        for number in range(program.displays if not program.resumed else 0):
            screen = self._guest.screens[number]
            self._fill(number, Rect(top=0, left=0, bottom=screen.size[1], right=screen.size[0]), _GROUND)
        program.watch(self._guest.microphone, self._heard, Heard)
        program.watch(self._guest.microphone, self._switched, Switched)

    def _switched(self, news: Switched) -> None:
        if not self._guest.microphone.listens:
            self._show(np.zeros((1, 2), np.int16))

    def _heard(self, news: Heard) -> None:
        self._show(news.samples)

    def _show(self, samples: NDArray[np.int16]) -> None:
        for number, heights in enumerate(self.heights):
            width, whole = self._guest.screens[number].size
            for side in (0, 1):
                found = height(samples[:, side], whole)
                left, right = width * (1 + 4 * side) // 8, width * (3 + 4 * side) // 8
                before, heights[side] = heights[side], found
                if found != before:
                    # Only what changes is drawn.
                    box = Rect(top=whole - max(found, before), left=left, bottom=whole - min(found, before), right=right)
                    self._fill(number, box, BARS if found > before else _GROUND)

    def _fill(self, number: int, box: Rect, colour: int) -> None:
        fill = Fill(Brush(BrushType.SOLID, colour), Ropd.OP_PUT, NO_MASK)
        self._guest.screens[number].push(display.DrawFill(DisplayBase(0, box, NO_CLIP), fill))


def meter(program: Program) -> None:
    """Listens, and shows what it hears."""
    guest = program.guest
    Meter(program)
    guest.microphone.listen()
    program.at_end(lambda: guest.microphone.listen(False))
