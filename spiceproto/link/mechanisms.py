"""SASL mechanisms for both ends: PLAIN and SCRAM, on the interfaces of :mod:`spiceproto.link.sasl`.

    client(username, password)       a login of a client
    server(users)                    a login at a server

PLAIN tells the server the password, so it is for TLS only; that is the caller's business, as is which mechanisms a server
offers. SCRAM (RFC 5802, RFC 7677) shows each end that the other knows the password; ``scramp`` does the client's arithmetic
and is imported when it is first needed. No mechanism here has a security layer, nor channel binding.

Whatever the peer sends, a step that fails says so and raises nothing.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import new as new_hash
from hashlib import pbkdf2_hmac
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final, Protocol

from spiceproto.errors import LocalError
from spiceproto.link.sasl import SaslStep

__all__ = ["MECHANISMS", "ClientLogin", "ServerLogin", "client", "server"]

MECHANISMS: Final = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
"""What is known here, best first."""

ITERATIONS: Final = 1_000_000
"""Most iterations that a server may ask of a client; each costs time, and the server chooses how many."""

_ITERATIONS: Final = 4096
"""That our servers ask for: the least that RFC 7677 allows, because each link of a session is a login."""

_HASHES: Final = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}

_FAILED: Final = SaslStep(None, failed=True)


class ClientMechanism(Protocol):
    """One mechanism of a client; may raise anything for what it does not understand."""

    def start(self) -> SaslStep:
        """The first response."""

    def step(self, challenge: bytes) -> SaslStep:
        """The response to a challenge."""


class ServerMechanism(Protocol):
    """One mechanism of a server; may raise anything for what it does not understand."""

    def step(self, response: bytes) -> SaslStep:
        """The challenge that follows a response."""


# -- PLAIN, RFC 4616


class PlainClient:
    """Says everything in the first response."""

    def __init__(self, username: str, password: str) -> None:
        if "\0" in username + password:
            raise LocalError("PLAIN has no zero bytes in names and passwords")
        self._response = f"\0{username}\0{password}".encode()

    def start(self) -> SaslStep:
        """Name and password."""
        return SaslStep(self._response, finished=True)

    def step(self, challenge: bytes) -> SaslStep:
        """Some servers ask for the response once more, with an empty challenge."""
        return SaslStep(self._response, finished=True, failed=bool(challenge))


class PlainServer:
    """Looks up a name and compares the password."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users

    def step(self, response: bytes) -> SaslStep:
        """The one response."""
        authorization, username, password = response.split(b"\0")
        if authorization not in (b"", username):
            return _FAILED
        known = self._users.get(username.decode())
        good = compare_digest(password, (known or "").encode()) and known is not None
        return SaslStep(None, finished=True) if good else _FAILED


# -- SCRAM


class ScramClient:
    """First message, then the proof, then the server's proof."""

    def __init__(self, mechanism: str, username: str, password: str) -> None:
        import scramp

        self._scram = scramp.ScramClient([mechanism], username, password)
        self._proved = False

    def start(self) -> SaslStep:
        """Name and nonce."""
        return SaslStep(self._scram.get_client_first().encode())

    def step(self, challenge: bytes) -> SaslStep:
        """Salt and iterations, or the server's signature."""
        text = challenge.decode()
        if self._proved:
            self._scram.set_server_final(text)
            return SaslStep(None, finished=True)
        counts = [int(part[2:]) for part in text.split(",") if part.startswith("i=")]
        if len(counts) != 1 or not 0 < counts[0] <= ITERATIONS:
            return _FAILED
        self._scram.set_server_first(text)
        self._proved = True
        return SaslStep(self._scram.get_client_final().encode())


class ScramServer:
    """Salt and iterations, then the signature for a proof that is good.

    Written out, because spice-gtk names an authorization identity beside the user's and ``scramp`` refuses that.
    """

    def __init__(self, mechanism: str, users: Mapping[str, str]) -> None:
        self._hash = _HASHES[mechanism]
        self._users = users
        self._header = b""
        self._nonce = ""
        self._exchange: list[bytes] = []
        self._salted = b""
        self._known = False

    def step(self, response: bytes) -> SaslStep:
        """The client's first message, or its proof."""
        return self._second(response) if self._nonce else self._first(response)

    def _first(self, response: bytes) -> SaslStep:
        flag, authorization, bare = response.decode().split(",", 2)
        fields = bare.split(",")
        # "p" would bind the login to a TLS channel; "m" begins an extension that nobody knows.
        if flag not in ("n", "y") or not fields[0].startswith("n=") or not fields[1].startswith("r=") or fields[1] == "r=":
            return _FAILED
        username = _unescaped(fields[0][2:])
        if authorization and (not authorization.startswith("a=") or _unescaped(authorization[2:]) != username):
            return _FAILED
        password = self._users.get(username)
        self._known = password is not None
        self._header = response[: len(response) - len(bare.encode())]
        self._nonce = fields[1][2:] + secrets.token_urlsafe(18)
        salt = secrets.token_bytes(16)
        # A name nobody has goes the same way as a wrong password: names are not to be found out.
        self._salted = pbkdf2_hmac(self._hash, _prepared(password or secrets.token_hex()), salt, _ITERATIONS)
        challenge = f"r={self._nonce},s={b64encode(salt).decode()},i={_ITERATIONS}".encode()
        self._exchange = [bare.encode(), challenge]
        return SaslStep(challenge)

    def _second(self, response: bytes) -> SaslStep:
        without_proof, _, encoded = response.rpartition(b",p=")
        binding, nonce = without_proof.decode().split(",")[:2]
        message = b",".join([*self._exchange, without_proof])
        stored = new_hash(self._hash, self._hmac(self._salted, b"Client Key")).digest()
        mask = self._hmac(stored, message)
        key = bytes([a ^ b for a, b in zip(b64decode(encoded, validate=True), mask, strict=True)])
        good = compare_digest(new_hash(self._hash, key).digest(), stored)
        header = binding.startswith("c=") and b64decode(binding[2:], validate=True) == self._header
        if not (good and header and nonce == f"r={self._nonce}" and self._known):
            return _FAILED
        signature = self._hmac(self._hmac(self._salted, b"Server Key"), message)
        return SaslStep(b"v=" + b64encode(signature), finished=True)

    def _hmac(self, key: bytes, data: bytes) -> bytes:
        return hmac_digest(key, data, self._hash)


def _unescaped(name: str) -> str:
    """A name as it is meant: SCRAM writes comma and equals sign otherwise."""
    return name.replace("=2C", ",").replace("=3D", "=")


def _prepared(password: str) -> bytes:
    """A password in the one form that both sides hash."""
    from scramp.utils import saslprep

    found: str = saslprep(password)
    return found.encode()


# -- logins


class ClientLogin:
    """One login of a client: a :class:`spiceproto.link.sasl.SaslClient`.

    ``mechanisms`` are those it would use, best first. Raises LocalError for a name that is unknown here.
    """

    def __init__(self, username: str, password: str, mechanisms: Sequence[str] = MECHANISMS) -> None:
        _check(mechanisms)
        self._username = username
        self._password = password
        self._names = mechanisms
        self._mechanism: ClientMechanism | None = None

    def choose(self, mechanisms: tuple[str, ...]) -> str | None:
        """The best of what the server offers."""
        name = next((name for name in self._names if name in mechanisms), None)
        if name == "PLAIN":
            self._mechanism = PlainClient(self._username, self._password)
        elif name is not None:
            self._mechanism = ScramClient(name, self._username, self._password)
        return name

    def start(self) -> SaslStep:
        """The first response."""
        mechanism = self._mechanism
        return _FAILED if mechanism is None else mechanism.start()

    def step(self, challenge: bytes | None) -> SaslStep:
        """The response to a challenge; an absent one is taken for an empty one."""
        mechanism = self._mechanism
        return _FAILED if mechanism is None else _attempt(mechanism.step, challenge or b"")


class ServerLogin:
    """One login at a server: a :class:`spiceproto.link.sasl.SaslServer`.

    ``users`` are names and passwords, ``mechanisms`` what is offered. Raises LocalError for a name that is unknown here.
    """

    def __init__(self, users: Mapping[str, str], mechanisms: Sequence[str] = MECHANISMS) -> None:
        _check(mechanisms)
        self._users = users
        self._names = tuple(mechanisms)
        self._mechanism: ServerMechanism | None = None

    @property
    def mechanisms(self) -> Sequence[str]:
        """Names of what is offered."""
        return self._names

    def start(self, mechanism: str, response: bytes | None) -> SaslStep:
        """A client has chosen. Without a first response it gets an empty challenge."""
        self._mechanism = PlainServer(self._users) if mechanism == "PLAIN" else ScramServer(mechanism, self._users)
        if response is None:
            return SaslStep(b"")
        return _attempt(self._mechanism.step, response)

    def step(self, response: bytes | None) -> SaslStep:
        """The next challenge."""
        mechanism = self._mechanism
        return _FAILED if mechanism is None else _attempt(mechanism.step, response or b"")


def client(username: str, password: str, mechanisms: Sequence[str] = MECHANISMS) -> ClientLogin:
    """A login of a client."""
    return ClientLogin(username, password, mechanisms)


def server(users: Mapping[str, str], mechanisms: Sequence[str] = MECHANISMS) -> ServerLogin:
    """A login at a server."""
    return ServerLogin(users, mechanisms)


def _check(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in MECHANISMS]
    if unknown:
        raise LocalError("no such mechanism here", expected=", ".join(MECHANISMS), actual=", ".join(unknown))


def _attempt(step: Callable[[bytes], SaslStep], data: bytes) -> SaslStep:
    """A step, with whatever goes wrong in it turned into its failure: hostile text raises errors of many kinds."""
    try:
        return step(data)
    except Exception:
        return _FAILED
