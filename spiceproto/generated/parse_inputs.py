"""Parsers of inputs. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.messages.inputs import Init as inputs_Init, KeyDown as inputs_KeyDown, KeyModifiers as inputs_KeyModifiers, KeyScancode as inputs_KeyScancode, KeyUp as inputs_KeyUp, MouseMotion as inputs_MouseMotion, MouseMotionAck as inputs_MouseMotionAck, MousePosition as inputs_MousePosition, MousePress as inputs_MousePress, MouseRelease as inputs_MouseRelease

_KeyboardModifierFlags = FlagsTable(KeyboardModifierFlags)
_l0 = ((0, 2, 'keyboard_modifiers'),)
_u0 = Struct('<H').unpack_from
_l1 = ((0, 2, 'modifiers'),)
_l2 = ((0, 4, 'code'),)
_u1 = Struct('<L').unpack_from
_MouseButtonMask = FlagsTable(MouseButtonMask)
_l3 = ((0, 4, 'dx'), (4, 4, 'dy'), (8, 2, 'buttons_state'))
_u2 = Struct('<llH').unpack_from
_l4 = ((0, 4, 'x'), (4, 4, 'y'), (8, 2, 'buttons_state'), (10, 1, 'display_id'))
_u3 = Struct('<LLHB').unpack_from
_MouseButton = EnumTable(MouseButton)
_l5 = ((0, 1, 'button'), (1, 2, 'buttons_state'))
_u4 = Struct('<BH').unpack_from


def parse_Init(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u0(b)
    return inputs_Init(_KeyboardModifierFlags[v1])


def parse_KeyModifiers(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u0(b)
    return inputs_KeyModifiers(_KeyboardModifierFlags[v1])


def parse_MouseMotionAck(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return inputs_MouseMotionAck()


def parse_KeyDown(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u1(b)
    return inputs_KeyDown(v1)


def parse_KeyUp(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u1(b)
    return inputs_KeyUp(v1)


def parse_KeyScancode(b, tail=None):
    n = len(b)
    v1 = b
    return inputs_KeyScancode(v1)


def parse_MouseMotion(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u2(b)
    return inputs_MouseMotion(v1, v2, _MouseButtonMask[v3])


def parse_MousePosition(b, tail=None):
    n = len(b)
    if n != 11:
        if n < 11:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(11)
    v1, v2, v3, v4 = _u3(b)
    return inputs_MousePosition(v1, v2, _MouseButtonMask[v3], v4)


def parse_MousePress(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(3)
    v1, v2 = _u4(b)
    return inputs_MousePress(_MouseButton[v1], _MouseButtonMask[v2])


def parse_MouseRelease(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(3)
    v1, v2 = _u4(b)
    return inputs_MouseRelease(_MouseButton[v1], _MouseButtonMask[v2])
