"""What is random in a scene: numbers from a seed, kept as a list, so that a case is that list.

A list that is replayed may be shorter or have smaller numbers than the one that was found. Where it ends, every choice
is the first one, and the first is the simplest: no clip, no mask, a flat picture. So whoever makes the list smaller
makes the case simpler (:mod:`spiceproto.tests.canvas_fuzz.shrinking`), and any list means something.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spiceproto.tests.canvas_samples import numbers

__all__ = ["Choices"]

T = TypeVar("T")


class Choices:
    """A row of choices, made by a seed or replayed.

    * ``made``: every number that was chosen so far, counted from the first that was possible
    """

    def __init__(self, rng: random.Random | None = None, replayed: Sequence[int] = ()) -> None:
        self.made: list[int] = []
        self._rng = rng
        self._replayed = replayed

    def below(self, count: int) -> int:
        """A number from 0 to ``count`` - 1."""
        if self._rng is not None:
            number = self._rng.randrange(count)
        else:
            place = len(self.made)
            number = min(self._replayed[place], count - 1) if place < len(self._replayed) else 0
        self.made.append(number)
        return number

    def number(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both inclusive; ``low`` is the simplest."""
        return low + self.below(high - low + 1)

    def near(self, least: int, most: int) -> int:
        """A number from ``least`` to ``most``, of which 0 is the simplest, then 1, -1 and so on."""
        number = self.below(most - least + 1)
        if least <= 0 <= most:
            short = min(-least, most)
            if number <= 2 * short:
                return (number + 1) // 2 * (1 if number % 2 else -1)
            return number - short if most > short else short - number
        return least + number

    def one_of(self, options: Sequence[T]) -> T:
        """One of ``options``; the first is the simplest."""
        return options[self.below(len(options))]

    def once_in(self, times: int) -> bool:
        """True once in so many times."""
        return self.below(times) == times - 1

    def words(self, height: int, width: int, ones: int) -> NDArray[np.uint32]:
        """``uint32 (height, width)`` with values up to ``ones``: of one value, of a few, or all different."""
        kind = self.below(4)
        seed = self.below(1 << 16)
        if kind == 0:
            value = numbers(1, seed)[0] if seed else np.uint32(ones)
            return np.full((height, width), value & ones, np.uint32)
        found = numbers(height * width, seed).reshape(height, width)
        if kind == 1:
            found = numbers(4, seed)[found & 3]
        elif kind == 2:
            found = found & np.uint32(0xFFFFFF) | np.array([0, 0xFF000000], np.uint32)[found >> 24 & 1]
        return found & np.uint32(ones)
