"""Sentences that are said once, with how often they were true."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import msgspec

from spiceproto.capture.diagnostics import Diagnostic

__all__ = ["Said"]

KINDS: Final = 1000
"""Sentences that are kept; others are counted together."""


class _Sentence(msgspec.Struct):
    """``text`` of the first time, how often (``count``), and the last ``number``."""

    text: str
    count: int = 0
    number: int = 0

    @property
    def times(self) -> str:
        """How often, and in which message last if it was in one; nothing for once."""
        last = f", the last in message {self.number}" if self.number else ""
        return f" ({self.count} times{last})" if self.count > 1 else ""


class Said:
    """Gathers sentences by what they are about; those of one kind become one line."""

    def __init__(self) -> None:
        self._sentences: dict[Hashable, _Sentence] = {}
        self._others = 0

    def add(self, kind: Hashable, text: str, number: int) -> None:
        """Say ``text`` about message ``number``, 0 for none, unless something of this kind was said: then only count it."""
        found = self._sentences.get(kind)
        if found is None:
            if len(self._sentences) >= KINDS:
                self._others += 1
                return
            found = self._sentences[kind] = _Sentence(text)
        found.count += 1
        found.number = number

    def problem(self, problem: Diagnostic) -> None:
        """Say a problem, with its place."""
        conversation = problem.conversation
        where = f"connection {conversation.connection.number}, {conversation.place}" if conversation is not None else ""
        where += f"{', ' if where else ''}message {problem.number}" if problem.number else ""
        text = f"{where}{': ' if where else ''}{problem.severity}: {problem.text} [{problem.code}]"
        self.add((conversation, problem.code, problem.text), text, problem.number)

    def lines(self) -> list[str]:
        """What was said, in the order in which it was said first."""
        found = [f"{one.text}{one.times}" for one in self._sentences.values()]
        return [*found, f"and {self._others} of other kinds"] if self._others else found
