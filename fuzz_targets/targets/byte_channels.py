"""What other byte channels carry: chunks of webdav with HTTP in them, messages of smart cards, compressed data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from fuzz_targets.parts import pieces, same_in_pieces
from fuzz_targets.target import Target, holds
from spiceproto import byte_channel, dispatch, mux, schema, vsc, wire
from spiceproto.derive.legal import RandomChooser, legal_value
from spiceproto.errors import MissingExtraError, RemoteError
from spiceproto.webdav import Webdav

__all__ = ["TARGETS"]

_REQUEST: Final = b"PUT /b HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET / HTTP/1.1\r\n"
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
_LARGEST: Final = 1 << 16
_COMPRESSED: Final = 102
"""Number of COMPRESSED_DATA."""


def webdav(data: bytes) -> None:
    """Chunks of one side: nothing but their numbers and sizes can be wrong, and joined again they are the bytes that came."""
    sender = "client" if data[:1] and data[0] & 1 else "server"
    stream = data[1:]

    def make() -> Callable[[bytes], Iterator[Any]]:
        chunks = Webdav()
        chunks.receive("server", mux.multiplex(1, _REQUEST))
        return lambda piece: iter([(chunk.value, chunk.name, chunk.lines) for chunk in chunks.receive(sender, piece)])

    same_in_pieces(make, stream)
    cut = mux.Demultiplexer()
    found = [chunk for piece in pieces(stream, 3) for chunk in cut.receive(piece)]
    again = b"".join([mux.multiplex(chunk.client, bytes(chunk.data)) for chunk in found])
    holds("joined again they are other bytes", stream.startswith(again) and cut.pending == len(stream) - len(again))


def webdav_seeds() -> Iterator[bytes]:
    """Requests and answers, whole and in several chunks."""
    for how, text in enumerate((_REQUEST, _ANSWER)):
        for size in (1, 20, 100):
            yield bytes([how]) + b"".join([mux.multiplex(1, piece) for piece in pieces(text, size)]) + mux.multiplex(1, b"")


def smartcard(data: bytes) -> None:
    """What a device says, cut anywhere; each message is read, and said again as it came."""
    found = same_in_pieces(lambda: vsc.DeviceReader().feed, data)
    again = b"".join([vsc.device_bytes(message) for message in found])
    holds("said again it is something else", data.startswith(again), again)
    for message in found:
        try:
            value = vsc.inside(message)
        except RemoteError:
            continue
        for command in (False, True):
            vsc.Inside.of(message, command=command)
        vsc.command_name(bytes(message.data))
        if value is not None:
            row = dispatch.row("vsc", "client", int(message.type))
            holds("built again it is another value", row and row.parse(bytes(row.build(value))) == value, value)


def smartcard_seeds() -> Iterator[bytes]:
    """Legal messages."""
    chooser = RandomChooser(Random(6))
    for number, row in schema.rows("vsc", "client").items():
        body = wire.build(row.body, legal_value(row.body, chooser))
        yield b"".join([part.to_bytes(4, "big") for part in (number, 0, len(body))]) + body


def compressed(data: bytes) -> None:
    """COMPRESSED_DATA of a port: as many bytes as it says."""
    try:
        value = dispatch.row("port", "server", _COMPRESSED).parse(data)  # type: ignore[union-attr]
        found = byte_channel.unpack(value, _LARGEST)
    except (RemoteError, MissingExtraError):
        return
    holds("other than was said", len(found) == (value.uncompressed_size or len(value.compressed_data)), len(found), value)
    if found:
        holds("packed again it is something else", byte_channel.unpack(byte_channel.compressed(found), _LARGEST) == found)


def compressed_seeds() -> Iterator[bytes]:
    """Data that becomes smaller, and such that does not."""
    for plain in (b"", b"a", bytes(1000), Random(7).randbytes(64)):
        try:
            yield dispatch.build("port", "server", byte_channel.compressed(plain))[1]
        except MissingExtraError:
            return


TARGETS: Final = [
    Target("webdav", "chunks, the same in pieces; joined again they are the bytes that came", webdav, webdav_seeds, 2048),
    Target("smartcard", "messages or RemoteError; said again they are the same", smartcard, smartcard_seeds, 2048),
    Target("port-compressed", "no more bytes than were said, or RemoteError", compressed, compressed_seeds, 2048),
]
