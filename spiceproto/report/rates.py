"""How many bytes of messages there were in each stretch of time. Long captures have longer stretches, and no more of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["MOST", "Rates", "Stretch"]

MOST: Final = 512
"""Stretches that are kept; where more would be needed, two become one."""

_WIDTH_NS: Final = 100_000_000

_SENDERS: Final = ("client", "server")


class Stretch(NamedTuple):
    """From ``begin`` seconds on: bytes of each side."""

    begin: float
    client: int
    server: int


class Rates:
    """``start_ns``: the first time, -1 before; what is earlier counts as of then. ``width_ns``: of a stretch."""

    def __init__(self) -> None:
        self.start_ns = -1
        self.width_ns = _WIDTH_NS
        self._sums: dict[str, list[int]] = {sender: [] for sender in _SENDERS}

    def bounds(self, time_ns: int) -> tuple[int, int]:
        """When the stretch of a time begins and ends."""
        if self.start_ns < 0:
            self.start_ns = time_ns
        place = self._place(time_ns)
        begin = self.start_ns + place * self.width_ns
        return begin, begin + self.width_ns

    def _place(self, time_ns: int) -> int:
        elapsed = max(time_ns - self.start_ns, 0)
        while elapsed // self.width_ns >= MOST:
            self.width_ns *= 2
            for sender, sums in self._sums.items():
                self._sums[sender] = [sum(sums[place : place + 2]) for place in range(0, len(sums), 2)]
        return elapsed // self.width_ns

    def add(self, sender: str, time_ns: int, size: int) -> None:
        """So many bytes at a time whose :meth:`bounds` were asked for."""
        place = self._place(time_ns)
        sums = self._sums[sender]
        if place >= len(sums):
            sums.extend([0] * (place + 1 - len(sums)))
        sums[place] += size

    def most(self, sender: str) -> int:
        """Bits a second in the busiest stretch of a side."""
        return round(8 * max(self._sums[sender], default=0) / (self.width_ns / 1e9))

    def __iter__(self) -> Iterator[Stretch]:
        client, server = (self._sums[sender] for sender in _SENDERS)
        for place in range(max(len(client), len(server))):
            sums = [sums[place] if place < len(sums) else 0 for sums in (client, server)]
            yield Stretch(place * self.width_ns / 1e9, *sums)

    def fewer(self, most: int) -> list[Stretch]:
        """The same in at most so many stretches."""
        found = list(self)
        step = -(-len(found) // most) or 1
        groups = [found[place : place + step] for place in range(0, len(found), step)]
        return [Stretch(group[0].begin, sum(one.client for one in group), sum(one.server for one in group)) for group in groups]
