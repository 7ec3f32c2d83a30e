"""Parsers of smartcard. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data as smartcard_Data, VscApdu as smartcard_VscApdu, VscAtr as smartcard_VscAtr, VscCardRemove as smartcard_VscCardRemove, VscError as smartcard_VscError, VscFlush as smartcard_VscFlush, VscFlushComplete as smartcard_VscFlushComplete, VscInit as smartcard_VscInit, VscReaderAdd as smartcard_VscReaderAdd, VscReaderRemove as smartcard_VscReaderRemove

_VscMessageType = EnumTable(VscMessageType)
_u0 = Struct('<LLL').unpack_from
_l0 = ((0, 4, 'type'), (4, 4, 'reader_id'), (8, 4, 'length'))
_u1 = Struct('<LL').unpack_from
_l1 = ((0, 4, 'magic'), (4, 4, 'version'))
_u2 = Struct('<L').unpack_from
_u3 = Struct('<LLLL').unpack_from
_a0 = Unpackers('<', 'L')
_VscErrorCode = EnumTable(VscErrorCode)
_l2 = ((0, 4, 'code'),)


def parse_Data(b, tail=None):
    n = len(b)
    if n < 12:
        raise short(_l0, 0, n)
    v1, v2, v3 = _u0(b)
    o = 12
    e = o + v3
    if e > n:
        raise crowded('data', o, v3, 1, n)
    v4 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return smartcard_Data(_VscMessageType[v1], v2, v4)


def parse_VscInit(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l1, 0, n)
    v1, v2 = _u1(b)
    c = (n - 8) // 4
    e = 8 + c * 4
    if c == 1:
        v3 = _u2(b, 8)
    elif c == 2:
        v3 = _u1(b, 8)
    elif c == 3:
        v3 = _u0(b, 8)
    elif c == 4:
        v3 = _u3(b, 8)
    else:
        v3 = _a0[c](b, 8)
    o = e
    if o < n and tail is not None:
        tail(o)
    return smartcard_VscInit(v1, v2, v3)


def parse_VscError(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return smartcard_VscError(_VscErrorCode[v1])


def parse_VscReaderAdd(b, tail=None):
    n = len(b)
    v1 = b
    return smartcard_VscReaderAdd(v1)


def parse_VscReaderRemove(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return smartcard_VscReaderRemove()


def parse_VscAtr(b, tail=None):
    n = len(b)
    v1 = b
    return smartcard_VscAtr(v1)


def parse_VscCardRemove(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return smartcard_VscCardRemove()


def parse_VscApdu(b, tail=None):
    n = len(b)
    v1 = b
    return smartcard_VscApdu(v1)


def parse_VscFlush(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return smartcard_VscFlush()


def parse_VscFlushComplete(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return smartcard_VscFlushComplete()
