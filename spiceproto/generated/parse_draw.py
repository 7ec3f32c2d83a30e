"""Parsers of draw. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import FlagsTable
from spiceproto.enums.display import PathFlags, StringFlags
from spiceproto.errors import RemoteError
from spiceproto.messages.draw import Path as draw_Path, PathSegment as draw_PathSegment, RasterGlyphA1 as draw_RasterGlyphA1, RasterGlyphA4 as draw_RasterGlyphA4, RasterGlyphA8 as draw_RasterGlyphA8, String as draw_String
from spiceproto.messages.geometry import Point as geometry_Point, PointFix as geometry_PointFix

_PathFlags = FlagsTable(PathFlags)
_u0 = Struct('<BL').unpack_from
_l0 = ((0, 1, 'flags'), (1, 4, 'count'))
_i0 = Struct('<ll').iter_unpack
_u1 = Struct('<L').unpack_from
_l1 = ((0, 4, 'num_segments'),)
_u2 = Struct('<llllHH').unpack_from
_l2 = ((0, 4, 'render_pos.x'), (4, 4, 'render_pos.y'), (8, 4, 'glyph_origin.x'), (12, 4, 'glyph_origin.y'), (16, 2, 'width'), (18, 2, 'height'))
_StringFlags = FlagsTable(StringFlags)
_u3 = Struct('<HB').unpack_from
_l3 = ((0, 2, 'length'), (2, 1, 'flags'))


def read_PathSegment(b, o, n):
    if o + 5 > n:
        raise short(_l0, o, n)
    v1, v2 = _u0(b, o)
    o += 5
    if v2 * 8 > n - o:
        raise crowded('points', o, v2, 8, n)
    e = o + v2 * 8
    v3 = tuple([geometry_PointFix(w1, w2) for w1, w2 in _i0(b[o:e])])
    o = e
    return draw_PathSegment(_PathFlags[v1], v3), o


def read_Path(b, o, n):
    if o + 4 > n:
        raise short(_l1, o, n)
    v1, = _u1(b, o)
    o += 4
    if v1 * 5 > n - o:
        raise crowded('segments', o, v1, 5, n)
    v2 = []
    e = o
    for v3 in range(v1):
        try:
            x, e = read_PathSegment(b, e, n)
        except RemoteError as error:
            error.within(f'[{v3}]')
            error.within('segments')
            raise
        v2.append(x)
    v2 = tuple(v2)
    o = e
    return draw_Path(v2), o


def read_RasterGlyphA1(b, o, n):
    if o + 20 > n:
        raise short(_l2, o, n)
    v1, v2, v3, v4, v5, v6 = _u2(b, o)
    o += 20
    c = (v5 * 1 + 7) // 8 * v6
    e = o + c
    if e > n:
        raise crowded('data', o, c, 1, n)
    v7 = b[o:e]
    o = e
    return draw_RasterGlyphA1(geometry_Point(v1, v2), geometry_Point(v3, v4), v5, v6, v7), o


def read_RasterGlyphA4(b, o, n):
    if o + 20 > n:
        raise short(_l2, o, n)
    v1, v2, v3, v4, v5, v6 = _u2(b, o)
    o += 20
    c = (v5 * 4 + 7) // 8 * v6
    e = o + c
    if e > n:
        raise crowded('data', o, c, 1, n)
    v7 = b[o:e]
    o = e
    return draw_RasterGlyphA4(geometry_Point(v1, v2), geometry_Point(v3, v4), v5, v6, v7), o


def read_RasterGlyphA8(b, o, n):
    if o + 20 > n:
        raise short(_l2, o, n)
    v1, v2, v3, v4, v5, v6 = _u2(b, o)
    o += 20
    c = (v5 * 8 + 7) // 8 * v6
    e = o + c
    if e > n:
        raise crowded('data', o, c, 1, n)
    v7 = b[o:e]
    o = e
    return draw_RasterGlyphA8(geometry_Point(v1, v2), geometry_Point(v3, v4), v5, v6, v7), o


def read_String(b, o, n):
    if o + 3 > n:
        raise short(_l3, o, n)
    v1, v2 = _u3(b, o)
    o += 3
    v5 = None
    if v2 & 1:
        if v1 * 20 > n - o:
            raise crowded('glyphs', o, v1, 20, n)
        v6 = []
        e = o
        for v7 in range(v1):
            try:
                x, e = read_RasterGlyphA1(b, e, n)
            except RemoteError as error:
                error.within(f'[{v7}]')
                error.within('glyphs')
                raise
            v6.append(x)
        v6 = tuple(v6)
        o = e
        v5 = v6
    elif v2 & 2:
        if v1 * 20 > n - o:
            raise crowded('glyphs', o, v1, 20, n)
        v8 = []
        e = o
        for v9 in range(v1):
            try:
                x, e = read_RasterGlyphA4(b, e, n)
            except RemoteError as error:
                error.within(f'[{v9}]')
                error.within('glyphs')
                raise
            v8.append(x)
        v8 = tuple(v8)
        o = e
        v5 = v8
    elif v2 & 4:
        if v1 * 20 > n - o:
            raise crowded('glyphs', o, v1, 20, n)
        v10 = []
        e = o
        for v11 in range(v1):
            try:
                x, e = read_RasterGlyphA8(b, e, n)
            except RemoteError as error:
                error.within(f'[{v11}]')
                error.within('glyphs')
                raise
            v10.append(x)
        v10 = tuple(v10)
        o = e
        v5 = v10
    return draw_String(_StringFlags[v2], v5), o
