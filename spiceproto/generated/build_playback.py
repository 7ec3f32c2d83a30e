"""Builders of playback. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence
from spiceproto.messages.playback import Stop as playback_Stop

_p0 = Struct('<L').pack
_p1 = Struct('<LH').pack
_p2 = Struct('<LHLL').pack
_a0 = Packers('<', 'H')
_p3 = Struct('<B').pack


def build_Data(v):
    try:
        return _p0(v.time) + v.data
    except Exception as error:
        blame('playback.Data', v, error)


def build_Mode(v):
    try:
        return _p1(v.time, v.mode) + v.data
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
        if type(v.volume) is not tuple:
            sequence(v.volume)
        return _p3(len(v.volume)) + _a0[len(v.volume)](*v.volume)
    except Exception as error:
        blame('playback.Volume', v, error)


def build_Mute(v):
    try:
        return _p3(v.mute)
    except Exception as error:
        blame('playback.Mute', v, error)


def build_Latency(v):
    try:
        return _p0(v.latency_ms)
    except Exception as error:
        blame('playback.Latency', v, error)
