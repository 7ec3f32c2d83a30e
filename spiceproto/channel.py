"""The message layer of one connection: bytes in, values out, and the answers that need no thought.

:class:`Channel` stands on :mod:`~spiceproto.framing` (where a message ends), :mod:`~spiceproto.dispatch` (what it is)
and :mod:`~spiceproto.flow` (acknowledgements, pings, waiting). It knows the messages that every channel has and nothing
of the others: what a channel is for belongs to the session above.

Three roles. A *client* reads what servers send, answers SET_ACK, PING and WAIT_FOR_CHANNELS, goes on after a message it
does not know or cannot parse. A *server* reads what clients send and ends the connection for either. An *observer*
reads both directions, answers nothing and goes on as long as it can tell where the next message begins.

Messages are parsed when :meth:`Channel.next_event` comes to them, one at a time: an ACK goes out before its message is
handled, and nothing is handled while the channel waits for another one (then its owner should stop reading, too).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from spiceproto import dispatch, flow, framing
from spiceproto.apart import apart
from spiceproto.errors import LocalError, RemoteError
from spiceproto.message_events import Event, MalformedMessage, MessageReceived, StreamLost, UnknownMessage
from spiceproto.messages import common
from spiceproto.size_limits import CHANNELS, size_limits

__all__ = ["Channel", "Event", "MalformedMessage", "MessageReceived", "Part", "Role", "StreamLost", "UnknownMessage"]

Role = Literal["client", "server", "observer"]


class Part:
    """A message on its way to :meth:`Channel.next_event`.

    ``spans``: where the list of its sub-messages, and they, stand in its body
    """

    __slots__ = ("body", "counts", "inside", "offset", "sender", "serial", "spans", "type")

    def __init__(self, sender: str, type: int, body: bytes, serial: int, offset: int, inside: bool) -> None:
        self.counts = not inside
        self.sender = sender
        self.type = type
        self.body = body
        self.serial = serial
        self.offset = offset
        self.inside = inside
        self.spans: framing.Spans = ()


class Channel:
    """One established connection.

    ``role``           whose view this is
    ``table``          "main", "display", ...; the message table of the channel
    ``mini_header``    which header the ends agreed on
    ``answers``        whether ACK_SYNC, ACK and PONG are sent without asking
    ``client_offset, server_offset``  where the messages begin in the stream of each direction, for reports only
    ``sent_serial, received_serial``  numbers of the last messages, on a connection that migrated

    After :class:`~spiceproto.errors.RemoteError` left :meth:`next_event`, an endpoint closes the connection. An observer
    gets :class:`StreamLost` instead, and goes on with the other direction.

    For peers that are to be tried: a peer that breaks a rule is a subclass. It overrides what a message passes on its way
    (in: :meth:`enqueue`, :meth:`unknown`, :meth:`note`; out: :meth:`answer`, :meth:`frame`), may end with :meth:`end`, and
    may look at, and change:

    ``readers``  what cuts the bytes of each sender into messages
    ``writer``   what puts headers before bodies, and counts
    ``queue``    messages that have come, as :class:`Part`, and wait for :meth:`next_event`
    ``unsent``   answers that wait for :meth:`bytes_to_send`

    For whoever looks on at a client's connection: ``watch`` is called with each whole message of either side, before it is
    handled or sent: sender, type, body, serial. It is None unless somebody looks, and raises nothing.
    """

    def __init__(
        self,
        role: Role,
        table: str,
        mini_header: bool,
        *,
        answers: bool = True,
        client_offset: int = 0,
        server_offset: int = 0,
        sent_serial: int = 0,
        received_serial: int = 0,
    ) -> None:
        if table not in CHANNELS:
            raise LocalError("no such channel", expected=", ".join(sorted(CHANNELS)), actual=table)
        self.role = role
        self.table = table
        self.acks = flow.AckReceiver()
        self.ack_sender = flow.AckSender()
        self.pings = flow.Pings()
        self.barrier = flow.Barrier()
        self.disconnecting: common.Disconnecting | None = None
        """What the peer said before it closes."""
        self.round_trip: float | None = None
        """Seconds that the last PING took."""
        self.handled_serial = received_serial
        """Of the last message of the peer that was handed out."""
        self._answers = answers and role != "observer"
        self._own = "server" if role == "server" else "client"
        self._peer = "client" if role == "server" else "server"
        offsets = {"client": client_offset, "server": server_offset}
        senders = ("client", "server") if role == "observer" else (self._peer,)
        self.readers = {
            sender: framing.Reader(mini_header, size_limits(table, sender), offset=offsets[sender], serial=received_serial)
            for sender in senders
        }
        self._rows = {sender: dispatch.rows(table, sender) for sender in senders}
        self.writer = framing.Writer(mini_header, serial=sent_serial)
        self.queue: deque[Part | StreamLost] = deque()
        kind = type(self)
        self._direct = role == "server" and all(getattr(kind, name) is getattr(Channel, name) for name in _WAY_IN)
        self._parsers: dict[int, Callable[[bytes], Any]] = {}
        self._builders: dict[type, tuple[int, Callable[[Any], bytes]]] = {}
        self._lost: set[str] = set()
        self.unsent: list[bytes] = []
        self.watch: Callable[[str, int, bytes, int], None] | None = None
        self._now = 0.0
        self._ended = False
        self._reached = 0

    # -- bytes in

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        """Bytes of the peer; an observer says of which ``sender``. ``now`` is in seconds, on any clock."""
        sender = sender or self._peer
        reader = self.readers.get(sender)
        if reader is None:
            raise LocalError("nobody listens to this side", expected=", ".join(self.readers), actual=sender)
        self._now = now
        if self._ended or sender in self._lost:
            return
        try:
            frames = reader.feed(data)
        except RemoteError:
            frames = []
        for type, body, serial, offset, sub_list in frames:
            self.enqueue(sender, type, body, serial, offset, sub_list)
        if reader.error is not None:
            self._lose(sender, reader.error)

    def closed(self, *, sender: str = "") -> None:
        """The peer closed the connection. A message that is not whole becomes an error behind the last event.

        An observer says which ``sender`` it was, if it knows: what the other one had not sent yet is not its fault.
        """
        if self._ended:
            return
        for name, reader in self.readers.items():
            if name not in self._lost and sender in ("", name):
                try:
                    reader.finish()
                except RemoteError as error:
                    self._lose(name, error)

    def _lose(self, sender: str, error: RemoteError) -> None:
        self._lost.add(sender)
        reader = self.readers[sender]
        type, size, serial = reader.refused or (-1, -1, -1)
        placed = self._placed(error, sender)
        self.queue.append(StreamLost(sender, placed, type, size, serial, reader.pending, reader.wanted))

    def _placed(self, error: RemoteError, sender: str, name: str = "") -> RemoteError:
        place = f"{self.table}, from {sender}" if not name else f"{self.table} {name}, from {sender}"
        if error.where and error.where != place:
            place = f"{place}, {error.where}"
        error.where = place
        return error

    def enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        """A whole message has come: what is inside it, and itself, wait for :meth:`next_event`."""
        if self.watch is not None:
            self.watch(sender, type, body, serial)
        whole = Part(sender, type, body, serial, offset, False)
        if sub_list or (type == framing.LIST and sender == "server"):
            try:
                inside = framing.sub_messages(body, sub_list)
            except RemoteError as error:
                if self.role == "server":
                    self._lose(sender, error)
                    return
                name = self._name(sender, type)
                self.queue.append(_Bad(whole, self._placed(error, sender, name)))
                return
            whole.spans = framing.list_spans(sub_list, inside)
            parts = [Part(sender, number, content, serial, at, True) for number, content, at in inside]
            if parts:
                # What is inside comes first, and the ACK for the whole before that.
                parts[0].counts = True
                whole.counts = False
            self.queue.extend(parts)
        self.queue.append(whole)

    def _name(self, sender: str, type: int) -> str:
        row = dispatch.row(self.table, sender, type)
        return f"type {type}" if row is None else row.name

    # -- events out

    def next_event(self) -> Event | None:
        """The next thing that happened; None if there is nothing yet, or while the channel waits for others.

        Raises RemoteError where the peer broke a rule that ends the connection.
        """
        if not self.queue or self.barrier.waiting:
            return None
        part = self.queue.popleft()
        if isinstance(part, StreamLost):
            if self.role == "observer":
                return part
            self.end()
            raise part.error
        if part.counts and self.role == "client" and self.acks.received() and self._answers:
            self.answer(common.Ack())
        if not part.inside:
            self.handled_serial = part.serial
        if isinstance(part, _Bad):
            return _malformed(part, part.error, lists=True)
        row = self._rows[part.sender].get(part.type)
        if row is None:
            return self.unknown(part)
        size = self._reached = len(part.body)
        try:
            value = row.parse(part.body, self._note_reached)
        except RemoteError as error:
            self._placed(error, part.sender, row.name)
            if self.role == "server":
                self.end()
                raise
            return _malformed(part, error)
        self.note(value)
        tail = framing.stray(size, self._reached, part.spans) if part.spans or self._reached != size else 0
        return MessageReceived(value, row, part.sender, part.serial, size, tail, part.offset, part.inside)

    def has_come(self, kind: type) -> bool:
        """Whether a message of this class waits for :meth:`next_event`."""
        rows = self._rows[self._peer]
        waiting = {part.type for part in self.queue if isinstance(part, Part)}
        return any(number in rows and rows[number].value_class is kind for number in waiting)

    def go_on(self, sent_serial: int, received_serial: int) -> None:
        """Count on from the last messages of another connection, in whose place this one is: its channel has migrated.

        What has come here already counts too. Under full headers the numbers of the peer are its own.
        """
        self.writer.serial = sent_serial
        reader = self.readers[self._peer]
        if reader.mini:
            reader.serial += received_serial
            for part in self.queue:
                if isinstance(part, Part):
                    part.serial += received_serial
        self.handled_serial = received_serial

    def values(self, data: bytes, now: float = 0.0) -> Iterator[Any]:
        """:meth:`receive`, and the value of each message that can be handed out, for a server that wants nothing else of it.

        Each message is parsed when it is asked for. Raises as :meth:`next_event`; who stops asking gets no more of ``data``.
        """
        if self.queue or not self._direct:
            self.receive(data, now)
            yield from self._handed_out()
            return
        self._now = now
        parsers, sender, reader = self._parsers, self._peer, self.readers[self._peer]
        if self._ended or self._lost:
            return
        try:
            frames = reader.feed(data)
        except RemoteError:
            frames = []
        for type, body, serial, offset, sub_list in frames:
            if self._ended:
                return
            parse = parsers.get(type)
            if parse is None or sub_list:
                self.enqueue(sender, type, body, serial, offset, sub_list)
                yield from self._handed_out()
                row = self._rows[sender].get(type)
                if row is not None:
                    parsers[type] = row.parse
                continue
            self.handled_serial = serial
            try:
                value = parse(body)
            except RemoteError as error:
                self._placed(error, sender, self._name(sender, type))
                self.end()
                raise
            self.note(value)
            yield value
        if reader.error is not None and not self._ended:
            self._lose(sender, reader.error)
            yield from self._handed_out()

    def _handed_out(self) -> Iterator[Any]:
        while (event := self.next_event()) is not None:
            if isinstance(event, MessageReceived):
                yield event.value

    def _note_reached(self, offset: int) -> None:
        self._reached = offset

    def unknown(self, part: Part) -> UnknownMessage:
        """A message of a type that means nothing here (SPICE-FRAME-006, SPICE-FRAME-008)."""
        if self.role == "server":
            self.end()
            raise RemoteError(
                "an unknown message", where=f"{self.table}, from {part.sender}", offset=part.offset, actual=f"type {part.type}"
            )
        return UnknownMessage(part.type, part.body, part.sender, part.serial, part.offset, part.inside)

    def end(self) -> None:
        """Nothing more is heard from an endpoint's peer; an observer has lost one direction only."""
        if self.role != "observer":
            self._ended = True
            self.queue.clear()

    def note(self, value: Any) -> None:
        """What the messages of every channel mean for the connection."""
        act = _ACTIONS.get(type(value))
        if act is not None:
            act(self, value)

    def _on_set_ack(self, value: common.SetAck) -> None:
        if self.role == "client":
            self.acks.set_ack(value.generation, value.window)
            if self._answers:
                self.answer(common.AckSync(value.generation))

    def _on_ping(self, value: common.Ping) -> None:
        if self._answers and self.role == "client":
            self.answer(flow.pong(value))

    def _on_pong(self, value: common.Pong) -> None:
        if self.role == "server":
            found = self.pings.pong(value, self._now)
            if found is not None:
                self.round_trip = found

    def _on_ack_sync(self, value: common.AckSync) -> None:
        if self.role == "server":
            self.ack_sender.ack_sync(value.generation)

    def _on_ack(self, value: common.Ack) -> None:
        if self.role == "server":
            self.ack_sender.ack()

    def _on_wait(self, value: common.WaitForChannels) -> None:
        if self.role == "client":
            self.barrier.wait(value.wait_list)

    def _on_disconnecting(self, value: common.Disconnecting) -> None:
        self.disconnecting = value

    def proceed(self, handled: Callable[[int, int], int | None]) -> bool:
        """Look again whether the channel may stop waiting; see :meth:`spiceproto.flow.Barrier.check`."""
        return self.barrier.check(handled)

    # -- bytes out

    def bytes_to_send(self) -> bytes:
        """Answers that became due in :meth:`next_event`; each byte is given once."""
        data = b"".join(self.unsent)
        self.unsent.clear()
        return data

    def send(self, value: Any, *, inside: tuple[Any, ...] = ()) -> bytes:
        """The bytes of one message, to be sent behind what :meth:`bytes_to_send` gave before.

        ``inside`` are messages to be carried inside it, which needs full headers; else see :meth:`send_list`.

        Raises LocalError for what this end does not send on this channel.
        """
        type, body = self._build(value)
        if not inside:
            return self.frame(type, body)
        whole, at = framing.with_sub_messages(body, [self._build(item) for item in inside])
        return self.frame(type, whole, at)

    def send_apart(self, value: Any) -> tuple[bytes, ...]:
        """The bytes of one message, as :meth:`send` gives them; of one with a long stream in two pieces, without a copy of it.

        For peers that are to be tried: a class that overrides :meth:`frame` gets each message whole.
        """
        parts = apart(value, self._build) if type(self).frame is Channel.frame else None
        if parts is None:
            return (self.send(value),)
        number, head, stream = parts
        if self.role == "server":
            self.ack_sender.sent()
        return self.writer.header(number, len(head) + len(stream)) + head, stream

    def send_list(self, *values: Any) -> bytes:
        """The bytes of one LIST message that carries ``values``."""
        return self.frame(framing.LIST, framing.list_body([self._build(value) for value in values]))

    def send_raw(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        """The bytes of a message as the caller wants it: for peers that are to be tried with what nobody sends."""
        return self.frame(type, body, sub_list)

    def set_ack(self, window: int) -> bytes:
        """The bytes of SET_ACK; from then on :attr:`blocked` says when to stop sending."""
        type, body = self._build(self.ack_sender.set_ack(window))
        return self.writer.frame(type, body)

    def ping(self, now: float, padding: int = 0) -> bytes:
        """The bytes of a PING; :attr:`round_trip` changes when its PONG came."""
        return self.send(self.pings.ping(now, padding))

    @property
    def blocked(self) -> bool:
        """Whether the client has to acknowledge before a server sends more."""
        return self.ack_sender.blocked

    @property
    def sent_serial(self) -> int:
        """Of the last message sent."""
        return self.writer.serial

    def _build(self, value: Any) -> tuple[int, bytes]:
        known = self._builders.get(type(value))
        if known is None:
            if self.role == "observer":
                raise LocalError("an observer sends nothing")
            row = dispatch.row_of(self.table, self._own, value)
            known = self._builders[type(value)] = row.number, row.build
        number, build = known
        return number, build(value)

    def frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        """Header and body; every message that is sent passes here, but for SET_ACK."""
        if self.role == "observer":
            raise LocalError("an observer sends nothing")
        if self.role == "server":
            self.ack_sender.sent()
        data = self.writer.frame(type, body, sub_list)
        if self.watch is not None:
            self.watch(self._own, type, body, self.writer.serial)
        return data

    def answer(self, value: Any) -> None:
        """A message that is due without the owner's doing."""
        self.unsent.append(self.send(value))


_WAY_IN: Final = ("receive", "enqueue", "next_event")
"""What messages pass one by one, so that a peer that is to be tried can override it."""


class _Bad(Part):
    """A message whose sub-messages cannot be found."""

    __slots__ = ("error",)

    def __init__(self, part: Part, error: RemoteError) -> None:
        super().__init__(part.sender, part.type, part.body, part.serial, part.offset, part.inside)
        self.error = error


def _malformed(part: Part, error: RemoteError, *, lists: bool = False) -> MalformedMessage:
    return MalformedMessage(part.type, part.body, part.sender, part.serial, part.offset, error, part.inside, lists)


_ACTIONS: dict[type, Callable[[Channel, Any], None]] = {
    common.SetAck: Channel._on_set_ack,
    common.Ping: Channel._on_ping,
    common.Pong: Channel._on_pong,
    common.AckSync: Channel._on_ack_sync,
    common.Ack: Channel._on_ack,
    common.WaitForChannels: Channel._on_wait,
    common.Disconnecting: Channel._on_disconnecting,
}
