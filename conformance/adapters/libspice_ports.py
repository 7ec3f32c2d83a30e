"""The program on libspice-server with ports: three devices of the guest, two of them to write into and to read from.

    port_open        port, opened      the guest opens the device, or closes it
    port_write       port, data        bytes as hexadecimal digits
    port_break       port
    port_read        port              data, and what clients have said: events

What :mod:`conformance.adapters.libspice_driver` is asked, this is asked too.
"""

from __future__ import annotations

import ctypes as c
from typing import Any

from conformance.adapters.libspice_driver import POINTER, Interface, Program, lib, structure

NAMES = (b"org.spice-space.suite.0", b"org.spice-space.suite.1", b"org.spice-space.webdav.0")
EVENTS = {0: "opened", 1: "closed", 2: "break"}
OPENED, CLOSED, BREAK = 0, 1, 2

Device = structure("Device", ("interface", POINTER), ("subtype", c.c_char_p), ("state", POINTER), ("name", c.c_char_p))


class Port:
    """One device. ``read`` is what clients have sent, ``events`` what they have said."""

    def __init__(self, server: int, name: bytes) -> None:
        self.read = bytearray()
        self.events: list[str] = []
        self._waiting = bytearray()
        self._opened = False
        buffer = c.POINTER(c.c_uint8)
        self._interface = Interface(
            b"char_device",
            1,
            3,
            [
                (None, [POINTER, c.c_int], lambda it, connected: None),
                (c.c_int, [POINTER, buffer, c.c_int], self._take),
                (c.c_int, [POINTER, buffer, c.c_int], self._give),
                (None, [POINTER, c.c_uint8], lambda it, event: self.events.append(EVENTS.get(event, str(event)))),
                (None, [], None),  # the flags, none of which is set
            ],
        )
        self._device = Device(c.addressof(self._interface.record), b"port", None, name)
        if lib.spice_server_add_interface(POINTER(server), c.byref(self._device)):
            raise OSError("the library does not take a port")

    def _take(self, instance: int, data: Any, size: int) -> int:
        self.read += c.string_at(data, size)
        return size

    def _give(self, instance: int, data: Any, room: int) -> int:
        piece = bytes(self._waiting[:room])
        del self._waiting[:room]
        c.memmove(data, piece, len(piece))
        return len(piece)

    def write(self, data: bytes) -> None:
        """Bytes for clients."""
        self._waiting += data
        lib.spice_server_char_device_wakeup(c.byref(self._device))

    def set_open(self, opened: bool) -> None:
        """The guest opens it, or closes it; the library hands on whatever it is told."""
        if opened != self._opened:
            self._opened = opened
            self.say(OPENED if opened else CLOSED)

    def say(self, event: int) -> None:
        """The guest opens it, closes it, or sends a break."""
        lib.spice_server_port_event(c.byref(self._device), c.c_uint8(event))


class ProgramWithPorts(Program):
    """The program, and its ports."""

    def start(self, port: int, tls_port: int = 0, folder: str = "", password: str = "") -> None:
        super().start(port, tls_port, folder, password)
        self.ports = [Port(self.server, name) for name in NAMES]
        for device in self.ports:
            device.set_open(True)

    def port_open(self, opened: bool, port: int) -> None:
        self.ports[port].set_open(opened)

    def port_write(self, data: str, port: int) -> None:
        self.ports[port].write(bytes.fromhex(data))

    def port_break(self, port: int) -> None:
        self.ports[port].say(BREAK)

    def port_read(self, port: int) -> dict[str, Any]:
        device = self.ports[port]
        found = {"data": device.read.hex(), "events": device.events}
        device.read, device.events = bytearray(), []
        return found


if __name__ == "__main__":
    ProgramWithPorts().run()
