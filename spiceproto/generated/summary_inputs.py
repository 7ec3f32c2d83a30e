"""Summaries of inputs. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.generated.parse_inputs import parse_KeyScancode
from spiceproto.summary import line

_n0 = NameTable(KeyboardModifierFlags)
_l0 = ((0, 2, 'keyboard_modifiers'),)
_u0 = Struct('<H').unpack_from
_l1 = ((0, 2, 'modifiers'),)
_l2 = ((0, 4, 'code'),)
_u1 = Struct('<L').unpack_from
_n1 = NameTable(MouseButtonMask)
_l3 = ((0, 4, 'dx'), (4, 4, 'dy'), (8, 2, 'buttons_state'))
_u2 = Struct('<llH').unpack_from
_l4 = ((0, 4, 'x'), (4, 4, 'y'), (8, 2, 'buttons_state'), (10, 1, 'display_id'))
_u3 = Struct('<LLHB').unpack_from
_n2 = NameTable(MouseButton)
_l5 = ((0, 1, 'button'), (1, 2, 'buttons_state'))
_u4 = Struct('<BH').unpack_from


def values_Init(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u0(b)
    return _n0[v1],


def summary_Init(b, tail=None):
    return 'keyboard_modifiers=%s' % values_Init(b, tail)


summary_Init.fixed = 2, 'keyboard_modifiers=%s', values_Init


def values_KeyModifiers(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(2)
    v1, = _u0(b)
    return _n0[v1],


def summary_KeyModifiers(b, tail=None):
    return 'modifiers=%s' % values_KeyModifiers(b, tail)


summary_KeyModifiers.fixed = 2, 'modifiers=%s', values_KeyModifiers


def summary_MouseMotionAck(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_KeyDown(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u1(b)
    return v1,


def summary_KeyDown(b, tail=None):
    return 'code=%d' % values_KeyDown(b, tail)


summary_KeyDown.fixed = 4, 'code=%d', values_KeyDown


def values_KeyUp(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u1(b)
    return v1,


def summary_KeyUp(b, tail=None):
    return 'code=%d' % values_KeyUp(b, tail)


summary_KeyUp.fixed = 4, 'code=%d', values_KeyUp


def summary_KeyScancode(b, tail=None):
    return line(parse_KeyScancode(b, tail), ('data',))


def values_MouseMotion(b, tail=None):
    n = len(b)
    if n != 10:
        if n < 10:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(10)
    v1, v2, v3 = _u2(b)
    return v1, v2, _n1[v3],


def summary_MouseMotion(b, tail=None):
    return 'dx=%d dy=%d buttons_state=%s' % values_MouseMotion(b, tail)


summary_MouseMotion.fixed = 10, 'dx=%d dy=%d buttons_state=%s', values_MouseMotion


def values_MousePosition(b, tail=None):
    n = len(b)
    if n != 11:
        if n < 11:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(11)
    v1, v2, v3, v4 = _u3(b)
    return v1, v2, _n1[v3], v4,


def summary_MousePosition(b, tail=None):
    return 'x=%d y=%d buttons_state=%s display_id=%d' % values_MousePosition(b, tail)


summary_MousePosition.fixed = 11, 'x=%d y=%d buttons_state=%s display_id=%d', values_MousePosition


def values_MousePress(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(3)
    v1, v2 = _u4(b)
    return _n2[v1], _n1[v2],


def summary_MousePress(b, tail=None):
    return 'button=%s buttons_state=%s' % values_MousePress(b, tail)


summary_MousePress.fixed = 3, 'button=%s buttons_state=%s', values_MousePress


def values_MouseRelease(b, tail=None):
    n = len(b)
    if n != 3:
        if n < 3:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(3)
    v1, v2 = _u4(b)
    return _n2[v1], _n1[v2],


def summary_MouseRelease(b, tail=None):
    return 'button=%s buttons_state=%s' % values_MouseRelease(b, tail)


summary_MouseRelease.fixed = 3, 'button=%s buttons_state=%s', values_MouseRelease
