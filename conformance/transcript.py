"""What happened in a case: every byte, decoded as far as possible, and held against the rules.

A :class:`Line` is one connection, fed with what both ends sent. It knows nothing of what the case wants; it keeps the
bytes, cuts them into structures and messages, and tells the judge. Fields are put into words only when somebody asks for
the entries, which is after a failure.

What a case itself breaks on purpose spoils the view of a connection: from then on the rules have nothing to say about
the target on it, and only the expectations of the case count.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from conformance.judge import Judge
from conformance.results import Entry, Seen
from spiceproto import dispatch
from spiceproto.channel import Channel, Event, MalformedMessage, MessageReceived, StreamLost, UnknownMessage
from spiceproto.channels import channel_name
from spiceproto.errors import SpiceError
from spiceproto.finding import Finding
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE
from spiceproto.link import Established, Failed, LinkObserver, Opaque, Problem, Step
from spiceproto.session import Linked, Session
from spiceproto.size_limits import CHANNELS

__all__ = ["Chunk", "Line", "Transcript"]

_SHOWN: Final = 4096
"""Bytes of one structure or message that an entry shows."""

_FIELD: Final = 256
"""Bytes of one field that an entry shows."""

_KEPT: Final = 4 << 20
"""Bytes of one stream that are kept whole."""

_ORDER: Final = "SPICE-LINK-001"
_WAITED_FOR: Final = frozenset({("client", "reply"), ("server", "mechanism"), ("server", "ticket")})
"""Who must not go on before which part of the link stage has come from the other end. Messages are SPICE-LINK-003."""

_OTHER: Final = {"client": "server", "server": "client"}

_MOST_BYTES: Final = 64 << 20
_MOST_MESSAGES: Final = 100_000
"""What a target may send in one case, in all its connections; what comes behind that is neither kept nor looked at."""


class Chunk(msgspec.Struct, frozen=True):
    """Bytes as they went over the wire; ``place`` as of :class:`conformance.network.Stream`."""

    at: float
    connection: int
    sender: str
    data: bytes
    secure: bool = False
    place: int = 0


class _Item(msgspec.Struct, frozen=True):
    at: float
    connection: int
    kind: str
    sender: str = ""
    name: str = ""
    text: str = ""
    value: Any = None
    start: int = 0
    end: int = 0
    channel: str = ""


class Transcript:
    """``role`` is what the target is; ``chunks`` are all bytes; findings about the target are in ``seen``.

    ``offered`` names channels that a list has named, as in "main:0".

    ``flood`` says that the target has sent more than anybody looks at in one case; "" usually.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.chunks: list[Chunk] = []
        self.lines: list[Line] = []
        self.seen: list[Seen] = []
        self.offered: set[str] = set()
        self.steps = 0
        self.flood = ""
        self.judge = Judge()
        self._came = self._messages = 0
        self._items: list[_Item] = []

    def open(self, number: int, now: float, *, secure: bool, place: int = 0) -> Line:
        """A connection begins."""
        line = Line(self, number, now, secure=secure, place=place)
        self.lines.append(line)
        self.add(_Item(now, number, "open", text="TLS" if secure else ""))
        return line

    def came(self, size: int) -> None:
        """So many bytes more came from the target."""
        self._came += size
        if self.flood:
            return
        if self._came > _MOST_BYTES:
            self.flood = f"the target has sent more than {_MOST_BYTES >> 20} MiB"
        elif self._messages > _MOST_MESSAGES:
            self.flood = f"the target has sent more than {_MOST_MESSAGES} messages"

    def message_came(self) -> None:
        """One of the messages in them."""
        self._messages += 1

    def step(self, text: str, now: float, connection: int = 0) -> None:
        """What the case does or waits for."""
        self.steps += 1
        self.add(_Item(now, connection, "step", text=text))

    def note(self, text: str, now: float, connection: int = 0) -> None:
        """A remark."""
        self.add(_Item(now, connection, "note", text=text))

    def add(self, item: _Item) -> None:
        """One more thing that happened."""
        self._items.append(item)

    def heard(self) -> dict[str, dict[str, int]]:
        """Channel to how often the target sent each message there; those that were only offered have none."""
        found: dict[str, Counter[str]] = {name: Counter() for name in sorted(self.offered)}
        for line in self.lines:
            if line.channel:
                counts = {name: count for (sender, name), count in line.counts.items() if sender == self.role}
                found.setdefault(line.channel, Counter()).update(counts)
        return {channel: dict(sorted(counts.items())) for channel, counts in found.items()}

    def entries(self) -> tuple[Entry, ...]:
        """All of it in words."""
        return tuple([self._entry(item) for item in self._items])

    def _entry(self, item: _Item) -> Entry:
        line = self.lines[item.connection - 1] if 0 < item.connection <= len(self.lines) else None
        data = line.bytes_of(item.sender, item.start, item.end) if line is not None and item.end else b""
        fields: Any = None
        if item.value is not None:
            # The schemas bring construct with them, which a run without failures never needs.
            from spiceproto.derive.json_form import to_json

            try:
                fields = to_json(item.value, limit=_FIELD)
            except SpiceError:
                fields = repr(item.value)
        channel = item.channel or (line.channel if line is not None else "")
        return Entry(
            item.kind,
            round(item.at, 6),
            item.connection,
            item.sender,
            channel,
            item.name,
            item.text,
            fields,
            item.start,
            item.end - item.start,
            data[:_SHOWN].hex(),
            line is not None and line.secure,
            line.place if line is not None else 0,
        )


class Line:
    """One connection. ``channel`` is "main:0" once the link message has said so; ``place`` as of its stream."""

    def __init__(self, transcript: Transcript, number: int, now: float, *, secure: bool, place: int = 0) -> None:
        self.number = number
        self.secure = secure
        self.place = place
        self.channel = ""
        self.established: Established | None = None
        self.counts: Counter[tuple[str, str]] = Counter()
        """Sender and name to how many such messages there were."""
        self.spoiled = False
        self.broken: list[str] = []
        """Sentences that the suite has broken here, in that order; "" where its bytes are no messages any more."""
        self.half_closed = False
        """Whether the suite sends nothing more, so that the target may leave as if the suite had left."""
        self._waited_for = False
        self._transcript = transcript
        self._streams = {"client": bytearray(), "server": bytearray()}
        self._sizes = {"client": 0, "server": 0}
        self._link: LinkObserver | None = LinkObserver()
        self._messages: Channel | None = None
        self._judged = transcript.judge.connection(place, now)
        self._judged.on_finding = self._finding
        self._serials = {"client": 0, "server": 0}
        self._gone_on: set[str] = set()
        self._over = False

    def bytes_of(self, sender: str, start: int, end: int) -> bytes:
        """A part of what ``sender`` sent."""
        return bytes(self._streams[sender][start:end])

    @property
    def member(self) -> Linked | None:
        """The channel as its session has it; None before it is linked."""
        return self._judged.member

    @property
    def session(self) -> Session | None:
        """Its session, as the rules see it; None before it is linked."""
        return self._judged.session

    # -- what the wire tells

    def sent(self, sender: str, data: bytes, now: float) -> None:
        """``sender`` sent bytes."""
        self._transcript.chunks.append(Chunk(now, self.number, sender, data, self.secure, self.place))
        self._sizes[sender] += len(data)
        if len(self._streams[sender]) < _KEPT:
            self._streams[sender] += data
        if self._link is not None:
            if sender != self._transcript.role:
                self._out_of_turn(now)
            self._link_items(self._link.receive(sender, data), now)
        elif self._messages is not None:
            self._messages.receive(data, now, sender=sender)
            self._events(now)
        else:
            self._rest(sender, data, now)

    def closed(self, sender: str, now: float, text: str = "") -> None:
        """``sender`` closed the connection, first; ``text`` says how, if it was not in order."""
        if self._over:
            return
        self._over = True
        if self._link is not None:
            role, items = self._transcript.role, self._link.closed()
            if sender != role:
                # The suite has left, and has no claim on what the target had not said yet.
                items = [item for item in items if not isinstance(item, Problem) or item.sender != role]
            self._link_items(items, now)
        elif self._messages is not None and not text and not self.half_closed:
            self._messages.closed(sender=sender)
            self._events(now)
        self._judged.closed(sender, now)
        self._add(now, "close", sender, text=text)

    def _out_of_turn(self, now: float) -> None:
        """The suite is about to speak in the link stage: what has come of the target behind this was said before its time."""
        assert self._link is not None
        role = self._transcript.role
        part = self._link.ahead(role)
        if not self._waited_for and (role, part) in _WAITED_FOR:
            self._waited_for = True
            channel, text = self._judged.channel, f"it spoke before the link {part} of the {_OTHER[role]} had come"
            self._finding(Finding(_ORDER, role, channel, text, f"nothing before the {part}", "bytes", now))

    # -- decoding

    def _add(
        self,
        now: float,
        kind: str,
        sender: str,
        name: str = "",
        text: str = "",
        value: Any = None,
        start: int = 0,
        end: int = 0,
    ) -> None:
        self._transcript.add(_Item(now, self.number, kind, sender, name, text, value, start, end, self.channel))

    def _link_items(self, items: list[Any], now: float) -> None:
        for item in items:
            if isinstance(item, Step):
                if item.kind == "link-message":
                    self.channel = f"{channel_name(int(item.value.channel_type))}:{item.value.channel_id}"
                self._add(now, "link", item.sender, item.kind, "", item.value, item.start, item.end)
            elif isinstance(item, Problem):
                if item.severity != "note":
                    text = f"{item.rule} Expected {item.expected or '-'}; found {item.actual or '-'}"
                    self._add(now, "note", item.sender, item.code, text)
            else:
                self._link = None
            self._judged.link(item, now)
            if isinstance(item, Established):
                self._begin(item, now)
            elif isinstance(item, (Failed, Opaque)):
                rests = item if isinstance(item, Failed) else item.established
                self._rest("client", rests.client_rest, now)
                self._rest("server", rests.server_rest, now)

    def _rest(self, sender: str, rest: bytes, now: float) -> None:
        """The last bytes of a sender, which nobody can read."""
        end = self._sizes[sender]
        if rest:
            self._add(now, "bytes", sender, start=end - len(rest), end=end)

    def _begin(self, item: Established, now: float) -> None:
        self.established = item
        table = self.channel.partition(":")[0]
        if table not in CHANNELS:
            return
        self._messages = Channel(
            "observer", table, item.mini_header, client_offset=item.client_offset, server_offset=item.server_offset
        )
        for sender, rest in (("client", item.client_rest), ("server", item.server_rest)):
            self._messages.receive(rest, now, sender=sender)
        self._events(now)

    def _events(self, now: float) -> None:
        assert self._messages is not None and self.established is not None
        header = MINI_HEADER_SIZE if self.established.mini_header else FULL_HEADER_SIZE
        while (event := self._messages.next_event()) is not None:
            self._doubt(event)
            if event.sender == self._transcript.role:
                self._transcript.message_came()
            if isinstance(event, StreamLost):
                self._lost(event, now)
                continue
            start, end = (0, 0) if event.inside else (event.offset, event.offset + header)
            if isinstance(event, MessageReceived):
                end = end and end + event.size
                self.counts[event.sender, event.row.name] += 1
                self._judged.message(
                    event.sender, event.row.name, event.value, event.size, now, tail=event.tail, inside=event.inside
                )
                text = "inside another message" if event.inside else ""
                self._add(now, "message", event.sender, event.row.name, text, event.value, start, end)
            else:
                end = end and end + len(event.body)
                self._strange(event, now, start, end)

    def _strange(self, event: UnknownMessage | MalformedMessage, now: float, start: int, end: int) -> None:
        assert self._messages is not None
        if isinstance(event, UnknownMessage):
            self._judged.unknown(event.sender, event.type, now)
            self._add(now, "message", event.sender, f"type {event.type}", "an unknown message", None, start, end)
        else:
            row = dispatch.row(self._messages.table, event.sender, event.type)
            name = f"type {event.type}" if row is None else row.name
            if event.lists:
                self._judged.message(event.sender, name, None, len(event.body), now, inside=event.inside)
                self._judged.unlisted(event.sender, event.type, event.error, now)
            else:
                self._judged.unreadable(event.sender, name, event.error, len(event.body), now, inside=event.inside)
            self._add(now, "message", event.sender, name, str(event.error), None, start, end)

    def _doubt(self, event: Event) -> None:
        """Full headers that do not count may be none at all (SPICE-FRAME-001): what is behind them proves little."""
        assert self.established is not None
        if event.serial < 0 or self.established.mini_header or (not isinstance(event, StreamLost) and event.inside):
            return
        self._serials[event.sender] += 1
        if event.serial > self._serials[event.sender] and self._goes_on(event.sender):
            self._serials[event.sender] = event.serial
        if event.serial != self._serials[event.sender]:
            self._judged.doubted.add(event.sender)

    def _goes_on(self, sender: str) -> bool:
        """Whether the numbers of a sender may be those of the source of a migration from here on: once."""
        session = self._judged.session
        first = session is not None and session.destination and sender not in self._gone_on
        self._gone_on.add(sender)
        return first

    def _lost(self, event: StreamLost, now: float) -> None:
        """What this end sends cannot be cut into messages any more: the rules say so once, and see nothing further of it."""
        self._add(now, "note", event.sender, "lost", str(event.error))
        if event.sender != self._transcript.role:
            self.spoiled = True
            self.broken.append("")
        elif event.type >= 0:
            self._judged.announced(event.sender, event.type, event.size, now)
        elif not any(line.spoiled for line in self._transcript.lines):
            # A target may end the session in the middle of a message because of what the suite did on another connection.
            self._judged.cut(event.sender, event.have, event.wanted, now)

    def _finding(self, finding: Finding) -> Finding | None:
        if finding.sender != self._transcript.role:
            # The suite breaks a rule, on purpose; what the target makes of it is the case's business.
            self.spoiled = self.spoiled or not finding.tolerated
            self.broken.append(finding.requirement)
            return None
        if self.spoiled:
            return None
        kind, number = finding.channel
        channel = f"{channel_name(int(kind))}:{number}"
        seen = Seen(
            finding.requirement,
            channel,
            finding.text,
            finding.expected,
            finding.actual,
            round(finding.now, 6),
            finding.tolerated,
        )
        self._transcript.seen.append(seen)
        return finding
