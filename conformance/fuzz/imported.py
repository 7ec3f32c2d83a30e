"""Conversations of a recording, as steps: what one end said, in the order in which it was sent.

What was answered is left out, for it is answered anew; so are logins, and messages of the agent and of a migration, whose parts
hang together over several messages. A session becomes one conversation for each role that a target may have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from conformance.fuzz.steps import MOST_STEPS, Step
from conformance.fuzz.value_text import encoded, fields_of
from conformance.fuzz.walk import AUTOMATIC
from spiceproto import dispatch
from spiceproto.capture.consumer import Consumer, Emit
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.errors import SpiceError
from spiceproto.size_limits import CHANNELS

__all__ = ["imported"]

_LEFT_OUT: Final = ("MIGRATE", "AGENT")
_SAID_FIRST: Final = {
    "client": frozenset({("main", "ATTACH_CHANNELS"), ("display", "INIT")}),
    "server": frozenset({("main", "INIT"), ("main", "CHANNELS_LIST"), ("main", "PING"), ("main", "NAME"), ("main", "UUID")}),
}
"""What the suite says by itself at the beginning of a session, or would say of another one."""

_LARGEST: Final = 4096
"""Bytes of a body that is kept: a picture as it is on a screen makes nobody's corpus."""


class _Steps:
    """A consumer of captures. ``found``: session and sender to steps."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, str], list[Step]] = {}

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The function that takes the messages of one sender."""
        table, number = conversation.table, conversation.channel_id
        channel = table + (f":{number}" if number else "")
        steps = self.found.setdefault((id(conversation.session), sender), [])

        def take(type: int, body: bytes, serial: int, at: int, frames: tuple[int, ...]) -> None:
            if table in CHANNELS and len(steps) < MOST_STEPS and len(body) <= _LARGEST:
                step = _step(table, channel, sender, type, body)
                steps.extend([] if step is None else [step])

        return take

    def __getattr__(self, name: str) -> Any:
        """Nothing else of a capture matters."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *values: None


def _step(table: str, channel: str, sender: Any, type: int, body: bytes) -> Step | None:
    row = dispatch.row(table, sender, type)
    if row is None:
        return Step(channel, "type", f"{type} {bytes(body).hex()}".rstrip())
    if row.name in AUTOMATIC or row.name.startswith(_LEFT_OUT) or (table, row.name) in _SAID_FIRST[sender]:
        return None
    try:
        step = Step(channel, row.name, fields_of(row.parse(bytes(body))))
        encoded(table, sender, row.name, step.value)
    except SpiceError:
        return Step(channel, "type", f"{type} {bytes(body).hex()}".rstrip())
    return step


def imported(capture: Path, role: str, *, keylog: Path | None = None) -> list[tuple[Step, ...]]:
    """The conversations of a recording for targets of a role: each session is one. Raises LocalError, RemoteError."""
    consumer = _Steps()
    Decoder(capture, cast(Consumer, consumer), keylog=keylog, in_order=True).run()
    own = "client" if role == "server" else "server"
    return [tuple(steps) for (_, sender), steps in consumer.found.items() if sender == own and steps]
