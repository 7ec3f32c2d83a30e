"""A guest agent that is played: behind a serial line of QEMU, whose other end is libspice-server's agent port.

A serial line is open from the beginning, so an agent is connected as soon as the machine is there. It takes whatever it is
sent, and says what it can do when it is asked.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Final

from conformance.adapters.qtest import Qtest
from spiceproto import dispatch
from spiceproto.agent import chunks
from spiceproto.agent.device import DeviceReader, wrap
from spiceproto.enums.agent import AgentCapability, AgentMessageType, AgentPort
from spiceproto.errors import RemoteError
from spiceproto.messages.agent import AnnounceCapabilities

__all__ = ["DEVICE", "PlayedAgent"]

DEVICE: Final = "isa-serial,index=2"

_DATA: Final = 0x3E8
_FIFO, _STATUS = _DATA + 2, _DATA + 5
_ENABLE, _READY = 1, 1
_PAUSE: Final = 0.01
_CAN: Final = 1 << AgentCapability.MONITORS_CONFIG | 1 << AgentCapability.REPLY | 1 << AgentCapability.CLIPBOARD_BY_DEMAND


class PlayedAgent:
    """Plays until :meth:`close`; ``machine`` is its own connection."""

    def __init__(self, machine: Qtest) -> None:
        self._machine = machine
        self._device = DeviceReader()
        self._over = threading.Event()
        machine.outb(_FIFO, _ENABLE)
        self._thread = threading.Thread(target=self._play, name="played agent", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """The end of the play."""
        self._over.set()
        self._thread.join()
        self._machine.close()

    def _play(self) -> None:
        with suppress(OSError, RemoteError):  # the machine is gone, or nobody can follow what it says
            while not self._over.wait(_PAUSE):
                while self._machine.inb(_STATUS) & _READY:
                    self._take(bytes([self._machine.inb(_DATA)]))

    def _take(self, data: bytes) -> None:
        for port, kind, _, content in self._device.receive(data):
            asked = kind == AgentMessageType.ANNOUNCE_CAPABILITIES and content[:1] == b"\1"
            if port == AgentPort.CLIENT_PORT and asked:
                self._announce()

    def _announce(self) -> None:
        _, body = dispatch.build("agent", "server", AnnounceCapabilities(0, (_CAN,)))
        for piece in chunks(AgentMessageType.ANNOUNCE_CAPABILITIES, body):
            for byte in wrap(AgentPort.CLIENT_PORT, piece):
                self._machine.outb(_DATA, byte)
