"""Where QEMU's firmware has put the registers of a card on the PCI bus, as a driver would look for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from conformance.adapters.qtest import Qtest

__all__ = ["Pci"]

_SLOTS: Final = 32
_CONFIG_ADDRESS, _CONFIG_DATA = 0xCF8, 0xCFC
_ENABLE: Final = 0x80000000
_COMMAND: Final = 4
_PORTS, _MASTER = 1, 4
_LAST_PORT: Final = 0xFFFF
_PATIENCE: Final = 10.0
_PAUSE: Final = 0.01


class Pci:
    """The bus of a machine; ``machine`` is the connection to it.

    ``paused`` stops the machine for a while: the registers through which cards are found are the guest's, too.
    """

    def __init__(self, machine: Qtest, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self.machine = machine
        self._paused = paused

    def ports(self, card: int, register: int) -> int:
        """Wait until the firmware has set a card up, let it use memory, and say where its ports begin.

        ``card`` is device and vendor, ``register`` where the configuration says so. Raises OSError if that never happens.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            with self._paused():
                selected = self.machine.inl(_CONFIG_ADDRESS)
                found = self._found(card, register)
                self.machine.outl(_CONFIG_ADDRESS, selected)
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"no PCI card {card:#x} was found")
            time.sleep(_PAUSE)

    def _found(self, card: int, register: int) -> int:
        for slot in range(_SLOTS):
            command = self._read(slot, _COMMAND) if self._read(slot, 0) == card else 0
            base = self._read(slot, register) & ~3 if command & _PORTS else 0
            if 0 < base < _LAST_PORT:
                self._write(slot, _COMMAND, command | _PORTS | _MASTER)
                return base
        return 0

    def _read(self, slot: int, register: int) -> int:
        self.machine.outl(_CONFIG_ADDRESS, _ENABLE | slot << 11 | register)
        return self.machine.inl(_CONFIG_DATA)

    def _write(self, slot: int, register: int, value: int) -> None:
        self.machine.outl(_CONFIG_ADDRESS, _ENABLE | slot << 11 | register)
        self.machine.outl(_CONFIG_DATA, value)
