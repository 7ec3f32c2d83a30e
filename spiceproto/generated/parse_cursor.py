"""Parsers of cursor. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.cursor import CursorFlags, CursorType
from spiceproto.messages.cursor import Cursor as cursor_Cursor, CursorHeader as cursor_CursorHeader, Hide as cursor_Hide, Init as cursor_Init, InvalAll as cursor_InvalAll, InvalOne as cursor_InvalOne, Move as cursor_Move, Reset as cursor_Reset, Set as cursor_Set, Trail as cursor_Trail
from spiceproto.messages.geometry import Point16 as geometry_Point16

_CursorFlags = FlagsTable(CursorFlags)
_u0 = Struct('<hhHHBH').unpack_from
_l0 = ((0, 2, 'position.x'), (2, 2, 'position.y'), (4, 2, 'trail_length'), (6, 2, 'trail_frequency'), (8, 1, 'visible'), (9, 2, 'cursor.flags'))
_CursorType = EnumTable(CursorType)
_u1 = Struct('<QBHHHH').unpack_from
_l1 = ((0, 8, 'cursor.header.unique'), (8, 1, 'cursor.header.type'), (9, 2, 'cursor.header.width'), (11, 2, 'cursor.header.height'), (13, 2, 'cursor.header.hot_spot_x'), (15, 2, 'cursor.header.hot_spot_y'))
_u2 = Struct('<hhBH').unpack_from
_l2 = ((0, 2, 'position.x'), (2, 2, 'position.y'), (4, 1, 'visible'), (5, 2, 'cursor.flags'))
_l3 = ((0, 2, 'position.x'), (2, 2, 'position.y'))
_u3 = Struct('<hh').unpack_from
_l4 = ((0, 2, 'length'), (2, 2, 'frequency'))
_u4 = Struct('<HH').unpack_from
_l5 = ((0, 8, 'id'),)
_u5 = Struct('<Q').unpack_from


def parse_Init(b, tail=None):
    n = len(b)
    if n < 11:
        raise short(_l0, 0, n)
    v1, v2, v3, v4, v5, v6 = _u0(b)
    o = 11
    v7 = None
    if not v6 & 1:
        if o + 17 > n:
            raise short(_l1, o, n)
        v8, v9, v10, v11, v12, v13 = _u1(b, o)
        o += 17
        v7 = cursor_CursorHeader(v8, _CursorType[v9], v10, v11, v12, v13)
    v14 = b[o:]
    return cursor_Init(geometry_Point16(v1, v2), v3, v4, v5, cursor_Cursor(_CursorFlags[v6], v7, v14))


def parse_Reset(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return cursor_Reset()


def parse_Set(b, tail=None):
    n = len(b)
    if n < 7:
        raise short(_l2, 0, n)
    v1, v2, v3, v4 = _u2(b)
    o = 7
    v5 = None
    if not v4 & 1:
        if o + 17 > n:
            raise short(_l1, o, n)
        v6, v7, v8, v9, v10, v11 = _u1(b, o)
        o += 17
        v5 = cursor_CursorHeader(v6, _CursorType[v7], v8, v9, v10, v11)
    v12 = b[o:]
    return cursor_Set(geometry_Point16(v1, v2), v3, cursor_Cursor(_CursorFlags[v4], v5, v12))


def parse_Move(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u3(b)
    return cursor_Move(geometry_Point16(v1, v2))


def parse_Hide(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return cursor_Hide()


def parse_Trail(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u4(b)
    return cursor_Trail(v1, v2)


def parse_InvalOne(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u5(b)
    return cursor_InvalOne(v1)


def parse_InvalAll(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return cursor_InvalAll()
