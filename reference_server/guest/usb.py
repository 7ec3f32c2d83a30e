"""A USB socket of the guest: what a client plugs in, and the disc that is in it.

The guest looks at what is plugged in as an operating system does. Of a drive it reads the disc if somebody wants that
(``copy``), and looks again and again whether there is another one. A socket may be led outside of the guest instead: then
``bridge`` has the bytes of its channel, and nothing is looked at here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from reference_server.watched import Watched
from spiceproto.usbredir_filter import Filter

__all__ = ["Bridge", "UsbDisc", "UsbFailed", "UsbPlugged", "UsbRead", "UsbRejected", "UsbSocket", "UsbUnplugged"]


class UsbPlugged(msgspec.Struct, frozen=True):
    """A device is there, and was asked what it is; ``unit`` is what a drive says of itself, "" for other devices."""

    socket: int
    vendor: int
    product: int
    texts: tuple[str, ...]
    unit: str


class UsbUnplugged(msgspec.Struct, frozen=True):
    """It is there no more."""

    socket: int


class UsbRejected(msgspec.Struct, frozen=True):
    """The filter kept a device out."""

    socket: int


class UsbDisc(msgspec.Struct, frozen=True):
    """Another disc is in the drive: ``blocks`` of ``size`` bytes; 0 for none. ``label`` is that of an ISO 9660 disc."""

    socket: int
    blocks: int
    size: int
    label: str = ""


class UsbRead(msgspec.Struct, frozen=True):
    """All of the disc was read, and handed to ``copy``."""

    socket: int
    blocks: int


class UsbFailed(msgspec.Struct, frozen=True):
    """The device did not do what such a device does."""

    socket: int
    text: str


class Bridge(Protocol):
    """Where the bytes of a channel go instead."""

    def begin(self, put: Callable[[bytes], None], close: Callable[[str], None]) -> None:
        """A client has linked the channel."""

    def receive(self, data: bytes) -> None:
        """Bytes of the client. Raises RemoteError if there are too many for who is to take them."""

    def end(self) -> None:
        """The channel is closed."""


class UsbSocket(Watched):
    """``filter`` says which devices it takes, None for all. ``copy`` is called with the number of the first block and its
    bytes, for all of each disc; None for nobody. Tells the classes here.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.filter: Filter | None = None
        self.copy: Callable[[int, bytes], None] | None = None
        self.bridge: Bridge | None = None
