"""The HTTP heads in front of a SPICE stream (RFC 9112): requests and responses, then other bytes.

``GET`` with ``Upgrade: websocket`` and the answer 101 open a WebSocket (RFC 6455, 4); ``CONNECT`` and an answer of the
200 class open a tunnel through a proxy (RFC 9110, 9.3.6), which is how spice-gtk uses ``SPICE_PROXY``. A proxy that wants a
password answers 407 first, and the client asks again on the same connection. Whatever else begins like that is ordinary web
traffic and dropped when its head is complete.
"""

from __future__ import annotations

from spiceproto.capture.layers import Attach, Connection, Inside
from spiceproto.capture.limits import HTTP_HEAD
from spiceproto.capture.preface import Preface, quoted, refuse
from spiceproto.capture.websocket import WebSocket

__all__ = ["Http", "parse_head"]

_UNTIL_THE_NEXT_REQUEST = -1


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


class Http(Preface):
    """Waits for both heads, then gives way to what they agreed on: a WebSocket, or whatever is in a tunnel."""

    protocol = "HTTP"
    __slots__ = ("_answer", "_body", "_head", "_kind")

    def __init__(self, connection: Connection, attach: Attach, *, inside: Inside) -> None:
        super().__init__(connection, attach, inside=inside)
        self._head = {True: b"", False: b""}
        self._kind = ""
        """Layer that the request asks for, "" before it is complete."""
        self._answer = ""
        """Status line of a response that refused the last tunnel asked for."""
        self._body = 0
        """Bytes of that response that are still to come."""

    def read(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Collect heads."""
        if from_client and self._kind and not self._answer:  # a client should wait for the response
            self.hold(from_client, chunk, time_ns, frame)
            return
        if not from_client and self._answer:
            if self._body == _UNTIL_THE_NEXT_REQUEST:
                return
            skipped = min(self._body, len(chunk))
            self._body -= skipped
            chunk = chunk[skipped:]
        head = self._head[from_client] + chunk
        self._head[from_client] = head
        end = head.find(b"\r\n\r\n")
        if end < 0:
            if len(head) > HTTP_HEAD:
                self.foreign()
            return
        rest = head[end + 4 :]
        if from_client:
            self._request(head[:end], rest, time_ns, frame)
        elif self._kind and not self._answer:
            self._head[False] = b""
            self._respond(head[:end], rest, time_ns, frame)

    def _request(self, head: bytes, rest: bytes, time_ns: int, frame: int) -> None:
        words, fields = parse_head(head)
        if words[0] == "CONNECT":
            self._kind = "http-connect"
            self.connection.target = words[1] if len(words) > 1 else ""
        elif "websocket" in fields.get("upgrade", "").lower() and not self._answer:
            self._kind = "websocket"
        else:
            self.foreign()
            return
        self._head[True] = b""
        self._answer = ""
        self._body = max(self._body, 0)
        self.hold(True, rest, time_ns, frame)
        if b"\r\n\r\n" in self._head[False]:  # captured in the other order
            response, self._head[False] = self._head[False], b""
            self.read(False, response, time_ns, frame)

    def _respond(self, head: bytes, rest: bytes, time_ns: int, frame: int) -> None:
        words, fields = parse_head(head)
        status = words[1] if len(words) > 1 else ""
        if status[:1] == "1" and status != "101":  # 100 Continue and its like precede the real answer
            if rest:
                self.read(False, rest, time_ns, frame)
            return
        connection = self.connection
        if self._kind == "websocket" and status == "101":
            connection.layers.append("websocket")
            base64 = fields.get("sec-websocket-protocol", "").lower() == "base64"
            extensions = fields.get("sec-websocket-extensions", "")
            self.hold(False, rest, time_ns, frame)
            self.begin(WebSocket(connection, base64=base64, inside=self.inside, extensions=extensions))
        elif self._kind == "http-connect" and status[:1] == "2":
            connection.layers.append("http-connect")
            self.hold(False, rest, time_ns, frame)
            self.begin()
        elif self._kind == "http-connect" and words[0][:5] == "HTTP/":
            self._answer = " ".join(words)
            length = fields.get("content-length", "")
            self._body = int(length[:12]) if length.isdecimal() else _UNTIL_THE_NEXT_REQUEST
            if rest:
                self.read(False, rest, time_ns, frame)
        else:
            connection.host.foreign(connection, f"HTTP, asked for a WebSocket and answering {quoted(' '.join(words))}")
            connection.drop()

    def ended(self, time_ns: int, frame: int) -> None:
        """Nothing agreed on until the end."""
        connection = self.connection
        if self._kind != "http-connect":
            self.foreign()
            return
        connection.layers.append("http-connect")
        answer = quoted(self._answer) if self._answer else ""
        port = connection.target.rpartition(":")[2]
        asked = quoted(f"CONNECT {connection.target}")
        refuse(connection, answer, asked, time_ns, frame, port=int(port) if port.isdecimal() else 0)
