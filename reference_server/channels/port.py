"""Port and webdav channels: a serial line of the guest that has a name."""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar, Final

from reference_server.channels import moving
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
from spiceproto.messages import migration, port, spicevmc
from spiceproto.mux import multiplex

__all__ = ["NamedPort", "PortChannel", "WebdavChannel"]


_UNREAD: Final = 16 << 20
"""Bytes for a guest that has left."""

_LARGE: Final = 1 << 14
"""Bytes of the last message, from which on the next ones are thought to be large too."""


class NamedPort(ServerChannel):
    """``port`` is the guest's."""

    carried = migration.Spicevmc

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.port = host.guest.ports[line.key]
        self._large = False
        self._unread = bytearray()
        self._early: list[Written | PortMoved] = []
        self._opened: bool | None = None
        self.lz4 = self.client_has(SpicevmcCapability.DATA_COMPRESS_LZ4)

    def start(self, now: float) -> None:
        self.send(self.init())
        self.watch(self.port, self._written, Written)
        self.watch(self.port, self._moved, PortMoved)
        self.port.attach(self._room)

    # -- migration

    def late(self, value: Any, now: float) -> None:
        """Bytes for a guest that is elsewhere go there; what they were compressed with is not."""
        if isinstance(value, spicevmc.Data | spicevmc.CompressedData):
            with contextlib.suppress(RemoteError, MissingExtraError):
                self._unread += byte_channel.unpack(value)
            if len(self._unread) > _UNREAD:
                self.line.drop("the client writes, and does not hear that the guest is elsewhere")

    def pack(self, now: float) -> migration.Spicevmc:
        base = moving.device(connected=self.port.opened, unread=bytes(self._unread))
        return migration.Spicevmc(header=moving.header(migration.Spicevmc), base=base)

    def guest_came(self) -> None:
        self._early = []
        self._opened = self.port.opened
        self.watch_early(self.port, self._happens_early, Written, PortMoved)

    def _happens_early(self, news: Written | PortMoved) -> None:
        self._early.append(news)
        if sum([len(one.data) for one in self._early if isinstance(one, Written)]) > _UNREAD:
            self.line.drop("the guest writes, and the client does not come")

    def go_on(self, data: migration.Spicevmc, now: float) -> None:
        """The first message of a link is INIT, at a destination too (SPICE-VMC-010): as the port was when the guest came, and
        behind it what has happened since.
        """
        self.start(now)
        self._opened = None
        for news in self._early:
            if isinstance(news, Written):
                self.write(news.data)
            else:
                self.move(news.event)
        self._early = []
        self.port.receive(data.base.write_data_ptr or b"")

    def end(self, now: float) -> None:
        super().end(now)
        self.port.detach(self._room)

    def init(self) -> port.Init:
        """Which port it is (SPICE-VMC-010)."""
        opened = self.port.opened if self._opened is None else self._opened
        return port.Init(self.port.name.encode() + b"\0", int(opened))

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
    """The port behind which a program of the guest browses a folder of the client. Connections do not go along to another
    server: there the client is told that they are over, and their numbers do not come again.
    """

    def start(self, now: float) -> None:
        super().start(now)
        self.port.left = ()

    def go_on(self, data: migration.Spicevmc, now: float) -> None:
        left = self.port.left
        super().go_on(data, now)
        for number in left:
            self.write(multiplex(number, b""))
