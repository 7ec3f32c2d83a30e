"""Letters, and the machines of a target that are learned with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from conformance.case import Case
from conformance.learn.model import Word
from conformance.learn.tree import Conversation
from conformance.target import Target

__all__ = ["Alphabet", "Letter"]


class Letter(msgspec.Struct, frozen=True):
    """What can be said or done.

    * ``act``: says it, in a conversation of its alphabet
    * ``owed``: words, of which one has to come where the golden model has one, and the sentence that says so
    * ``needs``: what a target has to have, or nobody says it
    * ``brings_seldom``: what is owed comes in few of the states, so that nobody waits long for it everywhere
    """

    name: str
    act: Callable[[Any], None]
    owed: Mapping[str, str] = {}
    needs: tuple[str, ...] = ()
    brings_seldom: bool = False

    @property
    def waits(self) -> bool:
        """Whether an answer is waited for as long as what is owed takes."""
        return bool(self.owed) and not self.brings_seldom


class Alphabet(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that is learned.

    * ``doc``: what it is, in a sentence
    * ``begin``: begins a conversation of it with a target
    * ``needs``: of a target, or the machine is not learned
    """

    name: str
    role: str
    doc: str
    letters: tuple[Letter, ...]
    begin: Callable[[Target, Alphabet, float], Conversation]
    needs: tuple[str, ...] = ()
    channel: str = "main"

    @property
    def names(self) -> Word:
        """Of all letters."""
        return tuple([letter.name for letter in self.letters])

    def letter(self, name: str) -> Letter:
        """One of them."""
        return next(letter for letter in self.letters if letter.name == name)

    def case(self, needs: Iterable[str] = ()) -> Case:
        """What a target is opened for."""
        return Case(f"SPICE-LEARN-000/{self.name}", self.role, _nothing, self.doc, channel=self.channel, needs=tuple(needs))

    def for_target(self, target: Target) -> Word:
        """The letters that can be said to a target."""
        return tuple([item.name for item in self.letters if all(_meets(target, need) for need in item.needs)])

    def lacking(self, target: Target) -> tuple[str, ...]:
        """What a target lacks, so that this machine is not learned of it."""
        return tuple([need for need in self.needs if not _meets(target, need)])


def _nothing(*_: Any) -> None:
    """Nobody runs what a target is opened for."""


def _meets(target: Target, need: str) -> bool:
    return target.virtual if need == "virtual" else target.meets(need)
