"""The port channel: a named byte stream between a program at the client and a device of the guest."""

from __future__ import annotations

from spiceproto.domain import NAMED, TRUTH, ZERO_LAST
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.message import channel, message
from spiceproto.schema import spicevmc
from spiceproto.wire import enum, field, pointer, record, text, uint8, uint32

Init = record(
    "port.Init",
    field("name_size", uint32, "Length of the name", unit="byte"),
    field(
        "name",
        pointer(text("name_size"), null=False),
        "Name of the port, usually with a zero byte at its end",
        domain=ZERO_LAST,
    ),
    field("opened", uint8, "1 if the guest has the port open", domain=TRUTH),
    doc="First message of the channel: which port this is.",
)

Event = record(
    "port.Event",
    field("event", enum(PortEvent, uint8), "What happened", domain=NAMED),
    doc="The port was opened or closed, or a serial line break was sent.",
)

SERVER = (
    *spicevmc.ROWS,
    message(201, "INIT", Init, prefix="PORT", summary=("name", "opened")),
    message(202, "EVENT", Event, prefix="PORT"),
)

CLIENT = (
    *spicevmc.ROWS,
    message(201, "EVENT", Event, prefix="PORT"),
)

PORT = channel(
    "port",
    ChannelType.PORT,
    prefix="PORT",
    server=SERVER,
    client=CLIENT,
    doc="A named byte stream; data while the port is closed is dropped.",
)
