"""The ticket, encrypted anew with the key of the link that is being made."""

from __future__ import annotations

import hashlib
import os

# -- pasted


def der_value(data: bytes, at: int) -> tuple[int, int]:
    """Start and end of the value of the DER element at ``at``."""
    size, start = data[at + 1], at + 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[at + 2 : start], "big")
    return start, start + size


def rsa_key(data: bytes) -> tuple[int, int]:
    """Modulus and exponent of a SubjectPublicKeyInfo."""
    outer, _ = der_value(data, 0)
    _, behind_algorithm = der_value(data, outer)
    bits, _ = der_value(data, behind_algorithm)
    pair, _ = der_value(data, bits + 1)
    start, end = der_value(data, pair)
    first, last = der_value(data, end)
    return int.from_bytes(data[start:end], "big"), int.from_bytes(data[first:last], "big")


def mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-1."""
    parts = [hashlib.sha1(seed + count.to_bytes(4, "big")).digest() for count in range(size // 20 + 1)]
    return b"".join(parts)[:size]


def ticket(key: bytes, plaintext: bytes) -> bytes:
    """RSAES-OAEP with SHA-1 and an empty label: 128 bytes."""
    modulus, exponent = rsa_key(key)
    size = (modulus.bit_length() + 7) // 8
    block = hashlib.sha1().digest() + bytes(size - len(plaintext) - 42) + b"\1" + plaintext
    seed = os.urandom(20)
    block = bytes(a ^ b for a, b in zip(block, mask(seed, len(block))))  # noqa: B905  (strict= is newer than 3.8)
    seed = bytes(a ^ b for a, b in zip(seed, mask(block, 20)))  # noqa: B905
    return pow(int.from_bytes(b"\0" + seed + block, "big"), exponent, modulus).to_bytes(size, "big")
