"""What a GLZ stream refers to: its tokens are read, its pixels are not, and numpy is not needed.

Sources: the section on GLZ tokens in ``spec/06-codecs.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from spiceproto.generated.images import GLZ_HEADER
from spiceproto.messages.codec import GlzHeader

__all__ = ["GlzMatch", "matches", "references"]

_RGBA: Final = 9
_UNITS: Final = {6: (2,), 7: (3,), 8: (3,), _RGBA: (3, 1)}
"""Kind of pixels to the bytes of a unit in each pass over the picture."""


class GlzMatch(NamedTuple):
    """A match: how many numbers back its image is, its offset there, and its units.

    ``far`` is its form; ``alpha`` whether it stands in the second pass over a picture.
    """

    distance: int
    offset: int
    length: int
    far: bool
    alpha: bool


def matches(stream: bytes) -> Iterator[GlzMatch]:
    """The matches of a stream. Ends where the stream does, or where it can not be read on."""
    at, end = GLZ_HEADER.size, len(stream)
    if end < at:
        return
    width, height = [int.from_bytes(stream[place : place + 4], "big") for place in (9, 13)]
    try:
        for number, size in enumerate(_UNITS.get(stream[8] & 15, ())):
            left = width * height
            while left > 0 and at < end:
                control = stream[at]
                at += 1
                if control < 32:
                    at += size * (control + 1)
                    left -= control + 1
                    continue
                length = control >> 5
                if length == 7:
                    while stream[at] == 255:
                        length += 255
                        at += 1
                    length += stream[at]
                    at += 1
                offset = control & 15 | stream[at] << 4
                third = stream[at + 1]
                at += 2
                more = third >> 6
                distance = int.from_bytes(stream[at : at + more], "little")
                at += more
                far = bool(control & 16)
                if far:
                    offset |= (third & 31) << 12
                    if third & 32:
                        offset |= stream[at] << 17
                        at += 1
                else:
                    distance = distance << 6 | third & 63
                length += 3 - size
                left -= length
                yield GlzMatch(distance=distance, offset=offset, length=length, far=far, alpha=number > 0)
    except IndexError:
        pass  # the stream is cut short, which its decoder says


def references(stream: bytes, header: GlzHeader) -> dict[int, int]:
    """Number of an image to the units (pixels, alpha apart) that are taken from it, in the order of their first use.

    Ends where the stream does, or where it can not be read on.
    """
    found: dict[int, int] = {}
    for match in matches(stream):
        if match.distance:
            number = header.image_id - match.distance
            found[number] = found.get(number, 0) + match.length
    return found
