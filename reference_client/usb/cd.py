"""A CD drive on USB: descriptors and standard requests; commands are :mod:`reference_client.usb.bulk_only`'s.

Sources: USB 2.0, chapter 9; Bulk-Only Transport 1.0.
"""

from __future__ import annotations

import struct
from typing import Final

from reference_client.usb.bulk_only import BulkOnly
from reference_client.usb.disc import Drive
from reference_client.usb.scsi import Scsi
from spiceproto import usbredir_device
from spiceproto.enums.usbredir import UsbEndpointType, UsbSpeed, UsbStatus
from spiceproto.messages.usbredir import ControlPacket, DeviceConnect

__all__ = ["BULK_IN", "BULK_OUT", "CdDrive"]

BULK_IN, BULK_OUT = 0x81, 0x02
_PACKET: Final = 512
_VENDOR, _PRODUCT, _VERSION = 0x1209, 0x0001, 0x0100
"""Numbers of pid.codes that are for tests."""

_WORDS: Final = ("spiceproto", "Shared CD", "53504943450001")
"""Vendor, product, and a serial number of more than twelve digits."""

_DEVICE, _CONFIGURATION, _STRING = 1, 2, 3
_ENGLISH: Final = b"\x09\x04"


class CdDrive:
    """One drive, which :class:`spiceproto.usbredir_device.DeviceSide` can announce."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive
        self.connect = DeviceConnect(
            speed=UsbSpeed.HIGH,
            device_class=0,
            device_subclass=0,
            device_protocol=0,
            vendor_id=_VENDOR,
            product_id=_PRODUCT,
            device_version_bcd=_VERSION,
        )
        self.interface_info = usbredir_device.interfaces((0, 8, 6, 0x50))
        self.ep_info = usbredir_device.endpoints(
            (BULK_IN, UsbEndpointType.BULK, _PACKET), (BULK_OUT, UsbEndpointType.BULK, _PACKET)
        )
        self.configuration = 0
        self.scsi = Scsi(drive, *_WORDS)
        self.transport = BulkOnly(self.scsi)

    def reset(self) -> None:
        """The bus is reset."""
        self.configuration = 0
        self.transport.reset()

    def configure(self, value: int) -> UsbStatus:
        """There is one configuration, and none."""
        if value > 1:
            return UsbStatus.INVAL
        self.configuration = value
        self.transport.reset()
        return UsbStatus.SUCCESS

    def write(self, endpoint: int, data: bytes) -> UsbStatus:
        """A command, or its data."""
        return self.transport.write(data)

    def read(self, endpoint: int, wished: int) -> tuple[UsbStatus, bytes] | None:
        """Data, or what became of the command."""
        return self.transport.read(wished)

    def control(self, asked: ControlPacket) -> tuple[UsbStatus, bytes]:
        """Standard requests, and the two of Bulk-Only Transport; others are stalled."""
        answer = self._answer(asked)
        return (UsbStatus.STALL, b"") if answer is None else (UsbStatus.SUCCESS, answer)

    def _answer(self, asked: ControlPacket) -> bytes | None:
        kind = (asked.requesttype, asked.request)
        if kind == (0x80, 6):
            return self._descriptor(asked.value >> 8, asked.value & 0xFF)
        if kind in ((0x80, 0), (0x81, 0)):
            return bytes(2)
        if kind == (0x82, 0):
            return bytes([self.transport.halted and asked.index == BULK_IN, 0])
        if kind == (0x80, 8):
            return bytes([self.configuration])
        if kind == (0x00, 9):
            return b"" if self.configure(asked.value & 0xFF) == UsbStatus.SUCCESS else None
        if kind == (0x81, 10) and not asked.index:
            return bytes(1)
        if kind == (0x01, 11) and not (asked.value or asked.index):
            return b""
        if kind == (0x02, 1) and not asked.value:
            self.transport.clear_halt(asked.index)
            return b""
        if kind == (0xA1, 0xFE):
            return bytes(1)  # one unit, whose number is 0
        if kind == (0x21, 0xFF):
            self.transport.reset()
            return b""
        return None

    def _descriptor(self, kind: int, number: int) -> bytes | None:
        if kind == _DEVICE:
            connect = self.connect
            numbers = struct.pack("<HHH", connect.vendor_id, connect.product_id, connect.device_version_bcd)
            return struct.pack("<BBHBBBB", 18, _DEVICE, 0x0200, 0, 0, 0, 64) + numbers + bytes([1, 2, 3, 1])
        if kind == _CONFIGURATION and number == 0:
            interface = bytes([9, 4, 0, 0, 2, 8, 6, 0x50, 0])
            ends = b"".join(struct.pack("<BBBBHB", 7, 5, end, 2, _PACKET, 0) for end in (BULK_IN, BULK_OUT))
            return struct.pack("<BBHBBBBB", 9, _CONFIGURATION, 32, 1, 1, 0, 0x80, 50) + interface + ends
        if kind == _STRING and number <= len(_WORDS):
            text = _WORDS[number - 1].encode("utf-16-le") if number else _ENGLISH
            return bytes([2 + len(text), _STRING]) + text
        return None
