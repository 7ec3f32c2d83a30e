"""The side of a usbredir channel that has a device: it is announced, and what a guest asks of it is answered.

    side = DeviceSide(device, "a program 1.0")
    out = side.begin()                HELLO
    out = side.receive(data)          answers; the device is announced when the other side has said HELLO
    out = side.unplug()               pull it out, and
    out = side.plug()                 put it in again

A device is whatever has the methods of :class:`Device`: descriptors and endpoints, no sockets and no clock. Requests to read
from a bulk endpoint wait here until it has something to say, in their order; everything else is answered at once. A read of
more than ``usbredir_end.MOST`` bytes is refused. What is read at once is bounded: with :attr:`DeviceSide.more` there is
something left for :meth:`DeviceSide.go_on`, once what was said has gone.

A device that is put in again is announced when the other side knows that it was pulled out, if both have announced
DEVICE_DISCONNECT_ACK (SPICE-USB-015).
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Protocol

from spiceproto import usbredir_packets
from spiceproto.enums.usbredir import UsbEndpointType, UsbredirCapability, UsbStatus
from spiceproto.messages import usbredir
from spiceproto.usbredir import Packet
from spiceproto.usbredir_end import MOST, UsbredirEnd

__all__ = ["CAPABILITIES", "INDICES", "WAITING", "Device", "DeviceSide", "endpoints", "interfaces"]

CAPABILITIES: Final = (
    UsbredirCapability.CONNECT_DEVICE_VERSION,
    UsbredirCapability.FILTER,
    UsbredirCapability.DEVICE_DISCONNECT_ACK,
    UsbredirCapability.EP_INFO_MAX_PACKET_SIZE,
    UsbredirCapability.IDS_64BITS,
    UsbredirCapability.BULK_LENGTH_32BITS,
)
"""What this side announces: QEMU wants the last three of a device on its xHCI."""

INDICES: Final = 32
"""Entries of each list of INTERFACE_INFO and EP_INFO."""

WAITING: Final = 256
"""Requests to read that wait at a time; more are refused. Guests were seen to have two under way."""


class Device(Protocol):
    """A device as this side needs it."""

    connect: usbredir.DeviceConnect
    interface_info: usbredir.InterfaceInfo
    ep_info: usbredir.EpInfoStreams
    configuration: int

    def reset(self) -> None:
        """Forget what was under way."""

    def configure(self, value: int) -> UsbStatus:
        """Take this configuration."""

    def control(self, asked: usbredir.ControlPacket) -> tuple[UsbStatus, bytes]:
        """A control transfer; bytes only for one that reads."""

    def write(self, endpoint: int, data: bytes) -> UsbStatus:
        """The guest writes to a bulk endpoint."""

    def read(self, endpoint: int, wished: int) -> tuple[UsbStatus, bytes] | None:
        """The guest reads so many bytes of a bulk endpoint; None if there is nothing to say yet."""


def interfaces(*described: tuple[int, int, int, int]) -> usbredir.InterfaceInfo:
    """INTERFACE_INFO from number, class, subclass and protocol of each."""
    rows = [*described, *[(0, 0, 0, 0)] * (INDICES - len(described))]
    columns = [tuple(column) for column in zip(*rows, strict=True)]
    return usbredir.InterfaceInfo(
        interface_count=len(described),
        interface=columns[0],
        interface_class=columns[1],
        interface_subclass=columns[2],
        interface_protocol=columns[3],
    )


def index(endpoint: int) -> int:
    """The place of an endpoint in the lists of EP_INFO."""
    return (endpoint & 0x0F) + (16 if usbredir_packets.is_in(endpoint) else 0)


def endpoints(*described: tuple[int, UsbEndpointType, int], interface: int = 0) -> usbredir.EpInfoStreams:
    """EP_INFO from number, type and largest packet of each endpoint, beside the two for control."""
    types = [UsbEndpointType.INVALID] * INDICES
    sizes = [0] * INDICES
    for number, kind, size in ((0x00, UsbEndpointType.CONTROL, 64), (0x80, UsbEndpointType.CONTROL, 64), *described):
        types[index(number)], sizes[index(number)] = kind, size
    owners = [interface if kind not in (UsbEndpointType.INVALID, UsbEndpointType.CONTROL) else 0 for kind in types]
    return usbredir.EpInfoStreams(
        type=tuple(types),
        interval=(0,) * INDICES,
        interface=tuple(owners),
        max_packet_size=tuple(sizes),
        max_streams=(0,) * INDICES,
    )


class DeviceSide:
    """``connected``: the other side knows the device. ``plugged``: it is to be. ``leaving``: it was pulled out, and the other
    side has not said that it knows. ``rejected``: a filter keeps it out. ``more``: requests wait that could be answered.
    """

    def __init__(self, device: Device, version: str, capabilities: tuple[int, ...] = CAPABILITIES) -> None:
        self.device = device
        self.end = UsbredirEnd("client", usbredir_packets.hello(version, *capabilities))
        self.plugged = True
        self.connected = False
        self.leaving = False
        self.rejected = False
        self.waiting: dict[int, deque[tuple[int, Any]]] = {}
        self.more = False
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

    def plug(self) -> bytes:
        """Put the device in, if it is not."""
        self.plugged = True
        self._announce_if_possible()
        return self.taken()

    def unplug(self) -> bytes:
        """Pull the device out, if it is in."""
        self.plugged = False
        if self.connected:
            self.connected = False
            self.waiting.clear()
            self.device.reset()
            self.leaving = self.end.has(UsbredirCapability.DEVICE_DISCONNECT_ACK)
            self.send(usbredir.DeviceDisconnect())
        return self.taken()

    def go_on(self) -> bytes:
        """The device may have something to say that it had not."""
        self._serve()
        return self.taken()

    # -- what is said

    def taken(self) -> bytes:
        """What is to be sent, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def send(self, value: Any, id: int = 0) -> None:
        """A packet for the other side."""
        self._out += self.end.packet(value, id)

    def _announce_if_possible(self) -> None:
        if self.plugged and self.end.ready and not self.connected and not self.leaving:
            self.announce()
            self.connected = True

    def announce(self) -> None:
        """The device with what it has, before it is plugged in (SPICE-USB-010)."""
        self.describe()
        self.plug_in()

    def plug_in(self) -> None:
        """DEVICE_CONNECT, in the form that both sides know."""
        connect = self.device.connect
        if self.end.has(UsbredirCapability.CONNECT_DEVICE_VERSION):
            self.send(connect)
        else:
            self.send(
                usbredir.DeviceConnectShort(
                    speed=connect.speed,
                    device_class=connect.device_class,
                    device_subclass=connect.device_subclass,
                    device_protocol=connect.device_protocol,
                    vendor_id=connect.vendor_id,
                    product_id=connect.product_id,
                )
            )

    def describe(self) -> None:
        """Interfaces and endpoints, in the form that both sides know."""
        self.send(self.device.interface_info)
        full = self.device.ep_info
        if self.end.has(UsbredirCapability.BULK_STREAMS):
            self.send(full)
        elif self.end.has(UsbredirCapability.EP_INFO_MAX_PACKET_SIZE):
            self.send(
                usbredir.EpInfo(
                    type=full.type, interval=full.interval, interface=full.interface, max_packet_size=full.max_packet_size
                )
            )
        else:
            self.send(usbredir.EpInfoShort(type=full.type, interval=full.interval, interface=full.interface))

    # -- what the guest asks

    def handle(self, packet: Packet) -> None:
        """One packet of the other side."""
        asked, id = packet.value, packet.header.id
        act = _ACTS.get(type(asked))
        if act is not None and (self.connected or type(asked) in _ALWAYS):
            getattr(self, act.__name__)(asked, id)  # by its name: whoever overrides it need not write the table again

    def _hello(self, asked: Any, id: int) -> None:
        self._announce_if_possible()

    def _acknowledged(self, asked: Any, id: int) -> None:
        self.leaving = False
        self._announce_if_possible()

    def _rejected(self, asked: Any, id: int) -> None:
        self.rejected = True

    def _reset(self, asked: Any, id: int) -> None:
        for endpoint in list(self.waiting):
            self._give_up(endpoint)
        self.device.reset()

    def _give_up(self, endpoint: int) -> None:
        for id, asked in self.waiting.pop(endpoint, ()):
            self.answer_bulk(asked, id, UsbStatus.CANCELLED, b"")

    def _set_configuration(self, asked: usbredir.SetConfiguration, id: int) -> None:
        status = self.device.configure(asked.configuration)
        self.send(usbredir.ConfigurationStatus(status, self.device.configuration), id)

    def _get_configuration(self, asked: Any, id: int) -> None:
        self.send(usbredir.ConfigurationStatus(UsbStatus.SUCCESS, self.device.configuration), id)

    def _set_alt(self, asked: usbredir.SetAltSetting, id: int) -> None:
        good = asked.alt == 0 and asked.interface < self.device.interface_info.interface_count
        self.send(usbredir.AltSettingStatus(UsbStatus.SUCCESS if good else UsbStatus.INVAL, asked.interface, 0), id)

    def _get_alt(self, asked: usbredir.GetAltSetting, id: int) -> None:
        good = asked.interface < self.device.interface_info.interface_count
        self.send(usbredir.AltSettingStatus(UsbStatus.SUCCESS if good else UsbStatus.INVAL, asked.interface, 0), id)

    def _control(self, asked: usbredir.ControlPacket, id: int) -> None:
        status, data = self.device.control(asked)
        self.answer_control(asked, id, status, data)

    def answer_control(self, asked: usbredir.ControlPacket, id: int, status: UsbStatus, data: bytes) -> None:
        """The answer to a control transfer: no more than was wished, and nothing to what was written."""
        read = usbredir_packets.is_in(asked.requesttype)
        data = data[: asked.length] if read else b""
        taken = len(asked.data) if not read and status == UsbStatus.SUCCESS else 0
        self.send(
            usbredir.ControlPacket(
                endpoint=asked.endpoint,
                request=asked.request,
                requesttype=asked.requesttype,
                status=status,
                value=asked.value,
                index=asked.index,
                length=len(data) if read else taken,
                data=data,
            ),
            id,
        )
        self._serve()

    def _bulk(self, asked: Any, id: int) -> None:
        if not usbredir_packets.is_in(asked.endpoint):
            status = self.device.write(asked.endpoint, asked.data) if self._is_bulk(asked.endpoint) else UsbStatus.INVAL
            self.answer_bulk(asked, id, status, asked.data if status == UsbStatus.SUCCESS else b"")
            self._serve()
            return
        queue = self.waiting.setdefault(asked.endpoint & 0x8F, deque()) if self._is_bulk(asked.endpoint) else None
        if queue is None or len(queue) >= WAITING or usbredir_packets.bulk_length(asked) > MOST:
            self.answer_bulk(asked, id, UsbStatus.INVAL, b"")
            return
        queue.append((id, asked))
        self._serve()

    def _is_bulk(self, endpoint: int) -> bool:
        return not endpoint & 0x70 and self.device.ep_info.type[index(endpoint)] == UsbEndpointType.BULK

    def _serve(self) -> None:
        """Answer what waits, as far as the device has something to say."""
        self.more = False
        for endpoint, queue in self.waiting.items():
            while queue:
                if len(self._out) >= MOST:
                    self.more = True
                    return
                id, asked = queue[0]
                found = self.device.read(endpoint, usbredir_packets.bulk_length(asked))
                if found is None:
                    break
                queue.popleft()
                self.answer_bulk(asked, id, *found)

    def answer_bulk(self, asked: Any, id: int, status: UsbStatus, data: bytes) -> None:
        """The answer to a bulk transfer: what was read; of what was written only how much it was."""
        length = len(data)
        said = data if usbredir_packets.is_in(asked.endpoint) else b""
        if isinstance(asked, usbredir.BulkPacketShort):
            answer: Any = usbredir.BulkPacketShort(
                endpoint=asked.endpoint, status=status, length=length, stream_id=asked.stream_id, data=said
            )
        else:
            answer = usbredir.BulkPacket(
                endpoint=asked.endpoint,
                status=status,
                length=length & 0xFFFF,
                stream_id=asked.stream_id,
                length_high=length >> 16,
                data=said,
            )
        self.send(answer, id)

    def _cancel(self, asked: Any, id: int) -> None:
        for queue in self.waiting.values():
            for item in queue:
                if item[0] == id:
                    queue.remove(item)
                    self.answer_bulk(item[1], id, UsbStatus.CANCELLED, b"")
                    return

    # -- what such a device does not have

    def _start_iso(self, asked: Any, id: int) -> None:
        self.send(usbredir.IsoStreamStatus(UsbStatus.INVAL, asked.endpoint), id)

    def _start_interrupt(self, asked: Any, id: int) -> None:
        self.send(usbredir.InterruptReceivingStatus(UsbStatus.INVAL, asked.endpoint), id)

    def _interrupt(self, asked: usbredir.InterruptPacket, id: int) -> None:
        if usbredir_packets.is_in(asked.endpoint):
            return  # only this side says that, and of an endpoint that was started (SPICE-USB-027)
        answer = usbredir.InterruptPacket(endpoint=asked.endpoint, status=UsbStatus.INVAL, length=0, data=b"")
        self.send(answer, id)

    def _streams(self, asked: Any, id: int) -> None:
        if self.end.has(UsbredirCapability.BULK_STREAMS):
            self.send(usbredir.BulkStreamsStatus(asked.endpoints, 0, UsbStatus.INVAL), id)

    def _receiving(self, asked: Any, id: int) -> None:
        if self.end.has(UsbredirCapability.BULK_RECEIVING):
            self.send(usbredir.BulkReceivingStatus(asked.stream_id, asked.endpoint, UsbStatus.INVAL), id)


_ACTS: Final[dict[type, Any]] = {
    usbredir.UsbredirHello: DeviceSide._hello,
    usbredir.DeviceDisconnectAck: DeviceSide._acknowledged,
    usbredir.FilterReject: DeviceSide._rejected,
    usbredir.Reset: DeviceSide._reset,
    usbredir.SetConfiguration: DeviceSide._set_configuration,
    usbredir.GetConfiguration: DeviceSide._get_configuration,
    usbredir.SetAltSetting: DeviceSide._set_alt,
    usbredir.GetAltSetting: DeviceSide._get_alt,
    usbredir.ControlPacket: DeviceSide._control,
    usbredir.BulkPacket: DeviceSide._bulk,
    usbredir.BulkPacketShort: DeviceSide._bulk,
    usbredir.CancelDataPacket: DeviceSide._cancel,
    usbredir.StartIsoStream: DeviceSide._start_iso,
    usbredir.StopIsoStream: DeviceSide._start_iso,
    usbredir.StartInterruptReceiving: DeviceSide._start_interrupt,
    usbredir.StopInterruptReceiving: DeviceSide._start_interrupt,
    usbredir.InterruptPacket: DeviceSide._interrupt,
    usbredir.AllocBulkStreams: DeviceSide._streams,
    usbredir.FreeBulkStreams: DeviceSide._streams,
    usbredir.StartBulkReceiving: DeviceSide._receiving,
    usbredir.StopBulkReceiving: DeviceSide._receiving,
}

_ALWAYS: Final = frozenset({usbredir.UsbredirHello, usbredir.DeviceDisconnectAck, usbredir.FilterReject})
"""What is heard whether there is a device or not."""
