"""Summaries of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import NameTable
from spiceproto.enums.display import GlScanoutFlags, ImageCompression, SurfaceFlags, SurfaceFmt
from spiceproto.generated.parse_display import parse_CopyBits, parse_DrawAlphaBlend, parse_DrawBlackness, parse_DrawBlend, parse_DrawComposite, parse_DrawCopy, parse_DrawFill, parse_DrawInvers, parse_DrawOpaque, parse_DrawRop3, parse_DrawStroke, parse_DrawText, parse_DrawTransparent, parse_DrawWhiteness, parse_GlScanout2Unix, parse_InvalAllPixmaps, parse_InvalList, parse_MonitorsConfig, parse_PreferredVideoCodecType, parse_QualityIndicator, parse_StreamClip, parse_StreamCreate, parse_StreamData, parse_StreamDataSized
from spiceproto.shown import Shown, letters
from spiceproto.summary import line

_l0 = ((0, 4, 'x'), (4, 4, 'y'), (8, 4, 'w'), (12, 4, 'h'))
_u0 = Struct('<LLLL').unpack_from
_i0 = Struct('<LLLL').iter_unpack
_s0 = Shown(letters)
_n0 = NameTable(GlScanoutFlags)
_l1 = ((0, 4, 'width'), (4, 4, 'height'), (8, 4, 'stride'), (12, 4, 'drm_fourcc_format'), (16, 4, 'flags'))
_u1 = Struct('<LLLLL').unpack_from
_i1 = Struct('<LLLLL').iter_unpack
_l2 = ((0, 4, 'stream_id'), (4, 4, 'unique_id'), (8, 4, 'max_window_size'), (12, 4, 'timeout_ms'))
_l3 = ((0, 4, 'id'),)
_u2 = Struct('<L').unpack_from
_i2 = Struct('<L').iter_unpack
_l4 = ((0, 4, 'stream_id'), (4, 4, 'unique_id'), (8, 4, 'start_frame_mm_time'), (12, 4, 'end_frame_mm_time'), (16, 4, 'num_frames'), (20, 4, 'num_drops'), (24, 4, 'last_frame_delay'), (28, 4, 'audio_delay'))
_u3 = Struct('<LLLLLLlL').unpack_from
_i3 = Struct('<LLLLLLlL').iter_unpack
_l5 = ((0, 4, 'x_res'), (4, 4, 'y_res'), (8, 4, 'bits'))
_u4 = Struct('<LLL').unpack_from
_i4 = Struct('<LLL').iter_unpack
_l6 = ((0, 8, 'id'),)
_u5 = Struct('<Q').unpack_from
_i5 = Struct('<Q').iter_unpack
_n1 = NameTable(SurfaceFmt)
_n2 = NameTable(SurfaceFlags)
_l7 = ((0, 4, 'surface_id'), (4, 4, 'width'), (8, 4, 'height'), (12, 4, 'format'), (16, 4, 'flags'))
_l8 = ((0, 4, 'surface_id'),)
_l9 = ((0, 1, 'pixmap_cache_id'), (1, 8, 'pixmap_cache_size'), (9, 1, 'glz_dictionary_id'), (10, 4, 'glz_dictionary_window_size'))
_u6 = Struct('<BqBl').unpack_from
_i6 = Struct('<BqBl').iter_unpack
_n3 = NameTable(ImageCompression)
_l10 = ((0, 1, 'image_compression'),)
_u7 = Struct('<B').unpack_from
_i7 = Struct('<B').iter_unpack


def values_GlDraw(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3, v4 = _u0(b)
    return v1, v2, v3, v4,


def summary_GlDraw(b, tail=None):
    return 'x=%d y=%d w=%d h=%d' % values_GlDraw(b, tail)


def columns_GlDraw(b):
    v1, v2, v3, v4 = zip(*_i0(b))
    return v1, v2, v3, v4,


summary_GlDraw.fixed = 16, 'x=%d y=%d w=%d h=%d', values_GlDraw, columns_GlDraw


def summary_GlDrawDone(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_GlScanout2Unix(b, tail=None):
    return line(parse_GlScanout2Unix(b, tail), ('width', 'height', 'fourcc', 'num_planes', 'modifier'), {'fourcc': letters})


summary_GlScanout2Unix.shown = {'fourcc': letters}


def values_GlScanoutUnix(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4, v5 = _u1(b)
    return v1, v2, v3, _s0[v4], _n0[v5],


def summary_GlScanoutUnix(b, tail=None):
    return 'width=%d height=%d stride=%d drm_fourcc_format=%s flags=%s' % values_GlScanoutUnix(b, tail)


def columns_GlScanoutUnix(b):
    v1, v2, v3, v4, v5 = zip(*_i1(b))
    return v1, v2, v3, map(_s0.__getitem__, v4), map(_n0.__getitem__, v5),


summary_GlScanoutUnix.fixed = 20, 'width=%d height=%d stride=%d drm_fourcc_format=%s flags=%s', values_GlScanoutUnix, columns_GlScanoutUnix


summary_GlScanoutUnix.shown = {'drm_fourcc_format': letters}


def values_StreamActivateReport(b, tail=None):
    n = len(b)
    if n != 16:
        if n < 16:
            raise short(_l2, 0, n)
        if tail is not None:
            tail(16)
    v1, v2, v3, v4 = _u0(b)
    return v1, v2, v3, v4,


def summary_StreamActivateReport(b, tail=None):
    return 'stream_id=%d unique_id=%d max_window_size=%d timeout_ms=%d' % values_StreamActivateReport(b, tail)


def columns_StreamActivateReport(b):
    v1, v2, v3, v4 = zip(*_i0(b))
    return v1, v2, v3, v4,


summary_StreamActivateReport.fixed = 16, 'stream_id=%d unique_id=%d max_window_size=%d timeout_ms=%d', values_StreamActivateReport, columns_StreamActivateReport


def summary_StreamClip(b, tail=None):
    return line(parse_StreamClip(b, tail), ('id', 'clip.type', 'clip.rects'))


def summary_StreamCreate(b, tail=None):
    return line(parse_StreamCreate(b, tail), ('surface_id', 'id', 'codec_type', 'stream_width', 'stream_height', 'dest'))


def summary_StreamData(b, tail=None):
    return line(parse_StreamData(b, tail), ('base.id', 'base.multi_media_time', 'data_size'))


def summary_StreamDataSized(b, tail=None):
    return line(parse_StreamDataSized(b, tail), ('base.id', 'base.multi_media_time', 'width', 'height', 'data_size'))


def values_StreamDestroy(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l3, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_StreamDestroy(b, tail=None):
    return 'id=%d' % values_StreamDestroy(b, tail)


def columns_StreamDestroy(b):
    v1, = zip(*_i2(b))
    return v1,


summary_StreamDestroy.fixed = 4, 'id=%d', values_StreamDestroy, columns_StreamDestroy


def summary_StreamDestroyAll(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def values_StreamReport(b, tail=None):
    n = len(b)
    if n != 32:
        if n < 32:
            raise short(_l4, 0, n)
        if tail is not None:
            tail(32)
    v1, v2, v3, v4, v5, v6, v7, v8 = _u3(b)
    return v1, v2, v3, v4, v5, v6, v7, v8,


def summary_StreamReport(b, tail=None):
    return 'stream_id=%d unique_id=%d start_frame_mm_time=%d end_frame_mm_time=%d num_frames=%d num_drops=%d last_frame_delay=%d audio_delay=%d' % values_StreamReport(b, tail)


def columns_StreamReport(b):
    v1, v2, v3, v4, v5, v6, v7, v8 = zip(*_i3(b))
    return v1, v2, v3, v4, v5, v6, v7, v8,


summary_StreamReport.fixed = 32, 'stream_id=%d unique_id=%d start_frame_mm_time=%d end_frame_mm_time=%d num_frames=%d num_drops=%d last_frame_delay=%d audio_delay=%d', values_StreamReport, columns_StreamReport


def values_Mode(b, tail=None):
    n = len(b)
    if n != 12:
        if n < 12:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(12)
    v1, v2, v3 = _u4(b)
    return v1, v2, v3,


def summary_Mode(b, tail=None):
    return 'x_res=%d y_res=%d bits=%d' % values_Mode(b, tail)


def columns_Mode(b):
    v1, v2, v3 = zip(*_i4(b))
    return v1, v2, v3,


summary_Mode.fixed = 12, 'x_res=%d y_res=%d bits=%d', values_Mode, columns_Mode


def summary_Mark(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_Reset(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_CopyBits(b, tail=None):
    return line(parse_CopyBits(b, tail), ('base.surface_id', 'base.box', 'src_pos'))


def summary_InvalList(b, tail=None):
    return line(parse_InvalList(b, tail), ('count', 'resources'))


def summary_InvalAllPixmaps(b, tail=None):
    return line(parse_InvalAllPixmaps(b, tail), ('wait_count', 'wait_list'))


def values_InvalPalette(b, tail=None):
    n = len(b)
    if n != 8:
        if n < 8:
            raise short(_l6, 0, n)
        if tail is not None:
            tail(8)
    v1, = _u5(b)
    return v1,


def summary_InvalPalette(b, tail=None):
    return 'id=%d' % values_InvalPalette(b, tail)


def columns_InvalPalette(b):
    v1, = zip(*_i5(b))
    return v1,


summary_InvalPalette.fixed = 8, 'id=%d', values_InvalPalette, columns_InvalPalette


def summary_InvalAllPalettes(b, tail=None):
    if b and tail is not None:
        tail(0)
    return ''


def summary_DrawFill(b, tail=None):
    return line(parse_DrawFill(b, tail), ('base.surface_id', 'base.box', 'data.brush.type', 'data.brush.color', 'data.rop_descriptor'))


def summary_DrawOpaque(b, tail=None):
    return line(parse_DrawOpaque(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.rop_descriptor'))


def summary_DrawCopy(b, tail=None):
    return line(parse_DrawCopy(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id'))


def summary_DrawBlend(b, tail=None):
    return line(parse_DrawBlend(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.rop_descriptor'))


def summary_DrawBlackness(b, tail=None):
    return line(parse_DrawBlackness(b, tail), ('base.surface_id', 'base.box'))


def summary_DrawWhiteness(b, tail=None):
    return line(parse_DrawWhiteness(b, tail), ('base.surface_id', 'base.box'))


def summary_DrawInvers(b, tail=None):
    return line(parse_DrawInvers(b, tail), ('base.surface_id', 'base.box'))


def summary_DrawRop3(b, tail=None):
    return line(parse_DrawRop3(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.rop3'))


def summary_DrawStroke(b, tail=None):
    return line(parse_DrawStroke(b, tail), ('base.surface_id', 'base.box', 'data.brush.type', 'data.brush.color', 'data.fore_mode'))


def summary_DrawText(b, tail=None):
    return line(parse_DrawText(b, tail), ('base.surface_id', 'base.box', 'data.str.length', 'data.str.flags'))


def summary_DrawTransparent(b, tail=None):
    return line(parse_DrawTransparent(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.true_color'))


def summary_DrawAlphaBlend(b, tail=None):
    return line(parse_DrawAlphaBlend(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.alpha'))


def values_SurfaceCreate(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l7, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4, v5 = _u1(b)
    return v1, v2, v3, _n1[v4], _n2[v5],


def summary_SurfaceCreate(b, tail=None):
    return 'surface_id=%d width=%d height=%d format=%s flags=%s' % values_SurfaceCreate(b, tail)


def columns_SurfaceCreate(b):
    v1, v2, v3, v4, v5 = zip(*_i1(b))
    return v1, v2, v3, map(_n1.__getitem__, v4), map(_n2.__getitem__, v5),


summary_SurfaceCreate.fixed = 20, 'surface_id=%d width=%d height=%d format=%s flags=%s', values_SurfaceCreate, columns_SurfaceCreate


def values_SurfaceDestroy(b, tail=None):
    n = len(b)
    if n != 4:
        if n < 4:
            raise short(_l8, 0, n)
        if tail is not None:
            tail(4)
    v1, = _u2(b)
    return v1,


def summary_SurfaceDestroy(b, tail=None):
    return 'surface_id=%d' % values_SurfaceDestroy(b, tail)


def columns_SurfaceDestroy(b):
    v1, = zip(*_i2(b))
    return v1,


summary_SurfaceDestroy.fixed = 4, 'surface_id=%d', values_SurfaceDestroy, columns_SurfaceDestroy


def summary_MonitorsConfig(b, tail=None):
    return line(parse_MonitorsConfig(b, tail), ('count', 'heads'))


def summary_DrawComposite(b, tail=None):
    return line(parse_DrawComposite(b, tail), ('base.surface_id', 'base.box', 'data.src_bitmap.descriptor.type', 'data.src_bitmap.descriptor.width', 'data.src_bitmap.descriptor.height', 'data.src_bitmap.descriptor.id', 'data.flags'))


def summary_QualityIndicator(b, tail=None):
    return line(parse_QualityIndicator(b, tail), ('data',))


def values_Init(b, tail=None):
    n = len(b)
    if n != 14:
        if n < 14:
            raise short(_l9, 0, n)
        if tail is not None:
            tail(14)
    v1, v2, v3, v4 = _u6(b)
    return v1, v2, v3, v4,


def summary_Init(b, tail=None):
    return 'pixmap_cache_id=%d pixmap_cache_size=%d glz_dictionary_id=%d glz_dictionary_window_size=%d' % values_Init(b, tail)


def columns_Init(b):
    v1, v2, v3, v4 = zip(*_i6(b))
    return v1, v2, v3, v4,


summary_Init.fixed = 14, 'pixmap_cache_id=%d pixmap_cache_size=%d glz_dictionary_id=%d glz_dictionary_window_size=%d', values_Init, columns_Init


def values_PreferredCompression(b, tail=None):
    n = len(b)
    if n != 1:
        if n < 1:
            raise short(_l10, 0, n)
        if tail is not None:
            tail(1)
    v1, = _u7(b)
    return _n3[v1],


def summary_PreferredCompression(b, tail=None):
    return 'image_compression=%s' % values_PreferredCompression(b, tail)


def columns_PreferredCompression(b):
    v1, = zip(*_i7(b))
    return map(_n3.__getitem__, v1),


summary_PreferredCompression.fixed = 1, 'image_compression=%s', values_PreferredCompression, columns_PreferredCompression


def summary_PreferredVideoCodecType(b, tail=None):
    return line(parse_PreferredVideoCodecType(b, tail), ('codecs',))
