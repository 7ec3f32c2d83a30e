"""What the public key of a link reply is: a DER SubjectPublicKeyInfo, of which people want to know kind and bits.

Reports say it of every link, so ``cryptography``, which takes longer to import than most captures to decode, is not asked.
"""

from __future__ import annotations

__all__ = ["public_key"]

_RSA = bytes.fromhex("06092a864886f70d010101")
"""Object identifier of rsaEncryption."""


def public_key(der: bytes) -> str:
    """``RSA 1024 bits``; ``none`` for zeros; how many bytes for anything else."""
    if not any(der):
        return "none"
    bits = _rsa_bits(bytes(der))
    return f"RSA {bits} bits" if bits else f"{len(der)} bytes that are no RSA key"


def _rsa_bits(der: bytes) -> int:
    """Bits of the modulus; 0 if this is no such key."""
    whole, _ = _element(der, 0x30)
    algorithm, key = _element(whole, 0x30)
    bits, _ = _element(key, 0x03)
    numbers, _ = _element(bits[1:], 0x30)
    modulus, _ = _element(numbers, 0x02)
    return int.from_bytes(modulus, "big").bit_length() if algorithm.startswith(_RSA) else 0


def _element(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """Content of the first element, and what is behind it; nothing for another tag or one that is not whole."""
    if len(der) < 2 or der[0] != tag:
        return b"", b""
    start, size = 2, der[1]
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    content = der[start : start + size]
    return (content, der[start + size :]) if len(content) == size else (b"", b"")
