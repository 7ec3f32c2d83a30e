"""The ticket: a password that crosses the network under a key made for one link.

The server makes an RSA-1024 key for every link and shows its public half in the link reply, as a DER
SubjectPublicKeyInfo of 162 bytes. The client encrypts the password and one zero byte with it (RSAES-OAEP, SHA-1 for
hash and mask, empty label) and sends the 128 bytes that come out. The server cuts what it decrypts at the first zero
byte, and takes what has none whole.

The size of the key and SHA-1 are what the protocol says; neither would be chosen today. Who listens actively can
replace the key, so a ticket protects nothing without TLS.

``cryptography`` is imported when a key is first made or used: decoding captures needs none of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from spiceproto import limits
from spiceproto.errors import LocalError, RemoteError
from spiceproto.sizes import PUBLIC_KEY_SIZE, TICKET_SIZE

__all__ = ["LONGEST_PLAINTEXT", "TicketKey", "checked", "encrypt", "encrypt_plaintext", "load_key"]

LONGEST_PLAINTEXT = TICKET_SIZE - 2 * 20 - 2
"""What OAEP with a 20-byte hash leaves of 128 bytes."""

_KEY_BITS = 1024
_EXPONENT = 65537
_KEYS = 8
"""Keys that are remembered as they were read: some servers have one for all links."""


def _oaep() -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    sha1 = hashes.SHA1()
    return padding.OAEP(mgf=padding.MGF1(algorithm=sha1), algorithm=sha1, label=None)


class TicketKey:
    """The server's key of one link: ``private`` decrypts, ``public_key_der`` is for the link reply."""

    __slots__ = ("private", "public_key_der")

    def __init__(self, private: Any) -> None:
        """``private`` is an RSA private key of ``cryptography``, 1024 bits with exponent 65537."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self.private = private
        self.public_key_der: bytes = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if len(self.public_key_der) != PUBLIC_KEY_SIZE:
            raise LocalError(
                "not a key for tickets",
                expected=f"RSA, {_KEY_BITS} bits, exponent {_EXPONENT}",
                actual=f"a public key of {len(self.public_key_der)} bytes",
            )

    @classmethod
    def generate(cls) -> TicketKey:
        """A fresh key; takes some 10 ms and the system's random numbers."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        return cls(rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_KEY_BITS))

    def decrypt(self, ticket: bytes) -> bytes | None:
        """The password in ``ticket``, cut at the first zero byte; None if it was not encrypted with this key."""
        plaintext = self.decrypt_plaintext(ticket)
        return None if plaintext is None else plaintext.partition(b"\0")[0]

    def decrypt_plaintext(self, ticket: bytes) -> bytes | None:
        """All that is in ``ticket``, zero bytes included; None if it was not encrypted with this key."""
        if len(ticket) != TICKET_SIZE:
            raise LocalError("a ticket has another size", expected=f"{TICKET_SIZE} bytes", actual=str(len(ticket)))
        try:
            plaintext: bytes = self.private.decrypt(ticket, _oaep())
        except ValueError:
            return None
        return plaintext


def checked(password: bytes | str) -> bytes:
    """The password as bytes, a str as UTF-8.

    Raises LocalError for one longer than 60 bytes, which no ticket may have (SPICE-LINK-047), with a zero byte, or of no text.
    """
    try:
        data = password.encode() if isinstance(password, str) else password
    except UnicodeEncodeError:
        raise LocalError("the password is no text in UTF-8") from None
    if len(data) > limits.PASSWORD:
        raise LocalError(
            "the password is too long for a ticket",
            expected=f"at most {limits.PASSWORD} bytes",
            actual=f"{len(data)} bytes",
            requirement="SPICE-LINK-047",
        )
    if 0 in data:
        raise LocalError("a password with a zero byte would be cut there by the server")
    return data


def encrypt(public_key_der: bytes, password: bytes | str) -> bytes:
    """The ticket for ``password``, 128 bytes; a str is sent as UTF-8.

    Raises LocalError for a password longer than 60 bytes or with a zero byte, RemoteError for a key that is none.
    """
    return encrypt_plaintext(public_key_der, checked(password) + b"\0")


def encrypt_plaintext(public_key_der: bytes, plaintext: bytes) -> bytes:
    """Encrypt ``plaintext`` as it is, for peers that are to be tried with what no client sends.

    ``plaintext`` is at most 86 bytes. Raises LocalError if it is longer, RemoteError for a key that is none.
    """
    if len(plaintext) > LONGEST_PLAINTEXT:
        raise LocalError(
            "OAEP has no room for so much", expected=f"at most {LONGEST_PLAINTEXT} bytes", actual=str(len(plaintext))
        )
    key = load_key(public_key_der)
    try:
        found: bytes = key.encrypt(plaintext, _oaep())
    except Exception as error:
        raise _not_a_key(public_key_der) from error
    return found


@lru_cache(_KEYS)
def load_key(der: bytes) -> Any:
    """The public key of a link reply, an RSA key of ``cryptography``. Raises RemoteError for a key that is none."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    # A key with a shorter exponent does not fill the 162 bytes; spice-gtk reads what the DER says and no more.
    if der[:2] == b"\x30\x81" and len(der) > 2:
        der = der[: 3 + der[2]]
    try:
        key = load_der_public_key(der)
    except Exception as error:  # hostile DER: the library's errors are of many kinds
        raise _not_a_key(der) from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != _KEY_BITS:
        raise _not_a_key(der)
    return key


def _not_a_key(der: bytes) -> RemoteError:
    return RemoteError(
        "the link reply has no key for the ticket",
        path="pub_key",
        expected=f"an RSA key of {_KEY_BITS} bits in DER",
        actual="zeros" if not any(der) else f"{bytes(der[:8]).hex()}...",
    )
