"""The inputs channel: keyboard and mouse of the client, lock keys of the guest.

Keys are set-1 scan codes: release is the press code with 0x80 set, and 0xe0 stands before extended codes. In KEY_DOWN
and KEY_UP they are packed into a number, first byte lowest; KEY_SCANCODE carries the bytes themselves. In SERVER mouse
mode the client sends MOUSE_MOTION, in CLIENT mouse mode MOUSE_POSITION; one of the other kind is counted and otherwise
ignored. The server acknowledges every fourth of both together, and a client sends no more than eight ahead.

Sources: spice.proto of spice-common; BEHAVIOUR 9 and 10.
"""

from __future__ import annotations

from spiceproto.domain import BITS, ZeroFree, at_least, named
from spiceproto.enums.capabilities import InputsCapability
from spiceproto.enums.inputs import KeyboardModifierFlags, MouseButton, MouseButtonMask
from spiceproto.enums.link import ChannelType
from spiceproto.message import channel, message
from spiceproto.wire import REST, data, enum, field, flags, int32, record, uint8, uint16, uint32

_SOME_KEY = at_least(1, sentence="SPICE-KEY-002")

Init = record(
    "inputs.Init",
    field("keyboard_modifiers", flags(KeyboardModifierFlags, uint16), "Lock keys that are on", domain=BITS),
    doc="First message of the channel.",
)

KeyModifiers = record(
    "inputs.KeyModifiers",
    field("modifiers", flags(KeyboardModifierFlags, uint16), "Lock keys that are on, or should be", domain=BITS),
    doc="From the server the state of the guest's lock keys, from the client the state it would like.",
)

MouseMotionAck = record(
    "inputs.MouseMotionAck",
    doc="Four more of MOUSE_MOTION and MOUSE_POSITION came in.",
)

KeyDown = record(
    "inputs.KeyDown",
    field(
        "code",
        uint32,
        "Scan code of the press, first byte lowest",
        domain=_SOME_KEY,
        shown="scan_code",
    ),
    doc="A key went down.",
)

KeyUp = record(
    "inputs.KeyUp",
    field(
        "code",
        uint32,
        "Scan code of the release, first byte lowest",
        domain=_SOME_KEY,
        shown="scan_code",
    ),
    doc="A key went up.",
)

KeyScancode = record(
    "inputs.KeyScancode",
    field(
        "data",
        data(REST),
        "Scan codes, any number of presses and releases",
        domain=ZeroFree(False, sentence="SPICE-KEY-007"),
        shown="scan_code_bytes",
    ),
    doc="Keys went down or up.",
)

MouseMotion = record(
    "inputs.MouseMotion",
    field("dx", int32, "To the right", unit="pixel"),
    field("dy", int32, "Downwards", unit="pixel"),
    field("buttons_state", flags(MouseButtonMask, uint16), "Buttons that are down", domain=BITS),
    doc="The mouse was moved, in SERVER mouse mode.",
)

MousePosition = record(
    "inputs.MousePosition",
    field("x", uint32, "Position from the left edge", unit="pixel"),
    field("y", uint32, "Position from the top edge", unit="pixel"),
    field("buttons_state", flags(MouseButtonMask, uint16), "Buttons that are down", domain=BITS),
    field("display_id", uint8, "Which display channel, or which of the heads on one"),
    doc="The pointer is somewhere else, in CLIENT mouse mode.",
)

MousePress = record(
    "inputs.MousePress",
    field("button", enum(MouseButton, uint8), "The button; the wheel is UP and DOWN", domain=named(but=MouseButton.INVALID)),
    field("buttons_state", flags(MouseButtonMask, uint16), "Buttons that are down", domain=BITS),
    doc="A button went down.",
)

MouseRelease = record(
    "inputs.MouseRelease",
    field("button", enum(MouseButton, uint8), "The button; the wheel is UP and DOWN", domain=named(but=MouseButton.INVALID)),
    field("buttons_state", flags(MouseButtonMask, uint16), "Buttons that are down", domain=BITS),
    doc="A button went up.",
)

INPUTS = channel(
    "inputs",
    ChannelType.INPUTS,
    prefix="INPUTS",
    server=(
        message(101, "INIT", Init),
        message(102, "KEY_MODIFIERS", KeyModifiers),
        message(111, "MOUSE_MOTION_ACK", MouseMotionAck),
    ),
    client=(
        message(101, "KEY_DOWN", KeyDown),
        message(102, "KEY_UP", KeyUp),
        message(103, "KEY_MODIFIERS", KeyModifiers),
        message(
            104,
            "KEY_SCANCODE",
            KeyScancode,
            capability=InputsCapability.KEY_SCANCODE,
            instead="KEY_DOWN and KEY_UP",
            summary=("data",),
        ),
        message(111, "MOUSE_MOTION", MouseMotion),
        message(112, "MOUSE_POSITION", MousePosition),
        message(113, "MOUSE_PRESS", MousePress),
        message(114, "MOUSE_RELEASE", MouseRelease),
    ),
    doc="Keyboard and mouse of the client.",
)
