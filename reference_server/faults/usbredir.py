"""Faults of USB devices (spec/17-usbredir.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from reference_server.channels.base import Handler, Handlers
from reference_server.channels.usbredir import UsbredirChannel
from reference_server.faults.fault import fault
from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.errors import RemoteError
from spiceproto.messages import spicevmc, usbredir
from spiceproto.usbredir import Packet
from spiceproto.usbredir_filter import Filter
from spiceproto.usbredir_host import CAPABILITIES, GuestSide

_ANY = usbredir.FilterFilter(b"-1,-1,-1,-1,1\0")


class _Announces(GuestSide):
    """Announces something else than usual."""

    announced: ClassVar[tuple[int, ...]] = tuple([item for item in CAPABILITIES if item != Can.IDS_64BITS])

    def __init__(self, version: str, capabilities: tuple[int, ...] = CAPABILITIES, filter: Filter | None = None) -> None:
        super().__init__(version, self.announced, filter)


class _Greeting(GuestSide):
    """Does something else when HELLO comes."""

    def handle(self, packet: Packet) -> None:
        if isinstance(packet.value, usbredir.UsbredirHello):
            self.greet(packet.value)
        super().handle(packet)

    def greet(self, said: usbredir.UsbredirHello) -> None:
        """HELLO has come."""


class _HelloBehind(GuestSide):
    def begin(self) -> bytes:
        return usbredir_packets.packet(usbredir.Reset()) + super().begin()


@fault("usb-hello-behind", "SPICE-USB-001")
class UsbHelloBehind(UsbredirChannel):
    """Says something else before HELLO."""

    side_class = _HelloBehind


class _HelloTwice(_Greeting):
    def greet(self, said: usbredir.UsbredirHello) -> None:
        self._out += usbredir_packets.packet(self.end.own)


@fault("usb-hello-twice", "SPICE-USB-002")
class UsbHelloTwice(UsbredirChannel):
    """Says HELLO again when it has read that of the other side."""

    side_class = _HelloTwice


class _Early(_Announces):
    def begin(self) -> bytes:
        return super().begin() + usbredir_packets.packet(_ANY)


@fault("usb-filter-early", "SPICE-USB-003", "SPICE-USB-009")
class UsbFilterEarly(UsbredirChannel):
    """Sends a filter before it has read HELLO."""

    side_class = _Early


class _NarrowIds(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        self._out += usbredir_packets.packet(value, id)


@fault("usb-narrow-ids", "SPICE-USB-004")
class UsbNarrowIds(UsbredirChannel):
    """Writes ids of 32 bits, whatever was announced."""

    side_class = _NarrowIds


class _StrayByte(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        if not isinstance(value, usbredir.SetConfiguration):
            super().say(value, id)
            return
        longer = bytearray(self.end.packet(value, id) + b"\0")
        longer[4] = 2
        self._out += longer


@fault("usb-stray-byte", "SPICE-USB-005")
class UsbStrayByte(UsbredirChannel):
    """Sends SET_CONFIGURATION with a byte behind its last field."""

    side_class = _StrayByte


@fault("usb-no-pieces", "SPICE-USB-006")
class UsbNoPieces(UsbredirChannel):
    """Closes the channel for a message that is shorter than a header."""

    def _data(self, value: spicevmc.Data | spicevmc.CompressedData, now: float) -> None:
        if isinstance(value, spicevmc.Data) and len(value.data) < usbredir_packets.NARROW:
            self.line.drop("a part of a header")
            return
        super()._data(value, now)

    handlers: ClassVar[Handlers] = {spicevmc.Data: Handler(_data), spicevmc.CompressedData: Handler(_data)}


class _StreamsAlone(_Announces):
    announced = tuple([item for item in CAPABILITIES if item != Can.EP_INFO_MAX_PACKET_SIZE])


@fault("usb-streams-alone", "SPICE-USB-007")
class UsbStreamsAlone(UsbredirChannel):
    """Announces streams without sizes of packets."""

    side_class = _StreamsAlone


class _KnownBits(_Greeting):
    def greet(self, said: usbredir.UsbredirHello) -> None:
        if usbredir_packets.bits(said) > 0xFF:
            raise RemoteError("capabilities without a name")


@fault("usb-known-bits", "SPICE-USB-008")
class UsbKnownBits(UsbredirChannel):
    """Closes the channel over capabilities without a name."""

    side_class = _KnownBits


class _Unannounced(_Greeting):
    def greet(self, said: usbredir.UsbredirHello) -> None:
        if not self.end.has(Can.FILTER):
            self.say(_ANY)


@fault("usb-filter-unannounced", "SPICE-USB-009")
class UsbFilterUnannounced(UsbredirChannel):
    """Sends a filter to who has not announced that."""

    side_class = _Unannounced


class _ResetsNothing(_Greeting):
    def greet(self, said: usbredir.UsbredirHello) -> None:
        self.say(usbredir.Reset())


@fault("usb-resets-nothing", "SPICE-USB-013")
class UsbResetsNothing(UsbredirChannel):
    """Sends RESET although no device is plugged in."""

    side_class = _ResetsNothing


class _Silent(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        if not isinstance(value, usbredir.DeviceDisconnectAck):
            super().say(value, id)


@fault("usb-no-acknowledgement", "SPICE-USB-014")
class UsbNoAcknowledgement(UsbredirChannel):
    """Does not say that it knows of the end of a device."""

    side_class = _Silent


class _Twice(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        super().say(value, id)
        if isinstance(value, usbredir.DeviceDisconnectAck):
            super().say(value, id)


@fault("usb-acknowledges-twice", "SPICE-USB-014")
class UsbAcknowledgesTwice(UsbredirChannel):
    """Says twice that it knows of the end of a device."""

    side_class = _Twice


class _WrongLength(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.BulkPacket) and value.data:
            value = msgspec.structs.replace(value, length=value.length + 1)
        super().say(value, id)


@fault("usb-length-of-more", "SPICE-USB-021")
class UsbLengthOfMore(UsbredirChannel):
    """Says a larger length than there are data."""

    side_class = _WrongLength


class _ReadsWithData(GuestSide):
    def say(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.ControlPacket) and value.endpoint & 0x80 and value.length == 18:
            value = msgspec.structs.replace(value, data=bytes(18))
        super().say(value, id)


@fault("usb-reads-with-data", "SPICE-USB-022")
class UsbReadsWithData(UsbredirChannel):
    """Sends zeros along with a request that reads."""

    side_class = _ReadsWithData


class _Strict(GuestSide):
    def handle(self, packet: Packet) -> None:
        answers = (usbredir.ConfigurationStatus, usbredir.ControlPacket)
        if isinstance(packet.value, answers) and packet.header.id not in self._waiting:
            raise RemoteError("an answer to nothing")
        super().handle(packet)


@fault("usb-expected-answers", "SPICE-USB-026")
class UsbExpectedAnswers(UsbredirChannel):
    """Closes the channel over an answer to nothing."""

    side_class = _Strict


class _NoRules(_Greeting):
    def greet(self, said: usbredir.UsbredirHello) -> None:
        if self.end.has(Can.FILTER):
            self.say(usbredir.FilterFilter(b"nothing but storage"))


@fault("usb-filter-in-words", "SPICE-USB-028")
class UsbFilterInWords(UsbredirChannel):
    """Sends a filter that is no rules, and has no zero byte."""

    side_class = _NoRules
