"""Builders of image. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct, pack

_p0 = Struct('<QH').pack
_p1 = Struct('<QBBLL').pack
_p2 = Struct('<BBLLL').pack
_p3 = Struct('<Q').pack
_p4 = Struct('<L').pack
_p5 = Struct('<BL').pack
_p6 = Struct('<LL').pack
_p7 = Struct('<BLL').pack


def write_Palette(v, base, q):
    p = []
    p.append(_p0(v.unique, len(v.ents)))
    p.append(pack(f'<{len(v.ents)}L', *v.ents))
    return b''.join(p)


def write_Image(v, base, q):
    p = []
    a1 = v.descriptor
    p.append(_p1(a1.id, a1.type, a1.flags, a1.width, a1.height))
    o = 18
    if v.descriptor.type == 0:
        a2 = v.bitmap
        p.append(_p2(a2.format, a2.flags, a2.x, a2.y, a2.stride))
        o += 14
        if a2.flags & 2:
            p.append(_p3(a2.palette_id))
            o += 8
        elif a2.palette_id is not None:
            raise ValueError
        if not a2.flags & 2:
            p.append(_p4(0))
            o += 4
            if a2.palette is not None:
                q.append((o - 4, write_Palette, a2.palette))
        elif a2.palette is not None:
            raise ValueError
        if len(a2.data) != a2.stride * a2.y:
            raise ValueError
        x = a2.data
        p.append(x)
        o += len(x)
    elif v.bitmap is not None:
        raise ValueError
    if v.descriptor.type == 1:
        a3 = v.quic
        p.append(_p4(len(a3.data)))
        o += 4
        x = a3.data
        p.append(x)
        o += len(x)
    elif v.quic is not None:
        raise ValueError
    if v.descriptor.type in (101, 102):
        a4 = v.lz_rgb
        p.append(_p4(len(a4.data)))
        o += 4
        x = a4.data
        p.append(x)
        o += len(x)
    elif v.lz_rgb is not None:
        raise ValueError
    if v.descriptor.type == 105:
        a5 = v.jpeg
        p.append(_p4(len(a5.data)))
        o += 4
        x = a5.data
        p.append(x)
        o += len(x)
    elif v.jpeg is not None:
        raise ValueError
    if v.descriptor.type == 109:
        a6 = v.lz4
        p.append(_p4(len(a6.data)))
        o += 4
        x = a6.data
        p.append(x)
        o += len(x)
    elif v.lz4 is not None:
        raise ValueError
    if v.descriptor.type == 100:
        a7 = v.lz_plt
        p.append(_p5(a7.flags, len(a7.data)))
        o += 5
        if a7.flags & 2:
            p.append(_p3(a7.palette_id))
            o += 8
        elif a7.palette_id is not None:
            raise ValueError
        if not a7.flags & 2:
            p.append(_p4(0))
            o += 4
            if a7.palette is None:
                raise ValueError
            q.append((o - 4, write_Palette, a7.palette))
        elif a7.palette is not None:
            raise ValueError
        x = a7.data
        p.append(x)
        o += len(x)
    elif v.lz_plt is not None:
        raise ValueError
    if v.descriptor.type == 107:
        a8 = v.zlib_glz
        p.append(_p6(a8.glz_data_size, len(a8.data)))
        o += 8
        x = a8.data
        p.append(x)
        o += len(x)
    elif v.zlib_glz is not None:
        raise ValueError
    if v.descriptor.type == 108:
        a9 = v.jpeg_alpha
        p.append(_p7(a9.flags, a9.jpeg_size, len(a9.data)))
        o += 9
        x = a9.data
        p.append(x)
        o += len(x)
    elif v.jpeg_alpha is not None:
        raise ValueError
    if v.descriptor.type == 104:
        a10 = v.surface
        p.append(_p4(a10.surface_id))
        o += 4
    elif v.surface is not None:
        raise ValueError
    return b''.join(p)
