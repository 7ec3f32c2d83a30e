"""The side of a usbredir channel that has a guest: it hears of a device, and asks things of it.

    side = GuestSide("a program 1.0")
    out = side.begin()                     HELLO
    out = side.receive(data)               what follows from it
    side.run(script, finished)             a script: yields packets, and is sent the answer of each

A script is a generator; :mod:`spiceproto.usb_guest` has some. One that waits for an answer when the device is pulled out, or
gets none, is sent None. ``plugged`` and ``unplugged`` are called when a device comes, that the filter lets in, and goes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final

import msgspec

from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbredirCapability
from spiceproto.errors import RemoteError
from spiceproto.messages import usbredir
from spiceproto.usbredir import Packet
from spiceproto.usbredir_end import UsbredirEnd
from spiceproto.usbredir_filter import Filter

__all__ = ["CAPABILITIES", "GuestSide", "Script", "Seen"]

CAPABILITIES: Final = tuple(UsbredirCapability)
"""What this side announces, as QEMU does."""

OUTSTANDING: Final = 1024
"""Requests that wait for answers at a time; nobody asks more here."""

Script = Generator[Any, Any, Any]
"""Yields packets, and is sent the answer of each, None for none; what it returns is its result."""

Finished = Callable[[Any, RemoteError | None], None]
"""Is called with what a script returned, or with the error that it ended by."""


class Seen(msgspec.Struct, frozen=True):
    """What was said of a device."""

    connect: usbredir.DeviceConnect | usbredir.DeviceConnectShort
    interface_info: usbredir.InterfaceInfo
    ep_info: usbredir.EpInfo | usbredir.EpInfoShort | usbredir.EpInfoStreams


class GuestSide:
    """``device`` is there, None for none. ``rejected`` counts those that the filter kept out."""

    def __init__(self, version: str, capabilities: tuple[int, ...] = CAPABILITIES, filter: Filter | None = None) -> None:
        self.end = UsbredirEnd("server", usbredir_packets.hello(version, *capabilities))
        self.filter = filter
        self.device: Seen | None = None
        self.rejected = 0
        self.plugged: Callable[[Seen], None] = lambda seen: None
        self.unplugged: Callable[[], None] = lambda: None
        self._interface_info: usbredir.InterfaceInfo | None = None
        self._ep_info: Any = None
        self._waiting: dict[int, tuple[Script, Finished]] = {}
        self._last = 0
        self._out = bytearray()

    # -- what others do

    def begin(self) -> bytes:
        """HELLO (SPICE-USB-001)."""
        self._out += self.end.begin()
        return self.taken()

    def receive(self, data: bytes) -> bytes:
        """Bytes of the other side; what is to be said to them. Raises RemoteError for what can not be read."""
        for item in self.end.receive(data):
            self.handle(item)
        return self.taken()

    def run(self, script: Script, finished: Finished) -> None:
        """Begin a script; :meth:`taken` has what it asks first."""
        self._step(script, finished, None)

    def close(self) -> None:
        """Nothing more will come: whatever waits is over."""
        self._gone()

    # -- the guest goes somewhere else

    def heard(self) -> bytes:
        """What the other side would say to one that has heard nothing: HELLO, and the device that there is."""
        if self.end.peer is None:
            return b""
        found = usbredir_packets.packet(self.end.peer)
        if self.device is not None:
            seen = self.device
            found += b"".join([self.end.packet(value) for value in (seen.interface_info, seen.ep_info, seen.connect)])
        return found

    @property
    def last(self) -> int:
        """The id of the last request."""
        return self._last

    def go_on(self, heard: bytes, last: int, half: bytes) -> bytes:
        """Go on where another one was that had :meth:`heard` so much, and asked so often: it had said HELLO. Of what the other
        side was saying, it had heard ``half`` of a packet. What is to be said. Raises RemoteError.
        """
        self.end.begin()
        self._last = last
        return self.receive(heard + half)

    # -- what is said

    def taken(self) -> bytes:
        """What is to be sent, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def say(self, value: Any, id: int = 0) -> None:
        """A packet for the other side."""
        self._out += self.end.packet(value, id)

    def ask(self, value: Any) -> int:
        """A packet that is answered; its id."""
        self._last = self._last % 0xFFFFFFFF + 1
        self.say(value, self._last)
        return self._last

    def _step(self, script: Script, finished: Finished, answer: Any) -> None:
        """A script goes on until it waits."""
        try:
            wish = script.send(answer)
            while isinstance(wish, usbredir.Reset):
                self.say(wish)  # which has no answer
                wish = script.send(None)
            if len(self._waiting) >= OUTSTANDING:
                raise RemoteError("too many requests are not answered", actual=str(len(self._waiting)))
            self._waiting[self.ask(wish)] = (script, finished)
        except StopIteration as end:
            finished(end.value, None)
        except RemoteError as error:
            script.close()
            finished(None, error)

    def _gone(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for script, finished in waiting.values():
            script.close()
            finished(None, RemoteError("the device was pulled out"))

    # -- what the other side says

    def handle(self, packet: Packet) -> None:
        """One packet of the other side; answers to nothing mean nothing."""
        said = packet.value
        if isinstance(said, usbredir.UsbredirHello):
            if self.filter is not None and self.end.has(UsbredirCapability.FILTER):
                self.say(usbredir.FilterFilter(self.filter.text().encode() + b"\0"))
        elif isinstance(said, usbredir.InterfaceInfo):
            self._interface_info = said
        elif isinstance(said, usbredir.EpInfo | usbredir.EpInfoShort | usbredir.EpInfoStreams):
            self._ep_info = said
        elif isinstance(said, usbredir.DeviceConnect | usbredir.DeviceConnectShort):
            self._connected(said)
        elif isinstance(said, usbredir.DeviceDisconnect):
            self._disconnected()
        elif packet.header.id in self._waiting:
            self._step(*self._waiting.pop(packet.header.id), said)

    def _connected(self, said: usbredir.DeviceConnect | usbredir.DeviceConnectShort) -> None:
        if self._interface_info is None or self._ep_info is None or self.device is not None:
            return  # nobody knows what it is
        seen = Seen(said, self._interface_info, self._ep_info)
        if self.filter is not None and not self.filter.allows(said, self._interface_info):
            self.rejected += 1
            if self.end.has(UsbredirCapability.FILTER):
                self.say(usbredir.FilterReject())
            return
        self.device = seen
        self.plugged(seen)

    def _disconnected(self) -> None:
        had, self.device = self.device, None
        self._interface_info = self._ep_info = None
        if self.end.has(UsbredirCapability.DEVICE_DISCONNECT_ACK):
            self.say(usbredir.DeviceDisconnectAck())
        self._gone()
        if had is not None:
            self.unplugged()
