"""A device for the guests of servers: mass storage by its descriptors, whose commands all fail, so that no guest uses it."""

from __future__ import annotations

import struct
from typing import Final

from spiceproto import usbredir_device
from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus
from spiceproto.messages.usbredir import ControlPacket, DeviceConnect

__all__ = ["SmallDevice"]

_IN, _OUT, _PACKET = 0x81, 0x02, 512
_NUMBERS: Final = (0x1209, 0x0002, 0x0100)
_DEVICE, _CONFIGURATION = 1, 2


class SmallDevice:
    """One configuration, one interface, two bulk endpoints, nothing behind them."""

    def __init__(self) -> None:
        vendor, product, version = _NUMBERS
        self.connect = DeviceConnect(
            speed=UsbSpeed.HIGH,
            device_class=0,
            device_subclass=0,
            device_protocol=0,
            vendor_id=vendor,
            product_id=product,
            device_version_bcd=version,
        )
        self.interface_info = usbredir_device.interfaces((0, 8, 6, 0x50))
        self.ep_info = usbredir_device.endpoints((_IN, UsbEndpointType.BULK, _PACKET), (_OUT, UsbEndpointType.BULK, _PACKET))
        self.configuration = 0

    def reset(self) -> None:
        self.configuration = 0

    def configure(self, value: int) -> UsbStatus:
        if value > 1:
            return UsbStatus.INVAL
        self.configuration = value
        return UsbStatus.SUCCESS

    def write(self, endpoint: int, data: bytes) -> UsbStatus:
        return UsbStatus.STALL

    def read(self, endpoint: int, wished: int) -> tuple[UsbStatus, bytes] | None:
        return UsbStatus.STALL, b""

    def control(self, asked: ControlPacket) -> tuple[UsbStatus, bytes]:
        if (asked.requesttype, asked.request) == (0x80, 6):
            found = self._descriptor(asked.value >> 8)
            return (UsbStatus.SUCCESS, found) if found else (UsbStatus.STALL, b"")
        if (asked.requesttype, asked.request) in ((0x02, 1), (0x00, 9)):
            return UsbStatus.SUCCESS, b""
        return UsbStatus.STALL, b""

    def _descriptor(self, kind: int) -> bytes:
        if kind == _DEVICE:
            return struct.pack("<BBHBBBBHHHBBBB", 18, _DEVICE, 0x0200, 0, 0, 0, 64, *_NUMBERS, 0, 0, 0, 1)
        if kind == _CONFIGURATION:
            ends = b"".join(struct.pack("<BBBBHB", 7, 5, end, 2, _PACKET, 0) for end in (_IN, _OUT))
            head = struct.pack("<BBHBBBBB", 9, _CONFIGURATION, 32, 1, 1, 0, 0x80, 50)
            return head + bytes([9, 4, 0, 0, 2, 8, 6, 0x50, 0]) + ends
        return b""
