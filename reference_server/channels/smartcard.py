"""The smartcard channel: card readers of a client, each behind a reader of the guest (spec/18-smartcard.md).

The server gives a reader that is added the first free one of the guest's, and its number as id. Each reader of the guest knows
itself alone: the id of what it says is written here. What is about a reader that the client does not have never gets there.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any, ClassVar, Final

import msgspec

from reference_server.channels import moving
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.guest import AttachedReader, CardReader, ReaderSays
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.errors import RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import migration
from spiceproto.messages.smartcard import Data, VscError, VscReaderRemove

__all__ = ["SmartcardChannel"]

_OF_READERS: Final = (VscMessageType.ATR, VscMessageType.CardRemove, VscMessageType.APDU, VscMessageType.Error)
"""What a client says of a reader that it has."""


_UNREAD: Final = 16 << 20
"""Bytes for a guest that has left."""


class Readers(msgspec.Struct, frozen=True):
    """The readers of the guest that a client has, and those of them whose removal is not confirmed."""

    had: tuple[int, ...]
    leaving: tuple[int, ...]


class SmartcardChannel(ServerChannel):
    """``readers`` are those of this client by their id; ``leaving`` those whose removal the guest has not confirmed."""

    carried = migration.Smartcard

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self._unread = bytearray()
        self.readers: dict[int, CardReader | AttachedReader] = {}
        self.leaving: set[int] = set()
        self._early: list[tuple[int, ReaderSays]] = []

    def start(self, now: float) -> None:
        self.line.set_ack()

    # -- migration

    def beside(self) -> Readers:
        return Readers(tuple(self.readers), tuple(self.leaving))

    def late(self, value: Any, now: float) -> None:
        """A message for a guest that is elsewhere goes there."""
        self._unread += vsc.device_bytes(value)
        if len(self._unread) > _UNREAD:
            self.line.drop("the client writes, and does not hear that the guest is elsewhere")

    def pack(self, now: float) -> migration.Smartcard:
        return migration.Smartcard(
            header=moving.header(migration.Smartcard),
            base=moving.device(connected=True, unread=bytes(self._unread)),
            reader_added=int(bool(self.readers)),
        )

    def guest_came(self) -> None:
        found = None
        with contextlib.suppress(RemoteError):  # said by go_on
            found = self.brought(Readers)
        self._early = []
        for number, reader in enumerate(self.host.guest.readers):
            if found is not None and number in found.had:
                self.watch_early(reader, self._early_listener(number), ReaderSays)

    def _early_listener(self, number: int) -> Any:
        return lambda news: self._early.append((number, news))

    def go_on(self, data: migration.Smartcard, now: float) -> None:
        """The client has the readers that it had; the guest's own came with the guest."""
        self.line.set_ack()
        found = self.brought(Readers)
        there = self.host.guest.readers
        for number in () if found is None else found.had:
            if number < len(there) and there[number] not in self._taken:
                self._have(number, there[number])
        self.leaving = set(() if found is None else found.leaving) & set(self.readers)
        for number, news in self._early:
            if number in self.readers:
                self._said(number, news)
        self._early = []
        for message in vsc.DeviceReader().feed(data.base.write_data_ptr or b""):
            self._data(message, now)

    @property
    def _taken(self) -> list[CardReader | AttachedReader]:
        """Readers of the guest that a client has, this one or another."""
        return [reader for reader in self.host.guest.readers if reader.listeners(ReaderSays)]

    # -- what the client says

    def _data(self, value: Data, now: float) -> None:
        if value.type == VscMessageType.ReaderAdd:
            self.add(value)
        elif value.type == VscMessageType.ReaderRemove:
            self.remove(value)
        elif value.type in _OF_READERS:
            self.of_reader(value)
        else:
            self.unknown(value)

    def add(self, value: Data) -> None:
        """A reader of the client's: one of the guest's is free for it, or none is (SPICE-CARD-006, SPICE-CARD-007)."""
        taken = self._taken
        for number, reader in enumerate(self.host.guest.readers):
            if reader not in taken:
                self._have(number, reader)
                reader.receive(value)
                return
        self.refuse(vsc.UNDEFINED, VscErrorCode.CANNOT_ADD_MORE_READERS)

    def _have(self, number: int, reader: CardReader | AttachedReader) -> None:
        self.readers[number] = reader
        self.watch(reader, self._listener(number), ReaderSays)

    def _listener(self, number: int) -> Any:
        return partial(self._said, number)

    def remove(self, value: Data) -> None:
        """A reader is taken away (SPICE-CARD-011, SPICE-CARD-012)."""
        reader = self.readers.get(value.reader_id)
        if reader is None:
            self.refuse(value.reader_id)
            return
        self.leaving.add(value.reader_id)
        reader.receive(value)

    def of_reader(self, value: Data) -> None:
        """About a reader: the guest's gets it; of one that the client does not have, some is an error (SPICE-CARD-019)."""
        reader = self.readers.get(value.reader_id)
        if reader is not None:
            reader.receive(value)
        elif value.type in (VscMessageType.ATR, VscMessageType.CardRemove):
            self.refuse(value.reader_id)

    def unknown(self, value: Data) -> None:
        """What a client need not say, or what has no meaning (SPICE-CARD-002)."""

    def refuse(self, reader_id: int, code: VscErrorCode = VscErrorCode.GENERAL_ERROR) -> None:
        """What was asked for was not done."""
        self.send(vsc.message(VscError(code), reader_id))

    # -- what the guest's readers say

    def _said(self, number: int, news: ReaderSays) -> None:
        message = news.message
        if message.type == VscMessageType.Init:  # a device may begin with it, and no client wants to know
            return
        self.say(Data(message.type, number, message.data))
        if message.type == VscMessageType.Error and number in self.leaving:
            self.leaving.discard(number)
            self.leave(number)

    def say(self, message: Data) -> None:
        """A message of a reader's, which has the id that the client knows (SPICE-CARD-016)."""
        self.send(message)

    def leave(self, number: int) -> None:
        """A reader of the guest is free again."""
        reader = self.readers.pop(number)
        for watched, told in list(self._watched):
            if watched is reader:
                self._watched.remove((watched, told))
                watched.unwatch(told)

    def end(self, now: float) -> None:
        """Readers go with the channel (SPICE-CARD-029)."""
        readers = list(self.readers.values())
        super().end(now)
        self.readers.clear()
        for reader in readers:
            self.lose(reader)

    def lose(self, reader: CardReader | AttachedReader) -> None:
        """The client that had it is gone."""
        reader.receive(vsc.message(VscReaderRemove()))

    handlers: ClassVar[Handlers] = {Data: Handler(_data)}
