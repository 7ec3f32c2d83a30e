"""Domains of smartcard. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 9))


def outside_Data(v):
    o = ()
    x = v.type
    if x not in _n0:
        o += (Outside('type', 'a name', str(int(x))),)
    return o
