"""Numbers of the byte channels: usbredir, port, webdav."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class DataCompressionType(WireEnum):
    """Compression of byte-channel data (SPICE_DATA_COMPRESSION_TYPE_*)."""

    NONE = 0
    LZ4 = 1
    """An LZ4 block without frame."""


class PortEvent(WireEnum):
    """What happened to a port (SPICE_PORT_EVENT_*)."""

    OPENED = 0
    """The other side opened the port."""
    CLOSED = 1
    """The other side closed the port."""
    BREAK = 2
    """A serial line break."""
