"""Builders of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, place, sequence
from spiceproto.generated.build_draw import write_Path, write_String
from spiceproto.generated.build_image import write_Image
from spiceproto.messages.display import GlDrawDone as display_GlDrawDone, InvalAllPalettes as display_InvalAllPalettes, Mark as display_Mark, Reset as display_Reset, StreamDestroyAll as display_StreamDestroyAll

_p0 = Struct('<LLLL').pack
_p1 = Struct('<LLLLBQLL').pack
_p2 = Struct('<LLLLBQLLLL').pack
_p3 = Struct('<LLLLBQLLLLLL').pack
_p4 = Struct('<LLLLBQLLLLLLLL').pack
_p5 = Struct('<LL').pack
_p6 = Struct('<LLLLBQ').pack
_p7 = Struct('<LLLLL').pack
_p8 = Struct('<LBLllll').pack
_p9 = Struct('<LBLllllllll').pack
_p10 = Struct('<llll').pack
_p11 = Struct('<LBL').pack
_p12 = Struct('<LB').pack
_p13 = Struct('<LLBBQLLLLllllBLllll').pack
_p14 = Struct('<LLBBQLLLLllllBLllllllll').pack
_p15 = Struct('<LLBBQLLLLllllBL').pack
_p16 = Struct('<LLBBQLLLLllllB').pack
_p17 = Struct('<LLL').pack
_p18 = Struct('<LLLLllllL').pack
_p19 = Struct('<L').pack
_p20 = Struct('<LLLLLLlL').pack
_p21 = Struct('<LllllB').pack
_p22 = Struct('<Lllll').pack
_p23 = Struct('<Lllllllll').pack
_p24 = Struct('<ll').pack
_p25 = Struct('<HBQ').pack
_p26 = Struct('<HBQBQ').pack
_p27 = Struct('<HBQBQBQ').pack
_p28 = Struct('<HBQBQBQBQ').pack
_p29 = Struct('<BQ').pack
_p30 = Struct('<H').pack
_p31 = Struct('<BBBQ').pack
_p32 = Struct('<BBBQBBQ').pack
_p33 = Struct('<BBBQBBQBBQ').pack
_p34 = Struct('<BBQ').pack
_p35 = Struct('<B').pack
_p36 = Struct('<Q').pack
_p37 = Struct('<Lll').pack
_p38 = Struct('<HBllL').pack
_p39 = Struct('<HBBllL').pack
_p40 = Struct('<LllllHBBllL').pack
_p41 = Struct('<BllL').pack
_p42 = Struct('<BBBllL').pack
_a0 = Packers('<', 'l')
_p43 = Struct('<BL').pack
_p44 = Struct('<HH').pack
_p45 = Struct('<LllllLL').pack
_p46 = Struct('<BBLllll').pack
_p47 = Struct('<HHLLLLLLL').pack
_p48 = Struct('<HHLLLLLLLLLLLLLL').pack
_p49 = Struct('<LLLLLLL').pack
_p50 = Struct('<LLLLLL').pack
_p51 = Struct('<hhhh').pack
_p52 = Struct('<BqBl').pack
_p53 = Struct('<BB').pack
_p54 = Struct('<BBB').pack
_p55 = Struct('<BBBB').pack
_p56 = Struct('<BBBBB').pack
_a1 = Packers('<B', 'B')


def build_GlDraw(v):
    try:
        return _p0(v.x, v.y, v.w, v.h)
    except Exception as error:
        blame('display.GlDraw', v, error)


def build_GlDrawDone(v):
    if not isinstance(v, display_GlDrawDone):
        blame('display.GlDrawDone', v, TypeError())
    return b''


def build_GlScanout2Unix(v):
    try:
        a1 = v.planes
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p1(v.width, v.height, v.fourcc, v.flags, 1, v.modifier, w.offset, w.stride)
        elif len(a1) == 2:
            w, x = a1
            return _p2(v.width, v.height, v.fourcc, v.flags, 2, v.modifier, w.offset, w.stride, x.offset, x.stride)
        elif len(a1) == 3:
            w, x, y = a1
            return _p3(v.width, v.height, v.fourcc, v.flags, 3, v.modifier, w.offset, w.stride, x.offset, x.stride, y.offset, y.stride)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p4(v.width, v.height, v.fourcc, v.flags, 4, v.modifier, w.offset, w.stride, x.offset, x.stride, y.offset, y.stride, z.offset, z.stride)
        return _p6(v.width, v.height, v.fourcc, v.flags, len(a1), v.modifier) + b''.join([_p5(x.offset, x.stride) for x in a1])
    except Exception as error:
        blame('display.GlScanout2Unix', v, error)


def build_GlScanoutUnix(v):
    try:
        return _p7(v.width, v.height, v.stride, v.drm_fourcc_format, v.flags)
    except Exception as error:
        blame('display.GlScanoutUnix', v, error)


def build_StreamActivateReport(v):
    try:
        return _p0(v.stream_id, v.unique_id, v.max_window_size, v.timeout_ms)
    except Exception as error:
        blame('display.StreamActivateReport', v, error)


def build_StreamClip(v):
    try:
        a1 = v.clip
        t1 = +a1.type
        if t1 == 1:
            a2 = a1.rects
            a3 = a2.rects
            if type(a3) is not tuple:
                sequence(a3)
            if len(a3) == 1:
                w, = a3
                return _p8(v.id, a1.type, 1, w.top, w.left, w.bottom, w.right)
            elif len(a3) == 2:
                w, x = a3
                return _p9(v.id, a1.type, 2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            return _p11(v.id, a1.type, len(a3)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a3])
        elif a1.rects is not None:
            raise ValueError
        return _p12(v.id, a1.type)
    except Exception as error:
        blame('display.StreamClip', v, error)


def build_StreamCreate(v):
    try:
        a1 = v.dest
        a2 = v.clip
        t1 = +a2.type
        if t1 == 1:
            a3 = a2.rects
            a4 = a3.rects
            if type(a4) is not tuple:
                sequence(a4)
            if len(a4) == 1:
                w, = a4
                return _p13(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type, 1, w.top, w.left, w.bottom, w.right)
            elif len(a4) == 2:
                w, x = a4
                return _p14(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type, 2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            return _p15(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type, len(a4)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a4])
        elif a2.rects is not None:
            raise ValueError
        return _p16(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type)
    except Exception as error:
        blame('display.StreamCreate', v, error)


def build_StreamData(v):
    try:
        a1 = v.base
        a2 = v.data
        return _p17(a1.id, a1.multi_media_time, len(a2)) + a2
    except Exception as error:
        blame('display.StreamData', v, error)


def build_StreamDataSized(v):
    try:
        a1 = v.base
        a2 = v.dest
        a3 = v.data
        return _p18(a1.id, a1.multi_media_time, v.width, v.height, a2.top, a2.left, a2.bottom, a2.right, len(a3)) + a3
    except Exception as error:
        blame('display.StreamDataSized', v, error)


def build_StreamDestroy(v):
    try:
        return _p19(v.id)
    except Exception as error:
        blame('display.StreamDestroy', v, error)


def build_StreamDestroyAll(v):
    if not isinstance(v, display_StreamDestroyAll):
        blame('display.StreamDestroyAll', v, TypeError())
    return b''


def build_StreamReport(v):
    try:
        return _p20(v.stream_id, v.unique_id, v.start_frame_mm_time, v.end_frame_mm_time, v.num_frames, v.num_drops, v.last_frame_delay, v.audio_delay)
    except Exception as error:
        blame('display.StreamReport', v, error)


def build_Mode(v):
    try:
        return _p17(v.x_res, v.y_res, v.bits)
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
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.src_pos
        return b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p24(a6.x, a6.y)))
    except Exception as error:
        blame('display.CopyBits', v, error)


def build_InvalList(v):
    try:
        a1 = v.resources
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p25(1, w.type, w.id)
        elif len(a1) == 2:
            w, x = a1
            return _p26(2, w.type, w.id, x.type, x.id)
        elif len(a1) == 3:
            w, x, y = a1
            return _p27(3, w.type, w.id, x.type, x.id, y.type, y.id)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p28(4, w.type, w.id, x.type, x.id, y.type, y.id, z.type, z.id)
        return _p30(len(a1)) + b''.join([_p29(x.type, x.id) for x in a1])
    except Exception as error:
        blame('display.InvalList', v, error)


def build_InvalAllPixmaps(v):
    try:
        a1 = v.wait_list
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p31(1, w.channel_type, w.channel_id, w.message_serial)
        elif len(a1) == 2:
            w, x = a1
            return _p32(2, w.channel_type, w.channel_id, w.message_serial, x.channel_type, x.channel_id, x.message_serial)
        elif len(a1) == 3:
            w, x, y = a1
            return _p33(3, w.channel_type, w.channel_id, w.message_serial, x.channel_type, x.channel_id, x.message_serial, y.channel_type, y.channel_id, y.message_serial)
        return _p35(len(a1)) + b''.join([_p34(x.channel_type, x.channel_id, x.message_serial) for x in a1])
    except Exception as error:
        blame('display.InvalAllPixmaps', v, error)


def build_InvalPalette(v):
    try:
        return _p36(v.id)
    except Exception as error:
        blame('display.InvalPalette', v, error)


def build_InvalAllPalettes(v):
    if not isinstance(v, display_InvalAllPalettes):
        blame('display.InvalAllPalettes', v, TypeError())
    return b''


def build_DrawFill(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.brush
        t2 = +a7.type
        c3 = b''
        s1 = 0
        if t2 == 1:
            if a7.pattern is not None:
                raise ValueError
            s1 = 4
            c3 = _p19(a7.color)
        elif t2 == 2:
            if a7.color is not None:
                raise ValueError
            a8 = a7.pattern
            a9 = a8.pat
            a10 = a8.pos
            s1 = 12
        elif a7.color is not None or a7.pattern is not None:
            raise ValueError
        a11 = a6.mask
        a12 = a11.pos
        a13 = a11.bitmap
        o = 37 + len(c1) + s1
        x1 = b''
        if t2 == 2:
            if a9 is None:
                raise ValueError
            x1 = write_Image(a9, o, q)
            r1 = o
            c3 = _p37(r1, a10.x, a10.y)
        o += len(x1)
        if a13 is None:
            x2 = b''
            r2 = 0
        else:
            x2 = write_Image(a13, o, q)
            r2 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p35(a7.type), c3, _p38(a6.rop_descriptor, a11.flags, a12.x, a12.y, r2), x1, x2))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawFill', v, error)


def build_DrawOpaque(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        a9 = a6.brush
        t2 = +a9.type
        c3 = b''
        s1 = 0
        if t2 == 1:
            if a9.pattern is not None:
                raise ValueError
            s1 = 4
            c3 = _p19(a9.color)
        elif t2 == 2:
            if a9.color is not None:
                raise ValueError
            a10 = a9.pattern
            a11 = a10.pat
            a12 = a10.pos
            s1 = 12
        elif a9.color is not None or a9.pattern is not None:
            raise ValueError
        a13 = a6.mask
        a14 = a13.pos
        a15 = a13.bitmap
        o = 58 + len(c1) + s1
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        o += len(x1)
        x2 = b''
        if t2 == 2:
            if a11 is None:
                raise ValueError
            x2 = write_Image(a11, o, q)
            r2 = o
            c3 = _p37(r2, a12.x, a12.y)
        o += len(x2)
        if a15 is None:
            x3 = b''
            r3 = 0
        else:
            x3 = write_Image(a15, o, q)
            r3 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p21(r1, a8.top, a8.left, a8.bottom, a8.right, a9.type), c3, _p39(a6.rop_descriptor, a6.scale_mode, a13.flags, a14.x, a14.y, r3), x1, x2, x3))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawOpaque', v, error)


def build_DrawCopy(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        a9 = a6.mask
        a10 = a9.pos
        a11 = a9.bitmap
        o = 57 + len(c1)
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        o += len(x1)
        if a11 is None:
            x2 = b''
            r2 = 0
        else:
            x2 = write_Image(a11, o, q)
            r2 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p40(r1, a8.top, a8.left, a8.bottom, a8.right, a6.rop_descriptor, a6.scale_mode, a9.flags, a10.x, a10.y, r2), x1, x2))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawCopy', v, error)


def build_DrawBlend(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        a9 = a6.mask
        a10 = a9.pos
        a11 = a9.bitmap
        o = 57 + len(c1)
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        o += len(x1)
        if a11 is None:
            x2 = b''
            r2 = 0
        else:
            x2 = write_Image(a11, o, q)
            r2 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p40(r1, a8.top, a8.left, a8.bottom, a8.right, a6.rop_descriptor, a6.scale_mode, a9.flags, a10.x, a10.y, r2), x1, x2))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawBlend', v, error)


def build_DrawBlackness(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.mask
        a8 = a7.pos
        a9 = a7.bitmap
        o = 34 + len(c1)
        if a9 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a9, o, q)
            r1 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p41(a7.flags, a8.x, a8.y, r1), x1))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawBlackness', v, error)


def build_DrawWhiteness(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.mask
        a8 = a7.pos
        a9 = a7.bitmap
        o = 34 + len(c1)
        if a9 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a9, o, q)
            r1 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p41(a7.flags, a8.x, a8.y, r1), x1))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawWhiteness', v, error)


def build_DrawInvers(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.mask
        a8 = a7.pos
        a9 = a7.bitmap
        o = 34 + len(c1)
        if a9 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a9, o, q)
            r1 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p41(a7.flags, a8.x, a8.y, r1), x1))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawInvers', v, error)


def build_DrawRop3(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        a9 = a6.brush
        t2 = +a9.type
        c3 = b''
        s1 = 0
        if t2 == 1:
            if a9.pattern is not None:
                raise ValueError
            s1 = 4
            c3 = _p19(a9.color)
        elif t2 == 2:
            if a9.color is not None:
                raise ValueError
            a10 = a9.pattern
            a11 = a10.pat
            a12 = a10.pos
            s1 = 12
        elif a9.color is not None or a9.pattern is not None:
            raise ValueError
        a13 = a6.mask
        a14 = a13.pos
        a15 = a13.bitmap
        o = 57 + len(c1) + s1
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        o += len(x1)
        x2 = b''
        if t2 == 2:
            if a11 is None:
                raise ValueError
            x2 = write_Image(a11, o, q)
            r2 = o
            c3 = _p37(r2, a12.x, a12.y)
        o += len(x2)
        if a15 is None:
            x3 = b''
            r3 = 0
        else:
            x3 = write_Image(a15, o, q)
            r3 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p21(r1, a8.top, a8.left, a8.bottom, a8.right, a9.type), c3, _p42(a6.rop3, a6.scale_mode, a13.flags, a14.x, a14.y, r3), x1, x2, x3))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawRop3', v, error)


def build_DrawStroke(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.path
        a8 = a6.attr
        t2 = +a8.flags
        c3 = b''
        s1 = 0
        if t2 & 8:
            a9 = a8.style
            s1 = 5
        elif a8.style is not None:
            raise ValueError
        a10 = a6.brush
        t3 = +a10.type
        c4 = b''
        s2 = 0
        if t3 == 1:
            if a10.pattern is not None:
                raise ValueError
            s2 = 4
            c4 = _p19(a10.color)
        elif t3 == 2:
            if a10.color is not None:
                raise ValueError
            a11 = a10.pattern
            a12 = a11.pat
            a13 = a11.pos
            s2 = 12
        elif a10.color is not None or a10.pattern is not None:
            raise ValueError
        o = 31 + len(c1) + s1 + s2
        if a7 is None:
            raise ValueError
        x1 = write_Path(a7, o, None)
        r1 = o
        o += len(x1)
        x2 = b''
        if t2 & 8:
            if a9 is None:
                x2 = b''
                r2 = 0
            else:
                if type(a9) is not tuple:
                    sequence(a9)
                x2 = _a0[len(a9)](*a9)
                r2 = o if x2 else 27 + len(c1)
            c3 = _p43((0 if a8.style is None else len(a8.style)), r2)
        o += len(x2)
        x3 = b''
        if t3 == 2:
            if a12 is None:
                raise ValueError
            x3 = write_Image(a12, o, q)
            r3 = o
            c4 = _p37(r3, a13.x, a13.y)
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p12(r1, a8.flags), c3, _p35(a10.type), c4, _p44(a6.fore_mode, a6.back_mode), x1, x2, x3))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawStroke', v, error)


def build_DrawText(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.str
        a8 = a6.back_area
        a9 = a6.fore_brush
        t2 = +a9.type
        c3 = b''
        s1 = 0
        if t2 == 1:
            if a9.pattern is not None:
                raise ValueError
            s1 = 4
            c3 = _p19(a9.color)
        elif t2 == 2:
            if a9.color is not None:
                raise ValueError
            a10 = a9.pattern
            a11 = a10.pat
            a12 = a10.pos
            s1 = 12
        elif a9.color is not None or a9.pattern is not None:
            raise ValueError
        a13 = a6.back_brush
        t3 = +a13.type
        c4 = b''
        s2 = 0
        if t3 == 1:
            if a13.pattern is not None:
                raise ValueError
            s2 = 4
            c4 = _p19(a13.color)
        elif t3 == 2:
            if a13.color is not None:
                raise ValueError
            a14 = a13.pattern
            a15 = a14.pat
            a16 = a14.pos
            s2 = 12
        elif a13.color is not None or a13.pattern is not None:
            raise ValueError
        o = 47 + len(c1) + s1 + s2
        if a7 is None:
            raise ValueError
        x1 = write_String(a7, o, None)
        r1 = o
        o += len(x1)
        x2 = b''
        if t2 == 2:
            if a11 is None:
                raise ValueError
            x2 = write_Image(a11, o, q)
            r2 = o
            c3 = _p37(r2, a12.x, a12.y)
        o += len(x2)
        x3 = b''
        if t3 == 2:
            if a15 is None:
                raise ValueError
            x3 = write_Image(a15, o, q)
            r3 = o
            c4 = _p37(r3, a16.x, a16.y)
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p21(r1, a8.top, a8.left, a8.bottom, a8.right, a9.type), c3, _p35(a13.type), c4, _p44(a6.fore_mode, a6.back_mode), x1, x2, x3))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawText', v, error)


def build_DrawTransparent(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        o = 49 + len(c1)
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p45(r1, a8.top, a8.left, a8.bottom, a8.right, a6.src_color, a6.true_color), x1))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawTransparent', v, error)


def build_DrawAlphaBlend(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        a8 = a6.src_area
        o = 43 + len(c1)
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p46(a6.alpha_flags, a6.alpha, r1, a8.top, a8.left, a8.bottom, a8.right), x1))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawAlphaBlend', v, error)


def build_SurfaceCreate(v):
    try:
        return _p7(v.surface_id, v.width, v.height, v.format, v.flags)
    except Exception as error:
        blame('display.SurfaceCreate', v, error)


def build_SurfaceDestroy(v):
    try:
        return _p19(v.surface_id)
    except Exception as error:
        blame('display.SurfaceDestroy', v, error)


def build_MonitorsConfig(v):
    try:
        a1 = v.heads
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p47(1, v.max_allowed, w.monitor_id, w.surface_id, w.width, w.height, w.x, w.y, w.flags)
        elif len(a1) == 2:
            w, x = a1
            return _p48(2, v.max_allowed, w.monitor_id, w.surface_id, w.width, w.height, w.x, w.y, w.flags, x.monitor_id, x.surface_id, x.width, x.height, x.x, x.y, x.flags)
        return _p44(len(a1), v.max_allowed) + b''.join([_p49(x.monitor_id, x.surface_id, x.width, x.height, x.x, x.y, x.flags) for x in a1])
    except Exception as error:
        blame('display.MonitorsConfig', v, error)


def build_DrawComposite(v):
    try:
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        t1 = +a3.type
        c1 = b''
        if t1 == 1:
            a4 = a3.rects
            a5 = a4.rects
            if type(a5) is not tuple:
                sequence(a5)
            if len(a5) == 1:
                w, = a5
                c2 = _p22(1, w.top, w.left, w.bottom, w.right)
            elif len(a5) == 2:
                w, x = a5
                c2 = _p23(2, w.top, w.left, w.bottom, w.right, x.top, x.left, x.bottom, x.right)
            else:
                c2 = _p19(len(a5)) + b''.join([_p10(x.top, x.left, x.bottom, x.right) for x in a5])
            c1 = c2
        elif a3.rects is not None:
            raise ValueError
        a6 = v.data
        a7 = a6.src_bitmap
        t2 = +a6.flags
        c3 = b''
        s1 = 0
        if t2 & 524288:
            a8 = a6.mask_bitmap
            s1 = 4
        elif a6.mask_bitmap is not None:
            raise ValueError
        c4 = b''
        if t2 & 1048576:
            a9 = a6.src_transform
            c4 = _p50(a9.t00, a9.t01, a9.t02, a9.t10, a9.t11, a9.t12)
        elif a6.src_transform is not None:
            raise ValueError
        c5 = b''
        if t2 & 2097152:
            a10 = a6.mask_transform
            c5 = _p50(a10.t00, a10.t01, a10.t02, a10.t10, a10.t11, a10.t12)
        elif a6.mask_transform is not None:
            raise ValueError
        a11 = a6.src_origin
        a12 = a6.mask_origin
        o = 37 + len(c1) + s1 + len(c4) + len(c5)
        if a7 is None:
            x1 = b''
            r1 = 0
        else:
            x1 = write_Image(a7, o, q)
            r1 = o
        o += len(x1)
        x2 = b''
        if t2 & 524288:
            if a8 is None:
                x2 = b''
                r2 = 0
            else:
                x2 = write_Image(a8, o, q)
                r2 = o
            c3 = _p19(r2)
        m = b''.join((_p21(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type), c1, _p5(a6.flags, r1), c3, c4, c5, _p51(a11.x, a11.y, a12.x, a12.y), x1, x2))
        return place(m, q) if q else m
    except Exception as error:
        blame('display.DrawComposite', v, error)


def build_QualityIndicator(v):
    try:
        a1 = v.data
        return b'' + a1
    except Exception as error:
        blame('display.QualityIndicator', v, error)


def build_Init(v):
    try:
        return _p52(v.pixmap_cache_id, v.pixmap_cache_size, v.glz_dictionary_id, v.glz_dictionary_window_size)
    except Exception as error:
        blame('display.Init', v, error)


def build_PreferredCompression(v):
    try:
        return _p35(v.image_compression)
    except Exception as error:
        blame('display.PreferredCompression', v, error)


def build_PreferredVideoCodecType(v):
    try:
        a1 = v.codecs
        if type(a1) is not tuple:
            sequence(a1)
        if len(a1) == 1:
            w, = a1
            return _p53(1, w)
        elif len(a1) == 2:
            w, x = a1
            return _p54(2, w, x)
        elif len(a1) == 3:
            w, x, y = a1
            return _p55(3, w, x, y)
        elif len(a1) == 4:
            w, x, y, z = a1
            return _p56(4, w, x, y, z)
        return _a1[len(a1)](len(a1), *a1)
    except Exception as error:
        blame('display.PreferredVideoCodecType', v, error)
