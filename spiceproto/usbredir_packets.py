"""Which form a usbredir packet has, by what both sides have announced: its value from bytes, and bytes from its value.

    DEVICE_CONNECT     10 bytes with CONNECT_DEVICE_VERSION, else 8
    EP_INFO            288 bytes with BULK_STREAMS, 160 with EP_INFO_MAX_PACKET_SIZE alone, else 96
    BULK_PACKET        10 bytes and data with BULK_LENGTH_32BITS, else 8
    header             16 bytes with IDS_64BITS, else 12; HELLO always has the short one

A capability counts when both sides have announced it. An observer that has not seen both HELLO tells the forms of
DEVICE_CONNECT and EP_INFO by their size, and those of BULK_PACKET by whether the size fits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from spiceproto import dispatch
from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbredirType
from spiceproto.errors import LocalError, RemoteError
from spiceproto.generated import build_usbredir, parse_usbredir
from spiceproto.messages import usbredir as value

__all__ = [
    "LENGTH",
    "NARROW",
    "NEEDS",
    "WIDE",
    "Read",
    "bits",
    "build",
    "bulk_length",
    "fill",
    "hello",
    "is_in",
    "is_packet",
    "packet",
    "read",
]

NARROW, WIDE = 12, 16
"""Sizes of a header."""

LENGTH: Final = 129 << 20
"""The longest packet: 128 MiB of bulk data, and what describes them."""

VERSION: Final = 64
"""Bytes of the version in HELLO."""

NEEDS: Final[Mapping[int, Can]] = {
    UsbredirType.FILTER_REJECT: Can.FILTER,
    UsbredirType.FILTER_FILTER: Can.FILTER,
    UsbredirType.DEVICE_DISCONNECT_ACK: Can.DEVICE_DISCONNECT_ACK,
    UsbredirType.ALLOC_BULK_STREAMS: Can.BULK_STREAMS,
    UsbredirType.FREE_BULK_STREAMS: Can.BULK_STREAMS,
    UsbredirType.BULK_STREAMS_STATUS: Can.BULK_STREAMS,
    UsbredirType.START_BULK_RECEIVING: Can.BULK_RECEIVING,
    UsbredirType.STOP_BULK_RECEIVING: Can.BULK_RECEIVING,
    UsbredirType.BULK_RECEIVING_STATUS: Can.BULK_RECEIVING,
    UsbredirType.BUFFERED_BULK_PACKET: Can.BULK_RECEIVING,
}
"""Types of packets that both sides must have announced something for."""


class _Form(NamedTuple):
    """One form of a packet: the capability that it takes, and the size of what is fixed of it."""

    needs: Can | None
    kind: type
    size: int


_FORMS: Final[Mapping[int, tuple[_Form, ...]]] = {
    UsbredirType.DEVICE_CONNECT: (
        _Form(Can.CONNECT_DEVICE_VERSION, value.DeviceConnect, 10),
        _Form(None, value.DeviceConnectShort, 8),
    ),
    UsbredirType.EP_INFO: (
        _Form(Can.BULK_STREAMS, value.EpInfoStreams, 288),
        _Form(Can.EP_INFO_MAX_PACKET_SIZE, value.EpInfo, 160),
        _Form(None, value.EpInfoShort, 96),
    ),
    UsbredirType.BULK_PACKET: (
        _Form(Can.BULK_LENGTH_32BITS, value.BulkPacket, 10),
        _Form(None, value.BulkPacketShort, 8),
    ),
}
"""Packets of several forms, the longest first."""

_NUMBERS: Final[dict[type, int]] = {
    **{form.kind: number for number, forms in _FORMS.items() for form in forms},
    value.UsbredirHello: UsbredirType.HELLO,
}


class Read(NamedTuple):
    """What a body says; None if it is not known what form it has. ``error`` says why it is none, and ``stray`` counts the bytes
    behind its last field.
    """

    value: Any
    error: RemoteError | None = None
    stray: int = 0


def bits(hello: value.UsbredirHello) -> int:
    """The capability words of a HELLO as one number."""
    return sum(word << 32 * place for place, word in enumerate(hello.capabilities))


def hello(version: str, *capabilities: int) -> value.UsbredirHello:
    """A HELLO. ``version`` is cut to its 64 bytes, of which the last stays zero."""
    announced = sum(1 << bit for bit in set(capabilities))
    words = tuple([announced >> 32 * place & 0xFFFFFFFF for place in range(max(1, (announced.bit_length() + 31) // 32))])
    return value.UsbredirHello(version.encode()[: VERSION - 1].ljust(VERSION, b"\0"), words)


def is_in(endpoint: int) -> bool:
    """Whether the guest reads from this endpoint."""
    return bool(endpoint & 0x80)


def bulk_length(packet: value.BulkPacket | value.BulkPacketShort) -> int:
    """The length of a bulk packet in bytes, of both its fields."""
    return packet.length | (packet.length_high << 16 if isinstance(packet, value.BulkPacket) else 0)


def is_packet(type: int, length: int) -> bool:
    """Whether a header may say this."""
    return type in UsbredirType._value2member_map_ and length <= LENGTH


def fill(data: bytes, *, wide: bool) -> bool:
    """Whether packets with ids of this width begin and end with ``data``."""
    place, header = 0, WIDE if wide else NARROW
    while place + header <= len(data):
        number, length = struct.unpack_from("<LL", data, place)
        if not is_packet(number, length):
            return False
        place += (NARROW if number == UsbredirType.HELLO else header) + length
    return place == len(data) > 0


def read(sender: str, number: int, body: bytes, size: int, common: int | None) -> Read:
    """What the body of a packet says. ``size`` is that of the body, of which ``body`` may be the beginning alone.

    ``common`` has the bits of what both sides have announced, None for not known.
    """
    forms = _FORMS.get(number)
    if forms is None:
        row = dispatch.row("usb", sender, number)
        if row is None:
            text = "a packet that this side does not send"
            return Read(None, RemoteError(text, expected="", actual=UsbredirType(number).name))
        return _parsed(row.parse, body, size)
    form = _form(number, forms, body, size, common)
    return Read(None) if form is None else _parsed(getattr(parse_usbredir, f"parse_{form.kind.__name__}"), body, size)


def _form(number: int, forms: tuple[_Form, ...], body: bytes, size: int, common: int | None) -> _Form | None:
    if common is not None:
        return next(form for form in forms if form.needs is None or common >> form.needs & 1)
    if number != UsbredirType.BULK_PACKET:
        return next((form for form in forms if form.size == size), None)
    wide, narrow = forms
    low = int.from_bytes(body[2:4], "little")
    fits = [low == size - narrow.size, low | int.from_bytes(body[8:10], "little") << 16 == size - wide.size]
    return forms[fits.index(True) ^ 1] if fits.count(True) == 1 else None


def _parsed(parse: Callable[..., Any], body: bytes, size: int) -> Read:
    tails: list[int] = []
    try:
        found = parse(body, tails.append)
    except RemoteError as error:
        return Read(None, error)
    return Read(found, None, size - tails[-1] if tails else 0)


def build(packet: Any) -> tuple[int, bytes]:
    """Number and body of a packet from its value. Raises LocalError for what is none."""
    kind = type(packet)
    number = _NUMBERS.get(kind)
    if number is not None:
        return number, getattr(build_usbredir, f"build_{kind.__name__}")(packet)
    for sender in ("client", "server"):
        try:
            return dispatch.build("usb", sender, packet)
        except LocalError:
            continue
    raise LocalError("no usbredir packet", actual=kind.__name__)


def packet(packet: Any, id: int = 0, *, wide: bool = False) -> bytes:
    """A packet with its header; ids have 64 bits if ``wide``, which HELLO never has."""
    number, body = build(packet)
    return struct.pack("<LLQ" if wide and number != UsbredirType.HELLO else "<LLL", number, len(body), id) + body
