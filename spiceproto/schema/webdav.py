"""The webdav channel: a port named ``org.spice-space.webdav.0`` whose bytes carry many HTTP connections at once."""

from __future__ import annotations

from spiceproto.enums.link import ChannelType
from spiceproto.message import channel
from spiceproto.schema import port
from spiceproto.wire import data, field, int64, record, uint16

MuxChunk = record(
    "webdav.MuxChunk",
    field("client", int64, "Which HTTP connection of the guest"),
    field("size", uint16, "Bytes that follow; 0 closes the connection", unit="byte"),
    field("data", data("size"), "Bytes of the connection"),
    doc="The bytes of the channel are a row of these.",
)

WEBDAV = channel(
    "webdav",
    ChannelType.WEBDAV,
    prefix="PORT",
    server=port.SERVER,
    client=port.CLIENT,
    doc="A folder at the client, shared with the guest.",
)
