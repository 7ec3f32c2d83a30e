"""Parsers of spicevmc. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.spicevmc import DataCompressionType
from spiceproto.messages.spicevmc import CompressedData as spicevmc_CompressedData, Data as spicevmc_Data

_DataCompressionType = EnumTable(DataCompressionType)
_u0 = Struct('<B').unpack_from
_l0 = ((0, 1, 'type'),)
_u1 = Struct('<L').unpack_from
_l1 = ((0, 4, 'uncompressed_size'),)


def parse_Data(b, tail=None):
    n = len(b)
    v1 = b
    return spicevmc_Data(v1)


def parse_CompressedData(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l0, 0, n)
    v1, = _u0(b)
    o = 1
    v2 = None
    if v1 != 0:
        if o + 4 > n:
            raise short(_l1, o, n)
        v3, = _u1(b, o)
        o += 4
        v2 = v3
    v4 = b[o:]
    return spicevmc_CompressedData(_DataCompressionType[v1], v2, v4)
