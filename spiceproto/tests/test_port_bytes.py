"""What is found in the bytes of byte channels, and that nothing is said of what nobody can know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from spiceproto import byte_channel, limits
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import DataCompressionType, PortEvent
from spiceproto.messages.port import Event, Init
from spiceproto.messages.spicevmc import CompressedData, Data
from spiceproto.mux import multiplex
from spiceproto.port_bytes import PortBytes

WEBDAV, PORT = (int(ChannelType.WEBDAV), 0), (int(ChannelType.PORT), 0)
NAME = Init(b"org.spice-space.webdav.0\0", 1)


def found(bytes_: PortBytes, *said: tuple[str, str, Any]) -> list[str]:
    return [item.requirement[-7:] for words in said for item in bytes_.judge(*words, 0.0)]


def webdav() -> PortBytes:
    made = PortBytes(WEBDAV, "webdav")
    assert found(made, ("server", "INIT", NAME)) == []
    return made


def data(number: int, text: bytes = b"", sender: str = "client") -> tuple[str, str, Data]:
    return (sender, "DATA", Data(multiplex(number, text)))


def asked(*numbers: int) -> PortBytes:
    made = webdav()
    assert found(made, *[data(number, b"GET", "server") for number in numbers]) == []
    return made


@pytest.mark.parametrize(
    ("channel", "table", "name", "wrong"),
    [
        (PORT, "port", b"org.qemu.1\0", []),
        (PORT, "port", b"\0", ["VMC-012"]),
        (PORT, "port", b"", ["VMC-012"]),
        (PORT, "port", NAME.name, ["VMC-013"]),
        (WEBDAV, "webdav", b"com.example.0\0", ["VMC-013"]),
        (WEBDAV, "webdav", b"org.spice-space.webdav.0", []),
    ],
)
def test_names(channel: tuple[int, int], table: str, name: bytes, wrong: list[str]) -> None:
    assert found(PortBytes(channel, table), ("server", "INIT", Init(name, 1))) == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"uncompressed_size": 2001}, ["VMC-003"]),
        ({"uncompressed_size": 1999}, ["VMC-003"]),
        ({"uncompressed_size": limits.COMPRESSED_DATA + 1}, ["VMC-004"]),
        ({"uncompressed_size": 0}, ["VMC-005"]),
        ({"type": 7}, []),
        ({"type": DataCompressionType.NONE, "uncompressed_size": None}, ["VMC-005"]),
        ({"compressed_data": b"no block"}, ["VMC-003"]),
        ({"compressed_data": bytes(2000)}, ["VMC-005", "VMC-003"]),
    ],
)
@pytest.mark.parametrize("sender", ["client", "server"])
def test_what_is_compressed(change: dict[str, Any], wrong: list[str], sender: str) -> None:
    value = msgspec.structs.replace(byte_channel.compressed(b"x" * 2000), **change)
    assert found(PortBytes((9, 0), "usbredir"), (sender, "COMPRESSED_DATA", value)) == wrong


@pytest.mark.parametrize("sender", ["client", "server"])
def test_nothing_at_all(sender: str) -> None:
    assert found(PortBytes(PORT, "port"), (sender, "DATA", Data(b""))) == ["VMC-040"]


def test_numbers_of_connections() -> None:
    made = asked(1, -2)
    assert found(made, data(1, b"HTTP"), data(-2, b"HTTP"), data(1), data(-2), data(1)) == []
    assert found(made, data(3, b"HTTP")) == ["VMC-026"]
    assert found(made, data(1, b"more")) == ["VMC-027"]
    assert found(made, data(1, b"GET", "server"), data(1, b"more")) == []


def test_what_the_guest_has_ended_may_be_under_way() -> None:
    made = asked(1)
    assert found(made, data(1, b"", "server"), data(1, b"HTTP"), data(1)) == []


@pytest.mark.parametrize("size", [1, 7, 40])
def test_chunks_in_pieces(size: int) -> None:
    made = asked(1)
    stream = multiplex(1, b"x" * 30) + multiplex(2, b"y")
    pieces = [("client", "DATA", Data(stream[at : at + size])) for at in range(0, len(stream), size)]
    assert found(made, *pieces) == ["VMC-026"]


def test_chunks_that_are_compressed() -> None:
    made = asked(1)
    packed = byte_channel.compressed(multiplex(1, b"x" * 3000) + multiplex(9, b"y"))
    assert found(made, ("client", "COMPRESSED_DATA", packed)) == ["VMC-026"]


def test_nothing_is_said_where_nobody_knows() -> None:
    stray = data(7, b"HTTP")
    assert found(PortBytes(WEBDAV, "webdav"), stray) == []  # joined midway
    made = asked(1)
    made.forget("server")
    assert found(made, stray) == []
    for event in (PortEvent.OPENED, PortEvent.CLOSED):
        assert found(asked(1), ("server", "EVENT", Event(event)), stray) == []
    assert found(asked(1), ("server", "EVENT", Event(PortEvent.BREAK)), stray) == ["VMC-026"]
    broken = CompressedData(DataCompressionType.LZ4, 99, b"no block")
    assert found(asked(1), ("client", "COMPRESSED_DATA", broken), stray) == ["VMC-003"]
    assert found(asked(1), ("client", "DATA", None), stray) == []
    port = PortBytes(PORT, "port")
    assert found(port, ("server", "INIT", Init(b"a\0", 1)), stray) == []


def test_nothing_is_said_behind_a_second_init() -> None:
    made = asked(1)
    assert found(made, ("server", "INIT", NAME), data(1, b"HTTP"), data(2, b"HTTP")) == []


def test_more_connections_than_are_remembered() -> None:
    made = webdav()
    for number in range(1, (1 << 14) + 3):
        assert found(made, data(number, b"GET", "server")) == []
    assert found(made, data(1 << 20, b"HTTP")) == []
