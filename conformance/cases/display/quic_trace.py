"""What a QUIC stream of a server is made of: its symbols, and whether runs have all the pixels that they could have.

From one picture all encoders make one stream, but for these two things. So a stream that the library's encoder makes as well is
not looked into; of others the first pixels are, as many as do not take long.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from spiceproto.codecs import quic
from spiceproto.codecs.plain_quic import Pass, Pixel, Quic

__all__ = ["Trace", "trace"]

_MOST: Final = 20000
"""Pixels that are looked at."""
_LEVEL: Final = 2048
_LAST_LEVEL: Final = 6


class Trace(NamedTuple):
    """What was found.

    * ``most``: the highest symbol that there can be
    * ``symbol``: the highest that there is
    * ``short``: how many pixels the first run has that could be longer, and row and column of its first; () if there is none
    * ``whole``: whether all of the stream was looked at, or it is as the library would have made it
    """

    most: int
    symbol: int
    short: tuple[int, ...]
    whole: bool


class _Enough(Exception):
    pass


class _Watched(Quic):
    """A decoder that writes down what it reads."""

    highest = 0
    short: tuple[int, ...] = ()
    done = 0

    def __init__(self) -> None:
        self._runs: list[tuple[int, int, int]] = []

    def symbol(self, code: int, depth: int) -> int:
        found = super().symbol(code, depth)
        self.highest = max(self.highest, found)
        return found

    def stretch(self, one: Pass, column: int) -> int:
        length = super().stretch(one, column)
        self._runs.append((column, length, one.pixels + length))
        return length

    def row(self, one: Pass) -> list[Pixel]:
        self._runs.clear()
        row = super().row(one)
        for column, length, pixels in self._runs:
            end = column + length
            # A run ends with a level as well, but for the last one.
            more = end < len(row) and (pixels % _LEVEL > 0 or not length or pixels // _LEVEL > _LAST_LEVEL)
            if more and not self.short and row[end] == row[column - 1]:
                self.short = (length, self.done, column)
        return row

    def rows(self, passes: list[Pass]) -> list[Pixel]:
        found = super().rows(passes)
        self.done += 1
        if self.done * passes[0].width > _MOST:
            raise _Enough
        return found


def trace(stream: bytes) -> Trace:
    """Look into a stream. Raises RemoteError for one that can not be decoded."""
    head = quic.header(stream)
    most = 31 if head.type == quic.QuicImageType.RGB16 else 255
    again = quic.encode(quic.decode(stream), head.type)
    if stream[: len(again)] == again:
        return Trace(most=most, symbol=0, short=(), whole=True)
    watched = _Watched()
    try:
        watched.decode(stream)
        whole = True
    except (_Enough, ValueError):
        whole = False
    return Trace(most=most, symbol=watched.highest, short=watched.short, whole=whole)
