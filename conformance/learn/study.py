"""One machine of one target: learned, compared with the golden model, and judged."""

from __future__ import annotations

import time

import msgspec

from conformance.learn.alphabet import Alphabet
from conformance.learn.comparison import compare, confirmed
from conformance.learn.golden import golden
from conformance.learn.learner import Learned, Walks, learn
from conformance.learn.model import Model, Word
from conformance.learn.talks import UNBEGUN
from conformance.learn.tree import Budget, Tree
from conformance.learn.verdict import Judged, judge
from conformance.target import Target

__all__ = ["Study", "study"]

_QUIET = 0.02

_TRIES = 2
"""Conversations of which one has to begin."""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a machine.

    * ``reason``: why it was not learned; "" if it was
    * ``left_out``: letters that nobody can say to this target, or that were not to be said
    * ``golden``: the model that it is held against, with the letters that were said
    * ``differences``: to that, each judged
    * ``broken``: sentences that the rules saw broken in any conversation, with the shortest word and how
    """

    machine: str
    reason: str = ""
    seconds: float = 0.0
    learned: Learned | None = None
    golden: Model | None = None
    left_out: Word = ()
    differences: tuple[Judged, ...] = ()
    broken: dict[str, tuple[Word, str]] = {}

    @property
    def wrong(self) -> bool:
        """Whether a sentence is broken."""
        return bool(self.broken) or any(item.wrong for item in self.differences)

    @property
    def unbegun(self) -> str:
        """Why no conversation begins; "" if one does."""
        return self.reason.removeprefix(UNBEGUN) if self.reason.startswith(UNBEGUN) else ""


def _cannot_begin(target: Target, alphabet: Alphabet, quiet: float) -> str:
    """Why none of a few conversations begins; "" if one does. Raises TargetUnusable."""
    greeting = ""
    for _ in range(_TRIES):
        talk = alphabet.begin(target, alphabet, quiet)
        greeting = talk.greeting
        talk.end()
        if not greeting.startswith(UNBEGUN):
            return ""
    return greeting


def study(
    target: Target,
    alphabet: Alphabet,
    *,
    budget: Budget | None = None,
    walks: Walks | None = None,
    without: Word = (),
    quiet: float = _QUIET,
) -> Study:
    """Learn a machine of a target that runs. Raises MissingExtraError without AALpy, TargetUnusable."""
    lacking = alphabet.lacking(target)
    if lacking:
        return Study(machine=alphabet.name, reason=f"the target lacks {', '.join(lacking)}")
    letters = tuple([name for name in alphabet.for_target(target) if name not in without])
    known = golden(alphabet.name)
    if known is not None:
        known = known.restricted(letters, guest=target.virtual)
    if why := _cannot_begin(target, alphabet, quiet):
        return Study(machine=alphabet.name, reason=why)
    tree = Tree(lambda: alphabet.begin(target, alphabet, quiet), budget)
    began = time.monotonic()
    found = learn(tree, alphabet.name, letters, suite=() if known is None else known.suite(), walks=walks)
    if found.model is not None and found.model.greeting.startswith(UNBEGUN):
        return Study(machine=alphabet.name, reason=found.model.greeting)
    different = [] if known is None or found.model is None else compare(known, found.model)
    different = [item for one in different for item in confirmed(tree, one)]
    return Study(
        machine=alphabet.name,
        seconds=round(time.monotonic() - began, 2),
        learned=found,
        golden=known,
        left_out=tuple([name for name in alphabet.names if name not in letters]),
        differences=tuple([judge(alphabet, tree, item) for item in different]),
        broken=tree.broken,
    )
