"""SOCKS in front of a stream: version 4, 4a with a name in place of an address, and 5 (RFC 1928) with its login (RFC 1929).

The client names where it wants to go; when the proxy has agreed, the bytes of that connection follow. Logins by GSS-API wrap
all that follows and are not read.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from spiceproto.capture.layers import Attach, Connection, Inside
from spiceproto.capture.limits import PREFACE
from spiceproto.capture.preface import Preface, refuse

__all__ = ["Socks"]

_CONNECT = 1
_CONNECT5 = b"\5\1\0"
_GRANTED4 = 90
_NO_LOGIN, _PASSWORD, _NO_METHOD = 0, 2, 255
_IPV4, _NAME, _IPV6 = 1, 3, 4
_TO_ZERO = -1
"""In place of a size: all bytes up to a zero, and that."""

_REPLIES4: Final = {91: "rejected or failed", 92: "no identd on the client", 93: "identd names another user"}
_REPLIES5: Final = {
    1: "general failure",
    2: "not allowed by the rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}

Wants = tuple[bool, int]
"""From the client; how many bytes."""
Reading = Generator[Wants, bytes, str | None]
"""Ends with "" when the stream begins, a reason when it never will, None when this is not SOCKS after all."""


def _counted(from_client: bool) -> Generator[Wants, bytes, bytes]:
    """Bytes behind their number, which is one byte."""
    size = (yield from_client, 1)[0]
    return (yield from_client, size) if size else b""


def _place(from_client: bool, kind: int) -> Generator[Wants, bytes, str]:
    """Address or name; "" for a kind that does not exist."""
    if kind == _NAME:
        return (yield from _counted(from_client)).decode("latin-1")
    if kind not in (_IPV4, _IPV6):
        return ""
    return _address(kind, (yield from_client, 4 if kind == _IPV4 else 16))


def _address(kind: int, data: bytes) -> str:
    from socket import AF_INET, AF_INET6, inet_ntop

    return inet_ntop(AF_INET, data) if kind == _IPV4 else f"[{inet_ntop(AF_INET6, data)}]"


class Socks(Preface):
    """One exchange."""

    protocol = "SOCKS"
    __slots__ = ("_buffers", "_port", "_reading", "_seen", "_wants")

    def __init__(self, connection: Connection, attach: Attach, *, inside: Inside) -> None:
        super().__init__(connection, attach, inside=inside)
        self._buffers = {True: b"", False: b""}
        self._seen = {True: (0, 0), False: (0, 0)}
        """Time and frame of the last bytes of each side."""
        self._port = -1
        """What the client asked for, -1 before it has."""
        self._reading = self._exchange()
        self._wants = next(self._reading)

    def read(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Whatever the exchange waits for, as far as it is there."""
        self._buffers[from_client] += chunk
        self._seen[from_client] = (time_ns, frame)
        while True:
            side, size = self._wants
            buffer = self._buffers[side]
            if size == _TO_ZERO:
                size = buffer.find(b"\0") + 1 or len(buffer) + 1
            if size > len(buffer):
                if sum(map(len, self._buffers.values())) > PREFACE:
                    self.foreign()
                return
            self._buffers[side] = buffer[size:]
            try:
                self._wants = self._reading.send(buffer[:size])
            except StopIteration as end:
                self._over(end.value)
                return

    def _over(self, refusal: str | None) -> None:
        if refusal is None:
            self.foreign()
        elif refusal:
            self._refused(refusal, *self._seen[False])
        else:
            for side, buffer in self._buffers.items():
                self.hold(side, buffer, *self._seen[side])
            if self.connection.open:
                self.begin()

    def ended(self, time_ns: int, frame: int) -> None:
        """A request that nobody answered."""
        if self._port < 0 or self._buffers[False]:
            self.foreign()
        else:
            self._refused("", time_ns, frame)

    def _refused(self, answer: str, time_ns: int, frame: int) -> None:
        target = self.connection.target
        refuse(self.connection, answer, f"SOCKS for {target}" if target else "SOCKS", time_ns, frame, port=self._port)

    def _asked(self, host: str, port: bytes) -> bool:
        self._port = int.from_bytes(port, "big")
        self.connection.target = f"{host}:{self._port}"
        return host.isprintable() and host != "" and self._port > 0

    def _exchange(self) -> Reading:
        version = yield True, 1
        return (yield from self._version4() if version == b"\4" else self._version5())

    def _version4(self) -> Reading:
        request = yield True, 7
        user = yield True, _TO_ZERO
        name, host = "socks4", _address(_IPV4, request[3:])
        if request[3:6] == bytes(3) and request[6]:
            name, host = "socks4a", (yield True, _TO_ZERO)[:-1].decode("latin-1")
        if request[0] != _CONNECT or not user[:-1].decode("latin-1").isprintable() or not self._asked(host, request[1:3]):
            return None
        reply = yield False, 8
        self.connection.layers.append(name)
        if reply[0]:
            return None
        return "" if reply[1] == _GRANTED4 else f"{reply[1]} ({_REPLIES4.get(reply[1], 'unknown')})"

    def _version5(self) -> Reading:
        offered = yield from _counted(True)
        chosen = yield False, 2
        self.connection.layers.append("socks5")
        if chosen == bytes((5, _NO_METHOD)):
            return "that it accepts none of the logins offered"
        if chosen[0] != 5 or chosen[1] not in offered:
            return None
        if chosen[1] == _PASSWORD:
            yield True, 1
            yield from _counted(True)
            yield from _counted(True)
            if (yield False, 2)[1]:
                return "that user name or password are wrong"
        elif chosen[1] != _NO_LOGIN:
            return None
        request = yield True, 4
        host = yield from _place(True, request[3])
        if request[:3] != _CONNECT5 or not self._asked(host, (yield True, 2)):
            return None
        reply = yield False, 4
        if reply[0] != 5:
            return None
        if reply[1]:
            return f"{reply[1]} ({_REPLIES5.get(reply[1], 'unknown')})"
        yield from _place(False, reply[3])
        yield False, 2
        return ""
