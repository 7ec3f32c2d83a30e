"""Clients: the pointer: where it is, which shape it has, and which are kept (9.1 to 9.4)."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

from conformance.as_server import SuiteServer
from conformance.case import client_case
from conformance.cases.cursor.pointed import SHOWN, Pointed, header, init, shape, with_alpha
from conformance.cases.display.screen import PICTURE
from spiceproto import dispatch
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

_KEEP, _AGAIN = CursorFlags.CACHE_ME, CursorFlags.FROM_CACHE
_KEPT: Final = (*SHOWN, "SPICE-CURSOR-005/taken-again")


def _set(shape: cursor.Cursor, x: int = 40, y: int = 30) -> cursor.Set:
    return cursor.Set(Point16(x, y), 1, shape)


def _again(unique: int) -> cursor.Cursor:
    return cursor.Cursor(_AGAIN, header(CursorType.ALPHA, 12, 12, unique=unique), b"")


def _move(x: int, y: int) -> cursor.Move:
    return cursor.Move(Point16(x, y))


# -- where it is


@client_case("SPICE-CURSOR-010/moved", channel="cursor", tags=(PICTURE,))
def moved(server: SuiteServer) -> None:
    """SET and MOVE: inside of the screen, over its edges, and back."""
    pointed = Pointed(server, rests=SHOWN[:1])
    pointed.say(_set(shape()), _move(40, 30))
    pointed.expect_same()
    for x, y in ((3, 2), (95, 63), (0, 0), (60, 20)):
        pointed.say(_move(x, y))
        pointed.expect_same(f"MOVE to {x}, {y}")


@client_case("SPICE-CURSOR-010/by-set", channel="cursor", tags=(PICTURE,))
def placed_by_set(server: SuiteServer) -> None:
    """SET has a place of its own, and no MOVE follows."""
    pointed = Pointed(server)
    pointed.say(_set(shape()), _move(20, 20), _set(shape(1), 70, 40))
    pointed.expect_same()


@client_case("SPICE-CURSOR-011/place-and-shape", channel="cursor", tags=(PICTURE,))
def begun(server: SuiteServer) -> None:
    """INIT with a shape that is visible, and nothing else."""
    pointed = Pointed(server, init(shape(), x=50, y=25))
    pointed.expect_same("INIT says all that there is to be shown")


@client_case("SPICE-CURSOR-011/not-visible", channel="cursor", tags=(PICTURE,))
def begun_hidden(server: SuiteServer) -> None:
    """INIT with a shape that is not visible."""
    pointed = Pointed(server, init(shape(), x=50, y=25, visible=0))
    pointed.expect_same("INIT says that it is not visible")


@client_case("SPICE-CURSOR-012/hidden-and-moved", channel="cursor", tags=(PICTURE,))
def shown_by_move(server: SuiteServer) -> None:
    """HIDE, and then MOVE: the pointer is there again."""
    pointed = Pointed(server)
    pointed.say(_set(shape()), _move(20, 20), cursor.Hide(), _move(60, 30))
    pointed.expect_same()


@client_case("SPICE-CURSOR-013/hidden", channel="cursor", tags=(PICTURE,))
def hidden(server: SuiteServer) -> None:
    """HIDE: nothing of the pointer is left."""
    pointed = Pointed(server)
    pointed.say(_set(shape()), _move(20, 20), cursor.Hide())
    pointed.expect_same()


# -- which are kept


@client_case("SPICE-CURSOR-002/shape-of-init", channel="cursor", tags=(PICTURE,))
def emptied_by_init(server: SuiteServer) -> None:
    """A shape is kept, INIT comes with that shape from the cache: there is none any more."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(flags=_KEEP, unique=7)), _move(20, 20))
    pointed.send(init(_again(7), x=50, y=30))
    pointed.expect_same("INIT has emptied the cache before its shape was looked for")


@client_case("SPICE-CURSOR-003/nothing-shown", channel="cursor", tags=(PICTURE,))
def emptied_by_reset(server: SuiteServer) -> None:
    """RESET, and a movement: there is no pointer, and no shape in the cache."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(flags=_KEEP, unique=7)), _move(20, 20), cursor.Reset())
    pointed.expect_same("RESET leaves no pointer")
    pointed.send(_set(_again(7)))
    pointed.expect_same("RESET leaves no shape")


@client_case("SPICE-CURSOR-004/pointer-stays", channel="cursor", tags=(PICTURE,))
def emptied_at_once(server: SuiteServer) -> None:
    """INVAL_ALL: the pointer stays, and the cache is empty."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(flags=_KEEP, unique=7)), _move(20, 20), cursor.InvalAll(), _move(30, 25))
    pointed.expect_same("the pointer that is shown stays")
    pointed.send(_set(_again(7)))
    pointed.expect_same("the cache is empty")


@client_case("SPICE-CURSOR-017/moved-without-a-shape", channel="cursor", tags=(PICTURE,))
def moved_without_a_shape(server: SuiteServer) -> None:
    """A shape is shown, one is taken from the cache that never came, and the pointer moves: there is none to be seen."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape()), _move(20, 20))
    pointed.send(_set(_again(0x5EED)), _move(50, 30))
    pointed.expect_same("there is no shape")


@client_case("SPICE-CURSOR-005/taken-again", channel="cursor", tags=(PICTURE,))
def kept(server: SuiteServer) -> None:
    """Two shapes are kept, and each is taken again."""
    pointed = Pointed(server)
    pointed.say(_set(shape(1, flags=_KEEP, unique=7)), _set(shape(2, flags=_KEEP, unique=1 << 40)), _move(20, 20))
    for unique in (7, 1 << 40, 7):
        pointed.say(_set(_again(unique)), _move(50, 30))
        pointed.expect_same(f"the shape {unique:#x} was kept")


@client_case("SPICE-CURSOR-005/under-0", channel="cursor", tags=(PICTURE,))
def kept_under_0(server: SuiteServer) -> None:
    """The flag alone says what is kept: a shape is kept under 0, and taken again when there was another."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(1, flags=_KEEP, unique=0)), _set(shape(2, unique=0)), _move(20, 20))
    pointed.say(_set(_again(0)), _move(50, 30))
    pointed.expect_same("the first shape is kept under 0, and the second is not")


@client_case("SPICE-CURSOR-005/in-its-place", channel="cursor", tags=(PICTURE,))
def replaced(server: SuiteServer) -> None:
    """Another shape is kept under the same number, and one comes under that number that is not to be kept."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(1, flags=_KEEP, unique=7)), _set(shape(2, flags=_KEEP, unique=7)), _set(shape(3, unique=7)))
    pointed.say(_set(_again(7)), _move(50, 30))
    pointed.expect_same("the second shape is kept, and the third is not")


@client_case("SPICE-CURSOR-016/another-header", channel="cursor", tags=(PICTURE,))
def nothing_but_unique(server: SuiteServer) -> None:
    """From the cache, with another type, size and hot spot in the header."""
    pointed = Pointed(server, rests=_KEPT)
    pointed.say(_set(shape(1, flags=_KEEP, unique=7)), _move(20, 20))
    other = cursor.Cursor(_AGAIN, header(CursorType.MONO, 3, 60, unique=7, hot=(1, 1)), b"")
    pointed.say(_set(other), _move(50, 30))
    pointed.expect_same("nothing but unique counts")


# -- shapes


def _bits(rows: Any) -> bytes:
    return np.packbits(np.asarray(rows, np.uint8), axis=1).tobytes()


def _masked(kind: CursorType, width: int, height: int) -> bytes:
    """Pixels and a mask: a third opaque, a third black under the mask, a third white under it."""
    rows, columns = np.mgrid[0:height, 0:width]
    third = columns * 3 // width
    mask = third > 0
    value = (columns * 37 + rows * 11) % 256
    if kind == CursorType.COLOR32:
        words = np.where(third == 2, 0xFFFFFF, np.where(third == 1, 0, value * 0x010305 & 0xFFFFFF))
        return words.astype("<u4").tobytes() + _bits(mask)
    if kind == CursorType.COLOR16:
        words = np.where(third == 2, 0x7FFF, np.where(third == 1, 0, value * 97 & 0x7FFF))
        return words.astype("<u2").tobytes() + _bits(mask)
    if kind == CursorType.COLOR24:
        words = np.where(third == 2, 0xFFFFFF, np.where(third == 1, 0, value * 0x010305 & 0xFFFFFF))
        return np.ascontiguousarray(words.astype("<u4")).view(np.uint8).reshape(height, width, 4)[..., :3].tobytes() + _bits(
            mask
        )
    index = np.where(third == 2, 15, np.where(third == 1, 0, value % 14 + 1)).astype(np.uint8)
    colours = [0, *[0x0A1B2C * number & 0xFFFFFF for number in range(1, 15)], 0xFFFFFF]
    if kind == CursorType.COLOR8:
        return index.tobytes() + np.array(colours + [0x123456] * 240, "<u4").tobytes() + _bits(mask)
    even = np.pad(index, ((0, 0), (0, width % 2)))
    packed = (even[:, ::2] << 4 | even[:, 1::2]).astype(np.uint8)
    return packed.tobytes() + np.array(colours, "<u4").tobytes() + _bits(mask)


@client_case("SPICE-CURSOR-019/32-bits", CursorType.COLOR32, channel="cursor", tags=(PICTURE,))
@client_case("SPICE-CURSOR-019/24-bits", CursorType.COLOR24, channel="cursor", tags=(PICTURE,))
@client_case("SPICE-CURSOR-019/16-bits", CursorType.COLOR16, channel="cursor", tags=(PICTURE,))
@client_case("SPICE-CURSOR-019/8-bits", CursorType.COLOR8, channel="cursor", tags=(PICTURE,))
@client_case("SPICE-CURSOR-019/4-bits", CursorType.COLOR4, channel="cursor", tags=(PICTURE,))
def masked(server: SuiteServer, kind: CursorType) -> None:
    """Shapes with a mask behind pixels and colours."""
    pointed = Pointed(server, rests=(*SHOWN, "SPICE-CURSOR-020/three-thirds"))
    pointed.say(_set(cursor.Cursor(CursorFlags(0), header(kind, 16, 11), _masked(kind, 16, 11))), _move(48, 30))
    pointed.expect_same()


@client_case("SPICE-CURSOR-020/three-thirds", channel="cursor", tags=(PICTURE,))
def three_thirds(server: SuiteServer) -> None:
    """A shape of which a third is opaque, one leaves the screen, and one inverts it."""
    pointed = Pointed(server)
    kind = CursorType.COLOR32
    pointed.say(_set(cursor.Cursor(CursorFlags(0), header(kind, 24, 16), _masked(kind, 24, 16))), _move(48, 30))
    pointed.expect_same()


@client_case("SPICE-CURSOR-021/four-quarters", channel="cursor", tags=(PICTURE,))
def mono(server: SuiteServer) -> None:
    """A shape of bits: black, white, nothing, and the opposite."""
    pointed = Pointed(server)
    rows, columns = np.mgrid[0:16, 0:16]
    data = _bits(rows > 7) + _bits(columns > 7)
    pointed.say(_set(cursor.Cursor(CursorFlags(0), header(CursorType.MONO, 16, 16), data)), _move(48, 30))
    pointed.expect_same()


@client_case("SPICE-CURSOR-022/every-alpha", channel="cursor", tags=(PICTURE,))
def every_alpha(server: SuiteServer) -> None:
    """A shape with every alpha, colours multiplied by it."""
    pointed = Pointed(server)
    pointed.say(_set(shape(solid=False)), _move(48, 30))
    pointed.expect_same()


@client_case("SPICE-CURSOR-023/sizes-that-wrap", channel="cursor", tags=(PICTURE,))
def sizes_that_wrap(server: SuiteServer) -> None:
    """Shapes whose bytes are more than 32 bits can count, with few: the client goes on, and shows none of them."""
    pointed = Pointed(server)
    known = with_alpha()
    for width, height in ((32768, 32768), (65535, 65535), (16384, 65535)):
        odd = cursor.Cursor(CursorFlags(0), header(CursorType.ALPHA, width, height), known)
        number, body = dispatch.build("cursor", "server", _set(odd))
        assert struct.pack("<HH", width, height) in body
        pointed.talk.send_raw(number, body, text=f"SET of a shape of {width} x {height} with 576 bytes")
        pointed.server.alive(pointed.talk, f"a shape of {width} x {height} is refused")
    pointed.say(_set(shape()), _move(40, 30))
    pointed.expect_same()
