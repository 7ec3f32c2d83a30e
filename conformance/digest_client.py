"""DIGEST-MD5 (RFC 2831) of a client: what the suite needs to see where the security layer of a server begins.

    DigestClient    the response to the server's challenge, the server's proof, and the layer that follows

The server's side, and the layer itself, are in :mod:`conformance.digest_md5`. Of the qualities of protection only
``auth-conf`` with RC4 is here. Seen to agree with Cyrus SASL 2.1.28.
"""

from __future__ import annotations

import re
from hashlib import md5
from hmac import compare_digest
from typing import Final

from conformance.digest_md5 import Layer

__all__ = ["CIPHER", "QUALITY", "DigestClient"]

QUALITY: Final = "auth-conf"
CIPHER: Final = "rc4"

_COUNT: Final = "00000001"
_NO_BODY: Final = "0" * 32
_FIELD: Final = re.compile(r'([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))')


def fields(challenge: bytes) -> dict[str, str]:
    """Names and values of a challenge; of a name that stands there twice, the first."""
    found: dict[str, str] = {}
    for name, quoted, plain in _FIELD.findall(challenge.decode("utf-8", "replace")):
        found.setdefault(name, quoted or plain)
    return found


def _hash(text: str, *, before: bytes = b"") -> bytes:
    return md5(before + text.encode(), usedforsecurity=False).digest()


class DigestClient:
    """One login. ``cnonce`` is the client's part of what makes it the only one."""

    def __init__(self, username: str, password: str, host: str, cnonce: str) -> None:
        self._username = username
        self._password = password
        self._uri = f"spice/{host}"
        self._cnonce = cnonce
        self._key = b""
        self._nonce = ""

    def respond(self, challenge: bytes) -> bytes | None:
        """The response to the server's challenge; None if that has not what is needed here."""
        found = fields(challenge)
        nonce, realm = found.get("nonce", ""), found.get("realm", "")
        if not nonce or QUALITY not in found.get("qop", "").split(",") or CIPHER not in found.get("cipher", "").split(","):
            return None
        self._nonce = nonce
        account = _hash(f"{self._username}:{realm}:{self._password}")
        self._key = _hash(f":{nonce}:{self._cnonce}", before=account)
        return ",".join(
            [
                f'username="{self._username}"',
                f'realm="{realm}"',
                f'nonce="{nonce}"',
                f'cnonce="{self._cnonce}"',
                f"nc={_COUNT}",
                f"qop={QUALITY}",
                f"cipher={CIPHER}",
                "maxbuf=65536",
                f'digest-uri="{self._uri}"',
                "charset=utf-8",
                f"response={self._proof('AUTHENTICATE')}",
            ]
        ).encode()

    def proves(self, challenge: bytes) -> bool:
        """Whether the last challenge shows that the server knows the password too."""
        return compare_digest(fields(challenge).get("rspauth", ""), self._proof(""))

    def layer(self) -> Layer:
        """What follows the login."""
        return Layer(self._key, client=True)

    def _proof(self, method: str) -> str:
        action = _hash(f"{method}:{self._uri}:{_NO_BODY}").hex()
        return _hash(f"{self._key.hex()}:{self._nonce}:{_COUNT}:{self._cnonce}:{QUALITY}:{action}").hex()
