"""Images in messages, and what is around their pixels. Made from spiceproto/schema by
``python -m spiceproto.derive``; do not edit.
"""

from struct import Struct

_u0 = Struct('<L').unpack_from

DRAWN = {
    'COPY_BITS': 'CopyBits',
    'DRAW_FILL': 'DrawFill',
    'DRAW_OPAQUE': 'DrawOpaque',
    'DRAW_COPY': 'DrawCopy',
    'DRAW_BLEND': 'DrawBlend',
    'DRAW_BLACKNESS': 'DrawBlackness',
    'DRAW_WHITENESS': 'DrawWhiteness',
    'DRAW_INVERS': 'DrawInvers',
    'DRAW_ROP3': 'DrawRop3',
    'DRAW_STROKE': 'DrawStroke',
    'DRAW_TEXT': 'DrawText',
    'DRAW_TRANSPARENT': 'DrawTransparent',
    'DRAW_ALPHA_BLEND': 'DrawAlphaBlend',
    'DRAW_COMPOSITE': 'DrawComposite',
}

IMAGES = {
    'DRAW_FILL': (('data.brush.pattern.pat', 'pattern'), ('data.mask.bitmap', 'mask')),
    'DRAW_OPAQUE': (('data.src_bitmap', 'source'), ('data.brush.pattern.pat', 'pattern'), ('data.mask.bitmap', 'mask')),
    'DRAW_COPY': (('data.src_bitmap', 'source'), ('data.mask.bitmap', 'mask')),
    'DRAW_BLEND': (('data.src_bitmap', 'source'), ('data.mask.bitmap', 'mask')),
    'DRAW_BLACKNESS': (('data.mask.bitmap', 'mask'),),
    'DRAW_WHITENESS': (('data.mask.bitmap', 'mask'),),
    'DRAW_INVERS': (('data.mask.bitmap', 'mask'),),
    'DRAW_ROP3': (('data.src_bitmap', 'source'), ('data.brush.pattern.pat', 'pattern'), ('data.mask.bitmap', 'mask')),
    'DRAW_STROKE': (('data.brush.pattern.pat', 'pattern'),),
    'DRAW_TEXT': (('data.fore_brush.pattern.pat', 'pattern'), ('data.back_brush.pattern.pat', 'pattern')),
    'DRAW_TRANSPARENT': (('data.src_bitmap', 'source'),),
    'DRAW_ALPHA_BLEND': (('data.src_bitmap', 'source'),),
    'DRAW_COMPOSITE': (('data.src_bitmap', 'source'), ('data.mask_bitmap', 'operand')),
}

DESCRIPTOR = Struct('<QBBLL')
OFFSETS = {'id': 0, 'type': 8, 'flags': 9, 'width': 10, 'height': 14}
VARIANTS = {0: 'bitmap', 1: 'quic', 100: 'lz_plt', 101: 'lz_rgb', 102: 'lz_rgb', 104: 'surface', 105: 'jpeg', 107: 'zlib_glz', 108: 'jpeg_alpha', 109: 'lz4'}
PALETTED = ('bitmap', 'lz_plt')
BEHIND = {
    'bitmap': Struct('<BBLLL'),
    'quic': Struct('<L'),
    'lz_rgb': Struct('<L'),
    'jpeg': Struct('<L'),
    'lz4': Struct('<L'),
    'lz_plt': Struct('<BL'),
    'zlib_glz': Struct('<LL'),
    'jpeg_alpha': Struct('<BLL'),
    'surface': Struct('<L'),
}

QUIC_HEADER = Struct('<LLLLL')
QUIC_MAGIC = 0x43495551
QUIC_VERSION = 0x0
LZ_HEADER = Struct('>LLLLLLL')
LZ_MAGIC = 0x20205a4c
LZ_VERSION = 0x10001
GLZ_HEADER = Struct('>LLBLLLQL')
GLZ_MAGIC = 0x20205a4c
GLZ_VERSION = 0x10001
LZ4_HEADER = Struct('<BB')


def offsets_DrawFill(b):
    p1 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    v3 = b[a]
    a += 1
    if v3 == 1:
        a += 4
    if v3 == 2:
        p1, = _u0(b, a)
    return p1,


def offsets_DrawOpaque(b):
    p2 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a)
    v3 = b[a + 20]
    a += 21
    if v3 == 1:
        a += 4
    if v3 == 2:
        p2, = _u0(b, a)
    return p1, p2,


def offsets_DrawCopy(b):
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a)
    return p1,


def offsets_DrawBlend(b):
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a)
    return p1,


def offsets_DrawRop3(b):
    p2 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a)
    v3 = b[a + 20]
    a += 21
    if v3 == 1:
        a += 4
    if v3 == 2:
        p2, = _u0(b, a)
    return p1, p2,


def offsets_DrawStroke(b):
    p1 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    v3 = b[a + 4]
    a += 5
    if v3 & 8:
        a += 1
    if v3 & 8:
        a += 4
    v4 = b[a]
    a += 1
    if v4 == 1:
        a += 4
    if v4 == 2:
        p1, = _u0(b, a)
    return p1,


def offsets_DrawText(b):
    p1 = p2 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    v3 = b[a + 20]
    a += 21
    if v3 == 1:
        a += 4
    if v3 == 2:
        p1, = _u0(b, a)
        a += 12
    v4 = b[a]
    a += 1
    if v4 == 1:
        a += 4
    if v4 == 2:
        p2, = _u0(b, a)
    return p1, p2,


def offsets_DrawTransparent(b):
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a)
    return p1,


def offsets_DrawAlphaBlend(b):
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    p1, = _u0(b, a + 2)
    return p1,


def offsets_DrawComposite(b):
    p2 = 0
    v1 = b[20]
    a = 21
    if v1 == 1:
        v2, = _u0(b, a)
        a += 4 + 16 * v2
    v3, = _u0(b, a)
    p1, = _u0(b, a + 4)
    a += 8
    if v3 & 524288:
        p2, = _u0(b, a)
    return p1, p2,
