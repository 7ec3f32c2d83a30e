"""Pieces of a stream that came before what they follow.

They wait sorted by position, cut so that they never overlap: the byte that came first wins. A byte that the snapshot length cut
off is a piece without data.
"""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["Piece", "Pieces"]

Piece = tuple[int, int, "bytes | None", bool, int, int]
"""Start, end, data or None for bytes known to be missing, whether this is the FIN, time, frame."""


def _start(piece: Piece) -> int:
    return piece[0]


class Pieces:
    """What waits of one direction.

    * ``position``: of the next byte: a count without wrap-around
    * ``waiting``: how many bytes wait
    """

    __slots__ = ("_pieces", "position", "waiting")

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self.position = 0
        self.waiting = 0

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def hole(self) -> int:
        """How many bytes are missing before the first of them."""
        return self._pieces[0][0] - self.position if self._pieces else 0

    def skip(self) -> int:
        """Those will not come: how many there are."""
        size = self.hole
        self.position += size
        return size

    def take(self) -> Piece | None:
        """The piece that is next, or None."""
        if not self._pieces or self._pieces[0][0] != self.position:
            return None
        piece = self._pieces.pop(0)
        self.position = piece[1]
        if piece[2] is not None:
            self.waiting -= len(piece[2])
        return piece

    def clear(self) -> int:
        """Forget them: how many bytes these were."""
        waiting, self.waiting = self.waiting, 0
        self._pieces = []
        return waiting

    def insert(self, start: int, end: int, data: bytes | None, *, fin: bool, time_ns: int, frame: int) -> int:
        """Add the parts of a piece that nothing covers yet; how many bytes these are."""
        pieces = self._pieces
        added = 0
        position = max(start, self.position)
        index = bisect_right(pieces, position, key=_start)
        if index and pieces[index - 1][1] > position:
            index -= 1
        while position < end:
            if index < len(pieces) and pieces[index][0] <= position:
                position = max(position, pieces[index][1])
                index += 1
                continue
            stop = min(end, pieces[index][0]) if index < len(pieces) else end
            part = None if data is None else data[position - start : stop - start]
            pieces.insert(index, (position, stop, part, fin, time_ns, frame))
            if part is not None:
                added += stop - position
            index += 1
            position = stop
        self.waiting += added
        return added
