"""QUIC as a decoder without any haste: a method for each step, so that a fault takes another one (spec/06-codecs.md, 6.1).

It is given streams that are as they should be; what a step done wrong makes of them may be anything, an error included.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

__all__ = ["Pass", "Pixel", "Plane", "Quic"]

Pixel = tuple[int, ...]
"""Its channels."""

_RUN_BITS: Final = (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15)
_LIMITS: Final = (110, 550, 900, 800, 550, 400, 350)
_RANDOM: Final = bytes.fromhex(
    "021713150712280e0c202f2c2406120b04132a1d103f39331003050e0f1e1409242d03393d000805290e2b1b2b3b1f23273c2a260d363e01"
    "1a030b3d34220730043b160c160832040a062c080b2e1f333511012b2e3c24360a1b272c162917022c0028352830102b201c210c1402383e"
    "373a12140d37261d391331212f3f3b00233d13192e263c0423011a281c0a050e19123031143b3e222e072134223a091d08373e3c25242532"
    "06030a1c30181a3d391e0b360206322f07112335200c171105153137332d341b2719273f16182a343826292938200d181a331b383a25182a"
    "0f1c111e1f0f101719362122011d1f323515310f2f09003a252d1e0d092d3f15"
)
_HEADER: Final = 20
_PASSES: Final = {1: (1,), 2: (3,), 3: (3,), 4: (3,), 5: (3, 1)}
"""Type to the channels of each pass."""
_MORE: Final = 64
"""Zeros behind a stream, for steps that read on."""


class Plane:
    """What is known of one channel of a pass: its symbols by column, and of each bucket the costs and the best code."""

    def __init__(self, width: int, depth: int, first: int) -> None:
        self.symbols = [0] * width
        self.costs = [[0] * depth for _ in range(depth)]
        self.best = [first] * depth


class Pass:
    """What is known of a pass over the rows: how many pixels were done, what the next ones wait for, and the state of runs."""

    def __init__(self, width: int, depth: int, planes: list[Plane]) -> None:
        self.width = width
        self.depth = depth
        self.planes = planes
        self.pixels = 0
        self.wait = 0
        self.drawn = 0
        self.state = 0
        self.above: list[Pixel] | None = None


class Quic:
    """A decoder of one stream. Whatever a fault replaces is a method that says what it is about."""

    order = (0, 1, 2)
    """Where red, green and blue stand in a pixel of a stream."""

    def decode(self, stream: bytes) -> Any:
        """Pixels: ``uint16`` x1r5g5b5 for RGB16, else ``uint32`` 0xAARRGGBB."""
        kind, width, height = [int.from_bytes(stream[at : at + 4], "little") for at in (8, 12, 16)]
        self.bits = "".join(self.words(stream[_HEADER:])) + "0" * _MORE
        self.at = 0
        self.kind = kind
        depth = 5 if kind == 2 else 8
        passes = self.passes([Pass(width, depth, self.planes(width, depth, count)) for count in _PASSES[kind]])
        rows = [self.rows(passes) for _ in range(height)]
        pixels = np.array(rows, np.uint32)
        red, green, blue = [pixels[..., place] for place in self.order]
        if kind == 2:
            return (red << 10 | green << 5 | blue).astype(np.uint16)
        return (pixels[..., 3] << 24 if kind == 5 else 0) | red << 16 | green << 8 | blue

    # -- bits

    def words(self, data: bytes) -> list[str]:
        """Words of 32 bits, each with the bit that comes first at the left."""
        return [f"{int.from_bytes(data[at : at + 4], 'little'):032b}" for at in range(0, len(data) - 3, 4)]

    def number(self, count: int) -> int:
        """The number in the next bits, the highest first."""
        self.at += count
        if self.at > len(self.bits):
            raise ValueError("the stream ends early")
        return int(self.bits[self.at - count : self.at] or "0", 2)

    def low(self, count: int) -> int:
        """The low bits of a symbol."""
        return self.number(count)

    def escaped(self, zeros: int, code: int, bits: int) -> int:
        """A symbol behind the zeros of an escape."""
        return (zeros << code) + self.number(bits)

    def symbol(self, code: int, depth: int) -> int:
        """The next symbol in a code."""
        zeros, bits = self.escape(code, depth)
        seen = 0
        while seen < zeros and self.number(1) == 0:
            seen += 1
        return self.escaped(zeros, code, bits) if seen == zeros else (seen << code) + self.low(code)

    def escape(self, code: int, depth: int) -> tuple[int, int]:
        """How many zeros begin an escape, and how many bits follow them."""
        zeros = min(26 - depth, 2 ** (depth - code) - 1)
        return zeros, (2**depth - (zeros << code) - 1).bit_length()

    # -- rows

    def planes(self, width: int, depth: int, count: int) -> list[Plane]:
        """As many channels as a pass has."""
        return [Plane(width, depth, self.first_code(depth)) for _ in range(count)]

    def passes(self, passes: list[Pass]) -> list[Pass]:
        """The passes over each row: what they share is up to them."""
        return passes

    def rows(self, passes: list[Pass]) -> list[Pixel]:
        """The next row, of all passes."""
        parts = [self.row(one) for one in passes]
        return [sum(channels, ()) for channels in zip(*parts, strict=True)]

    def row(self, one: Pass) -> list[Pixel]:
        """The next row of a pass."""
        row: list[Pixel] = []
        tried = -1
        while len(row) < one.width:
            column = len(row)
            if one.above is not None and column > 2 and column != tried and self.run_begins(row, one.above, one):
                length = self.stretch(one, column)
                row += [row[-1]] * length
                self.behind_run(one, column, length)
                tried = self.tried(column, length)
                continue
            row.append(self.pixel(one, row, column))
            one.pixels += 1
        one.above = row
        return row

    def pixel(self, one: Pass, row: list[Pixel], column: int) -> Pixel:
        """The next pixel that is coded."""
        found: list[int] = []
        contexts: list[int] = []
        for number, plane in enumerate(one.planes):
            above = None if one.above is None else one.above[column][number]
            predicted = self.predicted(row[-1][number] if column else None, above)
            context = self.context(plane, column)
            symbol = self.symbol(plane.best[self.bucket(context, one.depth)], one.depth)
            plane.symbols[column] = symbol
            found.append((predicted + self.residue(symbol)) % 2**one.depth)
            contexts.append(context)
        self.learn(one, contexts, column)
        return tuple(found)

    # -- prediction

    def predicted(self, left: int | None, above: int | None) -> int:
        """What a channel is expected to be; None where there is no neighbour."""
        if left is None:
            return self.in_first_column(above)
        return self.in_first_row(left) if above is None else self.elsewhere(left, above)

    def in_first_column(self, above: int | None) -> int:
        return 0 if above is None else above

    def in_first_row(self, left: int) -> int:
        return left

    def elsewhere(self, left: int, above: int) -> int:
        return (left + above) // 2

    def residue(self, symbol: int) -> int:
        """What a symbol stands for."""
        return -(symbol + 1) // 2 if symbol % 2 else symbol // 2

    # -- codes

    def first_code(self, depth: int) -> int:
        """The best code before anything was learnt."""
        return depth - 1

    def context(self, plane: Plane, column: int) -> int:
        """The symbol that says in which code the next one of a column is."""
        return self.beside(plane, column) if column else self.at_the_edge(plane)

    def beside(self, plane: Plane, column: int) -> int:
        return plane.symbols[column - 1]

    def at_the_edge(self, plane: Plane) -> int:
        return plane.symbols[0]

    def bucket(self, context: int, depth: int) -> int:
        return min((context + 1).bit_length() - 1, depth - 1)

    def level(self, one: Pass) -> int:
        """How rarely pixels are learnt from."""
        return min(one.pixels // 2048, 6)

    def learn(self, one: Pass, contexts: list[int], column: int) -> None:
        """A pixel was coded: it is learnt from, or left out."""
        if one.wait:
            one.wait -= 1
            return
        level = self.level(one)
        for plane, context in zip(one.planes, contexts, strict=True):
            self.learn_from(plane, context, plane.symbols[column], _LIMITS[level], one.depth)
        one.wait = self.left_out(one, level)
        one.drawn += 1

    def left_out(self, one: Pass, level: int) -> int:
        """How many pixels are left out behind one that was learnt from."""
        return _RANDOM[one.drawn % 256] & (1 << level) - 1

    def learn_from(self, plane: Plane, context: int, symbol: int, limit: int, depth: int) -> None:
        """Add what a symbol would have taken in each code, and find the best one."""
        bucket = self.bucket(context, depth)
        costs = plane.costs[bucket]
        for code in range(depth):
            zeros, bits = self.escape(code, depth)
            costs[code] += (symbol >> code) + 1 + code if symbol < zeros << code else zeros + bits
        plane.best[bucket] = self.best(costs)
        if costs[plane.best[bucket]] > limit:
            plane.costs[bucket] = self.halved(costs)

    def best(self, costs: list[int]) -> int:
        """The code of the lowest cost; of equal ones the highest."""
        return max(code for code, cost in enumerate(costs) if cost == min(costs))

    def halved(self, costs: list[int]) -> list[int]:
        return [cost // 2 for cost in costs]

    # -- runs

    def equal(self, one: Pixel, other: Pixel, columns: tuple[int, int]) -> bool:
        """Whether two pixels of a row, in these columns, are equal."""
        return one == other

    def run_begins(self, row: list[Pixel], above: list[Pixel], one: Pass) -> bool:
        """Whether a run stands before the next pixel."""
        at = len(row)
        return self.equal(row[-1], row[-2], (at - 1, at - 2)) and self.equal(above[at], above[at - 1], (at, at - 1))

    def stretch(self, one: Pass, column: int) -> int:
        """The pixels of the run that begins here: no more than are left of the row, and of a level below 6."""
        length, level = self.run(one), self.level(one)
        if length > one.width - column or (level < 6 and one.pixels + length > 2048 * (level + 1)):
            raise ValueError("a run is too long")
        return length

    def run(self, one: Pass) -> int:
        """The length of a run."""
        length = 0
        while self.number(1):
            length += self.step(one.state)
            one.state = min(one.state + 1, 31)
        length += self.number(_RUN_BITS[one.state])
        one.state = self.state_behind(one.state)
        return length

    def step(self, state: int) -> int:
        """The pixels that a one stands for."""
        return int(1 << _RUN_BITS[state])

    def state_behind(self, state: int) -> int:
        return max(state - 1, 0)

    def behind_run(self, one: Pass, column: int, length: int) -> None:
        """A run is done."""
        one.pixels += length

    def tried(self, column: int, length: int) -> int:
        """In which column no further run is looked for."""
        return column
