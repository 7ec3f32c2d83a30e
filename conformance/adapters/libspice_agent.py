"""The program on libspice-server once more, with a guest's agent port that is a Unix socket.

    python -m conformance.adapters.libspice_agent

Beside what :mod:`conformance.adapters.libspice_driver` knows it is asked

    agent            path of the socket to listen at

Whoever connects there has what a guest has behind its virtio port: chunks with headers, both ways. spice-vdagentd takes such a
socket for its port (``-s PATH``). An agent is there while somebody is connected, one at a time.
"""

from __future__ import annotations

import ctypes as c
import os
import socket

from conformance.adapters.libspice_driver import POINTER, READ, WRITE, Interface, Loop, Program, lib, structure

__all__ = ["AgentPort", "AgentProgram"]

Instance = structure("Instance", ("interface", POINTER), ("subtype", c.c_char_p), ("state", POINTER), ("port_name", c.c_char_p))
"""Of a character device."""

WRITABLE_IS_SAID = 1
"""The library need not ask again and again whether more can be written."""

MOST = 1 << 16
"""Bytes of the guest that wait for the library."""


class AgentPort:
    """One character device of the kind ``vdagent``, and the socket behind it."""

    def __init__(self, server: int, loop: Loop, path: str) -> None:
        self._server, self._loop = server, loop
        self._guest: socket.socket | None = None
        self._watch = 0
        self._waiting = b""
        an_int = c.c_int
        self._interface = Interface(
            b"char_device",
            1,
            3,
            [
                (None, [POINTER, an_int], lambda device, connected: None),
                (an_int, [POINTER, POINTER, an_int], self._write),
                (an_int, [POINTER, POINTER, an_int], self._read),
                (None, [POINTER, c.c_uint8], None),
                (an_int, [], None),
            ],
        )
        # The last of the record is no function: it is flags, as wide as an int.
        record = c.addressof(self._interface.record)
        last = type(self._interface.record).f4.offset
        c.c_int.from_address(record + last).value = WRITABLE_IS_SAID
        self._instance = Instance(record, b"vdagent", None, None)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self._loop.watch(self._listener.fileno(), READ, self._accept)

    def _accept(self, fd: int, event: int, opaque: int) -> None:
        guest, _ = self._listener.accept()
        if self._guest is not None:
            guest.close()
            return
        guest.setblocking(False)
        self._guest, self._waiting = guest, b""
        self._watch = self._loop.watch(guest.fileno(), READ, self._ready)
        if lib.spice_server_add_interface(POINTER(self._server), c.byref(self._instance)):
            raise OSError("the library does not take an agent")

    def _ready(self, fd: int, event: int, opaque: int) -> None:
        """The guest has written, or can be written to."""
        assert self._guest is not None
        if event & READ:
            try:
                data = self._guest.recv(MOST - len(self._waiting))
            except BlockingIOError:
                data = None
            except OSError:
                data = b""
            if data == b"":
                self._gone()
                return
            self._waiting += data or b""
        self._want(writing=False)
        lib.spice_server_char_device_wakeup(c.byref(self._instance))

    def _want(self, *, writing: bool) -> None:
        self._loop.mask(self._watch, (READ if len(self._waiting) < MOST else 0) | (WRITE if writing else 0))

    def _gone(self) -> None:
        assert self._guest is not None
        self._loop.unwatch(self._watch)
        lib.spice_server_remove_interface(c.byref(self._instance))
        self._guest.close()
        self._guest = None

    def _write(self, device: int, data: int, size: int) -> int:
        if self._guest is None:
            return size
        try:
            sent = self._guest.send(c.string_at(data, size))
        except BlockingIOError:
            sent = 0
        except OSError:
            return size  # the guest is gone, and is read until its end
        if sent < size:
            self._want(writing=True)
        return sent

    def _read(self, device: int, place: int, size: int) -> int:
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        c.memmove(place, data, len(data))
        if data and self._guest is not None:
            self._want(writing=False)
        return len(data)


class AgentProgram(Program):
    """The server with an agent port, once it is asked for."""

    def agent(self, path: str) -> None:
        if os.path.exists(path):
            os.unlink(path)
        self._port = AgentPort(self.server, self.loop, path)


if __name__ == "__main__":
    AgentProgram().run()
