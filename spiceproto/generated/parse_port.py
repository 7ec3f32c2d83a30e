"""Parsers of port. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, null, outside, short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages.port import Event as port_Event, Init as port_Init

_u0 = Struct('<LL').unpack_from
_l0 = ((0, 4, 'name_size'), (4, 4, 'name'))
_u1 = Struct('<B').unpack_from
_l1 = ((0, 1, 'opened'),)
_PortEvent = EnumTable(PortEvent)
_l2 = ((0, 1, 'event'),)


def parse_Init(b, tail=None):
    n = len(b)
    h = 0
    if n < 8:
        raise short(_l0, 0, n)
    v1, v2 = _u0(b)
    if v2 == 0:
        raise null('name', 4)
    elif v2 >= n:
        raise outside('name', 4, v2, n)
    else:
        e = v2 + v1
        if e > n:
            raise crowded('name', v2, v1, 1, n)
        v3 = b[v2:e]
        if e > h:
            h = e
    if n < 9:
        raise short(_l1, 8, n)
    v4, = _u1(b, 8)
    if h < 9:
        h = 9
    if h < n and tail is not None:
        tail(h)
    return port_Init(v3, v4)


def parse_Event(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return port_Event(_PortEvent[v1])
