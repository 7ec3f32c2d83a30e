"""Builders of port. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame, place, raw

_p0 = Struct('<LL').pack
_p1 = Struct('<B').pack


def build_Init(v):
    try:
        q = []
        if v.name is None:
            raise ValueError
        q.append((4, raw, v.name))
        return place(_p0(len(v.name), 0) + _p1(v.opened), q)
    except Exception as error:
        blame('port.Init', v, error)


def build_Event(v):
    try:
        return _p1(v.event)
    except Exception as error:
        blame('port.Event', v, error)
