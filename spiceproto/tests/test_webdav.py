"""Chunks of a webdav channel and the HTTP in them: cut anywhere, joined midway, and what is none."""

from __future__ import annotations

import struct

import pytest

from spiceproto.errors import RemoteError
from spiceproto.webdav import Chunk, Webdav

GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
PUT = b"PUT /b HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET / HTTP/1.1\r\n"
HEAD = b"HEAD /c HTTP/1.1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
NO_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"


def chunk(client: int, data: bytes = b"") -> bytes:
    return struct.pack("<qH", client, len(data)) + data


def lines(stream: Webdav, sender: str, data: bytes, size: int = 1000) -> list[str]:
    return [line for item in cut(stream, sender, data, size) for line in item.lines]


def cut(stream: Webdav, sender: str, data: bytes, size: int) -> list[Chunk]:
    return [item for at in range(0, len(data), size) for item in stream.receive(sender, data[at : at + size])]


@pytest.mark.parametrize("size", [1, 7, 8, 9, 10, 11, 47, 1000])
def test_chunks_cut_and_joined(size: int) -> None:
    found = cut(Webdav(), "server", chunk(1, GET) + chunk(2, PUT) + chunk(1), size)
    assert [(item.name, item.value.client, item.size) for item in found] == [
        ("CHUNK", 1, 10 + len(GET)),
        ("CHUNK", 2, 10 + len(PUT)),
        ("CLOSE", 1, 10),
    ]
    assert [item.lines for item in found] == [("GET /a HTTP/1.1",), ("PUT /b HTTP/1.1",), ()]


@pytest.mark.parametrize("size", [1, 2, 5, 16, 40])
def test_heads_cut_over_chunks(size: int) -> None:
    stream, asked, answered = Webdav(), GET + PUT + HEAD + GET, OK + OK + NO_BODY + OK
    pieces = [chunk(3, asked[at : at + size]) for at in range(0, len(asked), size)]
    assert lines(stream, "server", b"".join(pieces)) == [
        "GET /a HTTP/1.1",
        "PUT /b HTTP/1.1",
        "HEAD /c HTTP/1.1",
        "GET /a HTTP/1.1",
    ]
    pieces = [chunk(3, answered[at : at + size]) for at in range(0, len(answered), size)]
    assert lines(stream, "client", b"".join(pieces)) == ["HTTP/1.1 200 OK"] * 4


def test_what_is_no_http_is_shown_as_bytes() -> None:
    stream = Webdav()
    assert lines(stream, "server", chunk(1, b"\x16\x03\x01" + bytes(50))) == []
    assert lines(stream, "server", chunk(2, b"G" * 40) + chunk(2, GET)) == ["GET /a HTTP/1.1"]


def test_numbers_that_are_addresses() -> None:
    assert lines(Webdav(), "server", chunk(0x7F5C_0C00_1230, GET)) == ["GET /a HTTP/1.1"]
    assert lines(Webdav(midway=True), "server", chunk(0x5581_9BCD_3E20, GET)) == ["GET /a HTTP/1.1"]


@pytest.mark.parametrize("begin", [bytes(10), b"GET / HTTP/1.1\r\n", chunk(-1, b"x")])
def test_other_bytes_are_refused(begin: bytes) -> None:
    with pytest.raises(RemoteError, match="not those of a webdav channel"):
        Webdav().receive("server", begin)


def test_who_joins_later_goes_on_with_whole_chunks() -> None:
    stream = Webdav(midway=True)
    assert stream.receive("client", b"rest of a body") == [] and stream.is_midway("client")
    assert lines(stream, "client", chunk(1, OK)) == ["HTTP/1.1 200 OK"]
    assert not stream.is_midway("client")


def test_after_a_hole_and_a_closed_port() -> None:
    stream = Webdav()
    stream.receive("server", chunk(1, GET)[:20])
    assert stream.pending("server") == 20
    stream.lose("server")
    assert stream.receive("server", b"rest of something") == []
    assert lines(stream, "server", chunk(1, GET)) == ["GET /a HTTP/1.1"]
    stream.receive("server", chunk(1, GET)[:20])
    stream.reset()
    assert lines(stream, "server", chunk(1, GET)) == ["GET /a HTTP/1.1"]


def test_as_many_connections_as_one_likes() -> None:
    stream = Webdav()
    for client in range(1, 3000):
        assert lines(stream, "server", chunk(client, GET)) == ["GET /a HTTP/1.1"]
