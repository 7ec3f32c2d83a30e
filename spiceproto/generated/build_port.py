"""Builders of port. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<LLB').pack
_p1 = Struct('<B').pack


def build_Init(v):
    try:
        a1 = v.name
        o = 9
        r1 = o if a1 else 4
        return _p0(len(a1), r1, v.opened) + a1
    except Exception as error:
        blame('port.Init', v, error)


def build_Event(v):
    try:
        return _p1(v.event)
    except Exception as error:
        blame('port.Event', v, error)
