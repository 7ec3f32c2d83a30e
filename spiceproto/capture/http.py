"""The HTTP heads in front of a SPICE stream (RFC 9112): one request, one response, then other bytes.

``GET`` with ``Upgrade: websocket`` and the answer 101 open a WebSocket (RFC 6455, 4); ``CONNECT`` and an answer of the
200 class open a tunnel through a proxy (RFC 9110, 9.3.6), which is how spice-gtk uses ``SPICE_PROXY``.  Whatever else
begins like that is ordinary web traffic and dropped when its head is complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import HTTP_HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layers import Connection, Sink

__all__ = ["Http", "parse_head"]


def parse_head(head: bytes) -> tuple[list[str], dict[str, str]]:
    """The words of the first line, and the fields by lower-case name (repeated ones joined by commas)."""
    lines = head.decode("latin-1").split("\r\n")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            fields[key] = f"{fields[key]}, {value.strip()}" if key in fields else value.strip()
    return lines[0].split(" ", 2), fields


class Http:
    """Waits for both heads, then gives way to what they agreed on."""

    __slots__ = ("_attach", "_connection", "_head", "_kind", "_next", "_waiting")

    def __init__(self, connection: Connection, attach: Callable[[Sink], None]) -> None:
        self._connection = connection
        self._attach = attach
        self._head = {True: b"", False: b""}
        self._kind = ""
        self._waiting: list[tuple[bool, bytes, int, int]] = []
        self._next: Sink | None = None

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """Collect heads; afterwards hand on."""
        if self._next is not None:
            self._next.data(from_client, chunk, time_ns, frame)
            return
        if from_client and self._kind:  # the request is complete, the response is not: a client should wait
            self._waiting.append((from_client, chunk, time_ns, frame))
            if sum(len(item[1]) for item in self._waiting) > HTTP_HEAD:
                self._foreign()
            return
        head = self._head[from_client] + chunk
        self._head[from_client] = head
        end = head.find(b"\r\n\r\n")
        if end < 0:
            if len(head) > HTTP_HEAD:
                self._foreign()
            return
        rest = head[end + 4 :]
        words, fields = parse_head(head[:end])
        if from_client:
            if words[0] == "CONNECT":
                self._kind = "http-connect"
            elif "websocket" in fields.get("upgrade", "").lower():
                self._kind = "websocket"
            else:
                self._foreign()
                return
            if rest:
                self._waiting.append((True, rest, time_ns, frame))
            if b"\r\n\r\n" in self._head[False]:  # captured in the other order
                response, self._head[False] = self._head[False], b""
                self.data(False, response, time_ns, frame)
        elif self._kind:
            self._respond(words, fields, rest, time_ns, frame)

    def _respond(self, words: list[str], fields: dict[str, str], rest: bytes, time_ns: int, frame: int) -> None:
        status = words[1] if len(words) > 1 else ""
        if status[:1] == "1" and status != "101":  # 100 Continue and its like precede the real answer
            self._head[False] = b""
            if rest:
                self.data(False, rest, time_ns, frame)
            return
        connection = self._connection
        if self._kind == "websocket" and status == "101":
            from .websocket import WebSocket

            connection.layers.append("websocket")
            if "permessage-deflate" in fields.get("sec-websocket-extensions", ""):
                connection.host.warn(
                    "websocket-compressed", f"tcp stream {connection.tcp_stream} uses permessage-deflate", frame
                )
                self._foreign()
                return
            self._next = WebSocket(connection, base64=fields.get("sec-websocket-protocol", "").lower() == "base64")
            self._attach(self._next)
        elif self._kind == "http-connect" and status[:1] == "2":
            from .detect import Detector

            connection.layers.append("http-connect")
            self._next = Detector(connection, self._replace, nested=True)
            self._attach(self._next)
        else:
            self._foreign()
            return
        if rest:
            self._waiting.append((False, rest, time_ns, frame))
        waiting, self._waiting = self._waiting, []
        for item in waiting:
            if connection.open and self._next is not None:
                self._next.data(*item)

    def _replace(self, sink: Sink) -> None:
        self._next = sink
        self._attach(sink)

    def _foreign(self) -> None:
        self._connection.host.totals.foreign_connections += 1
        self._waiting = []
        self._connection.drop()

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """A head with a hole cannot be trusted."""
        if self._next is not None:
            self._next.gap(from_client, size, time_ns, frame)
        else:
            self._foreign()

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Handed on."""
        if self._next is not None:
            self._next.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int, /) -> None:
        """Nothing agreed on until the end."""
        if self._next is not None:
            self._next.closed(time_ns, frame)
        else:
            self._connection.host.totals.foreign_connections += 1
