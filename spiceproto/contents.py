"""One message, whatever the conversation is: whether its bytes are one, its size, its values, and what it needs.

A receiver has rules of its own for what it does with such bytes. What is found here is the sender's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from spiceproto import dispatch
from spiceproto.capabilities import Capabilities
from spiceproto.enums.base import WireEnum
from spiceproto.errors import RemoteError
from spiceproto.finding import Finding
from spiceproto.machine import Machines, Sender
from spiceproto.machine.rows import read_all
from spiceproto.size_limits import named_limit, size_limit

if TYPE_CHECKING:
    from spiceproto.derive import domains

__all__ = ["BODY", "LIST", "REQUIREMENTS", "Contents"]

BODY, LIST = "SPICE-FRAME-041", "SPICE-FRAME-042"
"""Sentences about what cannot be read of a message: its fields, or the list of messages inside it."""

_NEED, _SIZE, _CUT, _TAIL = "SPICE-FRAME-005", "SPICE-FRAME-012", "SPICE-FRAME-043", "SPICE-FRAME-044"
_VALUE = "SPICE-FRAME-045"

REQUIREMENTS: Final = {
    _NEED: "the capabilities that messages need are in the tables of messages",
    _VALUE: "the capabilities that values need are in the schemas",
    _SIZE: "the largest body of each message is in a table of its own, spiceproto.size_limits",
    BODY: "the layout of each message is in the schemas",
    LIST: "messages inside others are found by spiceproto.framing",
    _CUT: "is about bytes that never came",
    _TAIL: "the layout of each message is in the schemas",
    **dict.fromkeys(dispatch.SENTENCES, "the values that fields may have are in the schemas"),
}
"""Sentences that are judged here, and why no machine can."""


@cache
def _needs(table: str, sender: Sender) -> Mapping[str, tuple[tuple[WireEnum, bool], ...]]:
    """Name of a message to what its receiver must, or must not, have announced."""
    # The schemas bring construct with them, which programs that only talk do not need otherwise.
    from spiceproto.schema import rows

    found: dict[str, tuple[tuple[WireEnum, bool], ...]] = {}
    for row in rows(table, sender).values():
        needs = [(item, wanted) for item, wanted in ((row.capability, True), (row.absent, False)) if item is not None]
        if needs:
            found[row.name] = tuple(needs)
    return found


@cache
def _value_needs(table: str, sender: Sender) -> Mapping[str, tuple[domains.Need, ...]]:
    """Name of a message to its fields with values that need something."""
    from spiceproto.derive import domains
    from spiceproto.schema import rows
    from spiceproto.walk import walk

    found = {row.name: domains.needs(walk(row.body)) for row in rows(table, sender).values()}
    return {name: needs for name, needs in found.items() if needs}


_NAMES: Final = 1 << 10
"""Names of messages of which something is remembered; peers make up types of messages."""

_Lacking = tuple[tuple[str, Mapping[int, tuple[str, str]]], ...]
"""Paths of fields with values for which the receiver lacks a capability: the value's name, and what lacks."""

_Known = tuple[tuple[str, ...], int | None, _Lacking]
"""Of all messages of one name: what the receiver lacks for them, the most bytes of a body, and what it lacks for values."""


class Contents:
    """What the messages of one channel are held against.

    * ``channel``, ``table``: type and id, and the name of the message table
    * ``client``, ``server``: what the ends announced, None if it was not seen
    * ``machines``: the tables that judge some needs in place of this
    """

    __slots__ = ("_known", "channel", "client", "machines", "server", "table")

    def __init__(
        self,
        channel: tuple[int, int],
        table: str,
        client: Capabilities | None,
        server: Capabilities | None,
        machines: Machines,
    ) -> None:
        self.channel = channel
        self.table = table
        self.client = client
        self.server = server
        self.machines = machines
        self._known: dict[tuple[str, str], _Known] = {}

    def judge(self, sender: str, name: str, value: Any, size: int | None, tail: int, now: float) -> Iterator[Finding]:
        """A whole message; ``size`` is that of its body, of which ``tail`` bytes are behind the last field."""
        needed, limit, lacking = self._known.get((sender, name)) or self._know(sender, name)
        for expected in needed:
            yield Finding(_NEED, sender, self.channel, name, expected, "", now)
        if size is not None and limit is not None and size > limit:
            expected, actual = f"at most {limit} bytes", f"{size} bytes"
            yield Finding(_SIZE, sender, self.channel, f"{name} is too large", expected, actual, now)
        if lacking and value is not None:
            yield from self._judge_values(lacking, sender, name, value, now)
        outside = () if value is None else dispatch.outside(self.table, sender, value)
        if tail and not outside:  # behind a value that means nothing, nobody knows what fields there are
            expected, text = f"{(size or tail) - tail} bytes", f"{name} has bytes behind its last field"
            yield Finding(_TAIL, sender, self.channel, text, expected, f"{size} bytes", now, tolerated=True)
        for item in outside:
            text = f"{name} has {item.path} outside of its values"
            yield Finding(item.sentence, sender, self.channel, text, item.expected, item.actual, now, tolerated=item.tolerated)

    def unreadable(self, sender: str, name: str, error: RemoteError, now: float, *, sentence: str = BODY) -> Finding:
        """A message whose body, or with :data:`LIST` whose list of messages inside, cannot be read."""
        offset = "" if error.offset is None else f"byte {error.offset}"
        place = ", ".join(filter(None, (error.path, offset)))
        text = f"{name}{f': {place}' * bool(place)}: {error.what}"
        return Finding(sentence, sender, self.channel, text, error.expected, error.actual, now)

    def announced(self, sender: str, number: int, size: int, now: float) -> Iterator[Finding]:
        """A header, whose body has not come."""
        limit = size_limit(self.table, sender, number)
        if size > limit.size:
            row = dispatch.row(self.table, sender, number)
            text = f"the header of {f'type {number}' if row is None else row.name} announces too much: size"
            yield Finding(_SIZE, sender, self.channel, text, f"at most {limit.size} bytes", f"{size} bytes", now)

    def cut(self, sender: str, have: int, wanted: int, now: float) -> Finding:
        """``sender`` closed the connection when it had sent ``have`` bytes of a message that has ``wanted``."""
        text = f"the connection is closed at byte {have} of a message"
        return Finding(_CUT, sender, self.channel, text, f"{wanted} bytes", f"{have} bytes", now)

    def _know(self, sender: str, name: str) -> _Known:
        """What holds for every message of this name."""
        limit = named_limit(self.table, sender, name)
        needed = tuple(self._needed(sender, name))
        found = needed, None if limit is None else limit.size, self._what_lacks(sender, name)
        if len(self._known) < _NAMES:
            self._known[sender, name] = found
        return found

    def _judge_values(self, lacking: _Lacking, sender: str, name: str, value: Any, now: float) -> Iterator[Finding]:
        for path, values in lacking:
            for number in read_all(value, path):
                if number in values:
                    word, missing = values[number]
                    text, expected = f"{name} has {path} {word}", f"{missing} announced by the receiver"
                    yield Finding(_VALUE, sender, self.channel, text, expected, str(int(number)), now)

    def _what_lacks(self, sender: str, name: str) -> _Lacking:
        """Paths of fields with values for which the receiver lacks a capability: the value's name, and what lacks."""
        receiver = self.client if sender == "server" else self.server
        if receiver is None:
            return ()
        found = []
        for need in _value_needs(self.table, "server" if sender == "server" else "client").get(name, ()):
            values = {
                number: (word, " and ".join([item.name for item in items if not receiver.has(item)]))
                for number, (word, items) in need.values.items()
                if not all(map(receiver.has, items))
            }
            if values:
                found.append((need.path, values))
        return tuple(found)

    def _needed(self, sender: str, name: str) -> Iterator[str]:
        """What the receiver should have announced, or not, and did not."""
        receiver = self.client if sender == "server" else self.server
        need = _needs(self.table, "server" if sender == "server" else "client").get(name)
        if receiver is None or need is None or self.machines.has_condition(self.table, sender, name):
            return
        for capability, wanted in need:
            if receiver.has(capability) != wanted:
                yield f"{capability.name} {'announced' if wanted else 'not announced'} by the receiver"
