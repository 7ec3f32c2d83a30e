"""VSC messages: what DATA of the smartcard channel carries, and how a device of the guest speaks them.

    message(value, reader_id)    DATA that carries a message of :mod:`spiceproto.messages.smartcard`
    inside(data)                 the message that a DATA carries; Inside, for reports
    device_bytes(data)           the same for a device
    DeviceReader                 cuts what a device says into messages

On the channel each DATA is one message, whose numbers have their lowest byte first. A device, the chardev of QEMU's
``ccid-card-passthru``, has a row of bytes that may be cut anywhere, with the highest byte of the header's three numbers first.
"""

from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

from spiceproto import dispatch, limits
from spiceproto.enums.base import EnumTable
from spiceproto.enums.smartcard import VscMessageType
from spiceproto.errors import LimitError
from spiceproto.messages.smartcard import Data

__all__ = ["HEADER", "UNDEFINED", "DeviceReader", "Inside", "command_name", "device_bytes", "inside", "message"]

HEADER: Final = 12
"""Bytes before a VSC body."""

UNDEFINED: Final = 0xFFFFFFFF
"""The reader id of a message that is about no reader that has one."""

_HEADER: Final = struct.Struct(">III")

_TYPES: Final = EnumTable(VscMessageType)

_COMMANDS: Final = {
    0x0E: "ERASE BINARY",
    0x20: "VERIFY",
    0x22: "MANAGE SECURITY ENVIRONMENT",
    0x24: "CHANGE REFERENCE DATA",
    0x2A: "PERFORM SECURITY OPERATION",
    0x2C: "RESET RETRY COUNTER",
    0x46: "GENERATE KEY PAIR",
    0x70: "MANAGE CHANNEL",
    0x82: "EXTERNAL AUTHENTICATE",
    0x84: "GET CHALLENGE",
    0x87: "GENERAL AUTHENTICATE",
    0x88: "INTERNAL AUTHENTICATE",
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0xB2: "READ RECORD",
    0xC0: "GET RESPONSE",
    0xCA: "GET DATA",
    0xCB: "GET DATA",
    0xD6: "UPDATE BINARY",
    0xDA: "PUT DATA",
    0xDB: "PUT DATA",
    0xDC: "UPDATE RECORD",
}
"""Instructions of ISO/IEC 7816-4 by their number, where the class is one of the standard's."""

_PROPRIETARY: Final = 0x80
"""Bit of a class whose instructions are the card's own."""


def command_name(command: bytes) -> str:
    """What a command is called by the standard; "" for none, and where the class is the card's own."""
    if len(command) < 2 or command[0] & _PROPRIETARY:
        return ""
    return _COMMANDS.get(command[1], "")


def message(value: Any, reader_id: int = UNDEFINED) -> Data:
    """DATA that carries ``value``, a value of the table ``vsc``. Raises LocalError for any other."""
    number, body = dispatch.build("vsc", "client", value)
    return Data(_TYPES[number], reader_id, body)


def inside(data: Data) -> Any:
    """The value that a DATA carries; None for a type that means nothing. Raises RemoteError."""
    row = dispatch.row("vsc", "client", int(data.type))
    return None if row is None else row.parse(bytes(data.data))


def device_bytes(data: Data) -> bytes:
    """What a device reads."""
    body = bytes(data.data)
    return _HEADER.pack(int(data.type), data.reader_id, len(body)) + body


class Inside(NamedTuple):
    """What a DATA carries, for reports: what it is called, its size with the header, its reader, its value."""

    name: str
    size: int
    reader_id: int
    value: Any
    command: bool

    @classmethod
    def of(cls, data: Data, *, command: bool) -> Inside | None:
        """``command``: an APDU is one, and no answer. None for a type that means nothing. Raises RemoteError."""
        row = dispatch.row("vsc", "client", int(data.type))
        size = HEADER + len(data.data)
        return None if row is None else cls(row.name, size, data.reader_id, row.parse(bytes(data.data)), command)


class DeviceReader:
    """Cuts the bytes of a device into messages. Bytes of one that is not whole wait."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Data]:
        """The messages that are whole now. Raises RemoteError for one that is too long: what follows is lost."""
        self._held += data
        found = []
        while len(self._held) >= _HEADER.size:
            type, reader_id, length = _HEADER.unpack_from(self._held)
            if length > limits.VSC_BODY:
                raise LimitError("a VSC message is too long", expected=f"at most {limits.VSC_BODY} bytes", actual=str(length))
            end = _HEADER.size + length
            if len(self._held) < end:
                break
            found.append(Data(_TYPES[type], reader_id, bytes(self._held[_HEADER.size : end])))
            del self._held[:end]
        return found
