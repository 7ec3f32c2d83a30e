"""The usbredir channel, and the packets of the usbredir protocol that its bytes carry.

The client has the device, so that it is what usbredir calls a usb-host; the server is its usb-guest. The table ``USB`` has the
packets of both. Where a capability of both sides makes a packet longer, each form is a record of its own; which of them is on
the wire is said by :mod:`spiceproto.usbredir_packets`.

Source of the inner protocol: usbredir's own description, version 0.7. All its numbers are little-endian.
"""

from __future__ import annotations

from spiceproto.enums.link import ChannelType
from spiceproto.enums.usbredir import UsbEndpointType, UsbredirType, UsbSpeed, UsbStatus
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.message import channel, message
from spiceproto.schema import spicevmc
from spiceproto.wire import REST, array, data, enum, field, record, text, uint8, uint16, uint32, uint64

UsbredirHeader = record(
    "usbredir.UsbredirHeader",
    field("type", enum(UsbredirType, uint32), "Kind of packet; from 100 on they carry data"),
    field("length", uint32, "Size of the packet behind this header", unit="byte"),
    field("id", uint32, "Matches an answer with its request"),
    doc="Stands before every usbredir packet until both sides have announced ids of 64 bits.",
)

UsbredirWideHeader = record(
    "usbredir.UsbredirWideHeader",
    field("type", enum(UsbredirType, uint32), "Kind of packet; from 100 on they carry data"),
    field("length", uint32, "Size of the packet behind this header", unit="byte"),
    field("id", uint64, "Matches an answer with its request"),
    doc="Stands before every usbredir packet once both sides have announced ids of 64 bits.",
)

UsbredirHello = record(
    "usbredir.UsbredirHello",
    field("version", text(64), "Name and version of the program, padded with zero bytes"),
    field("capabilities", array(uint32, REST), "Capability words"),
    doc="First packet of each side.",
)

USBREDIR = channel(
    "usbredir",
    ChannelType.USBREDIR,
    prefix="SPICEVMC",
    server=spicevmc.ROWS,
    client=spicevmc.ROWS,
    doc="A USB device at the client, redirected to the guest.",
)

_ENDPOINT = ("endpoint", uint8, "Number of an endpoint; bit 7 set for one that the guest reads")
_STATUS = ("status", enum(UsbStatus, uint8), "How it ended; means nothing in what the guest side sends")

DeviceConnectShort = record(
    "usbredir.DeviceConnectShort",
    field("speed", enum(UsbSpeed, uint8), "Speed of the device"),
    field("device_class", uint8, "Class of the device; 0 if its interfaces say it"),
    field("device_subclass", uint8, "Subclass of the device"),
    field("device_protocol", uint8, "Protocol of the device"),
    field("vendor_id", uint16, "Vendor of the device"),
    field("product_id", uint16, "Product of the device"),
    doc="DEVICE_CONNECT unless both sides have announced CONNECT_DEVICE_VERSION.",
)

DeviceConnect = record(
    "usbredir.DeviceConnect",
    field("speed", enum(UsbSpeed, uint8), "Speed of the device"),
    field("device_class", uint8, "Class of the device; 0 if its interfaces say it"),
    field("device_subclass", uint8, "Subclass of the device"),
    field("device_protocol", uint8, "Protocol of the device"),
    field("vendor_id", uint16, "Vendor of the device"),
    field("product_id", uint16, "Product of the device"),
    field("device_version_bcd", uint16, "Version of the device, a decimal digit in each four bits"),
    doc="A device is plugged in.",
)

DeviceDisconnect = record("usbredir.DeviceDisconnect", doc="The device is pulled out.")

Reset = record("usbredir.Reset", doc="The guest resets the device; there is no answer.")

InterfaceInfo = record(
    "usbredir.InterfaceInfo",
    field("interface_count", uint32, "Entries that mean something in each list"),
    field("interface", array(uint8, 32), "Numbers of the interfaces"),
    field("interface_class", array(uint8, 32), "Their classes"),
    field("interface_subclass", array(uint8, 32), "Their subclasses"),
    field("interface_protocol", array(uint8, 32), "Their protocols"),
    doc="Which interfaces the device has in its configuration.",
)

_TYPES = field("type", array(enum(UsbEndpointType, uint8), 32), "What the endpoints carry: OUT endpoints 0 to 15, then IN")
_INTERVALS = field("interval", array(uint8, 32), "How often they are polled, as their descriptors say it")
_INTERFACES = field("interface", array(uint8, 32), "Number of the interface that each belongs to")
_SIZES = field("max_packet_size", array(uint16, 32), "Largest packet of each", unit="byte")

EpInfoShort = record(
    "usbredir.EpInfoShort",
    _TYPES,
    _INTERVALS,
    _INTERFACES,
    doc="EP_INFO unless both sides have announced EP_INFO_MAX_PACKET_SIZE.",
)

EpInfo = record(
    "usbredir.EpInfo",
    _TYPES,
    _INTERVALS,
    _INTERFACES,
    _SIZES,
    doc="Which endpoints the device has in its configuration; an IN endpoint has the index of its number and 16.",
)

EpInfoStreams = record(
    "usbredir.EpInfoStreams",
    _TYPES,
    _INTERVALS,
    _INTERFACES,
    _SIZES,
    field("max_streams", array(uint32, 32), "Most bulk streams of each"),
    doc="EP_INFO if both sides have announced BULK_STREAMS as well.",
)

SetConfiguration = record(
    "usbredir.SetConfiguration",
    field("configuration", uint8, "Value of the configuration"),
    doc="The guest chooses a configuration.",
)

GetConfiguration = record("usbredir.GetConfiguration", doc="The guest asks which configuration is chosen.")

ConfigurationStatus = record(
    "usbredir.ConfigurationStatus",
    field(*_STATUS),
    field("configuration", uint8, "The configuration that is chosen now"),
    doc="Answers SET_CONFIGURATION and GET_CONFIGURATION.",
)

SetAltSetting = record(
    "usbredir.SetAltSetting",
    field("interface", uint8, "Number of the interface"),
    field("alt", uint8, "Its alternate setting"),
    doc="The guest chooses an alternate setting of an interface.",
)

GetAltSetting = record(
    "usbredir.GetAltSetting",
    field("interface", uint8, "Number of the interface"),
    doc="The guest asks for the alternate setting of an interface.",
)

AltSettingStatus = record(
    "usbredir.AltSettingStatus",
    field(*_STATUS),
    field("interface", uint8, "Number of the interface"),
    field("alt", uint8, "Its alternate setting now"),
    doc="Answers SET_ALT_SETTING and GET_ALT_SETTING.",
)

StartIsoStream = record(
    "usbredir.StartIsoStream",
    field(*_ENDPOINT),
    field("pkts_per_urb", uint8, "Packets of each transfer"),
    field("no_urbs", uint8, "Transfers under way at a time"),
    doc="The guest wants an isochronous endpoint to run.",
)

StopIsoStream = record("usbredir.StopIsoStream", field(*_ENDPOINT), doc="The guest wants an isochronous endpoint to stop.")

IsoStreamStatus = record(
    "usbredir.IsoStreamStatus",
    field(*_STATUS),
    field(*_ENDPOINT),
    doc="Answers START_ISO_STREAM and STOP_ISO_STREAM; unasked if a stream broke off.",
)

StartInterruptReceiving = record(
    "usbredir.StartInterruptReceiving", field(*_ENDPOINT), doc="The guest wants an interrupt endpoint to be polled."
)

StopInterruptReceiving = record(
    "usbredir.StopInterruptReceiving", field(*_ENDPOINT), doc="The guest wants the polling of an interrupt endpoint to stop."
)

InterruptReceivingStatus = record(
    "usbredir.InterruptReceivingStatus",
    field(*_STATUS),
    field(*_ENDPOINT),
    doc="Answers START_INTERRUPT_RECEIVING and STOP_INTERRUPT_RECEIVING; unasked if it broke off.",
)

AllocBulkStreams = record(
    "usbredir.AllocBulkStreams",
    field("endpoints", uint32, "A bit for each index of EP_INFO"),
    field("no_streams", uint32, "How many streams each is to have"),
    doc="The guest wants bulk streams.",
)

FreeBulkStreams = record(
    "usbredir.FreeBulkStreams",
    field("endpoints", uint32, "A bit for each index of EP_INFO"),
    doc="The guest gives its bulk streams back.",
)

BulkStreamsStatus = record(
    "usbredir.BulkStreamsStatus",
    field("endpoints", uint32, "A bit for each index of EP_INFO"),
    field("no_streams", uint32, "How many streams each has now"),
    field(*_STATUS),
    doc="Answers ALLOC_BULK_STREAMS and FREE_BULK_STREAMS.",
)

CancelDataPacket = record(
    "usbredir.CancelDataPacket", doc="The guest takes back the request with this id, which the client still answers."
)

FilterReject = record("usbredir.FilterReject", doc="A filter of the guest side keeps the device out.")

FilterFilter = record(
    "usbredir.FilterFilter",
    field("filter", text(REST), "Rules between bars, fields between commas, and a zero byte"),
    doc="Which devices the sender lets in.",
)

DeviceDisconnectAck = record("usbredir.DeviceDisconnectAck", doc="The guest side knows that the device is gone.")

StartBulkReceiving = record(
    "usbredir.StartBulkReceiving",
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field("bytes_per_transfer", uint32, "Size of each transfer", unit="byte"),
    field(*_ENDPOINT),
    field("no_transfers", uint8, "Transfers under way at a time"),
    doc="The guest wants a bulk endpoint to be read ahead.",
)

StopBulkReceiving = record(
    "usbredir.StopBulkReceiving",
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field(*_ENDPOINT),
    doc="The guest wants the reading ahead to stop.",
)

BulkReceivingStatus = record(
    "usbredir.BulkReceivingStatus",
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field(*_ENDPOINT),
    field(*_STATUS),
    doc="Answers START_BULK_RECEIVING and STOP_BULK_RECEIVING; unasked if it broke off.",
)

ControlPacket = record(
    "usbredir.ControlPacket",
    field(*_ENDPOINT),
    field("request", uint8, "Request of the setup packet (bRequest)"),
    field("requesttype", uint8, "Its type (bmRequestType); bit 7 set if the guest reads"),
    field(*_STATUS),
    field("value", uint16, "Its value (wValue)"),
    field("index", uint16, "Its index (wIndex)"),
    field("length", uint16, "Bytes that are wished or sent; in an answer, bytes that were", unit="byte"),
    field("data", data(REST), "Bytes that the guest writes, or that the device has answered"),
    doc="A control transfer, and its answer.",
)

BulkPacketShort = record(
    "usbredir.BulkPacketShort",
    field(*_ENDPOINT),
    field(*_STATUS),
    field("length", uint16, "Bytes that are wished or sent; in an answer, bytes that were", unit="byte"),
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field("data", data(REST), "Bytes that the guest writes, or that the device has answered"),
    doc="BULK_PACKET unless both sides have announced BULK_LENGTH_32BITS.",
)

BulkPacket = record(
    "usbredir.BulkPacket",
    field(*_ENDPOINT),
    field(*_STATUS),
    field("length", uint16, "Bytes that are wished or sent; in an answer, bytes that were", unit="byte"),
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field("length_high", uint16, "Upper 16 bits of the length"),
    field("data", data(REST), "Bytes that the guest writes, or that the device has answered"),
    doc="A bulk transfer, and its answer.",
)

IsoPacket = record(
    "usbredir.IsoPacket",
    field(*_ENDPOINT),
    field(*_STATUS),
    field("length", uint16, "Bytes of data", unit="byte"),
    field("data", data(REST), "One packet of an isochronous endpoint"),
    doc="What an isochronous endpoint brings, or is to bring; nothing answers it.",
)

InterruptPacket = record(
    "usbredir.InterruptPacket",
    field(*_ENDPOINT),
    field(*_STATUS),
    field("length", uint16, "Bytes of data; in an answer, bytes that were written", unit="byte"),
    field("data", data(REST), "One packet of an interrupt endpoint"),
    doc="What an interrupt endpoint has said, or is to be told; the latter is answered.",
)

BufferedBulkPacket = record(
    "usbredir.BufferedBulkPacket",
    field("stream_id", uint32, "Bulk stream; 0 for none"),
    field("length", uint32, "Bytes of data", unit="byte"),
    field(*_ENDPOINT),
    field(*_STATUS),
    field("data", data(REST), "Bytes that were read ahead"),
    doc="What was read ahead after START_BULK_RECEIVING.",
)

_BOTH = (
    message(0, "HELLO", UsbredirHello),
    message(23, "FILTER_FILTER", FilterFilter, capability=Can.FILTER),
    message(100, "CONTROL_PACKET", ControlPacket),
    message(101, "BULK_PACKET", BulkPacket),
    message(102, "ISO_PACKET", IsoPacket),
    message(103, "INTERRUPT_PACKET", InterruptPacket),
)

USB = channel(
    "usb",
    None,
    prefix="USB_REDIR",
    client=(
        *_BOTH,
        message(1, "DEVICE_CONNECT", DeviceConnect),
        message(2, "DEVICE_DISCONNECT", DeviceDisconnect),
        message(4, "INTERFACE_INFO", InterfaceInfo),
        message(5, "EP_INFO", EpInfo),
        message(8, "CONFIGURATION_STATUS", ConfigurationStatus),
        message(11, "ALT_SETTING_STATUS", AltSettingStatus),
        message(14, "ISO_STREAM_STATUS", IsoStreamStatus),
        message(17, "INTERRUPT_RECEIVING_STATUS", InterruptReceivingStatus),
        message(20, "BULK_STREAMS_STATUS", BulkStreamsStatus, capability=Can.BULK_STREAMS),
        message(27, "BULK_RECEIVING_STATUS", BulkReceivingStatus, capability=Can.BULK_RECEIVING),
        message(104, "BUFFERED_BULK_PACKET", BufferedBulkPacket, capability=Can.BULK_RECEIVING),
    ),
    server=(
        *_BOTH,
        message(3, "RESET", Reset),
        message(6, "SET_CONFIGURATION", SetConfiguration),
        message(7, "GET_CONFIGURATION", GetConfiguration),
        message(9, "SET_ALT_SETTING", SetAltSetting),
        message(10, "GET_ALT_SETTING", GetAltSetting),
        message(12, "START_ISO_STREAM", StartIsoStream),
        message(13, "STOP_ISO_STREAM", StopIsoStream),
        message(15, "START_INTERRUPT_RECEIVING", StartInterruptReceiving),
        message(16, "STOP_INTERRUPT_RECEIVING", StopInterruptReceiving),
        message(18, "ALLOC_BULK_STREAMS", AllocBulkStreams, capability=Can.BULK_STREAMS),
        message(19, "FREE_BULK_STREAMS", FreeBulkStreams, capability=Can.BULK_STREAMS),
        message(21, "CANCEL_DATA_PACKET", CancelDataPacket),
        message(22, "FILTER_REJECT", FilterReject, capability=Can.FILTER),
        message(24, "DEVICE_DISCONNECT_ACK", DeviceDisconnectAck, capability=Can.DEVICE_DISCONNECT_ACK),
        message(25, "START_BULK_RECEIVING", StartBulkReceiving, capability=Can.BULK_RECEIVING),
        message(26, "STOP_BULK_RECEIVING", StopBulkReceiving, capability=Can.BULK_RECEIVING),
    ),
    common=False,
    doc="Inside of the bytes of a usbredir channel.",
)
