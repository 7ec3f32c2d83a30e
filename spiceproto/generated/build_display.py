"""Builders of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, place, sequence
from spiceproto.generated.build_draw import write_Path, write_String
from spiceproto.generated.build_image import write_Image
from spiceproto.messages.display import GlDrawDone as display_GlDrawDone, InvalAllPalettes as display_InvalAllPalettes, Mark as display_Mark, Reset as display_Reset, StreamDestroyAll as display_StreamDestroyAll

_p0 = Struct('<LL').pack
_p1 = Struct('<LLL').pack
_p2 = Struct('<LllllB').pack
_p3 = Struct('<llll').pack
_p4 = Struct('<L').pack
_p5 = Struct('<ll').pack
_p6 = Struct('<BQ').pack
_p7 = Struct('<H').pack
_p8 = Struct('<BBQ').pack
_p9 = Struct('<B').pack
_p10 = Struct('<Q').pack
_p11 = Struct('<LLBBQLLLLllllB').pack
_p12 = Struct('<LB').pack
_p13 = Struct('<HBllL').pack
_p14 = Struct('<llllB').pack
_p15 = Struct('<HBBllL').pack
_p16 = Struct('<llllHBBllL').pack
_p17 = Struct('<BllL').pack
_p18 = Struct('<BBBllL').pack
_a0 = Packers('<', 'l')
_p19 = Struct('<HH').pack
_p20 = Struct('<llllLL').pack
_p21 = Struct('<BBL').pack
_p22 = Struct('<LLLLL').pack
_p23 = Struct('<LLLLllllL').pack
_p24 = Struct('<LLLLLLL').pack
_p25 = Struct('<LLLLLL').pack
_p26 = Struct('<hhhh').pack
_p27 = Struct('<LLLL').pack
_p28 = Struct('<LLLLBQ').pack
_p29 = Struct('<BqBl').pack
_p30 = Struct('<LLLLLLlL').pack


def write_GlPlaneUnix(v, base, q):
    return _p0(v.offset, v.stride)


def build_Mode(v):
    try:
        return _p1(v.x_res, v.y_res, v.bits)
    except Exception as error:
        blame('display.Mode', v, error)


def build_Mark(v):
    if not isinstance(v, display_Mark):
        blame('display.Mark', v, TypeError())
    return b''


def build_Reset(v):
    if not isinstance(v, display_Reset):
        blame('display.Reset', v, TypeError())
    return b''


def build_CopyBits(v):
    try:
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            p += _p4(len(a5.rects)), b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
        elif a3.rects is not None:
            raise ValueError
        a6 = v.src_pos
        p.append(_p5(a6.x, a6.y))
        return b''.join(p)
    except Exception as error:
        blame('display.CopyBits', v, error)


def build_InvalList(v):
    try:
        if type(v.resources) is not tuple:
            sequence(v.resources)
        return _p7(len(v.resources)) + b''.join([_p6(x.type, x.id) for x in v.resources])
    except Exception as error:
        blame('display.InvalList', v, error)


def build_InvalAllPixmaps(v):
    try:
        if type(v.wait_list) is not tuple:
            sequence(v.wait_list)
        return _p9(len(v.wait_list)) + b''.join([_p8(x.channel_type, x.channel_id, x.message_serial) for x in v.wait_list])
    except Exception as error:
        blame('display.InvalAllPixmaps', v, error)


def build_InvalPalette(v):
    try:
        return _p10(v.id)
    except Exception as error:
        blame('display.InvalPalette', v, error)


def build_InvalAllPalettes(v):
    if not isinstance(v, display_InvalAllPalettes):
        blame('display.InvalAllPalettes', v, TypeError())
    return b''


def build_StreamCreate(v):
    try:
        a1 = v.dest
        a2 = v.clip
        p = [_p11(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type)]
        a3 = a2.type
        if a3 == 1:
            a4 = a2.rects
            if type(a4.rects) is not tuple:
                sequence(a4.rects)
            p += _p4(len(a4.rects)), b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
        elif a2.rects is not None:
            raise ValueError
        return b''.join(p)
    except Exception as error:
        blame('display.StreamCreate', v, error)


def build_StreamData(v):
    try:
        a1 = v.base
        return _p1(a1.id, a1.multi_media_time, len(v.data)) + v.data
    except Exception as error:
        blame('display.StreamData', v, error)


def build_StreamClip(v):
    try:
        a1 = v.clip
        p = [_p12(v.id, a1.type)]
        a2 = a1.type
        if a2 == 1:
            a3 = a1.rects
            if type(a3.rects) is not tuple:
                sequence(a3.rects)
            p += _p4(len(a3.rects)), b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a3.rects])
        elif a1.rects is not None:
            raise ValueError
        return b''.join(p)
    except Exception as error:
        blame('display.StreamClip', v, error)


def build_StreamDestroy(v):
    try:
        return _p4(v.id)
    except Exception as error:
        blame('display.StreamDestroy', v, error)


def build_StreamDestroyAll(v):
    if not isinstance(v, display_StreamDestroyAll):
        blame('display.StreamDestroyAll', v, TypeError())
    return b''


def build_DrawFill(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        a8 = a7.brush
        o += 1
        p.append(_p9(a8.type))
        a9 = a8.type
        if a9 == 1:
            o += 4
            p.append(_p4(a8.color))
        elif a8.color is not None:
            raise ValueError
        if a9 == 2:
            a10 = a8.pattern
            o += 4
            if a10.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a10.pat))
            a11 = a10.pos
            o += 8
            p += _p4(0), _p5(a11.x, a11.y)
        elif a8.pattern is not None:
            raise ValueError
        a12 = a7.mask
        a13 = a12.pos
        o += 15
        if a12.bitmap is not None:
            q.append((o - 4, write_Image, a12.bitmap))
        p.append(_p13(a7.rop_descriptor, a12.flags, a13.x, a13.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawFill', v, error)


def build_DrawOpaque(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        a9 = a7.brush
        o += 17
        p += _p4(0), _p14(a8.top, a8.left, a8.bottom, a8.right, a9.type)
        a10 = a9.type
        if a10 == 1:
            o += 4
            p.append(_p4(a9.color))
        elif a9.color is not None:
            raise ValueError
        if a10 == 2:
            a11 = a9.pattern
            o += 4
            if a11.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a11.pat))
            a12 = a11.pos
            o += 8
            p += _p4(0), _p5(a12.x, a12.y)
        elif a9.pattern is not None:
            raise ValueError
        a13 = a7.mask
        a14 = a13.pos
        o += 16
        if a13.bitmap is not None:
            q.append((o - 4, write_Image, a13.bitmap))
        p.append(_p15(a7.rop_descriptor, a7.scale_mode, a13.flags, a14.x, a14.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawOpaque', v, error)


def build_DrawCopy(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        a9 = a7.mask
        a10 = a9.pos
        o += 32
        if a9.bitmap is not None:
            q.append((o - 4, write_Image, a9.bitmap))
        p += _p4(0), _p16(a8.top, a8.left, a8.bottom, a8.right, a7.rop_descriptor, a7.scale_mode, a9.flags, a10.x, a10.y, 0)
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawCopy', v, error)


def build_DrawBlend(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        a9 = a7.mask
        a10 = a9.pos
        o += 32
        if a9.bitmap is not None:
            q.append((o - 4, write_Image, a9.bitmap))
        p += _p4(0), _p16(a8.top, a8.left, a8.bottom, a8.right, a7.rop_descriptor, a7.scale_mode, a9.flags, a10.x, a10.y, 0)
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawBlend', v, error)


def build_DrawBlackness(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        a8 = a7.mask
        a9 = a8.pos
        o += 13
        if a8.bitmap is not None:
            q.append((o - 4, write_Image, a8.bitmap))
        p.append(_p17(a8.flags, a9.x, a9.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawBlackness', v, error)


def build_DrawWhiteness(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        a8 = a7.mask
        a9 = a8.pos
        o += 13
        if a8.bitmap is not None:
            q.append((o - 4, write_Image, a8.bitmap))
        p.append(_p17(a8.flags, a9.x, a9.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawWhiteness', v, error)


def build_DrawInvers(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        a8 = a7.mask
        a9 = a8.pos
        o += 13
        if a8.bitmap is not None:
            q.append((o - 4, write_Image, a8.bitmap))
        p.append(_p17(a8.flags, a9.x, a9.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawInvers', v, error)


def build_DrawRop3(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        a9 = a7.brush
        o += 17
        p += _p4(0), _p14(a8.top, a8.left, a8.bottom, a8.right, a9.type)
        a10 = a9.type
        if a10 == 1:
            o += 4
            p.append(_p4(a9.color))
        elif a9.color is not None:
            raise ValueError
        if a10 == 2:
            a11 = a9.pattern
            o += 4
            if a11.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a11.pat))
            a12 = a11.pos
            o += 8
            p += _p4(0), _p5(a12.x, a12.y)
        elif a9.pattern is not None:
            raise ValueError
        a13 = a7.mask
        a14 = a13.pos
        o += 15
        if a13.bitmap is not None:
            q.append((o - 4, write_Image, a13.bitmap))
        p.append(_p18(a7.rop3, a7.scale_mode, a13.flags, a14.x, a14.y, 0))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawRop3', v, error)


def build_DrawStroke(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.path is None:
            raise ValueError
        q.append((o - 4, write_Path, a7.path))
        a8 = a7.attr
        o += 1
        p += _p4(0), _p9(a8.flags)
        a9 = a8.flags
        if a9 & 8:
            o += 1
            p.append(_p9((0 if a8.style is None else len(a8.style))))
        if a9 & 8:
            o += 4
            if a8.style is not None:
                q.append((o - 4, lambda x, base, q: _a0[len(x)](*sequence(x)), a8.style))
            p.append(_p4(0))
        elif a8.style is not None:
            raise ValueError
        a10 = a7.brush
        o += 1
        p.append(_p9(a10.type))
        a11 = a10.type
        if a11 == 1:
            o += 4
            p.append(_p4(a10.color))
        elif a10.color is not None:
            raise ValueError
        if a11 == 2:
            a12 = a10.pattern
            o += 4
            if a12.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a12.pat))
            a13 = a12.pos
            p += _p4(0), _p5(a13.x, a13.y)
        elif a10.pattern is not None:
            raise ValueError
        p.append(_p19(a7.fore_mode, a7.back_mode))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawStroke', v, error)


def build_DrawText(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.str is None:
            raise ValueError
        q.append((o - 4, write_String, a7.str))
        a8 = a7.back_area
        a9 = a7.fore_brush
        o += 17
        p += _p4(0), _p14(a8.top, a8.left, a8.bottom, a8.right, a9.type)
        a10 = a9.type
        if a10 == 1:
            o += 4
            p.append(_p4(a9.color))
        elif a9.color is not None:
            raise ValueError
        if a10 == 2:
            a11 = a9.pattern
            o += 4
            if a11.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a11.pat))
            a12 = a11.pos
            o += 8
            p += _p4(0), _p5(a12.x, a12.y)
        elif a9.pattern is not None:
            raise ValueError
        a13 = a7.back_brush
        o += 1
        p.append(_p9(a13.type))
        a14 = a13.type
        if a14 == 1:
            o += 4
            p.append(_p4(a13.color))
        elif a13.color is not None:
            raise ValueError
        if a14 == 2:
            a15 = a13.pattern
            o += 4
            if a15.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a15.pat))
            a16 = a15.pos
            p += _p4(0), _p5(a16.x, a16.y)
        elif a13.pattern is not None:
            raise ValueError
        p.append(_p19(a7.fore_mode, a7.back_mode))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawText', v, error)


def build_DrawTransparent(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 4
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        p += _p4(0), _p20(a8.top, a8.left, a8.bottom, a8.right, a7.src_color, a7.true_color)
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawTransparent', v, error)


def build_DrawAlphaBlend(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 6
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        a8 = a7.src_area
        p += _p21(a7.alpha_flags, a7.alpha, 0), _p3(a8.top, a8.left, a8.bottom, a8.right)
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawAlphaBlend', v, error)


def build_SurfaceCreate(v):
    try:
        return _p22(v.surface_id, v.width, v.height, v.format, v.flags)
    except Exception as error:
        blame('display.SurfaceCreate', v, error)


def build_SurfaceDestroy(v):
    try:
        return _p4(v.surface_id)
    except Exception as error:
        blame('display.SurfaceDestroy', v, error)


def build_StreamDataSized(v):
    try:
        a1 = v.base
        a2 = v.dest
        return _p23(a1.id, a1.multi_media_time, v.width, v.height, a2.top, a2.left, a2.bottom, a2.right, len(v.data)) + v.data
    except Exception as error:
        blame('display.StreamDataSized', v, error)


def build_MonitorsConfig(v):
    try:
        if type(v.heads) is not tuple:
            sequence(v.heads)
        return _p19(len(v.heads), v.max_allowed) + b''.join([_p24(x.monitor_id, x.surface_id, x.width, x.height, x.x, x.y, x.flags) for x in v.heads])
    except Exception as error:
        blame('display.MonitorsConfig', v, error)


def build_DrawComposite(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        o = 21
        p = [_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type)]
        a4 = a3.type
        if a4 == 1:
            a5 = a3.rects
            if type(a5.rects) is not tuple:
                sequence(a5.rects)
            o += 4
            a6 = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a5.rects])
            o += len(a6)
            p += _p4(len(a5.rects)), a6
        elif a3.rects is not None:
            raise ValueError
        a7 = v.data
        o += 8
        if a7.src_bitmap is not None:
            q.append((o - 4, write_Image, a7.src_bitmap))
        p.append(_p0(a7.flags, 0))
        a8 = a7.flags
        if a8 & 524288:
            o += 4
            if a7.mask_bitmap is not None:
                q.append((o - 4, write_Image, a7.mask_bitmap))
            p.append(_p4(0))
        elif a7.mask_bitmap is not None:
            raise ValueError
        if a8 & 1048576:
            a9 = a7.src_transform
            p.append(_p25(a9.t00, a9.t01, a9.t02, a9.t10, a9.t11, a9.t12))
        elif a7.src_transform is not None:
            raise ValueError
        if a8 & 2097152:
            a10 = a7.mask_transform
            p.append(_p25(a10.t00, a10.t01, a10.t02, a10.t10, a10.t11, a10.t12))
        elif a7.mask_transform is not None:
            raise ValueError
        a11 = a7.src_origin
        a12 = a7.mask_origin
        p.append(_p26(a11.x, a11.y, a12.x, a12.y))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawComposite', v, error)


def build_StreamActivateReport(v):
    try:
        return _p27(v.stream_id, v.unique_id, v.max_window_size, v.timeout_ms)
    except Exception as error:
        blame('display.StreamActivateReport', v, error)


def build_GlScanoutUnix(v):
    try:
        return _p22(v.width, v.height, v.stride, v.drm_fourcc_format, v.flags)
    except Exception as error:
        blame('display.GlScanoutUnix', v, error)


def build_GlDraw(v):
    try:
        return _p27(v.x, v.y, v.w, v.h)
    except Exception as error:
        blame('display.GlDraw', v, error)


def build_QualityIndicator(v):
    try:
        return b'' + v.data
    except Exception as error:
        blame('display.QualityIndicator', v, error)


def build_GlScanout2Unix(v):
    try:
        if type(v.planes) is not tuple:
            sequence(v.planes)
        return _p28(v.width, v.height, v.fourcc, v.flags, len(v.planes), v.modifier) + b''.join([write_GlPlaneUnix(x, 0, None) for x in v.planes])
    except Exception as error:
        blame('display.GlScanout2Unix', v, error)


def build_Init(v):
    try:
        return _p29(v.pixmap_cache_id, v.pixmap_cache_size, v.glz_dictionary_id, v.glz_dictionary_window_size)
    except Exception as error:
        blame('display.Init', v, error)


def build_StreamReport(v):
    try:
        return _p30(v.stream_id, v.unique_id, v.start_frame_mm_time, v.end_frame_mm_time, v.num_frames, v.num_drops, v.last_frame_delay, v.audio_delay)
    except Exception as error:
        blame('display.StreamReport', v, error)


def build_PreferredCompression(v):
    try:
        return _p9(v.image_compression)
    except Exception as error:
        blame('display.PreferredCompression', v, error)


def build_GlDrawDone(v):
    if not isinstance(v, display_GlDrawDone):
        blame('display.GlDrawDone', v, TypeError())
    return b''


def build_PreferredVideoCodecType(v):
    try:
        if type(v.codecs) is not tuple:
            sequence(v.codecs)
        return _p9(len(v.codecs)) + bytes(v.codecs)
    except Exception as error:
        blame('display.PreferredVideoCodecType', v, error)
