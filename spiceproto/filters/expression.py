"""What a filter says, as values; ``column`` counts from 1."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

__all__ = ["All", "Comparison", "Either", "Expression", "Literal", "Not", "Number", "Range", "Text", "There", "Word"]


class Number(NamedTuple):
    """A number."""

    value: int | float
    column: int


class Word(NamedTuple):
    """A word without quotes: the name of a value."""

    value: str
    column: int


class Text(NamedTuple):
    """A text in quotes, as bytes."""

    value: bytes
    column: int


class Range(NamedTuple):
    """From ``low`` to ``high``, both included."""

    low: Number
    high: Number
    column: int


Literal: TypeAlias = Number | Word | Text | Range


class There(NamedTuple):
    """The message has something of this name."""

    name: str
    column: int


class Comparison(NamedTuple):
    """``operator`` is one of ``== != < <= > >= in contains matches``; only ``in`` has other than one value."""

    name: str
    operator: str
    values: tuple[Literal, ...]
    column: int


class Not(NamedTuple):
    """The opposite."""

    inner: Expression


class All(NamedTuple):
    """Each of them."""

    parts: tuple[Expression, ...]


class Either(NamedTuple):
    """At least one of them."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = There | Comparison | Not | All | Either
