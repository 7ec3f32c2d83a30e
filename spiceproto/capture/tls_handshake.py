"""As much of a TLS handshake as it takes to read what follows it (RFC 8446, 4 and 7; RFC 5246, 6.3 and 7).

From the hellos come the client random, which finds the secrets, the version and the suite. Up to TLS 1.2 a direction is
encrypted after its ChangeCipherSpec; in TLS 1.3 after the ServerHello, first under the handshake secrets, and after its
Finished under the application secrets, which every KeyUpdate replaces.
"""

from __future__ import annotations

import hashlib
from typing import Final

from spiceproto.capture.limits import TLS_HANDSHAKE
from spiceproto.capture.tls_suites import SUITES, RecordCipher, Suite, expand_label, tls12_ciphers, tls13_cipher

__all__ = ["NAMES", "TLS13", "Handshake", "Keys", "Messages", "Unreadable"]

TLS13: Final = 0x0304
NAMES: Final = {0x0301: "tls1.0", 0x0302: "tls1.1", 0x0303: "tls1.2", TLS13: "tls1.3"}

_CLIENT_HELLO, _SERVER_HELLO, _FINISHED, _KEY_UPDATE = 1, 2, 20, 24
_ENCRYPT_THEN_MAC, _EARLY_DATA, _SUPPORTED_VERSIONS = 22, 42, 43
_HELLO_RETRY_REQUEST = hashlib.sha256(b"HelloRetryRequest").digest()

_TLS13_SECRETS = ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
_TLS12_SECRETS = ("CLIENT_RANDOM",)


class Unreadable(Exception):
    """Nobody can read what follows such a handshake. Has the code and the text of a problem; never leaves the TLS layer."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Keys:
    """What opens the records of one direction.

    * ``cipher``: None while they are not encrypted
    * ``sequence``: number of the next record under this cipher
    * ``secret``: what the cipher of TLS 1.3 was made from
    * ``application``: the cipher is that of application data, no longer of the handshake
    * ``probing``: records that do not open are passed over until one does: there is something before that has other keys
    """

    __slots__ = ("application", "cipher", "probing", "secret", "sequence")

    def __init__(self) -> None:
        self.cipher: RecordCipher | None = None
        self.sequence = 0
        self.secret = b""
        self.application = False
        self.probing = False

    def change(self, cipher: RecordCipher) -> None:
        """Another cipher from the next record on."""
        self.cipher = cipher
        self.sequence = 0


class Messages:
    """The handshake messages of one direction, cut out of its records."""

    __slots__ = ("_buffer", "_skip")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skip = 0

    def add(self, body: bytes) -> None:
        """The content of the next record."""
        if self._skip:
            count = min(self._skip, len(body))
            self._skip -= count
            body = body[count:]
        self._buffer += body

    def next(self) -> tuple[int, bytes] | None:
        """Type and body of the next message; None when it is not whole yet, or too long to be of interest."""
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        size = int.from_bytes(buffer[1:4], "big")
        if size > TLS_HANDSHAKE:
            self._skip = 4 + size - len(buffer)
            buffer.clear()
            return None
        if len(buffer) < 4 + size:
            return None
        kind, body = buffer[0], bytes(buffer[4 : 4 + size])
        del buffer[: 4 + size]
        return kind, body


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
        text = f"a {'Client' if client else 'Server'}Hello of {len(message)} bytes is cut off"
        raise Unreadable("tls-handshake", text) from error
    return random, extensions


class Handshake:
    """Takes the handshake messages of both directions and keeps the keys up to date.

    * ``keys``: of the client's records (True) and of the server's (False)
    * ``client_random``: names the session in a key log; empty before the ClientHello
    * ``version``, ``suite_number``: what the server chose, 0 before the ServerHello
    """

    def __init__(self) -> None:
        self.keys = {True: Keys(), False: Keys()}
        self.client_random = b""
        self.version = 0
        self.suite_number = 0
        self._server_random = b""
        self._suite: Suite | None = None
        self._encrypt_then_mac = False
        self._session: dict[str, bytes] | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The labels of the secrets without which nothing can be read."""
        return _TLS13_SECRETS if self.version == TLS13 else _TLS12_SECRETS

    def take(self, from_client: bool, kind: int, message: bytes) -> bool:
        """One message. True for a ServerHello, after which :meth:`use` wants the secrets.

        Raises :class:`Unreadable` for hellos that are malformed, and for what is not implemented.
        """
        keys = self.keys[from_client]
        if kind == _CLIENT_HELLO and from_client:
            self.client_random, extensions = _hello(message, client=True)
            keys.probing = _EARLY_DATA in extensions
        elif kind == _SERVER_HELLO and not from_client:
            return self._server_hello(message)
        elif kind == _FINISHED and self.version == TLS13:
            self._application_keys(from_client)
        elif kind == _KEY_UPDATE and keys.application and self._suite is not None:
            size = hashlib.new(self._suite.hash).digest_size
            keys.secret = expand_label(keys.secret, "traffic upd", size, self._suite.hash)
            keys.change(tls13_cipher(self._suite, keys.secret))
        return False

    def _server_hello(self, message: bytes) -> bool:
        random, extensions = _hello(message, client=False)
        if random == _HELLO_RETRY_REQUEST:
            return False
        self._server_random = random
        version = message[0] << 8 | message[1]
        chosen = extensions.get(_SUPPORTED_VERSIONS, b"")
        if len(chosen) == 2:
            version = int.from_bytes(chosen, "big")
        self.version = version
        after_session = 35 + message[34]
        self.suite_number = int.from_bytes(message[after_session : after_session + 2], "big")
        self._suite = SUITES.get(self.suite_number)
        self._encrypt_then_mac = _ENCRYPT_THEN_MAC in extensions
        compression = message[after_session + 2 : after_session + 3]
        if self._suite is None or version not in NAMES or (version == TLS13) != (self.suite_number >> 8 == 0x13):
            text = f"{NAMES.get(version, hex(version))} with cipher suite {self.suite_number:#06x} is not implemented"
            raise Unreadable("tls-suite", text)
        if compression != b"\0":
            raise Unreadable("tls-suite", "compressed TLS is not implemented")
        if not self.client_random:
            raise Unreadable("tls-no-handshake", "the capture does not have the ClientHello")
        return True

    def use(self, session: dict[str, bytes]) -> None:
        """Keys for what follows the ServerHello; those of older versions wait for the ChangeCipherSpec."""
        self._session = session
        if self.version != TLS13 or self._suite is None:
            return
        for from_client, label in (
            (True, "CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
            (False, "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
        ):
            secret = session.get(label)
            if secret is None:
                self._application_keys(from_client)
                self.keys[from_client].probing = True
            else:
                self.keys[from_client].change(tls13_cipher(self._suite, secret))

    def _application_keys(self, from_client: bool) -> None:
        keys = self.keys[from_client]
        if self._suite is None or self._session is None or keys.application:
            return
        keys.application = True
        keys.secret = self._session[_TLS13_SECRETS[0 if from_client else 1]]
        keys.change(tls13_cipher(self._suite, keys.secret))

    def change_cipher_spec(self, from_client: bool) -> None:
        """In TLS 1.3 it means nothing."""
        if self.version == TLS13 or self._suite is None or self._session is None:
            return
        ciphers = tls12_ciphers(
            self._suite,
            self.version,
            self._session["CLIENT_RANDOM"],
            self.client_random,
            self._server_random,
            self._encrypt_then_mac,
        )
        keys = self.keys[from_client]
        keys.change(ciphers[0 if from_client else 1])
        keys.application = True
