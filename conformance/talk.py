"""The words in which a case talks: what is sent, what is expected, and what becomes of it when it does not come.

    Failure, NotApplicable     how a step ends a case
    Peer                       the suite's end of a case: steps, tolerated manners, the clock
    Wire                       one connection in its link stage: bytes sent as they are, answers read by hand
    Talk                       one channel after its link stage: messages

Every step is written down with the conversation. A step that waits, waits for something: an answer, the end of the
connection, or a short quiet in which nothing may come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from struct import pack
from typing import Any, Final, TypedDict, Unpack

import msgspec

from conformance.network import Network, Stream
from conformance.outcome import Failure, NotApplicable
from spiceproto import capabilities as caps
from spiceproto import dispatch, flow, framing
from spiceproto.capabilities import Capabilities
from spiceproto.capture.consumer import channel_name
from spiceproto.enums.base import WireEnum
from spiceproto.enums.link import LinkErr
from spiceproto.errors import RemoteError
from spiceproto.messages import common

__all__ = ["Failure", "Message", "NotApplicable", "Peer", "Talk", "Wire", "header", "link_message", "link_reply", "named"]

MESSAGE_SIZE: Final = 18
REPLY_SIZE: Final = 178
_KEY_SIZE: Final = 162
_CAPS_SIZE: Final = 12
"""Two numbers of words, and where they begin."""


def named(kind: type[WireEnum], value: int) -> str:
    """``value`` as people write it: ``PERMISSION_DENIED (7)``."""
    member = kind._value2member_map_.get(int(value))
    return f"{member.name} ({int(value)})" if member is not None else str(int(value))


def error_name(value: int | None) -> str:
    """Name of a link error; of the second link reply that some servers send in place of a result."""
    if value is None:
        return "nothing"
    if value == int.from_bytes(b"REDQ", "little"):
        return "a second link reply"
    return named(LinkErr, value)


# -- the structures of the link stage, as wrong as a case wants them


def header(size: int, *, magic: bytes = b"REDQ", major: int = 2, minor: int = 2) -> bytes:
    """A link header."""
    return magic + pack("<LLL", major, minor, size)


def _words(bits: int | tuple[int, ...]) -> tuple[int, ...]:
    return bits if isinstance(bits, tuple) else caps.words_of(bits)


class Freedom(TypedDict, total=False):
    """How wrong a link message or a link reply is to be.

    * ``common_caps``, ``channel_caps``: bits, or words as they are to stand there; none
    * ``counts``, ``offset``: what is said of the words, whatever is there
    * ``gap``, ``padding``: bytes before the words, and behind
    * ``size``, ``magic``, ``major``, ``minor``: what the header says
    """

    common_caps: int | tuple[int, ...]
    channel_caps: int | tuple[int, ...]
    counts: tuple[int, int] | None
    offset: int
    gap: bytes
    padding: bytes
    size: int | None
    magic: bytes
    major: int
    minor: int


def _with_words(
    start: bytes,
    *,
    common_caps: int | tuple[int, ...] = 0,
    channel_caps: int | tuple[int, ...] = 0,
    counts: tuple[int, int] | None = None,
    offset: int | None = None,
    gap: bytes = b"",
    padding: bytes = b"",
    size: int | None = None,
    magic: bytes = b"REDQ",
    major: int = 2,
    minor: int = 2,
) -> bytes:
    """Link header, ``start``, and the capabilities, which message and reply have at their end."""
    common_words, channel_words = _words(common_caps), _words(channel_caps)
    said = counts or (len(common_words), len(channel_words))
    begin = len(start) + _CAPS_SIZE if offset is None else offset
    words = b"".join([pack("<L", word) for word in common_words + channel_words])
    body = start + pack("<LLL", *said, begin) + gap + words + padding
    return header(len(body) if size is None else size, magic=magic, major=major, minor=minor) + body


def link_message(channel_type: int, channel_id: int = 0, connection_id: int = 0, **freedom: Unpack[Freedom]) -> bytes:
    """Link header and link message."""
    return _with_words(pack("<LBB", connection_id, channel_type, channel_id), **freedom)


def link_reply(public_key: bytes, *, error: int = 0, **freedom: Unpack[Freedom]) -> bytes:
    """Link header and link reply."""
    return _with_words(pack("<L", error) + public_key.ljust(_KEY_SIZE, b"\0"), **freedom)


# -- the suite's end


class Peer:
    """What both kinds of suite ends have.

    ``tolerated``          manners of the target that real peers live with
    ``leans_on``           sentences that the case relies on without being about them
    ``capabilities_seen``  what the target announced, by channel
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tolerated: list[str] = []
        self.leans_on: list[str] = []
        self.capabilities_seen: dict[str, Capabilities] = {}
        self._talks: list[Talk] = []

    @property
    def now(self) -> float:
        """Seconds since the case began."""
        return self.network.now

    def step(self, text: str, connection: int = 0) -> None:
        """Write down what comes next."""
        self.network.transcript.step(text, self.now, connection)

    def note(self, text: str) -> None:
        """Write down a remark."""
        self.network.transcript.note(text, self.now)

    def tolerate(self, manner: str) -> None:
        """What the target does is not as it should be, but real peers live with it."""
        if manner not in self.tolerated:
            self.tolerated.append(manner)

    def lean(self, *ids: str) -> None:
        """What follows relies on other sentences. If it fails, and one of their cases does not pass, it is blocked by that."""
        self.leans_on += [id for id in ids if id not in self.leans_on]

    def run(self, until: Callable[[], bool], within: float | None = None) -> bool:
        """Let things happen until ``until`` holds."""

        def look() -> bool:
            self.settled()
            return until()

        return self.network.run(look, self.network.patience if within is None else within)

    def wait(self, seconds: float) -> None:
        """Let so much time pass: only for sentences about time."""
        self.step(f"wait {seconds:g} s")
        self.run(lambda: False, seconds)

    def quiet(self) -> None:
        """Let pass what is under way: the short time after which what has not come does not come."""
        self.run(lambda: False, self.network.quiet)

    def adopt(self, talk: Talk) -> None:
        """From now on the channel is served while anybody waits."""
        self._talks.append(talk)

    def leave(self) -> None:
        """The case is over; its connections are still there."""

    def settled(self) -> None:
        """Let every channel take what has come."""
        for talk in self._talks:
            talk.pump()


class Wire:
    """One connection in its link stage, as raw as a case likes it."""

    def __init__(self, peer: Peer, stream: Stream) -> None:
        self.peer = peer
        self.stream = stream

    @property
    def number(self) -> int:
        """Which connection of the case this is."""
        return self.stream.number

    def step(self, text: str) -> None:
        """Write down what comes next."""
        self.peer.step(text, self.number)

    def send(self, data: bytes, text: str = "") -> None:
        """Bytes as they are."""
        if text:
            self.step(f"send {text}")
        self.stream.send(data)

    def send_apart(self, data: bytes, text: str) -> None:
        """Bytes as they are, each in a write of its own."""
        self.step(f"send {text}, a byte at a time")
        for at in range(len(data)):
            self.stream.send(data[at : at + 1])

    def spoil(self, why: str) -> None:
        """What the suite does here confuses the rules: from now on only the case itself judges this connection."""
        self.peer.note(f"the rules do not judge this connection: {why}")
        self.stream.line.spoiled = True

    def close(self) -> None:
        """End the connection."""
        self.stream.close()

    def take(self, size: int, within: float | None = None) -> bytes | None:
        """The next ``size`` bytes of the target; None if they do not come."""
        received = self.stream.received
        self.peer.run(lambda: len(received) >= size or bool(self.stream.ended), within)
        if len(received) < size:
            return None
        data = bytes(received[:size])
        del received[:size]
        return data

    def need(self, size: int, what: str) -> bytes:
        """The next ``size`` bytes. Raises Failure."""
        data = self.take(size)
        if data is None:
            raise Failure(what, self.state())
        return data

    def state(self) -> str:
        """How the connection stands, for people."""
        rest = f", {len(self.stream.received)} bytes unread" if self.stream.received else ""
        if self.stream.ended:
            return f"the connection was {self.stream.ended}{rest}"
        return f"nothing for {self.peer.network.patience:g} s{rest}"

    def expect_closed(self, within: float | None = None, *, rest: bool = False) -> None:
        """The target closes, and says nothing before that (unless ``rest``). Raises Failure."""
        self.step("expect the connection to be closed")
        if not self.peer.run(lambda: bool(self.stream.ended), within):
            raise Failure("the connection is closed", self.state())
        if self.stream.received and not rest:
            raise Failure("the connection is closed without another byte",
                          f"{len(self.stream.received)} bytes: {bytes(self.stream.received[:16]).hex()}")  # fmt: skip

    def expect_silence(self, what: str, seconds: float | None = None) -> None:
        """No byte comes. Raises Failure. Whether the connection stays is not asked here."""
        self.step(f"expect nothing: {what}")
        self.silent(seconds)
        if self.stream.received:
            raise Failure(f"no byte ({what})", f"{len(self.stream.received)} bytes: {bytes(self.stream.received[:16]).hex()}")

    def silent(self, seconds: float | None = None) -> bool:
        """Whether nothing came and the connection stayed."""
        quiet = self.peer.network.quiet if seconds is None else seconds
        self.peer.run(lambda: bool(self.stream.received) or bool(self.stream.ended), quiet)
        return not self.stream.received and not self.stream.ended


# -- messages


class Message(msgspec.Struct, frozen=True):
    """One message of the target. ``value`` is None if it could not be parsed or has no meaning here."""

    name: str
    number: int
    body: bytes
    serial: int
    value: Any = None
    inside: bool = False
    error: str = ""


class Talk:
    """One channel after its link stage.

    ``answers``  whether PING, SET_ACK and acknowledgements are answered as they should be (a suite that is a client)
    ``inbox``    messages of the target that no step has taken
    ``heard``    how often each message came, answered ones included
    ``sizes``    size of the largest body of each
    """

    def __init__(
        self,
        wire: Wire,
        table: str,
        channel_id: int,
        mini_header: bool,
        *,
        client: Capabilities,
        server: Capabilities,
        answers: bool = True,
    ) -> None:
        self.wire = wire
        self.peer = wire.peer
        self.table = table
        self.channel_id = channel_id
        self.mini_header = mini_header
        self.client = client
        self.server = server
        self.answers = answers
        self.inbox: deque[Message] = deque()
        self.heard: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        self.broken = ""
        self._own = wire.peer.network.own_role
        self._role = wire.peer.network.role
        self._reader = framing.Reader(mini_header)
        self._writer = framing.Writer(mini_header)
        self._acks = flow.AckReceiver()
        self.peer.adopt(self)
        self.pump()

    @property
    def stream(self) -> Stream:
        """The connection."""
        return self.wire.stream

    @property
    def name(self) -> str:
        """As in "main:0"."""
        return f"{self.table}:{self.channel_id}"

    @property
    def sent_serial(self) -> int:
        """Serial of the last message that the suite sent, whether or not headers carry it."""
        return self._writer.serial

    @property
    def closed(self) -> bool:
        """Whether the target has closed the channel."""
        return bool(self.stream.ended)

    # -- out

    def send(self, value: Any, *, text: str = "") -> None:
        """A message."""
        number, body = dispatch.build(self.table, self._own, value)
        row = dispatch.row(self.table, self._own, number)
        self.send_raw(number, body, text=text or (row.name if row is not None else ""))

    def send_raw(self, number: int, body: bytes, *, sub_list: int = 0, text: str = "") -> None:
        """A message as it is, with a right header."""
        self.peer.step(f"{self.name}: send {text or f'type {number}, {len(body)} bytes'}", self.wire.number)
        self.stream.send(self._writer.frame(number, body, sub_list))

    def send_list(self, *values: Any) -> None:
        """One LIST message that carries others."""
        body = framing.list_body([dispatch.build(self.table, self._own, value) for value in values])
        self.send_raw(framing.LIST, body, text=f"LIST of {len(values)}")

    def send_bytes(self, data: bytes, text: str) -> None:
        """Bytes as they are, header included; the serial is not counted."""
        self.peer.step(f"{self.name}: send {text}", self.wire.number)
        self.stream.send(data)

    def frame(self, value: Any) -> bytes:
        """The bytes of a message, for a case that cuts or joins them itself; the serial is counted."""
        return self._writer.frame(*dispatch.build(self.table, self._own, value))

    def frame_raw(self, number: int, body: bytes, *, sub_list: int = 0) -> bytes:
        """The bytes of a message as it is, behind a right header; the serial is counted."""
        return self._writer.frame(number, body, sub_list)

    def _quietly(self, value: Any) -> None:
        self.stream.send(self.frame(value))

    # -- in

    def pump(self) -> None:
        """Cut what has come into messages, and answer what has to be answered."""
        received = self.stream.received
        if not received or self.broken:
            return
        data = bytes(received)
        received.clear()
        try:
            frames = self._reader.feed(data)
        except RemoteError as error:
            self.broken = str(error)
            return
        if self._reader.error is not None:
            self.broken = str(self._reader.error)
        for number, body, serial, _, sub_list in frames:
            if sub_list or (number == framing.LIST and self._role == "server"):
                try:
                    parts = framing.sub_messages(body, sub_list)
                except RemoteError as error:
                    self.broken = str(error)
                    return
                for inner, content, _ in parts:
                    self._take(inner, content, serial, True)
            self._take(number, body, serial, False)

    def _take(self, number: int, body: bytes, serial: int, inside: bool) -> None:
        row = dispatch.row(self.table, self._role, number)
        value, error = None, ""
        if row is not None:
            try:
                value = row.parse(body)
            except RemoteError as problem:
                error = str(problem)
        name = row.name if row is not None else f"type {number}"
        self.heard[name] = self.heard.get(name, 0) + 1
        self.sizes[name] = max(self.sizes.get(name, 0), len(body))
        if self.answers and self._own == "client" and not self.closed:
            self._answer(value, inside)
        self.inbox.append(Message(name, number, body, serial, value, inside, error))

    def _answer(self, value: Any, inside: bool) -> None:
        if not inside and self._acks.received():
            self._quietly(common.Ack())
        if isinstance(value, common.SetAck):
            self._acks.set_ack(value.generation, value.window)
            self._quietly(common.AckSync(value.generation))
        elif isinstance(value, common.Ping):
            self._quietly(flow.pong(value))

    # -- steps

    def expect_message(
        self,
        *names: str,
        where: Callable[[Any], bool] | None = None,
        within: float | None = None,
        text: str = "",
    ) -> Message:
        """The next message with one of these names (any, if none is given); those before it are passed over.

        Raises Failure if it does not come in time, or the channel is closed first.
        """
        wanted = text or " or ".join(names) or "a message"
        if "PONG" in names or "PONG" in text:
            self.peer.lean("SPICE-FRAME-028/on-main")
        self.peer.step(f"{self.name}: expect {wanted}", self.wire.number)
        passed: list[str] = []

        def fits(message: Message) -> bool:
            if names and message.name not in names:
                return False
            return where is None or (message.value is not None and where(message.value))

        found: Message | None = None

        def look() -> bool:
            nonlocal found
            while self.inbox:
                message = self.inbox.popleft()
                if fits(message):
                    found = message
                    return True
                passed.append(message.name)
            return self.closed or bool(self.broken)

        self.peer.run(look, within)
        if found is None:
            raise Failure(wanted, self._instead(passed, within))
        return found

    def _instead(self, passed: list[str], within: float | None) -> str:
        seen = f"; passed over: {', '.join(passed[-6:])}" if passed else ""
        if self.broken:
            return f"bytes that are no message: {self.broken}{seen}"
        if self.closed:
            return f"{self.name} was {self.stream.ended}{seen}"
        seconds = self.peer.network.patience if within is None else within
        return f"nothing like it for {seconds:g} s{seen}"

    def expect(self, *names: str, where: Callable[[Any], bool] | None = None, within: float | None = None,
               text: str = "") -> Any:  # fmt: skip
        """The value of the next message with one of these names; see :meth:`expect_message`."""
        message = self.expect_message(*names, where=where, within=within, text=text)
        if message.value is None:
            raise Failure(f"a well-formed {message.name}", message.error or "a body that cannot be parsed")
        return message.value

    def expect_none(self, *names: str, why: str, seconds: float | None = None) -> None:
        """None of these comes in a short quiet time. Raises Failure."""
        self.peer.step(f"{self.name}: expect no {' or '.join(names)}: {why}", self.wire.number)
        before = sum(self.heard.get(name, 0) for name in names)
        quiet = self.peer.network.quiet if seconds is None else seconds
        self.peer.run(lambda: sum(self.heard.get(name, 0) for name in names) > before or self.closed, quiet)
        if sum(self.heard.get(name, 0) for name in names) > before:
            raise Failure(f"no {' or '.join(names)} ({why})", "it came")

    def expect_closed(self, within: float | None = None, *, why: str = "") -> None:
        """The target closes the channel. Raises Failure."""
        self.peer.step(f"{self.name}: expect the channel to be closed", self.wire.number)
        if not self.peer.run(lambda: self.closed, within):
            seconds = self.peer.network.patience if within is None else within
            reason = f" ({why})" if why else ""
            raise Failure(f"{self.name} is closed{reason}", f"it is open after {seconds:g} s")

    def wait_closed(self, within: float | None = None) -> bool:
        """Whether the target closes the channel in time."""
        return self.peer.run(lambda: self.closed, within)

    def expect_open(self, why: str = "") -> None:
        """The channel was not closed. Raises Failure. Ask after something else has shown that the target went on."""
        if self.closed:
            raise Failure(f"{self.name} stays open" + (f" ({why})" if why else ""), f"it was {self.stream.ended}")

    def count(self, name: str) -> int:
        """How often a message came so far."""
        self.peer.settled()
        return self.heard.get(name, 0)

    def drop(self) -> None:
        """Forget what lies in the inbox: what comes from now on is new."""
        self.peer.settled()
        self.inbox.clear()

    def close(self) -> None:
        """End the connection."""
        self.peer.step(f"{self.name}: close", self.wire.number)
        self.stream.close()


def table_of(channel_type: int) -> str:
    """Message table of a channel type."""
    return channel_name(int(channel_type))
