"""What stands in front of a stream and then gives way to it: requests to proxies and their answers.

Bytes that belong to the stream but came before it was agreed on are held, in order, and go first.
"""

from __future__ import annotations

from typing import ClassVar

from spiceproto.capture.layers import Attach, Connection, Inside, Sink
from spiceproto.capture.limits import PREFACE

__all__ = ["Preface", "quoted", "refuse"]

_QUOTED = 200
_WEB = (80, 443)
"""Ports to which browsers ask proxies for tunnels all day long: that one was refused says nothing of SPICE."""


def quoted(line: str) -> str:
    """Somebody else's words, safe to print."""
    shown = line[:_QUOTED] + "..." * (len(line) > _QUOTED)
    return '"' + "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in shown) + '"'


def refuse(connection: Connection, answer: str, asked: str, time_ns: int, frame: int, *, port: int) -> None:
    """A proxy did not open the tunnel to ``port`` that was ``asked`` for: if it may have been for SPICE, the caller is told.

    Without an ``answer`` that was the proxy only where it closed; else the capture may lack it.
    """
    code = "proxy-refused" if answer or connection.left == "server" else "proxy-unanswered"
    if answer:
        text = f"the proxy answered {answer} to {asked}"
    elif code == "proxy-refused":
        text = f"the proxy closed without an answer to {asked}"
    else:
        text = f"the capture has no answer to {asked}"
    host = connection.host
    sink = host.open_sink(connection) if port not in _WEB else None
    connection.drop()
    if sink is None:
        host.foreign(connection, f"a tunnel to port {port} that a proxy refused")
        return
    host.totals.refused_connections += 1
    sink.problem(code, text, False, time_ns, frame)
    sink.closed(time_ns, frame)


class Preface:
    """Both directions until the stream begins. Sub-classes have :meth:`read`, and :meth:`ended` where that says something.

    * ``protocol``: what this is called where nothing comes of it
    """

    protocol: ClassVar[str]

    __slots__ = ("_attach", "_held", "_inside", "_next", "_waiting", "connection")

    def __init__(self, connection: Connection, attach: Attach, *, inside: Inside) -> None:
        self.connection = connection
        self._attach = attach
        self._inside = inside
        self._next: Sink | None = None
        self._waiting: list[tuple[bool, bytes, int, int]] = []
        self._held = 0

    def read(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes in front of the stream."""
        raise NotImplementedError

    def ended(self, time_ns: int, frame: int) -> None:
        """The connection was over before the stream began."""
        self.foreign()

    # -- what sub-classes do

    def hold(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Keep bytes of the stream until it begins."""
        if chunk:
            self._waiting.append((from_client, chunk, time_ns, frame))
            self._held += len(chunk)
            if self._held > PREFACE:
                self.foreign()

    def begin(self, sink: Sink | None = None) -> None:
        """The stream begins: in ``sink``, or what the connection has for a stream that can be anything."""
        self._next = sink if sink is not None else self._inside(self.connection, self._replace)
        self._attach(self._next)
        waiting, self._waiting = self._waiting, []
        for item in waiting:
            if self.connection.open:
                self._next.data(*item)

    def inside(self, connection: Connection, attach: Attach) -> Sink:
        """For a sink that has a stream in it."""
        return self._inside(connection, attach)

    def foreign(self) -> None:
        """This is something else."""
        self._waiting = []
        self.connection.host.foreign(self.connection, self.protocol)
        self.connection.drop()

    # -- the sink

    def _replace(self, sink: Sink) -> None:
        self._next = sink
        self._attach(sink)

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Read what is in front; afterwards hand on."""
        if self._next is not None:
            self._next.data(from_client, chunk, time_ns, frame)
        else:
            self.read(from_client, chunk, time_ns, frame)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """What has a hole cannot be trusted."""
        if self._next is not None:
            self._next.gap(from_client, size, time_ns, frame)
        else:
            self.foreign()

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Handed on."""
        if self._next is not None:
            self._next.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int) -> None:
        """Handed on, or the end of all hopes."""
        if self._next is not None:
            self._next.closed(time_ns, frame)
        else:
            self.ended(time_ns, frame)
