"""Parsers of webdav. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, short
from spiceproto.messages.webdav import MuxChunk as webdav_MuxChunk

_u0 = Struct('<qH').unpack_from
_l0 = ((0, 8, 'client'), (8, 2, 'size'))


def parse_MuxChunk(b, tail=None):
    n = len(b)
    if n < 10:
        raise short(_l0, 0, n)
    v1, v2 = _u0(b)
    o = 10
    e = o + v2
    if e > n:
        raise crowded('data', o, v2, 1, n)
    v3 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return webdav_MuxChunk(v1, v3)
