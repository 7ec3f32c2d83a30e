"""Surfaces of display channels that begin twice, end twice, or are drawn on while they are not there.

A report looks at the number of the surface, the first four bytes of each of these messages, and at nothing else. Only where
that is wrong, the table of ``spiceconf lint`` (:data:`spiceproto.rules.display.SURFACES`) is asked, and what is said has its
words. What it knows besides, of images that are surfaces and of heads, is for lint.

Nothing is said of a channel whose beginning the capture does not have, that came from another server, or of which something
could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.capture.consumer import Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.diagnostics import At
from spiceproto.errors import RemoteError

__all__ = ["UNSURE", "Lives"]

UNSURE: Final = frozenset(
    {
        "gap",
        "malformed-message",
        "message-lost",
        "message-too-long",
        "not-resynchronised",
        "resynchronised",
        "versions",
    }
)
"""Problems of a connection behind which nobody knows which surfaces there are."""

_SURFACES: Final = 1 << 16
"""Surfaces of a channel that are remembered; of one with more nothing is said."""

_CHANGES: Final = ("SURFACE_CREATE", "SURFACE_DESTROY", "MODE")
_FIRST: Final = bytes(4)
_ABSENT, _PRIMARY, _OFF_SCREEN = "absent", "primary", "off-screen"

Tell = Callable[[Conversation, At, str, str, str], None]
"""Takes a text, what was expected, and what was there."""


class _Surfaces:
    """``states`` of the surfaces of a channel, as the table names them, by the bytes of their number.

    One that is not there, and of whose use was told, is absent: once is enough, until it begins.
    """

    def __init__(self) -> None:
        self.states: dict[bytes, str] = {}
        self.sure = True

    def fits(self, name: str, body: bytes) -> bool:
        """Whether a message that changes what there is may come; if so, it has."""
        key, states = body[:4], self.states
        there = states.get(key, _ABSENT) != _ABSENT
        if name == "SURFACE_DESTROY":
            return there and bool(states.pop(key))
        primary = True
        if name == "MODE":
            key, there = _FIRST, False
        else:
            from spiceproto.enums.display import SurfaceFlags  # not at import: few captures need it

            primary = bool(int.from_bytes(body[16:20], "little") & SurfaceFlags.PRIMARY)
        others = list(states.values()).count(_PRIMARY) - (states.get(key) == _PRIMARY) if primary else 0
        if there or others or len(states) >= _SURFACES:
            return False
        states[key] = _PRIMARY if primary else _OFF_SCREEN
        return True

    def breaches(self, conversation: Conversation, name: str, value: Any) -> Iterator[Any]:
        """What the table says of a message; it has come then."""
        from spiceproto.machine import Lives as Machine
        from spiceproto.rules.display import SURFACES

        machine = Machine(SURFACES, client=conversation.client_capabilities, server=conversation.server_capabilities)
        there = {key: state for key, state in self.states.items() if state != _ABSENT}
        machine.states = {(int.from_bytes(key, "little"),): state for key, state in there.items()}
        machine.alive = list(there.values()).count(_PRIMARY)
        for verdict in machine.judge("server", name, value):
            yield from verdict.breaches
        self.states = {number.to_bytes(4, "little"): state for (number,), state in machine.states.items()}


class Lives:
    """The display channels of a capture. ``tell`` takes what does not fit."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._begun: set[tuple[int, Any]] = set()
        self._channels: dict[Conversation, _Surfaces] = {}

    def forget(self, conversation: Conversation) -> None:
        """Something of what was said there is not known."""
        found = self._channels.pop(conversation, None)
        if found is not None:
            found.sure = False

    def beside(self, conversation: Conversation, sender: str, emit: Emit) -> Emit:
        """The same, which looks at surfaces where the channel has some."""
        if sender != "server" or conversation.table not in ("main", "display"):
            return emit
        session, server = conversation.session, conversation.connection.server
        if session is None or conversation.copy_of is not None or conversation.client_capabilities is None:
            return emit
        if conversation.table == "main" and not conversation.connection_id:
            self._begun.add((session.number, server))
        if conversation.table != "display" or (session.number, server) not in self._begun:
            return emit
        from spiceproto.image_places import DRAWN

        rows = dispatch.rows(conversation.table, sender)
        uses = frozenset(number for number, row in rows.items() if row.name in DRAWN or row.name == "STREAM_CREATE")
        changes = {number: row.name for number, row in rows.items() if row.name in _CHANGES}
        surfaces = self._channels[conversation] = _Surfaces()

        def look(number: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            emit(number, body, serial, time_ns, frames)
            if number in uses:
                if body[:4] in surfaces.states:
                    return
            elif number not in changes or surfaces.fits(changes[number], body):
                return
            if surfaces.sure:
                self._ask(conversation, surfaces, rows[number], body, At(sender, time_ns, frames[-1]))

        return look

    def _ask(self, conversation: Conversation, surfaces: _Surfaces, row: dispatch.Row, body: bytes, at: At) -> None:
        if len(surfaces.states) >= _SURFACES:
            self.forget(conversation)
            return
        try:
            value = row.parse(body)
        except RemoteError:
            return  # the report says so
        told = [key for key, state in surfaces.states.items() if state == _ABSENT]
        for breach in surfaces.breaches(conversation, row.name, value):
            self._tell(conversation, at, f"{breach.requirement}: {breach.text}", breach.expected, breach.actual)
        if row.name not in _CHANGES:
            told.append(body[:4])
        for key in told:
            surfaces.states.setdefault(key, _ABSENT)
