"""TLS seen from outside, with the secrets: records (RFC 8446, 5; RFC 5246, 6).

:mod:`~spiceproto.capture.tls_handshake` has what is read of the handshake. Without secrets the connection is *opaque*: its
sink learns that and how many bytes there were. After lost bytes the next record is found by its header and by trying the
record numbers that the gap can have swallowed.
"""

from __future__ import annotations

from spiceproto.capture.layers import Attach, Connection, Inside, Sink
from spiceproto.capture.limits import TLS_RECORD, TLS_RESYNC_SKIP, TLS_RESYNC_TRIALS, TLS_WAITING
from spiceproto.capture.tls_alerts import describe, describe_late, may_be_late
from spiceproto.capture.tls_handshake import NAMES, TLS13, Handshake, Keys, Messages, Unreadable
from spiceproto.capture.tls_sealed import Sealed
from spiceproto.capture.tls_suites import Decryption

__all__ = ["Tls"]

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_HEADER = 5
_SMALLEST_RECORD = _HEADER + 17
_STATE_SIZE = 8192
"""What a connection costs while it waits, besides its records."""
_FAILURES = 3
"""Records in a row that do not authenticate, after which a direction is given up."""

Record = tuple[bool, int, int, bytes, int, int]
"""From the client, content type, version, body, time, frame."""


class _Side:
    """One direction.

    * ``keys``: what opens its records
    * ``messages``: its handshake
    * ``buffer``: bytes from the start of a record on
    * ``failures``: records in a row that did not authenticate
    * ``skip``: bytes to throw away: the rest of a record with a hole
    * ``resync``: record numbers to try, while the next record is searched for after a gap
    * ``trials``: how many were tried
    * ``lost``: nothing more can be read
    """

    __slots__ = ("buffer", "failures", "keys", "lost", "messages", "resync", "skip", "trials")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.messages = Messages()
        self.buffer = bytearray()
        self.failures = 0
        self.skip = 0
        self.resync = 0
        self.trials = 0
        self.lost = False


class Tls:
    """Decrypts both directions into a stream of its own."""

    def __init__(self, connection: Connection, attach: Attach, *, inside: Inside) -> None:
        self._connection = connection
        self._attach = attach
        self._secrets = connection.host.secrets
        self._handshake = Handshake()
        self._sides = {from_client: _Side(keys) for from_client, keys in self._handshake.keys.items()}
        self._inner = inside(connection, self._attach_inner)
        self._plain = 0
        """Bytes handed on."""
        self._layer_named = False
        self._held: list[Record] | None = None
        self._held_size = 0
        self._closing: tuple[int, int] | None = None
        """When the connection was closed, if that was before its secrets came."""
        self._reading: _Side | None = None
        self._alerts: list[tuple[bool, bytes, int, int]] = []
        self._late: list[tuple[bool, bytes, int, int]] = []
        """Those that came while there was nobody to be told."""
        self._replacement: Sink | None = None

    def _attach_inner(self, sink: Sink) -> None:
        self._inner = sink

    # -- records

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """Records, cut anywhere."""
        if self._replacement is not None:
            self._replacement.data(from_client, chunk, time_ns, frame)
            return
        side = self._sides[from_client]
        if side.lost:
            self._unreadable(from_client, len(chunk), time_ns, frame)
            return
        if side.skip:
            count = min(side.skip, len(chunk))
            side.skip -= count
            chunk = chunk[count:]
        buffer = side.buffer
        buffer += chunk
        if side.resync and not self._find_record(side, from_client, time_ns, frame):
            return
        position = 0
        self._reading = side
        while len(buffer) - position >= _HEADER and self._connection.open and self._replacement is None:
            kind = buffer[position]
            version = buffer[position + 1] << 8 | buffer[position + 2]
            end = position + _HEADER + (buffer[position + 3] << 8 | buffer[position + 4])
            if not (_CHANGE_CIPHER_SPEC <= kind <= 24) or version >> 8 != 3 or end - position - _HEADER > TLS_RECORD:
                side.lost = True
                self._inner_problem("tls-framing", "no TLS record where one should begin", from_client, time_ns, frame)
                if not self._plain and self._connection.open:
                    self._opaque("tls-framing", "no TLS record where one should begin", time_ns, frame)
                break
            if end > len(buffer):
                break
            body = bytes(buffer[position + _HEADER : end])
            position = end
            self._record(from_client, kind, version, body, time_ns, frame)
        self._reading = None
        rest = buffer[position:]
        if self._replacement is not None:
            buffer.clear()
            self._replacement.data(from_client, bytes(rest), time_ns, frame)
        elif side.lost:
            buffer.clear()
            self._unreadable(from_client, len(rest), time_ns, frame)
        else:
            del buffer[:position]

    def _record(self, from_client: bool, kind: int, version: int, body: bytes, time_ns: int, frame: int) -> None:
        if self._held is not None:
            self._hold((from_client, kind, version, body, time_ns, frame))
            return
        side = self._sides[from_client]
        if side.keys.cipher is None or (kind == _CHANGE_CIPHER_SPEC and self._handshake.version == TLS13):
            self._plain_record(side, from_client, kind, body, time_ns, frame)
            return
        try:
            kind, plain = side.keys.cipher.open(side.keys.sequence, kind, version, body)
        except Decryption:
            if side.keys.probing:
                return
            side.keys.sequence += 1
            side.failures += 1
            self._failed(side, from_client, len(body), time_ns, frame)
            return
        side.keys.probing = False
        side.failures = 0
        side.keys.sequence += 1
        if kind == _APPLICATION_DATA:
            if plain:
                self._plain += len(plain)
                self._inner.data(from_client, plain, time_ns, frame)
        elif kind == _HANDSHAKE:
            self._handshake_record(side, from_client, plain, time_ns, frame)
        elif kind == _CHANGE_CIPHER_SPEC:
            self._handshake.change_cipher_spec(from_client)
        elif kind == _ALERT:
            self._alert(from_client, plain, time_ns, frame)

    def _plain_record(self, side: _Side, from_client: bool, kind: int, body: bytes, time_ns: int, frame: int) -> None:
        if kind == _HANDSHAKE:
            self._handshake_record(side, from_client, body, time_ns, frame)
        elif kind == _CHANGE_CIPHER_SPEC:
            self._handshake.change_cipher_spec(from_client)
        elif kind == _APPLICATION_DATA and not (from_client and side.keys.probing):
            if self._handshake.client_random and not self._handshake.suite_number:
                text = "the capture has no ServerHello before the encrypted data"
            else:
                text = "the capture does not have the handshake"
            self._opaque("tls-no-handshake", text, time_ns, frame, len(body))
        elif kind == _ALERT:
            self._alert(from_client, body, time_ns, frame)

    def _alert(self, from_client: bool, body: bytes, time_ns: int, frame: int) -> None:
        said = describe(self._connection, body, from_client=from_client, frame=frame)
        if said is not None and self._connection.number and may_be_late(body):
            self._late.append((from_client, body, time_ns, frame))
        elif said is not None and self._connection.number:
            self._inner_problem(*said, from_client, time_ns, frame)
        elif said is not None:
            self._alerts.append((from_client, body, time_ns, frame))

    def _failed(self, side: _Side, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        text = f"record {side.keys.sequence - 1} of {size} bytes does not authenticate"
        if side.failures >= _FAILURES:
            side.lost = True
            text += ", nor did those before it: the rest of this direction is unreadable"
            if not self._plain:
                self._opaque("tls-record", "the secrets do not fit: no record authenticates", time_ns, frame, size)
                return
        self._inner_problem("tls-record", text, from_client, time_ns, frame)
        self._unreadable(from_client, size, time_ns, frame)

    def _unreadable(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Ciphertext that stays ciphertext in a connection that is otherwise readable."""
        self._connection.opaque_bytes += size
        self._connection.host.totals.opaque_bytes += size
        if size:
            self._inner.gap(from_client, size, time_ns, frame)

    def _inner_problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        if self._connection.open:
            self._inner.problem(code, text, from_client, time_ns, frame)

    # -- the handshake

    def _handshake_record(self, side: _Side, from_client: bool, body: bytes, time_ns: int, frame: int) -> None:
        side.messages.add(body)
        while self._connection.open and self._replacement is None and (message := side.messages.next()) is not None:
            try:
                complete = self._handshake.take(from_client, *message)
            except Unreadable as error:
                self._name_layer()
                self._opaque(error.code, error.text, time_ns, frame)
                continue
            self._name_layer()
            if complete:
                self._ask_for_secrets(time_ns, frame)

    def _name_layer(self) -> None:
        """The version is known."""
        if self._handshake.version and not self._layer_named:
            self._layer_named = True
            self._connection.layers.append(NAMES.get(self._handshake.version, "tls"))

    def _ask_for_secrets(self, time_ns: int, frame: int) -> None:
        self._secrets.asked += 1
        session = self._secrets.of(self._handshake.client_random, self._handshake.needed)
        if session is not None:
            self._handshake.use(session)
        elif self._secrets.complete:
            self._no_secrets(time_ns, frame)
        else:
            self._held = []
            self._held_size = _STATE_SIZE
            self._secrets.waiting_bytes += _STATE_SIZE
            self._secrets.wait(self._handshake.client_random, self._again)

    # -- without secrets

    def _hold(self, record: Record) -> None:
        assert self._held is not None
        self._held.append(record)
        size = len(record[3]) + 100
        self._held_size += size
        self._secrets.waiting_bytes += size
        if self._secrets.waiting_bytes > TLS_WAITING:
            self._no_secrets(record[4], record[5])

    def _again(self) -> None:
        """New secrets have come, or no more will."""
        session = self._secrets.of(self._handshake.client_random, self._handshake.needed)
        if self._held is None or (session is None and not self._secrets.complete):
            return
        connection = self._connection
        if self._closing is not None:
            connection.open = True  # for as long as its records are read
        if session is None:
            self._no_secrets(*(self._closing or (connection.time_ns, connection.frame)))
        else:
            held = self._release()
            self._handshake.use(session)
            for record in held:
                if not connection.open:
                    break
                if self._replacement is not None:
                    self._replacement.data(record[0], record[3], record[4], record[5])
                else:
                    self._record(*record)
        if self._closing is not None and connection.open:
            connection.drop()
            (self._replacement or self._inner).closed(*self._closing)

    def _release(self) -> list[Record]:
        held, self._held = self._held or [], None
        self._secrets.waiting_bytes -= self._held_size
        self._held_size = 0
        self._secrets.stop_waiting(self._handshake.client_random, self._again)
        return held

    def _no_secrets(self, time_ns: int, frame: int) -> None:
        text = f"no secrets for the {NAMES.get(self._handshake.version, 'TLS')} session with client random "
        text += self._handshake.client_random.hex()
        text += f"; {self._secrets.missing(self._handshake.client_random, self._handshake.needed)}"
        size = sum(len(record[3]) for record in self._held or ())
        self._opaque("tls-no-secrets", text, time_ns, frame, size)

    def _opaque(self, code: str, text: str, time_ns: int, frame: int, size: int = 0) -> None:
        """Nothing of this connection can be read."""
        connection = self._connection
        held = self._release()
        if self._replacement is not None or not connection.open:
            return
        if not self._layer_named:
            connection.layers.append("tls")
        connection.opaque = True
        self._replacement = sealed = Sealed(connection, self._inner if connection.number else None, code, text)
        for from_client, body, *at in self._alerts:
            sealed.record(from_client, _ALERT, body, *at)
        for from_client, kind, _, body, *at in held:
            sealed.record(from_client, kind, body, *at)
        for from_client, side in self._sides.items():
            if code in ("tls-framing", "tls-gap"):
                sealed.lose(from_client)
            elif side is not self._reading and side.buffer:
                sealed.data(from_client, bytes(side.buffer), time_ns, frame)
        if code == "tls-no-handshake":
            sealed.go_on()
        sealed.passed(size, time_ns, frame)
        self._attach(sealed)

    # -- gaps

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Lost bytes: a record with a hole is lost; behind it the next one has to be found."""
        if self._replacement is not None:
            return
        side = self._sides[from_client]
        if side.lost:
            self._inner.gap(from_client, size, time_ns, frame)
            return
        buffer = side.buffer
        left = side.skip
        if not left and not side.resync and len(buffer) >= _HEADER:
            left = _HEADER + (buffer[3] << 8 | buffer[4]) - len(buffer)
            if self._held is not None or side.keys.cipher is None:
                # The part of a plain handshake that matters is short: zeros may well stand for the rest.
                if self._held is None and size <= left:
                    self.data(from_client, bytes(size), time_ns, frame)
                else:
                    self._opaque("tls-gap", "bytes of the handshake are missing", time_ns, frame)
                return
            side.keys.sequence += 1
        if side.keys.cipher is None or not side.keys.application:
            self._opaque("tls-gap", "bytes of the handshake are missing", time_ns, frame)
            return
        self._inner.gap(from_client, size + len(buffer), time_ns, frame)
        buffer.clear()
        if size <= left:
            side.skip = left - size
            return
        side.skip = 0
        side.resync = min(max(side.resync, 1) + (size - left) // _SMALLEST_RECORD + 1, TLS_RESYNC_SKIP)

    def _find_record(self, side: _Side, from_client: bool, time_ns: int, frame: int) -> bool:
        """Look for a record that opens with one of the numbers it may have."""
        assert side.keys.cipher is not None
        buffer = side.buffer
        position = 0
        version = b"\x03\x03" if self._handshake.version >= 0x0303 else self._handshake.version.to_bytes(2, "big")
        while True:
            position = buffer.find(version, position + 1) - 1
            if position < 0:
                keep = max(0, len(buffer) - 3)
                break
            if position + _HEADER > len(buffer):
                keep = position
                break
            size = buffer[position + 3] << 8 | buffer[position + 4]
            kind = buffer[position]
            if not _ALERT <= kind <= _APPLICATION_DATA or not size or size > TLS_RECORD:
                position += 1
                continue
            if position + _HEADER + size > len(buffer):
                keep = position
                break
            body = bytes(buffer[position + _HEADER : position + _HEADER + size])
            for ahead in range(side.resync):
                side.trials += 1
                if side.trials > TLS_RESYNC_TRIALS:
                    side.lost = True
                    text = "no record that authenticates was found after a gap"
                    self._inner_problem("tls-gap", text, from_client, time_ns, frame)
                    self._unreadable(from_client, len(buffer), time_ns, frame)
                    buffer.clear()
                    return False
                try:
                    side.keys.cipher.open(side.keys.sequence + ahead, kind, int.from_bytes(version, "big"), body)
                except Decryption:
                    continue
                side.keys.sequence += ahead
                side.resync = 0
                side.trials = 0
                if position:
                    self._inner.gap(from_client, position, time_ns, frame)
                    del buffer[:position]
                return True
            position += 1
        if keep:
            self._inner.gap(from_client, keep, time_ns, frame)
            del buffer[:keep]
        return False

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """Handed on."""
        (self._replacement or self._inner).problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int) -> None:
        """The end, unless the secrets may still come."""
        if self._held is not None and self._replacement is None:
            self._closing = (time_ns, frame)
            self._again()
            return
        if self._alerts and not self._connection.number and self._replacement is None:
            self._end_with_alerts(time_ns, frame)
            return
        for from_client, body, *at in self._late:
            said = describe_late(self._connection, body, from_client=from_client)
            if said is not None:
                self._inner.problem(*said, from_client, *at)
        (self._replacement or self._inner).closed(time_ns, frame)

    def _end_with_alerts(self, time_ns: int, frame: int) -> None:
        """An end refused the other before anything was said inside."""
        sealed = Sealed(self._connection, None, "tls-alert", "")
        for from_client, body, *at in self._alerts:
            sealed.record(from_client, _ALERT, body, *at)
        sealed.closed(time_ns, frame)
