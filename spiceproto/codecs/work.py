"""Work space of the codecs: blocks of bytes that a call takes and gives back.

Fresh memory would cost a large picture up to a third of its time, in page faults, and a small one the clearing of tables.
A block belongs to one call at a time, whatever thread or signal handler makes it: taking one is one step of the interpreter.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["WorkSpaces"]

KEPT_BYTES: Final = 8 << 20
"""Largest block that is kept: enough for a full screen."""

KEPT_BLOCKS: Final = 4
"""Most blocks that are kept, for as many calls at once."""

LEAST_BYTES: Final = 1 << 16


class WorkSpaces:
    """Blocks of one use. The first ``cleared`` bytes of a fresh one are zeros; everything else is as the last call left it."""

    def __init__(self, cleared: int = 0) -> None:
        self._cleared = cleared
        self._blocks: list[NDArray[np.uint8]] = []

    def take(self, size: int) -> NDArray[np.uint8]:
        """A block of at least ``size`` bytes."""
        try:
            block = self._blocks.pop()
            if len(block) >= size:
                return block
        except IndexError:
            pass
        block = np.empty(max(size, LEAST_BYTES), np.uint8)
        block[: self._cleared] = 0
        return block

    def give(self, block: NDArray[np.uint8]) -> None:
        """Give a block back; nobody may look at it any more."""
        if len(block) <= KEPT_BYTES and len(self._blocks) < KEPT_BLOCKS:
            self._blocks.append(block)
