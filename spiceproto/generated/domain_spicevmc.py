"""Domains of spicevmc. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((0, 1))


def outside_CompressedData(v):
    o = ()
    x = v.type
    if x not in _n0:
        o += (Outside('type', 'a name', str(int(x))),)
    x = v.uncompressed_size
    if x is not None:
        if x < 1:
            o += (Outside('uncompressed_size', 'not 0', str(int(x))),)
    return o
