"""Clients: cursors without a shape, and shapes that are not there (9.3)."""

from __future__ import annotations

from typing import Any, Final

from conformance.as_server import SuiteServer
from conformance.case import client_case
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages import cursor
from spiceproto.messages.geometry import Point16

_PLACE: Final = Point16(20, 30)
_SIDE: Final = 8


def _goes_on(server: SuiteServer, *values: Any) -> None:
    talk = server.session_on("cursor")
    talk.send(*values)
    server.alive(talk)


def _set(flags: CursorFlags, data: bytes, *, unique: int = 0) -> cursor.Set:
    header = cursor.CursorHeader(unique=unique, type=CursorType.ALPHA, width=_SIDE, height=_SIDE, hot_spot_x=0, hot_spot_y=0)
    return cursor.Set(_PLACE, 1, cursor.Cursor(flags, header, data))


@client_case("SPICE-CURSOR-014/trail", channel="cursor")
def trail(server: SuiteServer) -> None:
    """TRAIL, and the pointer moves: the client goes on."""
    _goes_on(server, cursor.Trail(5, 40), cursor.Move(_PLACE), cursor.Trail(0, 0))


@client_case("SPICE-CURSOR-015/behind-the-flags", b"", channel="cursor")
@client_case("SPICE-CURSOR-015/with-more-bytes", bytes(17), channel="cursor", requires=("SPICE-CURSOR-015/behind-the-flags",))
def no_shape(server: SuiteServer, data: bytes) -> None:
    """SET with the flag NONE, that ends behind its flags or has a header of zeros there: the client goes on. Bytes."""
    _goes_on(server, cursor.Set(_PLACE, 1, cursor.Cursor(CursorFlags.NONE, None, data)), cursor.Hide())


@client_case("SPICE-CURSOR-017/never-kept", channel="cursor")
def never_kept(server: SuiteServer) -> None:
    """A shape is taken from the cache that never came: the client goes on."""
    _goes_on(server, _set(CursorFlags.FROM_CACHE, b"", unique=0x5EED), cursor.Move(_PLACE))


@client_case("SPICE-CURSOR-017/cut-short", channel="cursor")
def cut_short(server: SuiteServer) -> None:
    """The data of a shape end in its first row: the client goes on."""
    _goes_on(server, _set(CursorFlags(0), bytes(3)), cursor.Move(_PLACE))


_SIZES: Final = {
    CursorType.ALPHA: 4 * _SIDE * _SIDE,
    CursorType.MONO: 2 * _SIDE,
    CursorType.COLOR4: _SIDE * _SIDE // 2 + 64 + _SIDE,
    CursorType.COLOR8: _SIDE * _SIDE + 1024 + _SIDE,
    CursorType.COLOR16: 2 * _SIDE * _SIDE + _SIDE,
    CursorType.COLOR24: 3 * _SIDE * _SIDE + _SIDE,
    CursorType.COLOR32: 4 * _SIDE * _SIDE + _SIDE,
}
"""Bytes of a shape of eight by eight pixels: pixels, colours, mask."""


@client_case("SPICE-CURSOR-017/short-by-one", channel="cursor", requires=("SPICE-CURSOR-017/cut-short",))
def short_by_one(server: SuiteServer) -> None:
    """A shape of each type whose data lack their last byte: the client goes on."""
    talk = server.session_on("cursor")
    for kind, size in _SIZES.items():
        header = cursor.CursorHeader(unique=0, type=kind, width=_SIDE, height=_SIDE, hot_spot_x=0, hot_spot_y=0)
        talk.send(cursor.Set(_PLACE, 1, cursor.Cursor(CursorFlags(0), header, bytes(size - 1))), text=f"SET of {kind.name}")
        server.alive(talk, f"a shape of {kind.name} of {size - 1} bytes")


@client_case("SPICE-CURSOR-018/never-kept", channel="cursor")
def never_had(server: SuiteServer) -> None:
    """INVAL_ONE of a shape that the client never had: it goes on."""
    _goes_on(server, cursor.InvalOne(0x5EED))
