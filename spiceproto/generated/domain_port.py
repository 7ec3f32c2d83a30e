"""Domains of port. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((0, 1))
_n1 = frozenset((0, 1, 2))


def outside_Init(v):
    o = ()
    x = v.name
    if 0 in x[:-1]:
        o += (Outside('name', 'no zero byte but at the end', repr(x[:40])),)
    x = v.opened
    if x not in _n0:
        o += (Outside('opened', '0 or 1', str(int(x))),)
    return o


def outside_Event(v):
    o = ()
    x = v.event
    if x not in _n1:
        o += (Outside('event', 'a name', str(int(x))),)
    return o
