"""The PROXY protocol: a load balancer says first for whom it connects (haproxy's proxy-protocol.txt).

Version 1 is a line of text, version 2 has a signature that no other protocol begins with. Only the side that connects sends it.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from spiceproto.capture.layers import Attach, Connection, Inside
from spiceproto.capture.preface import Preface

__all__ = ["SIGNATURE", "ProxyHeader"]

SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_LINE = 107
"""Longest line of version 1."""
_HEADER = Struct(">12sBBH")
_ADDRESS_SIZES: Final = {1: 4, 2: 16}


class ProxyHeader(Preface):
    """Waits for the header of the client, which begins the stream of both."""

    protocol = "the PROXY protocol"
    __slots__ = ("_buffer",)

    def __init__(self, connection: Connection, attach: Attach, *, inside: Inside) -> None:
        super().__init__(connection, attach, inside=inside)
        self._buffer = b""

    def read(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The header, perhaps in pieces."""
        if not from_client:
            self.hold(False, chunk, time_ns, frame)
            return
        self._buffer = buffer = self._buffer + chunk
        if buffer[:1] == b"P":
            self._line(buffer, time_ns, frame)
        elif len(buffer) >= _HEADER.size:
            signature, version, kind, size = _HEADER.unpack_from(buffer)
            if signature != SIGNATURE or version >> 4 != 2:
                self.foreign()
            elif len(buffer) >= _HEADER.size + size:
                if version & 15:  # 0: the proxy's own connection, such as a check of its health
                    self._addresses(kind, buffer[_HEADER.size : _HEADER.size + size])
                self._over("proxy-v2", buffer[_HEADER.size + size :], time_ns, frame)

    def _line(self, buffer: bytes, time_ns: int, frame: int) -> None:
        end = buffer.find(b"\r\n")
        if end < 0:
            if len(buffer) > _LINE:
                self.foreign()
            return
        words = buffer[:end].decode("latin-1").split(" ")
        if words[1:2] != ["UNKNOWN"]:
            if len(words) != 6 or words[1] not in ("TCP4", "TCP6") or not words[4].isdecimal():
                self.foreign()
                return
            self.connection.origin = (words[2], int(words[4]))
        self._over("proxy-v1", buffer[end + 2 :], time_ns, frame)

    def _addresses(self, kind: int, body: bytes) -> None:
        size = _ADDRESS_SIZES.get(kind >> 4, 0)
        if size and len(body) >= 2 * size + 4:
            from socket import AF_INET, AF_INET6, inet_ntop

            address = inet_ntop(AF_INET if size == 4 else AF_INET6, body[:size])
            self.connection.origin = (address, int.from_bytes(body[2 * size : 2 * size + 2], "big"))

    def _over(self, name: str, rest: bytes, time_ns: int, frame: int) -> None:
        self.connection.layers.append(name)
        held, self._waiting = self._waiting, []
        self.hold(True, rest, time_ns, frame)
        self._waiting += held
        self.begin()
