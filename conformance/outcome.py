"""How a case, or a whole run, comes to an end that is no pass.

Failure          the target did not do what the sentence asks for
Unreadable       a Failure: what it sent cannot be parsed, which has its own sentence
Blocked          what the case rests on is broken, and it says nothing of its own sentence
Undriven         the same: the target could not be told from outside what the case needs
Flooded          the same: the target has sent more than anybody looks at in one case
NotApplicable    the sentence does not bind this target
Refusal          a client would not do what it was asked for, and said so
TargetUnusable   nobody can talk to the target at all
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from conformance.results import Difference, Picture

__all__ = [
    "Blocked",
    "Failure",
    "Flooded",
    "NotApplicable",
    "Refusal",
    "TargetUnusable",
    "Undriven",
    "Unreadable",
    "undriven",
    "untried",
]

_UNDRIVEN: Final = "the target could not be told: "
_FLOODED: Final = "too much for one case: "


class Failure(Exception):
    """``expected`` and ``actual`` are for people who write implementations: names and numbers.

    ``differences``  the same as data, where values were compared
    ``pictures``     what was to be seen, what was seen, and where the two differ
    ``place``        which draw command was the last over the first pixel that differs
    """

    def __init__(
        self,
        expected: str,
        actual: str,
        differences: Iterable[Difference] = (),
        pictures: Iterable[Picture] = (),
        place: str = "",
    ) -> None:
        super().__init__(f"expected {expected}; found {actual}")
        self.expected = expected
        self.actual = actual
        self.differences = tuple(differences)
        self.pictures = tuple(pictures)
        self.place = place


class Unreadable(Failure):
    """A message that a case needs has a body that cannot be parsed, which is the matter of SPICE-FRAME-041."""


class Blocked(Exception):
    """``by`` are the cases that did not pass; the text says what failed where no case is known."""

    def __init__(self, text: str, by: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.by = tuple(by)


class Undriven(Blocked):
    """``verb`` is what it was to do; ``said`` is what whoever drives it says. No sentence speaks of that."""

    def __init__(self, verb: str, said: str) -> None:
        super().__init__(f"{_UNDRIVEN}{verb}: {said}")


class Flooded(Blocked):
    """``text`` is what came. No sentence speaks of that either."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{_FLOODED}{text}")


def undriven(reason: str) -> bool:
    """Whether a case is blocked because the target could not be told what the case needs: the text of Undriven."""
    return _UNDRIVEN in reason


def untried(reason: str) -> bool:
    """Whether a case is blocked for a reason that says nothing of the target: the text of Undriven or Flooded."""
    return undriven(reason) or _FLOODED in reason


class NotApplicable(Exception):
    """The text has the evidence: a capability, or what the target said."""


class Refusal(Exception):
    """The text is what the client said."""


class TargetUnusable(Exception):
    """A program is missing, has ended, or does not listen; the text says what was tried."""
