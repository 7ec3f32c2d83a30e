"""Shapes of the pointer: how many came whole, and how many were taken from the cache."""

from __future__ import annotations

from typing import Any, Final

from spiceproto.enums.cursor import CursorFlags

__all__ = ["SHAPED", "Shapes"]

SHAPED: Final = frozenset({"INIT", "SET"})
"""Messages that are looked at."""


class Shapes:
    """``whole`` ones, those of them that are ``kept``, and those that are taken ``from_cache``."""

    def __init__(self) -> None:
        self.whole = 0
        self.kept = 0
        self.from_cache = 0

    def message(self, value: Any) -> None:
        """One of :data:`SHAPED`."""
        flags = int(value.cursor.flags)
        if flags & CursorFlags.NONE:
            return
        if flags & CursorFlags.FROM_CACHE:
            self.from_cache += 1
            return
        self.whole += 1
        self.kept += bool(flags & CursorFlags.CACHE_ME)
