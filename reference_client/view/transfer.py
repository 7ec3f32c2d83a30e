"""Contents of a clipboard between the view and a page, in pieces: ``u8 kind, u8 last, u16 0, u32 number``, and bytes.

``number`` is that of the request which is answered; the first piece of an answer says nothing of how long it is.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["KIND", "LARGEST", "PIECE", "Collector", "TooLarge", "check_piece", "pieces"]

KIND: Final = 2
"""First byte of a piece."""

LARGEST: Final = 16 << 20
"""Bytes of one content: a page is a window, and no way for files."""

PIECE: Final = 256 << 10

_HEAD: Final = Struct("<BBHL")


def pieces(number: int, content: bytes) -> list[bytes]:
    """The answer to this request; at least one piece."""
    places = range(0, max(len(content), 1), PIECE)
    return [_HEAD.pack(KIND, place == places[-1], 0, number) + content[place : place + PIECE] for place in places]


def check_piece(data: memoryview) -> None:
    """Raise LocalError for what is no piece."""
    if len(data) < _HEAD.size:
        raise LocalError("a piece of a clipboard", expected=f"at least {_HEAD.size} bytes", actual=f"{len(data)} bytes")


class Collector:
    """Puts the pieces of answers together. ``wanted`` are the numbers of the requests that wait."""

    def __init__(self) -> None:
        self._found: dict[int, bytearray] = {}

    @property
    def wanted(self) -> tuple[int, ...]:
        """Requests that were not answered yet."""
        return tuple(self._found)

    def want(self, number: int) -> None:
        """This request waits for its answer."""
        self._found[number] = bytearray()

    def drop(self, number: int) -> bool:
        """It waits no more; whether it did."""
        return self._found.pop(number, None) is not None

    def receive(self, data: memoryview) -> tuple[int, bytes] | None:
        """A piece: number and content where it is the last one. Raises LocalError for what is no piece, or too much.

        A piece for a request that does not wait is nothing: it was dropped meanwhile.
        """
        check_piece(data)
        _, last, _, number = _HEAD.unpack_from(data)
        found = self._found.get(number)
        if found is None:
            return None
        found += data[_HEAD.size :]
        if len(found) > LARGEST:
            raise TooLarge(number)
        if not last:
            return None
        del self._found[number]
        return number, bytes(found)


class TooLarge(LocalError):
    """An answer is longer than it may be. ``number`` is the request, which still waits."""

    def __init__(self, number: int) -> None:
        super().__init__("what was copied is too large", expected=f"at most {LARGEST >> 20} MiB")
        self.number = number
