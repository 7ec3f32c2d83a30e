"""Parsers of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.messages.usbredir import UsbredirHeader as usbredir_UsbredirHeader, UsbredirHello as usbredir_UsbredirHello

_l0 = ((0, 4, 'type'), (4, 4, 'length'), (8, 4, 'id'))
_u0 = Struct('<LLL').unpack_from
_u1 = Struct('<64s').unpack_from
_l1 = ((0, 64, 'version'),)
_a0 = Unpackers('<', 'L')


def parse_UsbredirHeader(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(12)
    v1, v2, v3 = _u0(b)
    return usbredir_UsbredirHeader(v1, v2, v3)


def parse_UsbredirHello(b, tail=None):
    n = len(b)
    if n < 64:
        raise short(_l1, 0, n)
    v1, = _u1(b)
    o = 64
    c = (n - o) // 4
    e = o + c * 4
    v2 = _a0[c](b, o)
    o = e
    if o < n and tail is not None:
        tail(o)
    return usbredir_UsbredirHello(v1, v2)
