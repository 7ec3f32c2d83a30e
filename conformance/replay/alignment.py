"""Two conversations side by side: those of one channel, in one direction.

Messages that are the same in name and in all fields that are compared are the fixed points; between them they are paired by
name alone, in order. What is left over is missing on the one side, or more on the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Protocol

__all__ = ["MOST", "Aligned", "align"]

MOST: Final = 3000
"""Messages of one side that are aligned: the work grows with the product of both."""


class Aligned(Protocol):
    """What is aligned."""

    @property
    def name(self) -> str:
        """Of the message."""

    @property
    def key(self) -> Any:
        """Name and all that is compared; hashable."""


def _pairs(
    old: Sequence[Any], new: Sequence[Any], kept: Sequence[Aligned], came: Sequence[Aligned]
) -> Iterator[tuple[str, Sequence[Aligned], Sequence[Aligned]]]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag, kept[a:b], came[c:d]


def align(recorded: Sequence[Aligned], found: Sequence[Aligned]) -> list[tuple[Any, Any]]:
    """Pairs in order; None stands where one side has nothing."""
    pairs: list[tuple[Any, Any]] = []
    whole = _pairs([item.key for item in recorded], [item.key for item in found], recorded, found)
    for tag, kept, came in whole:
        if tag == "equal":
            pairs += zip(kept, came, strict=True)
            continue
        names = [item.name for item in kept], [item.name for item in came]
        for inner, left, right in _pairs(*names, kept, came):
            if inner == "equal":
                pairs += zip(left, right, strict=True)
            else:
                pairs += [(item, None) for item in left]
                pairs += [(None, item) for item in right]
    return pairs
