"""What messages carry in pieces, whose borders mean nothing: it is blanked when it is whole, where its bytes are.

A :class:`Stream` has the places of bytes that are zeros in the copy as yet. Who puts the pieces together says when something is
whole: it is at the front, once what can not be its beginning is passed over.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Stream"]

Place = tuple[bytearray, bytearray, int, int]
"""Bytes of a side, their copy, begin and end of a piece in both."""


class Stream:
    """One direction of something that is carried."""

    def __init__(self) -> None:
        self._places: deque[Place] = deque()

    def add(self, raw: bytearray, out: bytearray, start: int, end: int) -> None:
        """The next piece."""
        if end > start:
            self._places.append((raw, out, start, end))

    def front(self, size: int) -> bytes:
        """The first bytes, fewer if there are not so many."""
        found = b""
        for raw, _, start, end in self._places:
            found += raw[start : min(end, start + size - len(found))]
            if len(found) >= size:
                break
        return found

    def find(self, head: bytes) -> bool:
        """Pass over pieces until one begins with ``head``, which may go on in the next; whether there is one."""
        while self._places and self.front(len(head)) != head:
            self._places.popleft()
        return bool(self._places)

    def put(self, data: bytes) -> None:
        """What the first bytes are in the copy; they are over."""
        place = 0
        while place < len(data) and self._places:
            raw, out, start, end = self._places.popleft()
            step = min(end - start, len(data) - place)
            out[start : start + step] = data[place : place + step]
            place += step
            if start + step < end:
                self._places.appendleft((raw, out, start + step, end))
