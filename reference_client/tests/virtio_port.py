"""A port of QEMU's virtio-serial device whose driver is played through QEMU's test protocol, so that no guest is needed.

Virtual I/O Device (VIRTIO) 1.0, 5.3, over its legacy interface. All that the driver has written lies in the memory of the
machine, and goes with it where it migrates; what it knows itself goes on with another connection.
"""

from __future__ import annotations

import socket
import time
from base64 import b64decode, b64encode
from pathlib import Path
from struct import Struct
from typing import Final

from spiceproto.tests.peers import PATIENCE

__all__ = ["DEVICES", "Port"]

_SLOT: Final = 9
DEVICES: Final = (
    "-device",
    f"virtio-serial-pci,id=ports,addr={_SLOT},disable-modern=on,max_ports=2",
    "-device",
    "virtserialport,bus=ports.0,nr=1,chardev=vd,name=com.redhat.spice.0",
)
"""What QEMU is started with, beside a chardev with the id ``vd``."""

_FEATURES, _FRAME, _SIZE, _SELECT, _NOTIFY, _STATUS = 4, 8, 12, 14, 16, 18
_MULTIPORT: Final = 1 << 1
_CONTROL, _RECEIVED, _SENT = 3, 4, 5
_DEVICE_READY, _PORT_READY, _PORT_OPEN = 0, 3, 6
_MEMORY, _RING, _BUFFERS, _BUFFER, _PAGE = 40 << 20, 1 << 20, 1 << 16, 4096, 4096

_descriptor, _control, _used = Struct("<QLHH"), Struct("<LHH"), Struct("<LL")


class _Ring:
    """``size`` buffers, each with a descriptor of its own."""

    def __init__(self, port: Port, number: int, *, receives: bool) -> None:
        self._port, self._number = port, number
        port.ask(f"outw {port.base + _SELECT:#x} {number}")
        self.size = port.ask(f"inw {port.base + _SIZE:#x}")
        self._place = _MEMORY + number * _RING
        self._available = self._place + 16 * self.size
        self._back = -(-(self._available + 6 + 2 * self.size) // _PAGE) * _PAGE
        self.buffers = self._place + _BUFFERS
        rows = [_descriptor.pack(self.buffers + at * _BUFFER, _BUFFER, 2 * receives, 0) for at in range(self.size)]
        port.put(self._place, b"".join(rows) + bytes(self._back - self._available + 6 + 8 * self.size))
        port.ask(f"outl {port.base + _FRAME:#x} {self._place // _PAGE:#x}")
        self._offered = self._seen = 0

    def offer(self, number: int, size: int = _BUFFER) -> None:
        """This buffer, of which so many bytes count, is the device's now."""
        self._port.ask(f"writel {self._place + 16 * number + 8:#x} {size}")
        self._port.put(self._available + 4 + 2 * (self._offered % self.size), number.to_bytes(2, "little"))
        self._offered += 1
        self._port.put(self._available, b"\1\0" + (self._offered & 0xFFFF).to_bytes(2, "little"))
        self._port.ask(f"outw {self._port.base + _NOTIFY:#x} {self._number}")

    def taken(self) -> list[tuple[int, int]]:
        """Buffers that the device is done with, and how many bytes it has put there."""
        found = []
        while self._seen != int.from_bytes(self._port.get(self._back + 2, 2), "little"):
            place = self._back + 4 + 8 * (self._seen % self.size)
            found.append(_used.unpack(self._port.get(place, 8)))
            self._seen = self._seen + 1 & 0xFFFF
        return found

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.taken():
            assert time.monotonic() < deadline, "the device takes nothing"


class Port:
    """A port that is open from the beginning. Raises OSError where the machine is gone."""

    def __init__(self, path: Path) -> None:
        self.connect(path)
        self.ask(f"outl 0xcf8 {1 << 31 | _SLOT << 11 | 4:#x}")
        self.ask(f"outl 0xcfc {self.ask('inl 0xcfc') & 0xFFFF | 5:#x}")
        self.ask(f"outl 0xcf8 {1 << 31 | _SLOT << 11 | 0x10:#x}")
        self.base = self.ask("inl 0xcfc") & ~3
        self.ask(f"outb {self.base + _STATUS:#x} 0")
        self.ask(f"outb {self.base + _STATUS:#x} 3")
        self.ask(f"outl {self.base + _FEATURES:#x} {_MULTIPORT}")
        self._control = _Ring(self, _CONTROL, receives=False)
        self._received = _Ring(self, _RECEIVED, receives=True)
        self._sent = _Ring(self, _SENT, receives=False)
        self.ask(f"outb {self.base + _STATUS:#x} 7")
        for number in range(self._received.size):
            self._received.offer(number)
        for event in (_DEVICE_READY, _PORT_READY, _PORT_OPEN):
            self.put(self._control.buffers, _control.pack(1, event, 1))
            self._control.offer(0, _control.size)
            self._control.wait()

    # -- the machine

    def connect(self, path: Path) -> None:
        """To the machine that has the port, now."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rwb")

    def close(self) -> None:
        """Leave the machine, and the port open."""
        self._lines.close()
        self._socket.close()

    def _answer(self, command: str) -> bytes:
        self._lines.write(command.encode() + b"\n")
        self._lines.flush()
        while (answer := self._lines.readline().split()) and answer[0] == b"IRQ":
            pass
        if not answer or answer[0] != b"OK":
            raise ConnectionError(command)
        return answer[1] if len(answer) > 1 else b"0"

    def ask(self, command: str) -> int:
        return int(self._answer(command), 0)

    def put(self, address: int, data: bytes) -> None:
        self._answer(f"b64write {address:#x} {len(data):#x} {b64encode(data).decode()}")

    def get(self, address: int, size: int) -> bytes:
        return b64decode(self._answer(f"b64read {address:#x} {size:#x}"))

    # -- bytes

    def read(self) -> bytes:
        """What has come; b"" for nothing."""
        found = b""
        for number, size in self._received.taken():
            found += self.get(self._received.buffers + number * _BUFFER, size)
            self._received.offer(number)
        return found

    def write(self, data: bytes) -> None:
        """Bytes for the other end."""
        for at in range(0, len(data), _BUFFER):
            part = data[at : at + _BUFFER]
            self.put(self._sent.buffers, part)
            self._sent.offer(0, len(part))
            self._sent.wait()
