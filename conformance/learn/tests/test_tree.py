"""The tree of answers, and the learner on top of it, at a target that is a model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.learn.comparison import compare
from conformance.learn.learner import Walks, learn
from conformance.learn.model import OVER, Edge, Model
from conformance.learn.tree import Budget, Changed, Exhausted, Tree

_COINS = Model(
    machine="coins",
    greeting="hello",
    letters=("coin", "kick"),
    states=(
        {"coin": Edge("-", 1), "kick": Edge("closed", 3)},
        {"coin": Edge("-", 2), "kick": Edge("closed", 3)},
        {"coin": Edge("drink", 0), "kick": Edge("closed", 3)},
        {"coin": Edge(OVER, 3), "kick": Edge(OVER, 3)},
    ),
)


class _Played:
    """A conversation with a model; ``lies`` are answers that are said in place of its own."""

    def __init__(self, model: Model, lies: Iterator[str] | None = None) -> None:
        self.greeting = model.greeting
        self.over = False
        self._model, self._here, self._lies = model, 0, lies

    def say(self, letter: str, known: str | None) -> str:
        edge = self._model.states[self._here][letter]
        self._here = edge.there
        self.over = self._model.states[self._here]["coin"].answer == OVER
        lie = next(self._lies, "") if self._lies is not None else ""
        return lie or edge.answer

    def broken(self) -> dict[str, str]:
        return {}

    def end(self) -> None:
        """Nothing is held."""


def test_nothing_is_asked_twice() -> None:
    tree = Tree(lambda: _Played(_COINS))
    assert tree.ask(("coin", "coin", "coin")) == ["-", "-", "drink"]
    assert tree.ask(("coin", "coin")) == ["-", "-"]
    assert tree.ask(("kick", "coin")) == ["closed", OVER]
    assert tree.ask(("kick", "kick", "kick")) == ["closed", OVER, OVER]
    assert tree.resets == 2


def test_a_budget_of_conversations() -> None:
    tree = Tree(lambda: _Played(_COINS), Budget(resets=1))
    tree.ask(("coin",))
    with pytest.raises(Exhausted, match="1 conversations"):
        tree.ask(("kick",))


def test_a_contradiction_is_asked_again_and_the_majority_counts() -> None:
    lies = iter(["snack"])
    tree = Tree(lambda: _Played(_COINS, lies))
    assert tree.ask(("coin",)) == ["snack"]
    with pytest.raises(Changed):
        tree.ask(("coin", "coin"))
    assert tree.unsteady[("coin",)] == {"snack": 1, "-": 4}
    assert tree.ask(("coin", "coin")) == ["-", "-"]


def test_learning_needs_words_that_show_what_is_missing() -> None:
    pytest.importorskip("aalpy")
    blind = learn(Tree(lambda: _Played(_COINS)), "coins", _COINS.letters, walks=Walks(0))
    found = learn(Tree(lambda: _Played(_COINS)), "coins", _COINS.letters, suite=_COINS.suite(), walks=Walks(0))
    assert blind.model is not None and len(blind.model.states) < 4
    assert found.model == _COINS.least() and not found.cut and not found.unasked


def test_learning_that_is_cut_says_what_is_open() -> None:
    pytest.importorskip("aalpy")
    found = learn(Tree(lambda: _Played(_COINS), Budget(resets=4)), "coins", _COINS.letters, suite=_COINS.suite())
    assert found.cut == "4 conversations were held" and found.unasked > 0


def test_a_target_that_never_answers_the_same_ends_it() -> None:
    pytest.importorskip("aalpy")
    lies = iter([f"number {at}" for at in range(100_000)])
    found = learn(Tree(lambda: _Played(_COINS, lies)), "coins", _COINS.letters, suite=_COINS.suite())
    assert found.cut and found.unsteady


def test_differences_go_on_behind_the_first() -> None:
    states = list(_COINS.states)
    states[0] = {"coin": Edge("clink", 1), "kick": Edge("closed", 3)}
    states[2] = {"coin": Edge("-", 0), "kick": Edge("closed", 3)}
    other = Model(machine="coins", greeting="hello", letters=_COINS.letters, states=tuple(states))
    found = compare(_COINS, other)
    assert [(item.word, item.golden, item.learned) for item in found] == [
        (("coin",), "-", "clink"),
        (("coin", "coin", "coin"), "drink", "-"),
    ]
    assert not compare(_COINS, _COINS)
