"""Parsers of codec. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.bounds import short
from spiceproto.enums.base import EnumTable
from spiceproto.enums.image import BitmapFmt, LzImageType, QuicImageType
from spiceproto.messages.codec import GlzHeader as codec_GlzHeader, Lz4Header as codec_Lz4Header, LzHeader as codec_LzHeader, QuicHeader as codec_QuicHeader

_QuicImageType = EnumTable(QuicImageType)
_l0 = ((0, 4, 'magic'), (4, 4, 'version'), (8, 4, 'type'), (12, 4, 'width'), (16, 4, 'height'))
_u0 = Struct('<LLLLL').unpack_from
_LzImageType = EnumTable(LzImageType)
_l1 = ((0, 4, 'magic'), (4, 4, 'version'), (8, 4, 'type'), (12, 4, 'width'), (16, 4, 'height'), (20, 4, 'stride'), (24, 4, 'top_down'))
_u1 = Struct('>LLLLLLL').unpack_from
_u2 = Struct('>LL').unpack_from
_l2 = ((0, 4, 'magic'), (4, 4, 'version'))
_u3 = Struct('<B').unpack_from
_l3 = ((0, 1, 'type_and_direction'),)
_u4 = Struct('>LLLQL').unpack_from
_l4 = ((0, 4, 'width'), (4, 4, 'height'), (8, 4, 'stride'), (12, 8, 'image_id'), (20, 4, 'window_head_distance'))
_BitmapFmt = EnumTable(BitmapFmt)
_l5 = ((0, 1, 'top_down'), (1, 1, 'format'))
_u5 = Struct('<BB').unpack_from


def parse_QuicHeader(b, tail=None):
    n = len(b)
    if n != 20:
        if n < 20:
            raise short(_l0, 0, n)
        if tail is not None:
            tail(20)
    v1, v2, v3, v4, v5 = _u0(b)
    return codec_QuicHeader(v1, v2, _QuicImageType[v3], v4, v5)


def parse_LzHeader(b, tail=None):
    n = len(b)
    if n != 28:
        if n < 28:
            raise short(_l1, 0, n)
        if tail is not None:
            tail(28)
    v1, v2, v3, v4, v5, v6, v7 = _u1(b)
    return codec_LzHeader(v1, v2, _LzImageType[v3], v4, v5, v6, v7)


def parse_GlzHeader(b, tail=None):
    n = len(b)
    if n < 8:
        raise short(_l2, 0, n)
    v1, v2 = _u2(b)
    if n < 9:
        raise short(_l3, 8, n)
    v3, = _u3(b, 8)
    if n < 33:
        raise short(_l4, 9, n)
    v4, v5, v6, v7, v8 = _u4(b, 9)
    if 33 < n and tail is not None:
        tail(33)
    return codec_GlzHeader(v1, v2, v3, v4, v5, v6, v7, v8)


def parse_Lz4Header(b, tail=None):
    n = len(b)
    if n != 2:
        if n < 2:
            raise short(_l5, 0, n)
        if tail is not None:
            tail(2)
    v1, v2 = _u5(b)
    return codec_Lz4Header(v1, _BitmapFmt[v2])
