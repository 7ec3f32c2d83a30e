"""Bodies of messages in blocks, each packed by itself: a page opens the block of the message that is looked at."""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import Any, Final

__all__ = ["MOST", "Blocks", "packed"]

MOST: Final = 192 << 20
"""Bytes of bodies that a page has: a browser holds the text of a page in one piece, and that has a limit."""

_BLOCK: Final = 256 << 10
"""Bytes of bodies from which on a block is packed."""

_LEVEL: Final = 1
"""Of deflate: what most bodies have that are large is compressed already."""

_SAMPLE: Final = 16 << 10
_GAIN: Final = 0.97
"""Bytes of a block that are tried, and the share of them that they may take, for it to be worth while."""


def packed(data: Any, level: int = 6) -> str:
    """Deflated, as base64."""
    return b64encode(zlib.compress(data, level)).decode("ascii")


class Blocks:
    """``texts`` are the blocks that are packed, with their first row; ``left`` counts bodies that found no room.

    A text begins with ``d`` if it is deflated, ``s`` if it is as it was.
    """

    def __init__(self) -> None:
        self.texts: list[tuple[int, str]] = []
        self.left = 0
        self._bodies: list[bytes] = []
        self._size = 0
        self._total = 0
        self._first = 0

    def add(self, row: int, body: bytes) -> bool:
        """The body of a row, which is behind all before; whether there was room for it."""
        if self._total + len(body) > MOST:
            self.left += 1
            return False
        if not self._bodies:
            self._first = row
        self._bodies.append(body)
        self._size += len(body)
        self._total += len(body)
        if self._size >= _BLOCK:
            self.close()
        return True

    def close(self) -> None:
        """Pack what has gathered."""
        if not self._bodies:
            return
        data = b"".join(self._bodies)
        sample = data[:: max(len(data) // _SAMPLE, 1)] if len(data) < 2 * _SAMPLE else data[len(data) // 2 :][:_SAMPLE]
        if len(zlib.compress(sample, _LEVEL)) < _GAIN * len(sample):
            self.texts.append((self._first, f"d{packed(data, _LEVEL)}"))
        else:
            self.texts.append((self._first, f"s{b64encode(data).decode('ascii')}"))
        self._bodies.clear()
        self._size = 0
