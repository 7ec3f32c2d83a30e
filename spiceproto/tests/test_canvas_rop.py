"""Raster operations against the Boolean functions they are named after."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.canvas import rop
from spiceproto.canvas.rop import Rop
from spiceproto.enums.display import Ropd

RNG = np.random.default_rng(7)
S, D, P = (RNG.integers(0, 1 << 32, (8, 9), np.uint32) for _ in range(3))
NAMED = {
    Rop.CLEAR: S & 0,
    Rop.AND: S & D,
    Rop.AND_REVERSE: S & ~D,
    Rop.COPY: S,
    Rop.AND_INVERTED: ~S & D,
    Rop.NOOP: D,
    Rop.XOR: S ^ D,
    Rop.OR: S | D,
    Rop.NOR: ~(S | D),
    Rop.EQUIV: ~(S ^ D),
    Rop.INVERT: ~D,
    Rop.OR_REVERSE: S | ~D,
    Rop.COPY_INVERTED: ~S,
    Rop.OR_INVERTED: ~S | D,
    Rop.NAND: ~(S & D),
    Rop.SET: ~(S & 0),
}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("number", range(256))
def test_rop3_is_the_function_of_its_number(number: int, dtype: type[np.generic]) -> None:
    pattern, source, destination = (a.astype(dtype) for a in (P, S, D))
    expected = np.zeros_like(source)
    for index in range(8):
        if number >> index & 1:
            p, s, d = (a if index & bit else ~a for a, bit in ((pattern, 4), (source, 2), (destination, 1)))
            expected |= p & s & d
    found = rop.rop3(number, pattern, source, destination)
    assert found.dtype == dtype
    assert (found == expected).all()


@pytest.mark.parametrize("number", Rop)
def test_two_operands_by_name(number: Rop) -> None:
    assert (rop.combine(number, S, D) == NAMED[number]).all()


@given(st.integers(0, 2047))
def test_descriptor_means_its_expression(descriptor: int) -> None:
    flags = Ropd(descriptor)
    s = ~S if flags & Ropd.INVERS_SRC else S
    d = ~D if flags & Ropd.INVERS_DEST else D
    if flags & Ropd.OP_PUT:
        expected = s
    elif flags & Ropd.OP_OR:
        expected = s | d
    elif flags & Ropd.OP_AND:
        expected = s & d
    elif flags & Ropd.OP_XOR:
        expected = s ^ d
    else:
        known = {Ropd.OP_BLACKNESS: S & 0, Ropd.OP_WHITENESS: ~(S & 0), Ropd.OP_INVERS: ~D}
        found = rop.from_descriptor(flags, Ropd.INVERS_SRC, Ropd.INVERS_DEST)
        first = next((value for flag, value in known.items() if flags & flag), S)
        assert (rop.combine(found, S, D) == first).all()
        return
    if flags & Ropd.INVERS_RES:
        expected = ~expected
    assert (rop.combine(rop.from_descriptor(flags, Ropd.INVERS_SRC, Ropd.INVERS_DEST), S, D) == expected).all()


def test_descriptor_looks_at_the_inversions_of_its_inputs() -> None:
    both = Ropd.OP_XOR | Ropd.INVERS_BRUSH
    assert rop.from_descriptor(both, Ropd.INVERS_BRUSH, Ropd.INVERS_DEST) is Rop.EQUIV
    assert rop.from_descriptor(both, Ropd.INVERS_SRC, Ropd.INVERS_DEST) is Rop.XOR
    assert rop.from_descriptor(Ropd.OP_AND | Ropd.INVERS_SRC, Ropd.INVERS_BRUSH, Ropd.INVERS_SRC) is Rop.AND_REVERSE
