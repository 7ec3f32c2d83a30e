"""Where messages begin and end in what the suite sends: its automatic answers never cut into one that is half sent."""

from __future__ import annotations

from spiceproto import framing

__all__ = ["Boundary"]


class Boundary:
    """Follows what the suite sends, whole messages and pieces of them. ``whole``: whether no message is half sent."""

    def __init__(self, mini_header: bool) -> None:
        self._header = framing.MINI_HEADER_SIZE if mini_header else framing.FULL_HEADER_SIZE
        self._size_at = 2 if mini_header else 10
        self._begun = b""
        self._left = 0

    @property
    def whole(self) -> bool:
        return not self._begun and not self._left

    def sent(self, data: bytes) -> None:
        """These bytes were sent."""
        at = 0
        while at < len(data):
            if self._left:
                taken = min(self._left, len(data) - at)
                self._left -= taken
            else:
                taken = min(self._header - len(self._begun), len(data) - at)
                self._begun += data[at : at + taken]
                if len(self._begun) == self._header:
                    self._left = int.from_bytes(self._begun[self._size_at : self._size_at + 4], "little")
                    self._begun = b""
            at += taken
