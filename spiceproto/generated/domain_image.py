"""Domains of image. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside, Room, within

_n0 = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
_r0 = Room(kind='format', width='x', height='', planes={1: ((1,), 0), 2: ((1,), 0), 3: ((4,), 0), 4: ((4,), 0), 5: ((8,), 0), 6: ((16,), 0), 7: ((24,), 0), 8: ((32,), 0), 9: ((32,), 0), 10: ((8,), 0)}, unless=None, sentence='SPICE-FRAME-040', tolerated=False)
_n1 = frozenset((0, 1, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109))


def outside_Palette(v):
    o = ()
    x = v.num_ents
    if x > 256:
        o += (Outside('num_ents', 'at most 256', str(int(x))),)
    return o


def outside_BitmapData(v):
    o = ()
    x = v.format
    if x not in _n0:
        o += (Outside('format', 'a name other than INVALID', str(int(x))),)
    x = v.flags
    if +x & -8:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.stride
    n = _r0.bytes(v.format, v.x)
    if x < n:
        o += (Outside('stride', f'at least {n} bytes', f'{x} bytes'),)
    x = v.palette
    if x is not None:
        if x.num_ents > 256:
            o += within('palette', outside_Palette(x))
    return o


def outside_LZPLTData(v):
    o = ()
    x = v.flags
    if +x & -8:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.palette
    if x is not None:
        if x.num_ents > 256:
            o += within('palette', outside_Palette(x))
    return o


def outside_JPEGAlphaData(v):
    o = ()
    x = v.flags
    if +x & -2:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.data_size
    if x < v.jpeg_size:
        o += (Outside('data_size', f'at least jpeg_size, which is {v.jpeg_size}', str(int(x))),)
    return o


def outside_ImageDescriptor(v):
    o = ()
    x = v.type
    if x not in _n1:
        o += (Outside('type', 'a name other than RESERVED', str(int(x))),)
    x = v.flags
    if +x & -8:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_Image(v):
    o = ()
    x = v.descriptor
    if x.type not in _n1 or +x.flags & -8:
        o += within('descriptor', outside_ImageDescriptor(x))
    x = v.bitmap
    if x is not None:
        f = outside_BitmapData(x)
        if f:
            o += within('bitmap', f)
    x = v.lz_plt
    if x is not None:
        f = outside_LZPLTData(x)
        if f:
            o += within('lz_plt', f)
    x = v.jpeg_alpha
    if x is not None:
        if +x.flags & -2 or x.data_size < x.jpeg_size:
            o += within('jpeg_alpha', outside_JPEGAlphaData(x))
    return o
