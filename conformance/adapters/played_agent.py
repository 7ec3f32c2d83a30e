"""A guest agent that is played: behind a line of QEMU, whose other end is libspice-server's agent port.

A serial line is open from the beginning, so an agent is connected as soon as the machine is there. That is too early for the
destination of a migration: libspice-server 0.15.1 ends where an agent is connected before the client has brought its data. So
there a port of virtio-serial is played, which a guest opens. The agent takes whatever it is sent, and says what it can do when
it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Final, Protocol

from conformance.adapters import virtio_serial
from conformance.adapters.qtest import Qtest
from conformance.adapters.virtio_serial import VirtioSerial
from spiceproto import dispatch
from spiceproto.agent import chunks
from spiceproto.agent.device import DeviceReader, wrap
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import AnnounceCapabilities

__all__ = ["PlayedAgent", "devices"]

_CHARDEV: Final = "agent"
_NAME: Final = "com.redhat.spice.0"

_DATA: Final = 0x3E8
_FIFO, _STATUS = _DATA + 2, _DATA + 5
_ENABLE, _READY = 1, 1
_PAUSE: Final = 0.01
_CAN: Final = 1 << AgentCapability.MONITORS_CONFIG | 1 << AgentCapability.REPLY | 1 << AgentCapability.CLIPBOARD_BY_DEMAND


def devices(*, moves: bool) -> list[str]:
    """What QEMU is started with; ``moves``: for a guest that may go elsewhere."""
    found = ["-chardev", f"spicevmc,id={_CHARDEV},name=vdagent"]
    return found + (virtio_serial.devices(_CHARDEV, _NAME) if moves else ["-device", f"isa-serial,index=2,chardev={_CHARDEV}"])


class _Port(Protocol):
    """What an agent reads from and writes to."""

    def read(self) -> bytes:
        """The bytes that have come."""

    def write(self, data: bytes) -> None:
        """Bytes for clients."""

    def move(self, machine: Qtest) -> None:
        """The machine is elsewhere from now on."""


class _SerialLine:
    """A UART."""

    def __init__(self, machine: Qtest) -> None:
        self._machine = machine
        machine.outb(_FIFO, _ENABLE)

    def read(self) -> bytes:
        found = bytearray()
        while self._machine.inb(_STATUS) & _READY:
            found.append(self._machine.inb(_DATA))
        return bytes(found)

    def write(self, data: bytes) -> None:
        for byte in data:
            self._machine.outb(_DATA, byte)

    def move(self, machine: Qtest) -> None:
        self._machine = machine


class PlayedAgent:
    """Plays until :meth:`close`; ``machine`` is its own connection.

    ``paused`` stops the machine for a while, and is given where the guest may go elsewhere.
    """

    def __init__(self, machine: Qtest, paused: Callable[[], AbstractContextManager[None]] | None = None) -> None:
        self._machine = machine
        self._device = DeviceReader()
        self._port: _Port = _SerialLine(machine) if paused is None else VirtioSerial(machine, paused)
        self._begin()

    def _begin(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._play, name="played agent", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """It is not heard for a while: its machine goes elsewhere."""
        self._over.set()
        self._thread.join()

    def go_on(self, machine: Qtest) -> None:
        """It plays on where it was, in the same machine at another place; what it has read a part of it knows."""
        self._machine.close()
        self._machine = machine
        self._port.move(machine)
        self._begin()

    def close(self) -> None:
        """The end of the play."""
        self._over.set()
        self._thread.join()
        self._machine.close()

    def _play(self) -> None:
        with suppress(OSError, RemoteError):  # the machine is gone, or nobody can follow what it says
            while not self._over.wait(_PAUSE):
                while data := self._port.read():
                    self._take(data)

    def _take(self, data: bytes) -> None:
        for port, kind, _, content in self._device.receive(data):
            asked = kind == AgentMessageType.ANNOUNCE_CAPABILITIES and content[:1] == b"\1"
            if port == AgentPort.CLIENT_PORT and asked:
                self._announce()

    def _announce(self) -> None:
        _, body = dispatch.build("agent", "server", AnnounceCapabilities(0, (_CAN,)))
        for piece in chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, body):
            self._port.write(wrap(AgentPort.CLIENT_PORT, piece))
