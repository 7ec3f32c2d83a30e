"""Builders of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, octets, sequence

_p0 = Struct('<LLL').pack
_p1 = Struct('<LLQ').pack
_p2 = Struct('<64sL').pack
_p3 = Struct('<64sLL').pack
_p4 = Struct('<64sLLL').pack
_p5 = Struct('<64sLLLL').pack
_a0 = Packers('<64s', 'L')


def build_UsbredirHeader(v):
    try:
        return _p0(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirHeader', v, error)


def build_UsbredirWideHeader(v):
    try:
        return _p1(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirWideHeader', v, error)


def build_UsbredirHello(v):
    try:
        a1 = v.version
        if len(a1) != 64:
            raise ValueError
        if type(a1) is not bytes:
            a1 = octets(a1)
        a2 = v.capabilities
        if type(a2) is not tuple:
            sequence(a2)
        if len(a2) == 1:
            w, = a2
            return _p2(a1, w)
        elif len(a2) == 2:
            w, x = a2
            return _p3(a1, w, x)
        elif len(a2) == 3:
            w, x, y = a2
            return _p4(a1, w, x, y)
        elif len(a2) == 4:
            w, x, y, z = a2
            return _p5(a1, w, x, y, z)
        return _a0[len(a2)](a1, *a2)
    except Exception as error:
        blame('usbredir.UsbredirHello', v, error)
