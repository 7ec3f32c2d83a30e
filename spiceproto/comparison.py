"""What is beside the tables of a channel: whatever counts and compares there, in one shape.

A comparison hears every message of its channel. It says what is wrong, and may hand on what the message carries, for tables
that go by that: keys made of bytes, agent messages, packets of usbredir. Which channel has which is in
:mod:`spiceproto.linked`; the session (:mod:`spiceproto.session`) knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from spiceproto.finding import Finding

__all__ = ["Anew", "Carried", "Comparison"]


class Carried(msgspec.Struct, frozen=True):
    """Something that a message carries, as tables hear it.

    * ``value``: its fields, None where they are not known
    * ``table``: of the channel that it belongs to, "" for the one it came on
    * ``inside``: it is a message itself, inside of another; False for an event that is made of what messages say
    """

    name: str
    value: Any = None
    table: str = ""
    inside: bool = True


class Anew(msgspec.Struct, frozen=True):
    """The tables of the channel ``table``, which is inside of this one, begin anew."""

    table: str


class Comparison(Protocol):
    """One channel's. What it is given it remembers with a bound."""

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterable[Finding | Carried | Anew]:
        """A message of the channel; ``value`` is None where it could not be read, or was not."""

    def forget(self, sender: str) -> None:
        """Something that this side said was missed."""
