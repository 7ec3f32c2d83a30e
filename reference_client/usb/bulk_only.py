"""Bulk-Only Transport: commands on one bulk endpoint, their data and what became of them on the other.

    CBW (31 bytes, OUT)  ->  data, if the command has any  ->  CSW (13 bytes, IN)

Numbers are little-endian, but for the command block inside. A command that answers nothing where the guest wished something
halts the IN endpoint, until the guest clears that; then CSW says that it failed. A CBW that is none halts both until the guest
resets the transport.

Source: USB Mass Storage Class, Bulk-Only Transport 1.0.
"""

from __future__ import annotations

import struct
from typing import Final, Protocol

from reference_client.usb.scsi import Result
from spiceproto.enums.usbredir import UsbStatus

__all__ = ["BulkOnly", "Unit"]

_CBW: Final = struct.Struct("<4sLLBBB16s")
_CSW: Final = struct.Struct("<4sLLB")
_GOOD, _FAILED, _PHASE = 0, 1, 2


class Unit(Protocol):
    """What is told commands."""

    def execute(self, block: bytes) -> Result:
        """One command."""

    def unreadable(self) -> None:
        """Its data could not be read on the way."""


class BulkOnly:
    """``state`` is what comes next: ``command``, ``in`` or ``out`` (data), ``status``, or ``broken`` until a reset."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.reset()

    def reset(self) -> None:
        """Wait for a command, and forget everything else."""
        self.state = "command"
        self.halted = False
        self._tag = 0
        self._result = Result()
        self._wished = 0
        self._done = 0
        self._status = _GOOD

    def clear_halt(self, endpoint: int) -> None:
        """The guest clears a halt; one that only a reset ends comes again."""
        if endpoint & 0x80:
            self.halted = False

    def write(self, data: bytes) -> UsbStatus:
        """The guest writes: a command, or data that nothing here has a use for."""
        if self.state == "out":
            self._done += len(data)
            if self._done >= self._wished:
                self.state = "status"
            return UsbStatus.SUCCESS
        if self.state != "command" or len(data) != _CBW.size:
            self.state = "broken"
            return UsbStatus.STALL
        letters, tag, wished, flags, unit, size, block = _CBW.unpack(data)
        if letters != b"USBC" or not 1 <= size & 0x1F <= 16 or unit & 0x0F:
            self.state = "broken"
            return UsbStatus.STALL
        self._tag, self._wished, self._done = tag, wished, 0
        self._result = self._unit.execute(block[: size & 0x1F])
        self._status = _GOOD if self._result.good else _FAILED
        inward = bool(flags & 0x80)
        if self._result.length > wished or (self._result.length and not inward):
            self._status = _PHASE
        if not wished:
            self.state = "status"
        elif inward:
            self.state = "in"
            self.halted = not self._result.length
        else:
            self.state = "out"
        return UsbStatus.SUCCESS

    def read(self, wished: int) -> tuple[UsbStatus, bytes] | None:
        """The guest reads so many bytes; None if there is nothing to say yet."""
        if self.halted or self.state == "broken":
            if self.state == "in":
                self.state = "status"
            return UsbStatus.STALL, b""
        if self.state == "in":
            return self._data(wished)
        if self.state != "status":
            return None
        self.state = "command"
        residue = max(0, self._wished - self._done)
        return UsbStatus.SUCCESS, _CSW.pack(b"USBS", self._tag, residue, self._status)[:wished]

    def _data(self, wished: int) -> tuple[UsbStatus, bytes]:
        try:
            data = self._result.read(self._done, min(wished, self._wished - self._done))
        except OSError:
            self._unit.unreadable()
            self._status, self.state = _FAILED, "status"
            return UsbStatus.SUCCESS, b""
        self._done += len(data)
        if self._done >= min(self._result.length, self._wished):
            self.state = "status"
        return UsbStatus.SUCCESS, data
