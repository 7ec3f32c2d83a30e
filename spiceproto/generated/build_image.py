"""Builders of image. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import sequence

_a0 = Packers('<', 'L')
_p0 = Struct('<QH').pack
_p1 = Struct('<QBBLL').pack
_p2 = Struct('<BBLLL').pack
_p3 = Struct('<Q').pack
_p4 = Struct('<L').pack
_p5 = Struct('<BL').pack
_p6 = Struct('<LL').pack
_p7 = Struct('<BLL').pack


def write_Palette(v, base, q):
    if type(v.ents) is not tuple:
        sequence(v.ents)
    return _p0(v.unique, len(v.ents)) + _a0[len(v.ents)](*v.ents)


def write_Image(v, base, q):
    a1 = v.descriptor
    o = 18
    p = [_p1(a1.id, a1.type, a1.flags, a1.width, a1.height)]
    a2 = a1.type
    if a2 == 0:
        a3 = v.bitmap
        o += 14
        p.append(_p2(a3.format, a3.flags, a3.x, a3.y, a3.stride))
        a4 = a3.flags
        if a4 & 2:
            o += 8
            p.append(_p3(a3.palette_id))
        elif a3.palette_id is not None:
            raise ValueError
        if not a4 & 2:
            o += 4
            if a3.palette is not None:
                q.append((base + o - 4, write_Palette, a3.palette))
            p.append(_p4(0))
        elif a3.palette is not None:
            raise ValueError
        if len(a3.data) != a3.stride * a3.y:
            raise ValueError
        a5 = a3.data
        o += len(a5)
        p.append(a5)
    elif v.bitmap is not None:
        raise ValueError
    if a2 == 1:
        a6 = v.quic
        o += 4
        a7 = a6.data
        o += len(a7)
        p += _p4(len(a6.data)), a7
    elif v.quic is not None:
        raise ValueError
    if a2 in (101, 102):
        a8 = v.lz_rgb
        o += 4
        a9 = a8.data
        o += len(a9)
        p += _p4(len(a8.data)), a9
    elif v.lz_rgb is not None:
        raise ValueError
    if a2 == 105:
        a10 = v.jpeg
        o += 4
        a11 = a10.data
        o += len(a11)
        p += _p4(len(a10.data)), a11
    elif v.jpeg is not None:
        raise ValueError
    if a2 == 109:
        a12 = v.lz4
        o += 4
        a13 = a12.data
        o += len(a13)
        p += _p4(len(a12.data)), a13
    elif v.lz4 is not None:
        raise ValueError
    if a2 == 100:
        a14 = v.lz_plt
        o += 5
        p.append(_p5(a14.flags, len(a14.data)))
        a15 = a14.flags
        if a15 & 2:
            o += 8
            p.append(_p3(a14.palette_id))
        elif a14.palette_id is not None:
            raise ValueError
        if not a15 & 2:
            o += 4
            if a14.palette is None:
                raise ValueError
            q.append((base + o - 4, write_Palette, a14.palette))
            p.append(_p4(0))
        elif a14.palette is not None:
            raise ValueError
        a16 = a14.data
        p.append(a16)
    elif v.lz_plt is not None:
        raise ValueError
    if a2 == 107:
        a17 = v.zlib_glz
        a18 = a17.data
        p += _p6(a17.glz_data_size, len(a17.data)), a18
    elif v.zlib_glz is not None:
        raise ValueError
    if a2 == 108:
        a19 = v.jpeg_alpha
        a20 = a19.data
        p += _p7(a19.flags, a19.jpeg_size, len(a19.data)), a20
    elif v.jpeg_alpha is not None:
        raise ValueError
    if a2 == 104:
        a21 = v.surface
        p.append(_p4(a21.surface_id))
    elif v.surface is not None:
        raise ValueError
    return b''.join(p)
