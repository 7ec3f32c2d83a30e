"""A serial line of QEMU, played by a driver in the guest's place: what is behind a port channel.

The line is open from the beginning, and a UART has no way to close it. Bytes go one by one, as they do there.
"""

from __future__ import annotations

from typing import Final

from conformance.adapters.qtest import Qtest

__all__ = ["DEVICE", "begin", "read", "write"]

DEVICE: Final = "isa-serial,index=1"

_DATA: Final = 0x2F8
_FIFO, _STATUS = _DATA + 2, _DATA + 5
_ENABLE: Final = 1
_READY, _BREAK = 1, 0x10
_MOST: Final = 1 << 14
"""Bytes that are read at once: there are as many a second, about."""


def begin(machine: Qtest) -> None:
    """Before anything comes: with its buffer of 16 bytes switched on later the line would lose what it has."""
    machine.outb(_FIFO, _ENABLE)


def write(machine: Qtest, data: bytes) -> None:
    """Bytes for clients."""
    for byte in data:
        machine.outb(_DATA, byte)


def read(machine: Qtest) -> tuple[bytes, list[str]]:
    """What clients have sent and nobody has read yet, as far as it has come; each break leaves a zero byte somewhere in it."""
    found, events = bytearray(), []
    while len(found) < _MOST and (status := machine.inb(_STATUS)) & (_READY | _BREAK):
        if status & _BREAK:
            events.append("break")
        if status & _READY:
            found.append(machine.inb(_DATA))
    return bytes(found), events
