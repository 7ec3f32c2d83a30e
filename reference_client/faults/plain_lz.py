"""LZ and GLZ as decoders without any haste: a method for each step, so that a fault takes another one (spec/06-codecs.md).

They are given streams that are as they should be; what a step done wrong makes of them may be anything, an error included.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

__all__ = ["Glz", "Kept", "Lz"]

_BITS: Final = {1: 1, 2: 1, 3: 4, 4: 4, 5: 8, 6: 16, 7: 24, 8: 32, 9: 32, 10: 32, 11: 8}
_SIZES: Final = {6: 2, 7: 3, 8: 3, 9: 3}
"""Type to the bytes of a unit, of all others 1."""
_PLT8: Final = 5
_RGB16: Final = 6
_RGBA: Final = 9


class Lz:
    """A decoder of one stream: its header, its tokens, and what units are."""

    header = 28

    def decode(self, stream: bytes) -> Any:
        """Pixels: ``uint16`` x1r5g5b5 for RGB16, ``uint8`` for indices and alpha alone, else ``uint32`` 0xAARRGGBB."""
        words = [int.from_bytes(stream[at : at + 4], "big") for at in range(8, self.header, 4)]
        self.kind, self.width, self.height, self.top_down = words[0], words[1], words[2], bool(words[4])
        return self.picture(stream)

    def picture(self, stream: bytes) -> Any:
        """Pixels of what stands behind the header."""
        self.stream = stream
        self.at = self.header
        self.plane = "colours"
        units = self.tokens(self.line() * self.height, _SIZES.get(self.kind, 1))
        if self.kind == _RGBA:
            self.plane = "alpha"
            units = [colour + one for colour, one in zip(units, self.tokens(len(units), 1), strict=True)]
        return self.rows(units)

    def line(self) -> int:
        """Units of a row."""
        return (self.width * _BITS[self.kind] + 7) // 8 if self.kind < _PLT8 else self.width

    def rows(self, units: list[bytes]) -> Any:
        """Units as pixels, the top row first."""
        if self.kind < _PLT8:
            found: Any = np.array([self.indices(row) for row in self.packed(b"".join(units))], np.uint8)
        else:
            numbers = [self.colour(unit) for unit in units]
            kinds: dict[int, Any] = {1: np.uint8, 2: np.uint16}
            found = np.array(numbers, kinds.get(len(units[0]), np.uint32)).reshape(self.height, self.width)
        return found if self.turned() else found[::-1].copy()

    def turned(self) -> bool:
        """Whether the top row comes first."""
        return self.top_down

    # -- units

    def colour(self, unit: bytes) -> int:
        """A unit as a number."""
        if self.kind == _RGB16:
            return self.word(unit) & 0x7FFF
        return int.from_bytes(self.channels(unit), "little")

    def word(self, unit: bytes) -> int:
        return int.from_bytes(unit, "big")

    def channels(self, unit: bytes) -> bytes:
        """Blue, green, red, and alpha if there is any."""
        return unit

    def packed(self, data: bytes) -> list[str]:
        """Rows of bits."""
        line = self.line()
        return ["".join([f"{byte:08b}" for byte in data[at : at + line]]) for at in range(0, len(data), line)]

    def indices(self, row: str) -> list[int]:
        """Indices of a row of bits."""
        bits = _BITS[self.kind]
        if self.kind in (1, 3):  # the lowest bits left
            octets = [row[at : at + 8] for at in range(0, len(row), 8)]
            row = "".join([octet[place : place + bits] for octet in octets for place in range(8 - bits, -1, -bits)])
        return [int(row[at : at + bits], 2) for at in range(0, self.width * bits, bits)]

    # -- tokens

    def byte(self) -> int:
        """The next byte."""
        self.at += 1
        return self.stream[self.at - 1]

    def tokens(self, count: int, size: int) -> list[bytes]:
        """So many units of so many bytes."""
        units: list[bytes] = []
        while len(units) < count:
            control = self.byte()
            if control < 32:
                for _ in range(self.literals(control)):
                    units.append(self.stream[self.at : self.at + size])
                    self.at += size
            else:
                self.match(units, control, size)
        if len(units) > count:
            raise ValueError("too many units")
        return units

    def literals(self, control: int) -> int:
        """How many units stand as they are."""
        return control + 1

    def length(self, control: int, size: int) -> int:
        """How many units a match has."""
        length = control >> 5
        return (self.continued() if length == 7 else length) + self.added(size)

    def continued(self) -> int:
        """The length of a match whose three bits are 7."""
        length, more = 7, 255
        while more == 255:
            more = self.byte()
            length += more
        return length

    def added(self, size: int) -> int:
        """What the size of a unit adds to a length."""
        return 3 - size

    def match(self, units: list[bytes], control: int, size: int) -> None:
        """Units that were there before."""
        length = self.length(control, size)
        distance = (control & 31) << 8 | self.byte()
        if distance == 8191:
            distance += self.far()
        self.copied(units, self.back(distance), length)

    def far(self) -> int:
        """What two more bytes add to a distance."""
        return self.byte() << 8 | self.byte()

    def back(self, distance: int) -> int:
        """How many units back a match lies."""
        return distance + 1

    def copied(self, units: list[bytes], back: int, length: int) -> None:
        """Take units from so far back."""
        if back > len(units):
            raise ValueError("a match before the first unit")
        for _ in range(length):
            units.append(units[-back])


class Kept(NamedTuple):
    """An image of a dictionary: its units in the order of its stream, how wide it is, and whether the top row came first."""

    units: list[bytes]
    width: int
    top_down: bool


class Glz(Lz):
    """A decoder of the images of one dictionary. ``window`` keeps all of them, by number."""

    header = 33

    def __init__(self) -> None:
        self.window: dict[int, Kept] = {}

    def decode(self, stream: bytes) -> Any:
        self.kind, self.top_down = stream[8] & 15, bool(stream[8] & 16)
        self.width, self.height = [int.from_bytes(stream[at : at + 4], "big") for at in (9, 13)]
        self.number = int.from_bytes(stream[21:29], "big")
        return self.picture(stream)

    def rows(self, units: list[bytes]) -> Any:
        self.window[self.number] = Kept(units, self.width, self.top_down)
        return super().rows(units)

    def match(self, units: list[bytes], control: int, size: int) -> None:
        length = self.length(control, size)
        offset = control & 15 | self.byte() << 4
        third = self.byte()
        more = int.from_bytes(bytes([self.byte() for _ in range(third >> 6)]), "little")
        if control & 16:
            distance = more
            offset |= self.high((third & 31) << 12)
            if third & 32:
                offset |= self.byte() << 17
        else:
            distance = self.near(third & 63, more)
        if distance == 0:
            self.copied(units, self.back(offset), length)
            return
        kept = self.window[self.number - distance]
        start = self.place(kept, offset)
        if start + length > len(kept.units):
            raise ValueError("a match behind its image")
        units += [self.part(unit) for unit in kept.units[start : start + length]]

    def near(self, low: int, more: int) -> int:
        """The image distance of a near match."""
        return more << 6 | low

    def high(self, offset: int) -> int:
        """The upper bits of the offset of a far match."""
        return offset

    def place(self, kept: Kept, offset: int) -> int:
        """Where in an earlier image a match lies."""
        return offset

    def part(self, unit: bytes) -> bytes:
        """Colours or alpha of a unit of an earlier image."""
        return unit[3:] if self.plane == "alpha" else unit[:3]
