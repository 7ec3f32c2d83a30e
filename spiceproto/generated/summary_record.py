"""Summaries of record. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.audio import AudioFmt
from spiceproto.enums.base import NameTable
from spiceproto.generated.parse_record import parse_Data, parse_Mode, parse_Volume
from spiceproto.summary import line

_n0 = NameTable(AudioFmt)
_l0 = ((0, 4, 'channels'), (4, 2, 'format'), (6, 4, 'frequency'))
_u0 = Struct('<LHL').unpack_from
_i0 = Struct('<LHL').iter_unpack
_l1 = ((0, 1, 'mute'),)
_u1 = Struct('<B').unpack_from
_i1 = Struct('<B').iter_unpack
_l2 = ((0, 4, 'time'),)
_u2 = Struct('<L').unpack_from
_i2 = Struct('<L').iter_unpack


def values_Start(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u0(b)
    return v1, _n0[v2], v3,


def summary_Start(b, tail=None):
    return 'channels=%d format=%s frequency=%d' % values_Start(b, tail)


def columns_Start(b):
    v1, v2, v3 = zip(*_i0(b))
    return v1, map(_n0.__getitem__, v2), v3,


summary_Start.fixed = 10, 'channels=%d format=%s frequency=%d', values_Start, columns_Start


def summary_Stop(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_Volume(b, tail=None):
    return line(parse_Volume(b, tail), ('nchannels', 'volume'))


def values_Mute(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return v1,


def summary_Mute(b, tail=None):
    return 'mute=%d' % values_Mute(b, tail)


def columns_Mute(b):
    v1, = zip(*_i1(b))
    return v1,


summary_Mute.fixed = 1, 'mute=%d', values_Mute, columns_Mute


def summary_Data(b, tail=None):
    return line(parse_Data(b, tail), ('time',))


def summary_Mode(b, tail=None):
    return line(parse_Mode(b, tail), ('time', 'mode'))


def values_StartMark(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_StartMark(b, tail=None):
    return 'time=%d' % values_StartMark(b, tail)


def columns_StartMark(b):
    v1, = zip(*_i2(b))
    return v1,


summary_StartMark.fixed = 4, 'time=%d', values_StartMark, columns_StartMark
