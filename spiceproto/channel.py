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
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from spiceproto import dispatch, flow, framing
from spiceproto.errors import LocalError, RemoteError
from spiceproto.messages import common
from spiceproto.size_limits import CHANNELS, size_limits

__all__ = ["Channel", "Event", "MalformedMessage", "MessageReceived", "Role", "UnknownMessage"]

Role = Literal["client", "server", "observer"]


class MessageReceived(msgspec.Struct, frozen=True):
    """A message.

    * ``value``: its body, a value of :mod:`spiceproto.messages`
    * ``row``: which message it is
    * ``sender``: "client" or "server"
    * ``serial``: its number in its direction; of the message around it for a sub-message
    * ``size``: of its body; ``tail`` bytes of that are behind the last field, and mean nothing
    * ``offset``: of its header in the stream, or for a sub-message in the body around it
    * ``inside``: it is a sub-message
    """

    value: Any
    row: dispatch.Row
    sender: str
    serial: int
    size: int
    tail: int
    offset: int
    inside: bool = False


class UnknownMessage(msgspec.Struct, frozen=True):
    """A message whose type means nothing on this channel. A client ignores it; a server ends the connection."""

    type: int
    body: bytes
    sender: str
    serial: int
    offset: int
    inside: bool = False


class MalformedMessage(msgspec.Struct, frozen=True):
    """A message that cannot be parsed, or whose sub-messages cannot be found. A client and an observer go on."""

    type: int
    body: bytes
    sender: str
    serial: int
    offset: int
    error: RemoteError
    inside: bool = False


Event = MessageReceived | UnknownMessage | MalformedMessage


class _Part:
    """A message on its way to :meth:`Channel.next_event`."""

    __slots__ = ("body", "counts", "inside", "offset", "sender", "serial", "type")

    def __init__(self, sender: str, type: int, body: bytes, serial: int, offset: int, inside: bool) -> None:
        self.counts = not inside
        self.sender = sender
        self.type = type
        self.body = body
        self.serial = serial
        self.offset = offset
        self.inside = inside


class Channel:
    """One established connection.

    ``role``           whose view this is
    ``table``          "main", "display", ...; the message table of the channel
    ``mini_header``    which header the ends agreed on
    ``answers``        whether ACK_SYNC, ACK and PONG are sent without asking
    ``client_offset, server_offset``  where the messages begin in the stream of each direction, for reports only
    ``sent_serial, received_serial``  numbers of the last messages, on a connection that migrated

    After :class:`~spiceproto.errors.RemoteError` left :meth:`next_event`, that direction is lost; an endpoint closes
    the connection, an observer may go on with the other direction.
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
        self._readers = {
            sender: framing.Reader(mini_header, size_limits(table, sender), offset=offsets[sender], serial=received_serial)
            for sender in senders
        }
        self._writer = framing.Writer(mini_header, serial=sent_serial)
        self._queue: deque[_Part | RemoteError] = deque()
        self._lost: set[str] = set()
        self._out: list[bytes] = []
        self._now = 0.0
        self._ended = False

    # -- bytes in

    def receive(self, data: bytes, now: float = 0.0, *, sender: str = "") -> None:
        """Bytes of the peer; an observer says of which ``sender``. ``now`` is in seconds, on any clock."""
        sender = sender or self._peer
        reader = self._readers.get(sender)
        if reader is None:
            raise LocalError("nobody listens to this side", expected=", ".join(self._readers), actual=sender)
        self._now = now
        if self._ended or sender in self._lost:
            return
        try:
            frames = reader.feed(data)
        except RemoteError:
            frames = []
        for type, body, serial, offset, sub_list in frames:
            self._enqueue(sender, type, body, serial, offset, sub_list)
        if reader.error is not None:
            self._lose(sender, reader.error)

    def closed(self) -> None:
        """The peer closed the connection. A message that is not whole becomes an error behind the last event."""
        if self._ended:
            return
        for sender, reader in self._readers.items():
            if sender not in self._lost:
                try:
                    reader.finish()
                except RemoteError as error:
                    self._lose(sender, error)

    def _lose(self, sender: str, error: RemoteError) -> None:
        self._lost.add(sender)
        self._queue.append(self._placed(error, sender))

    def _placed(self, error: RemoteError, sender: str, name: str = "") -> RemoteError:
        place = f"{self.table}, from {sender}" if not name else f"{self.table} {name}, from {sender}"
        if error.where and error.where != place:
            place = f"{place}, {error.where}"
        error.where = place
        return error

    def _enqueue(self, sender: str, type: int, body: bytes, serial: int, offset: int, sub_list: int) -> None:
        whole = _Part(sender, type, body, serial, offset, False)
        if sub_list or (type == framing.LIST and sender == "server"):
            try:
                inside = framing.sub_messages(body, sub_list)
            except RemoteError as error:
                if self.role == "server":
                    self._lose(sender, error)
                    return
                name = self._name(sender, type)
                self._queue.append(_Bad(whole, self._placed(error, sender, name)))
                return
            parts = [_Part(sender, number, content, serial, at, True) for number, content, at in inside]
            if parts:
                # What is inside comes first, and the ACK for the whole before that.
                parts[0].counts = True
                whole.counts = False
            self._queue.extend(parts)
        self._queue.append(whole)

    def _name(self, sender: str, type: int) -> str:
        row = dispatch.row(self.table, sender, type)
        return f"type {type}" if row is None else row.name

    # -- events out

    def next_event(self) -> Event | None:
        """The next thing that happened; None if there is nothing yet, or while the channel waits for others.

        Raises RemoteError where the peer broke a rule that ends the connection.
        """
        if not self._queue or self.barrier.waiting:
            return None
        part = self._queue.popleft()
        if isinstance(part, RemoteError):
            self._end()
            raise part
        if part.counts and self.role == "client" and self.acks.received() and self._answers:
            self._answer(common.Ack())
        if not part.inside:
            self.handled_serial = part.serial
        if isinstance(part, _Bad):
            return _malformed(part, part.error)
        row = dispatch.row(self.table, part.sender, part.type)
        if row is None:
            return self._unknown(part)
        reached = [len(part.body)]
        try:
            value = row.parse(part.body, lambda offset: reached.__setitem__(0, offset))
        except RemoteError as error:
            self._placed(error, part.sender, row.name)
            if self.role == "server":
                self._end()
                raise
            return _malformed(part, error)
        self._note(value)
        size = len(part.body)
        return MessageReceived(value, row, part.sender, part.serial, size, size - reached[0], part.offset, part.inside)

    def _unknown(self, part: _Part) -> UnknownMessage:
        if self.role == "server":
            self._end()
            raise RemoteError("an unknown message", where=f"{self.table}, from {part.sender}", offset=part.offset,
                              actual=f"type {part.type}")  # fmt: skip
        return UnknownMessage(part.type, part.body, part.sender, part.serial, part.offset, part.inside)

    def _end(self) -> None:
        """Nothing more is heard from an endpoint's peer; an observer has lost one direction only."""
        if self.role != "observer":
            self._ended = True
            self._queue.clear()

    def _note(self, value: Any) -> None:
        """What the messages of every channel mean for the connection."""
        act = _ACTIONS.get(type(value))
        if act is not None:
            act(self, value)

    def _on_set_ack(self, value: common.SetAck) -> None:
        if self.role == "client":
            self.acks.set_ack(value.generation, value.window)
            if self._answers:
                self._answer(common.AckSync(value.generation))

    def _on_ping(self, value: common.Ping) -> None:
        if self._answers and self.role == "client":
            self._answer(flow.pong(value))

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
        data = b"".join(self._out)
        self._out.clear()
        return data

    def send(self, value: Any, *, inside: tuple[Any, ...] = ()) -> bytes:
        """The bytes of one message, to be sent behind what :meth:`bytes_to_send` gave before.

        ``inside`` are messages to be carried inside it, which needs full headers; else see :meth:`send_list`.

        Raises LocalError for what this end does not send on this channel.
        """
        type, body = self._build(value)
        if not inside:
            return self._frame(type, body)
        whole, at = framing.with_sub_messages(body, [self._build(item) for item in inside])
        return self._frame(type, whole, at)

    def send_list(self, *values: Any) -> bytes:
        """The bytes of one LIST message that carries ``values``."""
        return self._frame(framing.LIST, framing.list_body([self._build(value) for value in values]))

    def send_raw(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        """The bytes of a message as the caller wants it: for peers that are to be tried with what nobody sends."""
        return self._frame(type, body, sub_list)

    def set_ack(self, window: int) -> bytes:
        """The bytes of SET_ACK; from then on :attr:`blocked` says when to stop sending."""
        type, body = self._build(self.ack_sender.set_ack(window))
        return self._writer.frame(type, body)

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
        return self._writer.serial

    def _build(self, value: Any) -> tuple[int, bytes]:
        if self.role == "observer":
            raise LocalError("an observer sends nothing")
        return dispatch.build(self.table, self._own, value)

    def _frame(self, type: int, body: bytes, sub_list: int = 0) -> bytes:
        if self.role == "observer":
            raise LocalError("an observer sends nothing")
        if self.role == "server":
            self.ack_sender.sent()
        return self._writer.frame(type, body, sub_list)

    def _answer(self, value: Any) -> None:
        self._out.append(self.send(value))


class _Bad(_Part):
    """A message whose sub-messages cannot be found."""

    __slots__ = ("error",)

    def __init__(self, part: _Part, error: RemoteError) -> None:
        super().__init__(part.sender, part.type, part.body, part.serial, part.offset, part.inside)
        self.error = error


def _malformed(part: _Part, error: RemoteError) -> MalformedMessage:
    return MalformedMessage(part.type, part.body, part.sender, part.serial, part.offset, error, part.inside)


_ACTIONS: dict[type, Callable[[Channel, Any], None]] = {
    common.SetAck: Channel._on_set_ack,
    common.Ping: Channel._on_ping,
    common.Pong: Channel._on_pong,
    common.AckSync: Channel._on_ack_sync,
    common.Ack: Channel._on_ack,
    common.WaitForChannels: Channel._on_wait,
    common.Disconnecting: Channel._on_disconnecting,
}
