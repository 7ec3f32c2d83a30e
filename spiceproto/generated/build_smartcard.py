"""Builders of smartcard. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.smartcard import VscCardRemove as smartcard_VscCardRemove, VscFlush as smartcard_VscFlush, VscFlushComplete as smartcard_VscFlushComplete, VscReaderRemove as smartcard_VscReaderRemove

_p0 = Struct('<LLL').pack
_p1 = Struct('<LLLL').pack
_p2 = Struct('<LLLLL').pack
_p3 = Struct('<LLLLLL').pack
_a0 = Packers('<LL', 'L')
_p4 = Struct('<L').pack


def build_Data(v):
    try:
        a1 = v.data
        return _p0(v.type, v.reader_id, len(a1)) + a1
    except Exception as error:
        blame('smartcard.Data', v, error)


def build_VscInit(v):
    try:
        a1 = v.capabilities
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p0(v.magic, v.version, w)
        elif len(a1) == 2:
            w, x = a1
            return _p1(v.magic, v.version, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p2(v.magic, v.version, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p3(v.magic, v.version, w, x, y, z)
        return _a0[len(a1)](v.magic, v.version, *a1)
    except Exception as error:
        blame('smartcard.VscInit', v, error)


def build_VscError(v):
    try:
        return _p4(v.code)
    except Exception as error:
        blame('smartcard.VscError', v, error)


def build_VscReaderAdd(v):
    try:
        a1 = v.name
        return b'' + a1
    except Exception as error:
        blame('smartcard.VscReaderAdd', v, error)


def build_VscReaderRemove(v):
    if not isinstance(v, smartcard_VscReaderRemove):
        blame('smartcard.VscReaderRemove', v, TypeError())
    return b''


def build_VscAtr(v):
    try:
        a1 = v.atr
        return b'' + a1
    except Exception as error:
        blame('smartcard.VscAtr', v, error)


def build_VscCardRemove(v):
    if not isinstance(v, smartcard_VscCardRemove):
        blame('smartcard.VscCardRemove', v, TypeError())
    return b''


def build_VscApdu(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('smartcard.VscApdu', v, error)


def build_VscFlush(v):
    if not isinstance(v, smartcard_VscFlush):
        blame('smartcard.VscFlush', v, TypeError())
    return b''


def build_VscFlushComplete(v):
    if not isinstance(v, smartcard_VscFlushComplete):
        blame('smartcard.VscFlushComplete', v, TypeError())
    return b''
