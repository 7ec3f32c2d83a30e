"""Port and webdav channels: what the guest writes comes, what a client says arrives, and connections are kept apart."""

from __future__ import annotations

import os

import msgspec
import pytest

from reference_server.guest import Answered, Browser, Guest, Over, Port, Received, Said
from reference_server.options import Options
from reference_server.server import Server
from reference_server.tests.memory import Wire, ticket_key
from spiceproto import byte_channel
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.messages import port, spicevmc
from spiceproto.mux import multiplex

LZ4 = NONE.with_(SpicevmcCapability.DATA_COMPRESS_LZ4)


def served(*names: str, piece: int = 0) -> tuple[Wire, list[Port]]:
    guest = Guest()
    ports = [guest.ports.add(name) for name in names]
    wire = Wire(Server(Options(ticket_key=ticket_key), guest), piece=piece)
    wire.main()
    return wire, ports


def heard(item: Port) -> list[object]:
    news: list[object] = []
    item.watch(news.append, Received, Said)
    return news


def test_the_list_has_them() -> None:
    wire, _ = served("a", "org.spice-space.webdav.0", "b")
    listed = wire.server.listing.listed
    assert [key for key in listed if key[0] in (ChannelType.PORT, ChannelType.WEBDAV)] == [(10, 0), (11, 0), (10, 1)]
    wire.server.guest.ports.add("c")
    assert (10, 2) in wire.server.listing.listed


@pytest.mark.parametrize("piece", [0, 1])
def test_bytes_both_ways(piece: int) -> None:
    wire, (first,) = served("com.example.0", piece=piece)
    line, news = wire.link(ChannelType.PORT), heard(first)
    assert line.read() == [port.Init(b"com.example.0\0", 1)]
    first.write(b"hello")
    line.send(spicevmc.Data(b"he"), spicevmc.Data(b""), spicevmc.Data(b"llo"), port.Event(PortEvent.BREAK), port.Event(77))
    assert line.read() == [spicevmc.Data(b"hello")]
    assert news == [Received(b"he"), Received(b"llo"), Said(PortEvent.BREAK), Said(77)]


def test_the_guest_opens_and_closes() -> None:
    wire, (first,) = served("com.example.0")
    first.set_open(False)
    line, news = wire.link(ChannelType.PORT), heard(first)
    assert line.read() == [port.Init(b"com.example.0\0", 0)]
    line.send(spicevmc.Data(b"lost"))
    first.write(b"lost")
    first.send_break()
    first.set_open(True)
    first.set_open(True)
    first.send_break()
    first.set_open(False)
    assert line.read() == [port.Event(event) for event in (PortEvent.OPENED, PortEvent.BREAK, PortEvent.CLOSED)]
    assert news == []


@pytest.mark.parametrize("announced", [NONE, LZ4])
def test_large_pieces(announced: Capabilities) -> None:
    wire, (first,) = served("com.example.0")
    line = wire.link(ChannelType.PORT, own=announced)
    line.read()
    data = b"text " * 40000
    first.write(data)
    found = line.read()
    assert b"".join([byte_channel.unpack(value) for value in found]) == data
    assert {type(value) for value in found} == {spicevmc.CompressedData if announced is LZ4 else spicevmc.Data}


def test_compressed_bytes_of_a_client() -> None:
    wire, (first,) = served("com.example.0")
    line, news = wire.link(ChannelType.PORT), heard(first)
    line.send(spicevmc.Data(b"a"), byte_channel.compressed(b"x" * 122_906), spicevmc.Data(b"b"))
    assert news == [Received(b"a"), Received(b"x" * 122_906), Received(b"b")]


@pytest.mark.parametrize("change", [{"uncompressed_size": 0xFFFFFFFF}, {"compressed_data": os.urandom(500)}, {"type": 9}])
def test_what_can_not_be_inflated_ends_the_channel_alone(change: dict[str, object]) -> None:
    wire, (first,) = served("com.example.0")
    line, news = wire.link(ChannelType.PORT), heard(first)
    line.send(msgspec.structs.replace(byte_channel.compressed(b"x" * 2000), **change))
    assert line.closed and news == [] and not first.linked
    assert wire.link(ChannelType.PORT).read() == [port.Init(b"com.example.0\0", 1)]


def test_ports_are_apart() -> None:
    wire, (first, second) = served("a", "b")
    lines = [wire.link(ChannelType.PORT, number) for number in (0, 1)]
    news = heard(second)
    first.write(b"1")
    second.write(b"2")
    lines[0].send(spicevmc.Data(b"for a"))
    assert [line.read()[1:] for line in lines] == [[spicevmc.Data(b"1")], [spicevmc.Data(b"2")]]
    assert news == []


def test_room() -> None:
    wire, (first,) = served("a")
    assert not first.room and not first.linked
    line = wire.link(ChannelType.PORT)
    assert first.room
    wire.server.pause(line.connection)
    assert not first.room and first.linked
    wire.server.resume(line.connection, 0.0)
    assert first.room
    line.hang_up()
    assert not first.room and not first.linked


def test_the_browser_keeps_its_connections_apart() -> None:
    wire, (folder,) = served("org.spice-space.webdav.0")
    browser = Browser(folder)
    assert browser.connect() is None, "there is nobody to answer"
    line = wire.link(ChannelType.WEBDAV)
    assert line.read() == [port.Init(b"org.spice-space.webdav.0\0", 1)]
    told: list[object] = []
    browser.watch(told.append, Answered, Over)
    assert [browser.get("/a"), browser.get("/b")] == [1, 2]
    asked = b"".join([value.data for value in line.read()])
    assert asked == b"".join(
        [multiplex(n, b"GET /%c HTTP/1.1\r\nHost: localhost\r\n\r\n" % name) for n, name in ((1, 97), (2, 98))]
    )
    stream = multiplex(2, b"two") + multiplex(9, b"stray") + multiplex(1, b"one") + multiplex(2, b"") + multiplex(2, b"late")
    line.send(*[spicevmc.Data(stream[at : at + 3]) for at in range(0, len(stream), 3)])
    assert told == [Answered(2, b"two"), Answered(1, b"one"), Over(2)]
    assert browser.answers() == [(1, b"one", False), (2, b"two", True)]
    browser.close(2)
    browser.close(1)
    assert line.read() == [spicevmc.Data(multiplex(1, b""))]


@pytest.mark.parametrize("how", ["the client goes", "the guest closes the port"])
def test_connections_end_with_the_port(how: str) -> None:
    wire, (folder,) = served("org.spice-space.webdav.0")
    browser, line = Browser(folder), wire.link(ChannelType.WEBDAV)
    browser.get("/a")
    line.send(spicevmc.Data(multiplex(1, b"half")[:7]))
    if how == "the client goes":
        line.hang_up()
        line = wire.link(ChannelType.WEBDAV)
    else:
        folder.set_open(False)
        folder.set_open(True)
    assert browser.answers() == [(1, b"", True)]
    assert browser.get("/b") == 2
    line.send(spicevmc.Data(multiplex(2, b"whole")))
    assert browser.answers()[1] == (2, b"whole", False)
