"""Two monitors side by side: each is a display, as with Windows; or, of one display, each is a head, as with Linux."""

from __future__ import annotations

from typing import Final

import numpy as np

from reference_server.guest import Screen, colour_chart
from reference_server.guests.mouse import Mouse
from reference_server.guests.program import Program
from spiceproto.messages.display import Head

__all__ = ["two_displays"]

_TINTS: Final = ((0, 0, 0, 0), (0x60, 0, 0, 0), (0, 0x60, 0, 0), (0, 0, 0x60, 0))


def _tinted(width: int, height: int, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return colour_chart(width, height) ^ np.array(_TINTS[number % len(_TINTS)], np.uint8)


def _heads(screen: Screen) -> None:
    width, height = screen.size
    screen.paint(np.concatenate([_tinted(width, height, number) for number in (0, 1)], axis=1))
    screen.set_heads(
        *[
            Head(monitor_id=number, surface_id=0, width=width, height=height, x=number * width, y=0, flags=0)
            for number in (0, 1)
        ]
    )


def two_displays(program: Program) -> None:
    """Show a picture of its own on each monitor."""
    guest, displays = program.guest, program.displays
    if program.resumed:
        pass
    elif displays == 1:
        _heads(guest.screens[0])
    else:
        for number in range(displays):
            screen = guest.screens[number]
            screen.paint(_tinted(*screen.size, number))
    Mouse(program)
