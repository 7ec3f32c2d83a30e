"""Builders of spicevmc. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<B').pack
_p1 = Struct('<L').pack


def build_Data(v):
    try:
        return b'' + v.data
    except Exception as error:
        blame('spicevmc.Data', v, error)


def build_CompressedData(v):
    try:
        p = [_p0(v.type)]
        a1 = v.type
        if a1 != 0:
            p.append(_p1(v.uncompressed_size))
        elif v.uncompressed_size is not None:
            raise ValueError
        p.append(v.compressed_data)
        return b''.join(p)
    except Exception as error:
        blame('spicevmc.CompressedData', v, error)
