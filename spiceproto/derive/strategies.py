"""Hypothesis strategies of legal values, messages and bodies. The only module that imports Hypothesis.

    values(record)            values of a record that can be built
    legal_values(record)      those of them that a sender may send: every field is in its domain
    bodies(record)            the bytes of such values
    messages(table, sender)   (row, value) of any message that a sender has on a table

What a legal value is stands in :mod:`spiceproto.derive.legal`; here every choice becomes a draw, the simplest choice
being the one that Hypothesis shrinks to: no elements, zero, the first name of an enumeration, a null pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from spiceproto import schema, wire
from spiceproto.derive.legal import SMALL, Sizes, boundaries, legal_value
from spiceproto.message import Message, Sender

__all__ = ["bodies", "legal_values", "messages", "values"]

T = TypeVar("T")


@cache
def _numbers(low: int, high: int) -> SearchStrategy[int]:
    if high - low < 256:
        return st.integers(low, high)
    return st.one_of(st.integers(low, high), st.sampled_from(sorted(boundaries(low, high), key=abs)))


_lengths = cache(lambda most: st.integers(0, most))
_octets = cache(lambda size: st.binary(min_size=size, max_size=size))
_choices = cache(st.sampled_from)
_RARELY = st.integers(0, 19)


class _DrawingChooser:
    """Choices of Hypothesis."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw

    def number(self, low: int, high: int) -> int:
        return self.draw(_numbers(low, high))

    def length(self, most: int) -> int:
        return self.draw(_lengths(most))

    def octets(self, size: int) -> bytes:
        return self.draw(_octets(size))

    def one_of(self, options: Sequence[T]) -> T:
        chosen: T = self.draw(_choices(tuple(options)))
        return chosen

    def rarely(self) -> bool:
        return self.draw(_RARELY) == 19


@st.composite
def _values(draw: DrawFn, record: wire.Record, sizes: Sizes, odd: bool) -> Any:
    return legal_value(record, _DrawingChooser(draw), sizes, odd=odd)


def values(record: wire.Record, sizes: Sizes = SMALL) -> SearchStrategy[Any]:
    """Values of ``record`` that can be built; now and then with numbers or bits that have no name."""
    return _values(record, sizes, True)


def legal_values(record: wire.Record, sizes: Sizes = SMALL) -> SearchStrategy[Any]:
    """Values of ``record`` whose fields are all in their domains."""
    return _values(record, sizes, False)


def bodies(record: wire.Record, sizes: Sizes = SMALL) -> SearchStrategy[bytes]:
    """The bytes of legal values of ``record``."""
    return values(record, sizes).map(lambda value: wire.build(record, value))


def messages(table: str, sender: Sender, sizes: Sizes = SMALL) -> SearchStrategy[tuple[Message, Any]]:
    """Row and value of any message that ``sender`` has on ``table``; those that every channel has included."""
    rows = list(schema.rows(table, sender).values())
    return st.sampled_from(rows).flatmap(lambda row: st.tuples(st.just(row), values(row.body, sizes)))
