"""What the first bytes of a stream say it is.

A SPICE client speaks first, and what it says tells what follows: ``REDQ`` is a link message, ``GET `` an HTTP request
that asks for a WebSocket, ``CONNECT `` the request to an HTTP proxy, ``0x16 0x03`` a TLS handshake.  Where the capture
does not have the SYN, the same bytes tell who is the client: the reply to a link message begins with ``REDQ`` too, but
is at least 178 bytes long, where a link message is 18 and its few capabilities (SPICE link stage); a TLS ServerHello
has another number than a ClientHello.

Until that is decided the pieces are held, in order; then they are replayed into the layer that was chosen, which takes
the detector's place.  Anything else is dropped at the first byte that differs, unless the caller said that it is SPICE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import DETECT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layers import Connection, Sink

__all__ = ["Detector", "classify"]

_SERVER_REPLY_SIZE = 178
_CLIENT_FIRST = (b"REDQ", b"GET ", b"CONNECT ")
_TLS_HELLO_OFFSET = 5

Held = tuple[bool, "bytes | int", int, int]


def classify(start: bytes) -> tuple[str, bool | None] | None:
    """Kind of a stream that begins so, and whether its sender is the client (None: cannot tell).

    None when more bytes are needed.  Kinds: ``spice``, ``http``, ``tls``, ``tls-midstream``, ``other``.
    """
    if start[:4] == b"REDQ":
        if len(start) < 16:
            return ("spice", None)
        return ("spice", int.from_bytes(start[12:16], "little") < _SERVER_REPLY_SIZE)
    if start[:4] == b"GET " or start[:8] == b"CONNECT ":
        return ("http", True)
    if start[:1] == b"\x16":
        if len(start) > _TLS_HELLO_OFFSET:
            if start[1] != 3 or start[_TLS_HELLO_OFFSET] not in (1, 2):
                return ("other", None)
            return ("tls", start[_TLS_HELLO_OFFSET] == 1)
        return None if len(start) < 2 or start[1] == 3 else ("other", None)
    if start[:1] == b"\x17" and b"\x17\x03\x03".startswith(start[:3]):
        return ("tls-midstream", None) if len(start) >= 3 else None
    if any(word.startswith(start[:8]) for word in _CLIENT_FIRST):
        return None
    return ("other", None)


class Detector:
    """Holds the start of a stream until the client's first bytes are known.

    ``attach`` puts the chosen layer in the detector's place.  ``nested`` streams (inside TLS or HTTP) have a known
    client and a known beginning.
    """

    __slots__ = ("_attach", "_connection", "_decided", "_first", "_held", "_holes", "_nested", "_size")

    def __init__(self, connection: Connection, attach: Callable[[Sink], None], *, nested: bool = False) -> None:
        self._connection = connection
        self._attach = attach
        self._nested = nested
        self._held: list[Held] = []
        self._first = {True: b"", False: b""}
        self._holes = {True: False, False: False}
        self._size = 0
        self._decided = False

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
        """Look, decide if possible, else hold."""
        first = self._first[from_client]
        self._held.append((from_client, chunk, time_ns, frame))
        self._size += len(chunk)
        if len(first) < 16 and not self._holes[from_client]:
            first += chunk[: 16 - len(first)]
            self._first[from_client] = first
            self._judge(from_client, first)
        if not self._decided and self._size > DETECT_BYTES:
            self._fall_back()

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
        """Bytes are missing, perhaps the very first ones: then the other side has to tell."""
        self._held.append((from_client, size, time_ns, frame))
        self._holes[from_client] = True
        if self._forced():
            self._choose("spice", midstream=True)
        elif self._first[not from_client]:
            self._judge(not from_client, self._first[not from_client])

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Nobody is there yet who would want to know."""

    def closed(self, time_ns: int, frame: int, /) -> None:
        """The end came before the decision."""
        if not self._decided:
            self._decided = True
            self._connection.host.totals.empty_connections += 1

    def _judge(self, from_client: bool, first: bytes) -> None:
        connection = self._connection
        known = self._nested or connection.syn_seen
        verdict = classify(first)
        if verdict is None:
            return
        kind, speaks_as_client = verdict
        named_client = connection.client
        forced = self._forced()
        if connection.client != named_client:
            from_client = not from_client
        if kind == "tls-midstream" and (self._nested or not forced):
            kind = "other"
        if kind == "other":
            if forced:
                self._choose("spice", midstream=not known)
            elif from_client or not known or self._holes[True]:
                self._drop()
            # A server that speaks first: what the client says will show.
        elif known or forced:
            if from_client:
                self._choose(kind, midstream=False)
            elif not known or (kind == "spice" and self._holes[True]):
                self._choose(kind, midstream=True)
        elif kind != "spice" or speaks_as_client is not None:
            if speaks_as_client != from_client:
                self._swap()
            self._choose(kind, midstream=not speaks_as_client)

    def _forced(self) -> bool:
        """Whether the caller said that this is SPICE; names the sides accordingly when the SYN is missing."""
        connection = self._connection
        if connection.forced:
            return True
        side = connection.host.forced_side(connection)
        if side is None:
            return False
        connection.forced = True
        if side == "client" and not connection.syn_seen and not self._nested:
            self._swap()
        connection.guessed = not connection.syn_seen
        return True

    def _swap(self) -> None:
        self._connection.swap()
        self._held = [(not from_client, what, time_ns, frame) for from_client, what, time_ns, frame in self._held]
        self._first = {True: self._first[False], False: self._first[True]}
        self._holes = {True: self._holes[False], False: self._holes[True]}

    def _fall_back(self) -> None:
        """Too much, or nothing, to decide on."""
        if self._forced():
            self._choose("spice", midstream=True)
        else:
            self._drop()

    def _drop(self) -> None:
        if not self._decided:
            self._decided = True
            self._held = []
            self._connection.host.totals.foreign_connections += 1
            self._connection.drop()

    def _choose(self, kind: str, *, midstream: bool) -> None:
        connection = self._connection
        self._decided = True
        connection.midstream = connection.midstream or midstream
        target: Sink | None
        if kind == "http":
            from .http import Http

            target = Http(connection, self._attach)
        elif kind in ("tls", "tls-midstream"):
            from .tls import Tls

            target = Tls(connection, self._attach)
        else:
            target = connection.host.open_sink(connection)
            if target is not None:
                connection.host.totals.spice_connections += 1
        if target is None:
            self._held = []
            connection.drop()
            return
        self._attach(target)
        held, self._held = self._held, []
        for from_client, what, time_ns, frame in held:
            # The layer may have put another one in its own place meanwhile: it hands on what it gets.
            if not connection.open:
                return
            if isinstance(what, int):
                target.gap(from_client, what, time_ns, frame)
            else:
                target.data(from_client, what, time_ns, frame)
