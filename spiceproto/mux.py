"""The chunks of a webdav channel, in and out: many connections of the guest in one stream of bytes.

A chunk is the number of a connection (int64), a size (uint16), and so many bytes of it, all little-endian; one without bytes
ends the connection. Both ends use this: the program in the guest that browses, and the client that shares a folder.
:mod:`spiceproto.webdav` is for who looks on, and knows of HTTP.

Source: ``src/channel-webdav.c`` of spice-gtk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spiceproto.generated import build_webdav, parse_webdav
from spiceproto.messages.webdav import MuxChunk

__all__ = ["HEADER", "MOST", "Demultiplexer", "multiplex"]

_parse: Callable[[bytes], MuxChunk] = parse_webdav.parse_MuxChunk
_build: Callable[[MuxChunk], bytes] = build_webdav.build_MuxChunk

HEADER: Final = 10
"""Bytes of number and size."""

MOST: Final = 0xFFFF
"""Bytes of a connection in one chunk."""


def multiplex(client: int, data: bytes) -> bytes:
    """Chunks with these bytes of one connection; for no bytes the chunk that ends it."""
    pieces = [data[at : at + MOST] for at in range(0, len(data), MOST)] or [b""]
    return b"".join([_build(MuxChunk(client, piece)) for piece in pieces])


class Demultiplexer:
    """Cuts the stream of one direction. It never holds more than one chunk."""

    def __init__(self) -> None:
        self._pending = b""

    @property
    def pending(self) -> int:
        """Bytes of a chunk whose rest has not come."""
        return len(self._pending)

    def receive(self, data: bytes) -> list[MuxChunk]:
        """The chunks that are whole now. Any bytes are chunks, so nothing is raised."""
        data = self._pending + data
        found: list[MuxChunk] = []
        place = 0
        while len(data) - place >= HEADER:
            end = place + HEADER + int.from_bytes(data[place + 8 : place + HEADER], "little")
            if end > len(data):
                break
            found.append(_parse(data[place:end]))
            place = end
        self._pending = data[place:]
        return found

    def forget(self) -> None:
        """The port was closed: the beginning of a chunk means nothing any more."""
        self._pending = b""
