"""What both ends of a connection sent, kept until somebody knows where its messages begin."""

from __future__ import annotations

from typing import Final

from spiceproto.capture.chains import Run
from spiceproto.capture.layers import Piece, Recognised
from spiceproto.capture.limits import MIDSESSION_BYTES
from spiceproto.capture.recognition import TICKETS, Ends

__all__ = ["Held"]

_FIRST_TRIES: Final = 2


class Held:
    """What both ends sent, in order, and as runs.

    * ``pieces``: in order
    * ``ends``: end -> its runs
    * ``size``: end -> bytes held
    """

    __slots__ = ("_next", "ends", "pieces", "segments", "size")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.ends: Ends = {True: [Run()], False: [Run()]}
        self.size = {True: 0, False: 0}
        self.segments = 0
        self._next = _FIRST_TRIES

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """More bytes."""
        self.pieces.append((from_client, chunk, time_ns, frame))
        self.ends[from_client][-1].add(chunk)
        self.size[from_client] += len(chunk)
        self.segments += 1

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        self.pieces.append((from_client, size, time_ns, frame))
        if len(self.ends[from_client][-1]):
            self.ends[from_client].append(Run())

    @property
    def due(self) -> bool:
        """Whether so much came that another look is worth its time."""
        if self.segments < self._next:
            return False
        self._next = max(self.segments + 1, self.segments * 3 // 2)
        return True

    @property
    def full(self) -> bool:
        """Whether an end sent as much as is kept."""
        return max(self.size.values()) >= MIDSESSION_BYTES

    @property
    def full_ends(self) -> set[bool]:
        """Ends that sent as much as is kept."""
        return {end for end, size in self.size.items() if size >= MIDSESSION_BYTES}

    def without(self, ends: set[bool]) -> Held:
        """The same without what these ends sent."""
        rest = Held()
        for end, what, time_ns, frame in self.pieces:
            if end in ends:
                continue
            if isinstance(what, int):
                rest.gap(end, what, time_ns, frame)
            else:
                rest.data(end, what, time_ns, frame)
        return rest

    def lost(self, found: Recognised) -> set[bool]:
        """Ends that sent bytes, and not just a ticket, of which no message was recognised."""
        return {end for end, start in found.starts.items() if start is None and self.size[end] not in (0, *TICKETS)}

    def from_starts(self, found: Recognised) -> tuple[list[Piece], dict[bool, int]]:
        """The pieces from the first message of each end on, and how many bytes of each end are left out."""
        left = {}
        skipped = {}
        for end, start in found.starts.items():
            runs = self.ends[end]
            first = sum(map(len, runs)) if start is None else sum(len(run) for run in runs[: start[0]]) + start[1]
            left[end] = skipped[end] = first
        pieces: list[Piece] = []
        begun: set[bool] = set()
        for end, what, time_ns, frame in self.pieces:
            skip = left[end]
            if isinstance(what, int):
                if end in begun:
                    pieces.append((end, what, time_ns, frame))
            elif skip >= len(what):
                left[end] -= len(what)
            else:
                left[end] = 0
                begun.add(end)
                pieces.append((end, what[skip:] if skip else what, time_ns, frame))
        return pieces, skipped
