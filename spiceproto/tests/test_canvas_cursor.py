"""Cursor shapes of all seven kinds, the cache, and what the pointer does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto.canvas import cursor
from spiceproto.canvas.cursor import Pointer
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.errors import LimitError
from spiceproto.messages import cursor as messages
from spiceproto.messages.cursor import Cursor, CursorHeader
from spiceproto.messages.geometry import Point16

HERE = Point16(3, 4)


def shape(kind: int, width: int, height: int, data: bytes, *, flags: int = 0, unique: int = 1) -> Cursor:
    return Cursor(
        CursorFlags(flags), CursorHeader(unique=unique, type=kind, width=width, height=height, hot_spot_x=1, hot_spot_y=2), data
    )


def mask(rows: list[str]) -> bytes:
    return np.packbits([[int(bit) for bit in row] for row in rows], axis=1).tobytes()


def words(*values: int) -> bytes:
    return np.array(values, "<u4").tobytes()


def test_alpha_is_taken_as_it_is() -> None:
    found = cursor.decode(shape(CursorType.ALPHA, 2, 1, words(0x80402010, 0xFF00FF00)))
    assert found.pixels.tolist() == [[0x80402010, 0xFF00FF00]]
    assert (found.hot_spot_x, found.hot_spot_y) == (1, 1)  # moved onto the edge
    assert not found.inverts.any()


def test_mono_table() -> None:
    data = mask(["0011"]) + mask(["0101"])
    found = cursor.decode(shape(CursorType.MONO, 4, 1, data))
    assert found.pixels.tolist() == [[0xFF000000, 0xFFFFFFFF, 0, 0xFFFFFFFF]]
    assert found.inverts.tolist() == [[False, False, False, True]]


def test_mono_that_only_inverts_gets_an_edge() -> None:
    bits = ["00000000", "00000000", "00010000", "00010000", "00000000", "00000000"]
    found = cursor.decode(shape(CursorType.MONO, 8, 6, b"\xff" * 6 + mask(bits)))
    edge = [[value == 0xFF000000 for value in row] for row in found.pixels.tolist()]
    assert [[*map(int, row)] for row in edge] == [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 1, 0, 1, 0, 0, 0],
        [0, 0, 1, 0, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert found.pixels[2, 3] == 0xFFFFFFFF and found.inverts[2, 3] and found.inverts.sum() == 2


WHITE, RED, BLACK = 0xFFFFFF, 0xFF0000, 0
PALETTE = words(BLACK, RED, WHITE, *[0] * 13)
COLOURS = {
    CursorType.COLOR4: bytes([0x01, 0x20, 0x12, 0x00]) + PALETTE,
    CursorType.COLOR8: bytes([0, 1, 2, 1, 2, 0]) + PALETTE + words(*[0] * 240),
    CursorType.COLOR16: np.array([0, 0x7C00, 0x7FFF, 0x7C00, 0x7FFF, 0], "<u2").tobytes(),
    CursorType.COLOR24: b"".join(c.to_bytes(3, "little") for c in (BLACK, RED, WHITE, RED, WHITE, BLACK)),
    CursorType.COLOR32: words(BLACK, RED, WHITE, RED, WHITE, BLACK),
}


@pytest.mark.parametrize("kind", COLOURS)
def test_colours_and_mask(kind: CursorType) -> None:
    found = cursor.decode(shape(kind, 3, 2, COLOURS[kind] + mask(["000", "111"])))
    five = kind == CursorType.COLOR16
    red, white = (0xF80000, 0xF8F8F8) if five else (RED, WHITE)
    assert found.pixels[0].tolist() == [0xFF000000, 0xFF000000 | red, 0xFF000000 | white]
    assert found.pixels[1].tolist() == [red, 0x30505050, 0]  # row 1, column 1: even
    assert found.inverts.tolist() == [[False] * 3, [False, True, False]]


@pytest.mark.parametrize("kind", CursorType)
@given(size=st.tuples(st.integers(0, 9), st.integers(0, 9)), data=st.binary(max_size=400))
def test_garbage_is_a_shape_or_a_problem(kind: CursorType, size: tuple[int, int], data: bytes) -> None:
    pointer = Pointer()
    pointer.handle(messages.Set(HERE, 1, shape(kind, *size, data)))
    if pointer.problems:
        assert [problem.code for problem in pointer.problems] == ["undecodable-image"] and pointer.shape is None
    else:
        assert pointer.shape is not None and pointer.shape.pixels.shape == size[::-1]
        assert pointer.shape.pixels.dtype == np.uint32


def test_unknown_type_and_no_header() -> None:
    pointer = Pointer()
    pointer.handle(messages.Set(HERE, 1, shape(99, 1, 1, b"....")))
    pointer.handle(messages.Set(HERE, 1, Cursor(CursorFlags.NONE, None, b"")))
    assert [problem.code for problem in pointer.problems] == ["bad-image"] and not pointer.visible


def test_cache_life() -> None:
    one = shape(CursorType.ALPHA, 1, 1, words(1), flags=CursorFlags.CACHE_ME, unique=7)
    again = shape(CursorType.ALPHA, 0, 0, b"", flags=CursorFlags.FROM_CACHE, unique=7)
    pointer = Pointer()
    pointer.handle(messages.Init(position=HERE, trail_length=2, trail_frequency=3, visible=1, cursor=one))
    assert pointer.visible and (pointer.x, pointer.y, pointer.trail_length) == (3, 4, 2)
    pointer.handle(messages.Hide())
    assert not pointer.visible
    pointer.handle(messages.Move(Point16(-5, 6)))
    assert pointer.visible and (pointer.x, pointer.y) == (-5, 6)
    pointer.handle(messages.Set(HERE, 1, again))
    assert pointer.shape is not None and pointer.shape.pixels.tolist() == [[1]]
    for drop in (messages.InvalOne(7), messages.InvalAll(), messages.Reset()):
        pointer.handle(messages.Set(HERE, 1, one))
        assert 7 in pointer.cache
        pointer.handle(drop)
        pointer.handle(messages.Set(HERE, 1, again))
        assert pointer.shape is None
    assert {problem.code for problem in pointer.problems} == {"missing-cursor"}
    pointer.handle(messages.Trail(8, 9))
    assert (pointer.trail_length, pointer.trail_frequency) == (8, 9)


def test_drawing_a_shape_on_the_screen() -> None:
    screen = np.full((4, 4), 0x00102030, np.uint32)
    found = cursor.decode(shape(CursorType.MONO, 4, 1, mask(["0011"]) + mask(["0101"])))
    cursor.draw(screen, found, 1, 1, invert=True)
    assert screen[0].tolist() == [0, 0xFFFFFF, 0x102030, 0xEFDFCF]
    cursor.draw(screen, found, 1, 3)
    assert screen[2].tolist() == [0, 0xFFFFFF, 0x102030, 0xFFFFFF]
    before = screen.copy()
    for x, y in ((-9, 0), (0, 99), (2**31, -(2**31))):
        cursor.draw(screen, found, x, y)
    assert (screen == before).all()


def test_the_cache_is_bounded_in_pixels() -> None:
    """Memory does not follow what a server says: shapes of a bit a pixel are small on the wire and large when they are kept."""
    small, large = (cursor.decode(shape(CursorType.ALPHA, side, side, bytes(4 * side * side))) for side in (1, 2))
    cache = cursor.ShapeCache(pixels=6)
    cache.put(1, large)
    cache.put(1, large)
    cache.put(2, small)
    with pytest.raises(LimitError, match="cursor cache is full"):
        cache.put(3, large)
    cache.remove(1)
    cache.remove(1)
    cache.put(3, large)
    assert (cache.used, len(cache)) == (5, 2)
    cache.clear()
    assert cache.used == 0
