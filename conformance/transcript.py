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
from spiceproto.capture.consumer import channel_name
from spiceproto.channel import Channel, MalformedMessage, MessageReceived, UnknownMessage
from spiceproto.errors import RemoteError, SpiceError
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE
from spiceproto.link import Established, Failed, LinkObserver, Opaque, Problem, Record
from spiceproto.session import Finding
from spiceproto.size_limits import CHANNELS

__all__ = ["Chunk", "Line", "Transcript"]

_SHOWN: Final = 4096
"""Bytes of one structure or message that an entry shows."""

_FIELD: Final = 256
"""Bytes of one field that an entry shows."""

_KEPT: Final = 4 << 20
"""Bytes of one stream that are kept whole."""


class Chunk(msgspec.Struct, frozen=True):
    """Bytes as they went over the wire."""

    at: float
    connection: int
    sender: str
    data: bytes
    secure: bool = False


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
    """``role`` is what the target is; ``chunks`` are all bytes; findings about the target are in ``seen``."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.chunks: list[Chunk] = []
        self.lines: list[Line] = []
        self.seen: list[Seen] = []
        self.steps = 0
        self.judge = Judge()
        self._items: list[_Item] = []

    def open(self, number: int, now: float, *, secure: bool) -> Line:
        """A connection begins."""
        line = Line(self, number, now, secure=secure)
        self.lines.append(line)
        self.add(_Item(now, number, "open", text="TLS" if secure else ""))
        return line

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
        return Entry(item.kind, round(item.at, 6), item.connection, item.sender, channel, item.name, item.text, fields,
                     item.start, item.end - item.start, data[:_SHOWN].hex(),
                     line is not None and line.secure)  # fmt: skip


class Line:
    """One connection. ``channel`` is "main:0" once the link message has said so."""

    def __init__(self, transcript: Transcript, number: int, now: float, *, secure: bool) -> None:
        self.number = number
        self.secure = secure
        self.channel = ""
        self.established: Established | None = None
        self.counts: Counter[tuple[str, str]] = Counter()
        """Sender and name to how many such messages there were."""
        self.spoiled = False
        self._transcript = transcript
        self._streams = {"client": bytearray(), "server": bytearray()}
        self._link: LinkObserver | None = LinkObserver()
        self._messages: Channel | None = None
        self._judged = transcript.judge.connection(None, now)
        self._judged.on_finding = self._finding
        self._over = False

    def bytes_of(self, sender: str, start: int, end: int) -> bytes:
        """A part of what ``sender`` sent."""
        return bytes(self._streams[sender][start:end])

    # -- what the wire tells

    def sent(self, sender: str, data: bytes, now: float) -> None:
        """``sender`` sent bytes."""
        transcript, stream = self._transcript, self._streams[sender]
        transcript.chunks.append(Chunk(now, self.number, sender, data, self.secure))
        if len(stream) < _KEPT:
            stream += data
        if self._link is not None:
            self._link_items(self._link.receive(sender, data), now)
        elif self._messages is not None:
            self._messages.receive(data, now, sender=sender)
            self._events(now)
        else:
            self._opaque(sender, len(stream) - len(data), len(data), now)

    def closed(self, sender: str, now: float, text: str = "") -> None:
        """``sender`` closed the connection, first."""
        if self._over:
            return
        self._over = True
        if self._link is not None:
            role, items = self._transcript.role, self._link.closed()
            if sender != role:
                # The suite has left, and has no claim on what the target had not said yet.
                items = [item for item in items if not isinstance(item, Problem) or item.sender != role]
            self._link_items(items, now)
        self._judged.closed(sender, now)
        self._add(now, "close", sender, text=text)

    # -- decoding

    def _add(self, now: float, kind: str, sender: str, name: str = "", text: str = "", value: Any = None, start: int = 0,
             end: int = 0) -> None:  # fmt: skip
        self._transcript.add(_Item(now, self.number, kind, sender, name, text, value, start, end, self.channel))

    def _opaque(self, sender: str, start: int, size: int, now: float) -> None:
        if size:
            self._add(now, "bytes", sender, start=start, end=start + size)

    def _link_items(self, items: list[Any], now: float) -> None:
        for item in items:
            if isinstance(item, Record):
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
        self._opaque(sender, len(self._streams[sender]) - len(rest), len(rest), now)

    def _begin(self, item: Established, now: float) -> None:
        self.established = item
        table = self.channel.partition(":")[0]
        if table not in CHANNELS:
            return
        self._messages = Channel("observer", table, item.mini_header, client_offset=item.client_offset,
                                 server_offset=item.server_offset)  # fmt: skip
        for sender, rest in (("client", item.client_rest), ("server", item.server_rest)):
            self._messages.receive(rest, now, sender=sender)
        self._events(now)

    def _events(self, now: float) -> None:
        assert self._messages is not None and self.established is not None
        header = MINI_HEADER_SIZE if self.established.mini_header else FULL_HEADER_SIZE
        while True:
            try:
                event = self._messages.next_event()
            except RemoteError as error:
                self._add(now, "note", "", "lost", str(error))
                self.spoiled = True  # nobody sees any more what this end does, and the rules would miss it
                continue
            if event is None:
                return
            start, end = (0, 0) if event.inside else (event.offset, event.offset + header)
            if isinstance(event, MessageReceived):
                end = end and end + event.size
                self.counts[event.sender, event.row.name] += 1
                self._judged.message(event.sender, event.row.name, event.value, event.size, now, inside=event.inside)
                text = "inside another message" if event.inside else ""
                self._add(now, "message", event.sender, event.row.name, text, event.value, start, end)
            else:
                end = end and end + len(event.body)
                self._strange(event, now, start, end)

    def _strange(self, event: UnknownMessage | MalformedMessage, now: float, start: int, end: int) -> None:
        if isinstance(event, UnknownMessage):
            self._judged.unknown(event.sender, event.type, now)
            self._add(now, "message", event.sender, f"type {event.type}", "an unknown message", None, start, end)
        else:
            self._judged.message(event.sender, f"type {event.type}", None, len(event.body), now, inside=event.inside)
            self._add(now, "message", event.sender, f"type {event.type}", str(event.error), None, start, end)

    def _finding(self, finding: Finding) -> Finding | None:
        if finding.sender != self._transcript.role:
            # The suite breaks a rule, on purpose; what the target makes of it is the case's business.
            self.spoiled = self.spoiled or not finding.tolerated
            return None
        if self.spoiled:
            return None
        kind, number = finding.channel
        channel = f"{channel_name(int(kind))}:{number}"
        seen = Seen(finding.requirement, channel, finding.text, finding.expected, finding.actual, round(finding.now, 6),
                    finding.tolerated)  # fmt: skip
        self._transcript.seen.append(seen)
        return finding
