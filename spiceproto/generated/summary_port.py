"""Summaries of port. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.generated.parse_port import parse_Init
from spiceproto.summary import line

_n0 = NameTable(PortEvent)
_l0 = ((0, 1, 'event'),)
_u0 = Struct('<B').unpack_from
_i0 = Struct('<B').iter_unpack


def summary_Init(b, tail=None):
    return line(parse_Init(b, tail), ('name', 'opened'))


def values_Event(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u0(b)
    return _n0[v1],


def summary_Event(b, tail=None):
    return 'event=%s' % values_Event(b, tail)


def columns_Event(b):
    v1, = zip(*_i0(b))
    return map(_n0.__getitem__, v1),


summary_Event.fixed = 1, 'event=%s', values_Event, columns_Event
