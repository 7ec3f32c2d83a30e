"""Builders of smartcard. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.smartcard import VscCardRemove as smartcard_VscCardRemove, VscFlush as smartcard_VscFlush, VscFlushComplete as smartcard_VscFlushComplete, VscReaderRemove as smartcard_VscReaderRemove

_p0 = Struct('<LLL').pack
_a0 = Packers('<', 'L')
_p1 = Struct('<LL').pack
_p2 = Struct('<L').pack


def build_Data(v):
    try:
        return _p0(v.type, v.reader_id, len(v.data)) + v.data
    except Exception as error:
        blame('smartcard.Data', v, error)


def build_VscInit(v):
    try:
        if type(v.capabilities) is not tuple:
            sequence(v.capabilities)
        return _p1(v.magic, v.version) + _a0[len(v.capabilities)](*v.capabilities)
    except Exception as error:
        blame('smartcard.VscInit', v, error)


def build_VscError(v):
    try:
        return _p2(v.code)
    except Exception as error:
        blame('smartcard.VscError', v, error)


def build_VscReaderAdd(v):
    try:
        return b'' + v.name
    except Exception as error:
        blame('smartcard.VscReaderAdd', v, error)


def build_VscReaderRemove(v):
    if not isinstance(v, smartcard_VscReaderRemove):
        blame('smartcard.VscReaderRemove', v, TypeError())
    return b''


def build_VscAtr(v):
    try:
        return b'' + v.atr
    except Exception as error:
        blame('smartcard.VscAtr', v, error)


def build_VscCardRemove(v):
    if not isinstance(v, smartcard_VscCardRemove):
        blame('smartcard.VscCardRemove', v, TypeError())
    return b''


def build_VscApdu(v):
    try:
        return b'' + v.data
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
