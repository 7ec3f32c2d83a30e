"""How the link stage writes a number."""

from __future__ import annotations

__all__ = ["u32"]


def u32(value: int) -> bytes:
    """Four bytes, little-endian."""
    return value.to_bytes(4, "little")
