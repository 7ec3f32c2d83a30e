"""Cipher suites: key derivation and record decryption of TLS 1.0 to 1.3 (RFC 2246, 4346, 5246, 7905, 8446).

The primitives are ``cryptography``'s; what is written here is which bytes go where. A suite is a row of a table: name,
kind of protection, key size, MAC, hash of the key derivation.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

__all__ = ["SUITES", "Decryption", "RecordCipher", "Suite", "expand_label", "prf", "tls12_ciphers", "tls13_cipher"]


class Decryption(Exception):
    """A record that does not authenticate; never leaves the TLS layer."""


class Suite(NamedTuple):
    """``kind`` is gcm, ccm, ccm8, chacha or cbc; ``mac`` is for cbc."""

    name: str
    kind: str
    key_size: int
    mac: str
    hash: str


def _rows() -> dict[int, Suite]:
    rows = {
        0x1301: Suite("TLS_AES_128_GCM_SHA256", "gcm", 16, "", "sha256"),
        0x1302: Suite("TLS_AES_256_GCM_SHA384", "gcm", 32, "", "sha384"),
        0x1303: Suite("TLS_CHACHA20_POLY1305_SHA256", "chacha", 32, "", "sha256"),
        0x1304: Suite("TLS_AES_128_CCM_SHA256", "ccm", 16, "", "sha256"),
        0x1305: Suite("TLS_AES_128_CCM_8_SHA256", "ccm8", 16, "", "sha256"),
    }
    for exchange, numbers in {
        # 128 SHA, 256 SHA, 128 SHA256, 256 SHA256 or SHA384
        "RSA": (0x002F, 0x0035, 0x003C, 0x003D),
        "DHE_RSA": (0x0033, 0x0039, 0x0067, 0x006B),
        "DH_anon": (0x0034, 0x003A, 0x006C, 0x006D),
        "ECDHE_ECDSA": (0xC009, 0xC00A, 0xC023, 0xC024),
        "ECDHE_RSA": (0xC013, 0xC014, 0xC027, 0xC028),
        "ECDH_anon": (0xC018, 0xC019, 0, 0),
    }.items():
        last = "sha384" if exchange.startswith("ECDHE") else "sha256"
        for number, size, mac in zip(numbers, (16, 32, 16, 32), ("sha1", "sha1", "sha256", last), strict=True):
            name = f"TLS_{exchange}_WITH_AES_{size * 8}_CBC_{mac.upper()}"
            rows[number] = Suite(name, "cbc", size, mac, "sha384" if mac == "sha384" else "sha256")
    rows.pop(0, None)
    for exchange, (small, large) in {
        "RSA": (0x009C, 0x009D),
        "DHE_RSA": (0x009E, 0x009F),
        "DH_anon": (0x00A6, 0x00A7),
        "ECDHE_ECDSA": (0xC02B, 0xC02C),
        "ECDHE_RSA": (0xC02F, 0xC030),
    }.items():
        rows[small] = Suite(f"TLS_{exchange}_WITH_AES_128_GCM_SHA256", "gcm", 16, "", "sha256")
        rows[large] = Suite(f"TLS_{exchange}_WITH_AES_256_GCM_SHA384", "gcm", 32, "", "sha384")
    for exchange, number in {"ECDHE_RSA": 0xCCA8, "ECDHE_ECDSA": 0xCCA9, "DHE_RSA": 0xCCAA}.items():
        rows[number] = Suite(f"TLS_{exchange}_WITH_CHACHA20_POLY1305_SHA256", "chacha", 32, "", "sha256")
    for exchange, number, kind in (
        ("RSA", 0xC09C, "ccm"),
        ("DHE_RSA", 0xC09E, "ccm"),
        ("RSA", 0xC0A0, "ccm8"),
        ("DHE_RSA", 0xC0A2, "ccm8"),
        ("ECDHE_ECDSA", 0xC0AC, "ccm"),
        ("ECDHE_ECDSA", 0xC0AE, "ccm8"),
    ):
        for step, size in ((0, 16), (1, 32)):
            rows[number + step] = Suite(f"TLS_{exchange}_WITH_AES_{size * 8}_{kind.upper()}", kind, size, "", "sha256")
    return rows


SUITES: Final = _rows()


class _Aead(Protocol):
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


class RecordCipher(Protocol):
    """Opens the records of one direction."""

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content type and plain text, or :class:`Decryption`."""


def _aead(suite: Suite, key: bytes) -> _Aead:
    if suite.kind == "gcm":
        return AESGCM(key)
    if suite.kind == "chacha":
        return ChaCha20Poly1305(key)
    return AESCCM(key, tag_length=8 if suite.kind == "ccm8" else 16)


def _tag_size(suite: Suite) -> int:
    return 8 if suite.kind == "ccm8" else 16


def _mixed(iv: bytes, sequence: int) -> bytes:
    return (int.from_bytes(iv, "big") ^ sequence).to_bytes(12, "big")


class _Aead13:
    """RFC 8446, 5.2: the nonce is the sequence number over the IV, the content type is the last byte not zero."""

    __slots__ = ("_cipher", "_iv")

    def __init__(self, cipher: _Aead, iv: bytes) -> None:
        self._cipher = cipher
        self._iv = iv

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        header = bytes((kind, version >> 8, version & 255, len(body) >> 8, len(body) & 255))
        try:
            plain = self._cipher.decrypt(_mixed(self._iv, sequence), body, header).rstrip(b"\0")
        except (InvalidTag, ValueError) as error:
            raise Decryption from error
        if not plain:
            raise Decryption
        return plain[-1], plain[:-1]


class _Aead12:
    """RFC 5288, 6655: eight explicit nonce bytes; RFC 7905: none."""

    __slots__ = ("_cipher", "_explicit", "_iv", "_tag")

    def __init__(self, cipher: _Aead, iv: bytes, explicit: int, tag: int) -> None:
        self._cipher = cipher
        self._iv = iv
        self._explicit = explicit
        self._tag = tag

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        size = len(body) - self._explicit - self._tag
        if size < 0:
            raise Decryption
        nonce = self._iv + body[:8] if self._explicit else _mixed(self._iv, sequence)
        try:
            return kind, self._cipher.decrypt(nonce, body[self._explicit :], _associated(sequence, kind, version, size))
        except (InvalidTag, ValueError) as error:
            raise Decryption from error


class _Cbc:
    """RFC 5246, 6.2.3.2, and RFC 7366 (MAC over the ciphertext); TLS 1.0 chains the IV from record to record."""

    __slots__ = ("_chained", "_encrypt_then_mac", "_hash", "_iv", "_key", "_mac_key")

    def __init__(self, key: bytes, mac_key: bytes, hash_name: str, iv: bytes, *, chained: bool, encrypt_then_mac: bool) -> None:
        self._key = key
        self._mac_key = mac_key
        self._hash = hash_name
        self._iv = iv
        self._chained = chained
        self._encrypt_then_mac = encrypt_then_mac

    def _mac(self, sequence: int, kind: int, version: int, data: bytes) -> bytes:
        return hmac.digest(self._mac_key, _associated(sequence, kind, version, len(data)) + data, self._hash)

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        tag_size = hashlib.new(self._hash).digest_size
        if self._encrypt_then_mac:
            body, tag = body[:-tag_size], body[-tag_size:]
            if not hmac.compare_digest(tag, self._mac(sequence, kind, version, body)):
                raise Decryption
        iv = self._iv
        if not self._chained:
            iv, body = body[:16], body[16:]
        if not body or len(body) % 16 or len(iv) != 16:
            raise Decryption
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        plain = decryptor.update(body) + decryptor.finalize()
        self._iv = body[-16:]
        padding = plain[-1] + 1
        end = len(plain) - padding - (0 if self._encrypt_then_mac else tag_size)
        if end < 0 or plain[-padding:] != bytes((padding - 1,)) * padding:
            raise Decryption
        data = plain[:end]
        if not self._encrypt_then_mac and not hmac.compare_digest(
            plain[end : end + tag_size], self._mac(sequence, kind, version, data)
        ):
            raise Decryption
        return kind, data


def _associated(sequence: int, kind: int, version: int, size: int) -> bytes:
    return sequence.to_bytes(8, "big") + bytes((kind, version >> 8, version & 255, size >> 8, size & 255))


def expand_label(secret: bytes, label: str, size: int, hash_name: str) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, 7.1); ``size`` is at most that of the hash."""
    full = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes((len(full),)) + full + b"\0"
    return hmac.digest(secret, info + b"\1", hash_name)[:size]


def tls13_cipher(suite: Suite, secret: bytes) -> RecordCipher:
    """What a traffic secret opens."""
    key = expand_label(secret, "key", suite.key_size, suite.hash)
    return _Aead13(_aead(suite, key), expand_label(secret, "iv", 12, suite.hash))


def _expand(secret: bytes, seed: bytes, size: int, hash_name: str) -> bytes:
    """P_hash (RFC 5246, 5)."""
    output, block = b"", seed
    while len(output) < size:
        block = hmac.digest(secret, block, hash_name)
        output += hmac.digest(secret, block + seed, hash_name)
    return output[:size]


def prf(version: int, secret: bytes, label: bytes, seed: bytes, size: int, hash_name: str) -> bytes:
    """The pseudo-random function of a version: of the suite's hash from 1.2 on, of MD5 and SHA-1 before."""
    if version >= 0x0303:
        return _expand(secret, label + seed, size, hash_name)
    half = (len(secret) + 1) // 2
    left = _expand(secret[:half], label + seed, size, "md5")
    right = _expand(secret[-half:], label + seed, size, "sha1")
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def tls12_ciphers(
    suite: Suite, version: int, master: bytes, client_random: bytes, server_random: bytes, encrypt_then_mac: bool
) -> tuple[RecordCipher, RecordCipher]:
    """What opens the client's and the server's records, from TLS 1.0 to 1.2."""
    mac_size = hashlib.new(suite.mac).digest_size if suite.mac else 0
    iv_size = {"cbc": 16 if version == 0x0301 else 0, "chacha": 12}.get(suite.kind, 4)
    block = prf(
        version,
        master,
        b"key expansion",
        server_random + client_random,
        2 * (mac_size + suite.key_size + iv_size),
        suite.hash,
    )
    parts: list[tuple[bytes, bytes]] = []
    for size in (mac_size, suite.key_size, iv_size):
        parts.append((block[:size], block[size : 2 * size]))
        block = block[2 * size :]
    (client_mac, server_mac), (client_key, server_key), (client_iv, server_iv) = parts

    def cipher(mac_key: bytes, key: bytes, iv: bytes) -> RecordCipher:
        if suite.kind == "cbc":
            chained = version == 0x0301
            return _Cbc(key, mac_key, suite.mac, iv, chained=chained, encrypt_then_mac=encrypt_then_mac)
        return _Aead12(_aead(suite, key), iv, 0 if suite.kind == "chacha" else 8, _tag_size(suite))

    return cipher(client_mac, client_key, client_iv), cipher(server_mac, server_key, server_iv)
