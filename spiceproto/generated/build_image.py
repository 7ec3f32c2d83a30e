"""Builders of image. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import sequence

_p0 = Struct('<QHL').pack
_p1 = Struct('<QHLL').pack
_p2 = Struct('<QHLLL').pack
_p3 = Struct('<QHLLLL').pack
_a0 = Packers('<QH', 'L')
_p4 = Struct('<QBBLLBBLLL').pack
_p5 = Struct('<Q').pack
_p6 = Struct('<L').pack
_p7 = Struct('<QBBLLL').pack
_p8 = Struct('<QBBLLBL').pack
_p9 = Struct('<QBBLLLL').pack
_p10 = Struct('<QBBLLBLL').pack
_p11 = Struct('<QBBLL').pack


def write_Palette(v, base, q):
    a1 = v.ents
    if type(a1) is not tuple:
        sequence(a1)
    if len(a1) == 1:
        w, = a1
        return _p0(v.unique, 1, w)
    elif len(a1) == 2:
        w, x = a1
        return _p1(v.unique, 2, w, x)
    elif len(a1) == 3:
        w, x, y = a1
        return _p2(v.unique, 3, w, x, y)
    elif len(a1) == 4:
        w, x, y, z = a1
        return _p3(v.unique, 4, w, x, y, z)
    return _a0[len(a1)](v.unique, len(a1), *a1)


def write_Image(v, base, q):
    a1 = v.descriptor
    t1 = +a1.type
    if t1 == 0:
        if v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a2 = v.bitmap
        t2 = +a2.flags
        c1 = b''
        if t2 & 2:
            if a2.palette is not None:
                raise ValueError
            c1 = _p5(a2.palette_id)
        else:
            if a2.palette_id is not None:
                raise ValueError
            a3 = a2.palette
            if a3 is not None:
                q.append((32 + base, write_Palette, a3))
            c1 = _p6(0)
        a4 = a2.data
        if len(a4) != a2.stride * a2.y:
            raise ValueError
        return b''.join((_p4(a1.id, a1.type, a1.flags, a1.width, a1.height, a2.format, a2.flags, a2.x, a2.y, a2.stride), c1, a4))
    elif t1 == 1:
        if v.bitmap is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a5 = v.quic
        a6 = a5.data
        return _p7(a1.id, a1.type, a1.flags, a1.width, a1.height, len(a6)) + a6
    elif t1 in (101, 102):
        if v.bitmap is not None or v.quic is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a7 = v.lz_rgb
        a8 = a7.data
        return _p7(a1.id, a1.type, a1.flags, a1.width, a1.height, len(a8)) + a8
    elif t1 == 105:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a9 = v.jpeg
        a10 = a9.data
        return _p7(a1.id, a1.type, a1.flags, a1.width, a1.height, len(a10)) + a10
    elif t1 == 109:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a11 = v.lz4
        a12 = a11.data
        return _p7(a1.id, a1.type, a1.flags, a1.width, a1.height, len(a12)) + a12
    elif t1 == 100:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a13 = v.lz_plt
        a14 = a13.data
        t3 = +a13.flags
        c2 = b''
        if t3 & 2:
            if a13.palette is not None:
                raise ValueError
            c2 = _p5(a13.palette_id)
        else:
            if a13.palette_id is not None:
                raise ValueError
            a15 = a13.palette
            if a15 is None:
                raise ValueError
            q.append((23 + base, write_Palette, a15))
            c2 = _p6(0)
        return b''.join((_p8(a1.id, a1.type, a1.flags, a1.width, a1.height, a13.flags, len(a14)), c2, a14))
    elif t1 == 107:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.jpeg_alpha is not None or v.surface is not None:
            raise ValueError
        a16 = v.zlib_glz
        a17 = a16.data
        return _p9(a1.id, a1.type, a1.flags, a1.width, a1.height, a16.glz_data_size, len(a17)) + a17
    elif t1 == 108:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.surface is not None:
            raise ValueError
        a18 = v.jpeg_alpha
        a19 = a18.data
        return _p10(a1.id, a1.type, a1.flags, a1.width, a1.height, a18.flags, a18.jpeg_size, len(a19)) + a19
    elif t1 == 104:
        if v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None:
            raise ValueError
        a20 = v.surface
        return _p7(a1.id, a1.type, a1.flags, a1.width, a1.height, a20.surface_id)
    elif v.bitmap is not None or v.quic is not None or v.lz_rgb is not None or v.jpeg is not None or v.lz4 is not None or v.lz_plt is not None or v.zlib_glz is not None or v.jpeg_alpha is not None or v.surface is not None:
        raise ValueError
    return _p11(a1.id, a1.type, a1.flags, a1.width, a1.height)
