"""A smaller list of choices for which something still holds.

Shorter lists come first, then smaller numbers: pieces are left out, numbers become 0, are halved, lose one. Scenes of
smaller choices have fewer commands, flat pictures, no clips; see :mod:`spiceproto.tests.canvas_fuzz.choices`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

__all__ = ["TRIES", "shrunk"]

TRIES: Final = 3000
"""Lists that are tried: a case that ends the other process costs a new one each time."""


def _without(made: list[int]) -> Iterator[list[int]]:
    """The list without pieces of it, long ones first, from its end."""
    size = len(made)
    while size:
        for first in range(len(made) - size, -1, -size):
            yield made[:first] + made[first + size :]
        size //= 2


def _smaller(made: list[int]) -> Iterator[list[int]]:
    """The list with one number smaller, or a row of them 0."""
    for size in (16, 4):
        for first in range(0, len(made), size):
            if any(made[first : first + size]):
                yield [*made[:first], *(0 for _ in made[first : first + size]), *made[first + size :]]
    for place, number in enumerate(made):
        for less in sorted({0, 1, number // 2, number - 1}):
            if 0 <= less < number:
                yield [*made[:place], less, *made[place + 1 :]]
    for place, number in enumerate(made):
        if number:  # one choice fewer and the number before it smaller: an element of a sequence
            for back in range(max(place - 12, 0), place):
                if made[back]:
                    yield [*made[:back], made[back] - 1, *made[back + 1 : place], *made[place + 1 :]]


def shrunk(made: list[int], holds: Callable[[list[int]], bool], tries: int = TRIES) -> list[int]:
    """A list for which it ``holds`` as for ``made``, and that no single step makes smaller, within ``tries``."""
    best = list(made)
    seen: set[tuple[int, ...]] = set()
    going_on = True
    while going_on:
        going_on = False
        for steps in (_without, _smaller):
            again = True
            while again:
                again = False
                for candidate in steps(best):
                    key = tuple(candidate)
                    if key in seen:
                        continue
                    if len(seen) >= tries:
                        return best
                    seen.add(key)
                    if holds(candidate):
                        best = candidate
                        again = going_on = True
                        break
    return best
