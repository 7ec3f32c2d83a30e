"""Builders of record. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.record import Stop as record_Stop

_p0 = Struct('<LHL').pack
_p1 = Struct('<BH').pack
_p2 = Struct('<BHH').pack
_p3 = Struct('<BHHH').pack
_p4 = Struct('<BHHHH').pack
_a0 = Packers('<B', 'H')
_p5 = Struct('<B').pack
_p6 = Struct('<L').pack
_p7 = Struct('<LH').pack


def build_Start(v):
    try:
        return _p0(v.channels, v.format, v.frequency)
    except Exception as error:
        blame('record.Start', v, error)


def build_Stop(v):
    if not isinstance(v, record_Stop):
        blame('record.Stop', v, TypeError())
    return b''


def build_Volume(v):
    try:
        a1 = v.volume
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p1(1, w)
        elif len(a1) == 2:
            w, x = a1
            return _p2(2, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p3(3, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p4(4, w, x, y, z)
        return _a0[len(a1)](len(a1), *a1)
    except Exception as error:
        blame('record.Volume', v, error)


def build_Mute(v):
    try:
        return _p5(v.mute)
    except Exception as error:
        blame('record.Mute', v, error)


def build_Data(v):
    try:
        a1 = v.data
        return _p6(v.time) + a1
    except Exception as error:
        blame('record.Data', v, error)


def build_Mode(v):
    try:
        a1 = v.data
        return _p7(v.time, v.mode) + a1
    except Exception as error:
        blame('record.Mode', v, error)


def build_StartMark(v):
    try:
        return _p6(v.time)
    except Exception as error:
        blame('record.StartMark', v, error)
