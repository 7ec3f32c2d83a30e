"""A TLS connection that nobody can read: its bytes are counted, its alerts are found, and it is told to whom it matters.

A capture has TLS of browsers, updates and mail, too. So the caller is told only of a connection that something ties to SPICE:
the caller named it, it has a port on which SPICE servers are usually found, SPICE is spoken on the same machine, or a proxy was
asked for it. Others share a line. What ties it may come later than the connection itself, so it waits for its end.
"""

from __future__ import annotations

from typing import Final

from spiceproto.capture.layers import Connection, Sink
from spiceproto.capture.tls_alerts import SIZE, describe

__all__ = ["FOREIGN", "Sealed", "tied"]

FOREIGN: Final = "TLS of which there are no secrets and that nothing ties to SPICE"

_USUAL: Final = range(5900, 6000)
_ALERT, _APPLICATION_DATA = 21, 23
_HEADER = 5
_ALERTS: Final = 4
"""Most alerts of a connection that are told."""
_TUNNELS: Final = {"http-connect", "socks4", "socks4a", "socks5", "websocket"}
_WEB: Final = ("80", "443")


def tied(connection: Connection) -> bool:
    """Whether a TLS connection may well be SPICE."""
    machines = {host for host, _ in connection.host.spice_servers}
    return (
        connection.forced
        or connection.server[1] in _USUAL
        or (bool(_TUNNELS & set(connection.layers)) and connection.target.rpartition(":")[2] not in _WEB)
        or (connection.server[0] in machines and str(connection.server[1]) not in _WEB)
    )


class _Records:
    """Finds the records of one direction by their headers.

    * ``head``: of the next record, as far as it came, with the first bytes behind it
    * ``skip``: bytes of the present one that are still to come
    * ``lost``: nobody knows where the next one begins
    """

    __slots__ = ("head", "lost", "skip")

    def __init__(self) -> None:
        self.head = b""
        self.skip = 0
        self.lost = False

    def receive(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Kind and first bytes of those that begin here."""
        found = []
        while chunk and not self.lost:
            if self.skip:
                taken = min(self.skip, len(chunk))
                self.skip -= taken
                chunk = chunk[taken:]
                continue
            taken = _HEADER + SIZE - len(self.head)
            self.head += chunk[:taken]
            chunk = chunk[taken:]
            if len(self.head) < _HEADER + SIZE:
                break
            kind, size = self.head[0], self.head[3] << 8 | self.head[4]
            if not 20 <= kind <= 24 or self.head[1] != 3 or size < SIZE:
                # A ChangeCipherSpec has one byte, and the next record begins behind it.
                if (kind, size) != (20, 1):
                    self.lost = True
                    break
                found.append((kind, b""))
                chunk = self.head[_HEADER + 1 :] + chunk
            else:
                found.append((kind, self.head[_HEADER:] if size == SIZE else b""))
                self.skip = size - SIZE
            self.head = b""
        return found


class Sealed:
    """The sink of such a connection; ``code`` and ``text`` say why it cannot be read.

    It waits with that until the client goes on behind the server's answer: an alert that ends TLS before says more.
    """

    __slots__ = ("_alerts", "_at", "_connection", "_goes_on", "_machines", "_records", "_sink", "_told", "_why")

    def __init__(self, connection: Connection, sink: Sink | None, code: str, text: str) -> None:
        self._connection = connection
        self._sink = sink
        self._why = (code, text)
        self._told = False
        self._alerts: list[tuple[str, str, bool, int, int]] = []
        self._records = {True: _Records(), False: _Records()}
        self._at = (connection.time_ns, connection.frame)
        self._goes_on = False
        self._machines = -1

    def lose(self, from_client: bool) -> None:
        """Nobody knows where the next record of this side begins."""
        self._records[from_client].lost = True
        self._goes_on = True

    def go_on(self) -> None:
        """Messages are exchanged already."""
        self._goes_on = True

    def record(self, from_client: bool, kind: int, body: bytes, time_ns: int, frame: int) -> None:
        """A record, of which only an alert is of interest that is not encrypted, or no longer."""
        if kind == _APPLICATION_DATA and from_client:
            self._goes_on = True
        elif kind == _ALERT and len(self._alerts) < _ALERTS:
            said = describe(self._connection, body, from_client=from_client, frame=frame)
            if said is not None:
                self._alerts.append((*said, from_client, time_ns, frame))
                if self._told and self._sink is not None:
                    self._sink.problem(*self._alerts[-1])

    def passed(self, size: int, time_ns: int, frame: int) -> None:
        """So many bytes more that are not read; the connection is told when it is clear that it has to be."""
        connection = self._connection
        connection.opaque_bytes += size
        if self._told:
            connection.host.totals.opaque_bytes += size
            return
        self._at = (time_ns, frame)
        machines = len(connection.host.spice_servers)
        if (self._goes_on or self._alerts) and (self._sink is not None or machines != self._machines):
            self._machines = machines
            if self._sink is not None or tied(connection):
                self._tell()

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Look for records."""
        for kind, body in self._records[from_client].receive(chunk):
            self.record(from_client, kind, body, time_ns, frame)
        self.passed(len(chunk), time_ns, frame)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Not counted: they could not be read anyway."""
        self.lose(from_client)

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Handed on."""
        if self._sink is not None:
            self._sink.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int) -> None:
        """The final count, or a line that others share."""
        connection = self._connection
        if not self._told:
            if self._sink is None and not tied(connection):
                connection.host.foreign(connection, FOREIGN)
                return
            self._tell()
        if self._sink is None:
            return
        if self._goes_on or not self._alerts:
            text = f"{connection.opaque_bytes} bytes could not be decrypted"
            self._sink.problem("tls-opaque", text, True, time_ns, frame)
        self._sink.closed(time_ns, frame)

    def _tell(self) -> None:
        """Open a sink, and say why there is nothing to see, unless an alert says it."""
        self._told = True
        connection = self._connection
        totals = connection.host.totals
        totals.opaque_connections += 1
        totals.opaque_bytes += connection.opaque_bytes
        if self._sink is not None:
            totals.spice_connections -= 1  # forced, and therefore given to a sink before there was anything to see
        else:
            self._sink = connection.host.open_sink(connection)
        if self._sink is None:
            connection.drop()
            return
        if self._goes_on or not self._alerts:
            self._sink.problem(*self._why, True, *self._at)
        for alert in self._alerts:
            self._sink.problem(*alert)
