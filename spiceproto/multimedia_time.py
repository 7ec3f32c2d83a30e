"""Times on the multimedia clock: milliseconds, modulo 2^32 (SPICE-STREAM-012)."""

from __future__ import annotations

__all__ = ["later"]


def later(time: int, than: int) -> int:
    """How many milliseconds ``time`` is later ``than`` another, modulo 2^32; less than 0 if it is earlier."""
    return (time - than + 0x80000000 & 0xFFFFFFFF) - 0x80000000
