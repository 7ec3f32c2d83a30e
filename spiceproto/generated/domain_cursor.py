"""Domains of cursor. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside, Room, within

_n0 = frozenset((0, 1, 2, 3, 4, 5, 6))
_r0 = Room(kind='header.type', width='header.width', height='header.height', planes={0: ((32,), 0), 1: ((1, 1), 0), 2: ((4, 1), 64), 3: ((8, 1), 1024), 4: ((16, 1), 0), 5: ((24, 1), 0), 6: ((32, 1), 0)}, unless=None, sentence='SPICE-FRAME-040', tolerated=False)
_n1 = frozenset((0, 1))


def outside_CursorHeader(v):
    o = ()
    x = v.type
    if x not in _n0:
        o += (Outside('type', 'a name', str(int(x))),)
    return o


def outside_Cursor(v):
    o = ()
    x = v.flags
    if +x & -8:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.header
    if x is not None:
        if x.type not in _n0:
            o += within('header', outside_CursorHeader(x))
    x = v.data
    if not +v.flags & 5:
        n = _r0.bytes(v.header.type, v.header.width, v.header.height)
        if len(x) < n:
            o += (Outside('data', f'at least {n} bytes', f'{len(x)} bytes'),)
    return o


def outside_Init(v):
    o = ()
    x = v.visible
    if x not in _n1:
        o += (Outside('visible', '0 or 1', str(int(x))),)
    x = v.cursor
    f = outside_Cursor(x)
    if f:
        o += within('cursor', f)
    return o


def outside_Set(v):
    o = ()
    x = v.visible
    if x not in _n1:
        o += (Outside('visible', '0 or 1', str(int(x))),)
    x = v.cursor
    f = outside_Cursor(x)
    if f:
        o += within('cursor', f)
    return o
