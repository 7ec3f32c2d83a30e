"""The HTTP conversations of a webdav channel, cut out of what its DATA messages carry.

The bytes are a row of chunks: number of a client in the guest, size, so many bytes of its HTTP connection; a chunk of no
bytes ends the connection. Borders of messages mean nothing. The guest, whose words the server of SPICE passes on, asks; the
client of SPICE answers. Of HTTP (RFC 9112) only first lines are read, and of fields what says where a body ends.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from spiceproto.errors import RemoteError
from spiceproto.generated import parse_webdav
from spiceproto.messages.webdav import MuxChunk

__all__ = ["NAME", "Chunk", "Webdav"]

parse_chunk: Callable[[bytes], MuxChunk] = parse_webdav.parse_MuxChunk

NAME: Final = b"org.spice-space.webdav.0"
"""Name of the port that carries this."""

_HEADER: Final = 10
_CLIENTS: Final = 1024
"""Conversations that are remembered."""

_NUMBER: Final = 1 << 48
"""Numbers of clients count up from 1, or are addresses of structures, as those of spice-webdavd; a larger one is none."""

_HEAD: Final = 1 << 16
"""Bytes of a head, above those of any server."""

_REQUEST = re.compile(rb"[A-Z]{2,20} \S{1,8000} HTTP/1\.[01]\r\n")
_RESPONSE = re.compile(rb"HTTP/1\.[01] \d{3}[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)


class Chunk(NamedTuple):
    """One chunk, and the first lines of the HTTP heads that it ends."""

    value: MuxChunk
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        """Whether the connection goes on."""
        return "CHUNK" if self.value.data else "CLOSE"

    @property
    def size(self) -> int:
        """All of it, with the header."""
        return _HEADER + len(self.value.data)


class _Http:
    """One direction of one HTTP connection. ``methods`` are those of the requests without an answer, for both directions."""

    __slots__ = ("_head", "_left", "_methods", "_request")

    def __init__(self, *, request: bool, methods: deque[bytes]) -> None:
        self._request = request
        self._methods = methods
        self._head = b""
        self._left = 0

    def receive(self, data: bytes) -> list[str]:
        """The first lines of the heads that ``data`` ends."""
        found: list[str] = []
        while data:
            step = min(self._left, len(data))
            self._left -= step
            data = data[step:]
            if not data:
                break
            head, self._head, data = self._head + data, b"", b""
            if not self._begins(head):
                break
            end = head.find(b"\r\n\r\n")
            if end < 0:
                self._head = head if len(head) <= _HEAD else b""
                break
            data = head[end + 4 :]
            head = head[: end + 4]
            found.append(head[: head.index(b"\r\n")].decode("latin-1"))
            self._left = self._body(head)
        return found

    def _begins(self, head: bytes) -> bool:
        """Whether this is the beginning of a head, as far as it goes: a body of unknown length does not look like one."""
        if b"\r\n" in head or len(head) > 16:
            return bool((_REQUEST if self._request else _RESPONSE).match(head)) or (
                self._request and b"\r\n" not in head and re.match(rb"[A-Z]{2,20} \S", head) is not None
            )
        return re.match(rb"[A-Z]+( |$)" if self._request else rb"HTTP/?|H", head) is not None

    def _body(self, head: bytes) -> int:
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if self._request:
            if len(self._methods) < _CLIENTS:
                self._methods.append(head[: head.index(b" ")])
            return size
        status = head.split(b" ", 2)[1][:3]
        if status[:1] == b"1":
            return 0
        method = self._methods.popleft() if self._methods else b""
        return 0 if method == b"HEAD" or status in (b"204", b"304") else size


class Webdav:
    """Both directions of one channel. ``midway`` says that they did not begin here."""

    def __init__(self, *, midway: bool = False) -> None:
        self._waiting = {"client": b"", "server": b""}
        self._midway = {"client": midway, "server": midway}
        self._http: dict[int, dict[str, _Http]] = {}

    def pending(self, sender: str) -> int:
        """Bytes of a chunk of this sender of which others are still to come."""
        return len(self._waiting[sender])

    def lose(self, sender: str) -> None:
        """Bytes are missing."""
        self._midway[sender] = True
        self._waiting[sender] = b""
        self._http.clear()

    def is_midway(self, sender: str) -> bool:
        """Whether the next chunk of this sender is still being looked for."""
        return self._midway[sender]

    def reset(self) -> None:
        """The port was opened or closed: nothing that came before goes on."""
        self.__init__()  # type: ignore[misc]

    def receive(self, sender: str, data: bytes) -> list[Chunk]:
        """The chunks that ``data`` ends. Raises RemoteError for bytes that are none."""
        found: list[Chunk] = []
        if self._midway[sender]:
            if not _fills(data):
                return found
            self._midway[sender] = False
        data = self._waiting[sender] + data
        place = 0
        while len(data) - place >= 8:
            client = int.from_bytes(data[place : place + 8], "little", signed=True)
            if not 0 < client < _NUMBER:
                self._waiting[sender] = b""
                raise RemoteError(
                    "these bytes are not those of a webdav channel", path="client", expected="a number", actual=str(client)
                )
            end = place + _HEADER + int.from_bytes(data[place + 8 : place + _HEADER], "little")
            if len(data) - place < _HEADER or end > len(data):
                break
            found.append(self._chunk(sender, parse_chunk(data[place:end])))
            place = end
        self._waiting[sender] = data[place:]
        return found

    def _chunk(self, sender: str, value: MuxChunk) -> Chunk:
        if not value.data:
            self._http.pop(value.client, None)
            return Chunk(value, ())
        http = self._http.get(value.client)
        if http is None:
            if len(self._http) >= _CLIENTS:
                self._http.pop(next(iter(self._http)))
            methods: deque[bytes] = deque()
            http = self._http[value.client] = {
                "server": _Http(request=True, methods=methods),
                "client": _Http(request=False, methods=methods),
            }
        return Chunk(value, tuple(http[sender].receive(value.data)))


def _fills(data: bytes) -> bool:
    """Whether chunks begin and end with ``data``."""
    place = 0
    while place + _HEADER <= len(data):
        if not 0 < int.from_bytes(data[place : place + 8], "little", signed=True) < _NUMBER:
            return False
        place += _HEADER + int.from_bytes(data[place + 8 : place + _HEADER], "little")
    return place == len(data) > 0
