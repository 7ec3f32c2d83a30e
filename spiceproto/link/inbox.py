"""Bytes of one direction that wait until all of a structure are there."""

from __future__ import annotations

__all__ = ["Inbox"]


class Inbox:
    """Bytes of one direction that are not consumed yet. ``offset`` is that of the first of them in the stream."""

    __slots__ = ("_data", "offset")

    def __init__(self) -> None:
        self._data = bytearray()
        self.offset = 0

    def __len__(self) -> int:
        return len(self._data)

    def add(self, data: bytes) -> None:
        """More bytes."""
        self._data += data

    def peek(self, size: int) -> bytes:
        """The first ``size`` bytes or fewer, which stay."""
        return bytes(self._data[:size])

    def give_back(self, data: bytes) -> None:
        """Bytes that were taken last, and turned out to be somebody else's."""
        self._data[:0] = data
        self.offset -= len(data)

    def take(self, size: int) -> bytes:
        """The first ``size`` bytes, which must be there."""
        found = bytes(self._data[:size])
        del self._data[:size]
        self.offset += size
        return found
