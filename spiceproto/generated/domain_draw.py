"""Domains of draw. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from spiceproto.domain import Outside, within
from spiceproto.generated.domain_geometry import outside_Rect as geometry_Rect
from spiceproto.generated.domain_image import outside_Image as image_Image

_n0 = frozenset((0, 1))
_n1 = frozenset((0, 1, 2))


def outside_ClipRects(v):
    o = ()
    x = v.rects
    for i, x in enumerate(x):
        if x.bottom < x.top or x.right < x.left:
            o += within(f'rects[{i}]', geometry_Rect(x))
    return o


def outside_PathSegment(v):
    o = ()
    x = v.flags
    if +x & -28:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_Path(v):
    o = ()
    x = v.segments
    for i, x in enumerate(x):
        if +x.flags & -28:
            o += within(f'segments[{i}]', outside_PathSegment(x))
    return o


def outside_Clip(v):
    o = ()
    x = v.type
    if x not in _n0:
        o += (Outside('type', 'a name', str(int(x))),)
    x = v.rects
    if x is not None:
        f = outside_ClipRects(x)
        if f:
            o += within('rects', f)
    return o


def outside_DisplayBase(v):
    o = ()
    x = v.box
    if x.bottom < x.top or x.right < x.left:
        o += within('box', geometry_Rect(x))
    x = v.clip
    f = outside_Clip(x)
    if f:
        o += within('clip', f)
    return o


def outside_Pattern(v):
    o = ()
    x = v.pat
    f = image_Image(x)
    if f:
        o += within('pat', f)
    return o


def outside_Brush(v):
    o = ()
    x = v.type
    if x not in _n1:
        o += (Outside('type', 'a name', str(int(x))),)
    x = v.pattern
    if x is not None:
        f = outside_Pattern(x)
        if f:
            o += within('pattern', f)
    return o


def outside_QMask(v):
    o = ()
    x = v.bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('bitmap', f)
    return o


def outside_LineAttr(v):
    o = ()
    x = v.flags
    if +x & -13:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_String(v):
    o = ()
    x = v.flags
    if +x & -16:
        o += (Outside('flags', 'no other bits', hex(x)),)
    return o


def outside_Fill(v):
    o = ()
    x = v.brush
    f = outside_Brush(x)
    if f:
        o += within('brush', f)
    x = v.rop_descriptor
    if +x & -2048:
        o += (Outside('rop_descriptor', 'no other bits', hex(x)),)
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Opaque(v):
    o = ()
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    x = v.brush
    f = outside_Brush(x)
    if f:
        o += within('brush', f)
    x = v.rop_descriptor
    if +x & -2048:
        o += (Outside('rop_descriptor', 'no other bits', hex(x)),)
    x = v.scale_mode
    if x not in _n0:
        o += (Outside('scale_mode', 'a name', str(int(x))),)
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Copy(v):
    o = ()
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    x = v.rop_descriptor
    if +x & -2048:
        o += (Outside('rop_descriptor', 'no other bits', hex(x)),)
    x = v.scale_mode
    if x not in _n0:
        o += (Outside('scale_mode', 'a name', str(int(x))),)
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Blend(v):
    o = ()
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    x = v.rop_descriptor
    if +x & -2048:
        o += (Outside('rop_descriptor', 'no other bits', hex(x)),)
    x = v.scale_mode
    if x not in _n0:
        o += (Outside('scale_mode', 'a name', str(int(x))),)
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Blackness(v):
    o = ()
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Whiteness(v):
    o = ()
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Invers(v):
    o = ()
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Rop3(v):
    o = ()
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    x = v.brush
    f = outside_Brush(x)
    if f:
        o += within('brush', f)
    x = v.scale_mode
    if x not in _n0:
        o += (Outside('scale_mode', 'a name', str(int(x))),)
    x = v.mask
    f = outside_QMask(x)
    if f:
        o += within('mask', f)
    return o


def outside_Stroke(v):
    o = ()
    x = v.path
    f = outside_Path(x)
    if f:
        o += within('path', f)
    x = v.attr
    if +x.flags & -13:
        o += within('attr', outside_LineAttr(x))
    x = v.brush
    f = outside_Brush(x)
    if f:
        o += within('brush', f)
    return o


def outside_Text(v):
    o = ()
    x = v.str
    if +x.flags & -16:
        o += within('str', outside_String(x))
    x = v.back_area
    if x.bottom < x.top or x.right < x.left:
        o += within('back_area', geometry_Rect(x))
    x = v.fore_brush
    f = outside_Brush(x)
    if f:
        o += within('fore_brush', f)
    x = v.back_brush
    f = outside_Brush(x)
    if f:
        o += within('back_brush', f)
    return o


def outside_Transparent(v):
    o = ()
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    return o


def outside_AlphaBlend(v):
    o = ()
    x = v.alpha_flags
    if +x & -4:
        o += (Outside('alpha_flags', 'no other bits', hex(x)),)
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.src_area
    if x.bottom < x.top or x.right < x.left:
        o += within('src_area', geometry_Rect(x))
    return o


def outside_Composite(v):
    o = ()
    x = v.flags
    if +x & -33554432:
        o += (Outside('flags', 'no other bits', hex(x)),)
    x = v.src_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('src_bitmap', f)
    x = v.mask_bitmap
    if x is not None:
        f = image_Image(x)
        if f:
            o += within('mask_bitmap', f)
    return o
