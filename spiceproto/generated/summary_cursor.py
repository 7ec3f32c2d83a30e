"""Summaries of cursor. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.generated.parse_cursor import parse_Init, parse_Set
from spiceproto.summary import line

_l0 = ((0, 2, 'position.x'), (2, 2, 'position.y'))
_u0 = Struct('<hh').unpack_from
_i0 = Struct('<hh').iter_unpack
_l1 = ((0, 2, 'length'), (2, 2, 'frequency'))
_u1 = Struct('<HH').unpack_from
_i1 = Struct('<HH').iter_unpack
_l2 = ((0, 8, 'id'),)
_u2 = Struct('<Q').unpack_from
_i2 = Struct('<Q').iter_unpack


def summary_Init(b, tail=None):
    return line(parse_Init(b, tail), ('position', 'visible', 'cursor.flags', 'cursor.header.unique', 'cursor.header.type', 'cursor.header.width', 'cursor.header.height'))


def summary_Reset(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_Set(b, tail=None):
    return line(parse_Set(b, tail), ('position', 'visible', 'cursor.flags', 'cursor.header.unique', 'cursor.header.type', 'cursor.header.width', 'cursor.header.height'))


def values_Move(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u0(b)
    return v1, v2,


def summary_Move(b, tail=None):
    return 'position=(%d,%d)' % values_Move(b, tail)


def columns_Move(b):
    v1, v2 = zip(*_i0(b))
    return v1, v2,


summary_Move.fixed = 4, 'position=(%d,%d)', values_Move, columns_Move


def summary_Hide(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_Trail(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(4)
    v1, v2 = _u1(b)
    return v1, v2,


def summary_Trail(b, tail=None):
    return 'length=%d frequency=%d' % values_Trail(b, tail)


def columns_Trail(b):
    v1, v2 = zip(*_i1(b))
    return v1, v2,


summary_Trail.fixed = 4, 'length=%d frequency=%d', values_Trail, columns_Trail


def values_InvalOne(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u2(b)
    return v1,


def summary_InvalOne(b, tail=None):
    return 'id=%d' % values_InvalOne(b, tail)


def columns_InvalOne(b):
    v1, = zip(*_i2(b))
    return v1,


summary_InvalOne.fixed = 8, 'id=%d', values_InvalOne, columns_InvalOne


def summary_InvalAll(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''
