"""A card reader that is somewhere else: the messages of the client go out as a device reads them, and its bytes come in."""

from __future__ import annotations

import msgspec

from reference_server.guest.card_reader import ReaderSays
from reference_server.watched import Watched
from spiceproto import vsc
from spiceproto.enums.smartcard import VscErrorCode, VscMessageType
from spiceproto.messages.smartcard import Data, VscError

__all__ = ["AttachedReader", "ForDevice"]


class ForDevice(msgspec.Struct, frozen=True):
    """Bytes for the device."""

    data: bytes


class AttachedReader(Watched):
    """``attached`` says whether there is a device now. Tells :class:`ForDevice` and
    :class:`~reference_server.guest.card_reader.ReaderSays`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.attached = False
        self._reader = vsc.DeviceReader()

    def attach(self) -> None:
        """There is a device, of which nothing has been heard yet."""
        self.attached = True
        self._reader = vsc.DeviceReader()

    def detach(self) -> None:
        """There is none any more."""
        self.attached = False

    def receive(self, message: Data) -> None:
        """A message of the client; without a device there is nobody who could do it."""
        if self.attached:
            self.tell(ForDevice(vsc.device_bytes(message)))
        elif message.type not in (VscMessageType.APDU, VscMessageType.Error):
            self.tell(ReaderSays(vsc.message(VscError(VscErrorCode.GENERAL_ERROR))))

    def fed(self, data: bytes) -> None:
        """Bytes of the device. Raises RemoteError if they are no messages."""
        for message in self._reader.feed(data):
            self.tell(ReaderSays(message))
