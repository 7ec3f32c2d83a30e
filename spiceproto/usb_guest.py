"""What a guest does with a USB device: asks for its descriptors, and reads the blocks of a mass storage device.

Everything here is a script of :class:`spiceproto.usbredir_host.GuestSide`: a generator that yields packets, is sent their
answers, and returns what it found. It does what SeaBIOS and Linux were seen to do, in their order. What a device answers is
bounded by what it was asked for, and how often it is asked by constants here.

Sources: USB 2.0, chapter 9; USB Mass Storage Class, Bulk-Only Transport 1.0; SPC-3; SBC-2.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Any, Final

import msgspec

from spiceproto.enums.usbredir import UsbEndpointType, UsbredirCapability, UsbStatus
from spiceproto.errors import RemoteError
from spiceproto.messages import usbredir
from spiceproto.usbredir_host import GuestSide, Seen

__all__ = ["BLOCKS", "Capacity", "Description", "Storage", "control", "describe", "is_storage"]

BLOCKS: Final = 16
"""Blocks of one command to read: 32 KiB of a CD."""

_TRIES: Final = 8
"""How often a unit is asked whether it is ready, while it has something to tell first."""

_DESCRIPTOR, _CONFIGURE, _CLEAR = 6, 9, 1
_MOST_DESCRIPTORS: Final = 4096

_ANSWERS: Final = (usbredir.BulkPacket, usbredir.BulkPacketShort)
"""What answers a bulk transfer; a device may say something else under the same id."""

_CBW: Final = struct.Struct("<4sLLBBB16s")
_CSW: Final = struct.Struct("<4sLLB")


class Description(msgspec.Struct, frozen=True):
    """What a device says of itself: its descriptors as bytes, and its texts."""

    device: bytes
    configuration: bytes
    texts: tuple[str, ...] = ()


class Capacity(msgspec.Struct, frozen=True):
    """What is in a unit: blocks of so many bytes; 0 for nothing."""

    blocks: int = 0
    size: int = 0


def control(requesttype: int, request: int, value: int, index: int, length: int) -> usbredir.ControlPacket:
    """A control transfer without data of the guest; bit 7 of ``requesttype`` says that it reads ``length`` bytes."""
    return usbredir.ControlPacket(
        endpoint=requesttype & 0x80,
        request=request,
        requesttype=requesttype,
        status=UsbStatus.SUCCESS,
        value=value,
        index=index,
        length=length,
        data=b"",
    )


def _descriptor(kind: int, number: int, length: int, language: int = 0) -> Generator[Any, Any, bytes]:
    answer = yield control(0x80, _DESCRIPTOR, kind << 8 | number, language, length)
    if not isinstance(answer, usbredir.ControlPacket) or answer.status != UsbStatus.SUCCESS:
        return b""
    return bytes(answer.data)


def describe() -> Generator[Any, Any, Description]:
    """Reset the device, read its descriptors, and choose its first configuration. Raises RemoteError for one that has none."""
    yield usbredir.Reset()
    head = yield from _descriptor(1, 0, 8)
    if len(head) < 8:
        raise RemoteError("no device descriptor", expected="8 bytes", actual=f"{len(head)} bytes")
    device = yield from _descriptor(1, 0, 18)
    head = yield from _descriptor(2, 0, 9)
    if len(head) < 9 or len(device) < 18:
        raise RemoteError("no configuration descriptor", expected="9 bytes", actual=f"{len(head)} bytes")
    size = min(int.from_bytes(head[2:4], "little"), _MOST_DESCRIPTORS)
    configuration = yield from _descriptor(2, 0, size)
    texts = []
    for number in device[14:17]:
        text = (yield from _descriptor(3, number, 255, 0x0409)) if number else b""
        texts.append(text[2:].decode("utf-16-le", "replace"))
    answer = yield usbredir.SetConfiguration(head[5])
    if not isinstance(answer, usbredir.ConfigurationStatus) or answer.status != UsbStatus.SUCCESS:
        raise RemoteError("the configuration is refused", expected="SUCCESS", actual=repr(answer))
    return Description(device, configuration, tuple(texts))


def is_storage(seen: Seen) -> bool:
    """Whether a device has an interface of mass storage with Bulk-Only Transport."""
    found = seen.interface_info
    rows = zip(found.interface_class, found.interface_protocol, strict=True)
    return (8, 0x50) in list(rows)[: found.interface_count]


class Storage:
    """The first unit of a mass storage device. Raises RemoteError for one without a bulk endpoint in each direction."""

    def __init__(self, side: GuestSide, seen: Seen) -> None:
        bulk = [place for place, kind in enumerate(seen.ep_info.type) if kind == UsbEndpointType.BULK]
        outs, ins = [place for place in bulk if place < 16], [place for place in bulk if place >= 16]
        if not outs or not ins:
            raise RemoteError(
                "no mass storage", expected="a bulk endpoint in each direction", actual=f"{len(bulk)} bulk endpoints"
            )
        self._out, self._in = outs[0], 0x80 | ins[0] - 16
        self._long = side.end.has(UsbredirCapability.BULK_LENGTH_32BITS)
        self._tag = 0
        self.sense = (0, 0, 0)

    def _bulk(self, endpoint: int, length: int, data: bytes = b"") -> Any:
        if not self._long:
            return usbredir.BulkPacketShort(endpoint=endpoint, status=UsbStatus.SUCCESS, length=length, stream_id=0, data=data)
        return usbredir.BulkPacket(
            endpoint=endpoint,
            status=UsbStatus.SUCCESS,
            length=length & 0xFFFF,
            stream_id=0,
            length_high=length >> 16,
            data=data,
        )

    def _read(self, length: int) -> Generator[Any, Any, tuple[int, bytes]]:
        """Bytes of the IN endpoint, which is made to go on if it was halted."""
        answer = yield self._bulk(self._in, length)
        if not isinstance(answer, _ANSWERS):
            raise RemoteError("no answer of a bulk endpoint")
        if answer.status == UsbStatus.STALL:
            yield control(0x02, _CLEAR, 0, self._in, 0)
        return int(answer.status), bytes(answer.data)

    def command(self, block: bytes, length: int = 0) -> Generator[Any, Any, tuple[bool, bytes]]:
        """One command that reads up to ``length`` bytes: whether it succeeded, and what it read."""
        self._tag += 1
        flags = 0x80 if length else 0
        wrapper = _CBW.pack(b"USBC", self._tag, length, flags, 0, len(block), block.ljust(16, b"\0"))
        answer = yield self._bulk(self._out, len(wrapper), wrapper)
        if not isinstance(answer, _ANSWERS) or answer.status != UsbStatus.SUCCESS:
            raise RemoteError("a command is refused", expected="SUCCESS", actual=str(getattr(answer, "status", None)))
        data = b""
        if length:
            _, data = yield from self._read(length)
        status, said = yield from self._read(_CSW.size)
        if status == UsbStatus.STALL:
            _, said = yield from self._read(_CSW.size)
        if len(said) != _CSW.size or _CSW.unpack(said)[:2] != (b"USBS", self._tag):
            raise RemoteError("no status of a command", expected="USBS and the tag", actual=said[:16].hex(" "))
        good = _CSW.unpack(said)[3] == 0
        if not good and block[0] != 0x03:
            _, sense = yield from self.command(bytes([0x03, 0, 0, 0, 18, 0]), 18)
            self.sense = (sense[2] & 0x0F, sense[12], sense[13]) if len(sense) >= 14 else (0, 0, 0)
        return good, data

    def inquire(self) -> Generator[Any, Any, bytes]:
        """What the unit is: 36 bytes of INQUIRY."""
        _, data = yield from self.command(bytes([0x12, 0, 0, 0, 36, 0]), 36)
        return bytes(data)

    def capacity(self) -> Generator[Any, Any, Capacity]:
        """What is in it, once it is ready; nothing if it does not become that."""
        for _ in range(_TRIES):
            good, _ = yield from self.command(bytes(6))
            if good:
                break
            if self.sense[1] == 0x3A:
                return Capacity()
        else:
            return Capacity()
        good, data = yield from self.command(bytes([0x25]) + bytes(9), 8)
        if not good or len(data) != 8:
            return Capacity()
        last, size = struct.unpack(">LL", data)
        if not 0 < size <= 0xFFFF:
            raise RemoteError("no size of a block", expected="1 to 65535 bytes", actual=f"{size} bytes")
        return Capacity(last + 1, size)

    def blocks(self, first: int, count: int, size: int) -> Generator[Any, Any, bytes]:
        """So many blocks of so many bytes. Raises RemoteError for a device that does not give them."""
        wished = count * size
        good, data = yield from self.command(struct.pack(">BBLBHB", 0x28, 0, first, 0, count, 0), wished)
        if not good or len(data) != wished:
            code = f"{self.sense[0]}/{self.sense[1]:02x}/{self.sense[2]:02x}"
            raise RemoteError(
                f"blocks from {first} on can not be read", expected=f"{wished} bytes", actual=f"{len(data)}, {code}"
            )
        return data
