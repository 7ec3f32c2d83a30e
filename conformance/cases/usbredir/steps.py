"""What cases about USB devices have in common: a guest for what a client plugs in, and a device for a server's guest."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Final

from conformance.as_client import SuiteClient
from conformance.as_server import SuiteServer
from conformance.cases.usbredir.device import SmallDevice
from conformance.channels import LISTED
from conformance.client_wire import Ask
from conformance.outcome import Blocked, Failure, NotApplicable
from conformance.peer import Peer
from conformance.talk import Talk
from spiceproto import byte_channel
from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbredirCapability
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.messages import spicevmc, usbredir
from spiceproto.usbredir import Packet
from spiceproto.usbredir_device import DeviceSide
from spiceproto.usbredir_host import GuestSide

__all__ = ["ALL", "Device", "Guest", "asked", "plugged", "plugged_in"]

ALL: Final = tuple(UsbredirCapability)
_NAME: Final = "spiceconf"
_STREAM: Final = ("DATA", "COMPRESSED_DATA")
_MOST: Final = 4096
"""Packets that are kept of one conversation."""


class _Side:
    """What both kinds of sides have: bytes from a channel's messages and into them. ``heard`` are the packets that came.

    ``piece`` is the most bytes of one message, 0 for as many as there are.
    """

    def __init__(self, peer: Peer, talk: Talk, side: DeviceSide | GuestSide, piece: int = 0) -> None:
        self.peer, self.talk, self.side, self.piece = peer, talk, side, piece
        self.heard: list[Packet] = []
        self.broken = ""
        handle = side.handle

        def noting(packet: Packet) -> None:
            if len(self.heard) < _MOST:
                self.heard.append(packet)
            handle(packet)

        side.handle = noting  # type: ignore[method-assign]
        self.put(side.begin(), "HELLO")
        peer.add_pump(self.pump)

    def put(self, data: bytes, text: str) -> None:
        """Bytes of the stream."""
        size = self.piece or max(len(data), 1)
        if not self.talk.closed:
            for at in range(0, len(data), size):
                self.talk.send(spicevmc.Data(data[at : at + size]), text=f"DATA: {text}")

    def pump(self) -> None:
        """Take what has come, and say what follows from it, until nothing more comes at once."""
        while not self.broken and self._take():
            self.talk.pump()

    def _take(self) -> bool:
        """Whether anything had come."""
        kept = [item for item in self.talk.inbox if item.name not in _STREAM]
        came = [item for item in self.talk.inbox if item.name in _STREAM]
        if not came:
            return False
        self.talk.inbox.clear()
        self.talk.inbox.extend(kept)
        try:
            for item in came:
                self.put(self.side.receive(byte_channel.unpack(item.parsed)), "what follows")
        except (RemoteError, MissingExtraError) as error:
            self.broken = str(error)
        return True

    def of(self, *kinds: type) -> list[Packet]:
        """The packets of these kinds that have come."""
        self.peer.pump_all()
        return [item for item in self.heard if isinstance(item.value, kinds)]

    def until(self, ready: Callable[[], Any], within: float | None = None) -> bool:
        """Whether this comes true in time, which begins anew with each packet that comes: what is asked for may take many."""
        while True:
            heard = len(self.heard)
            self.peer.run(lambda heard=heard: self._is_over(ready) or len(self.heard) > heard, within)  # type: ignore[misc]
            if self._is_over(ready) or len(self.heard) in (heard, _MOST):
                return bool(ready())

    def _is_over(self, ready: Callable[[], Any]) -> bool:
        return bool(ready()) or bool(self.broken) or self.talk.closed

    def expect(self, what: str, ready: Callable[[], Any], why: str = "") -> None:
        """This comes true in time. Raises Failure."""
        self.peer.step(f"{self.talk.name}: expect {what}")
        if not self.until(ready):
            self.readable()
            names = ", ".join([item.name for item in self.heard[-6:]])
            state = f"the channel was {self.talk.stream.ended}" if self.talk.closed else "nothing like it"
            raise Failure(what + (f" ({why})" if why else ""), f"{state}; the last packets: {names or 'none'}")

    def readable(self) -> None:
        """Raises Blocked for a target whose packets can not be read: of that the rules say which sentence it breaks."""
        if self.broken:
            raise Blocked(f"its packets can not be read: {self.broken}")

    def greeted(self, why: str = "") -> usbredir.UsbredirHello:
        """The HELLO of the target, which comes first. Raises Failure."""
        self.expect("HELLO", lambda: self.of(usbredir.UsbredirHello), why)
        return self.heard[0].value  # type: ignore[no-any-return]


class Guest(_Side):
    """The suite as the guest of a client's device."""

    side: GuestSide

    def run(self, script: Generator[Any, Any, Any], what: str, why: str = "") -> Any:
        """What a script returns. Raises Failure if it does not come to its end."""
        done: list[Any] = []
        self.side.run(script, lambda result, error: done.append((result, error)))
        self.put(self.side.taken(), what)
        self.expect(f"an answer to {what}", lambda: done, why)
        result, error = done[0]
        if error is not None:
            raise Failure(what + (f" ({why})" if why else ""), str(error))
        return result

    def ask(self, value: Any, what: str = "", why: str = "") -> Any:
        """The answer to one request. Raises Failure if there is none."""

        def once() -> Generator[Any, Any, Any]:
            return (yield value)

        return self.run(once(), what or type(value).__name__, why)

    def say(self, value: Any, id: int = 0) -> None:
        """A packet that is not answered, or whose answer is looked for by the case."""
        self.side.say(value, id)
        self.put(self.side.taken(), type(value).__name__)


class Device(_Side):
    """The suite as a client with a device."""

    side: DeviceSide

    def unplug(self) -> None:
        """Pull it out."""
        self.put(self.side.unplug(), "DEVICE_DISCONNECT")

    def plug(self) -> None:
        """Put it in again."""
        self.put(self.side.plug(), "the device once more")

    def say(self, value: Any, id: int = 0) -> None:
        """Any packet."""
        self.side.send(value, id)
        self.put(self.side.taken(), type(value).__name__)


def asked(server: SuiteServer, capabilities: tuple[int, ...] = ALL, piece: int = 0) -> Guest:
    """A usbredir channel that the target has linked, with HELLO said on it. Raises NotApplicable if it links none."""
    server.session(listed=(*LISTED, (ChannelType.USBREDIR, 0)))
    talk = server.linked(ChannelType.USBREDIR, 0)
    return Guest(server, talk, GuestSide(_NAME, capabilities), piece)


def plugged_in(server: SuiteServer, capabilities: tuple[int, ...] = ALL, piece: int = 0) -> Guest:
    """The same, and a device that the target has plugged in. Raises NotApplicable if it does not."""
    guest = asked(server, capabilities, piece)
    wait = partial(guest.until, lambda: guest.side.device is not None)
    if not server.target.shows("a USB device", wait, server.network.quiet):
        guest.readable()
        if guest.talk.closed:
            raise Failure("a device, or a channel that stays open", f"the channel was {guest.talk.stream.ended}")
        raise NotApplicable("the target plugs in no device")
    return guest


def plugged(client: SuiteClient, capabilities: tuple[int, ...] = ALL, piece: int = 0) -> Device:
    """A usbredir channel of the target, with a device plugged in once HELLO has come. Raises NotApplicable if it has none."""
    client.session()
    talk = client.channel(Ask(ChannelType.USBREDIR))
    return Device(client, talk, DeviceSide(SmallDevice(), _NAME, capabilities), piece)
