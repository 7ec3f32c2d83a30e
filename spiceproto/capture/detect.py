"""What the first bytes of a stream say it is.

A SPICE client speaks first, and what it says tells what follows: ``REDQ`` is a link message, ``GET `` an HTTP request
that asks for a WebSocket, ``CONNECT `` the request to an HTTP proxy, a 4 or 5 and a small number those to a SOCKS proxy,
``PROXY `` or a signature the header of a load balancer, ``0x16 0x03`` a TLS handshake. Where the capture
does not have the SYN, the same bytes tell who is the client: the reply to a link message begins with ``REDQ`` too, but
is 178 to 4096 bytes long, where a link message is 18 and its few capabilities (SPICE link stage); a TLS ServerHello
has another number than a ClientHello. Where a header says neither, the end is the server whose address is known as one,
or else the one that spoke second.

Until that is decided the pieces are held, in order; then they are replayed into the layer that was chosen, which takes
the detector's place. Anything else is dropped at the first byte that differs, unless the caller said that it is SPICE.
"""

from __future__ import annotations

from spiceproto.capture.foreign import BEFORE_THE_CAPTURE, UNANSWERED, UNKNOWN, UNUSED, protocol
from spiceproto.capture.layers import Attach, Connection, Refusal, Sink
from spiceproto.capture.limits import DETECT_BYTES
from spiceproto.capture.proxy_header import SIGNATURE
from spiceproto.sizes import LINK_MESSAGE_SIZE, LINK_REPLY_SIZE

__all__ = ["Detector", "classify"]

_CLIENT_FIRST = (b"REDQ", b"GET ", b"CONNECT ", b"PROXY ", SIGNATURE)
_TLS_HELLO_OFFSET = 5
_HEADER = 16
_LONGEST = 4096
"""What a link message, and the reply to it, has at most."""

Held = tuple[bool, "bytes | int", int, int]


def classify(start: bytes) -> tuple[str, bool | None] | None:
    """Kind of a stream that begins so, and whether its sender is the client (None: cannot tell).

    None when more bytes are needed. Kinds: ``spice``, ``http``, ``socks``, ``proxy``, ``tls``,
    ``tls-midstream``, ``other``.
    """
    if start[:4] == b"REDQ":
        if len(start) < _HEADER:
            return ("spice", None)
        size = int.from_bytes(start[12:16], "little")
        if size < LINK_MESSAGE_SIZE or size > _LONGEST:
            return ("spice", None)
        return ("spice", size < LINK_REPLY_SIZE)
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
    if start[:6] == b"PROXY " or start[:12] == SIGNATURE:
        return ("proxy", True)
    if start[:1] in (b"\4", b"\5"):
        if len(start) < 2:
            return None
        if len(start) >= 8 and not any(start[2:8]):  # the serial of a full header
            return ("other", None)
        # A request to connect; or a few ways to log in, of which the first two are usual.
        request = start[1] == 1 if start[0] == 4 else 1 <= start[1] <= 9 and (len(start) < 3 or start[2] in (0, 1, 2))
        return ("socks", True) if request else ("other", None)
    if any(word.startswith(start[:12]) for word in _CLIENT_FIRST):
        return None
    return ("other", None)


class Detector:
    """Holds the start of a stream until the client's first bytes are known.

    ``nested`` streams (inside TLS or HTTP) have a known client and a known beginning.
    """

    __slots__ = ("_attach", "_connection", "_decided", "_first", "_held", "_holes", "_nested", "_size")

    def __init__(self, connection: Connection, attach: Attach, *, nested: bool = False) -> None:
        self._connection = connection
        self._attach = attach
        self._nested = nested
        self._held: list[Held] = []
        self._first = {True: b"", False: b""}
        self._holes = {True: False, False: False}
        self._size = 0
        self._decided = False

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Look, decide if possible, else hold."""
        first = self._first[from_client]
        self._held.append((from_client, chunk, time_ns, frame))
        self._size += len(chunk)
        if len(first) < _HEADER and not self._holes[from_client]:
            first += chunk[: _HEADER - len(first)]
            self._first[from_client] = first
            self._judge(from_client, first)
        if not self._decided and self._size > DETECT_BYTES:
            self._fall_back()

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing, perhaps the very first ones: then the other side has to tell."""
        self._held.append((from_client, size, time_ns, frame))
        self._holes[from_client] = True
        if self._forced():
            self._choose("spice", midstream=True)
        elif self._first[not from_client]:
            self._judge(not from_client, self._first[not from_client])

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Dropped: there is no sink yet."""

    def closed(self, time_ns: int, frame: int) -> None:
        """The end came before the decision."""
        if not self._decided:
            self._decided = True
            if self._size:
                self._connection.host.foreign(self._connection, self._protocol())
            else:
                self._connection.host.totals.empty_connections += 1
                if not self._held and not self._nested:
                    refusal = self._refusal()
                    if refusal is not None:
                        self._connection.host.refused(refusal)
                    else:
                        self._connection.host.unused(
                            self._connection, UNANSWERED if self._connection.only == "client" else UNUSED
                        )

    def _refusal(self) -> Refusal | None:
        """Nobody said anything: was that because the server would not have it?"""
        connection = self._connection
        if not connection.syn_seen:
            return None
        side, end = next(iter(connection.ends.items()), ("", None))
        how, time_ns, frame = connection.unreachable or ("", 0, 0)
        if side == "server" and end is not None and not connection.only:
            how = "answered by RST" if end.kind == "RST" else "closed by the server (FIN) before anything was said"
            time_ns, frame = end.time_ns, end.frame
        elif connection.only != "client":
            return None
        return Refusal(connection.client, connection.server, how, time_ns, frame) if how else None

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
            elif not known:
                self._choose("midsession", midstream=True)
            elif from_client or self._holes[True]:
                self._drop()
            # A server that speaks first: what the client says will show.
        elif known or forced:
            if from_client:
                self._choose(kind, midstream=False)
            elif not known or (kind == "spice" and self._holes[True]):
                self._choose(kind, midstream=True)
        elif kind != "spice" or len(first) >= _HEADER:
            if kind == "spice":
                speaks_as_client = self._speaker(from_client, speaks_as_client)
            if speaks_as_client is None:
                return
            if speaks_as_client != from_client:
                self._swap()
            self._choose(kind, midstream=not speaks_as_client)

    def _speaker(self, from_client: bool, guess: bool | None) -> bool | None:
        """Whether who sent a link header is the client, where the beginning of the connection is missing."""
        connection = self._connection
        servers = connection.host.spice_servers
        known = connection.client in servers, connection.server in servers
        if known[0] != known[1]:
            return known[1] if from_client else known[0]
        if guess is None and len(self._first[not from_client]) >= _HEADER:
            return self._held[0][0] == from_client
        return guess

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
        answer = classify(self._first[False])
        if self._forced() or (answer is not None and answer[0] == "spice"):
            self._choose("spice", midstream=True)
        else:
            self._drop()

    def _drop(self) -> None:
        if not self._decided:
            self._decided = True
            self._connection.host.foreign(self._connection, self._protocol())
            self._held = []
            self._connection.drop()

    def _protocol(self) -> str:
        """The name of what this is instead; where the client says nothing known, the server may have greeted it."""
        connection = self._connection
        if not any(from_client and not isinstance(what, int) for from_client, what, _, _ in self._held):
            connection.only = "server"
        name = next((name for name in map(protocol, self._first.values()) if name != UNKNOWN), UNKNOWN)
        known = self._nested or connection.syn_seen
        return name if known or name != UNKNOWN else BEFORE_THE_CAPTURE

    def _choose(self, kind: str, *, midstream: bool) -> None:
        connection = self._connection
        self._decided = True
        connection.midstream = connection.midstream or midstream
        target: Sink | None
        if kind == "http":
            from spiceproto.capture.http import Http

            target = Http(connection, self._attach, inside=_nested)
        elif kind == "socks":
            from spiceproto.capture.socks import Socks

            target = Socks(connection, self._attach, inside=_nested)
        elif kind == "proxy":
            from spiceproto.capture.proxy_header import ProxyHeader

            target = ProxyHeader(connection, self._attach, inside=_nested)
        elif kind in ("tls", "tls-midstream"):
            from spiceproto.capture.tls import Tls

            target = Tls(connection, self._attach, inside=_nested)
        elif kind == "midsession":
            from spiceproto.capture.midsession import MidSession

            target = MidSession(connection, self._attach)
        else:
            target = connection.host.open_sink(connection)
            if target is not None:
                connection.host.totals.spice_connections += 1
                connection.host.learn(connection.server)
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


def _nested(connection: Connection, attach: Attach) -> Sink:
    return Detector(connection, attach, nested=True)
