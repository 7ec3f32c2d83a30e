"""What the layers between TCP and SPICE have in common: the shape of a sink, and the connection they belong to.

Reassembly, TLS, WebSocket and HTTP each are a :class:`Sink` below and feed the one above. The detector sits where the
next layer is not known yet and is replaced by it. The topmost sink is the caller's. A layer that has a stream inside
is told with :data:`Inside` what to put there, so that none of them knows what its stream may turn out to be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from spiceproto.capture.tls_secrets import Secrets
    from spiceproto.capture.versions import Versions

__all__ = [
    "Attach",
    "Connection",
    "End",
    "Host",
    "Inside",
    "Missing",
    "Piece",
    "Recognised",
    "Refusal",
    "Sink",
    "Totals",
    "Unrecognised",
]


class Sink(Protocol):
    """Receives one connection. Times are integer nanoseconds since the epoch, frames count from 1."""

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes of one direction; ``frame`` is the packet that completed them."""

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """``size`` bytes of one direction are not in the capture (an estimate inside TLS)."""

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Something below is not as it should be; ``code`` is stable, ``text`` is for people."""

    def closed(self, time_ns: int, frame: int) -> None:
        """Nothing more will come."""


_OTHER = {"client": "server", "server": "client"}


class Missing:
    """What a capture does not have of one side of a connection.

    * ``holes``, ``size``: how many, and their bytes together
    * ``frame``: where the first was noticed
    """

    __slots__ = ("frame", "holes", "size")

    def __init__(self, frame: int) -> None:
        self.holes = 0
        self.size = 0
        self.frame = frame


class End(msgspec.Struct, frozen=True):
    """How a side ended its part of a connection: ``kind`` is "FIN", "RST", or "FIN and RST"; ``time_ns`` is of the first."""

    kind: str
    time_ns: int
    frame: int


class Refusal(msgspec.Struct, frozen=True):
    """An attempt to connect that came to nothing.

    * ``client``, ``server``: address and port
    * ``how``: what was done to it: "answered by RST"
    * ``time_ns``, ``frame``: when
    """

    client: tuple[str, int]
    server: tuple[str, int]
    how: str
    time_ns: int
    frame: int

    @property
    def place(self) -> str:
        """Where the server would be."""
        host, port = self.server
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


Piece = tuple[bool, "bytes | int", int, int]
"""From the client, the bytes or how many are missing, time, frame."""


class Recognised(msgspec.Struct, frozen=True):
    """What a connection without a beginning was found to be.

    * ``channel``: its name; "" where nobody can say
    * ``mini``: messages have the short header
    * ``swapped``: the server is the end that was taken for the client
    * ``points``: what speaks for it
    * ``starts``: end (as given, before a swap) -> run and offset of the first message, None where none was found
    """

    channel: str
    mini: bool
    swapped: bool
    points: int
    starts: dict[bool, tuple[int, int] | None]


class Connection:
    """One TCP connection, as far as it is known.

    * ``host``: the capture it is in
    * ``keys``: addresses and ports of the client's packets and of the server's, as they lie in them
    * ``number``: 1-based, counts the connections given to a sink
    * ``tcp_stream``: 0-based, counts all conversations: Wireshark's ``tcp.stream``
    * ``client``, ``server``: address and port; the addresses are in their usual text form
    * ``time_ns``, ``frame``: of the first packet
    * ``layers``: outermost first: ``["tcp"]``, ``["tcp", "tls1.3", "websocket"]``
    * ``syn_seen``: the capture has the start of the connection
    * ``guessed``: which side is the client is a guess, from the port alone
    * ``forced``: said to be SPICE by ``decode_as`` or ``ports``, not recognised by its first bytes
    * ``midstream``: the bytes handed on do not begin with the first byte of the stream, as far as one can tell
    * ``recognised``: what its messages say it is, where the capture does not have its beginning
    * ``skipped_bytes``: bytes before the first message that was recognised
    * ``lost_ends``: ends (True: the client) that sent bytes of which no message was recognised
    * ``unheard_ends``: ends that had sent nothing when it was recognised, so that they may be in the middle of a message
    * ``left``: "client" or "server": who closed first, of which every byte up to that is in the capture; "" if nobody knows
    * ``ends``: "client" and "server" to their ends, those that the capture has, in its order
    * ``knew_end``: sides that had received the other one's FIN when they ended; once it is over
    * ``sent``: side to the bytes that it sent, as their sequence numbers say; once it is over
    * ``missing``: side to what the capture does not have of what it sent; no entry for a side of which nothing is missing
    * ``repeated``, ``repeated_frame``: side to bytes of it that the capture has again, and where the first were
    * ``last_again``: the last frame that brought bytes again, -1 for none
    * ``versions``: side to the bytes of it of which there are two versions
    * ``uncompared``: bytes that came again too late to be compared
    * ``unreachable``: how, when (time and frame) a router or the server's system said that nobody is there; None usually
    * ``open``: neither closed nor dropped
    * ``only``: "client" or "server": all that the capture has is what this side sent; "" usually
    * ``target``: where the client asked a proxy to go, in its own words; "" without a proxy
    * ``origin``: whom a PROXY header names as the client, None without one
    * ``opaque``: encrypted, and the secrets are missing: the sink gets problems, no data
    * ``opaque_bytes``: ciphertext that could not be decrypted
    """

    __slots__ = (
        "client",
        "ends",
        "forced",
        "frame",
        "guessed",
        "host",
        "keys",
        "knew_end",
        "last_again",
        "layers",
        "left",
        "lost_ends",
        "midstream",
        "missing",
        "number",
        "only",
        "opaque",
        "opaque_bytes",
        "open",
        "origin",
        "recognised",
        "repeated",
        "repeated_frame",
        "sent",
        "server",
        "skipped_bytes",
        "syn_seen",
        "target",
        "tcp_stream",
        "time_ns",
        "uncompared",
        "unheard_ends",
        "unreachable",
        "versions",
    )

    def __init__(self, host: Host, tcp_stream: int, time_ns: int, frame: int) -> None:
        self.host = host
        self.keys = (b"", b"")
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
        self.recognised: Recognised | None = None
        self.skipped_bytes = 0
        self.lost_ends: set[bool] = set()
        self.unheard_ends: set[bool] = set()
        self.left = ""
        self.ends: dict[str, End] = {}
        self.knew_end: set[str] = set()
        self.sent: dict[str, int] = {}
        self.repeated: dict[str, int] = {}
        self.repeated_frame = 0
        self.last_again = -1
        self.versions: dict[str, Versions] = {}
        self.uncompared = 0
        self.unreachable: tuple[str, int, int] | None = None
        self.missing: dict[str, Missing] = {}
        self.only = ""
        self.target = ""
        self.origin: tuple[str, int] | None = None
        self.opaque = False
        self.opaque_bytes = 0
        self.open = True

    def swap(self) -> None:
        """The sides were named the wrong way round."""
        self.client, self.server = self.server, self.client
        self.missing = {_OTHER[side]: found for side, found in self.missing.items()}
        self.ends = {_OTHER[side]: end for side, end in self.ends.items()}
        self.repeated = {_OTHER[side]: size for side, size in self.repeated.items()}
        self.versions = {_OTHER[side]: found for side, found in self.versions.items()}

    def ended(self, side: str, end: End) -> None:
        """The capture has the end of a side; behind its FIN, only an RST says more."""
        known = self.ends.setdefault(side, end)
        if (known.kind, end.kind) == ("FIN", "RST"):
            self.ends[side] = msgspec.structs.replace(known, kind="FIN and RST")

    def miss(self, side: str, size: int, frame: int) -> None:
        """So many bytes of a side are not in the capture."""
        found = self.missing.get(side)
        if found is None:
            found = self.missing[side] = Missing(frame)
        found.holes += 1
        found.size += size

    def repeat(self, side: str, size: int, frame: int) -> None:
        """So many bytes of a side come again."""
        self.repeated[side] = self.repeated.get(side, 0) + size
        self.repeated_frame = self.repeated_frame or frame
        self.last_again = frame

    def drop(self) -> None:
        """This is not SPICE: forget it."""

    def shortcut(self, sink: Sink, from_client: bool, deliver: Callable[[bool, bytes, int, int], None]) -> None:
        """From now on give the bytes of one side to ``deliver`` instead of ``sink.data``, if no layer is in between."""

    def __repr__(self) -> str:
        ends = "{}:{} > {}:{}".format(*self.client, *self.server)
        return f"<Connection {self.number} {'/'.join(self.layers)} {ends}>"


class Totals:
    """What a capture held. The byte counts are of TCP payload as captured, of connections that were followed.

    * ``frames``, ``file_bytes``: of the file
    * ``truncated_frames``, ``truncated_bytes``: frames of which the snapshot length cut something off, and how much
    * ``snapshot_length``: of the longest of those, what is left
    * ``undecoded_frames``: frames whose link layer or IP header made no sense
    * ``tcp_connections``: all of them
    * ``spice_connections``: connections given to a sink, without the opaque ones
    * ``foreign_connections``: connections that carry something else
    * ``empty_connections``: connections without enough data to tell
    * ``opaque_connections``, ``opaque_bytes``: encrypted, without the secrets
    * ``refused_connections``: tunnels that a proxy did not open
    * ``lost_bytes``: bytes that gaps stand for
    """

    __slots__ = (
        "empty_connections",
        "file_bytes",
        "foreign_connections",
        "frames",
        "lost_bytes",
        "opaque_bytes",
        "opaque_connections",
        "refused_connections",
        "snapshot_length",
        "spice_connections",
        "tcp_connections",
        "truncated_bytes",
        "truncated_frames",
        "undecoded_frames",
    )

    def __init__(self) -> None:
        self.frames = 0
        self.file_bytes = 0
        self.truncated_frames = 0
        self.truncated_bytes = 0
        self.snapshot_length = 0
        self.undecoded_frames = 0
        self.tcp_connections = 0
        self.spice_connections = 0
        self.foreign_connections = 0
        self.empty_connections = 0
        self.opaque_connections = 0
        self.refused_connections = 0
        self.opaque_bytes = 0
        self.lost_bytes = 0

    def as_dict(self) -> dict[str, int]:
        """All of them by name."""
        return {name: getattr(self, name) for name in self.__slots__}


Attach = Callable[[Sink], None]
"""Puts a sink in the place of the one that calls it."""

Inside = Callable[[Connection, Attach], Sink]
"""Makes the sink of a stream inside another; its client and its beginning are those of the connection."""


class Unrecognised(Protocol):
    """A connection that waits for something that says what it is."""

    @property
    def connection(self) -> Connection:
        """Which one."""

    @property
    def size(self) -> int:
        """Bytes that it holds."""

    def look(self) -> object:
        """Decide if possible: more is known now."""

    def give_up(self) -> None:
        """Decide with what there is, or let go."""


class Host(Protocol):
    """What the readers of a file and the layers of a connection may ask of the capture they are in.

    * ``totals``: what was counted so far
    * ``secrets``: of all its TLS sessions
    * ``last_time_ns``: of the last packet
    * ``in_order``: what a segment acknowledges has to be handed on before it
    * ``compares``: the latest bytes are kept, to be held against what comes again
    * ``spice_servers``: addresses where SPICE was spoken
    * ``unrecognised``: connections of which nobody knows yet what they are, oldest first
    * ``unrecognised_bytes``: what they hold together
    """

    in_order: bool
    compares: bool
    totals: Totals
    secrets: Secrets
    last_time_ns: int
    spice_servers: set[tuple[str, int]]
    unrecognised: dict[Unrecognised, None]
    unrecognised_bytes: int

    def learn(self, server: tuple[str, int]) -> None:
        """SPICE is spoken at this address."""

    def warn(self, code: str, text: str, frame: int) -> None:
        """Something about the file, not about one connection."""

    def foreign(self, connection: Connection, name: str) -> None:
        """A connection carries something else."""

    def over(self, connection: Connection) -> None:
        """A connection has ended, or the capture has."""

    def came_again(self, frame: int) -> None:
        """A connection that has ended begins again, with the same numbers."""

    def refused(self, refusal: Refusal) -> None:
        """An attempt to connect came to nothing."""

    def unused(self, connection: Connection, name: str) -> None:
        """Nobody said anything on a connection."""

    def foreign_packet(self, name: str) -> None:
        """A packet carries something else in which SPICE may be."""

    def forced_side(self, connection: Connection) -> str | None:
        """``client`` or ``server``: the end of the connection that the caller named as a SPICE server, if any."""

    def open_sink(self, connection: Connection) -> Sink | None:
        """Ask the caller for a sink; None when it does not want this connection."""
