"""Raster operations: Boolean functions of source, destination and pattern, applied to all bits of a pixel at once.

Two operands (:class:`Rop`)
    Sixteen functions, numbered as X11 numbers them: the number is the truth table. Its bits, from the lowest, are the
    results for (source, destination) = (1, 1), (1, 0), (0, 1), (0, 0). So a function is found by evaluating an
    expression on the two constants SOURCE = 0b0011 and DESTINATION = 0b0101, which is how :func:`from_descriptor` reads
    the flags of the wire.

Three operands
    256 functions, numbered as Windows numbers them: bit ``4 p + 2 s + d`` of the number is the result.
    :func:`rop3` splits one by the pattern bit into two functions of two operands. The reference client leaves out the
    sixteen numbers that are no true functions of three (and 0x33, 0xAA, ...) and aborts on them; here all 256 work.

How a descriptor is read (``ropd_descriptor_to_rop``): the inversions that count are those of the two inputs of the
command at hand; with OP_PUT the inversion of the destination is ignored; with OP_BLACKNESS, OP_WHITENESS and OP_INVERS
all inversions are; the first operation in the order PUT, OR, AND, XOR, BLACKNESS, WHITENESS, INVERS wins; no operation
at all is a plain copy.

Source: ``common/canvas_base.c``, ``common/pixman_utils.h``, ``common/rop3.c``.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spiceproto.canvas.region import Region
from spiceproto.canvas.surface import Surface
from spiceproto.enums.display import Ropd

__all__ = ["FUNCTIONS", "Rop", "apply", "combine", "from_descriptor", "rop3", "write"]

SOURCE: Final = 0b0011
DESTINATION: Final = 0b0101
ONES: Final = 0b1111


class Rop(IntEnum):
    """Function of source and destination; the value is its truth table."""

    CLEAR = 0
    AND = 1
    AND_REVERSE = 2
    COPY = 3
    AND_INVERTED = 4
    NOOP = 5
    XOR = 6
    OR = 7
    NOR = 8
    EQUIV = 9
    INVERT = 10
    OR_REVERSE = 11
    COPY_INVERTED = 12
    OR_INVERTED = 13
    NAND = 14
    SET = 15


FUNCTIONS: Final[tuple[Callable[[Any, Any], Any], ...]] = (
    lambda s, d: d & 0,
    lambda s, d: s & d,
    lambda s, d: s & ~d,
    lambda s, d: s,
    lambda s, d: ~s & d,
    lambda s, d: d,
    lambda s, d: s ^ d,
    lambda s, d: s | d,
    lambda s, d: ~(s | d),
    lambda s, d: ~(s ^ d),
    lambda s, d: ~d,
    lambda s, d: s | ~d,
    lambda s, d: ~s,
    lambda s, d: ~s | d,
    lambda s, d: ~(s & d),
    lambda s, d: ~(d & 0),
)
"""The function of each :class:`Rop`, for unsigned integers and arrays of them."""


def from_descriptor(descriptor: int, source: Ropd, destination: Ropd) -> Rop:
    """The function that a ``rop_descriptor`` means.

    ``source`` and ``destination`` are the inversion flags of the command's two inputs: INVERS_SRC and INVERS_DEST for
    an image on the surface, INVERS_BRUSH and INVERS_DEST for a brush on the surface, INVERS_BRUSH and INVERS_SRC for a
    brush on an image that was drawn before.
    """
    s = SOURCE ^ ONES if descriptor & source else SOURCE
    d = DESTINATION ^ ONES if descriptor & destination else DESTINATION
    result = ONES if descriptor & Ropd.INVERS_RES else 0
    if descriptor & Ropd.OP_PUT:
        return Rop(s ^ result)
    if descriptor & Ropd.OP_OR:
        return Rop((s | d) ^ result)
    if descriptor & Ropd.OP_AND:
        return Rop(s & d ^ result)
    if descriptor & Ropd.OP_XOR:
        return Rop(s ^ d ^ result)
    if descriptor & Ropd.OP_BLACKNESS:
        return Rop.CLEAR
    if descriptor & Ropd.OP_WHITENESS:
        return Rop.SET
    if descriptor & Ropd.OP_INVERS:
        return Rop.INVERT
    return Rop.COPY


def combine(rop: int, source: Any, destination: Any) -> Any:
    """The function of two integers or arrays of one unsigned dtype."""
    return FUNCTIONS[rop](source, destination)


def _half(nibble: int) -> int:
    """Four bits of a three-operand number as the number of a two-operand function: the same table, backwards."""
    return int(f"{nibble:04b}"[::-1], 2)


def rop3(number: int, pattern: Any, source: Any, destination: Any) -> Any:
    """The three-operand function of arrays of one unsigned dtype (or scalars of it)."""
    with_pattern, without = _half(number >> 4 & 15), _half(number & 15)
    if with_pattern == without:
        return combine(without, source, destination)
    return pattern & combine(with_pattern, source, destination) | ~pattern & combine(without, source, destination)


def write(target: NDArray[Any], value: Any, map: NDArray[np.bool_] | None) -> None:
    """Assign to the elements of ``target`` that the map chooses."""
    if map is None:
        target[...] = value
    else:
        np.copyto(target, value, where=map)


def apply(surface: Surface, region: Region, rop: int, source: Callable[[Any], Any]) -> None:
    """Draw on the pixels of a region; ``source(box)`` gives the source of a box, an array or a scalar of its dtype."""
    if rop == Rop.NOOP:
        return
    ones = surface.layout.ones
    for box, map in region.parts():
        target: NDArray[Any] = box.view(surface.pixels)
        value = source(box)
        if rop != Rop.COPY:
            value = combine(rop, value, target)
            if ones == 1:  # the only format whose elements have bits to spare
                value = value & 1
        write(target, value, map)
