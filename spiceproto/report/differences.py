"""What two captures have differently: ``spiceproto diff``.

    Gathered      a consumer that keeps what was said, in a row for each sender of each channel
    differences   compares the rows of two of them

Rows are matched by session, channel and id, each counted from the first of its capture; of a channel that was linked several
times, by how often. A row has the steps of the link stage and the messages in their order; agent messages have rows of their
own. Of each message its fields are kept, long ones by size, beginning and digest. Where a capture lacks bytes, its row has a
hole, and nothing is concluded from what the other has there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from spiceproto import dispatch
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decoding import Decoding
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.channel_state import State
from spiceproto.derive.json_form import to_json
from spiceproto.errors import LimitError, RemoteError
from spiceproto.framing import Spans
from spiceproto.report import link_stage
from spiceproto.report.alignment import HOLE, Item, Pair, align

__all__ = ["HOLES", "MOST", "Difference", "Gathered", "Row", "differences"]

MOST: Final = 1 << 20
"""Messages of a capture that are kept."""

HOLES: Final = frozenset(
    {"gap", "versions", "message-lost", "resynchronised", "not-resynchronised", "link-stage-lost", "agent-message-lost"}
)
"""Problems where messages may be missing."""

_SHORT: Final = 64
_DIGEST: Final = 16

Row = tuple[str, str]
"""Which channel, as ``session 1 display:0``, and who sent it."""


class Difference(NamedTuple):
    """Something that is not alike.

    * ``row``: whose
    * ``one``, ``other``: the messages, None for none
    * ``judged``: the other capture lacks nothing in that place
    * ``fields``: path, and what each has there, None for nothing
    """

    row: Row
    one: Item | None
    other: Item | None
    judged: bool
    fields: tuple[tuple[str, Any, Any], ...] = ()


class Gathered:
    """A consumer. ``ignored``: names of fields, or ``MESSAGE.field``, that are not compared.

    * ``rows``: what was said
    * ``problems``: how many, by severity
    * ``unseen``: what the capture lacks
    """

    def __init__(self, ignored: frozenset[str] = frozenset()) -> None:
        self.problems: Counter[str] = Counter()
        self.unseen: list[incomplete.Unseen] = []
        self._cut: list[str] = []
        self.decoder: Decoding
        self._ignored = ignored
        self._rows: dict[tuple[Conversation, str, str], list[Item]] = {}
        self._kept = 0

    def begin(self, decoder: Decoding) -> None:
        """Before anything is read."""
        self.decoder = decoder

    @property
    def lacks(self) -> list[str]:
        """What is missing, in words."""
        return incomplete.of_all(self.unseen, self.decoder.capture.totals, self._cut)

    @property
    def rows(self) -> dict[Row, list[Item]]:
        """What was said; once everything was read, for sessions are known late."""
        links: Counter[str] = Counter()
        places: dict[Conversation, str] = {}
        found: dict[Row, list[Item]] = {}
        for (conversation, inside, sender), items in self._rows.items():
            place = places.get(conversation)
            if place is None:
                session = conversation.session.number if conversation.session is not None else 0
                place = f"session {session} {conversation.place}"
                links[place] += 1
                place = places[conversation] = place + (f", link {links[place]}" if links[place] > 1 else "")
            found[place + inside, sender] = items
        return found

    def _row(self, conversation: Conversation, sender: str, inside: str = "") -> list[Item]:
        return self._rows.setdefault((conversation, inside, sender), [])

    def _add(self, row: list[Item], name: str, fields: dict[str, Any], body: bytes, number: int) -> None:
        self._kept += 1
        if self._kept > MOST:
            raise LimitError("too long a capture to be compared", expected=f"at most {MOST} messages", actual="more")
        if self._ignored:
            fields = _without(fields, name, self._ignored)
        elif body:
            fields = {**fields, "bytes": blake2b(body, digest_size=_DIGEST).hexdigest()}
        row.append(Item(name, msgspec.json.encode(fields), number))

    @staticmethod
    def _hole(row: list[Item], number: int, text: str) -> None:
        row.append(Item(HOLE, msgspec.json.encode({"text": text}), number))

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""
        if conversation.copy_of is None and conversation.connection.midstream:
            for sender in ("client", "server"):
                self._hole(self._row(conversation, sender), 0, "the beginning")

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        if conversation.copy_of is None:
            said = link_stage.as_dict(conversation, item)
            sender = said.get("direction", "server")
            for name in ("direction", "start", "end"):
                said.pop(name, None)
            self._add(self._row(conversation, sender), f"link stage: {said.pop('step')}", said, b"", 0)

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        rows = dispatch.rows(conversation.table, sender)
        wanted = conversation.copy_of is None
        row = self._row(conversation, sender) if wanted else []

        def emit(type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            if wanted:
                self._message(row, rows.get(type), type, body, self.decoder.number)

        return emit

    def _message(self, row: list[Item], found: dispatch.Row | None, type: int, body: bytes, number: int) -> None:
        fields: dict[str, Any] = {}
        if found is not None:
            try:
                fields = to_json(found.parse(body), limit=_SHORT)
            except RemoteError as error:
                fields = {"malformed": str(error)}
        self._add(row, found.name if found is not None else f"UNKNOWN_{type}", fields, body, number)

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message."""
        if conversation.copy_of is None:
            row = self._row(conversation, at.sender, " agent")
            self._message(row, dispatch.row(table, at.sender, type), type, body, self.decoder.number + 1)

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """The messages that carry it are compared."""

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """The message that carries it is compared."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.code == "truncated-file":
            self._cut.append(problem.text)
        conversation = problem.conversation
        if problem.code in HOLES and conversation is not None and conversation.copy_of is None:
            agent = " agent" if problem.code.startswith("agent") else ""
            senders = (problem.at.sender,) if problem.at.sender else ("client", "server")
            for sender in senders:
                self._hole(self._row(conversation, sender, agent), self.decoder.number, problem.text)

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """Messages inside of others come by themselves."""

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """There was a problem, too."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """A message that is not whole."""
        if conversation.copy_of is None:
            self._hole(self._row(conversation, at.sender), self.decoder.number, f"the rest of a message of {size} bytes")

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did: then nobody knows what came next."""
        self.unseen += incomplete.unseen(conversation.connection)
        if conversation.copy_of is None and not conversation.connection.ends:
            for sender in ("client", "server"):
                self._hole(self._row(conversation, sender), self.decoder.number, "the end")


def _without(fields: dict[str, Any], name: str, ignored: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if key in ignored or f"{name}.{key}" in ignored:
            continue
        if isinstance(value, dict):
            value = _without(value, name, ignored)
        elif isinstance(value, list):
            value = [_without(item, name, ignored) if isinstance(item, dict) else item for item in value]
        found[key] = value
    return found


def differences(one: Gathered, other: Gathered) -> Iterator[Difference | int]:
    """What differs, and in between how many messages are alike."""
    left, right = one.rows, other.rows
    for row in dict.fromkeys((*left, *right)):
        pairs = align(left.get(row, []), right.get(row, []))
        for alike, part in groupby(pairs, key=_alike):
            if alike:
                yield sum(1 for _ in part)
            else:
                yield from [_difference(row, pair) for pair in part]


def _alike(pair: Pair) -> bool:
    return pair.one is not None and pair.other is not None and pair.one.same(pair.other)


def _difference(row: Row, pair: Pair) -> Difference:
    fields: tuple[tuple[str, Any, Any], ...] = ()
    if pair.one is not None and pair.other is not None:
        left, right = (dict(_flat(msgspec.json.decode(item.content), "")) for item in (pair.one, pair.other))
        paths = [path for path in dict.fromkeys((*left, *right)) if left.get(path) != right.get(path)]
        paths = [path for path in paths if path != "bytes"] or paths
        fields = tuple([(path, left.get(path), right.get(path)) for path in paths])
    return Difference(row, pair.one, pair.other, pair.judged, fields)


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(item, f"{path}[{number}]")
    else:
        yield path, value
