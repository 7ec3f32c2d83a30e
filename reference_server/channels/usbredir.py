"""A usbredir channel: a device of the client, and the guest that looks at it (spec/17-usbredir.md).

The guest asks a device for its descriptors, and a drive for what is in it, which it reads if somebody wants it. Then it asks
each second whether that is still so. What comes that is no usbredir closes the channel, and nothing else of the session.

When the session goes on at another server, the guest there knows the device, and looks at it once more: its requests here have
no answer there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any, ClassVar, Final

import msgspec

from reference_server.channels import moving
from reference_server.channels.base import Handler, Handlers, ServerChannel
from reference_server.guest import usb
from reference_server.host import Host
from reference_server.line import Line
from reference_server.session import Session
from spiceproto import byte_channel, usb_guest
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.link.events import Established
from spiceproto.messages import migration, spicevmc
from spiceproto.usbredir_host import GuestSide, Seen

__all__ = ["UsbredirChannel"]

VERSION: Final = "spice-reference-server"

_LOOK: Final = 1.0
"""Seconds between two looks into a drive."""

_VOLUME, _LABEL = 16, slice(40, 72)
"""Block of an ISO 9660 disc that has its label, and where."""


_UNREAD: Final = 16 << 20
"""Bytes for a guest that has left."""


class Known(msgspec.Struct, frozen=True):
    """What the guest has heard of the client (:meth:`spiceproto.usbredir_host.GuestSide.heard`), and how often it has asked."""

    heard: bytes
    last: int


class UsbredirChannel(ServerChannel):
    """``side`` speaks for the guest, None where the channel leads outside of it."""

    carried = migration.Spicevmc
    side_class: ClassVar[type[GuestSide]] = GuestSide

    def __init__(self, host: Host, line: Line, session: Session, established: Established) -> None:
        super().__init__(host, line, session, established)
        self.socket = host.guest.usb[self.id]
        self.side: GuestSide | None = None
        self._storage: usb_guest.Storage | None = None
        self._capacity: usb_guest.Capacity | None = None
        self._look_at: float | None = None
        self._unread = bytearray()

    def start(self, now: float) -> None:
        self.line.set_ack()
        if self.socket.bridge is not None:
            self.socket.bridge.begin(self.put, self.line.drop)
            return
        self.put(self._new_side().begin())

    def _new_side(self) -> GuestSide:
        self.side = found = self.side_class(VERSION, filter=self.socket.filter)
        found.plugged = self._plugged
        found.unplugged = self._unplugged
        return found

    # -- migration

    def beside(self) -> Known | None:
        return None if self.side is None else Known(self.side.heard(), self.side.last)

    def late(self, value: Any, now: float) -> None:
        """Bytes for a guest that is elsewhere go there."""
        with contextlib.suppress(RemoteError, MissingExtraError):
            self._unread += byte_channel.unpack(value)
        if len(self._unread) > _UNREAD:
            self.line.drop("the client writes, and does not hear that the guest is elsewhere")

    def pack(self, now: float) -> migration.Spicevmc:
        side = self.side
        half = b"" if side is None else side.end.half
        base = moving.device(connected=side is not None and side.device is not None, unread=half + bytes(self._unread))
        return migration.Spicevmc(header=moving.header(migration.Spicevmc), base=base)

    def go_on(self, data: migration.Spicevmc, now: float) -> None:
        known = self.brought(Known)
        if known is None or self.socket.bridge is not None:
            self.start(now)
            return
        self.line.set_ack()
        self.put(self._new_side().go_on(known.heard, known.last, data.base.write_data_ptr or b""))

    # -- the stream

    def put(self, data: bytes) -> None:
        """Bytes of the stream."""
        self.send(*byte_channel.pieces(data, lz4=self.client_has(SpicevmcCapability.DATA_COMPRESS_LZ4)))

    def _data(self, value: spicevmc.Data | spicevmc.CompressedData, now: float) -> None:
        try:
            data = byte_channel.unpack(value)
            if self.side is None:
                if self.socket.bridge is not None:
                    self.socket.bridge.receive(data)
                return
            rejected = self.side.rejected
            self.put(self.side.receive(data))
        except (RemoteError, MissingExtraError) as error:
            self.line.drop(f"usbredir: {error}")
            return
        if self.side.rejected > rejected:
            self.socket.tell(usb.UsbRejected(self.socket.number))

    def end(self, now: float) -> None:
        super().end(now)
        self._look_at = None
        if self.socket.bridge is not None:
            self.socket.bridge.end()
        if self.side is not None:
            had = self.side.device is not None
            self.side.close()
            if had:
                self.socket.tell(usb.UsbUnplugged(self.socket.number))

    # -- what the guest does

    def _plugged(self, seen: Seen) -> None:
        assert self.side is not None
        self._storage = self._capacity = None
        self.side.run(self._first_look(seen), self._finished)

    def _unplugged(self) -> None:
        self._look_at = None
        self.socket.tell(usb.UsbUnplugged(self.socket.number))

    def _finished(self, found: Any, error: RemoteError | None) -> None:
        if self.side is None or self.side.device is None:
            return
        if error is not None:
            self.socket.tell(usb.UsbFailed(self.socket.number, str(error)))
        elif self._storage is not None:
            self._look_at = self.host.now + _LOOK

    def _first_look(self, seen: Seen) -> Generator[Any, Any, None]:
        """What the device is, and what is in it."""
        found = yield from usb_guest.describe()
        unit = ""
        if usb_guest.is_storage(seen):
            assert self.side is not None
            self._storage = usb_guest.Storage(self.side, seen)
            yield usb_guest.control(0xA1, 0xFE, 0, 0, 1)
            unit = (yield from self._storage.inquire())[8:36].decode("ascii", "replace").strip()
        connect = seen.connect
        plugged = usb.UsbPlugged(self.socket.number, connect.vendor_id, connect.product_id, found.texts, unit)
        self.socket.tell(plugged)
        if self._storage is not None:
            yield from self._look()

    def _look(self) -> Generator[Any, Any, None]:
        """Whether another disc is in the drive; if so, what is on it."""
        assert self._storage is not None
        storage = self._storage
        storage.sense = (0, 0, 0)
        capacity = yield from storage.capacity()
        changed = storage.sense[1] == 0x28 and self._capacity is not None
        if capacity == self._capacity and not changed:
            return
        self._capacity = capacity
        label = ""
        if capacity.blocks > _VOLUME and capacity.size == 2048:
            volume = yield from storage.blocks(_VOLUME, 1, capacity.size)
            label = volume[_LABEL].decode("ascii", "replace").strip() if volume[1:6] == b"CD001" else ""
        self.socket.tell(usb.UsbDisc(self.socket.number, capacity.blocks, capacity.size, label))
        if self.socket.copy is None:
            return
        for first in range(0, capacity.blocks, usb_guest.BLOCKS):
            count = min(usb_guest.BLOCKS, capacity.blocks - first)
            data = yield from storage.blocks(first, count, capacity.size)
            try:
                self.socket.copy(first, data)
            except OSError as error:  # a disc that the client says is larger than there is room, for one
                self.socket.tell(usb.UsbFailed(self.socket.number, f"the copy can not be written: {error}"))
                return
        self.socket.tell(usb.UsbRead(self.socket.number, capacity.blocks))

    @property
    def deadline(self) -> float | None:
        return self._look_at

    def tick(self, now: float) -> None:
        if self._look_at is not None and self._look_at <= now and self.side is not None:
            self._look_at = None
            self.side.run(self._look(), self._finished)
            self.put(self.side.taken())

    handlers: ClassVar[Handlers] = {spicevmc.Data: Handler(_data), spicevmc.CompressedData: Handler(_data)}
