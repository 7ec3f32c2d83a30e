"""Learn the golden models of the reference anew: ``python -m conformance.learn.golden [MACHINE ...]``.

In memory asking costs little, so far more is asked than of a stranger: long walks from each state, until nothing new comes.
What has changed is to be looked at by a person before it is committed.
"""

from __future__ import annotations

import sys

from conformance.address import open_target
from conformance.learn.alphabet import Alphabet
from conformance.learn.golden import FOLDER, golden
from conformance.learn.learner import Walks, learn
from conformance.learn.machines import MACHINES
from conformance.learn.model import Model
from conformance.learn.tree import Budget, Tree

_QUIET = 0.02
_MOST = 300.0
"""Seconds for one machine."""

_WALKS = (Walks(60, 10, 1), Walks(40, 20, 2))


def learned(alphabet: Alphabet, address: str) -> Model:
    """The model of a reference. Raises AssertionError if it does not always answer the same."""
    target = open_target(address)
    letters = alphabet.for_target(target)
    tree = Tree(lambda: alphabet.begin(target, alphabet, _QUIET), Budget(_MOST))
    model = golden(alphabet.name)
    known = model.suite() if model is not None and model.letters == letters else []
    for walks in _WALKS:
        found = learn(tree, alphabet.name, letters, suite=known, walks=walks)
        assert found.model is not None, found
        assert not found.cut, (found.cut, len(found.model.states))
        assert not found.unsteady, found.unsteady
        model, known = found.model, found.model.suite()
    assert model is not None
    print(f"{alphabet.name}: {len(model.states)} states, {len(letters)} letters, {tree.resets} conversations")
    return model


def main(names: list[str]) -> None:
    """Write them."""
    for name in names or list(MACHINES):
        alphabet = MACHINES[name]
        (FOLDER / f"{name}.json").write_text(learned(alphabet, f"ref:{alphabet.role}").text())


if __name__ == "__main__":
    main(sys.argv[1:])
