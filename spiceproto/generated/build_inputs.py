"""Builders of inputs. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame
from spiceproto.messages.inputs import MouseMotionAck as inputs_MouseMotionAck

_p0 = Struct('<H').pack
_p1 = Struct('<L').pack
_p2 = Struct('<llH').pack
_p3 = Struct('<LLHB').pack
_p4 = Struct('<BH').pack


def build_Init(v):
    try:
        return _p0(v.keyboard_modifiers)
    except Exception as error:
        blame('inputs.Init', v, error)


def build_KeyModifiers(v):
    try:
        return _p0(v.modifiers)
    except Exception as error:
        blame('inputs.KeyModifiers', v, error)


def build_MouseMotionAck(v):
    if not isinstance(v, inputs_MouseMotionAck):
        blame('inputs.MouseMotionAck', v, TypeError())
    return b''


def build_KeyDown(v):
    try:
        return _p1(v.code)
    except Exception as error:
        blame('inputs.KeyDown', v, error)


def build_KeyUp(v):
    try:
        return _p1(v.code)
    except Exception as error:
        blame('inputs.KeyUp', v, error)


def build_KeyScancode(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('inputs.KeyScancode', v, error)


def build_MouseMotion(v):
    try:
        return _p2(v.dx, v.dy, v.buttons_state)
    except Exception as error:
        blame('inputs.MouseMotion', v, error)


def build_MousePosition(v):
    try:
        return _p3(v.x, v.y, v.buttons_state, v.display_id)
    except Exception as error:
        blame('inputs.MousePosition', v, error)


def build_MousePress(v):
    try:
        return _p4(v.button, v.buttons_state)
    except Exception as error:
        blame('inputs.MousePress', v, error)


def build_MouseRelease(v):
    try:
        return _p4(v.button, v.buttons_state)
    except Exception as error:
        blame('inputs.MouseRelease', v, error)
