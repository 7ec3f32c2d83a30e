"""A port of QEMU's virtio-serial device, driven from outside as a driver in the guest would drive it.

Virtual I/O Device (VIRTIO) 1.0, 5.3, over the legacy interface of its section 4.1.4.8: registers behind a port, and rings of
descriptors in the guest's memory. The device has a console port, which is not used, and one port of ours; what says that a port
is open goes through the second pair of control rings. Bytes arrive in the order in which they were written, and their
borders mean nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from struct import Struct
from typing import Final

from conformance.adapters.pci import Pci
from conformance.adapters.qtest import Qtest

__all__ = ["VirtioSerial", "devices"]

_CHIP: Final = "virtio-serial-pci,id=ports,disable-modern=on,max_ports=2"


def devices(chardev: str, name: str) -> list[str]:
    """What QEMU is started with."""
    return ["-device", _CHIP, "-device", f"virtserialport,bus=ports.0,nr=1,chardev={chardev},name={name}"]


_VENDOR_AND_DEVICE: Final = 0x10031AF4
_BASE: Final = 0x10

_FEATURES, _FRAME, _SIZE, _SELECT, _NOTIFY, _STATUS = 4, 8, 12, 14, 16, 18
"""Registers behind the base."""
_MULTIPORT: Final = 1 << 1
_KNOWN, _DRIVER, _READY = 1, 2, 4

_CONTROL_SENT, _RECEIVED, _SENT = 3, 4, 5
"""Numbers of rings: of control messages to the device, and of port 1."""
_DEVICE_READY, _PORT_READY, _PORT_OPEN = 0, 3, 6
"""Control messages."""
_PORT: Final = 1

_MEMORY: Final = 40 << 20
"""Where rings and buffers lie, far from what a guest of ours uses."""
_RING: Final = 1 << 20
_BUFFERS: Final = 1 << 16
"""Where the buffers of a ring begin, behind it."""
_PAGE: Final = 4096
_BUFFER: Final = 4096
_QUIET: Final = 1
"""No interrupts are wanted."""
_DEVICE_WRITES: Final = 2

_descriptor = Struct("<QLHH")
_control = Struct("<LHH")
_used = Struct("<LL")

_PATIENCE: Final = 10.0
_PAUSE: Final = 0.01


class _Ring:
    """A ring with one buffer a descriptor; ``receives`` says who writes into the buffers."""

    def __init__(self, machine: Qtest, registers: int, number: int, *, receives: bool) -> None:
        self._machine, self._registers, self._number = machine, registers, number
        machine.outw(registers + _SELECT, number)
        self.size = machine.inw(registers + _SIZE)
        self._place = _MEMORY + number * _RING
        self._available = self._place + _descriptor.size * self.size
        end = self._available + 6 + 2 * self.size
        self._given_back = -(-end // _PAGE) * _PAGE
        self.buffers = self._place + _BUFFERS
        flags = _DEVICE_WRITES if receives else 0
        rows = [_descriptor.pack(self.buffers + at * _BUFFER, _BUFFER, flags, 0) for at in range(self.size)]
        machine.write(self._place, b"".join(rows) + bytes(self._given_back - self._available + 6 + 8 * self.size))
        machine.outl(registers + _FRAME, self._place // _PAGE)
        self._offered = self._seen = 0

    def move(self, machine: Qtest) -> None:
        """The machine is reached by another connection."""
        self._machine = machine

    def offer(self, numbers: list[int]) -> None:
        """These buffers are the device's now."""
        for number in numbers:
            place = self._available + 4 + 2 * (self._offered % self.size)
            self._machine.write(place, number.to_bytes(2, "little"))
            self._offered += 1
        self._machine.write(self._available, _QUIET.to_bytes(2, "little") + (self._offered & 0xFFFF).to_bytes(2, "little"))
        self._machine.outw(self._registers + _NOTIFY, self._number)

    def taken(self) -> list[tuple[int, int]]:
        """Buffers that the device is done with, and how many bytes it has put there."""
        count = self._machine.readw(self._given_back + 2) - self._seen & 0xFFFF
        if not count:
            return []
        rows = self._machine.read(self._given_back + 4, _used.size * self.size)
        found = [_used.unpack_from(rows, (self._seen + at) % self.size * _used.size) for at in range(count)]
        self._seen += count
        return found

    def resize(self, number: int, size: int) -> None:
        """How many bytes of a buffer count."""
        self._machine.writel(self._place + number * _descriptor.size + 8, size)


class VirtioSerial:
    """The driver of one port, which is open from the beginning. All methods raise OSError if the machine is gone.

    ``paused`` stops the machine for a while: the registers through which cards are found are the guest's, too.
    """

    def __init__(self, machine: Qtest, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self._machine = machine
        registers = self._registers = Pci(machine, paused).ports(_VENDOR_AND_DEVICE, _BASE)
        machine.outb(registers + _STATUS, 0)
        machine.outb(registers + _STATUS, _KNOWN | _DRIVER)
        machine.outl(registers + _FEATURES, _MULTIPORT)
        self._control = _Ring(machine, registers, _CONTROL_SENT, receives=False)
        self._received = _Ring(machine, registers, _RECEIVED, receives=True)
        self._sent = _Ring(machine, registers, _SENT, receives=False)
        self._free = list(range(self._sent.size))
        machine.outb(registers + _STATUS, _KNOWN | _DRIVER | _READY)
        self._received.offer(list(range(self._received.size)))
        self._say(_DEVICE_READY, 1)
        self._say(_PORT_READY, 1)
        self._say(_PORT_OPEN, 1)

    def move(self, machine: Qtest) -> None:
        """The machine has gone elsewhere, with its memory and its registers: it is reached by another connection."""
        self._machine = machine
        for ring in (self._control, self._received, self._sent):
            ring.move(machine)

    def open(self, is_open: bool) -> None:
        """The guest's program opens the port, or closes it."""
        self._say(_PORT_OPEN, int(is_open))

    def read(self) -> bytes:
        """The bytes that have come; b"" for none."""
        taken = self._received.taken()
        if not taken:
            return b""
        found = [self._machine.read(self._received.buffers + number * _BUFFER, size) for number, size in taken]
        self._received.offer([number for number, _ in taken])
        return b"".join(found)

    def write(self, data: bytes) -> None:
        """Bytes for the other end; waits while the device has no room. Raises TimeoutError if it never has."""
        for at in range(0, len(data), _BUFFER):
            part = data[at : at + _BUFFER]
            number = self._free_buffer()
            self._machine.write(self._sent.buffers + number * _BUFFER, part)
            self._sent.resize(number, len(part))
            self._sent.offer([number])

    def _free_buffer(self) -> int:
        deadline = time.monotonic() + _PATIENCE
        while not self._free:
            self._free = [number for number, _ in self._sent.taken()]
            if not self._free and time.monotonic() > deadline:
                raise TimeoutError("nobody reads what the guest writes")
        return self._free.pop()

    def _say(self, event: int, value: int) -> None:
        self._machine.write(self._control.buffers, _control.pack(_PORT, event, value))
        self._control.resize(0, _control.size)
        self._control.offer([0])
        deadline = time.monotonic() + _PATIENCE
        while not self._control.taken():
            if time.monotonic() > deadline:
                raise TimeoutError("the device takes no control message")
