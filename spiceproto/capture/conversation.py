"""One SPICE connection of a capture: the link stage, then a row of messages in each direction.

A :class:`Conversation` is the sink that the transport layers feed; it hands what it finds to a :class:`Consumer`, which
writes a report, draws pictures, or collects. Each direction after the link stage is a :class:`Lane`.

**Speed.** Most messages of a busy capture arrive one to a segment and nothing is waiting: then a lane unpacks the header
and hands the rest on, and that is all. What else can happen is in slower methods.

**Holes.** When bytes are missing inside a message whose header was seen, its end is known: the message is lost, and the
next header stands where it should. Otherwise the lane looks for a place from which on headers follow each other
plausibly. Either way a problem says how many bytes nobody could read.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, Any, Protocol

from spiceproto import dispatch, framing, limits
from spiceproto.agent import AgentReader, capability_bits
from spiceproto.agent import table as agent_table
from spiceproto.capture.sessions import Session, Sessions
from spiceproto.errors import RemoteError, SpiceError
from spiceproto.link import Established, Failed, LinkObserver, Opaque, Record
from spiceproto.link import Problem as LinkProblem

if TYPE_CHECKING:
    from spiceproto.capture.layers import Connection

__all__ = ["Consumer", "Conversation", "Emit", "Lane", "Problem"]

_mini = Struct("<HL")
_full = Struct("<QHLL")
_MINI_SIZE = framing.MINI_HEADER_SIZE
_FULL_SIZE = framing.FULL_HEADER_SIZE
_LIST = 8
CHANNELS = ("main", "display", "inputs", "cursor", "playback", "record", "tunnel", "smartcard", "usbredir", "port", "webdav")
_RESYNC_WINDOW = 1 << 16
_RESYNC_HEADERS = 3
_LONG = 4096
"""Bytes from which on a message is worth not to be copied twice."""
_IDLE, _WAITING, _SEARCHING, _NEVER = 0, 1, 2, 3
_TRANSPORT_NOTES = ("tls-opaque",)

Emit = Callable[[int, bytes, int, int, tuple[int, ...]], None]
"""Type, body, serial, time in ns since the epoch, frames."""


def channel_name(number: int) -> str:
    """Name of a channel type; ``channel-77`` for a number that has none."""
    return CHANNELS[number - 1] if 1 <= number <= len(CHANNELS) else f"channel-{number}"


class Problem:
    """Something that is not as it should be: ``severity`` is error, warning or note."""

    __slots__ = (
        "actual",
        "code",
        "conversation",
        "expected",
        "frame",
        "number",
        "sender",
        "severity",
        "text",
        "time_ns",
        "where",
    )

    def __init__(
        self,
        severity: str,
        code: str,
        text: str,
        *,
        conversation: Conversation | None = None,
        sender: str = "",
        time_ns: int = 0,
        frame: int = 0,
        number: int = 0,
        where: str = "",
        expected: str = "",
        actual: str = "",
    ) -> None:
        self.severity = severity
        self.code = code
        self.text = text
        self.conversation = conversation
        self.sender = sender
        self.time_ns = time_ns
        self.frame = frame
        self.number = number
        self.where = where
        self.expected = expected
        self.actual = actual


class Consumer(Protocol):
    """Takes what a capture holds, in the order in which it was sent."""

    def connection(self, conversation: Conversation) -> None:
        """The channel is known; called once, before anything else of this connection but problems."""

    def link(self, conversation: Conversation, item: Any, time_ns: int, frame: int) -> None:
        """A step of the link stage."""

    def lane(self, conversation: Conversation, sender: str) -> Emit:
        """The link stage is over; the function that takes the messages of one sender."""

    def agent(
        self, conversation: Conversation, sender: str, table: str, type: int, body: bytes, time_ns: int, frame: int
    ) -> None:
        """A whole agent message."""

    def problem(self, problem: Problem) -> None:
        """Something is not as it should be."""

    def closed(self, conversation: Conversation, time_ns: int, frame: int) -> None:
        """The connection ended."""


class Owner(Protocol):
    """What a conversation needs of the capture it is in."""

    consumer: Consumer
    sessions: Sessions
    undecoded: int
    incomplete: int
    """Bytes of messages that the end of a stream cut off."""
    number: int
    """Of the message handed on last."""


class Lane:
    """The messages of one sender.

    ``state`` is IDLE between messages, WAITING while the bytes of one gather in ``_pending``, and SEARCHING when something has
    to be skipped first.
    """

    __slots__ = (
        "_body_left",
        "_frames",
        "_have",
        "_lost",
        "_need",
        "_pending",
        "_skipped",
        "conversation",
        "emit",
        "header",
        "hooks",
        "limit",
        "receive",
        "sender",
        "serial",
        "state",
    )

    def __init__(self, conversation: Conversation, sender: str, *, mini: bool) -> None:
        self.conversation = conversation
        self.sender = sender
        self.header = _MINI_SIZE if mini else _FULL_SIZE
        self.serial = 0
        self.limit = limits.MESSAGE_BODY
        self.hooks = conversation.hooks(sender)
        self.emit = conversation.owner.consumer.lane(conversation, sender)
        self.state = _IDLE
        self._pending: list[bytes] = []
        self._have = 0
        self._need = 0
        self._frames: list[int] = []
        self._body_left = 0
        self._lost = False
        self._skipped = 0
        self.receive = self._receiver()

    def _receiver(self) -> Callable[[bool, bytes, int, int], None]:
        """The function that takes the next bytes, for as long as the connection lasts."""
        unpack, hooks, emit, pending, frames = _mini.unpack_from, self.hooks, self.emit, self._pending, self._frames
        idle = _IDLE if self.header == _MINI_SIZE else _NEVER

        def receive(from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
            state = self.state
            if state == idle:
                size = len(chunk) - _MINI_SIZE
                if size >= 0:
                    number, length = unpack(chunk)
                    if length == size:
                        self.serial = serial = self.serial + 1
                        body = chunk[_MINI_SIZE:]
                        if number in hooks:
                            hooks[number](self, body, time_ns, frame)
                        emit(number, body, serial, time_ns, (frame,))
                        return
            elif state == _WAITING:
                self._have = have = self._have + len(chunk)
                if have < self._need:
                    pending.append(chunk)
                    frames.append(frame)
                    return
                self._have = have - len(chunk)
            self._collect(chunk, time_ns, frame)

        return receive

    def _collect(self, chunk: bytes, time_ns: int, frame: int) -> None:
        if self._body_left:  # the rest of a message that lost some of its bytes
            skip = min(self._body_left, len(chunk))
            self._body_left -= skip
            self.conversation.owner.undecoded += skip
            chunk = chunk[skip:]
            if not self._body_left:
                self.state = _IDLE
            if not chunk:
                return
        self._frames.append(frame)
        if self._pending:
            self._have += len(chunk)
            if self._have < self._need:
                self._pending.append(chunk)
                return
            chunk = self._joined(chunk, time_ns)
            self._pending.clear()
        self._have = self._need = 0
        at = 0
        if self._lost:
            found = self._find_header(chunk)
            if found is None:
                return
            self._skipped += found
            self.conversation.resynchronised(self, self._skipped, time_ns, frame)
            self._lost = False
            self._skipped = 0
            at = found
        self.state = _IDLE
        self._cut(chunk, at, time_ns, frame)

    def _joined(self, chunk: bytes, time_ns: int) -> bytes:
        """The bytes that gathered, with ``chunk``. A long message is handed on here, to be copied once and not twice."""
        over = self._have - self._need
        if self.state == _WAITING and self.header == _MINI_SIZE and self._need > _LONG and len(self._pending[0]) >= _MINI_SIZE:
            number, _ = _mini.unpack_from(self._pending[0])
            if number != _LIST:
                rest = chunk[len(chunk) - over :] if over else b""
                self._pending[0] = self._pending[0][_MINI_SIZE:]
                body = b"".join((*self._pending, chunk[: len(chunk) - over] if over else chunk))
                frames = tuple(dict.fromkeys(self._frames))
                del self._frames[:-1]
                self.serial += 1
                hook = self.hooks.get(number)
                if hook is not None:
                    hook(self, body, time_ns, frames[-1])
                self.emit(number, body, self.serial, time_ns, frames)
                return rest
        self._pending.append(chunk)
        return b"".join(self._pending)

    def _cut(self, chunk: bytes, at: int, time_ns: int, frame: int) -> None:
        """Hand on the whole messages of ``chunk`` from ``at`` on, and keep the rest."""
        end = len(chunk)
        header = self.header
        sub_list = 0
        while end - at >= header:
            if header == _MINI_SIZE:
                serial = self.serial + 1
                number, size = _mini.unpack_from(chunk, at)
            else:
                serial, number, size, sub_list = _full.unpack_from(chunk, at)
            start = at + header
            stop = start + size
            if stop > end:
                if size > self.limit:
                    self._too_long(chunk, at, number, size, time_ns, frame)
                else:
                    self._keep(chunk[at:] if at else chunk, header + size)
                return
            self.serial = serial
            body = chunk[start:stop]
            frames = tuple(dict.fromkeys(self._frames))
            if sub_list:
                self._sub_messages(body, sub_list, time_ns, frames)
            if number == _LIST and self.sender == "server":
                self._sub_messages(body, 0, time_ns, frames)
            hook = self.hooks.get(number)
            if hook is not None:
                hook(self, body, time_ns, frame)
            self.emit(number, body, serial, time_ns, frames)
            self._frames.clear()
            self._frames.append(frame)
            at = stop
        if at < end:
            self._keep(chunk[at:] if at else chunk, header)
        else:
            self._frames.clear()

    def _keep(self, rest: bytes, need: int) -> None:
        self._pending.append(rest)
        self._have = len(rest)
        self._need = need
        self.state = _SEARCHING if self._lost else _WAITING

    def _sub_messages(self, body: bytes, offset: int, time_ns: int, frames: tuple[int, ...]) -> None:
        """Messages inside the body of another; they come before it."""
        try:
            inside = framing.sub_messages(body, offset)
        except RemoteError as error:
            self.conversation.failed(self.sender, "sub-messages", error, time_ns, frames[-1])
            return
        for number, content, _ in inside:
            self.emit(number, content, self.serial, time_ns, frames)

    def _too_long(self, chunk: bytes, at: int, number: int, size: int, time_ns: int, frame: int) -> None:
        self.conversation.report(
            "error",
            "message-too-long",
            "a message is longer than any may be",
            self.sender,
            time_ns,
            frame,
            expected=f"at most {self.limit} bytes",
            actual=f"type {number}, {size} bytes",
        )
        self._lost = True
        self._skipped = 1
        self._keep(chunk[at + 1 :], 0)

    def gap(self, size: int, time_ns: int, frame: int) -> None:
        """``size`` bytes are not in the capture."""
        conversation = self.conversation
        if self._body_left and size <= self._body_left:
            self._body_left -= size
            if not self._body_left:
                self.state = _IDLE
            return
        gathered = sum(map(len, self._pending))
        left = self._need - self._have
        self._pending.clear()
        self._frames.clear()
        known = self.state == _WAITING and self._have >= self.header and size <= left
        self._have = self._need = self._body_left = 0
        if known:
            self.serial += 1
            self._body_left = left - size
            self.state = _SEARCHING if self._body_left else _IDLE
            conversation.owner.undecoded += gathered
            conversation.report(
                "warning",
                "message-lost",
                "bytes of this message are missing from the capture",
                self.sender,
                time_ns,
                frame,
                actual=f"{size} bytes missing",
            )
            return
        self._skipped += gathered
        self._lost = True
        self.state = _SEARCHING

    def _find_header(self, chunk: bytes) -> int | None:
        """Where a row of plausible messages begins. None: ``chunk`` is kept, or its end if it is long, for more bytes."""
        known = dispatch.rows(self.conversation.table, self.sender)
        for at in range(max(len(chunk) - self.header + 1, 0)):
            if self._plausible(chunk, at, known):
                return at
        if len(chunk) > _RESYNC_WINDOW:
            keep = _RESYNC_WINDOW // 2
            self._skipped += len(chunk) - keep
            chunk = chunk[-keep:]
        # Look again when there is a good deal more, so that the work stays in proportion to the bytes.
        self._keep(chunk, len(chunk) + max(len(chunk) // 2, self.header))
        return None

    def _plausible(self, chunk: bytes, at: int, known: dict[int, dispatch.Row]) -> bool:
        """Whether messages with known numbers and well-formed bodies follow each other from ``at`` on."""
        end = len(chunk)
        count = 0
        while end - at >= self.header:
            if self.header == _MINI_SIZE:
                number, size = _mini.unpack_from(chunk, at)
            else:
                _, number, size, _ = _full.unpack_from(chunk, at)
            row = known.get(number)
            if row is None or size > self.limit:
                return False
            start = at + self.header
            at = start + size
            if at > end:
                return count > 1
            tails: list[int] = []
            try:
                row.parse(chunk[start:at], tails.append)
            except RemoteError:
                return False
            if tails:
                return False
            count += 1
            if count == _RESYNC_HEADERS:
                return True
        return count > 1 and at == end

    def finish(self, time_ns: int, frame: int) -> None:
        """No more bytes will come."""
        conversation = self.conversation
        waiting = sum(map(len, self._pending))
        if self._lost and waiting:
            chunk = b"".join(self._pending)
            self._pending.clear()
            known = dispatch.rows(conversation.table, self.sender)
            found = next((at for at in range(waiting) if self._plausible(chunk, at, known)), None)
            if found is not None:
                conversation.resynchronised(self, self._skipped + found, time_ns, frame)
                self._lost = False
                self._skipped = 0
                self._frames.append(frame)
                self._cut(chunk, found, time_ns, frame)
                waiting = sum(map(len, self._pending))
        if self._lost:
            conversation.owner.undecoded += self._skipped + waiting
            conversation.report(
                "warning",
                "not-resynchronised",
                "after missing bytes, no message could be found",
                self.sender,
                time_ns,
                frame,
                actual=f"{self._skipped + waiting} bytes skipped",
            )
        elif waiting:
            conversation.owner.incomplete += waiting
            conversation.report(
                "note",
                "message-incomplete",
                "the stream ends inside a message",
                self.sender,
                time_ns,
                frame,
                expected=f"{self._need} bytes",
                actual=f"{waiting} bytes",
            )
        self._pending.clear()
        self._skipped = self._have = self._need = 0


class Conversation:
    """One connection. Attributes are settled once ``connection`` of the consumer was called.

    ``channel``      "main", "display", ...; "channel-77" for a number that means none
    ``table``        the message table of that channel
    ``session``      the session this connection belongs to, or None
    """

    __slots__ = (
        "_agent",
        "_agent_bits",
        "_lanes",
        "_link",
        "_named",
        "channel",
        "channel_id",
        "client_capabilities",
        "connection",
        "connection_id",
        "mini_header",
        "opaque",
        "owner",
        "server_capabilities",
        "session",
        "table",
    )

    def __init__(self, owner: Owner, connection: Connection, *, channel: str | None = None) -> None:
        self.owner = owner
        self.connection = connection
        self.channel = ""
        self.channel_id = 0
        self.table = ""
        self.connection_id = 0
        self.session: Session | None = None
        self.client_capabilities: Any = None
        self.server_capabilities: Any = None
        self.mini_header = True
        self.opaque = 0
        self._named = False
        self._lanes: dict[bool, Lane] = {}
        self._agent = {"client": AgentReader(), "server": AgentReader()}
        self._agent_bits = {"client": 0, "server": 0}
        self._link: LinkObserver | None = LinkObserver()
        if channel is not None:
            name, _, number = channel.partition(":")
            self._link = None
            self.channel = self.table = name
            self.channel_id = int(number or 0)
            self.session = owner.sessions.unlinked(connection.server)
            self._announce()
            self._start(mini=True)

    # -- the sink of the transport

    def data(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        """The next bytes of one side."""
        lane = self._lanes.get(from_client)
        if lane is not None:
            lane.receive(from_client, chunk, time_ns, frame)
        elif self._link is not None:
            self._link_stage(from_client, chunk, time_ns, frame)
        else:
            self.opaque += len(chunk)
            self.owner.undecoded += len(chunk)

    def gap(self, from_client: bool, size: int, time_ns: int, frame: int) -> None:
        """Bytes are missing."""
        sender = "client" if from_client else "server"
        self.report("warning", "gap", "bytes are missing from the capture", sender, time_ns, frame, actual=f"{size} bytes")
        lane = self._lanes.get(from_client)
        if lane is not None:
            lane.gap(size, time_ns, frame)
        elif self._link is not None:
            self._link = None
            self.report(
                "warning",
                "link-stage-lost",
                "bytes of the link stage are missing; the rest cannot be decoded",
                sender,
                time_ns,
                frame,
            )

    def closed(self, time_ns: int, frame: int) -> None:
        """The end."""
        if self._link is not None:
            self._link_ended(time_ns, frame)
        for lane in self._lanes.values():
            lane.finish(time_ns, frame)
        if self.opaque and self.connection.layers[-1].startswith("sasl"):
            self.report(
                "note",
                "sasl-encrypted",
                "the security layer of SASL hides what follows the login",
                "",
                time_ns,
                frame,
                actual=f"{self.opaque} bytes",
            )
        for sender, reader in self._agent.items():
            if reader.pending:
                self.report(
                    "note",
                    "agent-message-incomplete",
                    "the stream ends inside an agent message",
                    sender,
                    time_ns,
                    frame,
                    actual=f"{reader.pending} bytes",
                )
        self.owner.consumer.closed(self, time_ns, frame)

    # -- the link stage

    def _link_stage(self, from_client: bool, chunk: bytes, time_ns: int, frame: int) -> None:
        assert self._link is not None
        self._link_items(self._link.receive("client" if from_client else "server", chunk), time_ns, frame)

    def _link_items(self, items: list[Any], time_ns: int, frame: int) -> None:
        for item in items:
            if isinstance(item, LinkProblem):
                code = item.code if item.code.startswith("link-") else f"link-{item.code}"
                self.report(
                    item.severity,
                    code,
                    item.rule.removesuffix("."),
                    item.sender,
                    time_ns,
                    frame,
                    expected=item.expected,
                    actual=item.actual,
                    where=f"byte {item.offset} of the link stage",
                )
            elif isinstance(item, Record):
                self._note(item)
                self.owner.consumer.link(self, item, time_ns, frame)
            else:
                self._link_over(item, time_ns, frame)

    def _note(self, item: Record) -> None:
        """The link message says which channel this is."""
        if item.kind == "link-message":
            message = item.value
            self.channel = self.table = channel_name(int(message.channel_type))
            self.channel_id = message.channel_id
            self.connection_id = message.connection_id

    def _link_over(self, item: Any, time_ns: int, frame: int) -> None:
        self._link = None
        if isinstance(item, Failed):
            self._announce()
            self.owner.consumer.link(self, item, time_ns, frame)
            rest = len(item.client_rest) + len(item.server_rest)
            if rest:
                self.owner.undecoded += rest
                self.report(
                    "note",
                    "bytes-after-refusal",
                    "bytes follow a link stage that failed",
                    "",
                    time_ns,
                    frame,
                    actual=f"{rest} bytes",
                )
            return
        established: Established = item.established if isinstance(item, Opaque) else item
        self.client_capabilities = established.client
        self.server_capabilities = established.server
        self.mini_header = established.mini_header
        self.session = self.owner.sessions.linked(self.connection.server, self.connection_id)
        self._announce()
        self.owner.consumer.link(self, item, time_ns, frame)
        if isinstance(item, Opaque):
            self.connection.layers.append(f"sasl-{item.sasl_mechanism.lower()}")
        else:
            self._start(mini=established.mini_header)
        for from_client, begun in ((True, established.client_rest), (False, established.server_rest)):
            if begun:
                self.data(from_client, begun, time_ns, frame)

    def _link_ended(self, time_ns: int, frame: int) -> None:
        assert self._link is not None
        self._link_items(self._link.closed(), time_ns, frame)

    def _announce(self) -> None:
        if not self._named:
            self._named = True
            self.owner.consumer.connection(self)

    def _start(self, *, mini: bool) -> None:
        """Both lanes are open."""
        self.mini_header = mini
        if self.table in CHANNELS:
            self._lanes = {True: Lane(self, "client", mini=mini), False: Lane(self, "server", mini=mini)}
            for from_client, lane in self._lanes.items():
                self.connection.shortcut(self, from_client, lane.receive)

    # -- what some messages mean for the rest

    def hooks(self, sender: str) -> dict[int, Callable[[Lane, bytes, int, int], None]]:
        """Message number to what has to be noted about it."""
        if self.table != "main":
            return {}
        if sender == "server":
            return {103: self._main_init, 109: self._agent_data}
        return {107: self._agent_data}

    def _main_init(self, lane: Lane, body: bytes, time_ns: int, frame: int) -> None:
        if self.session is not None and len(body) >= 4:
            self.owner.sessions.identify(self.session, self.connection.server, int.from_bytes(body[:4], "little"))

    def _agent_data(self, lane: Lane, body: bytes, time_ns: int, frame: int) -> None:
        sender = lane.sender
        try:
            found = self._agent[sender].receive(body)
        except RemoteError as error:
            self._agent[sender] = AgentReader()
            self.failed(sender, "agent", error, time_ns, frame)
            return
        for number, _, content in found:
            name = agent_table(self._agent_bits["client"], self._agent_bits["server"])
            if number == 6 and len(content) >= 8:
                words = tuple(int.from_bytes(content[at : at + 4], "little") for at in range(4, len(content) & ~3, 4))
                self._agent_bits[sender] = capability_bits(words)
            self.owner.consumer.agent(self, sender, name, number, content, time_ns, frame)

    # -- problems

    def problem(self, code: str, text: str, from_client: bool, time_ns: int, frame: int) -> None:
        """The transport below has a problem."""
        severity = "note" if code in _TRANSPORT_NOTES else "warning"
        if code == "tls-opaque":
            self.opaque = self.connection.opaque_bytes
            self.owner.undecoded += self.opaque
        self.report(severity, code, text, "client" if from_client else "server", time_ns, frame)

    def report(
        self,
        severity: str,
        code: str,
        text: str,
        sender: str,
        time_ns: int,
        frame: int,
        *,
        expected: str = "",
        actual: str = "",
        where: str = "",
        number: int = 0,
    ) -> None:
        """Hand a problem of this connection to the consumer."""
        self.owner.consumer.problem(
            Problem(
                severity,
                code,
                text,
                conversation=self,
                sender=sender,
                time_ns=time_ns,
                frame=frame,
                number=number,
                where=where,
                expected=expected,
                actual=actual,
            )
        )

    def failed(self, sender: str, what: str, error: SpiceError, time_ns: int, frame: int, number: int = 0) -> None:
        """A message could not be parsed."""
        place = error.path + (f" byte {error.offset}" if error.offset is not None else "")
        self.report(
            "error",
            "malformed-message",
            f"{what}: {error.what}",
            sender,
            time_ns,
            frame,
            expected=error.expected,
            actual=error.actual,
            where=place,
            number=number,
        )

    def resynchronised(self, lane: Lane, skipped: int, time_ns: int, frame: int) -> None:
        """Messages follow each other again."""
        self.owner.undecoded += skipped
        self.report(
            "warning",
            "resynchronised",
            "after missing bytes, decoding goes on at a plausible message",
            lane.sender,
            time_ns,
            frame,
            actual=f"{skipped} bytes skipped",
        )
