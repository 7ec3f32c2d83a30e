"""QEMU's test protocol: reads and writes of ports and memory, as a driver in the guest would do them, while the guest runs."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final

from conformance.adapters.qemu_lines import QemuLines

__all__ = ["Qtest"]

_AT_ONCE: Final = 1 << 14
"""Bytes of one command."""


class Qtest(QemuLines):
    """A connection to QEMU. All methods raise OSError if it is gone, silent, or refuses."""

    def _ask(self, command: str) -> int:
        found = self._answer(command)
        return int(found, 0) if found else 0

    def _answer(self, command: str) -> bytes:
        """What stands behind OK; b"" for nothing."""
        self._say(command.encode())
        while True:
            words = self._hear().split()
            if words[0] == b"OK":
                return words[1] if len(words) > 1 else b""
            if words[0] != b"IRQ":
                raise ConnectionError(f"QEMU refuses {command}: {b' '.join(words).decode('ascii', 'replace')}")

    # -- ports and memory: b for 8 bits, w for 16, l for 32

    def inb(self, port: int) -> int:
        """A byte from a port."""
        return self._ask(f"inb {port:#x}")

    def outb(self, port: int, value: int) -> None:
        """A byte to a port."""
        self._ask(f"outb {port:#x} {value:#x}")

    def inw(self, port: int) -> int:
        """A word of 16 bits from a port."""
        return self._ask(f"inw {port:#x}")

    def outw(self, port: int, value: int) -> None:
        """A word of 16 bits to a port."""
        self._ask(f"outw {port:#x} {value:#x}")

    def inl(self, port: int) -> int:
        """A word of 32 bits from a port."""
        return self._ask(f"inl {port:#x}")

    def outl(self, port: int, value: int) -> None:
        """A word of 32 bits to a port."""
        self._ask(f"outl {port:#x} {value:#x}")

    def readw(self, address: int) -> int:
        """A word of 16 bits from memory."""
        return self._ask(f"readw {address:#x}")

    def writel(self, address: int, value: int) -> None:
        """A word of 32 bits into memory."""
        self._ask(f"writel {address:#x} {value:#x}")

    def write(self, address: int, data: bytes) -> None:
        """Bytes into memory."""
        for place in range(0, len(data), _AT_ONCE):
            part = data[place : place + _AT_ONCE]
            self._answer(f"b64write {address + place:#x} {len(part):#x} {b64encode(part).decode()}")

    def read(self, address: int, size: int) -> bytes:
        """Bytes from memory."""
        parts = [(place, min(size - place, _AT_ONCE)) for place in range(0, size, _AT_ONCE)]
        return b"".join([b64decode(self._answer(f"b64read {address + place:#x} {length:#x}")) for place, length in parts])
