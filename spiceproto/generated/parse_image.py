"""Parsers of image. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, null, outside, short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.image import BitmapFlags, BitmapFmt, ImageFlags, ImageType, JpegAlphaFlags
from spiceproto.errors import RemoteError
from spiceproto.messages.image import BinaryData as image_BinaryData, BitmapData as image_BitmapData, Image as image_Image, ImageDescriptor as image_ImageDescriptor, JPEGAlphaData as image_JPEGAlphaData, LZPLTData as image_LZPLTData, Palette as image_Palette, Surface as image_Surface, ZlibGlzRGBData as image_ZlibGlzRGBData

_u0 = Struct('<QH').unpack_from
_l0 = ((0, 8, 'unique'), (8, 2, 'num_ents'))
_u1 = Struct('<L').unpack_from
_u2 = Struct('<LL').unpack_from
_u3 = Struct('<LLL').unpack_from
_u4 = Struct('<LLLL').unpack_from
_a0 = Unpackers('<', 'L')
_ImageType = EnumTable(ImageType)
_ImageFlags = FlagsTable(ImageFlags)
_u5 = Struct('<QBBLL').unpack_from
_l1 = ((0, 8, 'descriptor.id'), (8, 1, 'descriptor.type'), (9, 1, 'descriptor.flags'), (10, 4, 'descriptor.width'), (14, 4, 'descriptor.height'))
_BitmapFmt = EnumTable(BitmapFmt)
_BitmapFlags = FlagsTable(BitmapFlags)
_u6 = Struct('<BBLLL').unpack_from
_l2 = ((0, 1, 'bitmap.format'), (1, 1, 'bitmap.flags'), (2, 4, 'bitmap.x'), (6, 4, 'bitmap.y'), (10, 4, 'bitmap.stride'))
_u7 = Struct('<Q').unpack_from
_l3 = ((0, 8, 'bitmap.palette_id'),)
_l4 = ((0, 4, 'bitmap.palette'),)
_l5 = ((0, 4, 'quic.data_size'),)
_l6 = ((0, 4, 'lz_rgb.data_size'),)
_l7 = ((0, 4, 'jpeg.data_size'),)
_l8 = ((0, 4, 'lz4.data_size'),)
_u8 = Struct('<BL').unpack_from
_l9 = ((0, 1, 'lz_plt.flags'), (1, 4, 'lz_plt.data_size'))
_l10 = ((0, 8, 'lz_plt.palette_id'),)
_l11 = ((0, 4, 'lz_plt.palette'),)
_l12 = ((0, 4, 'zlib_glz.glz_data_size'), (4, 4, 'zlib_glz.data_size'))
_JpegAlphaFlags = FlagsTable(JpegAlphaFlags)
_u9 = Struct('<BLL').unpack_from
_l13 = ((0, 1, 'jpeg_alpha.flags'), (1, 4, 'jpeg_alpha.jpeg_size'), (5, 4, 'jpeg_alpha.data_size'))
_l14 = ((0, 4, 'surface.surface_id'),)


def read_Palette(b, o, n):
    if o + 10 > n:
        raise short(_l0, o, n)
    v1, v2 = _u0(b, o)
    o += 10
    e = o + v2 * 4
    if e > n:
        raise crowded('ents', o, v2, 4, n)
    if v2 == 1:
        v3 = _u1(b, o)
    elif v2 == 2:
        v3 = _u2(b, o)
    elif v2 == 3:
        v3 = _u3(b, o)
    elif v2 == 4:
        v3 = _u4(b, o)
    else:
        v3 = _a0[v2](b, o)
    o = e
    return image_Palette(v1, v3), o


def read_Image(b, o, n):
    h = 0
    if o + 18 > n:
        raise short(_l1, o, n)
    v1, v2, v3, v4, v5 = _u5(b, o)
    o += 18
    v6 = v7 = v8 = v9 = v10 = v11 = v12 = v13 = v14 = None
    if v2 == 0:
        if o + 14 > n:
            raise short(_l2, o, n)
        v15, v16, v17, v18, v19 = _u6(b, o)
        o += 14
        v20 = v21 = None
        if v16 & 2:
            if o + 8 > n:
                raise short(_l3, o, n)
            v22, = _u7(b, o)
            o += 8
            v20 = v22
        else:
            if o + 4 > n:
                raise short(_l4, o, n)
            v23, = _u1(b, o)
            o += 4
            if v23 == 0:
                v24 = None
            elif v23 >= n:
                raise outside('bitmap.palette', o - 4, v23, n)
            else:
                try:
                    v24, e = read_Palette(b, v23, n)
                except RemoteError as error:
                    error.within('bitmap.palette')
                    raise
                if e > h:
                    h = e
            v21 = v24
        c = v19 * v18
        e = o + c
        if e > n:
            raise crowded('bitmap.data', o, c, 1, n)
        v25 = b[o:e]
        o = e
        v6 = image_BitmapData(_BitmapFmt[v15], _BitmapFlags[v16], v17, v18, v19, v20, v21, v25)
    elif v2 == 1:
        if o + 4 > n:
            raise short(_l5, o, n)
        v26, = _u1(b, o)
        o += 4
        e = o + v26
        if e > n:
            raise crowded('quic.data', o, v26, 1, n)
        v27 = b[o:e]
        o = e
        v7 = image_BinaryData(v27)
    elif v2 in (101, 102):
        if o + 4 > n:
            raise short(_l6, o, n)
        v28, = _u1(b, o)
        o += 4
        e = o + v28
        if e > n:
            raise crowded('lz_rgb.data', o, v28, 1, n)
        v29 = b[o:e]
        o = e
        v8 = image_BinaryData(v29)
    elif v2 == 105:
        if o + 4 > n:
            raise short(_l7, o, n)
        v30, = _u1(b, o)
        o += 4
        e = o + v30
        if e > n:
            raise crowded('jpeg.data', o, v30, 1, n)
        v31 = b[o:e]
        o = e
        v9 = image_BinaryData(v31)
    elif v2 == 109:
        if o + 4 > n:
            raise short(_l8, o, n)
        v32, = _u1(b, o)
        o += 4
        e = o + v32
        if e > n:
            raise crowded('lz4.data', o, v32, 1, n)
        v33 = b[o:e]
        o = e
        v10 = image_BinaryData(v33)
    elif v2 == 100:
        if o + 5 > n:
            raise short(_l9, o, n)
        v34, v35 = _u8(b, o)
        o += 5
        v36 = v37 = None
        if v34 & 2:
            if o + 8 > n:
                raise short(_l10, o, n)
            v38, = _u7(b, o)
            o += 8
            v36 = v38
        else:
            if o + 4 > n:
                raise short(_l11, o, n)
            v39, = _u1(b, o)
            o += 4
            if v39 == 0:
                raise null('lz_plt.palette', o - 4)
            elif v39 >= n:
                raise outside('lz_plt.palette', o - 4, v39, n)
            else:
                try:
                    v40, e = read_Palette(b, v39, n)
                except RemoteError as error:
                    error.within('lz_plt.palette')
                    raise
                if e > h:
                    h = e
            v37 = v40
        e = o + v35
        if e > n:
            raise crowded('lz_plt.data', o, v35, 1, n)
        v41 = b[o:e]
        o = e
        v11 = image_LZPLTData(_BitmapFlags[v34], v36, v37, v41)
    elif v2 == 107:
        if o + 8 > n:
            raise short(_l12, o, n)
        v42, v43 = _u2(b, o)
        o += 8
        e = o + v43
        if e > n:
            raise crowded('zlib_glz.data', o, v43, 1, n)
        v44 = b[o:e]
        o = e
        v12 = image_ZlibGlzRGBData(v42, v44)
    elif v2 == 108:
        if o + 9 > n:
            raise short(_l13, o, n)
        v45, v46, v47 = _u9(b, o)
        o += 9
        e = o + v47
        if e > n:
            raise crowded('jpeg_alpha.data', o, v47, 1, n)
        v48 = b[o:e]
        o = e
        v13 = image_JPEGAlphaData(_JpegAlphaFlags[v45], v46, v48)
    elif v2 == 104:
        if o + 4 > n:
            raise short(_l14, o, n)
        v49, = _u1(b, o)
        o += 4
        v14 = image_Surface(v49)
    if h < o:
        h = o
    return image_Image(image_ImageDescriptor(v1, _ImageType[v2], _ImageFlags[v3], v4, v5), v6, v7, v8, v9, v10, v11, v12, v13, v14), h
