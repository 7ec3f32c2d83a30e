"""Byte channels: what usbredir, port and webdav share.

DATA is a byte stream: message borders mean nothing. COMPRESSED_DATA carries a stretch of the same stream.
"""

from __future__ import annotations

from spiceproto.domain import NAMED, at_least
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.spicevmc import DataCompressionType
from spiceproto.message import message
from spiceproto.wire import REST, data, enum, field, record, uint8, uint32, when_not

Data = record(
    "spicevmc.Data",
    field("data", data(REST), "Bytes of the device"),
    doc="The next bytes of the stream.",
)

CompressedData = record(
    "spicevmc.CompressedData",
    field("type", enum(DataCompressionType, uint8), "Compression of this message alone", domain=NAMED),
    field(
        "uncompressed_size",
        when_not("type", DataCompressionType.NONE, uint32),
        "Size after inflating",
        unit="byte",
        domain=at_least(1),
    ),
    field("compressed_data", data(REST), "An LZ4 block without frame, or the bytes themselves if the type is NONE"),
    doc="The next bytes of the stream, compressed.",
)

ROWS = (
    message(101, "DATA", Data, prefix="SPICEVMC"),
    message(
        102,
        "COMPRESSED_DATA",
        CompressedData,
        prefix="SPICEVMC",
        capability=SpicevmcCapability.DATA_COMPRESS_LZ4,
        instead="DATA",
        summary=("type", "uncompressed_size"),
    ),
)
