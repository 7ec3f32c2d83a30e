"""How a case, or a whole run, comes to its end other than in peace.

    Failure          the target did not do what the sentence asks for
    NotApplicable    the sentence does not bind this target
    Refusal          a client would not do what it was asked for, and said so
    TargetUnusable   nobody can talk to the target at all
"""

from __future__ import annotations

__all__ = ["Failure", "NotApplicable", "Refusal", "TargetUnusable"]


class Failure(Exception):
    """``expected`` and ``actual`` are for people who write implementations: names and numbers."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f"expected {expected}; found {actual}")
        self.expected = expected
        self.actual = actual


class NotApplicable(Exception):
    """The text has the evidence: a capability, or what the target said."""


class Refusal(Exception):
    """The text is what the client said."""


class TargetUnusable(Exception):
    """A program is missing, has ended, or does not listen; the text says what was tried."""
