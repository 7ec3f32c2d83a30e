"""Domains of inputs. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside

_n0 = frozenset((1, 2, 3, 4, 5, 6, 7))


def outside_Init(v):
    o = ()
    x = v.keyboard_modifiers
    if +x & -8:
        o += (Outside('keyboard_modifiers', 'no other bits', hex(x)),)
    return o


def outside_KeyModifiers(v):
    o = ()
    x = v.modifiers
    if +x & -8:
        o += (Outside('modifiers', 'no other bits', hex(x)),)
    return o


def outside_KeyDown(v):
    o = ()
    x = v.code
    if x < 1:
        o += (Outside('code', 'not 0', str(int(x)), 'SPICE-KEY-002'),)
    return o


def outside_KeyUp(v):
    o = ()
    x = v.code
    if x < 1:
        o += (Outside('code', 'not 0', str(int(x)), 'SPICE-KEY-002'),)
    return o


def outside_KeyScancode(v):
    o = ()
    x = v.data
    if 0 in x:
        o += (Outside('data', 'no zero byte', repr(x[:40]), 'SPICE-KEY-007'),)
    return o


def outside_MouseMotion(v):
    o = ()
    x = v.buttons_state
    if +x & -128:
        o += (Outside('buttons_state', 'no other bits', hex(x)),)
    return o


def outside_MousePosition(v):
    o = ()
    x = v.buttons_state
    if +x & -128:
        o += (Outside('buttons_state', 'no other bits', hex(x)),)
    return o


def outside_MousePress(v):
    o = ()
    x = v.button
    if x not in _n0:
        o += (Outside('button', 'a name other than INVALID', str(int(x))),)
    x = v.buttons_state
    if +x & -128:
        o += (Outside('buttons_state', 'no other bits', hex(x)),)
    return o


def outside_MouseRelease(v):
    o = ()
    x = v.button
    if x not in _n0:
        o += (Outside('button', 'a name other than INVALID', str(int(x))),)
    x = v.buttons_state
    if +x & -128:
        o += (Outside('buttons_state', 'no other bits', hex(x)),)
    return o
