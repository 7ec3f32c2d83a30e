"""Numbers of the usbredir protocol, version 0.7, which the usbredir channel carries."""

from __future__ import annotations

from spiceproto.enums.base import WireEnum


class UsbredirType(WireEnum):
    """Kind of a packet; from CONTROL_PACKET on they carry data of the device."""

    HELLO = 0
    """The first packet of each side: version and capabilities."""
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_ISO_STREAM = 12
    STOP_ISO_STREAM = 13
    ISO_STREAM_STATUS = 14
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    ALLOC_BULK_STREAMS = 18
    FREE_BULK_STREAMS = 19
    BULK_STREAMS_STATUS = 20
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    START_BULK_RECEIVING = 25
    STOP_BULK_RECEIVING = 26
    BULK_RECEIVING_STATUS = 27
    CONTROL_PACKET = 100
    BULK_PACKET = 101
    ISO_PACKET = 102
    INTERRUPT_PACKET = 103
    BUFFERED_BULK_PACKET = 104


class UsbredirCapability(WireEnum):
    """What a side can do, announced in its HELLO."""

    BULK_STREAMS = 0
    CONNECT_DEVICE_VERSION = 1
    """DEVICE_CONNECT says the version of the device."""
    FILTER = 2
    DEVICE_DISCONNECT_ACK = 3
    EP_INFO_MAX_PACKET_SIZE = 4
    """EP_INFO says the largest packet of each endpoint."""
    IDS_64BITS = 5
    """Once both sides announced it, ids have 64 bits."""
    BULK_LENGTH_32BITS = 6
    BULK_RECEIVING = 7


class UsbStatus(WireEnum):
    """How a request ended."""

    SUCCESS = 0
    CANCELLED = 1
    INVAL = 2
    """The request means nothing to the device: no such endpoint, a wrong length."""
    IOERROR = 3
    STALL = 4
    """The device refuses; a bulk endpoint is halted from there on."""
    TIMEOUT = 5
    BABBLE = 6
    """The device said more than it was asked for."""


class UsbSpeed(WireEnum):
    """Speed of a device."""

    LOW = 0
    FULL = 1
    HIGH = 2
    SUPER = 3
    UNKNOWN = 255


class UsbEndpointType(WireEnum):
    """What an endpoint carries."""

    CONTROL = 0
    ISO = 1
    BULK = 2
    INTERRUPT = 3
    INVALID = 255
    """There is no such endpoint."""
