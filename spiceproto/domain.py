"""What values a field may have: the vocabulary that a schema says it in, and what an observer finds outside.

    Among      one of these numbers, or of these names
    Named      a name of the field's enumeration; without a domain an enumeration is open, and others may come
    Bits       no bits but those that the field's flags name
    Range      from the least to the most
    NotBelow   at least as much as an earlier field
    Room       at least the bytes of a picture whose kind, width and height are earlier fields
    ZeroFree   bytes of which none is zero, or none but the last

A domain says which values a sender may send. It never changes what is parsed or built: a receiver has to live with all
others, and programs that try receivers have to send them. It stands behind the field that it is about and speaks of that
field and of earlier ones; for a sequence of numbers it holds for each of them, for a pointer for what it leads to. A
field that only counts has a domain like any other, and so the sequence that it counts is neither too short nor too long.

Some names can be sent only to a receiver that announced a capability (``named(needs=...)``). That does not depend on the
message alone, so the checks say nothing of it; :mod:`spiceproto.contents` does.

Each domain names the sentence of the specification that demands it: one of its own, or ``VALUES``, which holds for
every field that the tables of the specification give values for. With ``tolerated`` others are known to live with what
is outside.

There are no lambdas here either, so one declaration gives the tables, the legal values, the mutators and the checks; see
:mod:`spiceproto.derive.domains`. This module needs nothing but enumerations, for the checks run without construct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from spiceproto.enums.base import WireEnum

__all__ = [
    "BITS",
    "NAMED",
    "TRUTH",
    "VALUES",
    "ZERO_FREE",
    "ZERO_LAST",
    "Among",
    "Bits",
    "Domain",
    "Named",
    "NotBelow",
    "Outside",
    "Range",
    "Room",
    "ZeroFree",
    "among",
    "at_least",
    "at_most",
    "between",
    "named",
    "not_below",
    "within",
]

VALUES: Final = "SPICE-FRAME-040"
"""The sentence of every domain that has none of its own."""


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """What values a field may have.

    * ``sentence``: id of the sentence that demands it
    * ``tolerated``: others live with a value outside
    """

    sentence: str = VALUES
    tolerated: bool = False


class Among(Domain, frozen=True):
    """One of ``numbers``."""

    numbers: tuple[int, ...]


class Named(Domain, frozen=True):
    """A name of the field's enumeration that is not among ``but``.

    * ``needs``: names that may be sent only if the receiver announced capabilities, each with all that it needs
    """

    but: tuple[WireEnum, ...] = ()
    needs: tuple[tuple[WireEnum, tuple[WireEnum, ...]], ...] = ()


class Bits(Domain, frozen=True):
    """A combination of the field's flags, none included."""


class Range(Domain, frozen=True):
    """A number from ``least`` to ``most``, both included; None for what the field itself can hold."""

    least: int | None
    most: int | None


class NotBelow(Domain, frozen=True):
    """A number that is not below that of the earlier field ``name``."""

    name: str


class Room(Domain, frozen=True):
    """Bytes for a picture, or a number of them: for one row if ``height`` is empty.

    * ``kind, width, height``: dotted names of earlier fields
    * ``planes``: number of a kind to the bits that a pixel has in each of its planes, whose rows are filled up to whole
      bytes, and the bytes of colours that come with them; nothing is said of other kinds
    * ``unless``: earlier flags and the bits with which nothing is said
    """

    kind: str
    width: str
    height: str
    planes: Mapping[int, tuple[tuple[int, ...], int]]
    unless: tuple[str, int] | None = None

    def bytes(self, kind: int, width: int, height: int = 1) -> int:
        """How many there are at least; 0 for a kind of which nothing is said."""
        bits, colours = self.planes.get(kind, ((), 0))
        return sum([(item * width + 7) // 8 * height for item in bits]) + colours


class ZeroFree(Domain, frozen=True):
    """Bytes without a zero byte; ``last`` says that there may be one at their end."""

    last: bool


# -- the words schemas are written in ----------------------------------------------------------------------------------


def among(*numbers: int, sentence: str = VALUES, tolerated: bool = False) -> Among:
    """One of ``numbers``, which may be names."""
    return Among(numbers, sentence=sentence, tolerated=tolerated)


def named(
    *,
    but: WireEnum | tuple[WireEnum, ...] = (),
    needs: Mapping[WireEnum, WireEnum | tuple[WireEnum, ...]] | None = None,
    sentence: str = VALUES,
) -> Named:
    """A name of the field's enumeration, but not ``but``; ``needs`` says which capabilities of the receiver one needs."""
    pairs = [(name, item if isinstance(item, tuple) else (item,)) for name, item in (needs or {}).items()]
    return Named(but if isinstance(but, tuple) else (but,), tuple(pairs), sentence=sentence)


def between(least: int, most: int, *, sentence: str = VALUES) -> Range:
    """From ``least`` to ``most``, both included."""
    return Range(least, most, sentence=sentence)


def at_least(least: int, *, sentence: str = VALUES) -> Range:
    """``least`` or more."""
    return Range(least, None, sentence=sentence)


def at_most(most: int, *, sentence: str = VALUES) -> Range:
    """``most`` or less."""
    return Range(None, most, sentence=sentence)


def not_below(name: str, *, sentence: str = VALUES) -> NotBelow:
    """As much as the earlier field ``name``, or more."""
    return NotBelow(name, sentence=sentence)


NAMED: Final = Named()
BITS: Final = Bits()
TRUTH: Final = among(0, 1)
ZERO_FREE: Final = ZeroFree(False)
ZERO_LAST: Final = ZeroFree(True)


# -- what is found -----------------------------------------------------------------------------------------------------


class Outside(msgspec.Struct, frozen=True):
    """A value that is not in the domain of its field.

    * ``path``: the field, as in errors: ``base.box.bottom``, ``heads[2].flags``
    * ``sentence``: id of the sentence that is broken
    * ``tolerated``: others live with it
    """

    path: str
    expected: str
    actual: str
    sentence: str = VALUES
    tolerated: bool = False


def within(name: str, found: tuple[Outside, ...]) -> tuple[Outside, ...]:
    """The same, seen from the structure that has the field ``name``."""
    return tuple([msgspec.structs.replace(item, path=f"{name}.{item.path}") for item in found])
