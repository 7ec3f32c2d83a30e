"""The rows of the list as columns: messages, steps of the link stage, and what messages carry in pieces."""

from __future__ import annotations

import sys
from array import array
from typing import Any, Final

__all__ = ["COLUMNS", "HAS_BYTES", "MOST", "SENDERS", "Kind", "Rows"]

MOST: Final = 1_000_000
"""Rows that a page has: more are higher than a browser lets an element be, and take too long to search."""

SENDERS: Final = ("", "client", "server")
"""In the order of their numbers."""

HAS_BYTES: Final = 4
"""Bit of the column ``flags`` beside the number of the sender: the page has the bytes of this row."""

COLUMNS: Final = (
    ("time", "d"),
    ("number", "I"),
    ("frame", "I"),
    ("serial", "I"),
    ("size", "I"),
    ("kind", "H"),
    ("connection", "H"),
    ("flags", "B"),
)
"""Name and type of each column, the widest first, so that each begins where it may.

* ``time``: seconds after the first thing seen
* ``number``: of the message, 0 for a row that is none
* ``size``: bytes of its body
* ``kind``: place in the table of kinds
* ``connection``: its number, as reports give it
"""

_SUMMARY: Final = 240
"""Letters of a summary."""

_NAMES: Final = 0xFFFF
"""Kinds that are told apart, and connections: all others are the last."""

_SERIAL: Final = 0xFFFFFFFF

Kind = tuple[str, str, tuple[str, ...]]
"""What it is (``message``, ``link``, ``agent``, ...), its name, and the structures that its body is made of in a row."""


class Rows:
    """All rows. ``left`` are those above :data:`MOST`, which are counted only."""

    def __init__(self) -> None:
        self.columns: dict[str, array[Any]] = {name: array(code) for name, code in COLUMNS}
        self.summaries: list[str] = []
        self.kinds: list[Kind] = []
        self.left = 0
        self._numbers: dict[Kind, int] = {}
        self._append = [self.columns[name].append for name, _ in COLUMNS]

    def __len__(self) -> int:
        return len(self.summaries)

    @property
    def full(self) -> bool:
        """Whether the next row is left out."""
        return len(self.summaries) >= MOST

    def kind(self, kind: Kind) -> int:
        """The number of a kind."""
        found = self._numbers.get(kind)
        if found is None:
            if len(self.kinds) == _NAMES:
                kind = (kind[0], "another", ())
            found = self._numbers.setdefault(kind, len(self.kinds))
            if found == len(self.kinds):
                self.kinds.append(kind)
        return found

    def add(
        self,
        time: float,
        number: int,
        frame: int,
        serial: int,
        size: int,
        kind: int,
        connection: int,
        flags: int,
        summary: str,
    ) -> None:
        """One more, behind the others."""
        if self.full:
            self.left += 1
            return
        values = (time, number, frame, min(serial, _SERIAL), size, kind, min(connection, _NAMES), flags)
        for append, value in zip(self._append, values, strict=True):
            append(value)
        if len(summary) > _SUMMARY:
            summary = f"{summary[:_SUMMARY]} ..."
        self.summaries.append(summary.replace("\n", " "))

    def packed(self) -> bytes:
        """Columns one behind the other, numbers with their lowest byte first, and the summaries as lines of UTF-8."""
        parts = []
        for name, _ in COLUMNS:
            column = self.columns[name]
            if sys.byteorder == "big":
                column = array(column.typecode, column)
                column.byteswap()
            parts.append(column.tobytes())
        return b"".join(parts) + "\n".join(self.summaries).encode("utf-8", "replace")
