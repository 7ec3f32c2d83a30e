"""Builders of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct, pack
from spiceproto.building import blame, place
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
    p = []
    p.append(_p0(v.offset, v.stride))
    return b''.join(p)


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
        p = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            p.append(b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects]))
        elif a3.rects is not None:
            raise ValueError
        a5 = v.src_pos
        p.append(_p5(a5.x, a5.y))
        return b''.join(p)
    except Exception as error:
        blame('display.CopyBits', v, error)


def build_InvalList(v):
    try:
        p = []
        p.append(_p7(len(v.resources)))
        p.append(b''.join([_p6(x.type, x.id) for x in v.resources]))
        return b''.join(p)
    except Exception as error:
        blame('display.InvalList', v, error)


def build_InvalAllPixmaps(v):
    try:
        p = []
        p.append(_p9(len(v.wait_list)))
        p.append(b''.join([_p8(x.channel_type, x.channel_id, x.message_serial) for x in v.wait_list]))
        return b''.join(p)
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
        p = []
        a1 = v.dest
        a2 = v.clip
        p.append(_p11(v.surface_id, v.id, v.flags, v.codec_type, v.stamp, v.stream_width, v.stream_height, v.src_width, v.src_height, a1.top, a1.left, a1.bottom, a1.right, a2.type))
        if a2.type == 1:
            a3 = a2.rects
            p.append(_p4(len(a3.rects)))
            p.append(b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a3.rects]))
        elif a2.rects is not None:
            raise ValueError
        return b''.join(p)
    except Exception as error:
        blame('display.StreamCreate', v, error)


def build_StreamData(v):
    try:
        p = []
        a1 = v.base
        p.append(_p1(a1.id, a1.multi_media_time, len(v.data)))
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('display.StreamData', v, error)


def build_StreamClip(v):
    try:
        p = []
        a1 = v.clip
        p.append(_p12(v.id, a1.type))
        if a1.type == 1:
            a2 = a1.rects
            p.append(_p4(len(a2.rects)))
            p.append(b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a2.rects]))
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
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        a6 = a5.brush
        p.append(_p9(a6.type))
        o += 1
        if a6.type == 1:
            p.append(_p4(a6.color))
            o += 4
        elif a6.color is not None:
            raise ValueError
        if a6.type == 2:
            a7 = a6.pattern
            p.append(_p4(0))
            o += 4
            if a7.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a7.pat))
            a8 = a7.pos
            p.append(_p5(a8.x, a8.y))
            o += 8
        elif a6.pattern is not None:
            raise ValueError
        a9 = a5.mask
        a10 = a9.pos
        p.append(_p13(a5.rop_descriptor, a9.flags, a10.x, a10.y, 0))
        o += 15
        if a9.bitmap is not None:
            q.append((o - 4, write_Image, a9.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawFill', v, error)


def build_DrawOpaque(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        a7 = a5.brush
        p.append(_p14(a6.top, a6.left, a6.bottom, a6.right, a7.type))
        o += 17
        if a7.type == 1:
            p.append(_p4(a7.color))
            o += 4
        elif a7.color is not None:
            raise ValueError
        if a7.type == 2:
            a8 = a7.pattern
            p.append(_p4(0))
            o += 4
            if a8.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a8.pat))
            a9 = a8.pos
            p.append(_p5(a9.x, a9.y))
            o += 8
        elif a7.pattern is not None:
            raise ValueError
        a10 = a5.mask
        a11 = a10.pos
        p.append(_p15(a5.rop_descriptor, a5.scale_mode, a10.flags, a11.x, a11.y, 0))
        o += 16
        if a10.bitmap is not None:
            q.append((o - 4, write_Image, a10.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawOpaque', v, error)


def build_DrawCopy(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        a7 = a5.mask
        a8 = a7.pos
        p.append(_p16(a6.top, a6.left, a6.bottom, a6.right, a5.rop_descriptor, a5.scale_mode, a7.flags, a8.x, a8.y, 0))
        o += 32
        if a7.bitmap is not None:
            q.append((o - 4, write_Image, a7.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawCopy', v, error)


def build_DrawBlend(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        a7 = a5.mask
        a8 = a7.pos
        p.append(_p16(a6.top, a6.left, a6.bottom, a6.right, a5.rop_descriptor, a5.scale_mode, a7.flags, a8.x, a8.y, 0))
        o += 32
        if a7.bitmap is not None:
            q.append((o - 4, write_Image, a7.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawBlend', v, error)


def build_DrawBlackness(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        a6 = a5.mask
        a7 = a6.pos
        p.append(_p17(a6.flags, a7.x, a7.y, 0))
        o += 13
        if a6.bitmap is not None:
            q.append((o - 4, write_Image, a6.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawBlackness', v, error)


def build_DrawWhiteness(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        a6 = a5.mask
        a7 = a6.pos
        p.append(_p17(a6.flags, a7.x, a7.y, 0))
        o += 13
        if a6.bitmap is not None:
            q.append((o - 4, write_Image, a6.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawWhiteness', v, error)


def build_DrawInvers(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        a6 = a5.mask
        a7 = a6.pos
        p.append(_p17(a6.flags, a7.x, a7.y, 0))
        o += 13
        if a6.bitmap is not None:
            q.append((o - 4, write_Image, a6.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawInvers', v, error)


def build_DrawRop3(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        a7 = a5.brush
        p.append(_p14(a6.top, a6.left, a6.bottom, a6.right, a7.type))
        o += 17
        if a7.type == 1:
            p.append(_p4(a7.color))
            o += 4
        elif a7.color is not None:
            raise ValueError
        if a7.type == 2:
            a8 = a7.pattern
            p.append(_p4(0))
            o += 4
            if a8.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a8.pat))
            a9 = a8.pos
            p.append(_p5(a9.x, a9.y))
            o += 8
        elif a7.pattern is not None:
            raise ValueError
        a10 = a5.mask
        a11 = a10.pos
        p.append(_p18(a5.rop3, a5.scale_mode, a10.flags, a11.x, a11.y, 0))
        o += 15
        if a10.bitmap is not None:
            q.append((o - 4, write_Image, a10.bitmap))
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawRop3', v, error)


def build_DrawStroke(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.path is None:
            raise ValueError
        q.append((o - 4, write_Path, a5.path))
        a6 = a5.attr
        p.append(_p9(a6.flags))
        o += 1
        if a6.flags & 8:
            p.append(_p9((0 if a6.style is None else len(a6.style))))
            o += 1
        if a6.flags & 8:
            p.append(_p4(0))
            o += 4
            if a6.style is not None:
                q.append((o - 4, lambda x, base, q: pack(f'<{len(x)}l', *x), a6.style))
        elif a6.style is not None:
            raise ValueError
        a7 = a5.brush
        p.append(_p9(a7.type))
        o += 1
        if a7.type == 1:
            p.append(_p4(a7.color))
            o += 4
        elif a7.color is not None:
            raise ValueError
        if a7.type == 2:
            a8 = a7.pattern
            p.append(_p4(0))
            o += 4
            if a8.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a8.pat))
            a9 = a8.pos
            p.append(_p5(a9.x, a9.y))
            o += 8
        elif a7.pattern is not None:
            raise ValueError
        p.append(_p19(a5.fore_mode, a5.back_mode))
        o += 4
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawStroke', v, error)


def build_DrawText(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.str is None:
            raise ValueError
        q.append((o - 4, write_String, a5.str))
        a6 = a5.back_area
        a7 = a5.fore_brush
        p.append(_p14(a6.top, a6.left, a6.bottom, a6.right, a7.type))
        o += 17
        if a7.type == 1:
            p.append(_p4(a7.color))
            o += 4
        elif a7.color is not None:
            raise ValueError
        if a7.type == 2:
            a8 = a7.pattern
            p.append(_p4(0))
            o += 4
            if a8.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a8.pat))
            a9 = a8.pos
            p.append(_p5(a9.x, a9.y))
            o += 8
        elif a7.pattern is not None:
            raise ValueError
        a10 = a5.back_brush
        p.append(_p9(a10.type))
        o += 1
        if a10.type == 1:
            p.append(_p4(a10.color))
            o += 4
        elif a10.color is not None:
            raise ValueError
        if a10.type == 2:
            a11 = a10.pattern
            p.append(_p4(0))
            o += 4
            if a11.pat is None:
                raise ValueError
            q.append((o - 4, write_Image, a11.pat))
            a12 = a11.pos
            p.append(_p5(a12.x, a12.y))
            o += 8
        elif a10.pattern is not None:
            raise ValueError
        p.append(_p19(a5.fore_mode, a5.back_mode))
        o += 4
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawText', v, error)


def build_DrawTransparent(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p4(0))
        o += 4
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        p.append(_p20(a6.top, a6.left, a6.bottom, a6.right, a5.src_color, a5.true_color))
        o += 24
        return place(b''.join(p), q)
    except Exception as error:
        blame('display.DrawTransparent', v, error)


def build_DrawAlphaBlend(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p21(a5.alpha_flags, a5.alpha, 0))
        o += 6
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        a6 = a5.src_area
        p.append(_p3(a6.top, a6.left, a6.bottom, a6.right))
        o += 16
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
        p = []
        a1 = v.base
        a2 = v.dest
        p.append(_p23(a1.id, a1.multi_media_time, v.width, v.height, a2.top, a2.left, a2.bottom, a2.right, len(v.data)))
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('display.StreamDataSized', v, error)


def build_MonitorsConfig(v):
    try:
        p = []
        p.append(_p19(len(v.heads), v.max_allowed))
        p.append(b''.join([_p24(x.monitor_id, x.surface_id, x.width, x.height, x.x, x.y, x.flags) for x in v.heads]))
        return b''.join(p)
    except Exception as error:
        blame('display.MonitorsConfig', v, error)


def build_DrawComposite(v):
    try:
        p = []
        q = []
        a1 = v.base
        a2 = a1.box
        a3 = a1.clip
        p.append(_p2(a1.surface_id, a2.top, a2.left, a2.bottom, a2.right, a3.type))
        o = 21
        if a3.type == 1:
            a4 = a3.rects
            p.append(_p4(len(a4.rects)))
            o += 4
            x = b''.join([_p3(x.top, x.left, x.bottom, x.right) for x in a4.rects])
            p.append(x)
            o += len(x)
        elif a3.rects is not None:
            raise ValueError
        a5 = v.data
        p.append(_p0(a5.flags, 0))
        o += 8
        if a5.src_bitmap is not None:
            q.append((o - 4, write_Image, a5.src_bitmap))
        if a5.flags & 524288:
            p.append(_p4(0))
            o += 4
            if a5.mask_bitmap is not None:
                q.append((o - 4, write_Image, a5.mask_bitmap))
        elif a5.mask_bitmap is not None:
            raise ValueError
        if a5.flags & 1048576:
            a6 = a5.src_transform
            p.append(_p25(a6.t00, a6.t01, a6.t02, a6.t10, a6.t11, a6.t12))
            o += 24
        elif a5.src_transform is not None:
            raise ValueError
        if a5.flags & 2097152:
            a7 = a5.mask_transform
            p.append(_p25(a7.t00, a7.t01, a7.t02, a7.t10, a7.t11, a7.t12))
            o += 24
        elif a5.mask_transform is not None:
            raise ValueError
        a8 = a5.src_origin
        a9 = a5.mask_origin
        p.append(_p26(a8.x, a8.y, a9.x, a9.y))
        o += 8
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
        p = []
        p.append(_p22(v.width, v.height, v.stride, v.drm_fourcc_format, v.flags))
        return b''.join(p)
    except Exception as error:
        blame('display.GlScanoutUnix', v, error)


def build_GlDraw(v):
    try:
        return _p27(v.x, v.y, v.w, v.h)
    except Exception as error:
        blame('display.GlDraw', v, error)


def build_QualityIndicator(v):
    try:
        p = []
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('display.QualityIndicator', v, error)


def build_GlScanout2Unix(v):
    try:
        p = []
        p.append(_p28(v.width, v.height, v.fourcc, v.flags, len(v.planes), v.modifier))
        p.append(b''.join([write_GlPlaneUnix(x, 0, None) for x in v.planes]))
        return b''.join(p)
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
        p = []
        p.append(_p9(len(v.codecs)))
        p.append(bytes(v.codecs))
        return b''.join(p)
    except Exception as error:
        blame('display.PreferredVideoCodecType', v, error)
