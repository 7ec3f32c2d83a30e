"""Faults of USB devices (spec/17-usbredir.md): one conversation shows all of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from reference_client.tests.conversations import Make, alive
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer
from reference_client.usb.disc import Disc
from reference_client.usb.redirected import SharedCd
from spiceproto import byte_channel
from spiceproto.capabilities import Capabilities
from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbredirCapability, UsbStatus
from spiceproto.finding import Finding
from spiceproto.messages import spicevmc, usbredir
from spiceproto.session import Session
from spiceproto.usb_guest import Storage, control, describe
from spiceproto.usbredir import Packet
from spiceproto.usbredir_host import GuestSide

_KEY = (int(ChannelType.USBREDIR), 0)
_ALL = tuple(UsbredirCapability)
_DISC = bytes(range(256)) * 80


class _Guest:
    """A guest on the client's usbredir channel; ``findings`` is what the rules find of the client."""

    def __init__(self, make: Make, capabilities: tuple[int, ...], piece: int) -> None:
        known: dict[tuple[int, int], Capabilities] = dict(CHANNELS) | {_KEY: COMMON}
        client = make(usb={0: SharedCd(Disc(_DISC))}, channels=(2, 3, 4, int(ChannelType.USBREDIR)))
        self.server = ScriptedServer(client, channels=known)
        self.server.init()
        self.server.listing(*LISTED, _KEY)
        self.line = self.server.lines[_KEY]
        self.side = GuestSide("a guest", capabilities)
        self.findings: list[Finding] = []
        self.heard: list[Packet] = []
        self.piece = piece
        self._rules = Session()
        self._member = self._rules.link(*_KEY, 0)
        self._rules.take_findings()  # nobody has listed this channel here
        handle = self.side.handle

        def noting(packet: Packet) -> None:
            self.heard.append(packet)
            handle(packet)

        self.side.handle = noting  # type: ignore[method-assign]
        self.exchange(b"")  # what the client says without waiting
        self.exchange(self.side.begin())

    def exchange(self, data: bytes) -> None:
        """Say this, and go on until nobody has anything to say."""
        while True:
            for at in range(0, len(data), self.piece):
                message = spicevmc.Data(data[at : at + self.piece])
                self._rules.message(self._member, "server", "DATA", message)
                if self.line.connection in self.server.open:
                    self.line.send(message)
            said = [value for value in self.line.take() if isinstance(value, spicevmc.Data | spicevmc.CompressedData)]
            data = b""
            for value in said:
                name = "DATA" if isinstance(value, spicevmc.Data) else "COMPRESSED_DATA"
                self._rules.message(self._member, "client", name, value)
                self.findings += [item for item in self._rules.take_findings() if item.sender == "client"]
                if not self.findings:
                    data += self.side.receive(byte_channel.unpack(value))
            if not data:
                return

    def run(self, script: Generator[Any, Any, Any]) -> Any:
        """What a script returns; None if it does not come to an end."""
        done: list[Any] = []
        self.side.run(script, lambda result, error: done.append(result))
        self.exchange(self.side.taken())
        return done[0] if done else None

    def ask(self, value: Any) -> Any:
        """The answer to a request; None for none."""

        def once() -> Generator[Any, Any, Any]:
            return (yield value)

        return self.run(once())


def _looks(guest: _Guest) -> bool:
    """A whole look at the drive, and everything that a guest may ask besides."""
    seen = guest.side.device
    if guest.findings or seen is None or guest.run(describe()) is None:
        return False
    storage = Storage(guest.side, seen)
    capacity = guest.run(storage.capacity())
    if guest.findings or capacity is None or guest.run(storage.blocks(0, capacity.blocks, capacity.size)) != _DISC:
        return False
    if guest.ask(usbredir.GetAltSetting(0)) is None or guest.ask(usbredir.GetConfiguration()) is None:
        return False
    short = guest.ask(control(0x80, 6, 0x100, 0, 8))
    unknown = guest.ask(control(0xC0, 0xEE, 0, 0, 8))
    if short is None or len(short.data) != 8 or unknown is None or unknown.status == UsbStatus.SUCCESS:
        return False
    return _takes_back(guest, storage) and not guest.findings


def _takes_back(guest: _Guest, storage: Storage) -> bool:
    """A request that waits is taken back, and one that nobody has made."""
    id = guest.side.ask(storage._bulk(0x81, 64))
    guest.exchange(guest.side.taken())
    for cancelled in (id, 0x777):
        guest.side.say(usbredir.CancelDataPacket(), cancelled)
        guest.exchange(guest.side.taken())
    answers = [item.value for item in guest.heard if item.header.id == id]
    return [item.status for item in answers] == [UsbStatus.CANCELLED]


def _keeps_the_rules(make: Make) -> bool:
    for capabilities, piece in ((_ALL, 1 << 16), ((), 1 << 16), (tuple(range(96)), 1 << 16), (_ALL, 7)):
        guest = _Guest(make, capabilities, piece)
        if not _looks(guest) or not alive(guest.server) or guest.line.connection not in guest.server.open:
            return False
    return True


SCENARIOS: dict[str, Callable[[Make], bool]] = dict.fromkeys(
    (
        "usb-hello-behind",
        "usb-hello-twice",
        "usb-device-early",
        "usb-narrow-ids",
        "usb-stray-byte",
        "usb-no-pieces",
        "usb-streams-alone",
        "usb-known-bits",
        "usb-filter-unannounced",
        "usb-connect-first",
        "usb-connect-twice",
        "usb-disconnect-first",
        "usb-impatient",
        "usb-answers-twice",
        "usb-no-settings",
        "usb-longer-answers",
        "usb-gives-back",
        "usb-other-endpoint",
        "usb-length-of-nothing",
        "usb-always-good",
        "usb-cancels-with-success",
        "usb-cancels-known",
        "usb-interrupts-unasked",
        "usb-filter-in-words",
    ),
    _keeps_the_rules,
)
