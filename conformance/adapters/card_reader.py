"""A driver of QEMU's USB card reader, played from outside: it asks the card that a client has put in.

*Universal Serial Bus, Device Class: Smart Card* (CCID, revision 1.1) has its messages: ten bytes of header, and data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from conformance.adapters.pci import Pci
from conformance.adapters.qtest import Qtest
from conformance.adapters.usb_host import UsbHost
from conformance.outcome import Failure

__all__ = ["DEVICES", "CardDriver", "CardReader"]

DEVICES: Final = ("usb-ccid,bus=cards.0", "ccid-card-passthru,chardev=card")
"""Their names at QEMU."""

_TO_DEVICE, _FROM_DEVICE = 3, 2
"""Endpoints."""

_POWER_ON, _SLOT_STATUS, _TRANSFER = 0x62, 0x65, 0x6F
_HEADER: Final = 10
_PACKET: Final = 64
_STATUS: Final = 7
_CARD: Final = 3
"""Bits of a status that say whether there is a card: 0 and 1 that there is."""
_WORKS: Final = 1
_FAILED: Final = 0x40
_PATIENCE: Final = 5.0
_SOON: Final = 0.05
"""Seconds in which an answer comes that is there."""
_ATTEMPTS: Final = 20
"""The firmware may set the device up once more behind us."""


class CardReader:
    """A reader behind ``host``. Raises OSError where it does not answer."""

    def __init__(self, host: UsbHost) -> None:
        self._host = host
        self._number = 0
        self._started = False

    def card(self) -> bool:
        """Whether there is a card in it."""
        return self._ask(_SLOT_STATUS)[_STATUS] & _CARD <= _WORKS

    def power_on(self) -> bytes:
        """The card's answer to reset; b"" without a card."""
        return self._data(self._ask(_POWER_ON))

    def transmit(self, command: bytes) -> bytes | None:
        """What the card says to a command; None if the command did not reach one."""
        self.send(command)
        return self.answer()

    def send(self, command: bytes) -> None:
        """A command, whose answer is fetched later."""
        self._start()
        self._say(_TRANSFER, command)

    def answer(self, within: float = _PATIENCE) -> bytes | None:
        """The answer to what was sent last. Raises TimeoutError if none comes within so many seconds."""
        found = self._hear(within)
        return None if found[_STATUS] & _FAILED else self._data(found)

    def _data(self, found: bytes) -> bytes:
        return found[_HEADER:]

    def _start(self) -> None:
        if not self._started:
            self._host.start()
            self._started = True

    def _ask(self, kind: int) -> bytes:
        for attempt in range(_ATTEMPTS):
            try:
                self._start()
                self._say(kind, b"")
                return self._hear()
            except OSError:
                self._started = False
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _say(self, kind: int, data: bytes) -> None:
        self._number = (self._number + 1) % 256
        self._host.send(_TO_DEVICE, bytes([kind]) + len(data).to_bytes(4, "little") + bytes([0, self._number, 0, 0, 0]) + data)

    def _hear(self, within: float = _PATIENCE) -> bytes:
        """The next message that answers the last one said."""
        while True:
            data = self._host.receive(_FROM_DEVICE, within)
            size = _HEADER + int.from_bytes(data[1:5], "little")
            while len(data) < size:
                data += self._host.receive(_FROM_DEVICE)
            if data[6] == self._number:
                return data


class CardDriver:
    """The driver of one machine's reader. It has the connection of drivers, at ``qtest``, for as long as it does something."""

    def __init__(self, qtest: str, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self._qtest = qtest
        self._paused = paused
        self._host: UsbHost | None = None
        self._command = b""

    @contextmanager
    def reader(self) -> Iterator[CardReader]:
        """The reader. Raises OSError where it can not be driven."""
        with Qtest(self._qtest) as machine:
            if self._host is None:
                self._host = UsbHost(Pci(machine, self._paused))
                self._reader = CardReader(self._host)
            self._host.machine = machine
            yield self._reader

    def command(self, data: bytes) -> None:
        """A command for the card. Raises OSError, and Failure without a card."""
        with self.reader() as reader:
            if not reader.card():
                raise Failure("the guest has seen the card that was put in", "it sees none")
            reader.send(data)
            self._command = data

    def events(self) -> list[dict[str, Any]]:
        """The answer to the last command, if it has come since the last call. Raises OSError."""
        if not self._command:
            return []
        with self.reader() as reader:
            try:
                answer = reader.answer(_SOON)
            except TimeoutError:
                return []
        command, self._command = self._command, b""
        return [{"event": "card-answer", "command": command.hex(), "answer": None if answer is None else answer.hex()}]
