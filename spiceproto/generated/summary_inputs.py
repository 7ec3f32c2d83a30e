"""Summaries of inputs. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.generated.parse_inputs import parse_KeyScancode
from spiceproto.shown import Shown, scan_code, scan_code_bytes
from spiceproto.summary import line

_n0 = NameTable(KeyboardModifierFlags)
_l0 = ((0, 2, 'keyboard_modifiers'),)
_u0 = Struct('<H').unpack_from
_i0 = Struct('<H').iter_unpack
_l1 = ((0, 2, 'modifiers'),)
_s0 = Shown(scan_code)
_l2 = ((0, 4, 'code'),)
_u1 = Struct('<L').unpack_from
_i1 = Struct('<L').iter_unpack
_n1 = NameTable(MouseButtonMask)
_l3 = ((0, 4, 'dx'), (4, 4, 'dy'), (8, 2, 'buttons_state'))
_u2 = Struct('<llH').unpack_from
_i2 = Struct('<llH').iter_unpack
_l4 = ((0, 4, 'x'), (4, 4, 'y'), (8, 2, 'buttons_state'), (10, 1, 'display_id'))
_u3 = Struct('<LLHB').unpack_from
_i3 = Struct('<LLHB').iter_unpack
_n2 = NameTable(MouseButton)
_l5 = ((0, 1, 'button'), (1, 2, 'buttons_state'))
_u4 = Struct('<BH').unpack_from
_i4 = Struct('<BH').iter_unpack


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


def columns_Init(b):
    v1, = zip(*_i0(b))
    return map(_n0.__getitem__, v1),


summary_Init.fixed = 2, 'keyboard_modifiers=%s', values_Init, columns_Init


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


def columns_KeyModifiers(b):
    v1, = zip(*_i0(b))
    return map(_n0.__getitem__, v1),


summary_KeyModifiers.fixed = 2, 'modifiers=%s', values_KeyModifiers, columns_KeyModifiers


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
    return _s0[v1],


def summary_KeyDown(b, tail=None):
    return 'code=%s' % values_KeyDown(b, tail)


def columns_KeyDown(b):
    v1, = zip(*_i1(b))
    return map(_s0.__getitem__, v1),


summary_KeyDown.fixed = 4, 'code=%s', values_KeyDown, columns_KeyDown


summary_KeyDown.shown = {'code': scan_code}


def values_KeyUp(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u1(b)
    return _s0[v1],


def summary_KeyUp(b, tail=None):
    return 'code=%s' % values_KeyUp(b, tail)


def columns_KeyUp(b):
    v1, = zip(*_i1(b))
    return map(_s0.__getitem__, v1),


summary_KeyUp.fixed = 4, 'code=%s', values_KeyUp, columns_KeyUp


summary_KeyUp.shown = {'code': scan_code}


def summary_KeyScancode(b, tail=None):
    return line(parse_KeyScancode(b, tail), ('data',), {'data': scan_code_bytes})


summary_KeyScancode.shown = {'data': scan_code_bytes}


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


def columns_MouseMotion(b):
    v1, v2, v3 = zip(*_i2(b))
    return v1, v2, map(_n1.__getitem__, v3),


summary_MouseMotion.fixed = 10, 'dx=%d dy=%d buttons_state=%s', values_MouseMotion, columns_MouseMotion


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


def columns_MousePosition(b):
    v1, v2, v3, v4 = zip(*_i3(b))
    return v1, v2, map(_n1.__getitem__, v3), v4,


summary_MousePosition.fixed = 11, 'x=%d y=%d buttons_state=%s display_id=%d', values_MousePosition, columns_MousePosition


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


def columns_MousePress(b):
    v1, v2 = zip(*_i4(b))
    return map(_n2.__getitem__, v1), map(_n1.__getitem__, v2),


summary_MousePress.fixed = 3, 'button=%s buttons_state=%s', values_MousePress, columns_MousePress


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


def columns_MouseRelease(b):
    v1, v2 = zip(*_i4(b))
    return map(_n2.__getitem__, v1), map(_n1.__getitem__, v2),


summary_MouseRelease.fixed = 3, 'button=%s buttons_state=%s', values_MouseRelease, columns_MouseRelease
