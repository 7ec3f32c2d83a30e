"""Parsers of record. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.base import EnumTable
from spiceproto.messages.record import Data as record_Data, Mode as record_Mode, Mute as record_Mute, Start as record_Start, StartMark as record_StartMark, Stop as record_Stop, Volume as record_Volume

_AudioFmt = EnumTable(AudioFmt)
_l0 = ((0, 4, 'channels'), (4, 2, 'format'), (6, 4, 'frequency'))
_u0 = Struct('<LHL').unpack_from
_u1 = Struct('<B').unpack_from
_l1 = ((0, 1, 'nchannels'),)
_u2 = Struct('<H').unpack_from
_u3 = Struct('<HH').unpack_from
_u4 = Struct('<HHH').unpack_from
_u5 = Struct('<HHHH').unpack_from
_a0 = Unpackers('<', 'H')
_l2 = ((0, 1, 'mute'),)
_u6 = Struct('<L').unpack_from
_l3 = ((0, 4, 'time'),)
_AudioDataMode = EnumTable(AudioDataMode)
_u7 = Struct('<LH').unpack_from
_l4 = ((0, 4, 'time'), (4, 2, 'mode'))


def parse_Start(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u0(b)
    return record_Start(v1, _AudioFmt[v2], v3)


def parse_Stop(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return record_Stop()


def parse_Volume(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l1, 0, n)
    v1, = _u1(b)
    e = 1 + v1 * 2
    if e > n:
        raise crowded('volume', 1, v1, 2, n)
    if v1 == 1:
        v2 = _u2(b, 1)
    elif v1 == 2:
        v2 = _u3(b, 1)
    elif v1 == 3:
        v2 = _u4(b, 1)
    elif v1 == 4:
        v2 = _u5(b, 1)
    else:
        v2 = _a0[v1](b, 1)
    o = e
    if o < n and tail is not None:
        tail(o)
    return record_Volume(v2)


def parse_Mute(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u1(b)
    return record_Mute(v1)


def parse_Data(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l3, 0, n)
    v1, = _u6(b)
    v2 = b[4:]
    return record_Data(v1, v2)


def parse_Mode(b, tail=None):
    n = len(b)
    if n < 6:
        raise short(_l4, 0, n)
    v1, v2 = _u7(b)
    v3 = b[6:]
    return record_Mode(v1, _AudioDataMode[v2], v3)


def parse_StartMark(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u6(b)
    return record_StartMark(v1)
