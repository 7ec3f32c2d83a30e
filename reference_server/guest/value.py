"""What a program gives to a device: a mistake is told at the call, and not when a client is to hear of it."""

from __future__ import annotations

import operator

__all__ = ["integer", "octets"]


def integer(name: str, found: object, least: int, most: int) -> int:
    """``found`` as a number of that range, numpy's included. Raises ValueError."""
    try:
        value = operator.index(found)  # type: ignore[arg-type]  # whatever it is
    except TypeError:
        raise ValueError(f"{name} is an integer, not {type(found).__name__}") from None
    if not least <= value <= most:
        raise ValueError(f"{name} is from {least} to {most}, not {value if abs(value) < 1 << 64 else 'that'}")
    return value


def octets(name: str, found: object) -> bytes:
    """``found`` as bytes. Raises ValueError for what is none."""
    if not isinstance(found, bytes | bytearray | memoryview):
        raise ValueError(f"{name} is bytes, not {type(found).__name__}")
    return bytes(found)
