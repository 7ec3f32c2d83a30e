"""Builders of webdav. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<qH').pack


def build_MuxChunk(v):
    try:
        p = []
        p.append(_p0(v.client, len(v.data)))
        p.append(v.data)
        return b''.join(p)
    except Exception as error:
        blame('webdav.MuxChunk', v, error)
