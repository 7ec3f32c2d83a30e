"""Builders of draw. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import sequence

_p0 = Struct('<BLll').pack
_p1 = Struct('<BLllll').pack
_p2 = Struct('<BLllllll').pack
_p3 = Struct('<BLllllllll').pack
_p4 = Struct('<ll').pack
_p5 = Struct('<BL').pack
_p6 = Struct('<L').pack
_p7 = Struct('<llllHH').pack
_p8 = Struct('<HB').pack


def write_Path(v, base, q):
    a1 = v.segments
    if type(a1) is not tuple:
        sequence(a1)
    p1 = []
    for e1 in a1:
        a2 = e1.points
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            c1 = _p0(e1.flags, 1, w.x, w.y)
        elif len(a2) == 2:
            w, x = a2
            c1 = _p1(e1.flags, 2, w.x, w.y, x.x, x.y)
        elif len(a2) == 3:
            w, x, y = a2
            c1 = _p2(e1.flags, 3, w.x, w.y, x.x, x.y, y.x, y.y)
        elif len(a2) == 4:
            w, x, y, z = a2
            c1 = _p3(e1.flags, 4, w.x, w.y, x.x, x.y, y.x, y.y, z.x, z.y)
        else:
            c1 = _p5(e1.flags, len(a2)) + b''.join([_p4(x.x, x.y) for x in a2])
        p1.append(c1)
    c2 = b''.join(p1)
    return _p6(len(a1)) + c2


def write_String(v, base, q):
    t1 = +v.flags
    if t1 & 1:
        a1 = v.glyphs
        if type(a1) is not tuple:
            sequence(a1)
        p1 = []
        for e1 in a1:
            a2 = e1.render_pos
            a3 = e1.glyph_origin
            a4 = e1.data
            if len(a4) != (e1.width * 1 + 7) // 8 * e1.height:
                raise ValueError
            p1.append(_p7(a2.x, a2.y, a3.x, a3.y, e1.width, e1.height) + a4)
        c1 = b''.join(p1)
        return _p8((0 if v.glyphs is None else len(v.glyphs)), v.flags) + c1
    elif t1 & 2:
        a5 = v.glyphs
        if type(a5) is not tuple:
            sequence(a5)
        p2 = []
        for e2 in a5:
            a6 = e2.render_pos
            a7 = e2.glyph_origin
            a8 = e2.data
            if len(a8) != (e2.width * 4 + 7) // 8 * e2.height:
                raise ValueError
            p2.append(_p7(a6.x, a6.y, a7.x, a7.y, e2.width, e2.height) + a8)
        c2 = b''.join(p2)
        return _p8((0 if v.glyphs is None else len(v.glyphs)), v.flags) + c2
    elif t1 & 4:
        a9 = v.glyphs
        if type(a9) is not tuple:
            sequence(a9)
        p3 = []
        for e3 in a9:
            a10 = e3.render_pos
            a11 = e3.glyph_origin
            a12 = e3.data
            if len(a12) != (e3.width * 8 + 7) // 8 * e3.height:
                raise ValueError
            p3.append(_p7(a10.x, a10.y, a11.x, a11.y, e3.width, e3.height) + a12)
        c3 = b''.join(p3)
        return _p8((0 if v.glyphs is None else len(v.glyphs)), v.flags) + c3
    elif v.glyphs is not None:
        raise ValueError
    return _p8((0 if v.glyphs is None else len(v.glyphs)), v.flags)
