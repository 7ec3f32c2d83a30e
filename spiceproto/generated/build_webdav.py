"""Builders of webdav. Made from spiceproto/schema by ``python -m spiceproto.derive``; do not edit."""

from struct import Struct
from spiceproto.building import blame

_p0 = Struct('<qH').pack


def build_MuxChunk(v):
    try:
        a1 = v.data
        return _p0(v.client, len(a1)) + a1
    except Exception as error:
        blame('webdav.MuxChunk', v, error)
