"""What the bytes of a byte channel have to be, by what was said before: COMPRESSED_DATA, the name of a port, chunks of webdav.

When messages may come is a table (:mod:`spiceproto.rules.port`). Here is what no table compares. Of webdav that is which
numbers the client uses: only those that the guest has used before. What is not known, because a channel is joined midway or
something was missed, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spiceproto import byte_channel, extras, limits
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import DataCompressionType, PortEvent
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.mux import Demultiplexer
from spiceproto.webdav import NAME

__all__ = ["REQUIREMENTS", "TABLES", "PortBytes"]

_SIZE, _MOST, _GAIN = "SPICE-VMC-003", "SPICE-VMC-004", "SPICE-VMC-005"
_NAMED, _KIND = "SPICE-VMC-012", "SPICE-VMC-013"
_EMPTY = "SPICE-VMC-040"
_USED, _ENDED = "SPICE-VMC-026", "SPICE-VMC-027"

REQUIREMENTS: Final = {
    _SIZE: "inflates a block",
    _MOST: "compares a field of a message with a limit",
    _GAIN: "compares a field of a message with its size",
    _NAMED: "is about the bytes of a text",
    _KIND: "compares a text with the type of the channel",
    _EMPTY: "is about the size of a message",
    _USED: "is about numbers in a stream that messages cut anywhere",
    _ENDED: "is about numbers in a stream that messages cut anywhere",
}
"""Sentences that are judged here, and why no machine can."""

TABLES: Final = ("usbredir", "port", "webdav")
"""Channels with such bytes."""

_NUMBERS: Final = 1 << 14
"""Connections of the guest that are remembered; with more nothing is judged any more."""


class PortBytes:
    """What is known of one channel; of chunks nothing before INIT, and nothing behind a second one, which means what nobody
    knows.
    """

    __slots__ = ("_ended", "_init_seen", "_lost", "_parts", "_used", "channel", "table")

    def __init__(self, channel: tuple[int, int], table: str) -> None:
        self.channel = channel
        self.table = table
        self._lost = True  # until INIT
        self._init_seen = False
        self._parts = {"client": Demultiplexer(), "server": Demultiplexer()}
        self._used: set[int] = set()
        self._ended: set[int] = set()

    def forget(self, sender: str) -> None:
        """Something was missed."""
        self._lost = True

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        """A message of the channel."""
        if value is None:
            if name in ("DATA", "COMPRESSED_DATA"):
                self._lost = True
        elif name == "COMPRESSED_DATA":
            yield from self._compressed(sender, value, now)
        elif name == "DATA":
            if not value.data:
                yield self._finding(_EMPTY, sender, "DATA without bytes", "bytes", "none", now)
            yield from self._chunks(sender, bytes(value.data), now)
        elif name == "INIT":
            yield from self._init(sender, value, now)
        elif name == "EVENT" and value.event != PortEvent.BREAK:
            # Whether the other end has read of it when it sends what comes next, nobody knows.
            self._lost = True

    def _init(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        name = bytes(value.name).partition(b"\0")[0]
        if not name:
            yield self._finding(_NAMED, sender, "a port without a name", "a name", repr(bytes(value.name)), now)
        wanted = ChannelType.WEBDAV if name == NAME else ChannelType.PORT
        if self.channel[0] != wanted:
            yield self._finding(_KIND, sender, f"the port {name!r}", f"type {wanted.name}", self.table, now)
        self._lost = self._init_seen or self.channel[0] != ChannelType.WEBDAV
        self._init_seen = True
        self._parts = {"client": Demultiplexer(), "server": Demultiplexer()}
        self._used.clear()
        self._ended.clear()

    def _compressed(self, sender: str, value: Any, now: float) -> Iterator[Finding]:
        size, room = value.uncompressed_size, len(value.compressed_data)
        if value.type == DataCompressionType.NONE:
            yield self._finding(_GAIN, sender, "COMPRESSED_DATA of type NONE", "DATA", f"{room} bytes", now)
        elif size is not None and value.type == DataCompressionType.LZ4:
            if size > limits.COMPRESSED_DATA:
                expected = f"at most {limits.COMPRESSED_DATA} bytes"
                yield self._finding(_MOST, sender, "COMPRESSED_DATA is too large", expected, f"{size} bytes", now)
            elif room >= size:
                text = "COMPRESSED_DATA that gains nothing"
                yield self._finding(_GAIN, sender, text, f"less than {size} bytes", f"{room} bytes", now)
        if not extras.present("lz4.block"):
            self._lost = True
            return
        try:
            data = byte_channel.unpack(value)
        except RemoteError as error:
            self._lost = True
            if value.type == DataCompressionType.LZ4 and 0 < (size or 0) <= limits.COMPRESSED_DATA:
                yield self._finding(_SIZE, sender, "COMPRESSED_DATA does not inflate", f"{size} bytes", error.actual, now)
            return
        yield from self._chunks(sender, data, now)

    def _chunks(self, sender: str, data: bytes, now: float) -> Iterator[Finding]:
        if self._lost:
            return
        for chunk in self._parts[sender].receive(data):
            number = chunk.client
            if sender == "server":
                self._ended.discard(number)
                self._used.add(number)
                self._lost = len(self._used) > _NUMBERS
                if self._lost:
                    return
            elif number not in self._used:
                text = "a chunk for a connection that the guest has not begun"
                yield self._finding(_USED, sender, text, "a number that was used", str(number), now)
            elif number in self._ended and chunk.data:
                text = "bytes of a connection that the client has ended"
                yield self._finding(_ENDED, sender, text, "nothing", f"{len(chunk.data)} bytes of {number}", now)
            elif not chunk.data:
                self._ended.add(number)

    def _finding(self, requirement: str, sender: str, text: str, expected: str, actual: str, now: float) -> Finding:
        return Finding(requirement, sender, self.channel, text, expected, actual, now)
