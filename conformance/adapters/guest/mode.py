"""A mode of the guest's picture: its size, and the bits of a pixel."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from spiceproto.errors import LocalError

__all__ = ["BITS", "Mode", "read_mode"]

BITS: Final = (8, 15, 16, 24, 32)
"""Of a pixel: 8 has a palette, 15 is 5-5-5, 16 is 5-6-5."""

_LEAST: Final = 64
"""Width and height; a rectangle of the guest's has 32."""
_MOST: Final = 2560, 1600
"""What the graphics card has memory for in every depth."""


class Mode(NamedTuple):
    """``width`` and ``height`` in pixels, ``bits`` of a pixel."""

    width: int
    height: int
    bits: int


def read_mode(text: str) -> Mode:
    """The mode that is written ``640x480x8``. Raises LocalError."""
    found = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})x([0-9]{1,2})", text)
    mode = Mode(*map(int, found.groups())) if found else Mode(0, 0, 0)
    good = mode.bits in BITS and mode.width % 8 == 0
    if not (good and _LEAST <= mode.width <= _MOST[0] and _LEAST <= mode.height <= _MOST[1]):
        depths = ", ".join(str(bits) for bits in BITS)
        raise LocalError(
            "not a mode of the guest's",
            expected=f"pointer, or modes like 640x480x8: a width that 8 divides, {_LEAST} to {_MOST[0]}; "
            f"a height, {_LEAST} to {_MOST[1]}; {depths} bits",
            actual=text,
        )
    return mode
