"""The machine behind the server, as the devices that it is made of.

    guest.screens[n]   what display n shows               paint, draw, push, resize     Drawn, Pushed, Resized, HeadsChanged
    guest.cursors[n]   the pointer of display n           set, move, hide               Shaped, Moved, Hidden, Trailed
    guest.pointer      a mouse or a tablet                motion, position, button...   Motion, Position, ..., PointerChanged
    guest.keyboard     keys and their locks               key, modifiers                Key, Modifiers, LocksChanged
    guest.readers[n]   a card reader                      receive, transmit             ReaderSays, CardChanged, CardAnswered...
    guest.ports[key]   serial lines that have names       write, set_open, send_break   Received, Said, Attached, Written, ...
    guest.usb[n]       what a client plugs in             copy                          UsbPlugged, UsbDisc, ...
    guest.agent        the port of the guest's agent      deliver, say                  AgentChunk, AgentSaid, AgentChanged
    guest.clipboard    what programs copy and paste       copy, offer, paste            Copied, Offered, Wanted, Pasted
    guest.disk         files that clients send            create                        FileBegun, FileGrown, FileEnded

Each device is a file here: a class of two halves, and the values that it tells (:mod:`reference_server.watched`). One half
is what the server does to it for a client, the other what the guest does. Both are told, so a channel of the server and a
test that wants to know what a client did watch in the same way. A guest of one's own watches its devices and answers.

A device knows no client, no channel and no other device. What follows from several of them is somebody else's: the mouse
mode is in :mod:`reference_server.pointing`, and the list of what a client did in :mod:`reference_server.guest.recorder`.
"""

from __future__ import annotations

from reference_server.guest.agent import Agent, AgentChanged, AgentChunk, AgentSaid, AgentSlowed
from reference_server.guest.attached_reader import AttachedReader, ForDevice
from reference_server.guest.browser import Answered, Browser, Over
from reference_server.guest.card_events import on_cards
from reference_server.guest.card_reader import CardAnswered, CardChanged, CardReader, ReaderChanged, ReaderSays
from reference_server.guest.clipboard import Cleared, Clipboard, Copied, Offered, Owner, Pasted, Wanted
from reference_server.guest.cursor import Cursor, Hidden, Moved, Shape, Shaped, Trailed
from reference_server.guest.disk import Disk, File, FileBegun, FileEnded, FileGrown
from reference_server.guest.guest import Guest
from reference_server.guest.keyboard import Key, Keyboard, LocksChanged, Modifiers
from reference_server.guest.pointer import Button, Motion, Pointer, PointerChanged, PointerKind, Position, Wheel
from reference_server.guest.port import Attached, Port, PortAdded, PortMoved, Ports, Received, Said, Written
from reference_server.guest.recorder import INPUTS, InputEvent, Recorder, on_input
from reference_server.guest.screen import (
    Box,
    Drawn,
    HeadsChanged,
    Picture,
    Pushed,
    Resized,
    Screen,
    colour_chart,
)
from reference_server.guest.sound import Heard, LevelChanged, Microphone, Source, Speaker, Switched
from reference_server.guest.timer import Timer
from reference_server.guest.usb import UsbDisc, UsbFailed, UsbPlugged, UsbRead, UsbRejected, UsbSocket, UsbUnplugged

__all__ = [
    "INPUTS",
    "Agent",
    "AgentChanged",
    "AgentChunk",
    "AgentSaid",
    "AgentSlowed",
    "Answered",
    "Attached",
    "AttachedReader",
    "Box",
    "Browser",
    "Button",
    "CardAnswered",
    "CardChanged",
    "CardReader",
    "Cleared",
    "Clipboard",
    "Copied",
    "Cursor",
    "Disk",
    "Drawn",
    "File",
    "FileBegun",
    "FileEnded",
    "FileGrown",
    "ForDevice",
    "Guest",
    "HeadsChanged",
    "Heard",
    "Hidden",
    "InputEvent",
    "Key",
    "Keyboard",
    "LevelChanged",
    "LocksChanged",
    "Microphone",
    "Modifiers",
    "Motion",
    "Moved",
    "Offered",
    "Over",
    "Owner",
    "Pasted",
    "Picture",
    "Pointer",
    "PointerChanged",
    "PointerKind",
    "Port",
    "PortAdded",
    "PortMoved",
    "Ports",
    "Position",
    "Pushed",
    "ReaderChanged",
    "ReaderSays",
    "Received",
    "Recorder",
    "Resized",
    "Said",
    "Screen",
    "Shape",
    "Shaped",
    "Source",
    "Speaker",
    "Switched",
    "Timer",
    "Trailed",
    "UsbDisc",
    "UsbFailed",
    "UsbPlugged",
    "UsbRead",
    "UsbRejected",
    "UsbSocket",
    "UsbUnplugged",
    "Wanted",
    "Wheel",
    "Written",
    "colour_chart",
    "on_cards",
    "on_input",
]
