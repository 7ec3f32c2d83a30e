"""Parsers of draw. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import crowded, short
from spiceproto.enums.base import FlagsTable
from spiceproto.enums.display import PathFlags, StringFlags
from spiceproto.errors import RemoteError
from spiceproto.messages.draw import Path as draw_Path, PathSegment as draw_PathSegment, RasterGlyphA1 as draw_RasterGlyphA1, RasterGlyphA4 as draw_RasterGlyphA4, RasterGlyphA8 as draw_RasterGlyphA8, String as draw_String
from spiceproto.messages.geometry import Point as geometry_Point, PointFix as geometry_PointFix

_u0 = Struct('<L').unpack_from
_l0 = ((0, 4, 'num_segments'),)
_PathFlags = FlagsTable(PathFlags)
_u1 = Struct('<BL').unpack_from
_l1 = ((0, 1, 'flags'), (1, 4, 'count'))
_u2 = Struct('<ll').unpack_from
_u3 = Struct('<llll').unpack_from
_u4 = Struct('<llllll').unpack_from
_u5 = Struct('<llllllll').unpack_from
_i0 = Struct('<ll').iter_unpack
_StringFlags = FlagsTable(StringFlags)
_u6 = Struct('<HB').unpack_from
_l2 = ((0, 2, 'length'), (2, 1, 'flags'))
_u7 = Struct('<llllHH').unpack_from
_l3 = ((0, 4, 'render_pos.x'), (4, 4, 'render_pos.y'), (8, 4, 'glyph_origin.x'), (12, 4, 'glyph_origin.y'), (16, 2, 'width'), (18, 2, 'height'))


def read_Path(b, o, n):
    if o + 4 > n:
        raise short(_l0, o, n)
    v1, = _u0(b, o)
    o += 4
    e = o + v1 * 5
    if e > n:
        raise crowded('segments', o, v1, 5, n)
    v2 = []
    for v3 in range(v1):
        try:
            if o + 5 > n:
                raise short(_l1, o, n)
            v3_1, v3_2 = _u1(b, o)
            o += 5
            e = o + v3_2 * 8
            if e > n:
                raise crowded('points', o, v3_2, 8, n)
            if v3_2 == 1:
                w1, w2 = _u2(b, o)
                v3_3 = (geometry_PointFix(w1, w2),)
            elif v3_2 == 2:
                w1, w2, w3, w4 = _u3(b, o)
                v3_3 = (geometry_PointFix(w1, w2), geometry_PointFix(w3, w4))
            elif v3_2 == 3:
                w1, w2, w3, w4, w5, w6 = _u4(b, o)
                v3_3 = (geometry_PointFix(w1, w2), geometry_PointFix(w3, w4), geometry_PointFix(w5, w6))
            elif v3_2 == 4:
                w1, w2, w3, w4, w5, w6, w7, w8 = _u5(b, o)
                v3_3 = (geometry_PointFix(w1, w2), geometry_PointFix(w3, w4), geometry_PointFix(w5, w6), geometry_PointFix(w7, w8))
            else:
                v3_3 = tuple([geometry_PointFix(w1, w2) for w1, w2 in _i0(b[o:e])])
            o = e
            x = draw_PathSegment(_PathFlags[v3_1], v3_3)
        except RemoteError as error:
            error.within(f'[{v3}]')
            error.within('segments')
            raise
        v2.append(x)
    v2 = tuple(v2)
    return draw_Path(v2), o


def read_String(b, o, n):
    if o + 3 > n:
        raise short(_l2, o, n)
    v1, v2 = _u6(b, o)
    o += 3
    v3 = None
    if v2 & 1:
        e = o + v1 * 20
        if e > n:
            raise crowded('glyphs', o, v1, 20, n)
        v4 = []
        for v5 in range(v1):
            try:
                if o + 20 > n:
                    raise short(_l3, o, n)
                v5_1, v5_2, v5_3, v5_4, v5_5, v5_6 = _u7(b, o)
                o += 20
                c = (v5_5 * 1 + 7) // 8 * v5_6
                e = o + c
                if e > n:
                    raise crowded('data', o, c, 1, n)
                v5_7 = b[o:e]
                o = e
                x = draw_RasterGlyphA1(geometry_Point(v5_1, v5_2), geometry_Point(v5_3, v5_4), v5_5, v5_6, v5_7)
            except RemoteError as error:
                error.within(f'[{v5}]')
                error.within('glyphs')
                raise
            v4.append(x)
        v4 = tuple(v4)
        v3 = v4
    elif v2 & 2:
        e = o + v1 * 20
        if e > n:
            raise crowded('glyphs', o, v1, 20, n)
        v6 = []
        for v7 in range(v1):
            try:
                if o + 20 > n:
                    raise short(_l3, o, n)
                v7_1, v7_2, v7_3, v7_4, v7_5, v7_6 = _u7(b, o)
                o += 20
                c = (v7_5 * 4 + 7) // 8 * v7_6
                e = o + c
                if e > n:
                    raise crowded('data', o, c, 1, n)
                v7_7 = b[o:e]
                o = e
                x = draw_RasterGlyphA4(geometry_Point(v7_1, v7_2), geometry_Point(v7_3, v7_4), v7_5, v7_6, v7_7)
            except RemoteError as error:
                error.within(f'[{v7}]')
                error.within('glyphs')
                raise
            v6.append(x)
        v6 = tuple(v6)
        v3 = v6
    elif v2 & 4:
        e = o + v1 * 20
        if e > n:
            raise crowded('glyphs', o, v1, 20, n)
        v8 = []
        for v9 in range(v1):
            try:
                if o + 20 > n:
                    raise short(_l3, o, n)
                v9_1, v9_2, v9_3, v9_4, v9_5, v9_6 = _u7(b, o)
                o += 20
                c = (v9_5 * 8 + 7) // 8 * v9_6
                e = o + c
                if e > n:
                    raise crowded('data', o, c, 1, n)
                v9_7 = b[o:e]
                o = e
                x = draw_RasterGlyphA8(geometry_Point(v9_1, v9_2), geometry_Point(v9_3, v9_4), v9_5, v9_6, v9_7)
            except RemoteError as error:
                error.within(f'[{v9}]')
                error.within('glyphs')
                raise
            v8.append(x)
        v8 = tuple(v8)
        v3 = v8
    return draw_String(_StringFlags[v2], v3), o
