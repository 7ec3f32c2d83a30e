"""Streams of agent messages that pass through the server: where each begins and ends, and nothing kept of what it says.

A client's fragment belongs to one message: its header is whole in the first (SPICE-AGENT sentences in spec/14-agent.md), and no
fragment runs past the size that it announced. What the guest says comes in chunks that may be cut anywhere; a client gets it in
pieces of at most 2048 bytes, each filled up, with whole headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from spiceproto import limits
from spiceproto.agent.pieces import HEADER_SIZE, read_header
from spiceproto.errors import RemoteError

__all__ = ["Fragments", "Piece", "Pieces"]

_WHOLE: Final = 4096
"""Bytes of a body that is kept until it is whole: the capabilities of an agent, in words of four."""


class Fragments:
    """Follows one client's stream. ``type`` is that of the message under way, ``left`` its bytes that are still to come.

    For servers that are to be tried: ``check`` says what of the rules is kept.
    """

    __slots__ = ("left", "size", "type")

    def __init__(self) -> None:
        self.type = self.size = self.left = 0

    def receive(self, fragment: bytes) -> bool:
        """Whether ``fragment`` begins a message. Raises RemoteError for one that no client may send."""
        count = len(fragment)
        if count > limits.AGENT_CHUNK:
            raise RemoteError(
                "a fragment is too long", path="data", expected=f"at most {limits.AGENT_CHUNK} bytes", actual=str(count)
            )
        begins = not self.left
        if begins:
            if count < HEADER_SIZE:
                raise RemoteError(
                    "the header of an agent message is cut",
                    path="data",
                    expected=f"at least {HEADER_SIZE} bytes",
                    actual=str(count),
                )
            self.type, _, self.size = read_header(fragment)
            self.left = self.size
            count -= HEADER_SIZE
        if count > self.left:
            raise RemoteError(
                "a fragment runs past the size that its message announced",
                path="data",
                expected=f"at most {self.left} bytes of the body",
                actual=str(count),
            )
        self.left -= count
        return begins


class Piece(msgspec.Struct, frozen=True):
    """What goes to a client of a message of ``type`` with a body of ``size`` bytes; ``begins`` if it is its first piece."""

    type: int
    size: int
    begins: bool
    data: bytes


class Pieces:
    """Cuts what the guest says into pieces for clients. ``whole`` are types of messages that are wanted in one piece, however
    long; those are at most 4 KiB.
    """

    def __init__(self, *whole: int) -> None:
        self._whole = whole
        self._buffer = bytearray()
        self._type = self._size = 0
        self._left = 0
        self._begins = True

    @property
    def left(self) -> int:
        """Bytes of the message under way that are still to come; 0 for none."""
        return self._left

    @property
    def half_header(self) -> bytes:
        """The beginning of a header that is not whole."""
        return b"" if self._left else bytes(self._buffer)

    def state(self) -> tuple[bytes, int, int, int, bool]:
        """Where it is in the stream, for :meth:`resume` of another one."""
        return bytes(self._buffer), self._type, self._size, self._left, self._begins

    def resume(self, state: tuple[bytes, int, int, int, bool]) -> None:
        """Go on in the same place."""
        buffer, self._type, self._size, self._left, self._begins = state
        self._buffer = bytearray(buffer)

    def receive(self, data: bytes) -> Iterator[Piece]:
        """The pieces that ``data`` completes. Raises RemoteError for what is no message."""
        at = 0
        while at < len(data):
            if not self._left:
                need = HEADER_SIZE - len(self._buffer)
                self._buffer += data[at : at + need]
                at += need
                if len(self._buffer) < HEADER_SIZE:
                    return
                self._type, _, self._size = read_header(bytes(self._buffer))
                if self._type in self._whole and self._size > _WHOLE:
                    raise RemoteError(
                        "an agent message is too long", expected=f"at most {_WHOLE} bytes", actual=str(self._size)
                    )
                self._begins, self._left = True, self._size
                if not self._left:
                    yield self._take()
                continue
            room = self._left if self._type in self._whole else limits.AGENT_CHUNK - len(self._buffer)
            part = data[at : at + min(room, self._left)]
            self._buffer += part
            at += len(part)
            self._left -= len(part)
            if not self._left or (len(self._buffer) == limits.AGENT_CHUNK and self._type not in self._whole):
                yield self._take()

    def _take(self) -> Piece:
        piece = Piece(type=self._type, size=self._size, begins=self._begins, data=bytes(self._buffer))
        self._buffer.clear()
        self._begins = False
        return piece
