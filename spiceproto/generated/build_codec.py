"""Builders of codec. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<LLLLL').pack
_p1 = Struct('>LLLLLLL').pack
_p2 = Struct('>LL').pack
_p3 = Struct('<B').pack
_p4 = Struct('>LLLQL').pack
_p5 = Struct('<BB').pack


def build_QuicHeader(v):
    try:
        return _p0(v.magic, v.version, v.type, v.width, v.height)
    except Exception as error:
        blame('codec.QuicHeader', v, error)


def build_LzHeader(v):
    try:
        return _p1(v.magic, v.version, v.type, v.width, v.height, v.stride, v.top_down)
    except Exception as error:
        blame('codec.LzHeader', v, error)


def build_GlzHeader(v):
    try:
        return b''.join((_p2(v.magic, v.version), _p3(v.type_and_direction), _p4(v.width, v.height, v.stride, v.image_id, v.window_head_distance)))
    except Exception as error:
        blame('codec.GlzHeader', v, error)


def build_Lz4Header(v):
    try:
        return _p5(v.top_down, v.format)
    except Exception as error:
        blame('codec.Lz4Header', v, error)
