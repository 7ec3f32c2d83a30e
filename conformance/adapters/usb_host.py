"""A driver of QEMU's UHCI controller, played from outside: it moves what a driver in the guest would.

Enough for one device at full speed in the first port that has one: reset, address, configuration, control and bulk transfers.
Intel's *Universal Host Controller Interface* (1996) has the registers and what lies in memory: each frame of a list names the
same queue, which has one transfer at a time.
"""

from __future__ import annotations

import time
from typing import Final

from conformance.adapters.pci import Pci

__all__ = ["DEVICE", "UsbHost"]

DEVICE: Final = "ich9-usb-uhci1"
"""Its name at QEMU."""

_VENDOR_AND_DEVICE: Final = 0x29348086
_BASE: Final = 0x20
"""Register of the configuration that says where the ports are."""

_COMMAND, _STATUS, _FRAME, _FRAME_LIST, _FIRST_PORT = 0, 2, 6, 8, 16
_RUN, _RESET, _CONFIGURED = 1, 2, 0x40
_CONNECTED, _CHANGED, _ENABLED, _PORT_RESET = 1, 0xA, 4, 0x200
_USB_PORTS: Final = 2

_MEMORY: Final = 40 << 20
"""Where lists, transfers and their bytes lie, far from what a guest of ours uses."""
_QUEUE: Final = _MEMORY + 0x1000
_TRANSFERS: Final = _MEMORY + 0x2000
_BYTES: Final = _MEMORY + 0x100000

_FRAMES: Final = 1024
_LAST, _IS_QUEUE, _DEPTH_FIRST = 1, 2, 4
_ACTIVE, _FAILED, _RETRIES = 1 << 23, 0x7E << 16 & ~(1 << 19), 3 << 27
"""Bits of the state of a transfer; that a device has nothing to say yet is no failure."""

_SETUP, _IN, _OUT = 0x2D, 0x69, 0xE1
_PACKET: Final = 64
_ADDRESS: Final = 1
_SET_ADDRESS, _SET_CONFIGURATION = 5, 9

_PATIENCE: Final = 5.0
_PAUSE: Final = 0.005


class UsbHost:
    """A controller that was found; ``machine`` is the connection to its machine for the moment.

    Raises OSError where the machine is gone or the device does not answer.
    """

    def __init__(self, pci: Pci) -> None:
        self.machine = pci.machine
        self._base = pci.ports(_VENDOR_AND_DEVICE, _BASE)
        self._toggles: dict[tuple[int, int], int] = {}
        self._address = 0

    def start(self) -> None:
        """Take the controller over, and set the device up."""
        machine, base = self.machine, self._base
        machine.outw(base + _COMMAND, _RESET)
        time.sleep(_PAUSE)
        machine.outw(base + _COMMAND, 0)
        machine.write(_QUEUE, _words(_LAST, _LAST))
        machine.write(_MEMORY, _words(_QUEUE | _IS_QUEUE) * _FRAMES)
        machine.outl(base + _FRAME_LIST, _MEMORY)
        machine.outw(base + _FRAME, 0)
        machine.outw(base + _COMMAND, _RUN | _CONFIGURED)
        for port in range(_USB_PORTS):
            place = base + _FIRST_PORT + 2 * port
            if machine.inw(place) & _CONNECTED:
                break
        else:
            raise ConnectionError("no USB device is there")
        machine.outw(place, _PORT_RESET)
        time.sleep(_PAUSE)
        machine.outw(place, 0)
        machine.outw(place, _ENABLED | _CHANGED)
        self._address = 0
        self._toggles.clear()
        self.control(0, _SET_ADDRESS, _ADDRESS)
        self._address = _ADDRESS
        self.control(0, _SET_CONFIGURATION, 1)

    def control(self, kind: int, request: int, value: int) -> None:
        """A control transfer without data."""
        setup = bytes([kind, request]) + value.to_bytes(2, "little") + bytes(4)
        self.machine.write(_BYTES, setup)
        self._transfer([self._token(_SETUP, 0, 0, len(setup)), self._token(_IN, 0, 1, 0)], [_BYTES, 0])

    def send(self, endpoint: int, data: bytes) -> None:
        """Bytes for a bulk endpoint; its last packet is a short one."""
        self.machine.write(_BYTES, data)
        starts = range(0, len(data) + 1, _PACKET)
        tokens = [self._token(_OUT, endpoint, self._toggle(_OUT, endpoint), min(len(data) - at, _PACKET)) for at in starts]
        self._transfer(tokens, [_BYTES + at for at in starts])

    def receive(self, endpoint: int, within: float = _PATIENCE) -> bytes:
        """One packet of a bulk endpoint, once the device has one. Raises TimeoutError if it has none within so many seconds."""
        toggle = self._toggles.get((_IN, endpoint), 0)
        size = self._transfer([self._token(_IN, endpoint, toggle, _PACKET)], [_BYTES], within)
        self._toggles[_IN, endpoint] = toggle ^ 1
        return self.machine.read(_BYTES, size) if size else b""

    def _toggle(self, kind: int, endpoint: int) -> int:
        found = self._toggles.get((kind, endpoint), 0)
        self._toggles[kind, endpoint] = found ^ 1
        return found

    def _token(self, kind: int, endpoint: int, toggle: int, size: int) -> int:
        return kind | self._address << 8 | endpoint << 15 | toggle << 19 | (size - 1 & 0x7FF) << 21

    def _transfer(self, tokens: list[int], places: list[int], within: float = _PATIENCE) -> int:
        """Have these done, one behind the other; bytes that the last one moved."""
        machine = self.machine
        size = 32
        ends = [_TRANSFERS + size * number for number in range(len(tokens))]
        links = [place | _DEPTH_FIRST for place in ends[1:]] + [_LAST]
        data = b"".join(
            [
                _words(link, _ACTIVE | _RETRIES, token, place) + bytes(size - 16)
                for link, token, place in zip(links, tokens, places, strict=True)
            ]
        )
        machine.write(_TRANSFERS, data)
        machine.writel(_QUEUE + 4, ends[0])
        deadline = time.monotonic() + within
        try:
            while (state := self._state(ends)) & _ACTIVE:
                if time.monotonic() > deadline:
                    raise TimeoutError("a USB device does not answer")
                time.sleep(_PAUSE)
        finally:
            machine.writel(_QUEUE + 4, _LAST)
        if state & _FAILED:
            raise ConnectionError(f"a USB transfer failed: {state:#x}")
        return (state + 1) & 0x7FF

    def _state(self, ends: list[int]) -> int:
        """Of the first that failed, or the last."""
        last = int.from_bytes(self.machine.read(ends[-1] + 4, 4), "little")
        if last & _ACTIVE and len(ends) > 1:
            for place in ends:
                state = int.from_bytes(self.machine.read(place + 4, 4), "little")
                if not state & _ACTIVE and state & _FAILED:
                    return state
                if state & _ACTIVE:
                    break
        return last


def _words(*numbers: int) -> bytes:
    return b"".join([number.to_bytes(4, "little") for number in numbers])
