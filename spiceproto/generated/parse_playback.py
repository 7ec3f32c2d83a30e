"""Parsers of playback. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, short
from spiceproto.enums.audio import AudioDataMode, AudioFmt
from spiceproto.enums.base import EnumTable
from spiceproto.messages.playback import Data as playback_Data, Latency as playback_Latency, Mode as playback_Mode, Mute as playback_Mute, Start as playback_Start, Stop as playback_Stop, Volume as playback_Volume

_u0 = Struct('<L').unpack_from
_l0 = ((0, 4, 'time'),)
_AudioDataMode = EnumTable(AudioDataMode)
_u1 = Struct('<LH').unpack_from
_l1 = ((0, 4, 'time'), (4, 2, 'mode'))
_AudioFmt = EnumTable(AudioFmt)
_l2 = ((0, 4, 'channels'), (4, 2, 'format'), (6, 4, 'frequency'), (10, 4, 'time'))
_u2 = Struct('<LHLL').unpack_from
_u3 = Struct('<B').unpack_from
_l3 = ((0, 1, 'nchannels'),)
_u4 = Struct('<H').unpack_from
_u5 = Struct('<HH').unpack_from
_u6 = Struct('<HHH').unpack_from
_u7 = Struct('<HHHH').unpack_from
_a0 = Unpackers('<', 'H')
_l4 = ((0, 1, 'mute'),)
_l5 = ((0, 4, 'latency_ms'),)


def parse_Data(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l0, 0, n)
    v1, = _u0(b)
    v2 = b[4:]
    return playback_Data(v1, v2)


def parse_Mode(b, tail=None):
    n = len(b)
    if n < 6:
        raise short(_l1, 0, n)
    v1, v2 = _u1(b)
    v3 = b[6:]
    return playback_Mode(v1, _AudioDataMode[v2], v3)


def parse_Start(b, tail=None):
    n = len(b)
    if n != 14:
        if n < 14:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(14)
    v1, v2, v3, v4 = _u2(b)
    return playback_Start(v1, _AudioFmt[v2], v3, v4)


def parse_Stop(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return playback_Stop()


def parse_Volume(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l3, 0, n)
    v1, = _u3(b)
    e = 1 + v1 * 2
    if e > n:
        raise crowded('volume', 1, v1, 2, n)
    if v1 == 1:
        v2 = _u4(b, 1)
    elif v1 == 2:
        v2 = _u5(b, 1)
    elif v1 == 3:
        v2 = _u6(b, 1)
    elif v1 == 4:
        v2 = _u7(b, 1)
    else:
        v2 = _a0[v1](b, 1)
    o = e
    if o < n and tail is not None:
        tail(o)
    return playback_Volume(v2)


def parse_Mute(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u3(b)
    return playback_Mute(v1)


def parse_Latency(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u0(b)
    return playback_Latency(v1)
