"""TLS seen from outside, with the secrets: records (RFC 8446, 5; RFC 5246, 6) and as much of the handshake as it takes.

From the hellos come the client random, which finds the secrets, the version and the suite.  Up to TLS 1.2 a direction
is encrypted after its ChangeCipherSpec; in TLS 1.3 after the ServerHello, first under the handshake secrets, and after
its Finished under the application secrets, which every KeyUpdate replaces.

Without secrets the connection is *opaque*: its sink learns that and how many bytes there were.  After lost bytes the
next record is found by its header and by trying the record numbers that the gap can have swallowed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .detect import Detector
from .layers import Counting
from .limits import TLS_HANDSHAKE, TLS_RECORD, TLS_RESYNC_SKIP, TLS_RESYNC_TRIALS, TLS_WAITING
from .tls_suites import SUITES, Decryption, RecordCipher, Suite, expand_label, tls12_ciphers, tls13_cipher

if TYPE_CHECKING:
    from collections.abc import Callable

    from .layers import Connection, Sink

__all__ = ["Tls"]

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_CLIENT_HELLO, _SERVER_HELLO, _FINISHED, _KEY_UPDATE = 1, 2, 20, 24
_ENCRYPT_THEN_MAC, _EARLY_DATA, _SUPPORTED_VERSIONS = 22, 42, 43
_HELLO_RETRY_REQUEST = hashlib.sha256(b"HelloRetryRequest").digest()
_HEADER = 5
_SMALLEST_RECORD = _HEADER + 17
_STATE_SIZE = 8192
"""What a connection costs while it waits, besides its records."""
_FAILURES = 3
"""Records in a row that do not authenticate, after which a direction is given up."""

_NAMES = {0x0301: "tls1.0", 0x0302: "tls1.1", 0x0303: "tls1.2", 0x0304: "tls1.3"}
_TLS13_SECRETS = ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
_TLS12_SECRETS = ("CLIENT_RANDOM",)

Record = tuple[bool, int, int, bytes, int, int]


class _Malformed(Exception):
    """A handshake message that cannot be read; never leaves this module."""


class _Side:
    """One direction."""

    __slots__ = (
        "application_keys",
        "buffer",
        "cipher",
        "failures",
        "handshake",
        "handshake_skip",
        "lost",
        "probing",
        "resync",
        "secret",
        "sequence",
        "skip",
        "trials",
    )

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.cipher: RecordCipher | None = None
        self.sequence = 0
        self.secret = b""
        self.application_keys = False
        self.probing = False
        """Records that do not open are passed over until one does: there is something before that has other keys."""
        self.failures = 0
        self.handshake = bytearray()
        self.handshake_skip = 0
        self.skip = 0
        """Bytes to throw away: the rest of a record with a hole."""
        self.resync = 0
        """Record numbers to try, while the next record is searched for after a gap."""
        self.trials = 0
        self.lost = False


class Tls:
    """Decrypts both directions into a stream of its own."""

    def __init__(self, connection: Connection, attach: Callable[[Sink], None]) -> None:
        self._connection = connection
        self._attach = attach
        self._secrets = connection.host.secrets
        self._sides = {True: _Side(), False: _Side()}
        self._inner: Sink = Detector(connection, self._attach_inner, nested=True)
        self._plain = 0
        """Bytes handed on."""
        self._layer_named = False
        self._client_random = b""
        self._server_random = b""
        self._version = 0
        self._suite: Suite | None = None
        self._suite_number = 0
        self._encrypt_then_mac = False
        self._session: dict[str, bytes] | None = None
        self._held: list[Record] | None = None
        self._held_size = 0
        self._closing: tuple[int, int] | None = None
        """When the connection was closed, if that was before its secrets came."""
        self._replacement: Sink | None = None

    def _attach_inner(self, sink: Sink) -> None:
        self._inner = sink

    # Records

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int, /) -> None:
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
        if side.cipher is None or (kind == _CHANGE_CIPHER_SPEC and self._version == 0x0304):
            self._plain_record(side, from_client, kind, body, time_ns, frame)
            return
        try:
            kind, plain = side.cipher.open(side.sequence, kind, version, body)
        except Decryption:
            if side.probing:
                return
            side.sequence += 1
            side.failures += 1
            self._failed(side, from_client, len(body), time_ns, frame)
            return
        side.probing = False
        side.failures = 0
        side.sequence += 1
        if kind == _APPLICATION_DATA:
            if plain:
                self._plain += len(plain)
                self._inner.data(from_client, plain, time_ns, frame)
        elif kind == _HANDSHAKE:
            self._handshake(side, from_client, plain, time_ns, frame)
        elif kind == _CHANGE_CIPHER_SPEC:
            self._change_cipher_spec(side, from_client)

    def _plain_record(self, side: _Side, from_client: bool, kind: int, body: bytes, time_ns: int, frame: int) -> None:
        if kind == _HANDSHAKE:
            self._handshake(side, from_client, body, time_ns, frame)
        elif kind == _CHANGE_CIPHER_SPEC:
            self._change_cipher_spec(side, from_client)
        elif kind == _APPLICATION_DATA and not (from_client and side.probing):
            if self._client_random and not self._suite_number:
                text = "encrypted data before a ServerHello"
            else:
                text = "the capture does not have the handshake"
            self._opaque("tls-no-handshake", text, time_ns, frame, len(body))

    def _failed(self, side: _Side, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        text = f"record {side.sequence - 1} of {size} bytes does not authenticate"
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

    # The handshake

    def _handshake(self, side: _Side, from_client: bool, body: bytes, time_ns: int, frame: int) -> None:
        messages = side.handshake
        if side.handshake_skip:
            count = min(side.handshake_skip, len(body))
            side.handshake_skip -= count
            body = body[count:]
        messages += body
        while len(messages) >= 4 and self._connection.open and self._replacement is None:
            size = int.from_bytes(messages[1:4], "big")
            if size > TLS_HANDSHAKE:
                side.handshake_skip = 4 + size - len(messages)
                messages.clear()
                return
            if len(messages) < 4 + size:
                return
            kind = messages[0]
            message = bytes(messages[4 : 4 + size])
            del messages[: 4 + size]
            try:
                if kind == _CLIENT_HELLO and from_client:
                    self._client_hello(side, message)
                elif kind == _SERVER_HELLO and not from_client:
                    self._server_hello(message, time_ns, frame)
                elif kind == _FINISHED and self._version == 0x0304:
                    self._application_keys(side, from_client)
                elif kind == _KEY_UPDATE and side.application_keys and self._suite is not None:
                    size = hashlib.new(self._suite.hash).digest_size
                    side.secret = expand_label(side.secret, "traffic upd", size, self._suite.hash)
                    side.cipher = tls13_cipher(self._suite, side.secret)
                    side.sequence = 0
            except _Malformed as error:
                self._opaque("tls-handshake", str(error), time_ns, frame)

    def _client_hello(self, side: _Side, message: bytes) -> None:
        random, extensions = _hello(message, client=True)
        self._client_random = random
        side.probing = _EARLY_DATA in extensions

    def _server_hello(self, message: bytes, time_ns: int, frame: int) -> None:
        random, extensions = _hello(message, client=False)
        if random == _HELLO_RETRY_REQUEST:
            return
        self._server_random = random
        version = message[0] << 8 | message[1]
        chosen = extensions.get(_SUPPORTED_VERSIONS, b"")
        if len(chosen) == 2:
            version = int.from_bytes(chosen, "big")
        self._version = version
        after_session = 35 + message[34]
        self._suite_number = int.from_bytes(message[after_session : after_session + 2], "big")
        self._suite = SUITES.get(self._suite_number)
        self._encrypt_then_mac = _ENCRYPT_THEN_MAC in extensions
        if not self._layer_named:
            self._layer_named = True
            self._connection.layers.append(_NAMES.get(version, "tls"))
        compression = message[after_session + 2 : after_session + 3]
        if self._suite is None or version not in _NAMES or (version == 0x0304) != (self._suite_number >> 8 == 0x13):
            text = f"{_NAMES.get(version, hex(version))} with cipher suite {self._suite_number:#06x} is not implemented"
            self._opaque("tls-suite", text, time_ns, frame)
        elif compression != b"\0":
            self._opaque("tls-suite", "compressed TLS is not implemented", time_ns, frame)
        elif not self._client_random:
            self._opaque("tls-no-handshake", "the capture does not have the ClientHello", time_ns, frame)
        else:
            self._ask_for_secrets(time_ns, frame)

    def _ask_for_secrets(self, time_ns: int, frame: int) -> None:
        needed = _TLS13_SECRETS if self._version == 0x0304 else _TLS12_SECRETS
        self._session = self._secrets.of(self._client_random, needed)
        if self._session is not None:
            self._use_secrets()
        elif self._secrets.complete:
            self._no_secrets(time_ns, frame)
        else:
            self._held = []
            self._held_size = _STATE_SIZE
            self._secrets.waiting_bytes += _STATE_SIZE
            self._secrets.wait(self._client_random, self._again)

    def _use_secrets(self) -> None:
        """Keys for what follows the ServerHello; those of older versions wait for the ChangeCipherSpec."""
        if self._version != 0x0304 or self._suite is None or self._session is None:
            return
        for from_client, label in (
            (True, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
            (False, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        ):
            side = self._sides[from_client]
            secret = self._session.get(label)
            if secret is None:
                self._application_keys(side, from_client)
                side.probing = True
            else:
                side.cipher = tls13_cipher(self._suite, secret)
                side.sequence = 0

    def _application_keys(self, side: _Side, from_client: bool) -> None:
        if self._suite is None or self._session is None or side.application_keys:
            return
        side.application_keys = True
        side.secret = self._session[_TLS13_SECRETS[0 if from_client else 1]]
        side.cipher = tls13_cipher(self._suite, side.secret)
        side.sequence = 0

    def _change_cipher_spec(self, side: _Side, from_client: bool) -> None:
        """In TLS 1.3 it means nothing."""
        if self._version == 0x0304 or self._suite is None or self._session is None:
            return
        ciphers = tls12_ciphers(
            self._suite,
            self._version,
            self._session["CLIENT_RANDOM"],
            self._client_random,
            self._server_random,
            self._encrypt_then_mac,
        )
        side.cipher = ciphers[0 if from_client else 1]
        side.sequence = 0
        side.application_keys = True

    # Without secrets

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
        needed = _TLS13_SECRETS if self._version == 0x0304 else _TLS12_SECRETS
        session = self._secrets.of(self._client_random, needed)
        if self._held is None or (session is None and not self._secrets.complete):
            return
        connection = self._connection
        if self._closing is not None:
            connection.open = True  # for as long as its records are read
        if session is None:
            self._no_secrets(*(self._closing or (connection.time_ns, connection.frame)))
        else:
            self._session = session
            held = self._release()
            self._use_secrets()
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
        self._secrets.stop_waiting(self._client_random, self._again)
        return held

    def _no_secrets(self, time_ns: int, frame: int) -> None:
        text = f"no secrets for the {_NAMES.get(self._version, 'TLS')} session with client random "
        size = sum(len(record[3]) for record in self._held or ())
        self._opaque("tls-no-secrets", text + self._client_random.hex(), time_ns, frame, size)

    def _opaque(self, code: str, text: str, time_ns: int, frame: int, size: int = 0) -> None:
        """Nothing of this connection can be read."""
        connection = self._connection
        self._release()
        if self._replacement is not None or not connection.open:
            return
        if not self._layer_named:
            connection.layers.append("tls")
        connection.opaque = True
        totals = connection.host.totals
        totals.opaque_connections += 1
        sink: Sink | None
        if connection.number:  # forced, and therefore given to a sink before there was anything to see
            sink = self._inner
            totals.spice_connections -= 1
        else:
            sink = connection.host.open_sink(connection)
        if sink is None:
            connection.drop()
            return
        sink.problem(code, text, True, time_ns, frame)
        self._replacement = Counting(connection, sink)
        self._replacement.data(True, bytes(size), time_ns, frame)
        self._attach(self._replacement)

    # Gaps

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int, /) -> None:
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
            if self._held is not None or side.cipher is None:
                # The part of a plain handshake that matters is short: zeros may well stand for the rest.
                if self._held is None and size <= left:
                    self.data(from_client, bytes(size), time_ns, frame)
                else:
                    self._opaque("tls-gap", "bytes of the handshake are missing", time_ns, frame)
                return
            side.sequence += 1
        if side.cipher is None or not side.application_keys:
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
        assert side.cipher is not None
        buffer = side.buffer
        position = 0
        version = b"\x03\x03" if self._version >= 0x0303 else self._version.to_bytes(2, "big")
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
                    side.cipher.open(side.sequence + ahead, kind, int.from_bytes(version, "big"), body)
                except Decryption:
                    continue
                side.sequence += ahead
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

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int, /) -> None:
        """Handed on."""
        (self._replacement or self._inner).problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int, /) -> None:
        """The end, unless the secrets may still come."""
        if self._held is not None and self._replacement is None:
            self._closing = (time_ns, frame)
            self._again()
            return
        (self._replacement or self._inner).closed(time_ns, frame)


def _hello(message: bytes, *, client: bool) -> tuple[bytes, dict[int, bytes]]:
    """The random and the extensions of a hello (RFC 8446, 4.1)."""
    try:
        random = message[2:34]
        position = 35 + message[34]
        if client:
            position += 2 + (message[position] << 8 | message[position + 1])
            position += 1 + message[position]
        else:
            position += 3
        extensions: dict[int, bytes] = {}
        if position + 2 <= len(message):
            position += 2
            while position + 4 <= len(message):
                kind = message[position] << 8 | message[position + 1]
                size = message[position + 2] << 8 | message[position + 3]
                extensions[kind] = message[position + 4 : position + 4 + size]
                position += 4 + size
        elif position > len(message):
            raise IndexError
    except IndexError as error:
        raise _Malformed(f"a {'Client' if client else 'Server'}Hello of {len(message)} bytes is cut off") from error
    return random, extensions
