"""Sequences of numbers for generated parsers and builders: one compiled Struct for each length that is met.

Only short lengths are kept, so a peer that sends every length there is does not make the tables grow.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

__all__ = ["Packers", "Unpackers"]

_KEPT = 64


class Unpackers(dict[int, Callable[..., tuple[Any, ...]]]):
    """Length -> ``unpack_from`` of so many numbers."""

    __slots__ = ("_code", "_order")

    def __init__(self, order: str, code: str) -> None:
        super().__init__()
        self._order = order
        self._code = code

    def __missing__(self, count: int) -> Callable[..., tuple[Any, ...]]:
        made = Struct(f"{self._order}{count}{self._code}").unpack_from
        if count <= _KEPT:
            self[count] = made
        return made


class Packers(dict[int, Callable[..., bytes]]):
    """Length -> ``pack`` of so many numbers behind those of ``head``, which begins with the byte order."""

    __slots__ = ("_code", "_head")

    def __init__(self, head: str, code: str) -> None:
        super().__init__()
        self._head = head
        self._code = code

    def __missing__(self, count: int) -> Callable[..., bytes]:
        made = Struct(f"{self._head}{count}{self._code}").pack
        if count <= _KEPT:
            self[count] = made
        return made
