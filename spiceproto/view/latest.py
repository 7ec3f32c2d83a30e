"""Rows and bodies of a capture that still runs: the latest are kept, and the oldest go when there are too many.

Rows keep their numbers: the first that is kept is ``first``.
"""

from __future__ import annotations

from typing import Final

from spiceproto.view.blocks import Blocks
from spiceproto.view.rows import Rows

__all__ = ["BODIES", "ROWS", "LatestBodies", "LatestRows"]

ROWS: Final = 200_000
"""Rows that are kept; a page has as many of them."""

BODIES: Final = 64 << 20
"""Bytes of bodies that are kept."""

_PART: Final = 8
"""What share of the rows goes at once: to take them away one by one costs more than to make them."""


class LatestRows(Rows):
    """``len`` counts those that are gone as well."""

    def __init__(self, most: int = ROWS) -> None:
        super().__init__()
        self.first = 0
        self._most = most

    def __len__(self) -> int:
        return self.first + len(self.summaries)

    @property
    def full(self) -> bool:
        """There is room for the next row."""
        return False

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
        """One more, in place of the oldest if need be."""
        super().add(time, number, frame, serial, size, kind, connection, flags, summary)
        if len(self.summaries) > self._most:
            gone = max(self._most // _PART, 1)
            for column in self.columns.values():
                del column[:gone]
            del self.summaries[:gone]
            self.first += gone


class LatestBodies(Blocks):
    """Bodies by their rows. ``first`` is the row from which on all are there."""

    def __init__(self, most: int = BODIES) -> None:
        super().__init__()
        self.first = 0
        self._most = most
        self._of_row: dict[int, bytes] = {}
        self._kept = 0

    def add(self, row: int, body: bytes) -> bool:
        """The body of a row, which is behind all before; whether there is room for it at all."""
        if len(body) > self._most:
            self.left += 1
            return False
        self._of_row[row] = body
        self._kept += len(body)
        while self._kept > self._most:
            oldest = next(iter(self._of_row))
            self._kept -= len(self._of_row.pop(oldest))
            self.first = oldest + 1
        return True

    def forget(self, first: int) -> None:
        """The bodies of rows before this one are not wanted any more."""
        while self._of_row and (oldest := next(iter(self._of_row))) < first:
            self._kept -= len(self._of_row.pop(oldest))
        self.first = max(self.first, first)

    def close(self) -> None:
        """Nothing is packed."""

    def body(self, row: int) -> bytes | None:
        """None if it is not kept."""
        return self._of_row.get(row)
