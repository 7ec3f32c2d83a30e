"""What was learned of a target: states, and what each letter brings in each of them (a Mealy machine).

A conversation that has ended stays ended: every letter brings :data:`OVER` then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["NOTHING", "OVER", "Edge", "Model", "Word"]

NOTHING: Final = "-"
"""The answer that is none."""

OVER: Final = "over"
"""What every letter brings when the conversation has ended."""

_GUEST: Final = "guest: "
"""How the part of an answer begins that the guest tells, and not the connection."""

Word = tuple[str, ...]


class Edge(msgspec.Struct, frozen=True, array_like=True):
    """``answer`` is what comes; ``there`` the number of the next state."""

    answer: str
    there: int


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """States have numbers, and a conversation begins in 0.

    * ``machine``: name of the alphabet
    * ``greeting``: what has come before the first letter
    * ``states``: of each, letter to edge
    """

    machine: str
    greeting: str
    letters: Word
    states: tuple[dict[str, Edge], ...]

    def answers(self, word: Iterable[str], here: int = 0) -> list[str]:
        """What each letter of a word brings in a state and behind it."""
        found = []
        for letter in word:
            edge = self.states[here][letter]
            found.append(edge.answer)
            here = edge.there
        return found

    def access(self) -> dict[int, Word]:
        """The shortest word that leads to each state; what no word leads to is left out."""
        found: dict[int, Word] = {0: ()}
        waiting = deque([0])
        while waiting:
            here = waiting.popleft()
            for letter in self.letters:
                there = self.states[here][letter].there
                if there not in found:
                    found[there] = (*found[here], letter)
                    waiting.append(there)
        return found

    def distinguishing(self, one: int, other: int) -> Word:
        """The shortest word that two states answer differently; empty if there is none."""
        seen = {(one, other)}
        waiting: deque[tuple[int, int, Word]] = deque([(one, other, ())])
        while waiting:
            left, right, word = waiting.popleft()
            for letter in self.letters:
                a, b = self.states[left][letter], self.states[right][letter]
                if a.answer != b.answer:
                    return (*word, letter)
                if (a.there, b.there) not in seen:
                    seen.add((a.there, b.there))
                    waiting.append((a.there, b.there, (*word, letter)))
        return ()

    def characterising(self) -> tuple[Word, ...]:
        """Words that tell all states apart."""
        found: list[Word] = []
        groups = [list(range(len(self.states)))]
        while groups:
            group = groups.pop()
            word = next((known for known in found if self._split(group, known)), ())
            word = word or self.distinguishing(group[0], group[1]) if len(group) > 1 else ()
            if not word:
                continue
            if word not in found:
                found.append(word)
            groups += [part for part in self._split(group, word) if len(part) > 1]
        return tuple(found) or ((),)

    def _split(self, group: list[int], word: Word) -> list[list[int]]:
        """A group of states by what they answer to a word; empty if all answer the same."""
        parts: dict[tuple[str, ...], list[int]] = {}
        for state in group:
            parts.setdefault(tuple(self.answers(word, state)), []).append(state)
        return list(parts.values()) if len(parts) > 1 else []

    def suite(self) -> list[Word]:
        """The W suite: every letter behind every state, and what tells apart where that leads. No word begins another."""
        ends = self.characterising()
        words = {
            (*access, letter, *end)
            for state, access in self.access().items()
            for letter in self.letters
            for end in (((),) if self.states[state][letter].answer == OVER else ends)
        }
        shorter = {word[:size] for word in words for size in range(1, len(word))}
        return sorted(words - shorter, key=lambda word: (len(word), word))

    def restricted(self, letters: Iterable[str], *, guest: bool = True) -> Model:
        """The same with some of its letters; without ``guest``, what a guest tells is left out of the answers."""
        kept = set(letters)
        names = tuple([letter for letter in self.letters if letter in kept])
        edges = [{name: state[name] for name in names} for state in self.states]
        if not guest:
            edges = [{name: Edge(_unguested(edge.answer), edge.there) for name, edge in state.items()} for state in edges]
        smaller = Model(machine=self.machine, greeting=self.greeting, letters=names, states=tuple(edges))
        return smaller.least()

    def least(self) -> Model:
        """The smallest model that answers the same, its states in the order in which words reach them."""
        same: dict[int, int] = {}
        for state in range(len(self.states)):
            same[state] = next((known for known in same.values() if not self.distinguishing(known, state)), state)
        order = {0: 0}
        waiting = deque([0])
        while waiting:
            here = waiting.popleft()
            for letter in self.letters:
                there = same[self.states[here][letter].there]
                if there not in order:
                    order[there] = len(order)
                    waiting.append(there)
        states = [
            {name: Edge(edge.answer, order[same[edge.there]]) for name, edge in self.states[state].items()} for state in order
        ]
        return Model(machine=self.machine, greeting=self.greeting, letters=self.letters, states=tuple(states))

    @classmethod
    def read(cls, path: Path) -> Model:
        """A model as :meth:`text` writes it. Raises msgspec.DecodeError."""
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def text(self) -> str:
        """JSON, one state after the other."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1).decode() + "\n"


def _unguested(answer: str) -> str:
    """An answer without what a guest tells."""
    kept = [part for part in answer.split("; ") if not part.startswith(_GUEST)]
    return "; ".join(kept) or NOTHING
