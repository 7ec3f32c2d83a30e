"""usbredir: what both sides say first, when a device is there, and when it may be asked things.

The letters are packets of usbredir, which DATA and COMPRESSED_DATA of a usbredir channel carry
(:mod:`spiceproto.redirection` takes them out). The client has the device, and the server the guest. What the guest asks of a
device that was pulled out may be under way, until DEVICE_DISCONNECT_ACK says that the server knows.
"""

from __future__ import annotations

from typing import Final

from spiceproto.machine import Begin, Forbidden, Machine, Rule, Scenario

__all__ = ["MACHINES", "SCENARIOS", "USB_DEVICE", "USB_HELLO", "USB_REQUESTS"]

_ASKS: Final = (
    "RESET",
    "SET_CONFIGURATION",
    "GET_CONFIGURATION",
    "SET_ALT_SETTING",
    "GET_ALT_SETTING",
    "START_ISO_STREAM",
    "STOP_ISO_STREAM",
    "START_INTERRUPT_RECEIVING",
    "STOP_INTERRUPT_RECEIVING",
    "ALLOC_BULK_STREAMS",
    "FREE_BULK_STREAMS",
    "START_BULK_RECEIVING",
    "STOP_BULK_RECEIVING",
    "CANCEL_DATA_PACKET",
    "FILTER_REJECT",
    "CONTROL_PACKET",
    "BULK_PACKET",
    "ISO_PACKET",
    "INTERRUPT_PACKET",
)
"""What a guest says of a device that is there."""

USB_HELLO = Machine(
    "usb-hello",
    doc="What both sides of one usbredir channel say first.",
    channels=("usbredir",),
    carried=True,
    states={
        "quiet": "Nobody has said `HELLO`.",
        "client-begun": "The client has.",
        "server-begun": "The server has.",
        "begun": "Both have.",
    },
    begins={"destination": None, "midway": None},
    rules=(
        Rule("quiet", "client", "HELLO", "client-begun", "SPICE-USB-002"),
        Rule("quiet", "server", "HELLO", "server-begun", "SPICE-USB-002"),
        Rule("server-begun", "client", "HELLO", "begun", "SPICE-USB-002"),
        Rule("client-begun", "server", "HELLO", "begun", "SPICE-USB-002"),
    ),
    forbidden=(Forbidden("client", "HELLO", "SPICE-USB-002"), Forbidden("server", "HELLO", "SPICE-USB-002")),
)

USB_DEVICE = Machine(
    "usb-device",
    doc="The device of one usbredir channel, as the client announces it.",
    channels=("usbredir",),
    carried=True,
    states={
        "absent": "No device is announced.",
        "interfaces": "The interfaces of a device are known.",
        "endpoints": "Its endpoints are known.",
        "described": "Both are known.",
        "connected": "The device is plugged in.",
        "joined": "Where an observer begins that has not seen the beginning: a device may be there, or not.",
    },
    begins={"destination": Begin("joined", past=False), "midway": Begin("joined", past=False)},
    rules=(
        Rule("absent", "client", "INTERFACE_INFO", "interfaces", "SPICE-USB-010"),
        Rule("absent", "client", "EP_INFO", "endpoints", "SPICE-USB-010"),
        Rule("interfaces", "client", "INTERFACE_INFO", "interfaces", "SPICE-USB-010"),
        Rule("interfaces", "client", "EP_INFO", "described", "SPICE-USB-010"),
        Rule("endpoints", "client", "INTERFACE_INFO", "described", "SPICE-USB-010"),
        Rule("endpoints", "client", "EP_INFO", "endpoints", "SPICE-USB-010"),
        *[
            Rule(state, "client", name, state, "SPICE-USB-010")
            for state in ("described", "connected", "joined")
            for name in ("INTERFACE_INFO", "EP_INFO")
        ],
        Rule("described", "client", "DEVICE_CONNECT", "connected", "SPICE-USB-010"),
        Rule("joined", "client", "DEVICE_CONNECT", "connected", "SPICE-USB-010"),
        Rule("connected", "client", "DEVICE_DISCONNECT", "absent", "SPICE-USB-012"),
        Rule("joined", "client", "DEVICE_DISCONNECT", "absent", "SPICE-USB-012"),
    ),
    forbidden=(
        Forbidden("client", "DEVICE_CONNECT", "SPICE-USB-011", state="connected"),
        Forbidden("client", "DEVICE_CONNECT", "SPICE-USB-010", then="connected"),
        Forbidden("client", "DEVICE_DISCONNECT", "SPICE-USB-012"),
    ),
)

USB_REQUESTS = Machine(
    "usb-requests",
    doc="What the server asks of the device of one usbredir channel.",
    channels=("usbredir",),
    carried=True,
    states={
        "none": "No device is there.",
        "there": "The device is plugged in.",
        "gone": "It was pulled out; what was asked of it before is under way.",
        "joined": "Where an observer begins that has not seen the beginning: a device may be there, or not.",
    },
    begins={"destination": Begin("joined", past=False), "midway": Begin("joined", past=False)},
    rules=(
        *[Rule(state, "client", "DEVICE_CONNECT", "there", "SPICE-USB-010") for state in ("none", "there", "gone", "joined")],
        *[Rule(state, "client", "DEVICE_DISCONNECT", "gone", "SPICE-USB-012") for state in ("none", "there", "gone", "joined")],
        *[Rule(state, "server", name, state, "SPICE-USB-013") for state in ("there", "gone", "joined") for name in _ASKS],
        Rule("gone", "server", "DEVICE_DISCONNECT_ACK", "none", "SPICE-USB-014"),
        Rule("joined", "server", "DEVICE_DISCONNECT_ACK", "none", "SPICE-USB-014"),
    ),
    forbidden=(
        *[Forbidden("server", name, "SPICE-USB-013") for name in _ASKS],
        Forbidden("server", "DEVICE_DISCONNECT_ACK", "SPICE-USB-014"),
    ),
)

MACHINES = (USB_HELLO, USB_DEVICE, USB_REQUESTS)

SCENARIOS = (
    Scenario(
        "usb-device",
        "A device is plugged in and pulled out",
        "usb-device",
        (
            ("client", "INTERFACE_INFO", "what it has"),
            ("client", "EP_INFO", ""),
            ("client", "DEVICE_CONNECT", "what it is"),
            ("client", "DEVICE_DISCONNECT", ""),
        ),
    ),
)
