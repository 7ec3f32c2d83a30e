"""Builders of cursor. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame
from spiceproto.messages.cursor import Hide as cursor_Hide, InvalAll as cursor_InvalAll, Reset as cursor_Reset

_p0 = Struct('<hhHHBH').pack
_p1 = Struct('<QBHHHH').pack
_p2 = Struct('<hhBH').pack
_p3 = Struct('<hh').pack
_p4 = Struct('<HH').pack
_p5 = Struct('<Q').pack


def build_Init(v):
    try:
        a1 = v.position
        a2 = v.cursor
        t1 = +a2.flags
        c1 = b''
        if not t1 & 1:
            a3 = a2.header
            c1 = _p1(a3.unique, a3.type, a3.width, a3.height, a3.hot_spot_x, a3.hot_spot_y)
        elif a2.header is not None:
            raise ValueError
        a4 = a2.data
        return b''.join((_p0(a1.x, a1.y, v.trail_length, v.trail_frequency, v.visible, a2.flags), c1, a4))
    except Exception as error:
        blame('cursor.Init', v, error)


def build_Reset(v):
    if not isinstance(v, cursor_Reset):
        blame('cursor.Reset', v, TypeError())
    return b''


def build_Set(v):
    try:
        a1 = v.position
        a2 = v.cursor
        t1 = +a2.flags
        c1 = b''
        if not t1 & 1:
            a3 = a2.header
            c1 = _p1(a3.unique, a3.type, a3.width, a3.height, a3.hot_spot_x, a3.hot_spot_y)
        elif a2.header is not None:
            raise ValueError
        a4 = a2.data
        return b''.join((_p2(a1.x, a1.y, v.visible, a2.flags), c1, a4))
    except Exception as error:
        blame('cursor.Set', v, error)


def build_Move(v):
    try:
        a1 = v.position
        return _p3(a1.x, a1.y)
    except Exception as error:
        blame('cursor.Move', v, error)


def build_Hide(v):
    if not isinstance(v, cursor_Hide):
        blame('cursor.Hide', v, TypeError())
    return b''


def build_Trail(v):
    try:
        return _p4(v.length, v.frequency)
    except Exception as error:
        blame('cursor.Trail', v, error)


def build_InvalOne(v):
    try:
        return _p5(v.id)
    except Exception as error:
        blame('cursor.InvalOne', v, error)


def build_InvalAll(v):
    if not isinstance(v, cursor_InvalAll):
        blame('cursor.InvalAll', v, TypeError())
    return b''
