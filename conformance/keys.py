"""Ticket keys for the suite's own ends.

A key takes some 20 ms to make, which is more than most cases take in memory. So there are a few, used in turn: two links
that follow each other never have the same one.
"""

from __future__ import annotations

from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spiceproto.ticket import TicketKey

__all__ = ["ticket_key"]

_COUNT: Final = 4


@cache
def _keys() -> Iterator[TicketKey]:
    from spiceproto.ticket import TicketKey

    return cycle([TicketKey.generate() for _ in range(_COUNT)])


def ticket_key() -> TicketKey:
    """The next key."""
    return next(_keys())
