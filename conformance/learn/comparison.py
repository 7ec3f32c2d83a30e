"""Where a learned model differs from the golden one, each difference as the shortest conversation that shows it.

Both are walked together, and the walk goes on behind a difference, so that an early one hides no other. Differences that miss
the same words and have the same words besides are one. What is different only because one of the conversations is over already
is no difference of its own.
"""

from __future__ import annotations

from collections import deque

import msgspec

from conformance.learn.model import NOTHING, OVER, Model, Word
from conformance.learn.tree import Tree

__all__ = ["Difference", "compare", "confirmed"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """``word`` is the shortest conversation; what its last letter brings is different. It is empty for the greeting.

    * ``golden``, ``learned``: what it brings
    * ``missing``, ``extra``: the parts of the answers that only one of them has
    * ``places``: how many pairs of states show it
    """

    word: Word
    golden: str
    learned: str
    missing: Word
    extra: Word
    places: int = 1


def _parts(answer: str) -> list[str]:
    if answer == NOTHING:
        return []
    return [part for piece in answer.split("; ") for part in piece.split(", ")]


def _difference(word: Word, golden: str, learned: str) -> Difference:
    old, new = _parts(golden), _parts(learned)
    missing = tuple([part for part in old if part not in new])
    extra = tuple([part for part in new if part not in old])
    return Difference(word=word, golden=golden, learned=learned, missing=missing, extra=extra)


def compare(golden: Model, learned: Model) -> list[Difference]:
    """All differences, the shortest conversations first. The letters are those that both have."""
    letters = [letter for letter in golden.letters if letter in learned.letters]
    found: dict[tuple[Word, Word], Difference] = {}
    if golden.greeting != learned.greeting:
        item = _difference((), golden.greeting, learned.greeting)
        found[item.missing, item.extra] = item
    seen = {(0, 0)}
    waiting: deque[tuple[int, int, Word]] = deque([(0, 0, ())])
    while waiting:
        left, right, word = waiting.popleft()
        for letter in letters:
            old, new = golden.states[left][letter], learned.states[right][letter]
            if OVER in (old.answer, new.answer) and old.answer != new.answer:
                continue
            here = (*word, letter)
            if old.answer != new.answer:
                item = _difference(here, old.answer, new.answer)
                known = found.get((item.missing, item.extra))
                found[item.missing, item.extra] = (
                    item if known is None else msgspec.structs.replace(known, places=known.places + 1)
                )
            if (old.there, new.there) not in seen:
                seen.add((old.there, new.there))
                waiting.append((old.there, new.there, here))
    return sorted(found.values(), key=lambda item: len(item.word))


def confirmed(tree: Tree, item: Difference) -> list[Difference]:
    """A difference, if a conversation shows it and not only the model, which may be unfinished; what is said there counts."""
    if not item.word:
        return [item]
    said = tree.last(item.word)
    if said != item.golden and item.missing:
        # A busy target may have needed more time than a silence takes.
        awaited = tree.last(item.word, item.golden)
        said = awaited if awaited == item.golden else said
    if said in (item.golden, OVER):
        return []
    return [msgspec.structs.replace(_difference(item.word, item.golden, said), places=item.places)]
