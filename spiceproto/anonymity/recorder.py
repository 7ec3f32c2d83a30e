"""What a capture holds, as its streams were, beside a copy of each that says nothing.

A :class:`Recorder` is a consumer. What comes up to SPICE passes it first (:class:`Tee`): the bytes of a side are kept, and its
copy is zeros. Then it hears which messages they are, finds each in the bytes, and blanks it in the copy. So whatever nobody
understands is zeros, a message that is not whole has its header, and holes are where they were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from struct import pack
from typing import Any, Final

from spiceproto import dispatch
from spiceproto.agent.pieces import HEADER_SIZE, begins_message
from spiceproto.anonymity import blanks, bodies
from spiceproto.anonymity.pieces import Stream
from spiceproto.capture import incomplete
from spiceproto.capture.consumer import Emit, Inner
from spiceproto.capture.conversation import Conversation
from spiceproto.capture.decode import Decoder
from spiceproto.capture.diagnostics import At, Diagnostic
from spiceproto.capture.layers import Connection
from spiceproto.capture.spice import Spice
from spiceproto.channel_state import State
from spiceproto.errors import LimitError, RemoteError
from spiceproto.framing import FULL_HEADER_SIZE, MINI_HEADER_SIZE, Spans
from spiceproto.link import Opaque, Step
from spiceproto.messages.usbredir import UsbredirWideHeader
from spiceproto.usbredir import Packet
from spiceproto.webdav import Chunk

__all__ = ["MOST", "Flow", "Recorder", "Recording", "Side"]

MOST: Final = 1 << 30
"""Bytes of SPICE that are kept."""

_SENDERS: Final = {"client": True, "server": False}

_USB_FIELDS: Final = {100: 10, 101: 8, 102: 4, 103: 4, 104: 10}
"""Types of usbredir packets with data to the bytes of their fields before it."""

_USB_HELLO, _USB_VERSION = 0, 64
_USB_FILTER: Final = 23


class Side:
    """One direction: ``raw`` bytes, and ``out``, their copy; ``cursor`` is behind the last message."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self.out = bytearray()
        self.cursor = 0
        self.before = 0
        self.serial = -1
        self.aligned = False


class Flow:
    """One connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sides = {sender: Side() for sender in _SENDERS}
        self.mini = True
        self.spans: Spans = ()


Event = tuple[Flow, str, str, int, int, int]
"""Whose, which side, what: ``data``, ``gap``, ``end``; begin and end, or size and 0; time."""


class Recording(Decoder):
    """Reads a capture; its recorder sees the bytes as well."""

    consumer: Recorder

    def _open(self, connection: Connection) -> Any:
        return Tee(self.consumer, connection, super()._open(connection))


class Tee:
    """The sink of a connection: bytes go to the recorder, then to SPICE."""

    def __init__(self, recorder: Recorder, connection: Connection, inner: Spice) -> None:
        self._recorder = recorder
        self._flow = recorder.flow(connection)
        self._inner = inner

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes of one side."""
        self._recorder.heard(self._flow, "client" if from_client else "server", chunk, time_ns)
        self._inner.data(from_client, chunk, time_ns, frame)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        self._recorder.missed(self._flow, "client" if from_client else "server", size, time_ns)
        self._inner.gap(from_client, size, time_ns, frame)

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """The transport below has a problem."""
        self._inner.problem(code, text, from_client, time_ns, frame)

    def closed(self, time_ns: int, frame: int) -> None:
        """Nothing more will come."""
        self._inner.closed(time_ns, frame)
        self._recorder.ended(self._flow, time_ns)


class Recorder:
    """A consumer.

    * ``events``: what happened, in order
    * ``unknown``: what can not be blanked, for nobody knows what it is, and how often
    * ``poor``: what is blanked and does not decode, and how often
    * ``rows``: how many messages of each name, by connection and sender
    * ``unseen``: what the capture lacks

    ``keep``: what is unknown is kept as it is, and not zeros.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.events: list[Event] = []
        self.unknown: Counter[str] = Counter()
        self.poor: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.rows: Counter[tuple[int, str, str]] = Counter()
        self.unseen: list[incomplete.Unseen] = []
        self._cut: list[str] = []
        self.decoder: Decoder
        self._keep = keep
        self._flows: dict[int, Flow] = {}
        self._kept = 0
        self._streams: defaultdict[tuple[Any, ...], Stream] = defaultdict(Stream)
        self._agent: defaultdict[tuple[int, str], list[tuple[str, int, bytes]]] = defaultdict(list)

    def begin(self, decoder: Decoder) -> None:
        """Before anything is read."""
        self.decoder = decoder

    # -- the bytes

    def flow(self, connection: Connection) -> Flow:
        """That of a connection."""
        found = self._flows.get(id(connection))
        if found is None:
            found = self._flows[id(connection)] = Flow(connection)
        return found

    def heard(self, flow: Flow, sender: str, chunk: bytes, time_ns: int) -> None:
        """Bytes of a side. Raises LimitError for more than :data:`MOST`."""
        self._kept += len(chunk)
        if self._kept > MOST:
            raise LimitError("too long a capture", expected=f"at most {MOST} bytes of SPICE", actual="more")
        side = flow.sides[sender]
        start = len(side.raw)
        side.raw += chunk
        side.out += bytes(len(chunk))
        self.events.append((flow, sender, "data", start, len(side.raw), time_ns))

    def missed(self, flow: Flow, sender: str, size: int, time_ns: int) -> None:
        """Bytes of a side are missing; the message that they are of keeps its header."""
        self._half(flow, flow.sides[sender])
        self.events.append((flow, sender, "gap", size, 0, time_ns))

    def ended(self, flow: Flow, time_ns: int) -> None:
        """Nothing more comes."""
        for side in flow.sides.values():
            self._half(flow, side)
        for sender, end in flow.connection.ends.items():
            self.events.append((flow, sender, "end", int("RST" in end.kind), 0, end.time_ns))

    @staticmethod
    def _half(flow: Flow, side: Side) -> None:
        size = MINI_HEADER_SIZE if flow.mini else FULL_HEADER_SIZE
        if side.aligned and len(side.raw) - side.cursor >= size:
            side.out[side.cursor : side.cursor + size] = side.raw[side.cursor : side.cursor + size]
        side.aligned = False

    def finish(self) -> None:
        """Agent messages that are not whole keep their headers."""
        for key, stream in self._streams.items():
            front = stream.front(HEADER_SIZE)
            if key[0] == "agent" and len(front) == HEADER_SIZE and begins_message(front):
                stream.put(front)

    # -- the consumer

    def connection(self, conversation: Conversation) -> None:
        """The channel is known."""

    def link(self, conversation: Conversation, item: Any, at: At) -> None:
        """A step of the link stage."""
        flow = self.flow(conversation.connection)
        if isinstance(item, Step):
            side = flow.sides[item.sender]
            side.out[item.start : item.end] = bodies.link(item.value, bytes(side.raw[item.start : item.end]))
            side.cursor = item.end
            self.rows[conversation.connection.number, item.sender, item.kind] += 1
        elif isinstance(item, Opaque):
            self.unknown[f"what SASL {item.sasl_mechanism} encrypts"] += 1

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The messages of one sender."""
        flow = self.flow(conversation.connection)
        flow.mini = conversation.mini_header
        side = flow.sides[sender]
        side.aligned = True
        rows = dispatch.rows(conversation.table, sender)

        def emit(type: int, body: bytes, serial: int, time_ns: int, frames: tuple[int, ...]) -> None:
            self.decoder.number += 1
            row = rows.get(type)
            name = row.name if row is not None else f"message {type}"
            self.rows[conversation.connection.number, sender, name] += 1
            start = self._place(flow, side, type, body, serial)
            if start is None:
                self.unknown[f"{name} of {conversation.place}, whose bytes were not found"] += 1
                return
            self._put(conversation, flow, side, row, name, start, body)
            if row is not None:
                self._carries(conversation, side, sender, row, start, len(body))

        return emit

    def _place(self, flow: Flow, side: Side, type: int, body: bytes, serial: int) -> int | None:
        """Where the body is; the cursor moves behind it. Messages inside of another have the short header."""
        if serial != side.serial:
            side.serial, side.before = serial, side.cursor
        mini = pack("<HL", type, len(body))
        start = side.cursor if flow.mini else None
        if start is None:
            full = pack("<QHL", serial, type, len(body))
            start = side.raw.find(full, side.cursor)
            while start >= 0 and side.raw[start + FULL_HEADER_SIZE : start + FULL_HEADER_SIZE + len(body)] != body:
                start = side.raw.find(full, start + 1)
            if start >= 0:
                side.out[start : start + FULL_HEADER_SIZE] = side.raw[start : start + FULL_HEADER_SIZE]
                start += FULL_HEADER_SIZE
                side.cursor, side.aligned = start + len(body), True
                return start
            start = side.cursor
        if not (side.raw.startswith(mini, start) and side.raw.startswith(body, start + MINI_HEADER_SIZE)):
            start = side.raw.find(mini + body, side.cursor)
            if start < 0:
                return None
        side.out[start : start + MINI_HEADER_SIZE] = mini
        start += MINI_HEADER_SIZE
        side.cursor, side.aligned = start + len(body), True
        return start

    def _put(
        self, conversation: Conversation, flow: Flow, side: Side, row: dispatch.Row | None, name: str, start: int, body: bytes
    ) -> None:
        """The copy of a message."""
        found = None if row is None else bodies.blank(row, body)
        end = start + len(body)
        spans, flow.spans = flow.spans, ()
        inside = [bytes(side.out[start + at : start + stop]) for at, stop in spans]
        if found is None:
            self.unknown[f"{name} of {conversation.place}"] += 1
            side.out[start:end] = body if self._keep else bytes(len(body))
        else:
            side.out[start:end], poor = found
            if poor:
                self.poor["pictures, which are zeros behind their header"] += poor
        for place, ((at, stop), content) in enumerate(zip(spans, inside, strict=True)):
            side.out[start + at : start + stop] = content if place else body[at:stop]
        if name == "COMPRESSED_DATA":
            self.poor["COMPRESSED_DATA, whose bytes are zeros"] += 1

    def _carries(self, conversation: Conversation, side: Side, sender: str, row: dispatch.Row, start: int, size: int) -> None:
        """Its bytes are a piece of something else."""
        if row.table == "main" and row.name == "AGENT_DATA":
            key = self._session(conversation), sender
            self._streams["agent", *key].add(side.raw, side.out, start, start + size)
            for table, type, body in self._agent.pop(key, ()):
                self._agent_whole(self._streams["agent", *key], sender, table, type, body)
        elif row.name == "DATA" and row.table in ("usbredir", "webdav", "port"):
            self._streams[self._channel(conversation, sender)].add(side.raw, side.out, start, start + size)

    @staticmethod
    def _session(conversation: Conversation) -> int:
        return conversation.session.number if conversation.session is not None else -conversation.connection.number

    def _channel(self, conversation: Conversation, sender: str) -> tuple[Any, ...]:
        return "carried", self._session(conversation), conversation.place, sender

    def _agent_whole(self, stream: Stream, sender: str, table: str, type: int, body: bytes) -> None:
        head = pack("<LL", 1, type)
        while stream.find(head):
            front = stream.front(HEADER_SIZE)
            if front[16:] == pack("<L", len(body)):
                row = dispatch.row(table, sender, type)
                found = None if row is None else bodies.blank(row, body)
                if found is None:
                    self.unknown[f"agent message {row.name if row is not None else type}"] += 1
                stream.put(front + (body if self._keep else bytes(len(body))) if found is None else front + bytes(found[0]))
                return
            stream.put(bytes(len(head)))
        self.unknown["agent messages whose bytes were not found"] += 1

    def agent(self, conversation: Conversation, at: At, table: str, type: int, body: bytes) -> None:
        """A whole agent message; the AGENT_DATA that ends it comes next."""
        self._agent[self._session(conversation), at.sender].append((table, type, body))

    def carried(self, conversation: Conversation, at: At, item: Inner) -> None:
        """A whole usbredir packet, or chunk of webdav."""
        stream = self._streams[self._channel(conversation, at.sender)]
        if isinstance(item, Packet):
            if stream.find(pack("<LL", item.header.type, item.header.length)):
                stream.put(_usb(item, stream.front(item.size)))
        elif isinstance(item, Chunk) and stream.find(pack("<qH", item.value.client, len(item.value.data))):
            stream.put(stream.front(10) + blanks.octets(bytes(item.value.data)))

    def state(self, conversation: Conversation, at: At, state: State) -> None:
        """It is zeros."""

    def problem(self, problem: Diagnostic) -> None:
        """Something is not as it should be."""
        self.problems[problem.severity] += 1
        if problem.code == "truncated-file":
            self._cut.append(problem.text)
        if problem.code == "channel-unknown":
            self.unknown["connections of which nobody knows the channel"] += 1

    def listed(self, conversation: Conversation, at: At, spans: Spans) -> None:
        """The messages before were inside of the next one."""
        flow = self.flow(conversation.connection)
        flow.spans = spans
        side = flow.sides[at.sender]
        side.cursor = side.before

    def unlisted(self, conversation: Conversation, at: At, type: int, size: int, error: RemoteError) -> None:
        """There was a problem, too."""

    def unfinished(self, conversation: Conversation, at: At, type: int, size: int, have: int) -> None:
        """Its header is kept."""

    def closed(self, conversation: Conversation, at: At) -> None:
        """The connection ended, or the capture did."""
        self.unseen += incomplete.unseen(conversation.connection)

    @property
    def lacks(self) -> list[str]:
        """What is missing, in words."""
        return incomplete.of_all(self.unseen, self.decoder.capture.totals, self._cut)


def _usb(item: Packet, data: bytes) -> bytes:
    head = 16 if isinstance(item.header, UsbredirWideHeader) else 12
    kind = int(item.header.type)
    body = data[head:]
    if kind == _USB_HELLO:
        body = blanks.text(body[:_USB_VERSION]) + body[_USB_VERSION:]
    elif kind == _USB_FILTER:
        body = blanks.text(body)
    elif kind in _USB_FIELDS:
        kept = _USB_FIELDS[kind]
        body = body[:kept] + bytes(max(len(body) - kept, 0))
    return data[:head] + body
