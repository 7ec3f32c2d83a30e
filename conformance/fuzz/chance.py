"""Choices at random, by a seed, in favour of what was chosen least.

A conversation favours a few channels and messages (it is a *swarm* of its own): so what only goes wrong when one thing is said
often, or when two things meet, is met sooner than by saying everything equally seldom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

from spiceproto.derive.legal import RandomChooser

__all__ = ["Chance"]

T = TypeVar("T")

_LOOKED_AT: Final = 3
"""Of so many that are drawn, the one that was chosen least is taken."""


class Chance:
    """``random`` is the source; ``values`` chooses the values of messages; ``used`` counts what was chosen."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.values = RandomChooser(self.random)
        self.used: Counter[str] = Counter()

    def happens(self, share: float) -> bool:
        """True in so many of all times."""
        return self.random.random() < share

    def one_of(self, options: Sequence[T]) -> T:
        """Any of them."""
        return self.random.choice(options)

    def least_used(self, options: Sequence[str], kind: str = "") -> str:
        """One of a few drawn ones that was chosen least so far; it counts as chosen."""
        drawn = [self.random.choice(options) for _ in range(_LOOKED_AT)]
        found = min(drawn, key=lambda name: self.used[f"{kind}{name}"])
        self.used[f"{kind}{found}"] += 1
        return found

    def some(self, options: Sequence[T], most: int) -> list[T]:
        """Up to ``most`` of them, at least one, in any order."""
        return self.random.sample(options, min(self.random.randint(1, most), len(options)))
