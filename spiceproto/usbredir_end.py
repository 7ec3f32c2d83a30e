"""One end of a usbredir channel: bytes of the other side come in as packets, and packets become bytes for it.

    end = UsbredirEnd("client", hello("a program 1.0", *CAPABILITIES))
    data = end.begin()                  HELLO, which is sent first
    packets = end.receive(data)         whole packets; RemoteError for what is none
    data = end.packet(Reset(), id=3)    as both sides have agreed to write it

Borders of messages mean nothing in either direction. Nothing is sent but HELLO before the other side's has come
(SPICE-USB-003): :attr:`UsbredirEnd.ready` says when.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbredirCapability
from spiceproto.errors import LocalError
from spiceproto.messages.usbredir import UsbredirHello
from spiceproto.usbredir import Packet, Usbredir

__all__ = ["MOST", "UsbredirEnd"]

MOST: Final = 4 << 20
"""Bytes of the longest packet that an end takes: transfers of today's guests have 128 KiB."""


class UsbredirEnd:
    """``side`` is "client" for who has a device, "server" for who has a guest; ``own`` is what this end says of itself."""

    def __init__(self, side: Literal["client", "server"], own: UsbredirHello, *, most: int = MOST) -> None:
        self.side = side
        self.own = own
        self.peer: UsbredirHello | None = None
        self._other = "server" if side == "client" else "client"
        self._stream = Usbredir(most=most, kept=most)

    def begin(self) -> bytes:
        """The HELLO of this end."""
        data = usbredir_packets.packet(self.own)
        self._stream.receive(self.side, data)
        return data

    @property
    def ready(self) -> bool:
        """Whether both sides have said HELLO."""
        return self._stream.common is not None

    def has(self, capability: UsbredirCapability) -> bool:
        """Whether both sides have announced it."""
        return bool((self._stream.common or 0) >> capability & 1)

    def receive(self, data: bytes) -> list[Packet]:
        """The packets that ``data`` ends. Raises RemoteError, after which this side can not be read any more."""
        found = self._stream.receive(self._other, data)
        for item in found:
            if item.error is not None:
                raise item.error
            self.peer = item.hello or self.peer
        return found

    @property
    def half(self) -> bytes:
        """The beginning of a packet of the other side that is not whole."""
        return self._stream.half(self._other)

    def packet(self, value: Any, id: int = 0) -> bytes:
        """The bytes of a packet. Raises LocalError before both sides have said HELLO."""
        if not self.ready:
            raise LocalError("the other side has not said HELLO")
        return usbredir_packets.packet(value, id, wide=self.has(UsbredirCapability.IDS_64BITS))
