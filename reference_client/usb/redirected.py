"""What a usbredir channel carries for this client: a device of its own, or what somebody else says through a socket.

Either is made once, and begins anew with each channel that it is given. It says what it has to say by ``put``, which takes
bytes for the channel; the borders between them mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from reference_client.usb.cd import CdDrive
from reference_client.usb.disc import Disc, Drive
from spiceproto.usbredir_device import DeviceSide

__all__ = ["Attached", "Put", "SharedCd"]

VERSION = "spice-reference-client"

Put = Callable[[bytes], None]
"""Takes bytes for the channel."""


class Attached(Protocol):
    """What a channel carries. ``side`` is the device that is announced, None for one that only others know."""

    side: DeviceSide | None

    def begin(self, put: Put, close: Callable[[str], None], make: type[DeviceSide]) -> None:
        """The channel is linked. ``close`` closes it, and says why; ``make`` is the side that announces a device."""

    def receive(self, data: bytes) -> None:
        """Bytes of the server. Raises RemoteError for what can not be read."""

    def end(self) -> None:
        """The channel is closed."""


class SharedCd:
    """A CD drive with an image in it, or without one."""

    kind: ClassVar[type[CdDrive]] = CdDrive

    def __init__(self, disc: Disc | None = None) -> None:
        self.drive = Drive(disc)
        self.side: DeviceSide | None = None
        self._put: Put = lambda data: None

    def begin(self, put: Put, close: Callable[[str], None], make: type[DeviceSide]) -> None:
        self._put = put
        self.drive.locked = False
        self.side = make(self.kind(self.drive), VERSION)
        put(self.side.begin())

    def receive(self, data: bytes) -> None:
        if self.side is not None:
            self._say(self.side.receive(data))

    @property
    def more(self) -> bool:
        """Whether there is more to say, which :meth:`go_on` does."""
        return self.side is not None and self.side.more

    def go_on(self) -> None:
        """What was said before is on its way: say more."""
        if self.side is not None:
            self._say(self.side.go_on())

    def _say(self, data: bytes) -> None:
        if data:
            self._put(data)

    def end(self) -> None:
        self.side = None

    # -- what the user does

    def insert(self, disc: Disc) -> None:
        """Put this disc in."""
        self.drive.insert(disc)

    def take_out(self) -> None:
        """Take the disc out."""
        self.drive.take_out()

    def plug(self) -> None:
        """Put the drive in, if it was pulled out."""
        if self.side is not None:
            self._say(self.side.plug())

    def unplug(self) -> None:
        """Pull the drive out."""
        if self.side is not None:
            self._say(self.side.unplug())
