"""Memory for the pixels of a window or a dictionary. Sizes of both are pixels of 32 bits, whatever the images' type."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW_PIXELS: Final = 1 << 24
"""Default window: 64 MiB of 32-bit pixels, the most that the reference client announces."""

MAX_WINDOW_PIXELS: Final = 1 << 25
"""The reference encoder accepts no larger window: offsets in an image have 25 bits."""

_SLACK: Final = 16
"""Cells behind the pool that block copies of the kernels may read."""


def memory(turn: int, largest: int) -> NDArray[np.uint32]:
    """Cells for the pixels of many images, given out one image behind the other, from cell ``turn`` on at 0 again.

    ``largest`` is the pixels of the largest image; behind it are a few cells that kernels may read.
    """
    return np.empty(turn + largest + _SLACK, np.uint32)
