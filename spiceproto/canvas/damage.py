"""Damage: which parts of surfaces have changed since somebody looked.

What is remembered is bounded: more than :data:`BOXES` boxes of a surface become the one around them. A box may hold pixels that
are as they were; none that changed is outside of all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from spiceproto.canvas.region import Box

__all__ = ["BOXES", "Damage"]

BOXES: Final = 32
"""Boxes that are remembered of a surface."""


class Damage:
    """By surface. Whoever owns it says which surfaces there are no more."""

    def __init__(self) -> None:
        self._boxes: dict[int, list[Box]] = {}
        self._fresh: set[int] = set()

    def add(self, surface: int, boxes: Iterable[Box]) -> None:
        """These parts of a surface have changed; boxes without pixels change nothing."""
        found = self._boxes.get(surface, [])
        new = [box for box in boxes if not box.empty and not any(old.meet(box) == box for old in found)]
        if not new:
            return
        if not found:
            self._fresh.add(surface)
        found = found + new
        self._boxes[surface] = found if len(found) <= BOXES else [_around(found)]

    def take(self, surface: int) -> tuple[Box, ...]:
        """What has changed since this was asked last."""
        self._fresh.discard(surface)
        return tuple(self._boxes.pop(surface, ()))

    def take_fresh(self) -> tuple[int, ...]:
        """Surfaces that have changed for the first time since they were taken; each is named once."""
        fresh, self._fresh = tuple(sorted(self._fresh)), set()
        return fresh

    def forget(self, surface: int) -> None:
        """The surface is gone."""
        self.take(surface)


def _around(boxes: list[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))
