"""Two rows of messages beside each other: which of the one is which of the other.

From where they are alike no longer, both are looked through for the nearest two in a row that are alike again. What is in
between is paired by names, in order, so that the most have one; it is changed, and the rest is in one row alone. Nothing is
looked for further than :data:`WINDOW` away, so the time is that of the length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

__all__ = ["HOLE", "WINDOW", "Item", "Pair", "align"]

WINDOW: Final = 64
"""Messages that are looked at ahead."""

HOLE: Final = "(bytes that were not captured)"
"""The name of what stands where messages are missing."""

_ALIKE: Final = 2
"""In a row, that are taken for the place where both go on alike."""


class Item(NamedTuple):
    """A message: two are alike that have the same name and content.

    * ``number``: in its capture
    * ``content``: whatever is to be compared
    """

    name: str
    content: bytes
    number: int = 0

    def same(self, other: Item) -> bool:
        """Whether they are alike."""
        return self.name == other.name and self.content == other.content


class Pair(NamedTuple):
    """What belongs together; None for nothing. ``judged``: the other row lacks nothing in that place."""

    one: Item | None
    other: Item | None
    judged: bool = True


def align(one: Sequence[Item], other: Sequence[Item]) -> Iterator[Pair]:
    """All of both, in order."""
    at, beside = 0, 0
    while at < len(one) and beside < len(other):
        if one[at].same(other[beside]):
            yield Pair(one[at], other[beside])
            at, beside = at + 1, beside + 1
            continue
        found = _anchor(one, other, at, beside)
        if found is not None:
            ahead, behind = found
            yield from _paired(one[at : at + ahead], other[beside : beside + behind])
        else:
            left, right = one[at : at + WINDOW], other[beside : beside + WINDOW]
            matched = _matched(left, right)
            last = matched[-1] if matched and at + WINDOW < len(one) and beside + WINDOW < len(other) else None
            ahead, behind = (last[0] + 1, last[1] + 1) if last else (len(left), len(right))
            yield from _paired(left[:ahead], right[:behind])
        at, beside = at + ahead, beside + behind
    yield from _paired(one[at:], other[beside:])


def _anchor(one: Sequence[Item], other: Sequence[Item], at: int, beside: int) -> tuple[int, int] | None:
    """How far ahead both go on alike, by the fewest messages in between."""
    places: dict[tuple[str, bytes], list[int]] = {}
    for place, item in enumerate(other[beside : beside + WINDOW]):
        places.setdefault(item[:2], []).append(place)
    best: tuple[int, int] | None = None
    for ahead, item in enumerate(one[at : at + WINDOW]):
        if best is not None and ahead >= sum(best):
            break
        for behind in places.get(item[:2], ()):
            if (best is None or ahead + behind < sum(best)) and _go_on(one, other, at + ahead, beside + behind):
                best = ahead, behind
    return best


def _go_on(one: Sequence[Item], other: Sequence[Item], at: int, beside: int) -> bool:
    count = 0
    while count < _ALIKE and at + count < len(one) and beside + count < len(other):
        if not one[at + count].same(other[beside + count]):
            return False
        count += 1
    return count == _ALIKE or (at + count == len(one) and beside + count == len(other))


def _matched(one: Sequence[Item], other: Sequence[Item]) -> list[tuple[int, int]]:
    """Places of the same name, in order: the most, and of as many those that are alike."""
    width = len(other) + 1
    worth = [[0] * width for _ in range(len(one) + 1)]
    for at in range(len(one) - 1, -1, -1):
        row, below, item = worth[at], worth[at + 1], one[at]
        for beside in range(len(other) - 1, -1, -1):
            best = max(below[beside], row[beside + 1])
            if item.name == other[beside].name:
                best = max(best, below[beside + 1] + (3 if item.same(other[beside]) else 2))
            row[beside] = best
    found, at, beside = [], 0, 0
    while at < len(one) and beside < len(other):
        gain = 3 if one[at].same(other[beside]) else 2
        if one[at].name == other[beside].name and worth[at][beside] == worth[at + 1][beside + 1] + gain:
            found.append((at, beside))
            at, beside = at + 1, beside + 1
        elif worth[at][beside] == worth[at + 1][beside]:
            at += 1
        else:
            beside += 1
    return found


def _paired(one: Sequence[Item], other: Sequence[Item]) -> Iterator[Pair]:
    """Two parts that have no anchor; one of more than the window is not compared with anything."""
    small = len(one) <= WINDOW and len(other) <= WINDOW
    matched = _matched(one, other) if small else []
    holes = [any(item.name == HOLE for item in row) for row in (one, other)]
    at = beside = 0
    for left, right in [*matched, (len(one), len(other))]:
        yield from [Pair(item, None, not holes[1]) for item in one[at:left]]
        yield from [Pair(None, item, not holes[0]) for item in other[beside:right]]
        if left < len(one) and right < len(other):
            yield Pair(one[left], other[right])
        at, beside = left + 1, right + 1
