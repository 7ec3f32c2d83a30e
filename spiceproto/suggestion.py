"""What was probably meant by a word that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["expected", "nearest"]

_LIKE = 0.6
_MOST = 3
_LISTED = 24
"""So many words are listed; of more, the number is said."""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words most like it, the best first; none if nothing is like it. Case does not matter."""
    by_key = {item.lower(): item for item in known}
    return [by_key[key] for key in get_close_matches(word.lower(), list(by_key), _MOST, _LIKE)]


def expected(word: str, known: Iterable[str], *, listing: str = "") -> str:
    """What was expected in place of a word: what is most like it, and what there is, unless that is too much to read.

    ``listing`` says where all of it can be read.
    """
    known = list(known)
    near = nearest(word, known)
    many = len(known) > _LISTED
    everything = f"one of {len(known)} words" if many else ", ".join(known)
    more = f" ({listing})" if many and listing else ""
    if not near:
        return everything + more
    return f"{' or '.join(near)}?" + (more if many else f" There are: {everything}")
