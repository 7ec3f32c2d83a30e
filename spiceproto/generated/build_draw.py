"""Builders of draw. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import sequence

_p0 = Struct('<ll').pack
_p1 = Struct('<BL').pack
_p2 = Struct('<L').pack
_p3 = Struct('<llllHH').pack
_p4 = Struct('<HB').pack


def write_PathSegment(v, base, q):
    if type(v.points) is not tuple:
        sequence(v.points)
    return _p1(v.flags, len(v.points)) + b''.join([_p0(x.x, x.y) for x in v.points])


def write_Path(v, base, q):
    if type(v.segments) is not tuple:
        sequence(v.segments)
    return _p2(len(v.segments)) + b''.join([write_PathSegment(x, 0, None) for x in v.segments])


def write_RasterGlyphA1(v, base, q):
    a1 = v.render_pos
    a2 = v.glyph_origin
    if len(v.data) != (v.width * 1 + 7) // 8 * v.height:
        raise ValueError
    return _p3(a1.x, a1.y, a2.x, a2.y, v.width, v.height) + v.data


def write_RasterGlyphA4(v, base, q):
    a1 = v.render_pos
    a2 = v.glyph_origin
    if len(v.data) != (v.width * 4 + 7) // 8 * v.height:
        raise ValueError
    return _p3(a1.x, a1.y, a2.x, a2.y, v.width, v.height) + v.data


def write_RasterGlyphA8(v, base, q):
    a1 = v.render_pos
    a2 = v.glyph_origin
    if len(v.data) != (v.width * 8 + 7) // 8 * v.height:
        raise ValueError
    return _p3(a1.x, a1.y, a2.x, a2.y, v.width, v.height) + v.data


def write_String(v, base, q):
    p = [_p4((0 if v.glyphs is None else len(v.glyphs)), v.flags)]
    a1 = v.flags
    if a1 & 1:
        if type(v.glyphs) is not tuple:
            sequence(v.glyphs)
        p.append(b''.join([write_RasterGlyphA1(x, 0, None) for x in v.glyphs]))
    elif a1 & 2:
        if type(v.glyphs) is not tuple:
            sequence(v.glyphs)
        p.append(b''.join([write_RasterGlyphA4(x, 0, None) for x in v.glyphs]))
    elif a1 & 4:
        if type(v.glyphs) is not tuple:
            sequence(v.glyphs)
        p.append(b''.join([write_RasterGlyphA8(x, 0, None) for x in v.glyphs]))
    elif v.glyphs is not None:
        raise ValueError
    return b''.join(p)
