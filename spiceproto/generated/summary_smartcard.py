"""Summaries of smartcard. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.smartcard import VscErrorCode
from spiceproto.generated.parse_smartcard import parse_Data, parse_VscApdu, parse_VscAtr, parse_VscInit, parse_VscReaderAdd
from spiceproto.shown import letters
from spiceproto.summary import line

_n0 = NameTable(VscErrorCode)
_l0 = ((0, 4, 'code'),)
_u0 = Struct('<L').unpack_from
_i0 = Struct('<L').iter_unpack


def summary_Data(b, tail=None):
    return line(parse_Data(b, tail), ('type', 'reader_id', 'length'))


def summary_VscInit(b, tail=None):
    return line(parse_VscInit(b, tail), ('magic', 'version'), {'magic': letters})


summary_VscInit.shown = {'magic': letters}


def values_VscError(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return _n0[v1],


def summary_VscError(b, tail=None):
    return 'code=%s' % values_VscError(b, tail)


def columns_VscError(b):
    v1, = zip(*_i0(b))
    return map(_n0.__getitem__, v1),


summary_VscError.fixed = 4, 'code=%s', values_VscError, columns_VscError


def summary_VscReaderAdd(b, tail=None):
    return line(parse_VscReaderAdd(b, tail), ('name',))


def summary_VscReaderRemove(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_VscAtr(b, tail=None):
    return line(parse_VscAtr(b, tail), ('atr',))


def summary_VscCardRemove(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_VscApdu(b, tail=None):
    return line(parse_VscApdu(b, tail), ('data',))


def summary_VscFlush(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_VscFlushComplete(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''
