"""The learner: KV of AALpy on top of a tree of answers, and what shows that it has not learned enough.

The words that show it are the W suite of the golden model, those that the caller has besides, and walks from each state of
what was learned, for what the golden model does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, Final

import msgspec

from conformance.learn.model import Edge, Model, Word
from conformance.learn.tree import Changed, Exhausted, Tree
from spiceproto.extras import load

__all__ = ["Learned", "Walks", "learn"]

_BEGINNINGS: Final = 16
"""How often learning begins anew because something that was known does not hold."""


class Walks(msgspec.Struct, frozen=True):
    """Walks from each state: how many, and of how many letters. ``seed`` makes them the same again."""

    count: int = 10
    letters: int = 5
    seed: int = 1


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """``model`` is what was learned, None if nothing was.

    * ``resets``: conversations that were held
    * ``cut``: "" or why not all was asked
    * ``unasked``: words that were to be asked and were not
    * ``unsteady``: words whose last answer was not always the same, and how often each came
    """

    model: Model | None
    resets: int
    cut: str = ""
    unasked: int = 0
    unsteady: dict[str, dict[str, int]] = {}


class _Asker:
    """A tree in the form that AALpy asks: ``sul`` and ``oracle`` are made of its classes, which are there at run time only."""

    def __init__(self, tree: Tree, machine: str, letters: Word, suite: Iterable[Word], walks: Walks) -> None:
        base: Any = load("aalpy", "learning a machine").base
        asker = self

        class System(base.SUL):  # type: ignore[misc]
            def query(self, word: Word) -> list[str]:
                return tree.ask(tuple(word))

            def pre(self) -> None:
                raise AssertionError("words are asked whole")

            post = pre

            def step(self, letter: str) -> str:
                raise AssertionError("words are asked whole")

        class Words(base.Oracle):  # type: ignore[misc]
            def find_cex(self, hypothesis: Any) -> Word | None:
                return asker.counterexample(hypothesis)

        self.tree = tree
        self.machine = machine
        self.letters = letters
        self.suite = list(suite)
        self.walks = walks
        self.model: Model | None = None
        self.system = System()
        self.words = Words(list(letters), self.system)

    def read(self, automaton: Any) -> Model:
        """A model of what AALpy has, its states in the order in which words reach them."""
        order = {automaton.initial_state.state_id: 0}
        waiting = [automaton.initial_state]
        states: list[dict[str, Edge]] = []
        while waiting:
            state = waiting.pop(0)
            edges = {}
            for letter in self.letters:
                there = state.transitions[letter]
                if there.state_id not in order:
                    order[there.state_id] = len(order)
                    waiting.append(there)
                edges[letter] = Edge(state.output_fun[letter], order[there.state_id])
            states.append(edges)
        return Model(machine=self.machine, greeting=self.tree.greeting or "", letters=self.letters, states=tuple(states))

    def counterexample(self, automaton: Any) -> Word | None:
        """The shortest beginning of a word that is answered otherwise than the model has it; None if all are answered so."""
        model = self.model = self.read(automaton)
        for word in self._all(model):
            answers = self.tree.ask(word)
            for size, (said, thought) in enumerate(zip(answers, model.answers(word), strict=True), 1):
                if said != thought:
                    return word[:size]
        return None

    def _all(self, model: Model) -> Iterator[Word]:
        yield from self.suite
        random = Random(self.walks.seed)
        for access in model.access().values():
            for _ in range(self.walks.count):
                yield (*access, *random.choices(self.letters, k=self.walks.letters))

    def unasked(self) -> int:
        """Words of the suite that nobody has asked, or not to their end."""
        return sum(len(self.tree.known(word)) < len(word) for word in self.suite)


def learn(tree: Tree, machine: str, letters: Word, *, suite: Iterable[Word] = (), walks: Walks | None = None) -> Learned:
    """What a target does with these letters. Raises MissingExtraError without AALpy."""
    kv = load("aalpy.learning_algs", "learning a machine").run_KV
    asker = _Asker(tree, machine, letters, suite, walks or Walks())
    cut = ""
    for _ in range(_BEGINNINGS):
        try:
            found = kv(list(letters), asker.system, asker.words, "mealy", cache_and_non_det_check=False, print_level=0)
            asker.model = asker.read(found)
            break
        except Changed:
            continue
        except Exhausted as why:
            cut = str(why)
            break
    else:
        cut = "what it answers does not hold long enough to be learned"
    unsteady = {", ".join(word) or "(greeting)": dict(tally) for word, tally in tree.unsteady.items()}
    model = None if asker.model is None else asker.model.least()
    return Learned(model=model, resets=tree.resets, cut=cut, unasked=asker.unasked(), unsteady=unsteady)
