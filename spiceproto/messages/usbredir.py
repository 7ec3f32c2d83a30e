"""Values of usbredir. Made from spiceproto/schema/usbredir.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec


class UsbredirHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every usbredir packet.

    * ``type`` uint32: Kind of packet: 0 is hello, 1 to 25 control, from 100 data
    * ``length`` uint32: Size of the packet behind this header (byte)
    * ``id`` uint32: Matches an answer with its request; 64 bits once both sides announced that
    """

    type: int
    length: int
    id: int


class UsbredirHello(msgspec.Struct, frozen=True, gc=False):
    """First packet of each side.

    * ``version`` 64 bytes: Name and version of the program, padded with zero bytes
    * ``capabilities`` uint32s: Capability words
    """

    version: bytes
    capabilities: tuple[int, ...]
