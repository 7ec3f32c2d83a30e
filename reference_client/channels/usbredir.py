"""A usbredir channel (spec/17-usbredir.md): a device at this client, for the guest.

Each channel that is linked carries what the user has attached (``Options.usb``), the first the first; a channel for which there
is nothing stays silent. What comes that is no usbredir closes the channel, and nothing else of the session.
"""

from __future__ import annotations

from typing import Any, ClassVar

from reference_client.channels.base import ClientChannel, Handlers, Verbs
from reference_client.events import Event
from reference_client.host import Host
from reference_client.line import Line
from reference_client.usb.disc import Disc
from reference_client.usb.redirected import Attached, SharedCd
from spiceproto import byte_channel
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.errors import LocalError, MissingExtraError, RemoteError
from spiceproto.messages import spicevmc
from spiceproto.usbredir_device import DeviceSide

__all__ = ["UsbAttached", "UsbRejected", "UsbredirChannel"]


class UsbAttached(Event, frozen=True, tag="usb-attached"):
    """The guest side has said HELLO on this channel, and is told of the device."""

    id: int
    version: str


class UsbRejected(Event, frozen=True, tag="usb-rejected"):
    """A filter of the guest side keeps the device of this channel out."""

    id: int


class UsbredirChannel(ClientChannel):
    """One channel, and ``attached``, what it carries; None for nothing."""

    side_class: ClassVar[type[DeviceSide]] = DeviceSide

    def __init__(self, host: Host, line: Line) -> None:
        super().__init__(host, line)
        self.attached: Attached | None = None
        self._greeted = self._rejected = False

    def start(self, now: float) -> None:
        self.attached = self.host.options.usb.get(self.id)
        if self.attached is not None:
            self.attached.begin(self.put, self.drop, self.side_class)

    def drop(self, text: str) -> None:
        """The stream is broken: close the channel, wherever its line is now."""
        self.line.drop(text)

    def put(self, data: bytes) -> None:
        """Bytes of the stream."""
        self.send(*byte_channel.pieces(data, lz4=self.server_has(SpicevmcCapability.DATA_COMPRESS_LZ4)))

    def on_data(self, value: spicevmc.Data | spicevmc.CompressedData, now: float) -> None:
        """The next bytes, plain or not."""
        if self.attached is None:
            return
        try:
            self.attached.receive(byte_channel.unpack(value))
        except (RemoteError, MissingExtraError) as error:
            self.line.drop(f"{self.line.name}: {error}")
            return
        self._look()
        self._pace()

    def _pace(self) -> None:
        """A device that has much to say goes on when the session had its turn, and there is room."""
        more = isinstance(self.attached, SharedCd) and self.attached.more
        self.deadline = self.host.now if more and not self.line.crowded else None

    def tick(self, now: float) -> None:
        if self.deadline is not None and isinstance(self.attached, SharedCd):
            self.attached.go_on()
            self._pace()

    def hold(self, held: bool, now: float) -> None:
        self._pace()

    def on_compressed(self, value: spicevmc.CompressedData, now: float) -> None:
        """The same."""
        self.on_data(value, now)

    def _look(self) -> None:
        """Tell what is new."""
        side = None if self.attached is None else self.attached.side
        if side is None:
            return
        if not self._greeted and side.end.peer is not None:
            self._greeted = True
            version = side.end.peer.version.rstrip(b"\0").decode("utf-8", "replace")
            self.host.tell(UsbAttached(self.id, version))
        if not self._rejected and side.rejected:
            self._rejected = True
            self.host.tell(UsbRejected(self.id))

    def end(self, now: float) -> None:
        self.deadline = None
        if self.attached is not None:
            self.attached.end()

    def state(self, now: float) -> dict[str, Any]:
        if not isinstance(self.attached, SharedCd):
            return {"attached": self.attached is not None}
        drive, side = self.attached.drive, self.attached.side
        return {
            "attached": True,
            "connected": side is not None and side.connected,
            "disc": None if drive.disc is None else drive.disc.name,
            "open": drive.open,
            "locked": drive.locked,
        }

    # -- what the user wishes

    @property
    def cd(self) -> SharedCd:
        """The drive. Raises LocalError if something else is attached, or nothing."""
        if not isinstance(self.attached, SharedCd):
            raise LocalError("there is no CD drive on this channel")
        return self.attached

    def insert(self, path: str) -> None:
        """Put this disc in, in place of what is in there."""
        try:
            disc = Disc(path)
        except OSError as error:
            raise LocalError(f"{path}: {error.strerror or error}") from None
        self.cd.insert(disc)

    def take_out(self) -> None:
        """Take the disc out."""
        self.cd.take_out()

    def plug(self) -> None:
        """Put the drive in again."""
        self.cd.plug()

    def unplug(self) -> None:
        """Pull the drive out."""
        self.cd.unplug()

    handlers: ClassVar[Handlers] = {spicevmc.Data: on_data, spicevmc.CompressedData: on_compressed}
    verbs: ClassVar[Verbs] = {"insert-disc": insert, "take-disc-out": take_out, "plug-usb": plug, "unplug-usb": unplug}
