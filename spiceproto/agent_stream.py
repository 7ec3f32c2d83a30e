"""What AGENT_DATA carries: whether its pieces are messages, whose they are, and whether they have their fields.

Both directions of one main channel. What one message says to another is :mod:`spiceproto.agent_exchange`; who may speak, who
owns a selection and how a transfer goes are tables (:mod:`spiceproto.rules.agent_messages`).

**Who knew what.** Ends announce what they can do while they talk, so that announcements cross messages. What the agent may say,
and in which layout, is judged once it has answered the client: until then it may go by what another client announced. A client
has read what the agent announced when it makes use of it; it is not known any more where an agent announces something else.
What a client had under way for an agent that is gone, up to its announcement to the next one, is judged as pieces only:
spice-gtk 0.42 sends what had waited to whoever comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from spiceproto import dispatch, limits
from spiceproto.agent.layout import table
from spiceproto.agent.pieces import HEADER_SIZE, AgentReader, begins_message
from spiceproto.agent_exchange import Exchange
from spiceproto.comparison import Anew, Carried
from spiceproto.enums.agent import AgentCapability, AgentMessageType
from spiceproto.errors import LimitError, RemoteError
from spiceproto.finding import Finding

__all__ = ["REQUIREMENTS", "AgentStream"]

_HEADER, _PAST, _PROTOCOL = "SPICE-AGENT-005", "SPICE-AGENT-006", "SPICE-AGENT-007"
_FIELDS, _WHOSE, _FINISHED, _NEED = "SPICE-AGENT-010", "SPICE-AGENT-012", "SPICE-AGENT-014", "SPICE-AGENT-024"

REQUIREMENTS: Final = {
    _HEADER: "looks into the pieces of agent messages",
    _PAST: "looks into the pieces of agent messages",
    _PROTOCOL: "is about a header inside of AGENT_DATA",
    _FIELDS: "the layout of each agent message is in the schemas",
    _WHOSE: "who sends an agent message is in the schemas",
    _FINISHED: "looks into the pieces of agent messages",
    _NEED: "the capabilities that agent messages need are in the schemas",
}
"""Sentences that are judged here, and why no machine can."""

_TABLE: Final = "agent"
_EXCEPTED: Final = ("MONITORS_CONFIG", "REPLY")
_ENDS: Final = {"client": "client", "server": "agent"}
_OTHER: Final = {"client": "server", "server": "client"}
_PROTOCOL_BYTES: Final = (1).to_bytes(4, "little")


@cache
def _rows() -> Mapping[int, tuple[tuple[str, ...], int | None]]:
    """Type of an agent message to who sends it, and the capability that its receiver needs."""
    # The schemas bring construct with them, which programs that only talk do not need otherwise.
    from spiceproto.schema import channel

    return {
        number: (row.sent_by, None if row.capability is None or row.name in _EXCEPTED else int(row.capability))
        for number, row in channel("agent").client.items()
    }


class AgentStream:
    """``known``: what was said since the client greeted the agent was heard. ``midway``: the channel did not begin here."""

    __slots__ = (
        "_again",
        "_begun_before",
        "_bits",
        "_channel",
        "_exchange",
        "_heard",
        "_readers",
        "_settled",
        "_started",
        "known",
    )

    def __init__(self, channel: tuple[int, int], *, midway: bool = False) -> None:
        self._channel = channel
        self._readers = {side: AgentReader() for side in _ENDS}
        self._begun_before = self._again = False
        self._begin(known=not midway)
        if midway:
            self._lose()

    def _begin(self, known: bool) -> None:
        self.known = known
        self._started = False
        self._bits = dict.fromkeys(_ENDS, 0)
        self._heard = dict.fromkeys(_ENDS, False)
        self._settled = dict.fromkeys(_ENDS, False)
        self._exchange = Exchange(self._channel)

    def forget(self, sender: str) -> None:
        """Something was missed."""
        self._lose()
        self._begin(known=False)

    def _lose(self) -> None:
        for reader in self._readers.values():
            reader.lose()

    def judge(self, sender: str, name: str, value: Any, now: float) -> Iterator[Finding | Carried | Anew]:
        """A message of the channel: findings, and agent messages for the tables, which begin anew with another agent."""
        if name == "AGENT_DATA" and value is not None:
            yield from self._data(sender, bytes(value.data), now)
        elif name == "AGENT_DISCONNECTED":
            self._readers["server"] = AgentReader()
            self._begun_before = self._readers["client"].pending > 0
            self._again = True
            self._begin(known=True)
            yield Anew(_TABLE)
        elif name == "AGENT_START":
            self._started = True

    # -- pieces

    def _data(self, sender: str, data: bytes, now: float) -> Iterator[Finding | Carried]:
        reader = self._readers[sender]
        if not reader.lost:
            found, keep = self._piece(sender, reader, data, now)
            data = data[:keep]
            if found is not None:
                yield found
                if found.requirement == _FINISHED:
                    reader = self._readers[sender] = AgentReader()
        try:
            for number, _, body in reader.receive(data):
                if sender == "client" and self._begun_before:
                    self._begun_before = False  # it was for an agent that is gone
                else:
                    yield from self._message(sender, number, body, now)
        except LimitError:  # what nobody can keep is not judged
            reader.lose()
        except RemoteError as error:
            id = _PROTOCOL if error.path == "protocol" else _PAST
            yield self._finding(id, sender, error.what, error.expected, error.actual, now)
            reader.lose()
        if sender == "client" and not reader.pending:
            self._begun_before = False

    def _piece(self, sender: str, reader: AgentReader, data: bytes, now: float) -> tuple[Finding | None, int]:
        """What is wrong with where a piece begins and ends, and how many of its bytes are of its message."""
        whole = len(data)
        if reader.pending:
            size = reader.missing
            if sender == "client" and self._begun_before and begins_message(data):
                text, expected = "another message in the middle of one for an agent that is gone", "its other pieces"
                return self._finding(_FINISHED, sender, text, expected, "a header", now), whole
        elif whole < HEADER_SIZE:
            if sender == "client":
                text, expected = "a piece with a part of a header", f"at least {HEADER_SIZE} bytes"
                return self._finding(_HEADER, sender, text, expected, f"{whole} bytes", now), whole
            return None, whole
        else:
            size = None
            if data.startswith(_PROTOCOL_BYTES):
                size = HEADER_SIZE + int.from_bytes(data[HEADER_SIZE - 4 : HEADER_SIZE], "little")
        if size is not None and whole > size:
            text = "a piece that goes on behind the end of its message"
            return self._finding(_PAST, sender, text, f"{size} bytes", f"{whole} bytes", now), size
        return None, whole

    # -- messages

    def _message(self, sender: str, number: int, body: bytes, now: float) -> Iterator[Finding | Carried]:
        if not self.known or (sender == "client" and not self._started):
            return
        if sender == "client" and self._again:
            if number != AgentMessageType.ANNOUNCE_CAPABILITIES:
                return
            self._again = False
        row = dispatch.row("agent", sender, number)
        if row is None:
            yield Carried(f"type {number}", table=_TABLE)
            return
        value, wrong = self._read(sender, row, body, now)
        if wrong is not None:
            yield wrong
        if value is None:
            self._exchange.forget(sender, row.name)
            yield Carried(row.name, table=_TABLE)
            return
        if number == AgentMessageType.ANNOUNCE_CAPABILITIES:
            self._announced(sender, value)
        yield from self._exchange.judge(sender, row.name, value, self._bits, now)
        yield Carried(row.name, _fields(value), table=_TABLE)

    def _read(self, sender: str, row: dispatch.Row, body: bytes, now: float) -> tuple[Any, Finding | None]:
        """The message; None, and perhaps what is wrong with it, where there is nothing to be read."""
        sent_by, need = _rows()[row.number]
        text = f"agent message {row.name}"
        if _ENDS[sender] not in sent_by:
            return None, self._finding(
                _WHOSE, sender, text, f"from the {' or '.join(sent_by)}", f"from the {_ENDS[sender]}", now
            )
        of_clipboard = need == AgentCapability.CLIPBOARD_BY_DEMAND
        other = _OTHER[sender]
        if need is not None and self._knows(sender) and not self._bits[other] >> need & 1:
            expected = f"{AgentCapability(need).name} announced by the {_ENDS[other]}"
            return None, self._finding(_NEED, sender, text, expected, "", now)
        if of_clipboard and not self._knows(sender):
            return None, None
        layout = table(self._bits["client"], self._bits["server"]) if of_clipboard else "agent"
        try:
            return dispatch.parse(layout, sender, row.number, body), None
        except RemoteError as error:
            place = ", ".join(filter(None, (error.path, "" if error.offset is None else f"byte {error.offset}")))
            text += f"{f': {place}' * bool(place)}: {error.what}"
            return None, self._finding(_FIELDS, sender, text, error.expected, error.actual, now)

    def _knows(self, sender: str) -> bool:
        """Whether what ``sender`` knows of the other end is what that has announced."""
        return self._settled[sender] or (sender == "client" and not self._heard["server"])

    def _announced(self, sender: str, value: Any) -> None:
        bits = 0
        for place, word in enumerate(value.caps[: limits.CAPABILITY_WORDS]):
            bits |= word << 32 * place
        other = _OTHER[sender]
        first, changed = not self._heard[sender], bits != self._bits[sender]
        if first or changed:
            self._settled[other] = first and sender == "server"
        if not value.request and self._heard[other]:
            self._settled[sender] = True
        self._bits[sender] = bits
        self._heard[sender] = True

    def _finding(self, requirement: str, sender: str, text: str, expected: str, actual: str, now: float) -> Finding:
        return Finding(requirement, sender, self._channel, text, expected, actual, now)


def _fields(value: Any) -> Mapping[str, int]:
    """What tables read of an agent message; a clipboard message without a selection is about CLIPBOARD."""
    found = {name: int(getattr(value, name)) for name in ("selection", "id", "result", "request") if hasattr(value, name)}
    return {"selection": 0, **found}
