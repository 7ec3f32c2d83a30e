"""What a difference to the golden model is: a fact, or wrong because a sentence says so.

A sentence says so in two ways. The rules see it broken in the conversation that shows the difference; or the letter is owed a
word that the golden model has, and no connection has brought anything, though none was closed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from conformance.learn.alphabet import Alphabet
from conformance.learn.comparison import Difference
from conformance.learn.model import NOTHING
from conformance.learn.tree import Tree

__all__ = ["Judged", "judge"]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """``broken``: sentences that a difference breaks, and how; none for a fact."""

    difference: Difference
    broken: Mapping[str, str]

    @property
    def wrong(self) -> bool:
        """Whether a sentence says that it is."""
        return bool(self.broken)


def _owed(alphabet: Alphabet, item: Difference) -> dict[str, str]:
    if not item.word or any(not part.startswith("guest: ") for part in item.learned.split("; ") if part != NOTHING):
        return {}
    owed = alphabet.letter(item.word[-1]).owed
    return {sentence: f"{word} does not come" for word, sentence in owed.items() if any(word in part for part in item.missing)}


def judge(alphabet: Alphabet, tree: Tree, item: Difference) -> Judged:
    """A difference."""
    seen = {sentence: how for sentence, (word, how) in tree.broken.items() if item.word[: len(word)] == word}
    return Judged(difference=item, broken=seen | _owed(alphabet, item))
