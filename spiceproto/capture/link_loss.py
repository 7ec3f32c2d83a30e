"""A link stage of which the capture lacks bytes: what is left of it, and the messages behind it, say what it said.

The link message names the channel; where it is lost, messages show it. The parts that are there are taken away: what is left
of each end are its ticket and messages.
"""

from __future__ import annotations

from spiceproto.capture.held_connection import HeldConnection
from spiceproto.capture.layers import Connection, Recognised
from spiceproto.capture.recognition import CHANNELS, recognise
from spiceproto.generated.catalogue import TABLES
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_RESULT_SIZE, TICKET_SIZE

__all__ = ["LinkLoss"]

_MAGIC = b"REDQ"
_MECHANISM_SIZE = 4
_SPICE, _SASL = b"\1\0\0\0", b"\2\0\0\0"
_SEGMENTS = 256
"""Pieces after which an end that has said nothing so far is not waited for."""


class _Part:
    """How far one end is in the link stage: its message or reply, then what proves who it is, or the result.

    * ``left``: bytes of what is being read
    * ``parts``: how many are over
    """

    __slots__ = ("_from_client", "left", "parts")

    def __init__(self, from_client: bool) -> None:
        self._from_client = from_client
        self.left = 0
        self.parts = 0

    def take(self, chunk: bytes) -> int:
        """How many of these bytes belong to the link stage."""
        at = 0
        while at < len(chunk) and (self.left or self.parts < 2):
            if not self.left:
                self.left = self._size(chunk[at:])
                if not self.left:
                    self.parts += 1
                    continue
            taken = min(self.left, len(chunk) - at)
            at += taken
            self._read(taken)
        return at

    def miss(self, size: int) -> None:
        """Bytes are missing."""
        if self.left:
            self._read(min(size, self.left))
        elif self.parts == 0:
            self.parts = 1
        elif size != _MECHANISM_SIZE or not self._from_client:
            self.parts = 2

    def _read(self, size: int) -> None:
        self.left -= size
        self.parts += not self.left

    def _size(self, begin: bytes) -> int:
        """Bytes of the part that begins so; 0 if this is none."""
        if self.parts == 0:
            fits = begin.startswith(_MAGIC) and len(begin) >= LINK_HEADER_SIZE
            return LINK_HEADER_SIZE + int.from_bytes(begin[12:16], "little") if fits else 0
        if not self._from_client:
            return LINK_RESULT_SIZE if begin[:LINK_RESULT_SIZE] == bytes(LINK_RESULT_SIZE) else 0
        if begin.startswith(_SASL):
            return 0
        return TICKET_SIZE + (_MECHANISM_SIZE if begin.startswith(_SPICE) else 0)


class LinkLoss(HeldConnection):
    """Holds a connection until it is clear where its messages begin."""

    __slots__ = ("_link_bytes", "_parts")

    def __init__(self, connection: Connection, channel: str) -> None:
        super().__init__(connection, channel)
        self._parts = {True: _Part(True), False: _Part(False)}
        self._link_bytes = 0

    @property
    def size(self) -> int:
        """All bytes that came."""
        return super().size + self._link_bytes

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """More bytes; those of a link message or reply are taken away."""
        taken = self._parts[from_client].take(chunk)
        self._link_bytes += taken
        if taken < len(chunk):
            super().data(from_client, chunk[taken:] if taken else chunk, time_ns, frame)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing, perhaps some of the link message or reply."""
        self._parts[from_client].miss(size)
        super().gap(from_client, size, time_ns, frame)

    def look(self, *, last: bool) -> Recognised | None:
        """What the connection is, if that is clear and both ends were heard."""
        held, connection = self._held, self._connection
        if not (last or held.due or held.full) or not held.segments:
            return None
        if self._channel and self._channel not in TABLES:  # nobody knows what is said on it
            return None
        found = recognise(
            held.ends,
            {True: connection.client, False: connection.server},
            known=(connection.server,),
            thorough=last or held.full,
            channels=(self._channel,) if self._channel else CHANNELS,
            linking=True,
        )
        if found is None or last or held.full:
            return found
        if not found.channel or (held.segments < _SEGMENTS and None in found.starts.values()):
            return None
        return found
