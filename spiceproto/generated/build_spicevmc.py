"""Builders of spicevmc. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<B').pack
_p1 = Struct('<L').pack


def build_Data(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('spicevmc.Data', v, error)


def build_CompressedData(v):
    try:
        t1 = +v.type
        c1 = b''
        if t1 != 0:
            c1 = _p1(v.uncompressed_size)
        elif v.uncompressed_size is not None:
            raise ValueError
        a1 = v.compressed_data
        return b''.join((_p0(v.type), c1, a1))
    except Exception as error:
        blame('spicevmc.CompressedData', v, error)
