"""Where the parts of a link stage end in the bytes of a connection: link message and reply, mechanism, ticket, result.

A capture has them in packets of their own, as most programs send them: Wireshark's dissector loses its step where a mechanism
and a ticket, or a result and the first message, are in one packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from spiceproto.enums.link import AuthMechanism

__all__ = ["LinkParts"]

_MAGIC: Final = b"REDQ"
_HEADER: Final = 16
_SIZE: Final = slice(12, 16)
_MECHANISM: Final = 4
_TICKET: Final = 128
_RESULT: Final = 4


class _Side:
    """What one end has said: how many bytes, the first of them, and whether nothing more is to be cut."""

    def __init__(self) -> None:
        self.at = 0
        self.header = b""
        self.over = False


class LinkParts:
    """Those of one connection whose login is a ticket; of any other, link message and reply alone."""

    def __init__(self) -> None:
        self._sides = {"client": _Side(), "server": _Side()}
        self._ticket = False

    def cut(self, sender: str, data: bytes) -> Iterator[bytes]:
        """What came, in pieces that end with a part at the latest."""
        side = self._sides[sender]
        while data:
            end = len(data) if side.over else self._end(side, data, client=sender == "client")
            side.over = side.over or end is None
            piece, data = data[:end], data[len(data) if end is None else end :]
            side.at += len(piece)
            yield piece

    def _end(self, side: _Side, data: bytes, *, client: bool) -> int | None:
        """How many of these bytes the part has to which they belong; None if it is none of the link stage's."""
        if len(side.header) < _HEADER:
            side.header += data[: _HEADER - len(side.header)]
            if side.header[: len(_MAGIC)] != _MAGIC[: len(side.header)]:
                return None
            if len(side.header) < _HEADER:
                return len(data)
        begin = side.at - _HEADER - int.from_bytes(side.header[_SIZE], "little")
        if begin < 0:
            return -begin
        if not client:
            return _RESULT - begin if self._ticket and begin < _RESULT else None
        if begin == 0 and len(data) != _TICKET:  # else it is a ticket without a mechanism before it
            self._ticket = data[:_MECHANISM] == AuthMechanism.SPICE.to_bytes(_MECHANISM, "little")
            return _MECHANISM if self._ticket else None
        begin -= _MECHANISM
        return _TICKET - begin if self._ticket and 0 <= begin < _TICKET else None
