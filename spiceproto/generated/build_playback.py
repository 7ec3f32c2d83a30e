"""Builders of playback. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.playback import Stop as playback_Stop

_p0 = Struct('<L').pack
_p1 = Struct('<LH').pack
_p2 = Struct('<LHLL').pack
_p3 = Struct('<BH').pack
_p4 = Struct('<BHH').pack
_p5 = Struct('<BHHH').pack
_p6 = Struct('<BHHHH').pack
_a0 = Packers('<B', 'H')
_p7 = Struct('<B').pack


def build_Data(v):
    try:
        a1 = v.data
        return _p0(v.time) + a1
    except Exception as error:
        blame('playback.Data', v, error)


def build_Mode(v):
    try:
        a1 = v.data
        return _p1(v.time, v.mode) + a1
    except Exception as error:
        blame('playback.Mode', v, error)


def build_Start(v):
    try:
        return _p2(v.channels, v.format, v.frequency, v.time)
    except Exception as error:
        blame('playback.Start', v, error)


def build_Stop(v):
    if not isinstance(v, playback_Stop):
        blame('playback.Stop', v, TypeError())
    return b''


def build_Volume(v):
    try:
        a1 = v.volume
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p3(1, w)
        elif len(a1) == 2:
            w, x = a1
            return _p4(2, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p5(3, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p6(4, w, x, y, z)
        return _a0[len(a1)](len(a1), *a1)
    except Exception as error:
        blame('playback.Volume', v, error)


def build_Mute(v):
    try:
        return _p7(v.mute)
    except Exception as error:
        blame('playback.Mute', v, error)


def build_Latency(v):
    try:
        return _p0(v.latency_ms)
    except Exception as error:
        blame('playback.Latency', v, error)
