"""Faults of USB devices (spec/17-usbredir.md)."""

from __future__ import annotations

from typing import Any, ClassVar

from reference_client.channels.usbredir import UsbredirChannel
from reference_client.faults.fault import fault
from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbStatus
from spiceproto.errors import RemoteError
from spiceproto.messages import spicevmc, usbredir
from spiceproto.usbredir_device import CAPABILITIES, Device, DeviceSide

_NARROW = tuple([item for item in CAPABILITIES if item != Can.IDS_64BITS])


class _Announces(DeviceSide):
    """Announces something else than usual."""

    announced: ClassVar[tuple[int, ...]] = _NARROW

    def __init__(self, device: Device, version: str, capabilities: tuple[int, ...] = CAPABILITIES) -> None:
        super().__init__(device, version, self.announced)


class _HelloBehind(DeviceSide):
    def begin(self) -> bytes:
        return usbredir_packets.packet(usbredir.ConfigurationStatus(UsbStatus.SUCCESS, 0)) + super().begin()


@fault("usb-hello-behind", "SPICE-USB-001")
class UsbHelloBehind(UsbredirChannel):
    """Says something else before HELLO."""

    side_class = _HelloBehind


class _HelloTwice(DeviceSide):
    def _hello(self, asked: Any, id: int) -> None:
        self._out += usbredir_packets.packet(self.end.own)
        super()._hello(asked, id)


@fault("usb-hello-twice", "SPICE-USB-002")
class UsbHelloTwice(UsbredirChannel):
    """Says HELLO again when it has read that of the other side."""

    side_class = _HelloTwice


class _Early(_Announces):
    def begin(self) -> bytes:
        return super().begin() + usbredir_packets.packet(self.device.interface_info)


@fault("usb-device-early", "SPICE-USB-003")
class UsbDeviceEarly(UsbredirChannel):
    """Describes its device before it has read HELLO."""

    side_class = _Early


class _NarrowIds(DeviceSide):
    def send(self, value: Any, id: int = 0) -> None:
        self._out += usbredir_packets.packet(value, id & 0xFFFFFFFF)


@fault("usb-narrow-ids", "SPICE-USB-004")
class UsbNarrowIds(UsbredirChannel):
    """Writes ids of 32 bits, whatever was announced."""

    side_class = _NarrowIds


class _ShortConnect(DeviceSide):
    def send(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.ConfigurationStatus):
            self._out += self.end.packet(usbredir.AltSettingStatus(value.status, value.configuration, 0), id).replace(
                b"\x0b\0\0\0", b"\x08\0\0\0", 1
            )
            return
        super().send(value, id)


@fault("usb-stray-byte", "SPICE-USB-005")
class UsbStrayByte(UsbredirChannel):
    """Sends CONFIGURATION_STATUS with a byte behind its last field."""

    side_class = _ShortConnect


@fault("usb-no-pieces", "SPICE-USB-006")
class UsbNoPieces(UsbredirChannel):
    """Closes the channel for a message that is shorter than a header."""

    def on_data(self, value: spicevmc.Data | spicevmc.CompressedData, now: float) -> None:
        if isinstance(value, spicevmc.Data) and len(value.data) < usbredir_packets.NARROW:
            self.line.drop("a part of a header")
            return
        super().on_data(value, now)


class _StreamsAlone(_Announces):
    announced = (*[item for item in CAPABILITIES if item != Can.EP_INFO_MAX_PACKET_SIZE], Can.BULK_STREAMS)

    def describe(self) -> None:
        full = self.device.ep_info
        self.send(self.device.interface_info)
        self.send(full if self.end.has(Can.BULK_STREAMS) else usbredir.EpInfoShort(full.type, full.interval, full.interface))


@fault("usb-streams-alone", "SPICE-USB-007")
class UsbStreamsAlone(UsbredirChannel):
    """Announces streams without sizes of packets."""

    side_class = _StreamsAlone


class _KnownBits(DeviceSide):
    def _hello(self, asked: usbredir.UsbredirHello, id: int) -> None:
        if len(asked.capabilities) > 1 or usbredir_packets.bits(asked) > 0xFF:
            raise RemoteError("capabilities without a name")
        super()._hello(asked, id)


@fault("usb-known-bits", "SPICE-USB-008")
class UsbKnownBits(UsbredirChannel):
    """Closes the channel over capabilities without a name."""

    side_class = _KnownBits


class _Unannounced(DeviceSide):
    def _hello(self, asked: Any, id: int) -> None:
        if not self.end.has(Can.FILTER):
            self.send(usbredir.FilterFilter(b"-1,-1,-1,-1,1\0"))
        super()._hello(asked, id)


@fault("usb-filter-unannounced", "SPICE-USB-009")
class UsbFilterUnannounced(UsbredirChannel):
    """Sends a filter to who has not announced that."""

    side_class = _Unannounced


class _ConnectFirst(DeviceSide):
    def announce(self) -> None:
        self.plug_in()
        self.describe()


@fault("usb-connect-first", "SPICE-USB-010")
class UsbConnectFirst(UsbredirChannel):
    """Plugs its device in, and describes it then."""

    side_class = _ConnectFirst


class _ConnectTwice(DeviceSide):
    def announce(self) -> None:
        super().announce()
        self.plug_in()


@fault("usb-connect-twice", "SPICE-USB-011")
class UsbConnectTwice(UsbredirChannel):
    """Plugs its device in twice."""

    side_class = _ConnectTwice


class _DisconnectFirst(DeviceSide):
    def announce(self) -> None:
        self.send(usbredir.DeviceDisconnect())
        super().announce()


@fault("usb-disconnect-first", "SPICE-USB-012")
class UsbDisconnectFirst(UsbredirChannel):
    """Pulls a device out before it has plugged one in."""

    side_class = _DisconnectFirst


class _Impatient(DeviceSide):
    def announce(self) -> None:
        super().announce()
        self.send(usbredir.DeviceDisconnect())
        super().announce()


@fault("usb-impatient", "SPICE-USB-015")
class UsbImpatient(UsbredirChannel):
    """Plugs its device in again before it is known that it was pulled out."""

    side_class = _Impatient


class _AnswersTwice(DeviceSide):
    def _get_configuration(self, asked: Any, id: int) -> None:
        super()._get_configuration(asked, id)
        super()._get_configuration(asked, id)


@fault("usb-answers-twice", "SPICE-USB-016")
class UsbAnswersTwice(UsbredirChannel):
    """Says twice which configuration is chosen."""

    side_class = _AnswersTwice


class _NoSettings(DeviceSide):
    def _get_alt(self, asked: usbredir.GetAltSetting, id: int) -> None:
        pass


@fault("usb-no-settings", "SPICE-USB-017")
class UsbNoSettings(UsbredirChannel):
    """Does not answer when it is asked for an alternate setting."""

    side_class = _NoSettings


class _Longer(DeviceSide):
    def answer_control(self, asked: usbredir.ControlPacket, id: int, status: UsbStatus, data: bytes) -> None:
        if status != UsbStatus.SUCCESS or len(data) <= asked.length:
            super().answer_control(asked, id, status, data)
            return
        answer = usbredir.ControlPacket(
            endpoint=asked.endpoint,
            request=asked.request,
            requesttype=asked.requesttype,
            status=status,
            value=asked.value,
            index=asked.index,
            length=len(data),
            data=data,
        )
        self.send(answer, id)


@fault("usb-longer-answers", "SPICE-USB-018")
class UsbLongerAnswers(UsbredirChannel):
    """Answers with a whole descriptor, whatever was wished."""

    side_class = _Longer


class _GivesBack(DeviceSide):
    def send(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.BulkPacket) and not value.endpoint & 0x80:
            data = bytes(value.length)
            value = usbredir.BulkPacket(
                endpoint=value.endpoint, status=value.status, length=value.length, stream_id=0, length_high=0, data=data
            )
        super().send(value, id)


@fault("usb-gives-back", "SPICE-USB-019")
class UsbGivesBack(UsbredirChannel):
    """Gives bytes back for what was written."""

    side_class = _GivesBack


class _OtherEndpoint(DeviceSide):
    def send(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.BulkPacket) and value.endpoint & 0x80:
            value = usbredir.BulkPacket(
                endpoint=value.endpoint + 1,
                status=value.status,
                length=value.length,
                stream_id=value.stream_id,
                length_high=value.length_high,
                data=value.data,
            )
        super().send(value, id)


@fault("usb-other-endpoint", "SPICE-USB-020")
class UsbOtherEndpoint(UsbredirChannel):
    """Answers for the endpoint after the right one."""

    side_class = _OtherEndpoint


class _WrongLength(DeviceSide):
    def send(self, value: Any, id: int = 0) -> None:
        if isinstance(value, usbredir.ControlPacket) and value.data:
            value = usbredir.ControlPacket(
                endpoint=value.endpoint,
                request=value.request,
                requesttype=value.requesttype,
                status=value.status,
                value=value.value,
                index=value.index,
                length=0,
                data=value.data,
            )
        super().send(value, id)


@fault("usb-length-of-nothing", "SPICE-USB-021")
class UsbLengthOfNothing(UsbredirChannel):
    """Says a length of 0 before data."""

    side_class = _WrongLength


class _AlwaysGood(DeviceSide):
    def answer_control(self, asked: usbredir.ControlPacket, id: int, status: UsbStatus, data: bytes) -> None:
        super().answer_control(asked, id, UsbStatus.SUCCESS, data)


@fault("usb-always-good", "SPICE-USB-023")
class UsbAlwaysGood(UsbredirChannel):
    """Says that every control transfer has succeeded."""

    side_class = _AlwaysGood


class _CancelsGood(DeviceSide):
    def answer_bulk(self, asked: Any, id: int, status: UsbStatus, data: bytes) -> None:
        super().answer_bulk(asked, id, UsbStatus.SUCCESS if status == UsbStatus.CANCELLED else status, data)


@fault("usb-cancels-with-success", "SPICE-USB-024")
class UsbCancelsWithSuccess(UsbredirChannel):
    """Says that what was taken back has succeeded."""

    side_class = _CancelsGood


class _CancelsKnown(DeviceSide):
    def _cancel(self, asked: Any, id: int) -> None:
        if not any(id == item for queue in self.waiting.values() for item, _ in queue):
            raise RemoteError("nothing waits under this id")
        super()._cancel(asked, id)


@fault("usb-cancels-known", "SPICE-USB-025")
class UsbCancelsKnown(UsbredirChannel):
    """Closes the channel when something is taken back that does not wait."""

    side_class = _CancelsKnown


class _SpeaksUnasked(DeviceSide):
    def announce(self) -> None:
        super().announce()
        self.send(usbredir.InterruptPacket(endpoint=0x83, status=UsbStatus.SUCCESS, length=1, data=b"\0"), 1)


@fault("usb-interrupts-unasked", "SPICE-USB-027")
class UsbInterruptsUnasked(UsbredirChannel):
    """Sends a packet of an interrupt endpoint that was not started."""

    side_class = _SpeaksUnasked


class _NoRules(DeviceSide):
    def _hello(self, asked: Any, id: int) -> None:
        if self.end.has(Can.FILTER):
            self.send(usbredir.FilterFilter(b"nothing but storage"))
        super()._hello(asked, id)


@fault("usb-filter-in-words", "SPICE-USB-028")
class UsbFilterInWords(UsbredirChannel):
    """Sends a filter that is no rules, and has no zero byte."""

    side_class = _NoRules
