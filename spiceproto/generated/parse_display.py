"""Parsers of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Unpackers
from spiceproto.bounds import crowded, null, null_with_count, outside, short
from spiceproto.enums.base import EnumTable, FlagsTable
from spiceproto.enums.display import AlphaFlags, BrushType, ClipType, CompositeFlags, GlScanoutFlags, ImageCompression, ImageScaleMode, LineFlags, MaskFlags, ResourceType, Ropd, StreamFlags, SurfaceFlags, SurfaceFmt, VideoCodecType
from spiceproto.enums.link import ChannelType
from spiceproto.errors import RemoteError
from spiceproto.generated.parse_draw import read_Path, read_String
from spiceproto.generated.parse_image import read_Image
from spiceproto.messages.display import CopyBits as display_CopyBits, DrawAlphaBlend as display_DrawAlphaBlend, DrawBlackness as display_DrawBlackness, DrawBlend as display_DrawBlend, DrawComposite as display_DrawComposite, DrawCopy as display_DrawCopy, DrawFill as display_DrawFill, DrawInvers as display_DrawInvers, DrawOpaque as display_DrawOpaque, DrawRop3 as display_DrawRop3, DrawStroke as display_DrawStroke, DrawText as display_DrawText, DrawTransparent as display_DrawTransparent, DrawWhiteness as display_DrawWhiteness, GlDraw as display_GlDraw, GlDrawDone as display_GlDrawDone, GlPlaneUnix as display_GlPlaneUnix, GlScanout2Unix as display_GlScanout2Unix, GlScanoutUnix as display_GlScanoutUnix, Head as display_Head, Init as display_Init, InvalAllPalettes as display_InvalAllPalettes, InvalAllPixmaps as display_InvalAllPixmaps, InvalList as display_InvalList, InvalPalette as display_InvalPalette, Mark as display_Mark, Mode as display_Mode, MonitorsConfig as display_MonitorsConfig, PreferredCompression as display_PreferredCompression, PreferredVideoCodecType as display_PreferredVideoCodecType, QualityIndicator as display_QualityIndicator, Reset as display_Reset, ResourceID as display_ResourceID, StreamActivateReport as display_StreamActivateReport, StreamClip as display_StreamClip, StreamCreate as display_StreamCreate, StreamData as display_StreamData, StreamDataHeader as display_StreamDataHeader, StreamDataSized as display_StreamDataSized, StreamDestroy as display_StreamDestroy, StreamDestroyAll as display_StreamDestroyAll, StreamReport as display_StreamReport, SurfaceCreate as display_SurfaceCreate, SurfaceDestroy as display_SurfaceDestroy, WaitForChannel as display_WaitForChannel
from spiceproto.messages.draw import AlphaBlend as draw_AlphaBlend, Blackness as draw_Blackness, Blend as draw_Blend, Brush as draw_Brush, Clip as draw_Clip, ClipRects as draw_ClipRects, Composite as draw_Composite, Copy as draw_Copy, DisplayBase as draw_DisplayBase, Fill as draw_Fill, Invers as draw_Invers, LineAttr as draw_LineAttr, Opaque as draw_Opaque, Pattern as draw_Pattern, QMask as draw_QMask, Rop3 as draw_Rop3, Stroke as draw_Stroke, Text as draw_Text, Transparent as draw_Transparent, Whiteness as draw_Whiteness
from spiceproto.messages.geometry import Point as geometry_Point, Point16 as geometry_Point16, Rect as geometry_Rect, Transform as geometry_Transform

_l0 = ((0, 4, 'x'), (4, 4, 'y'), (8, 4, 'w'), (12, 4, 'h'))
_u0 = Struct('<LLLL').unpack_from
_GlScanoutFlags = FlagsTable(GlScanoutFlags)
_u1 = Struct('<LLLLBQ').unpack_from
_l1 = ((0, 4, 'width'), (4, 4, 'height'), (8, 4, 'fourcc'), (12, 4, 'flags'), (16, 1, 'num_planes'), (17, 8, 'modifier'))
_u2 = Struct('<LL').unpack_from
_u3 = Struct('<LLLLLL').unpack_from
_u4 = Struct('<LLLLLLLL').unpack_from
_i0 = Struct('<LL').iter_unpack
_l2 = ((0, 4, 'width'), (4, 4, 'height'), (8, 4, 'stride'), (12, 4, 'drm_fourcc_format'), (16, 4, 'flags'))
_u5 = Struct('<LLLLL').unpack_from
_l3 = ((0, 4, 'stream_id'), (4, 4, 'unique_id'), (8, 4, 'max_window_size'), (12, 4, 'timeout_ms'))
_ClipType = EnumTable(ClipType)
_u6 = Struct('<LB').unpack_from
_l4 = ((0, 4, 'id'), (4, 1, 'clip.type'))
_u7 = Struct('<L').unpack_from
_l5 = ((0, 4, 'clip.rects.num_rects'),)
_u8 = Struct('<llll').unpack_from
_u9 = Struct('<llllllll').unpack_from
_i1 = Struct('<llll').iter_unpack
_StreamFlags = FlagsTable(StreamFlags)
_VideoCodecType = EnumTable(VideoCodecType)
_u10 = Struct('<LLBBQLLLLllllB').unpack_from
_l6 = ((0, 4, 'surface_id'), (4, 4, 'id'), (8, 1, 'flags'), (9, 1, 'codec_type'), (10, 8, 'stamp'), (18, 4, 'stream_width'), (22, 4, 'stream_height'), (26, 4, 'src_width'), (30, 4, 'src_height'), (34, 4, 'dest.top'), (38, 4, 'dest.left'), (42, 4, 'dest.bottom'), (46, 4, 'dest.right'), (50, 1, 'clip.type'))
_u11 = Struct('<LLL').unpack_from
_l7 = ((0, 4, 'base.id'), (4, 4, 'base.multi_media_time'), (8, 4, 'data_size'))
_u12 = Struct('<LLLLllllL').unpack_from
_l8 = ((0, 4, 'base.id'), (4, 4, 'base.multi_media_time'), (8, 4, 'width'), (12, 4, 'height'), (16, 4, 'dest.top'), (20, 4, 'dest.left'), (24, 4, 'dest.bottom'), (28, 4, 'dest.right'), (32, 4, 'data_size'))
_l9 = ((0, 4, 'id'),)
_l10 = ((0, 4, 'stream_id'), (4, 4, 'unique_id'), (8, 4, 'start_frame_mm_time'), (12, 4, 'end_frame_mm_time'), (16, 4, 'num_frames'), (20, 4, 'num_drops'), (24, 4, 'last_frame_delay'), (28, 4, 'audio_delay'))
_u13 = Struct('<LLLLLLlL').unpack_from
_l11 = ((0, 4, 'x_res'), (4, 4, 'y_res'), (8, 4, 'bits'))
_u14 = Struct('<LllllB').unpack_from
_l12 = ((0, 4, 'base.surface_id'), (4, 4, 'base.box.top'), (8, 4, 'base.box.left'), (12, 4, 'base.box.bottom'), (16, 4, 'base.box.right'), (20, 1, 'base.clip.type'))
_l13 = ((0, 4, 'base.clip.rects.num_rects'),)
_u15 = Struct('<ll').unpack_from
_l14 = ((0, 4, 'src_pos.x'), (4, 4, 'src_pos.y'))
_u16 = Struct('<H').unpack_from
_l15 = ((0, 2, 'count'),)
_u17 = Struct('<BQ').unpack_from
_ResourceType = EnumTable(ResourceType)
_u18 = Struct('<BQBQ').unpack_from
_u19 = Struct('<BQBQBQ').unpack_from
_u20 = Struct('<BQBQBQBQ').unpack_from
_i2 = Struct('<BQ').iter_unpack
_u21 = Struct('<B').unpack_from
_l16 = ((0, 1, 'wait_count'),)
_u22 = Struct('<BBQ').unpack_from
_ChannelType = EnumTable(ChannelType)
_u23 = Struct('<BBQBBQ').unpack_from
_u24 = Struct('<BBQBBQBBQ').unpack_from
_i3 = Struct('<BBQ').iter_unpack
_l17 = ((0, 8, 'id'),)
_u25 = Struct('<Q').unpack_from
_BrushType = EnumTable(BrushType)
_l18 = ((0, 1, 'data.brush.type'),)
_l19 = ((0, 4, 'data.brush.color'),)
_l20 = ((0, 4, 'data.brush.pattern.pat'),)
_l21 = ((0, 4, 'data.brush.pattern.pos.x'), (4, 4, 'data.brush.pattern.pos.y'))
_Ropd = FlagsTable(Ropd)
_MaskFlags = FlagsTable(MaskFlags)
_u26 = Struct('<HBllL').unpack_from
_l22 = ((0, 2, 'data.rop_descriptor'), (2, 1, 'data.mask.flags'), (3, 4, 'data.mask.pos.x'), (7, 4, 'data.mask.pos.y'), (11, 4, 'data.mask.bitmap'))
_l23 = ((0, 4, 'data.src_bitmap'),)
_u27 = Struct('<llllB').unpack_from
_l24 = ((0, 4, 'data.src_area.top'), (4, 4, 'data.src_area.left'), (8, 4, 'data.src_area.bottom'), (12, 4, 'data.src_area.right'), (16, 1, 'data.brush.type'))
_ImageScaleMode = EnumTable(ImageScaleMode)
_u28 = Struct('<HBBllL').unpack_from
_l25 = ((0, 2, 'data.rop_descriptor'), (2, 1, 'data.scale_mode'), (3, 1, 'data.mask.flags'), (4, 4, 'data.mask.pos.x'), (8, 4, 'data.mask.pos.y'), (12, 4, 'data.mask.bitmap'))
_u29 = Struct('<llllHBBllL').unpack_from
_l26 = ((0, 4, 'data.src_area.top'), (4, 4, 'data.src_area.left'), (8, 4, 'data.src_area.bottom'), (12, 4, 'data.src_area.right'), (16, 2, 'data.rop_descriptor'), (18, 1, 'data.scale_mode'), (19, 1, 'data.mask.flags'), (20, 4, 'data.mask.pos.x'), (24, 4, 'data.mask.pos.y'), (28, 4, 'data.mask.bitmap'))
_u30 = Struct('<BllL').unpack_from
_l27 = ((0, 1, 'data.mask.flags'), (1, 4, 'data.mask.pos.x'), (5, 4, 'data.mask.pos.y'), (9, 4, 'data.mask.bitmap'))
_u31 = Struct('<BBBllL').unpack_from
_l28 = ((0, 1, 'data.rop3'), (1, 1, 'data.scale_mode'), (2, 1, 'data.mask.flags'), (3, 4, 'data.mask.pos.x'), (7, 4, 'data.mask.pos.y'), (11, 4, 'data.mask.bitmap'))
_l29 = ((0, 4, 'data.path'),)
_LineFlags = FlagsTable(LineFlags)
_l30 = ((0, 1, 'data.attr.flags'),)
_u32 = Struct('<BL').unpack_from
_l31 = ((0, 1, 'data.attr.style_nseg'), (1, 4, 'data.attr.style'))
_u33 = Struct('<l').unpack_from
_u34 = Struct('<lll').unpack_from
_a0 = Unpackers('<', 'l')
_u35 = Struct('<HH').unpack_from
_l32 = ((0, 2, 'data.fore_mode'), (2, 2, 'data.back_mode'))
_l33 = ((0, 4, 'data.str'),)
_l34 = ((0, 4, 'data.back_area.top'), (4, 4, 'data.back_area.left'), (8, 4, 'data.back_area.bottom'), (12, 4, 'data.back_area.right'), (16, 1, 'data.fore_brush.type'))
_l35 = ((0, 4, 'data.fore_brush.color'),)
_l36 = ((0, 4, 'data.fore_brush.pattern.pat'),)
_l37 = ((0, 4, 'data.fore_brush.pattern.pos.x'), (4, 4, 'data.fore_brush.pattern.pos.y'))
_l38 = ((0, 1, 'data.back_brush.type'),)
_l39 = ((0, 4, 'data.back_brush.color'),)
_l40 = ((0, 4, 'data.back_brush.pattern.pat'),)
_l41 = ((0, 4, 'data.back_brush.pattern.pos.x'), (4, 4, 'data.back_brush.pattern.pos.y'))
_u36 = Struct('<llllLL').unpack_from
_l42 = ((0, 4, 'data.src_area.top'), (4, 4, 'data.src_area.left'), (8, 4, 'data.src_area.bottom'), (12, 4, 'data.src_area.right'), (16, 4, 'data.src_color'), (20, 4, 'data.true_color'))
_AlphaFlags = FlagsTable(AlphaFlags)
_u37 = Struct('<BBL').unpack_from
_l43 = ((0, 1, 'data.alpha_flags'), (1, 1, 'data.alpha'), (2, 4, 'data.src_bitmap'))
_l44 = ((0, 4, 'data.src_area.top'), (4, 4, 'data.src_area.left'), (8, 4, 'data.src_area.bottom'), (12, 4, 'data.src_area.right'))
_SurfaceFmt = EnumTable(SurfaceFmt)
_SurfaceFlags = FlagsTable(SurfaceFlags)
_l45 = ((0, 4, 'surface_id'), (4, 4, 'width'), (8, 4, 'height'), (12, 4, 'format'), (16, 4, 'flags'))
_l46 = ((0, 4, 'surface_id'),)
_l47 = ((0, 2, 'count'), (2, 2, 'max_allowed'))
_u38 = Struct('<LLLLLLL').unpack_from
_u39 = Struct('<LLLLLLLLLLLLLL').unpack_from
_i4 = Struct('<LLLLLLL').iter_unpack
_CompositeFlags = FlagsTable(CompositeFlags)
_l48 = ((0, 4, 'data.flags'), (4, 4, 'data.src_bitmap'))
_l49 = ((0, 4, 'data.mask_bitmap'),)
_l50 = ((0, 4, 'data.src_transform.t00'), (4, 4, 'data.src_transform.t01'), (8, 4, 'data.src_transform.t02'), (12, 4, 'data.src_transform.t10'), (16, 4, 'data.src_transform.t11'), (20, 4, 'data.src_transform.t12'))
_l51 = ((0, 4, 'data.mask_transform.t00'), (4, 4, 'data.mask_transform.t01'), (8, 4, 'data.mask_transform.t02'), (12, 4, 'data.mask_transform.t10'), (16, 4, 'data.mask_transform.t11'), (20, 4, 'data.mask_transform.t12'))
_u40 = Struct('<hhhh').unpack_from
_l52 = ((0, 2, 'data.src_origin.x'), (2, 2, 'data.src_origin.y'), (4, 2, 'data.mask_origin.x'), (6, 2, 'data.mask_origin.y'))
_l53 = ((0, 1, 'pixmap_cache_id'), (1, 8, 'pixmap_cache_size'), (9, 1, 'glz_dictionary_id'), (10, 4, 'glz_dictionary_window_size'))
_u41 = Struct('<BqBl').unpack_from
_ImageCompression = EnumTable(ImageCompression)
_l54 = ((0, 1, 'image_compression'),)
_l55 = ((0, 1, 'num_of_codecs'),)
_u42 = Struct('<BB').unpack_from
_u43 = Struct('<BBB').unpack_from
_u44 = Struct('<BBBB').unpack_from
_g0 = _VideoCodecType.__getitem__


def parse_GlDraw(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3, v4 = _u0(b)
    return display_GlDraw(v1, v2, v3, v4)


def parse_GlDrawDone(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return display_GlDrawDone()


def parse_GlScanout2Unix(b, tail=None):
    n = len(b)
    if n < 25:
        raise short(_l1, 0, n)
    v1, v2, v3, v4, v5, v6 = _u1(b)
    e = 25 + v5 * 8
    if e > n:
        raise crowded('planes', 25, v5, 8, n)
    if v5 == 1:
        w1, w2 = _u2(b, 25)
        v7 = (display_GlPlaneUnix(None, w1, w2),)
    elif v5 == 2:
        w1, w2, w3, w4 = _u0(b, 25)
        v7 = (display_GlPlaneUnix(None, w1, w2), display_GlPlaneUnix(None, w3, w4))
    elif v5 == 3:
        w1, w2, w3, w4, w5, w6 = _u3(b, 25)
        v7 = (display_GlPlaneUnix(None, w1, w2), display_GlPlaneUnix(None, w3, w4), display_GlPlaneUnix(None, w5, w6))
    elif v5 == 4:
        w1, w2, w3, w4, w5, w6, w7, w8 = _u4(b, 25)
        v7 = (display_GlPlaneUnix(None, w1, w2), display_GlPlaneUnix(None, w3, w4), display_GlPlaneUnix(None, w5, w6), display_GlPlaneUnix(None, w7, w8))
    else:
        v7 = tuple([display_GlPlaneUnix(None, w1, w2) for w1, w2 in _i0(b[25:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_GlScanout2Unix(v1, v2, v3, _GlScanoutFlags[v4], v6, v7)


def parse_GlScanoutUnix(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4, v5 = _u5(b)
    return display_GlScanoutUnix(None, v1, v2, v3, v4, _GlScanoutFlags[v5])


def parse_StreamActivateReport(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3, v4 = _u0(b)
    return display_StreamActivateReport(v1, v2, v3, v4)


def parse_StreamClip(b, tail=None):
    n = len(b)
    if n < 5:
        raise short(_l4, 0, n)
    v1, v2 = _u6(b)
    o = 5
    v3 = None
    if v2 == 1:
        if o + 4 > n:
            raise short(_l5, o, n)
        v4, = _u7(b, o)
        o += 4
        e = o + v4 * 16
        if e > n:
            raise crowded('clip.rects.rects', o, v4, 16, n)
        if v4 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v5 = (geometry_Rect(w1, w2, w3, w4),)
        elif v4 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v5 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v5 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v3 = draw_ClipRects(v5)
    if o < n and tail is not None:
        tail(o)
    return display_StreamClip(v1, draw_Clip(_ClipType[v2], v3))


def parse_StreamCreate(b, tail=None):
    n = len(b)
    if n < 51:
        raise short(_l6, 0, n)
    v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14 = _u10(b)
    o = 51
    v15 = None
    if v14 == 1:
        if o + 4 > n:
            raise short(_l5, o, n)
        v16, = _u7(b, o)
        o += 4
        e = o + v16 * 16
        if e > n:
            raise crowded('clip.rects.rects', o, v16, 16, n)
        if v16 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v17 = (geometry_Rect(w1, w2, w3, w4),)
        elif v16 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v17 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v17 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v15 = draw_ClipRects(v17)
    if o < n and tail is not None:
        tail(o)
    return display_StreamCreate(v1, v2, _StreamFlags[v3], _VideoCodecType[v4], v5, v6, v7, v8, v9, geometry_Rect(v10, v11, v12, v13), draw_Clip(_ClipType[v14], v15))


def parse_StreamData(b, tail=None):
    n = len(b)
    if n < 12:
        raise short(_l7, 0, n)
    v1, v2, v3 = _u11(b)
    o = 12
    e = o + v3
    if e > n:
        raise crowded('data', o, v3, 1, n)
    v4 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_StreamData(display_StreamDataHeader(v1, v2), v4)


def parse_StreamDataSized(b, tail=None):
    n = len(b)
    if n < 36:
        raise short(_l8, 0, n)
    v1, v2, v3, v4, v5, v6, v7, v8, v9 = _u12(b)
    o = 36
    e = o + v9
    if e > n:
        raise crowded('data', o, v9, 1, n)
    v10 = b[o:e]
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_StreamDataSized(display_StreamDataHeader(v1, v2), v3, v4, geometry_Rect(v5, v6, v7, v8), v10)


def parse_StreamDestroy(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l9, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u7(b)
    return display_StreamDestroy(v1)


def parse_StreamDestroyAll(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return display_StreamDestroyAll()


def parse_StreamReport(b, tail=None):
    n = len(b)
    if n != 32:
        if n < 32:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(32)
    v1, v2, v3, v4, v5, v6, v7, v8 = _u13(b)
    return display_StreamReport(v1, v2, v3, v4, v5, v6, v7, v8)


def parse_Mode(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l11, 0, n)
        if tail is not None:
            tail(12)
    v1, v2, v3 = _u11(b)
    return display_Mode(v1, v2, v3)


def parse_Mark(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return display_Mark()


def parse_Reset(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return display_Reset()


def parse_CopyBits(b, tail=None):
    n = len(b)
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 8 > n:
        raise short(_l14, o, n)
    v10, v11 = _u15(b, o)
    o += 8
    if o < n and tail is not None:
        tail(o)
    return display_CopyBits(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), geometry_Point(v10, v11))


def parse_InvalList(b, tail=None):
    n = len(b)
    if n < 2:
        raise short(_l15, 0, n)
    v1, = _u16(b)
    e = 2 + v1 * 9
    if e > n:
        raise crowded('resources', 2, v1, 9, n)
    if v1 == 1:
        w1, w2 = _u17(b, 2)
        v2 = (display_ResourceID(_ResourceType[w1], w2),)
    elif v1 == 2:
        w1, w2, w3, w4 = _u18(b, 2)
        v2 = (display_ResourceID(_ResourceType[w1], w2), display_ResourceID(_ResourceType[w3], w4))
    elif v1 == 3:
        w1, w2, w3, w4, w5, w6 = _u19(b, 2)
        v2 = (display_ResourceID(_ResourceType[w1], w2), display_ResourceID(_ResourceType[w3], w4), display_ResourceID(_ResourceType[w5], w6))
    elif v1 == 4:
        w1, w2, w3, w4, w5, w6, w7, w8 = _u20(b, 2)
        v2 = (display_ResourceID(_ResourceType[w1], w2), display_ResourceID(_ResourceType[w3], w4), display_ResourceID(_ResourceType[w5], w6), display_ResourceID(_ResourceType[w7], w8))
    else:
        v2 = tuple([display_ResourceID(_ResourceType[w1], w2) for w1, w2 in _i2(b[2:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_InvalList(v2)


def parse_InvalAllPixmaps(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l16, 0, n)
    v1, = _u21(b)
    e = 1 + v1 * 10
    if e > n:
        raise crowded('wait_list', 1, v1, 10, n)
    if v1 == 1:
        w1, w2, w3 = _u22(b, 1)
        v2 = (display_WaitForChannel(_ChannelType[w1], w2, w3),)
    elif v1 == 2:
        w1, w2, w3, w4, w5, w6 = _u23(b, 1)
        v2 = (display_WaitForChannel(_ChannelType[w1], w2, w3), display_WaitForChannel(_ChannelType[w4], w5, w6))
    elif v1 == 3:
        w1, w2, w3, w4, w5, w6, w7, w8, w9 = _u24(b, 1)
        v2 = (display_WaitForChannel(_ChannelType[w1], w2, w3), display_WaitForChannel(_ChannelType[w4], w5, w6), display_WaitForChannel(_ChannelType[w7], w8, w9))
    else:
        v2 = tuple([display_WaitForChannel(_ChannelType[w1], w2, w3) for w1, w2, w3 in _i3(b[1:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_InvalAllPixmaps(v2)


def parse_InvalPalette(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l17, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u25(b)
    return display_InvalPalette(v1)


def parse_InvalAllPalettes(b, tail=None):
    n = len(b)
    if n and tail is not None:
        tail(0)
    return display_InvalAllPalettes()


def parse_DrawFill(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 1 > n:
        raise short(_l18, o, n)
    v10, = _u21(b, o)
    o += 1
    v11 = v12 = None
    if v10 == 1:
        if o + 4 > n:
            raise short(_l19, o, n)
        v13, = _u7(b, o)
        o += 4
        v11 = v13
    elif v10 == 2:
        if o + 4 > n:
            raise short(_l20, o, n)
        v14, = _u7(b, o)
        o += 4
        if v14 == 0:
            raise null('data.brush.pattern.pat', o - 4)
        elif v14 >= n:
            raise outside('data.brush.pattern.pat', o - 4, v14, n)
        else:
            try:
                v15, e = read_Image(b, v14, n)
            except RemoteError as error:
                error.within('data.brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l21, o, n)
        v16, v17 = _u15(b, o)
        o += 8
        v12 = draw_Pattern(v15, geometry_Point(v16, v17))
    if o + 15 > n:
        raise short(_l22, o, n)
    v18, v19, v20, v21, v22 = _u26(b, o)
    o += 15
    if v22 == 0:
        v23 = None
    elif v22 >= n:
        raise outside('data.mask.bitmap', o - 4, v22, n)
    else:
        try:
            v23, e = read_Image(b, v22, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawFill(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Fill(draw_Brush(_BrushType[v10], v11, v12), _Ropd[v18], draw_QMask(_MaskFlags[v19], geometry_Point(v20, v21), v23)))


def parse_DrawOpaque(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l23, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        v11 = None
    elif v10 >= n:
        raise outside('data.src_bitmap', o - 4, v10, n)
    else:
        try:
            v11, e = read_Image(b, v10, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 17 > n:
        raise short(_l24, o, n)
    v12, v13, v14, v15, v16 = _u27(b, o)
    o += 17
    v17 = v18 = None
    if v16 == 1:
        if o + 4 > n:
            raise short(_l19, o, n)
        v19, = _u7(b, o)
        o += 4
        v17 = v19
    elif v16 == 2:
        if o + 4 > n:
            raise short(_l20, o, n)
        v20, = _u7(b, o)
        o += 4
        if v20 == 0:
            raise null('data.brush.pattern.pat', o - 4)
        elif v20 >= n:
            raise outside('data.brush.pattern.pat', o - 4, v20, n)
        else:
            try:
                v21, e = read_Image(b, v20, n)
            except RemoteError as error:
                error.within('data.brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l21, o, n)
        v22, v23 = _u15(b, o)
        o += 8
        v18 = draw_Pattern(v21, geometry_Point(v22, v23))
    if o + 16 > n:
        raise short(_l25, o, n)
    v24, v25, v26, v27, v28, v29 = _u28(b, o)
    o += 16
    if v29 == 0:
        v30 = None
    elif v29 >= n:
        raise outside('data.mask.bitmap', o - 4, v29, n)
    else:
        try:
            v30, e = read_Image(b, v29, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawOpaque(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Opaque(v11, geometry_Rect(v12, v13, v14, v15), draw_Brush(_BrushType[v16], v17, v18), _Ropd[v24], _ImageScaleMode[v25], draw_QMask(_MaskFlags[v26], geometry_Point(v27, v28), v30)))


def parse_DrawCopy(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l23, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        v11 = None
    elif v10 >= n:
        raise outside('data.src_bitmap', o - 4, v10, n)
    else:
        try:
            v11, e = read_Image(b, v10, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 32 > n:
        raise short(_l26, o, n)
    v12, v13, v14, v15, v16, v17, v18, v19, v20, v21 = _u29(b, o)
    o += 32
    if v21 == 0:
        v22 = None
    elif v21 >= n:
        raise outside('data.mask.bitmap', o - 4, v21, n)
    else:
        try:
            v22, e = read_Image(b, v21, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawCopy(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Copy(v11, geometry_Rect(v12, v13, v14, v15), _Ropd[v16], _ImageScaleMode[v17], draw_QMask(_MaskFlags[v18], geometry_Point(v19, v20), v22)))


def parse_DrawBlend(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l23, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        v11 = None
    elif v10 >= n:
        raise outside('data.src_bitmap', o - 4, v10, n)
    else:
        try:
            v11, e = read_Image(b, v10, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 32 > n:
        raise short(_l26, o, n)
    v12, v13, v14, v15, v16, v17, v18, v19, v20, v21 = _u29(b, o)
    o += 32
    if v21 == 0:
        v22 = None
    elif v21 >= n:
        raise outside('data.mask.bitmap', o - 4, v21, n)
    else:
        try:
            v22, e = read_Image(b, v21, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawBlend(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Blend(v11, geometry_Rect(v12, v13, v14, v15), _Ropd[v16], _ImageScaleMode[v17], draw_QMask(_MaskFlags[v18], geometry_Point(v19, v20), v22)))


def parse_DrawBlackness(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 13 > n:
        raise short(_l27, o, n)
    v10, v11, v12, v13 = _u30(b, o)
    o += 13
    if v13 == 0:
        v14 = None
    elif v13 >= n:
        raise outside('data.mask.bitmap', o - 4, v13, n)
    else:
        try:
            v14, e = read_Image(b, v13, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawBlackness(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Blackness(draw_QMask(_MaskFlags[v10], geometry_Point(v11, v12), v14)))


def parse_DrawWhiteness(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 13 > n:
        raise short(_l27, o, n)
    v10, v11, v12, v13 = _u30(b, o)
    o += 13
    if v13 == 0:
        v14 = None
    elif v13 >= n:
        raise outside('data.mask.bitmap', o - 4, v13, n)
    else:
        try:
            v14, e = read_Image(b, v13, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawWhiteness(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Whiteness(draw_QMask(_MaskFlags[v10], geometry_Point(v11, v12), v14)))


def parse_DrawInvers(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 13 > n:
        raise short(_l27, o, n)
    v10, v11, v12, v13 = _u30(b, o)
    o += 13
    if v13 == 0:
        v14 = None
    elif v13 >= n:
        raise outside('data.mask.bitmap', o - 4, v13, n)
    else:
        try:
            v14, e = read_Image(b, v13, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawInvers(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Invers(draw_QMask(_MaskFlags[v10], geometry_Point(v11, v12), v14)))


def parse_DrawRop3(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l23, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        v11 = None
    elif v10 >= n:
        raise outside('data.src_bitmap', o - 4, v10, n)
    else:
        try:
            v11, e = read_Image(b, v10, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 17 > n:
        raise short(_l24, o, n)
    v12, v13, v14, v15, v16 = _u27(b, o)
    o += 17
    v17 = v18 = None
    if v16 == 1:
        if o + 4 > n:
            raise short(_l19, o, n)
        v19, = _u7(b, o)
        o += 4
        v17 = v19
    elif v16 == 2:
        if o + 4 > n:
            raise short(_l20, o, n)
        v20, = _u7(b, o)
        o += 4
        if v20 == 0:
            raise null('data.brush.pattern.pat', o - 4)
        elif v20 >= n:
            raise outside('data.brush.pattern.pat', o - 4, v20, n)
        else:
            try:
                v21, e = read_Image(b, v20, n)
            except RemoteError as error:
                error.within('data.brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l21, o, n)
        v22, v23 = _u15(b, o)
        o += 8
        v18 = draw_Pattern(v21, geometry_Point(v22, v23))
    if o + 15 > n:
        raise short(_l28, o, n)
    v24, v25, v26, v27, v28, v29 = _u31(b, o)
    o += 15
    if v29 == 0:
        v30 = None
    elif v29 >= n:
        raise outside('data.mask.bitmap', o - 4, v29, n)
    else:
        try:
            v30, e = read_Image(b, v29, n)
        except RemoteError as error:
            error.within('data.mask.bitmap')
            raise
        if e > h:
            h = e
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawRop3(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Rop3(v11, geometry_Rect(v12, v13, v14, v15), draw_Brush(_BrushType[v16], v17, v18), v24, _ImageScaleMode[v25], draw_QMask(_MaskFlags[v26], geometry_Point(v27, v28), v30)))


def parse_DrawStroke(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l29, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        raise null('data.path', o - 4)
    elif v10 >= n:
        raise outside('data.path', o - 4, v10, n)
    else:
        try:
            v11, e = read_Path(b, v10, n)
        except RemoteError as error:
            error.within('data.path')
            raise
        if e > h:
            h = e
    if o + 1 > n:
        raise short(_l30, o, n)
    v12, = _u21(b, o)
    o += 1
    v13 = v14 = None
    if v12 & 8:
        if o + 5 > n:
            raise short(_l31, o, n)
        v15, v16 = _u32(b, o)
        o += 5
        if v16 == 0:
            if v15:
                raise null_with_count('data.attr.style', o - 4, v15)
            v17 = None
        elif v16 >= n:
            raise outside('data.attr.style', o - 4, v16, n)
        else:
            e = v16 + v15 * 4
            if e > n:
                raise crowded('data.attr.style', v16, v15, 4, n)
            if v15 == 1:
                v17 = _u33(b, v16)
            elif v15 == 2:
                v17 = _u15(b, v16)
            elif v15 == 3:
                v17 = _u34(b, v16)
            elif v15 == 4:
                v17 = _u8(b, v16)
            else:
                v17 = _a0[v15](b, v16)
            if e > h:
                h = e
        v13 = v15
        v14 = v17
    if v13 is None:
        v15 = 0
    if o + 1 > n:
        raise short(_l18, o, n)
    v18, = _u21(b, o)
    o += 1
    v19 = v20 = None
    if v18 == 1:
        if o + 4 > n:
            raise short(_l19, o, n)
        v21, = _u7(b, o)
        o += 4
        v19 = v21
    elif v18 == 2:
        if o + 4 > n:
            raise short(_l20, o, n)
        v22, = _u7(b, o)
        o += 4
        if v22 == 0:
            raise null('data.brush.pattern.pat', o - 4)
        elif v22 >= n:
            raise outside('data.brush.pattern.pat', o - 4, v22, n)
        else:
            try:
                v23, e = read_Image(b, v22, n)
            except RemoteError as error:
                error.within('data.brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l21, o, n)
        v24, v25 = _u15(b, o)
        o += 8
        v20 = draw_Pattern(v23, geometry_Point(v24, v25))
    if o + 4 > n:
        raise short(_l32, o, n)
    v26, v27 = _u35(b, o)
    o += 4
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawStroke(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Stroke(v11, draw_LineAttr(_LineFlags[v12], v14), draw_Brush(_BrushType[v18], v19, v20), v26, v27))


def parse_DrawText(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l33, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        raise null('data.str', o - 4)
    elif v10 >= n:
        raise outside('data.str', o - 4, v10, n)
    else:
        try:
            v11, e = read_String(b, v10, n)
        except RemoteError as error:
            error.within('data.str')
            raise
        if e > h:
            h = e
    if o + 17 > n:
        raise short(_l34, o, n)
    v12, v13, v14, v15, v16 = _u27(b, o)
    o += 17
    v17 = v18 = None
    if v16 == 1:
        if o + 4 > n:
            raise short(_l35, o, n)
        v19, = _u7(b, o)
        o += 4
        v17 = v19
    elif v16 == 2:
        if o + 4 > n:
            raise short(_l36, o, n)
        v20, = _u7(b, o)
        o += 4
        if v20 == 0:
            raise null('data.fore_brush.pattern.pat', o - 4)
        elif v20 >= n:
            raise outside('data.fore_brush.pattern.pat', o - 4, v20, n)
        else:
            try:
                v21, e = read_Image(b, v20, n)
            except RemoteError as error:
                error.within('data.fore_brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l37, o, n)
        v22, v23 = _u15(b, o)
        o += 8
        v18 = draw_Pattern(v21, geometry_Point(v22, v23))
    if o + 1 > n:
        raise short(_l38, o, n)
    v24, = _u21(b, o)
    o += 1
    v25 = v26 = None
    if v24 == 1:
        if o + 4 > n:
            raise short(_l39, o, n)
        v27, = _u7(b, o)
        o += 4
        v25 = v27
    elif v24 == 2:
        if o + 4 > n:
            raise short(_l40, o, n)
        v28, = _u7(b, o)
        o += 4
        if v28 == 0:
            raise null('data.back_brush.pattern.pat', o - 4)
        elif v28 >= n:
            raise outside('data.back_brush.pattern.pat', o - 4, v28, n)
        else:
            try:
                v29, e = read_Image(b, v28, n)
            except RemoteError as error:
                error.within('data.back_brush.pattern.pat')
                raise
            if e > h:
                h = e
        if o + 8 > n:
            raise short(_l41, o, n)
        v30, v31 = _u15(b, o)
        o += 8
        v26 = draw_Pattern(v29, geometry_Point(v30, v31))
    if o + 4 > n:
        raise short(_l32, o, n)
    v32, v33 = _u35(b, o)
    o += 4
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawText(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Text(v11, geometry_Rect(v12, v13, v14, v15), draw_Brush(_BrushType[v16], v17, v18), draw_Brush(_BrushType[v24], v25, v26), v32, v33))


def parse_DrawTransparent(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 4 > n:
        raise short(_l23, o, n)
    v10, = _u7(b, o)
    o += 4
    if v10 == 0:
        v11 = None
    elif v10 >= n:
        raise outside('data.src_bitmap', o - 4, v10, n)
    else:
        try:
            v11, e = read_Image(b, v10, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 24 > n:
        raise short(_l42, o, n)
    v12, v13, v14, v15, v16, v17 = _u36(b, o)
    o += 24
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawTransparent(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Transparent(v11, geometry_Rect(v12, v13, v14, v15), v16, v17))


def parse_DrawAlphaBlend(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 6 > n:
        raise short(_l43, o, n)
    v10, v11, v12 = _u37(b, o)
    o += 6
    if v12 == 0:
        v13 = None
    elif v12 >= n:
        raise outside('data.src_bitmap', o - 4, v12, n)
    else:
        try:
            v13, e = read_Image(b, v12, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    if o + 16 > n:
        raise short(_l44, o, n)
    v14, v15, v16, v17 = _u8(b, o)
    o += 16
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawAlphaBlend(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_AlphaBlend(_AlphaFlags[v10], v11, v13, geometry_Rect(v14, v15, v16, v17)))


def parse_SurfaceCreate(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l45, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4, v5 = _u5(b)
    return display_SurfaceCreate(v1, v2, v3, _SurfaceFmt[v4], _SurfaceFlags[v5])


def parse_SurfaceDestroy(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l46, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u7(b)
    return display_SurfaceDestroy(v1)


def parse_MonitorsConfig(b, tail=None):
    n = len(b)
    if n < 4:
        raise short(_l47, 0, n)
    v1, v2 = _u35(b)
    e = 4 + v1 * 28
    if e > n:
        raise crowded('heads', 4, v1, 28, n)
    if v1 == 1:
        w1, w2, w3, w4, w5, w6, w7 = _u38(b, 4)
        v3 = (display_Head(w1, w2, w3, w4, w5, w6, w7),)
    elif v1 == 2:
        w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14 = _u39(b, 4)
        v3 = (display_Head(w1, w2, w3, w4, w5, w6, w7), display_Head(w8, w9, w10, w11, w12, w13, w14))
    else:
        v3 = tuple([display_Head(w1, w2, w3, w4, w5, w6, w7) for w1, w2, w3, w4, w5, w6, w7 in _i4(b[4:e])])
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_MonitorsConfig(v2, v3)


def parse_DrawComposite(b, tail=None):
    n = len(b)
    h = 0
    if n < 21:
        raise short(_l12, 0, n)
    v1, v2, v3, v4, v5, v6 = _u14(b)
    o = 21
    v7 = None
    if v6 == 1:
        if o + 4 > n:
            raise short(_l13, o, n)
        v8, = _u7(b, o)
        o += 4
        e = o + v8 * 16
        if e > n:
            raise crowded('base.clip.rects.rects', o, v8, 16, n)
        if v8 == 1:
            w1, w2, w3, w4 = _u8(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4),)
        elif v8 == 2:
            w1, w2, w3, w4, w5, w6, w7, w8 = _u9(b, o)
            v9 = (geometry_Rect(w1, w2, w3, w4), geometry_Rect(w5, w6, w7, w8))
        else:
            v9 = tuple([geometry_Rect(w1, w2, w3, w4) for w1, w2, w3, w4 in _i1(b[o:e])])
        o = e
        v7 = draw_ClipRects(v9)
    if o + 8 > n:
        raise short(_l48, o, n)
    v10, v11 = _u2(b, o)
    o += 8
    if v11 == 0:
        v12 = None
    elif v11 >= n:
        raise outside('data.src_bitmap', o - 4, v11, n)
    else:
        try:
            v12, e = read_Image(b, v11, n)
        except RemoteError as error:
            error.within('data.src_bitmap')
            raise
        if e > h:
            h = e
    v13 = None
    if v10 & 524288:
        if o + 4 > n:
            raise short(_l49, o, n)
        v14, = _u7(b, o)
        o += 4
        if v14 == 0:
            v15 = None
        elif v14 >= n:
            raise outside('data.mask_bitmap', o - 4, v14, n)
        else:
            try:
                v15, e = read_Image(b, v14, n)
            except RemoteError as error:
                error.within('data.mask_bitmap')
                raise
            if e > h:
                h = e
        v13 = v15
    v16 = None
    if v10 & 1048576:
        if o + 24 > n:
            raise short(_l50, o, n)
        v17, v18, v19, v20, v21, v22 = _u3(b, o)
        o += 24
        v16 = geometry_Transform(v17, v18, v19, v20, v21, v22)
    v23 = None
    if v10 & 2097152:
        if o + 24 > n:
            raise short(_l51, o, n)
        v24, v25, v26, v27, v28, v29 = _u3(b, o)
        o += 24
        v23 = geometry_Transform(v24, v25, v26, v27, v28, v29)
    if o + 8 > n:
        raise short(_l52, o, n)
    v30, v31, v32, v33 = _u40(b, o)
    o += 8
    if h < o:
        h = o
    if h < n and tail is not None:
        tail(h)
    return display_DrawComposite(draw_DisplayBase(v1, geometry_Rect(v2, v3, v4, v5), draw_Clip(_ClipType[v6], v7)), draw_Composite(_CompositeFlags[v10], v12, v13, v16, v23, geometry_Point16(v30, v31), geometry_Point16(v32, v33)))


def parse_QualityIndicator(b, tail=None):
    n = len(b)
    v1 = b
    return display_QualityIndicator(v1)


def parse_Init(b, tail=None):
    n = len(b)
    if n != 14:
        if n < 14:
            raise short(_l53, 0, n)
        if tail is not None:
            tail(14)
    v1, v2, v3, v4 = _u41(b)
    return display_Init(v1, v2, v3, v4)


def parse_PreferredCompression(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l54, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u21(b)
    return display_PreferredCompression(_ImageCompression[v1])


def parse_PreferredVideoCodecType(b, tail=None):
    n = len(b)
    if n < 1:
        raise short(_l55, 0, n)
    v1, = _u21(b)
    e = 1 + v1
    if e > n:
        raise crowded('codecs', 1, v1, 1, n)
    if v1 == 1:
        w1, = _u21(b, 1)
        v2 = (_VideoCodecType[w1],)
    elif v1 == 2:
        w1, w2 = _u42(b, 1)
        v2 = (_VideoCodecType[w1], _VideoCodecType[w2])
    elif v1 == 3:
        w1, w2, w3 = _u43(b, 1)
        v2 = (_VideoCodecType[w1], _VideoCodecType[w2], _VideoCodecType[w3])
    elif v1 == 4:
        w1, w2, w3, w4 = _u44(b, 1)
        v2 = (_VideoCodecType[w1], _VideoCodecType[w2], _VideoCodecType[w3], _VideoCodecType[w4])
    else:
        v2 = tuple(map(_g0, b[1:e]))
    o = e
    if o < n and tail is not None:
        tail(o)
    return display_PreferredVideoCodecType(v2)
