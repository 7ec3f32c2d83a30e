"""Builders of usbredir. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct, pack
from spiceproto.building import blame

_p0 = Struct('<LLL').pack


def build_UsbredirHeader(v):
    try:
        return _p0(v.type, v.length, v.id)
    except Exception as error:
        blame('usbredir.UsbredirHeader', v, error)


def build_UsbredirHello(v):
    try:
        p = []
        if len(v.version) != 64:
            raise ValueError
        p.append(v.version)
        p.append(pack(f'<{len(v.capabilities)}L', *v.capabilities))
        return b''.join(p)
    except Exception as error:
        blame('usbredir.UsbredirHello', v, error)
