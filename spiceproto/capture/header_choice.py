"""A connection whose channel the caller named, and the capture lacks the link stage: its messages show which header they have.

Where they do not, they have the short one, as almost everybody's.
"""

from __future__ import annotations

from struct import Struct

from spiceproto import dispatch
from spiceproto.capture.held_connection import HeldConnection
from spiceproto.capture.layers import Recognised
from spiceproto.capture.recognition import recognise
from spiceproto.size_limits import size_limits

__all__ = ["HeaderChoice"]

_MINI = Struct("<HL")
_FULL = Struct("<8xHL4x")


class HeaderChoice(HeldConnection):
    """Holds a connection until it is clear which header its messages have."""

    __slots__ = ()

    named = True

    def look(self, *, last: bool) -> Recognised | None:
        """Header and first messages, when they are clear; from the first byte on with mini headers when they never are."""
        held, connection = self._held, self._connection
        over = last or held.full
        first = held.segments == 1
        if first and not over:
            mini = self._first_header()
            if mini is not None:
                return self._from_the_first_byte(mini)
        if not (over or first or held.due):
            return None
        found = recognise(
            held.ends,
            {True: connection.client, False: connection.server},
            known=(connection.server,),
            thorough=over,
            channels=(self._channel,),
            linking=True,
        )
        if found is None and over:
            return self._from_the_first_byte(True)
        return found

    def _from_the_first_byte(self, mini: bool) -> Recognised:
        starts: dict[bool, tuple[int, int] | None] = {True: (0, 0), False: (0, 0)}
        return Recognised(channel=self._channel, mini=mini, swapped=False, points=0, starts=starts)

    def _first_header(self) -> bool | None:
        """Whether the first bytes are a mini header, or a full one; None if they may be both, or neither."""
        from_client, chunk, _, _ = self._held.pieces[-1]
        assert isinstance(chunk, bytes)
        limits = size_limits(self._channel, "client" if from_client else "server")
        known = dispatch.rows(self._channel, "client" if from_client else "server")

        def fits(number: int, size: int) -> bool:
            return number in known and size <= limits.of(number).size

        mini = len(chunk) >= _MINI.size and fits(*_MINI.unpack_from(chunk))
        full = len(chunk) >= _FULL.size and fits(*_FULL.unpack_from(chunk))
        return mini if mini != full else None
