"""Values of usbredir. Made from spiceproto/schema/usbredir.py by ``python -m spiceproto.derive``; do not edit."""

from __future__ import annotations

import msgspec

from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus, UsbredirType


class UsbredirHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every usbredir packet until both sides have announced ids of 64 bits.

    * ``type`` uint32: Kind of packet; from 100 on they carry data
    * ``length`` uint32: Size of the packet behind this header (byte)
    * ``id`` uint32: Matches an answer with its request
    """

    type: UsbredirType | int
    length: int
    id: int


class UsbredirWideHeader(msgspec.Struct, frozen=True, gc=False):
    """Stands before every usbredir packet once both sides have announced ids of 64 bits.

    * ``type`` uint32: Kind of packet; from 100 on they carry data
    * ``length`` uint32: Size of the packet behind this header (byte)
    * ``id`` uint64: Matches an answer with its request
    """

    type: UsbredirType | int
    length: int
    id: int


class UsbredirHello(msgspec.Struct, frozen=True, gc=False):
    """First packet of each side.

    * ``version`` 64 bytes: Name and version of the program, padded with zero bytes
    * ``capabilities`` uint32s: Capability words
    """

    version: bytes
    capabilities: tuple[int, ...]


class DeviceConnectShort(msgspec.Struct, frozen=True, gc=False):
    """DEVICE_CONNECT unless both sides have announced CONNECT_DEVICE_VERSION.

    * ``speed`` uint8: Speed of the device
    * ``device_class`` uint8: Class of the device; 0 if its interfaces say it
    * ``device_subclass`` uint8: Subclass of the device
    * ``device_protocol`` uint8: Protocol of the device
    * ``vendor_id`` uint16: Vendor of the device
    * ``product_id`` uint16: Product of the device
    """

    speed: UsbSpeed | int
    device_class: int
    device_subclass: int
    device_protocol: int
    vendor_id: int
    product_id: int


class DeviceConnect(msgspec.Struct, frozen=True, gc=False):
    """A device is plugged in.

    * ``speed`` uint8: Speed of the device
    * ``device_class`` uint8: Class of the device; 0 if its interfaces say it
    * ``device_subclass`` uint8: Subclass of the device
    * ``device_protocol`` uint8: Protocol of the device
    * ``vendor_id`` uint16: Vendor of the device
    * ``product_id`` uint16: Product of the device
    * ``device_version_bcd`` uint16: Version of the device, a decimal digit in each four bits
    """

    speed: UsbSpeed | int
    device_class: int
    device_subclass: int
    device_protocol: int
    vendor_id: int
    product_id: int
    device_version_bcd: int


class DeviceDisconnect(msgspec.Struct, frozen=True, gc=False):
    """The device is pulled out."""


class Reset(msgspec.Struct, frozen=True, gc=False):
    """The guest resets the device; there is no answer."""


class InterfaceInfo(msgspec.Struct, frozen=True, gc=False):
    """Which interfaces the device has in its configuration.

    * ``interface_count`` uint32: Entries that mean something in each list
    * ``interface`` uint8s: Numbers of the interfaces
    * ``interface_class`` uint8s: Their classes
    * ``interface_subclass`` uint8s: Their subclasses
    * ``interface_protocol`` uint8s: Their protocols
    """

    interface_count: int
    interface: tuple[int, ...]
    interface_class: tuple[int, ...]
    interface_subclass: tuple[int, ...]
    interface_protocol: tuple[int, ...]


class EpInfoShort(msgspec.Struct, frozen=True, gc=False):
    """EP_INFO unless both sides have announced EP_INFO_MAX_PACKET_SIZE.

    * ``type`` uint8s: What the endpoints carry: OUT endpoints 0 to 15, then IN
    * ``interval`` uint8s: How often they are polled, as their descriptors say it
    * ``interface`` uint8s: Number of the interface that each belongs to
    """

    type: tuple[UsbEndpointType | int, ...]
    interval: tuple[int, ...]
    interface: tuple[int, ...]


class EpInfo(msgspec.Struct, frozen=True, gc=False):
    """Which endpoints the device has in its configuration; an IN endpoint has the index of its number and 16.

    * ``type`` uint8s: What the endpoints carry: OUT endpoints 0 to 15, then IN
    * ``interval`` uint8s: How often they are polled, as their descriptors say it
    * ``interface`` uint8s: Number of the interface that each belongs to
    * ``max_packet_size`` uint16s: Largest packet of each (byte)
    """

    type: tuple[UsbEndpointType | int, ...]
    interval: tuple[int, ...]
    interface: tuple[int, ...]
    max_packet_size: tuple[int, ...]


class EpInfoStreams(msgspec.Struct, frozen=True, gc=False):
    """EP_INFO if both sides have announced BULK_STREAMS as well.

    * ``type`` uint8s: What the endpoints carry: OUT endpoints 0 to 15, then IN
    * ``interval`` uint8s: How often they are polled, as their descriptors say it
    * ``interface`` uint8s: Number of the interface that each belongs to
    * ``max_packet_size`` uint16s: Largest packet of each (byte)
    * ``max_streams`` uint32s: Most bulk streams of each
    """

    type: tuple[UsbEndpointType | int, ...]
    interval: tuple[int, ...]
    interface: tuple[int, ...]
    max_packet_size: tuple[int, ...]
    max_streams: tuple[int, ...]


class SetConfiguration(msgspec.Struct, frozen=True, gc=False):
    """The guest chooses a configuration.

    * ``configuration`` uint8: Value of the configuration
    """

    configuration: int


class GetConfiguration(msgspec.Struct, frozen=True, gc=False):
    """The guest asks which configuration is chosen."""


class ConfigurationStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers SET_CONFIGURATION and GET_CONFIGURATION.

    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``configuration`` uint8: The configuration that is chosen now
    """

    status: UsbStatus | int
    configuration: int


class SetAltSetting(msgspec.Struct, frozen=True, gc=False):
    """The guest chooses an alternate setting of an interface.

    * ``interface`` uint8: Number of the interface
    * ``alt`` uint8: Its alternate setting
    """

    interface: int
    alt: int


class GetAltSetting(msgspec.Struct, frozen=True, gc=False):
    """The guest asks for the alternate setting of an interface.

    * ``interface`` uint8: Number of the interface
    """

    interface: int


class AltSettingStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers SET_ALT_SETTING and GET_ALT_SETTING.

    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``interface`` uint8: Number of the interface
    * ``alt`` uint8: Its alternate setting now
    """

    status: UsbStatus | int
    interface: int
    alt: int


class StartIsoStream(msgspec.Struct, frozen=True, gc=False):
    """The guest wants an isochronous endpoint to run.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``pkts_per_urb`` uint8: Packets of each transfer
    * ``no_urbs`` uint8: Transfers under way at a time
    """

    endpoint: int
    pkts_per_urb: int
    no_urbs: int


class StopIsoStream(msgspec.Struct, frozen=True, gc=False):
    """The guest wants an isochronous endpoint to stop.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    endpoint: int


class IsoStreamStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers START_ISO_STREAM and STOP_ISO_STREAM; unasked if a stream broke off.

    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    status: UsbStatus | int
    endpoint: int


class StartInterruptReceiving(msgspec.Struct, frozen=True, gc=False):
    """The guest wants an interrupt endpoint to be polled.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    endpoint: int


class StopInterruptReceiving(msgspec.Struct, frozen=True, gc=False):
    """The guest wants the polling of an interrupt endpoint to stop.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    endpoint: int


class InterruptReceivingStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers START_INTERRUPT_RECEIVING and STOP_INTERRUPT_RECEIVING; unasked if it broke off.

    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    status: UsbStatus | int
    endpoint: int


class AllocBulkStreams(msgspec.Struct, frozen=True, gc=False):
    """The guest wants bulk streams.

    * ``endpoints`` uint32: A bit for each index of EP_INFO
    * ``no_streams`` uint32: How many streams each is to have
    """

    endpoints: int
    no_streams: int


class FreeBulkStreams(msgspec.Struct, frozen=True, gc=False):
    """The guest gives its bulk streams back.

    * ``endpoints`` uint32: A bit for each index of EP_INFO
    """

    endpoints: int


class BulkStreamsStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers ALLOC_BULK_STREAMS and FREE_BULK_STREAMS.

    * ``endpoints`` uint32: A bit for each index of EP_INFO
    * ``no_streams`` uint32: How many streams each has now
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    """

    endpoints: int
    no_streams: int
    status: UsbStatus | int


class CancelDataPacket(msgspec.Struct, frozen=True, gc=False):
    """The guest takes back the request with this id, which the client still answers."""


class FilterReject(msgspec.Struct, frozen=True, gc=False):
    """A filter of the guest side keeps the device out."""


class FilterFilter(msgspec.Struct, frozen=True, gc=False):
    """Which devices the sender lets in.

    * ``filter`` bytes: Rules between bars, fields between commas, and a zero byte
    """

    filter: bytes


class DeviceDisconnectAck(msgspec.Struct, frozen=True, gc=False):
    """The guest side knows that the device is gone."""


class StartBulkReceiving(msgspec.Struct, frozen=True, gc=False):
    """The guest wants a bulk endpoint to be read ahead.

    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``bytes_per_transfer`` uint32: Size of each transfer (byte)
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``no_transfers`` uint8: Transfers under way at a time
    """

    stream_id: int
    bytes_per_transfer: int
    endpoint: int
    no_transfers: int


class StopBulkReceiving(msgspec.Struct, frozen=True, gc=False):
    """The guest wants the reading ahead to stop.

    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    """

    stream_id: int
    endpoint: int


class BulkReceivingStatus(msgspec.Struct, frozen=True, gc=False):
    """Answers START_BULK_RECEIVING and STOP_BULK_RECEIVING; unasked if it broke off.

    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    """

    stream_id: int
    endpoint: int
    status: UsbStatus | int


class ControlPacket(msgspec.Struct, frozen=True, gc=False):
    """A control transfer, and its answer.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``request`` uint8: Request of the setup packet (bRequest)
    * ``requesttype`` uint8: Its type (bmRequestType); bit 7 set if the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``value`` uint16: Its value (wValue)
    * ``index`` uint16: Its index (wIndex)
    * ``length`` uint16: Bytes that are wished or sent; in an answer, bytes that were (byte)
    * ``data`` bytes: Bytes that the guest writes, or that the device has answered
    """

    endpoint: int
    request: int
    requesttype: int
    status: UsbStatus | int
    value: int
    index: int
    length: int
    data: bytes


class BulkPacketShort(msgspec.Struct, frozen=True, gc=False):
    """BULK_PACKET unless both sides have announced BULK_LENGTH_32BITS.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``length`` uint16: Bytes that are wished or sent; in an answer, bytes that were (byte)
    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``data`` bytes: Bytes that the guest writes, or that the device has answered
    """

    endpoint: int
    status: UsbStatus | int
    length: int
    stream_id: int
    data: bytes


class BulkPacket(msgspec.Struct, frozen=True, gc=False):
    """A bulk transfer, and its answer.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``length`` uint16: Bytes that are wished or sent; in an answer, bytes that were (byte)
    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``length_high`` uint16: Upper 16 bits of the length
    * ``data`` bytes: Bytes that the guest writes, or that the device has answered
    """

    endpoint: int
    status: UsbStatus | int
    length: int
    stream_id: int
    length_high: int
    data: bytes


class IsoPacket(msgspec.Struct, frozen=True, gc=False):
    """What an isochronous endpoint brings, or is to bring; nothing answers it.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``length`` uint16: Bytes of data (byte)
    * ``data`` bytes: One packet of an isochronous endpoint
    """

    endpoint: int
    status: UsbStatus | int
    length: int
    data: bytes


class InterruptPacket(msgspec.Struct, frozen=True, gc=False):
    """What an interrupt endpoint has said, or is to be told; the latter is answered.

    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``length`` uint16: Bytes of data; in an answer, bytes that were written (byte)
    * ``data`` bytes: One packet of an interrupt endpoint
    """

    endpoint: int
    status: UsbStatus | int
    length: int
    data: bytes


class BufferedBulkPacket(msgspec.Struct, frozen=True, gc=False):
    """What was read ahead after START_BULK_RECEIVING.

    * ``stream_id`` uint32: Bulk stream; 0 for none
    * ``length`` uint32: Bytes of data (byte)
    * ``endpoint`` uint8: Number of an endpoint; bit 7 set for one that the guest reads
    * ``status`` uint8: How it ended; means nothing in what the guest side sends
    * ``data`` bytes: Bytes that were read ahead
    """

    stream_id: int
    length: int
    endpoint: int
    status: UsbStatus | int
    data: bytes
