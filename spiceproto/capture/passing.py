"""Connections that pass by live, decoded as they come: for whoever stands between a client and a server.

:class:`Passing` takes the bytes of each connection, behind TLS and WebSocket, in the order in which they were heard, and tells
a consumer, as :class:`~spiceproto.capture.decode.Decoder` does with those of a file. Frames are pieces of bytes, counted.
"""

from __future__ import annotations

from typing import Final

from spiceproto.capture.consumer import Consumer
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.layers import Connection, End, Refusal, Totals
from spiceproto.capture.spice import Spice

__all__ = ["Passing", "Seen"]

_SIDES: Final = {True: "client", False: "server"}


class _Live:
    """Where the bytes are from: no file."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.last_time_ns = 0
        self.refusals: list[Refusal] = []
        self.refusal_count = 0
        self.strange: set[tuple[str, str]] = set()

    def learn(self, server: tuple[str, int]) -> None:
        """Every connection is SPICE."""


class Seen:
    """One connection."""

    __slots__ = ("_capture", "_connection", "_sizes", "_spice")

    def __init__(self, capture: _Live, connection: Connection, spice: Spice) -> None:
        self._capture = capture
        self._connection = connection
        self._sizes = {True: 0, False: 0}
        self._spice = spice

    def said(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """The next bytes of one side."""
        capture = self._capture
        capture.last_time_ns = time_ns
        totals = capture.totals
        totals.frames = frame = totals.frames + 1
        self._sizes[from_client] += len(data)
        self._spice.data(from_client, data, time_ns, frame)

    def ended(self, from_client: bool, time_ns: int, *, reset: bool = False) -> None:
        """One side says nothing more."""
        side, frame = _SIDES[from_client], self._capture.totals.frames
        connection = self._connection
        if side not in connection.ends:
            connection.left = connection.left or side
            connection.ended(side, End("RST" if reset else "FIN", time_ns, frame))

    def closed(self, time_ns: int) -> None:
        """The connection is no more."""
        self._connection.open = False
        self._connection.sent = {side: self._sizes[from_client] for from_client, side in _SIDES.items()}
        self._spice.closed(time_ns, self._capture.totals.frames)


class Passing(Decoding):
    """All connections that pass by; what else it knows, see :class:`~spiceproto.capture.decoding.Decoding`."""

    def __init__(self, consumer: Consumer) -> None:
        self._live = _Live()
        super().__init__(self._live, consumer)

    def connection(self, client: tuple[str, int], server: tuple[str, int], layers: tuple[str, ...], time_ns: int) -> Seen:
        """One more.

        * ``client``, ``server``: address and port
        * ``layers``: what is around its bytes, outermost first
        """
        live = self._live
        live.totals.tcp_connections += 1
        live.totals.spice_connections += 1
        self.connections += 1
        found = Connection(live, self.connections - 1, time_ns, live.totals.frames + 1)  # type: ignore[arg-type]
        found.number = self.connections
        found.client, found.server = client, server
        found.layers = list(layers)
        found.syn_seen = True
        return Seen(live, found, Spice(self, found))
