"""A message that a rule looks at, and what is to become of it.

Message   what it is; its value is parsed when somebody asks
Fate      what rules want done with it, added up
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from spiceproto import dispatch, schema
from spiceproto.derive.json_form import from_json
from spiceproto.errors import LocalError, RemoteError
from spiceproto.proxy.fields import changed
from spiceproto.suggestion import expected

__all__ = ["COPIES", "HOLD", "WAIT", "Fate", "Injected", "Message", "Wanted", "body_of", "other"]

COPIES: Final = 1000
"""How often a message may be sent, at most."""

WAIT: Final = 600.0
"""Seconds for which a rule may keep a message, at most."""

HOLD: Final = 30.0
"""Seconds for which a message is held, if nothing else is said."""

Injected = tuple[str, int, bytes]
"""Who sends it, as the receiver sees it; type and body."""


def other(sender: str) -> str:
    """The other side."""
    return "server" if sender == "client" else "client"


def body_of(channel: str, sender: str, name: str, fields: Mapping[str, Any]) -> tuple[int, bytes]:
    """Type and body of a message with these fields, in the JSON form. Raises LocalError."""
    for number, row in schema.rows(channel, sender).items():
        if row.name == name:
            return number, dispatch.build(channel, sender, from_json(row.body, dict(fields)))[1]
    known = [row.name for row in schema.rows(channel, sender).values()]
    raise LocalError(f"the {sender} has no such message on {channel}", expected=expected(name, known), actual=name)


class Wanted(Protocol):
    """Which messages somebody waits for."""

    def fits(self, message: Message) -> bool:
        """Whether this is one."""


class Message:
    """One message on its way.

    * ``channel``, ``channel_id``, ``sender``: where it is
    * ``name``, ``number``: which one, "" if the number means nothing
    * ``serial``: its number in its direction, as the sender counts
    * ``body``: its bytes
    * ``has_inside``: it carries other messages
    """

    __slots__ = (
        "_row",
        "_value",
        "body",
        "channel",
        "channel_id",
        "connection",
        "has_inside",
        "name",
        "number",
        "sender",
        "serial",
    )

    def __init__(
        self,
        channel: str,
        channel_id: int,
        sender: str,
        number: int,
        serial: int,
        body: bytes,
        *,
        has_inside: bool = False,
        connection: int = 0,
    ) -> None:
        self.channel = channel
        self.channel_id = channel_id
        self.sender = sender
        self.number = number
        self.serial = serial
        self.body = body
        self.has_inside = has_inside
        self.connection = connection
        self._row = dispatch.row(channel, sender, number)
        self.name = "" if self._row is None else self._row.name
        self._value: Any = None

    @property
    def value(self) -> Any:
        """The value, of a class of :mod:`spiceproto.messages`; None if it is malformed, or unknown."""
        if self._value is None and self._row is not None:
            try:
                self._value = self._row.parse(self.body)
            except RemoteError:
                return None
        return self._value

    def __str__(self) -> str:
        return f"{self.sender} {self.channel}:{self.channel_id} {self.name or f'type {self.number}'} {self.serial}"


class Fate:
    """What becomes of a message.

    * ``body``: what is sent
    * ``copies``: how often, 0 for never
    * ``before``, ``after``: what is sent beside it
    * ``wait``: seconds for which it, and what is behind it, waits
    * ``until``, ``hold``: it alone waits, until such a message has passed, or for so many seconds
    * ``counted``: numbers of messages stay right
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        self.reset()

    def reset(self) -> None:
        """It goes on as it came."""
        self.body = self.message.body
        self.copies = 1
        self.before: list[Injected] = []
        self.after: list[Injected] = []
        self.wait = 0.0
        self.until: Wanted | None = None
        self.hold = 0.0
        self.counted = True

    @property
    def over(self) -> bool:
        """Nothing more is to be decided."""
        return not self.copies or self.hold > 0

    @property
    def untouched(self) -> bool:
        """It goes on as it came."""
        plain = self.copies == 1 and self.body is self.message.body
        return plain and not (self.before or self.after or self.wait or self.hold)

    def set(self, fields: Mapping[str, Any]) -> None:
        """Other values for fields, by their paths, in the JSON form. Raises LocalError."""
        message = self.message
        if message.has_inside:
            raise LocalError("a message that carries others is not changed", where=str(message))
        row = schema.rows(message.channel, message.sender).get(message.number)
        if row is None:
            raise LocalError("a message of an unknown type is not changed", where=str(message))
        if self.body is message.body:
            value = message.value
        else:
            value = dispatch.parse(message.channel, message.sender, message.number, self.body)
        if value is None:
            raise LocalError("a malformed message is not changed", where=str(message))
        self.body = dispatch.build(message.channel, message.sender, changed(row.body, value, fields))[1]

    def duplicate(self, times: int = 2) -> None:
        """Sent so often. Raises LocalError."""
        if not 1 <= times <= COPIES:
            raise LocalError("not a number of times", expected=f"1 to {COPIES}", actual=str(times))
        self.copies = times

    def delay(self, seconds: float) -> None:
        """It waits, and so does what is behind it. Raises LocalError."""
        self.wait += _seconds(seconds)

    def keep(self, until: Wanted | None, seconds: float) -> None:
        """It alone waits. Raises LocalError."""
        self.until, self.hold = until, _seconds(seconds)


def _seconds(value: float) -> float:
    if not 0 < value <= WAIT:
        raise LocalError("not a time", path="seconds", expected=f"more than 0 and at most {WAIT:g}", actual=f"{value!r}")
    return float(value)
