"""A program in the guest that opens connections to the folder a client shares, each under a number of its own.

It stands behind the port of webdav, and is to HTTP what a cable is. What asks for files is somebody else: a browser on a
socket (:mod:`reference_server.webdav_listener`), or :meth:`Browser.get`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from reference_server.guest.port import Attached, Port, PortMoved, Received
from reference_server.watched import Watched
from spiceproto.mux import Demultiplexer, multiplex

__all__ = ["Answered", "Browser", "Over"]

KEPT: Final = 1 << 20
"""Bytes of answers that :meth:`Browser.get` keeps of one connection."""


class Answered(msgspec.Struct, frozen=True):
    """Bytes of a connection, from the client."""

    number: int
    data: bytes


class Over(msgspec.Struct, frozen=True):
    """A connection has ended, by the client's doing."""

    number: int


class Browser(Watched):
    """Numbers count from 1, and none comes again (SPICE-VMC-038). Tells :class:`Answered` and :class:`Over`.

    * ``port``: where its bytes go
    * ``open``: numbers of the connections that are open
    """

    def __init__(self, port: Port) -> None:
        super().__init__()
        self.port = port
        self.open = port.open
        self._parts = Demultiplexer()
        self._kept: dict[int, bytearray] = {}
        port.watch(self._received, Received)
        port.watch(self._attached, Attached)
        port.watch(self._moved, PortMoved)

    def stop(self) -> None:
        """End all connections, and listen no more."""
        for number in sorted(self.open):
            self.close(number)
        for told in (self._received, self._attached, self._moved):
            self.port.unwatch(told)

    def connect(self) -> int | None:
        """A connection; None where no client could answer."""
        if not (self.port.linked and self.port.opened):
            return None
        self.port.last += 1
        self.open.add(self.port.last)
        return self.port.last

    def send(self, number: int, data: bytes) -> None:
        """Bytes of a connection, for the client."""
        if number in self.open and data:
            self.port.write(multiplex(number, data))

    def close(self, number: int) -> None:
        """End a connection."""
        if number in self.open:
            self.open.discard(number)
            self.port.write(multiplex(number, b""))

    def get(self, path: str) -> int | None:
        """Ask for a file; what is answered is kept for :meth:`answers`."""
        number = self.connect()
        if number is not None:
            self._kept[number] = bytearray()
            self.send(number, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))
        return number

    def answers(self) -> list[tuple[int, bytes, bool]]:
        """Number, bytes and whether it is over, of each connection of :meth:`get`."""
        return [(number, bytes(data), number not in self.open) for number, data in self._kept.items()]

    def _received(self, news: Received) -> None:
        for chunk in self._parts.receive(news.data):
            number = chunk.client
            if number not in self.open:  # SPICE-VMC-039
                continue
            if chunk.data:
                kept = self._kept.get(number)
                if kept is not None and len(kept) < KEPT:
                    kept += chunk.data
                self.tell(Answered(number, bytes(chunk.data)))
            else:
                self.open.discard(number)
                self.tell(Over(number))

    def _attached(self, news: Attached) -> None:
        if not news.linked:
            self._end_all()

    def _moved(self, news: PortMoved) -> None:
        if not self.port.opened:
            self._end_all()

    def _end_all(self) -> None:
        self._parts.forget()
        while self.open:
            self.tell(Over(self.open.pop()))
