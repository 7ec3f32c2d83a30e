"""Ticket keys for the suite's own ends.

A key takes some 20 ms to make, which is more than most cases take in memory. So there are a few, used in turn: two links
that follow each other never have the same one. That they come again is no mistake of a reference in memory: whoever compares
keys asks :func:`lent`.
"""

from __future__ import annotations

from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spiceproto.ticket import TicketKey

__all__ = ["lent", "ticket_key"]

_COUNT: Final = 4

_lent: Final[set[bytes]] = set()
"""Public keys of what was made here."""


@cache
def _keys() -> Iterator[TicketKey]:
    from spiceproto.ticket import TicketKey

    made = [TicketKey.generate() for _ in range(_COUNT)]
    _lent.update([key.public_key_der for key in made])
    return cycle(made)


def ticket_key() -> TicketKey:
    """The next key."""
    return next(_keys())


def lent(public_key: bytes) -> bool:
    """Whether a public key is one of these."""
    return public_key in _lent
