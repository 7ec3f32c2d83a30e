"""The usbredir channel, and the head of the usbredir protocol that its bytes carry.

Source of the inner protocol: usbredir's own description, version 0.7. All its numbers are little-endian.
"""

from __future__ import annotations

from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbredirType
from spiceproto.message import channel
from spiceproto.schema import spicevmc
from spiceproto.wire import REST, array, enum, field, record, text, uint32, uint64

UsbredirHeader = record(
    "usbredir.UsbredirHeader",
    field("type", enum(UsbredirType, uint32), "Kind of packet; from 100 on they carry data"),
    field("length", uint32, "Size of the packet behind this header", unit="byte"),
    field("id", uint32, "Matches an answer with its request"),
    doc="Stands before every usbredir packet until both sides have announced ids of 64 bits.",
)

UsbredirWideHeader = record(
    "usbredir.UsbredirWideHeader",
    field("type", enum(UsbredirType, uint32), "Kind of packet; from 100 on they carry data"),
    field("length", uint32, "Size of the packet behind this header", unit="byte"),
    field("id", uint64, "Matches an answer with its request"),
    doc="Stands before every usbredir packet once both sides have announced ids of 64 bits.",
)

UsbredirHello = record(
    "usbredir.UsbredirHello",
    field("version", text(64), "Name and version of the program, padded with zero bytes"),
    field("capabilities", array(uint32, REST), "Capability words"),
    doc="First packet of each side.",
)

USBREDIR = channel(
    "usbredir",
    ChannelType.USBREDIR,
    prefix="SPICEVMC",
    server=spicevmc.ROWS,
    client=spicevmc.ROWS,
    doc="A USB device at the client, redirected to the guest.",
)
