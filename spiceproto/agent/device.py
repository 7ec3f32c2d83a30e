"""Chunks on the device between server and guest: 8 bytes say whose stream the bytes behind them belong to.

``port`` uint32 and ``size`` uint32, little-endian, then ``size`` bytes. Port 1 is the stream of the client, port 2 that of the
server itself; each is a stream of agent messages of its own, and chunks of one stand between chunks of the other. Toward the
guest a chunk has at most 2048 bytes (spice-vdagentd refuses larger ones); spice-vdagentd itself puts a whole message into one
chunk, however long it is, so a reader hands on what it has of a chunk.
Source: vd_agent.h; BEHAVIOUR of spice-vdagentd 0.22.1 and spice-server 0.15.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from spiceproto import limits
from spiceproto.agent.pieces import AgentReader
from spiceproto.enums.agent import AgentPort
from spiceproto.errors import LimitError, RemoteError

__all__ = ["CHUNK_HEADER_SIZE", "ChunkReader", "DeviceReader", "wrap"]

_header = Struct("<LL")
CHUNK_HEADER_SIZE = _header.size

_PORTS = (AgentPort.CLIENT_PORT, AgentPort.SERVER_PORT)


def wrap(port: int, data: bytes) -> bytes:
    """``data`` of the stream of ``port`` in chunks of at most 2048 bytes, each with its header."""
    step = limits.AGENT_CHUNK
    if len(data) <= step:
        return _header.pack(port, len(data)) + data
    parts: list[bytes] = []
    for at in range(0, len(data), step):
        part = data[at : at + step]
        parts += (_header.pack(port, len(part)), part)
    return b"".join(parts)


class ChunkReader:
    """Takes the chunk headers off. ``largest`` is the longest chunk that is taken, in bytes; None for any.

    ``port`` is that of the chunk whose bytes are under way, 0 between chunks.
    """

    __slots__ = ("_head", "_left", "largest", "port")

    def __init__(self, largest: int | None = None) -> None:
        self.largest = largest
        self.port = 0
        self._head = b""
        self._left = 0

    @property
    def pending(self) -> int:
        """Bytes of a chunk header that is not whole yet."""
        return len(self._head)

    def receive(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """What ``data`` has of chunks, as (port, bytes): a chunk may come in several parts, none of them empty.

        Raises RemoteError for another port, and LimitError for a chunk above ``largest``.
        """
        at, end = 0, len(data)
        while at < end:
            if not self._left:
                need = CHUNK_HEADER_SIZE - len(self._head)
                self._head += data[at : at + need]
                at += need
                if len(self._head) < CHUNK_HEADER_SIZE:
                    return
                port, self._left = _header.unpack(self._head)
                self._head = b""
                if port not in _PORTS:
                    raise RemoteError("an unknown port of the agent's device", path="port", expected="1 or 2", actual=str(port))
                if self.largest is not None and self._left > self.largest:
                    raise LimitError(
                        "a chunk is too long",
                        path="size",
                        expected=f"at most {self.largest} bytes",
                        actual=str(self._left),
                    )
                self.port = port if self._left else 0
                continue
            part = data[at : at + self._left]
            at += len(part)
            port = self.port
            self._left -= len(part)
            if not self._left:
                self.port = 0
            yield port, part


class DeviceReader:
    """The agent messages of a device, each with the port it belongs to; the two streams may be interleaved in any way."""

    __slots__ = ("_chunks", "_readers")

    def __init__(self, largest_chunk: int | None = None, largest: int = limits.AGENT_MESSAGE) -> None:
        self._chunks = ChunkReader(largest_chunk)
        self._readers = {int(port): AgentReader(largest) for port in _PORTS}

    @property
    def pending(self) -> int:
        """Bytes that are in no whole message yet."""
        return self._chunks.pending + sum(reader.pending for reader in self._readers.values())

    def receive(self, data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        """Whole messages, as (port, type, opaque, body). Raises what ChunkReader and AgentReader raise."""
        for port, part in self._chunks.receive(data):
            for type, opaque, body in self._readers[port].receive(part):
                yield port, type, opaque, body
