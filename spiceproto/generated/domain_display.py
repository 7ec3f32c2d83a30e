"""Domains of display. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside, within
from spiceproto.generated.domain_draw import outside_AlphaBlend as draw_AlphaBlend, outside_Blackness as draw_Blackness, outside_Blend as draw_Blend, outside_Clip as draw_Clip, outside_Composite as draw_Composite, outside_Copy as draw_Copy, outside_DisplayBase as draw_DisplayBase, outside_Fill as draw_Fill, outside_Invers as draw_Invers, outside_Opaque as draw_Opaque, outside_Rop3 as draw_Rop3, outside_Stroke as draw_Stroke, outside_Text as draw_Text, outside_Transparent as draw_Transparent, outside_Whiteness as draw_Whiteness
from spiceproto.generated.domain_geometry import outside_Rect as geometry_Rect

_n0 = frozenset((0, 1))
_n1 = frozenset((1, 2, 3, 4, 5))
_n2 = frozenset((1,))
_n3 = frozenset((1, 8, 16, 32, 80, 96))
_n4 = frozenset((1, 2, 3, 4, 5, 6, 7))


def outside_GlScanout2Unix(v):
    o = ()
    x = v.flags
    if +x & -2:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.num_planes
    if x < 1 or x > 4:
        o += (Outside('num_planes', '1 to 4', str(int(x))),)
    return o


def outside_GlScanoutUnix(v):
    o = ()
    x = v.flags
    if +x & -2:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_StreamActivateReport(v):
    o = ()
    x = v.stream_id
    if x > 63:
        o += (Outside('stream_id', '0 to 63', str(int(x))),)
    return o


def outside_StreamClip(v):
    o = ()
    x = v.id
    if x > 63:
        o += (Outside('id', '0 to 63', str(int(x))),)
    x = v.clip
    f = draw_Clip(x)
    if f:
        o += within('clip', f)
    return o


def outside_StreamCreate(v):
    o = ()
    x = v.id
    if x > 63:
        o += (Outside('id', '0 to 63', str(int(x))),)
    x = v.flags
    if +x & -2:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.codec_type
    if x not in _n1:
        o += (Outside('codec_type', 'a name', str(int(x))),)
    x = v.stream_width
    if x < 1:
        o += (Outside('stream_width', 'not 0', str(int(x))),)
    x = v.stream_height
    if x < 1:
        o += (Outside('stream_height', 'not 0', str(int(x))),)
    x = v.dest
    if x.bottom < x.top or x.right < x.left:
        o += within('dest', geometry_Rect(x))
    x = v.clip
    f = draw_Clip(x)
    if f:
        o += within('clip', f)
    return o


def outside_StreamDataHeader(v):
    o = ()
    x = v.id
    if x > 63:
        o += (Outside('id', '0 to 63', str(int(x))),)
    return o


def outside_StreamData(v):
    o = ()
    x = v.base
    if x.id > 63:
        o += within('base', outside_StreamDataHeader(x))
    return o


def outside_StreamDataSized(v):
    o = ()
    x = v.base
    if x.id > 63:
        o += within('base', outside_StreamDataHeader(x))
    x = v.dest
    if x.bottom < x.top or x.right < x.left:
        o += within('dest', geometry_Rect(x))
    return o


def outside_StreamDestroy(v):
    o = ()
    x = v.id
    if x > 63:
        o += (Outside('id', '0 to 63', str(int(x))),)
    return o


def outside_StreamReport(v):
    o = ()
    x = v.stream_id
    if x > 63:
        o += (Outside('stream_id', '0 to 63', str(int(x))),)
    return o


def outside_ResourceID(v):
    o = ()
    x = v.type
    if x not in _n2:
        o += (Outside('type', 'a name other than INVALID', str(int(x))),)
    return o


def outside_Head(v):
    o = ()
    x = v.flags
    if x != 0:
        o += (Outside('flags', '0', str(int(x))),)
    return o


def outside_CopyBits(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    return o


def outside_InvalList(v):
    o = ()
    x = v.resources
    for i, x in enumerate(x):
        if x.type not in _n2:
            o += within(f'resources[{i}]', outside_ResourceID(x))
    return o


def outside_DrawFill(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Fill(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawOpaque(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Opaque(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawCopy(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Copy(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawBlend(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Blend(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawBlackness(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Blackness(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawWhiteness(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Whiteness(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawInvers(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Invers(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawRop3(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Rop3(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawStroke(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Stroke(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawText(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Text(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawTransparent(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Transparent(x)
    if f:
        o += within('data', f)
    return o


def outside_DrawAlphaBlend(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_AlphaBlend(x)
    if f:
        o += within('data', f)
    return o


def outside_SurfaceCreate(v):
    o = ()
    x = v.width
    if x < 1:
        o += (Outside('width', 'not 0', str(int(x))),)
    x = v.height
    if x < 1:
        o += (Outside('height', 'not 0', str(int(x))),)
    x = v.format
    if x not in _n3:
        o += (Outside('format', 'a name other than INVALID', str(int(x))),)
    x = v.flags
    if +x & -4:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_MonitorsConfig(v):
    o = ()
    x = v.max_allowed
    if x < v.count:
        o += (Outside('max_allowed', f'at least count, which is {v.count}', str(int(x)), 'SPICE-MONITOR-001'),)
    x = v.heads
    for i, x in enumerate(x):
        if x.flags != 0:
            o += within(f'heads[{i}]', outside_Head(x))
    return o


def outside_DrawComposite(v):
    o = ()
    x = v.base
    f = draw_DisplayBase(x)
    if f:
        o += within('base', f)
    x = v.data
    f = draw_Composite(x)
    if f:
        o += within('data', f)
    return o


def outside_Init(v):
    o = ()
    x = v.pixmap_cache_size
    if x < 0:
        o += (Outside('pixmap_cache_size', 'at least 0', str(int(x))),)
    x = v.glz_dictionary_window_size
    if x < 0:
        o += (Outside('glz_dictionary_window_size', 'at least 0', str(int(x))),)
    return o


def outside_PreferredCompression(v):
    o = ()
    x = v.image_compression
    if x not in _n4:
        o += (Outside('image_compression', 'a name other than INVALID', str(int(x))),)
    return o


def outside_PreferredVideoCodecType(v):
    o = ()
    x = v.codecs
    for i, x in enumerate(x):
        if x < 1:
            o += (Outside(f'codecs[{i}]', 'not 0', str(int(x))),)
    return o
