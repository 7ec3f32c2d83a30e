"""Builders of record. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.record import Stop as record_Stop

_p0 = Struct('<LHL').pack
_a0 = Packers('<', 'H')
_p1 = Struct('<B').pack
_p2 = Struct('<L').pack
_p3 = Struct('<LH').pack


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
        if type(v.volume) is not tuple:
            sequence(v.volume)
        return _p1(len(v.volume)) + _a0[len(v.volume)](*v.volume)
    except Exception as error:
        blame('record.Volume', v, error)


def build_Mute(v):
    try:
        return _p1(v.mute)
    except Exception as error:
        blame('record.Mute', v, error)


def build_Data(v):
    try:
        return _p2(v.time) + v.data
    except Exception as error:
        blame('record.Data', v, error)


def build_Mode(v):
    try:
        return _p3(v.time, v.mode) + v.data
    except Exception as error:
        blame('record.Mode', v, error)


def build_StartMark(v):
    try:
        return _p2(v.time)
    except Exception as error:
        blame('record.StartMark', v, error)
