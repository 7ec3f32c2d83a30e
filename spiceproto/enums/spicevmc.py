"""Numbers of the byte channels: usbredir, port, webdav."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class DataCompressionType(WireEnum):
    """Compression of byte-channel data (SPICE_DATA_COMPRESSION_TYPE_*)."""

    NONE = 0
    LZ4 = 1


class PortEvent(WireEnum):
    """What happened to a port (SPICE_PORT_EVENT_*)."""

    OPENED = 0
    CLOSED = 1
    BREAK = 2
