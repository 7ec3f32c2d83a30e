"""Everything that a target was asked and has answered, as a tree: the target is asked for nothing twice.

A word is asked on a conversation of its own. What is known of it is replayed, and only what is not is waited for. An answer
that is not the one of before is a contradiction: the word is asked again, what is said most often counts, and that it is not
always the same is kept.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from conformance.learn.model import OVER, Word

__all__ = ["Budget", "Changed", "Conversation", "Exhausted", "Tree"]

_AGAIN: Final = 3
"""How often a word is asked again that has brought a contradiction."""

_MOST_CHANGES: Final = 12
"""Contradictions after which nobody learns anything of this target any more."""


class Conversation(Protocol):
    """One conversation with a target, from its beginning.

    * ``greeting``: what has come before anything was said
    * ``over``: nothing that is said brings anything any more
    """

    greeting: str
    over: bool

    def say(self, letter: str, known: str | None) -> str:
        """What a letter brings. ``known`` is what it has brought before; None where nobody knows, and so has to wait."""

    def broken(self) -> Mapping[str, str]:
        """Sentences that the target was seen to break so far, and how."""

    def end(self) -> None:
        """It is over."""


class Exhausted(Exception):
    """No more may be asked: why."""


class Changed(Exception):
    """What was known of a word does not hold: who has built on it has to build anew."""


class Budget(msgspec.Struct):
    """``seconds`` and ``resets``: most of them, 0 for no bound."""

    seconds: float = 0.0
    resets: int = 0


class _Node:
    __slots__ = ("answer", "nodes", "over")

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.over = False
        self.nodes: dict[str, _Node] = {}


class Tree:
    """``begin`` begins a conversation.

    * ``greeting``: of the first
    * ``resets``: conversations that were held
    * ``unsteady``: words whose last answer was not always the same, and how often each answer came
    * ``broken``: sentences that the target was seen to break, the shortest word with which it did, and how
    """

    def __init__(self, begin: Callable[[], Conversation], budget: Budget | None = None) -> None:
        self._begin = begin
        self._budget = budget or Budget()
        self._root = _Node("")
        self._end = time.monotonic() + self._budget.seconds
        self.greeting: str | None = None
        self.resets = 0
        self.unsteady: dict[Word, Mapping[str, int]] = {}
        self.broken: dict[str, tuple[Word, str]] = {}

    def known(self, word: Word) -> list[str]:
        """The answers to a word as far as they are known."""
        node, found = self._root, []
        for letter in word:
            if node.over:
                found.append(OVER)
                continue
            if letter not in node.nodes:
                break
            node = node.nodes[letter]
            found.append(node.answer)
        return found

    def last(self, word: Word, awaited: str | None = None) -> str:
        """What the last letter of a word brings in one more conversation; ``awaited`` has all the time there that it needs."""
        talk = self._begin()
        self.resets += 1
        known = self.known(word)
        answer = OVER
        try:
            for at, letter in enumerate(word):
                if talk.over:
                    return OVER
                answer = talk.say(letter, awaited if at == len(word) - 1 else known[at] if at < len(known) else None)
        finally:
            talk.end()
        return answer

    def ask(self, word: Word) -> list[str]:
        """The answers to a word. Raises Exhausted, or Changed where what was known of it does not hold."""
        found = self.known(word)
        if len(found) == len(word):
            return found
        said, over = self._converse(word, found)
        at = next((at for at, (old, new) in enumerate(zip(found, said, strict=False)) if old != new), None)
        if at is None:
            self._keep(word, said, over)
            return said
        self._settle(word[: at + 1], found[at], said[at])
        raise Changed

    def _converse(self, word: Word, known: list[str]) -> tuple[list[str], int]:
        """What a conversation brings: as far as it goes like the one before, and all of it if it does.

        The second is the number of letters behind which it was over, 0 if it was not.
        """
        if self._budget.resets and self.resets >= self._budget.resets:
            raise Exhausted(f"{self.resets} conversations were held")
        if self._budget.seconds and time.monotonic() > self._end:
            raise Exhausted(f"{self._budget.seconds:g} s are over")
        self.resets += 1
        talk = self._begin()
        try:
            if self.greeting is None:
                self.greeting = talk.greeting
            elif talk.greeting != self.greeting:
                self._note((), self.greeting, talk.greeting)
            found: list[str] = []
            over = 0
            for at, letter in enumerate(word):
                if talk.over:
                    found.append(OVER)
                    continue
                before = known[at] if at < len(known) else None
                found.append(talk.say(letter, before))
                over = len(found) if talk.over else 0
                for sentence, how in talk.broken().items():
                    known_word = self.broken.get(sentence)
                    if known_word is None or len(word[: at + 1]) < len(known_word[0]):
                        self.broken[sentence] = (word[: at + 1], how)
                if before is not None and before != found[-1]:
                    break
            return found, over
        finally:
            talk.end()

    def _keep(self, word: Word, answers: list[str], over: int) -> None:
        node = self._root
        for at, (letter, answer) in enumerate(zip(word, answers, strict=True), 1):
            node = node.nodes.setdefault(letter, _Node(answer))
            if at == over:
                node.over = True
                return

    def _note(self, word: Word, *answers: str) -> None:
        tally = Counter(self.unsteady.get(word, {}))
        tally.update(answers)
        self.unsteady[word] = dict(tally)
        if len(self.unsteady) > _MOST_CHANGES:
            raise Exhausted(f"it answers {len(self.unsteady)} words now so and now otherwise")

    def _settle(self, word: Word, old: str, new: str) -> None:
        """Ask a word again whose last letter was answered in two ways: what comes most often is what counts."""
        votes = Counter((old, new))
        for _ in range(_AGAIN):
            said, _ = self._converse(word, self.known(word[:-1]))
            if len(said) == len(word):
                votes[said[-1]] += 1
        self._note(word, *votes.elements())
        node = self._root
        for letter in word[:-1]:
            node = node.nodes[letter]
        won = votes.most_common(1)[0][0]
        if node.nodes[word[-1]].answer != won:
            node.nodes[word[-1]] = _Node(won)
