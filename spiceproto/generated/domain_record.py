"""Domains of record. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((1,))
_n1 = frozenset((0, 1))
_n2 = frozenset((1, 2, 3))


def outside_Start(v):
    o = ()
    x = v.channels
    if x < 1 or x > 2:
        o += (Outside('channels', '1 to 2', str(int(x))),)
    x = v.format
    if x not in _n0:
        o += (Outside('format', 'a name other than INVALID', str(int(x))),)
    x = v.frequency
    if x < 1:
        o += (Outside('frequency', 'not 0', str(int(x))),)
    return o


def outside_Volume(v):
    o = ()
    x = v.nchannels
    if x < 1 or x > 2:
        o += (Outside('nchannels', '1 to 2', str(int(x))),)
    return o


def outside_Mute(v):
    o = ()
    x = v.mute
    if x not in _n1:
        o += (Outside('mute', '0 or 1', str(int(x))),)
    return o


def outside_Mode(v):
    o = ()
    x = v.mode
    if x not in _n2:
        o += (Outside('mode', 'a name other than INVALID', str(int(x))),)
    return o
