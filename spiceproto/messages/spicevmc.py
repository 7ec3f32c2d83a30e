"""Values of spicevmc. Made from spiceproto/schema/spicevmc.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.spicevmc import DataCompressionType


class Data(msgspec.Struct, frozen=True, gc=False):
    """The next bytes of the stream.

    * ``data`` bytes: Bytes of the device
    """

    data: bytes


class CompressedData(msgspec.Struct, frozen=True, gc=False):
    """The next bytes of the stream, compressed.

    * ``type`` uint8: Compression of this message alone
    * ``uncompressed_size`` uint32 if ``type`` is not NONE: Size after inflating (byte)
    * ``compressed_data`` bytes: An LZ4 block without frame, or the bytes themselves if the type is NONE
    """

    type: DataCompressionType | int
    uncompressed_size: int | None
    compressed_data: bytes
