"""Values of usbredir. Made from spiceproto/schema/usbredir.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.usbredir import UsbredirType


class UsbredirHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every usbredir packet until both sides have announced ids of 64 bits.

    * ``type`` uint32: Kind of packet; from 100 on they carry data
    * ``length`` uint32: Size of the packet behind this header (byte)
    * ``id`` uint32: Matches an answer with its request
    """

    type: UsbredirType | int
    length: int
    id: int


class UsbredirWideHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every usbredir packet once both sides have announced ids of 64 bits.

    * ``type`` uint32: Kind of packet; from 100 on they carry data
    * ``length`` uint32: Size of the packet behind this header (byte)
    * ``id`` uint64: Matches an answer with its request
    """

    type: UsbredirType | int
    length: int
    id: int


class UsbredirHello(msgspec.Struct, frozen=True, gc=False):
    """First packet of each side.

    * ``version`` 64 bytes: Name and version of the program, padded with zero bytes
    * ``capabilities`` uint32s: Capability words
    """

    version: bytes
    capabilities: tuple[int, ...]
