"""Packets of a usbredir channel: cut anywhere, with ids of both widths, joined midway, and what is none."""

from __future__ import annotations

import struct

import pytest

from spiceproto.enums.usbredir import UsbredirCapability as Can
from spiceproto.enums.usbredir import UsbredirType as Type
from spiceproto.errors import RemoteError
from spiceproto.usbredir import Packet, Usbredir


def hello(*capabilities: Can, version: bytes = b"a program 1.0", words: int = 1) -> bytes:
    bits = sum(1 << capability for capability in capabilities)
    body = version.ljust(64, b"\0") + bits.to_bytes(4, "little") * words
    return struct.pack("<LLL", Type.HELLO, len(body), 0) + body


def packet(type: int, id: int, body: bytes = b"", *, wide: bool = False) -> bytes:
    return struct.pack("<LLQ" if wide else "<LLL", type, len(body), id) + body


NARROW = [
    hello(Can.FILTER),
    packet(Type.DEVICE_CONNECT, 0, bytes(10)),
    packet(Type.RESET, 7),
    packet(Type.BULK_PACKET, 9, bytes(99)),
]
WIDE = [
    hello(Can.IDS_64BITS, Can.FILTER),
    packet(Type.DEVICE_CONNECT, 0, bytes(10), wide=True),
    packet(Type.CONTROL_PACKET, 1 << 40, bytes(18), wide=True),
    packet(Type.DEVICE_DISCONNECT, 3, wide=True),
]
NAMES = ["HELLO", "DEVICE_CONNECT", "RESET", "BULK_PACKET"]


def cut(stream: Usbredir, sender: str, data: bytes, size: int) -> list[Packet]:
    return [item for at in range(0, len(data), size) for item in stream.receive(sender, data[at : at + size])]


@pytest.mark.parametrize("size", [1, 2, 11, 12, 13, 15, 16, 17, 80, 1000])
def test_packets_cut_and_joined(size: int) -> None:
    found = cut(Usbredir(), "client", b"".join(NARROW), size)
    assert [item.name for item in found] == NAMES
    assert [item.size for item in found] == [len(item) for item in NARROW]
    assert [item.header.id for item in found] == [0, 0, 7, 9]


@pytest.mark.parametrize("size", [1, 12, 16, 17, 80, 1000])
def test_ids_are_wide_once_both_have_said_so(size: int) -> None:
    stream = Usbredir()
    cut(stream, "server", hello(Can.IDS_64BITS), size)
    found = cut(stream, "client", b"".join(WIDE), size)
    assert [item.name for item in found] == ["HELLO", "DEVICE_CONNECT", "CONTROL_PACKET", "DEVICE_DISCONNECT"]
    assert [item.size for item in found] == [len(item) for item in WIDE]
    assert found[2].header.id == 1 << 40


def test_ids_stay_narrow_if_one_side_cannot() -> None:
    stream = Usbredir()
    stream.receive("server", hello(Can.FILTER))
    stream.receive("client", hello(Can.IDS_64BITS))
    assert [item.header.id for item in stream.receive("client", packet(Type.RESET, 5))] == [5]


def test_what_a_hello_says() -> None:
    (found,) = Usbredir().receive("client", hello(Can.FILTER, Can.BULK_RECEIVING, words=2))
    assert found.hello is not None and found.hello.version.rstrip(b"\0") == b"a program 1.0"
    assert found.capabilities == ("FILTER", "BULK_RECEIVING", 34, 39)


@pytest.mark.parametrize(
    "begin", [b"GET / HTTP/1.1\r\n", packet(Type.RESET, 0), hello()[:4] + b"\x05\0\0\0" + bytes(4), bytes(12)]
)
def test_other_bytes_are_refused(begin: bytes) -> None:
    with pytest.raises(RemoteError, match="not usbredir"):
        Usbredir().receive("client", begin)


def test_an_unknown_type_is_refused() -> None:
    stream = Usbredir()
    stream.receive("client", hello())
    with pytest.raises(RemoteError, match="not usbredir"):
        stream.receive("client", packet(77, 0))


@pytest.mark.parametrize("wide", [False, True])
def test_who_joins_later_goes_on_with_whole_packets(wide: bool) -> None:
    stream = Usbredir(midway=True)
    assert stream.receive("client", bytes(range(50))) == [] and stream.is_midway("client")
    whole = packet(Type.ISO_PACKET, 4, bytes(5), wide=wide) + packet(Type.RESET, 5, wide=wide)
    assert [item.name for item in stream.receive("client", whole)] == ["ISO_PACKET", "RESET"]
    assert not stream.is_midway("client")
    assert [item.size for item in stream.receive("client", packet(Type.RESET, 6, wide=wide))] == [16 if wide else 12]


def test_after_a_hole() -> None:
    stream = Usbredir()
    stream.receive("client", hello(Can.FILTER))
    stream.receive("client", packet(Type.BULK_PACKET, 1, bytes(1000))[:500])
    assert stream.pending("client") == 488
    stream.lose("client")
    assert stream.pending("client") == 0
    assert stream.receive("client", b"rest of something") == []
    assert [item.name for item in stream.receive("client", packet(Type.RESET, 2))] == ["RESET"]
