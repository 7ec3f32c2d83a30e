"""The usbredir channel, and the head of the usbredir protocol that its bytes carry.

Source of the inner protocol: usbredir's own description, version 0.7. All its numbers are little-endian.
"""

from __future__ import annotations

from spiceproto.enums.link import ChannelType
from spiceproto.message import channel
from spiceproto.schema import spicevmc
from spiceproto.wire import REST, array, field, record, text, uint32

UsbredirHeader = record(
    "usbredir.UsbredirHeader",
    field("type", uint32, "Kind of packet: 0 is hello, 1 to 25 control, from 100 data"),
    field("length", uint32, "Size of the packet behind this header", unit="byte"),
    field("id", uint32, "Matches an answer with its request; 64 bits once both sides announced that"),
    doc="Stands before every usbredir packet.",
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
