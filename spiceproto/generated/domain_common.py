"""Domains of common. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
_n1 = frozenset((0, 1, 2))


def outside_Migrate(v):
    o = ()
    x = v.flags
    if +x & -4:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_Disconnecting(v):
    o = ()
    x = v.reason
    if x not in _n0:
        o += (Outside('reason', 'a name', str(int(x))),)
    return o


def outside_Notify(v):
    o = ()
    x = v.severity
    if x not in _n1:
        o += (Outside('severity', 'a name', str(int(x))),)
    x = v.visibilty
    if x not in _n1:
        o += (Outside('visibilty', 'a name', str(int(x))),)
    return o
