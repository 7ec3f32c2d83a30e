"""What a shell hands to the system at once: a call for each small message would take more time than the message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto.transport import Action, Send

__all__ = ["PIECE", "together"]

PIECE: Final = 1 << 16
"""Bytes from which on a piece goes to the system by itself."""


def together(actions: list[Action]) -> Iterator[Action]:
    """The actions, with small pieces for one client that follow each other as one: each costs a call of the system."""
    pieces: list[bytes] = []
    size = 0
    for number, action in enumerate(actions):
        if not isinstance(action, Send):
            yield action
            continue
        pieces.append(action.data)
        size += len(action.data)
        after = actions[number + 1] if number + 1 < len(actions) else None
        if size < PIECE and isinstance(after, Send) and after.connection == action.connection:
            continue
        yield action if len(pieces) == 1 else Send(action.connection, b"".join(pieces))
        pieces.clear()
        size = 0
