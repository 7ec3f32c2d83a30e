"""DIGEST-MD5 (RFC 2831) at a server, with its security layer: the mechanism that real clients use without TLS.

    DigestServer    challenge, check of the response, last challenge
    Layer           what follows the login: packets that are sealed with RC4 and signed with HMAC-MD5

MD5 and RC4 are what the mechanism is made of; nobody would choose them today. The suite needs them to see where a layer begins.
"""

from __future__ import annotations

import hmac
import re
from hashlib import md5
from typing import Final

__all__ = ["NAME", "DigestServer", "Layer"]

NAME: Final = "DIGEST-MD5"

_REALM: Final = "suite"
_QOP: Final = "auth-conf"
_NO_BODY: Final = b"0" * 32
_PAIR: Final = re.compile(rb'([a-z-]+)=(?:"([^"]*)"|([^,"]*))')
_VERSION: Final = b"\0\1"
_MAC: Final = 10
_TAIL: Final = 6
_MOST: Final = 1 << 16

_SIGNING: Final = b"Digest session key to %s signing key magic constant"
_SEALING: Final = b"Digest H(A1) to %s sealing key magic constant"
_TO_SERVER, _TO_CLIENT = b"client-to-server", b"server-to-client"


def _md5(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def _hex(data: bytes) -> bytes:
    return _md5(data).hex().encode()


class _Rc4:
    """The stream cipher: one of these is the state of one direction."""

    def __init__(self, key: bytes) -> None:
        state, j = list(range(256)), 0
        for i in range(256):
            j = (j + state[i] + key[i % len(key)]) & 0xFF
            state[i], state[j] = state[j], state[i]
        self._state, self._i, self._j = state, 0, 0

    def apply(self, data: bytes) -> bytes:
        """Encrypt or decrypt, which is the same."""
        state, out = self._state, bytearray()
        for byte in data:
            self._i = (self._i + 1) & 0xFF
            self._j = (self._j + state[self._i]) & 0xFF
            state[self._i], state[self._j] = state[self._j], state[self._i]
            out.append(byte ^ state[(state[self._i] + state[self._j]) & 0xFF])
        return bytes(out)


class Layer:
    """Both directions behind the login, as the server has them, or the client. ``received`` are bytes not unwrapped yet."""

    def __init__(self, session_key: bytes, *, client: bool = False) -> None:
        self._out, self._in = (_TO_SERVER, _TO_CLIENT) if client else (_TO_CLIENT, _TO_SERVER)
        self._sign = {way: _md5(session_key + _SIGNING % way) for way in (_TO_SERVER, _TO_CLIENT)}
        self._seal = {way: _Rc4(_md5(session_key + _SEALING % way)) for way in (_TO_SERVER, _TO_CLIENT)}
        self._sent = 0
        self._seen = 0

    def _mac(self, way: bytes, number: bytes, data: bytes) -> bytes:
        return hmac.digest(self._sign[way], number + data, "md5")[:_MAC]

    def wrap(self, data: bytes) -> bytes:
        """One packet for the other end."""
        number = self._sent.to_bytes(4, "big")
        self._sent += 1
        sealed = self._seal[self._out].apply(data + self._mac(self._out, number, data)) + _VERSION + number
        return len(sealed).to_bytes(4, "big") + sealed

    def unwrap(self, received: bytearray) -> bytes:
        """What the whole packets at the beginning of ``received`` hold; they are taken out. Raises ValueError for no packet."""
        out = bytearray()
        while len(received) >= 4:
            size = int.from_bytes(received[:4], "big")
            if not _MAC + _TAIL <= size <= _MOST:
                raise ValueError(f"{bytes(received[:16]).hex()} begins no packet of the security layer")
            if len(received) < 4 + size:
                break
            sealed = bytes(received[4 : 4 + size - _TAIL])
            tail = bytes(received[4 + size - _TAIL : 4 + size])
            del received[: 4 + size]
            number = self._seen.to_bytes(4, "big")
            self._seen += 1
            clear = self._seal[self._in].apply(sealed)
            if tail != _VERSION + number or clear[-_MAC:] != self._mac(self._in, number, clear[:-_MAC]):
                raise ValueError(f"packet {self._seen} of the security layer is signed or numbered wrongly")
            out += clear[:-_MAC]
        return bytes(out)


class DigestServer:
    """One login. ``nonce`` is printable and never used twice."""

    def __init__(self, username: str, password: str, nonce: str) -> None:
        self._secret = _md5(f"{username}:{_REALM}:{password}".encode())
        self._nonce = nonce.encode()

    def challenge(self) -> bytes:
        """The first challenge: integrity and secrecy are wanted."""
        return b'nonce="%s",realm="%s",qop="%s",cipher="rc4",maxbuf=%d,charset=utf-8,algorithm=md5-sess' % (
            self._nonce,
            _REALM.encode(),
            _QOP.encode(),
            _MOST,
        )

    def check(self, response: bytes) -> tuple[bytes, Layer] | None:
        """The last challenge and the layer for a good response; None for one that does not show the password."""
        said = {name: quoted or plain for name, quoted, plain in _PAIR.findall(response)}
        if said.get(b"nonce") != self._nonce or said.get(b"qop") != _QOP.encode():
            return None
        nonces = self._nonce + b":" + said.get(b"cnonce", b"")
        authorization = said.get(b"authzid")
        key = _md5(self._secret + b":" + nonces + (b":" + authorization if authorization else b""))
        turn = b":".join([self._nonce, said.get(b"nc", b""), said.get(b"cnonce", b""), _QOP.encode()])

        def proof(method: bytes) -> bytes:
            uri = said.get(b"digest-uri", b"")
            return _hex(b":".join([key.hex().encode(), turn, _hex(b":".join([method, uri, _NO_BODY]))]))

        if not hmac.compare_digest(proof(b"AUTHENTICATE"), said.get(b"response", b"")):
            return None
        return b"rspauth=" + proof(b""), Layer(key)
