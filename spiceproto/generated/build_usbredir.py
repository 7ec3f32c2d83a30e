"""Builders of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.arrays import Packers
from spiceproto.building import blame, sequence

_p0 = Struct('<LLL').pack
_a0 = Packers('<', 'L')


def build_UsbredirHeader(v):
    try:
        return _p0(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirHeader', v, error)


def build_UsbredirHello(v):
    try:
        if len(v.version) != 64:
            raise ValueError
        if type(v.capabilities) is not tuple:
            sequence(v.capabilities)
        return b'' + v.version + _a0[len(v.capabilities)](*v.capabilities)
    except Exception as error:
        blame('usbredir.UsbredirHello', v, error)
