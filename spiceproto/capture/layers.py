"""What the layers between TCP and SPICE have in common: the shape of a sink, and the connection they belong to.

Reassembly, TLS, WebSocket and HTTP each are a :class:`Sink` below and feed the one above.  The detector sits where the
next layer is not known yet and is replaced by it.  The topmost sink is the caller's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tls_secrets import Secrets

__all__ = ["Connection", "Counting", "Host", "Sink", "Totals"]


class Sink(Protocol):
    """Receives one connection.  Times are integer nanoseconds since the epoch, frames count from 1."""

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """The next bytes of one direction; ``frame`` is the packet that completed them."""

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """``size`` bytes of one direction are not in the capture (an estimate inside TLS)."""

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Something below is not as it should be; ``code`` is stable, ``text`` is for people."""

    def closed(self, time_ns: int, frame: int, /) -> None:
        """Nothing more will come."""


class Connection:
    """One TCP connection, as far as it is known.

    ``number``       1-based, counts the connections given to a sink
    ``tcp_stream``   0-based, counts all conversations: Wireshark's ``tcp.stream``
    ``client``       address and port; the addresses are in their usual text form
    ``time_ns``, ``frame``  of the first packet
    ``layers``       outermost first: ``["tcp"]``, ``["tcp", "tls1.3", "websocket"]``
    ``syn_seen``     the capture has the start of the connection
    ``guessed``      which side is the client is a guess, from the port alone
    ``forced``       said to be SPICE by ``decode_as`` or ``ports``, not recognised by its first bytes
    ``midstream``    the bytes handed on do not begin with the first byte of the stream, as far as one can tell
    ``open``         neither closed nor dropped
    ``opaque``       encrypted, and the secrets are missing: the sink gets problems, no data
    ``opaque_bytes`` ciphertext that could not be decrypted
    """

    __slots__ = (
        "client",
        "forced",
        "frame",
        "guessed",
        "host",
        "layers",
        "midstream",
        "number",
        "opaque",
        "opaque_bytes",
        "open",
        "server",
        "syn_seen",
        "tcp_stream",
        "time_ns",
    )

    def __init__(self, host: Host, tcp_stream: int, time_ns: int, frame: int) -> None:
        self.host = host
        self.number = 0
        self.tcp_stream = tcp_stream
        self.client: tuple[str, int] = ("", 0)
        self.server: tuple[str, int] = ("", 0)
        self.time_ns = time_ns
        self.frame = frame
        self.layers = ["tcp"]
        self.syn_seen = False
        self.guessed = False
        self.forced = False
        self.midstream = False
        self.opaque = False
        self.opaque_bytes = 0
        self.open = True

    def swap(self) -> None:
        """The sides were named the wrong way round."""
        self.client, self.server = self.server, self.client

    def drop(self) -> None:
        """This is not SPICE: forget it."""

    def shortcut(self, sink: Sink, from_client: bool, deliver: Callable[[bool, bytes, int, int], None]) -> None:
        """From now on give the bytes of one side to ``deliver`` instead of ``sink.data``, if no layer is in between."""

    def __repr__(self) -> str:
        ends = "{}:{} > {}:{}".format(*self.client, *self.server)
        return f"<Connection {self.number} {'/'.join(self.layers)} {ends}>"


class Totals:
    """What a capture held.  The byte counts are of TCP payload as captured, of connections that were followed."""

    __slots__ = (
        "empty_connections",
        "file_bytes",
        "foreign_connections",
        "frames",
        "lost_bytes",
        "opaque_bytes",
        "opaque_connections",
        "spice_connections",
        "tcp_connections",
        "truncated_frames",
        "undecoded_frames",
    )

    def __init__(self) -> None:
        self.frames = 0
        self.file_bytes = 0
        self.truncated_frames = 0
        """Frames of which the snapshot length cut something off."""
        self.undecoded_frames = 0
        """Frames whose link layer or IP header made no sense."""
        self.tcp_connections = 0
        self.spice_connections = 0
        """Connections given to a sink, without the opaque ones."""
        self.foreign_connections = 0
        """Connections that carry something else."""
        self.empty_connections = 0
        """Connections without enough data to tell."""
        self.opaque_connections = 0
        self.opaque_bytes = 0
        self.lost_bytes = 0
        """Bytes that gaps stand for."""

    def as_dict(self) -> dict[str, int]:
        """All of them by name."""
        return {name: getattr(self, name) for name in self.__slots__}


class Host(Protocol):
    """What the layers of a connection may ask of the capture they are in."""

    totals: Totals
    secrets: Secrets

    def warn(self, code: str, text: str, frame: int) -> None:
        """Something about the file, not about one connection."""

    def forced_side(self, connection: Connection) -> str | None:
        """``client`` or ``server``: the end of the connection that the caller named as a SPICE server, if any."""

    def open_sink(self, connection: Connection) -> Sink | None:
        """Ask the caller for a sink; None when it does not want this connection."""


class Counting:
    """The sink of a connection that stays opaque: counts, and says at the end how much it was."""

    __slots__ = ("_connection", "_sink")

    def __init__(self, connection: Connection, sink: Sink) -> None:
        self._connection = connection
        self._sink = sink

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """Counted only."""
        self._connection.opaque_bytes += len(chunk)
        self._connection.host.totals.opaque_bytes += len(chunk)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """Nobody could have read them."""

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Handed on."""
        self._sink.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int, /) -> None:
        """The final count."""
        size = self._connection.opaque_bytes
        self._sink.problem("tls-opaque", f"{size} bytes could not be decrypted", True, time_ns, frame)
        self._sink.closed(time_ns, frame)
