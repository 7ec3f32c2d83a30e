"""How long a conversation waits for the answer to a letter."""

from __future__ import annotations

from collections.abc import Callable

from conformance.learn.model import NOTHING

__all__ = ["answer"]


def answer(
    run: Callable[[Callable[[], bool], float], bool],
    words: Callable[[], str],
    known: str | None,
    *,
    first: Callable[[], object],
    owed: float,
    quiet: float,
) -> str:
    """The words that have come. ``run`` lets a network work until something is true, or for so many seconds.

    * ``known``: the answer as it was heard before, which is waited for no longer than ``owed`` seconds; None if it is not known
    * ``first``: waits for what has to come, where nothing is known
    * ``quiet``: seconds of silence after which nothing more is expected
    """
    if known is None:
        first()
        run(lambda: False, quiet)
    elif known != NOTHING and not run(lambda: words() == known, owed):
        run(lambda: False, quiet)
    return words()
