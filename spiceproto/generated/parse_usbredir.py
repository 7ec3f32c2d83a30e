"""Parsers of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.usbredir import UsbredirType
from spiceproto.messages.usbredir import UsbredirHeader as usbredir_UsbredirHeader, UsbredirHello as usbredir_UsbredirHello, UsbredirWideHeader as usbredir_UsbredirWideHeader

_UsbredirType = EnumTable(UsbredirType)
_l0 = ((0, 4, 'type'), (4, 4, 'length'), (8, 4, 'id'))
_u0 = Struct('<LLL').unpack_from
_l1 = ((0, 4, 'type'), (4, 4, 'length'), (8, 8, 'id'))
_u1 = Struct('<LLQ').unpack_from
_u2 = Struct('<64s').unpack_from
_l2 = ((0, 64, 'version'),)
_u3 = Struct('<L').unpack_from
_u4 = Struct('<LL').unpack_from
_u5 = Struct('<LLLL').unpack_from
_a0 = Unpackers('<', 'L')


def parse_UsbredirHeader(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(12)
    v1, v2, v3 = _u0(b)
    return usbredir_UsbredirHeader(_UsbredirType[v1], v2, v3)


def parse_UsbredirWideHeader(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3 = _u1(b)
    return usbredir_UsbredirWideHeader(_UsbredirType[v1], v2, v3)


def parse_UsbredirHello(b, tail=None):
    n = len(b)
    if n < 64:
        raise short(_l2, 0, n)
    v1, = _u2(b)
    c = (n - 64) // 4
    e = 64 + c * 4
    if c == 1:
        v2 = _u3(b, 64)
    elif c == 2:
        v2 = _u4(b, 64)
    elif c == 3:
        v2 = _u0(b, 64)
    elif c == 4:
        v2 = _u5(b, 64)
    else:
        v2 = _a0[c](b, 64)
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_UsbredirHello(v1, v2)
