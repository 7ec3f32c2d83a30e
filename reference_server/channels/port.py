"""Port and webdav channels: a serial line of the guest that has a name."""

from __future__ import annotations

from typing import ClassVar, Final

from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.guest import PortMoved, Written
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from spiceproto import byte_channel
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import port, spicevmc

__all__ = ["NamedPort", "PortChannel", "WebdavChannel"]


_LARGE: Final = 1 << 14
"""Bytes of the last message, from which on the next ones are thought to be large too."""


class NamedPort(ServerChannel):
    """``port`` is the guest's."""

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.port = host.guest.ports[line.key]
        self._large = False
        self.lz4 = self.client_has(SpicevmcCapability.DATA_COMPRESS_LZ4)

    def start(self, now: float) -> None:
        self.send(self.init())
        self.watch(self.port, self._written, Written)
        self.watch(self.port, self._moved, PortMoved)
        self.port.attach(self._room)

    def end(self, now: float) -> None:
        super().end(now)
        self.port.detach(self._room)

    def init(self) -> port.Init:
        """Which port it is (SPICE-VMC-010)."""
        return port.Init(self.port.name.encode() + b"\0", int(self.port.opened))

    def ready(self) -> None:
        self.port.has_room()

    @property
    def full(self) -> bool:
        return self.port.full

    @property
    def few_messages(self) -> bool:
        """So small ones, of which 256 KiB take most of a second, hold up nobody."""
        return self._large

    def _room(self) -> bool:
        return self.line.free

    # -- what the guest does

    def _written(self, news: Written) -> None:
        self.write(news.data)

    def write(self, data: bytes) -> None:
        """Bytes of the guest."""
        self.send(*byte_channel.pieces(data, lz4=self.lz4))

    def _moved(self, news: PortMoved) -> None:
        self.move(news.event)

    def move(self, event: PortEvent) -> None:
        """The guest has opened or closed the port, or sent a break."""
        self.send(port.Event(event))

    # -- what the client says

    def _data(self, value: spicevmc.Data, now: float) -> None:
        self.hear(bytes(value.data))

    def _compressed(self, value: spicevmc.CompressedData, now: float) -> None:
        try:
            data = byte_channel.unpack(value)
        except (RemoteError, MissingExtraError) as error:  # the stream has a hole from here on
            self.line.drop(f"COMPRESSED_DATA: {error}")
            return
        self.hear(data)

    def hear(self, data: bytes) -> None:
        """Bytes of the client."""
        self._large = len(data) >= _LARGE
        self.port.receive(data)

    def _event(self, value: port.Event, now: float) -> None:
        self.port.say(value.event)

    handlers: ClassVar[Handlers] = {
        spicevmc.Data: Handler(_data),
        spicevmc.CompressedData: Handler(_compressed),
        port.Event: Handler(_event),
    }


class PortChannel(NamedPort):
    """A port behind which anything may be."""


class WebdavChannel(NamedPort):
    """The port behind which a program of the guest browses a folder of the client."""
