"""The suite as a client: the target is a server.

A case gets a :class:`SuiteClient`. It can open a bare connection and send what it likes, or link a channel as every
client does; :meth:`SuiteClient.session` does what stands at the beginning of most cases.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from conformance.network import ServerNetwork, Stream
from conformance.outcome import Failure, NotApplicable, TargetUnusable
from conformance.talk import REPLY_SIZE, Peer, Talk, Wire, error_name, link_message, table_of
from spiceproto import capabilities as caps
from spiceproto import dispatch, framing, ticket
from spiceproto.capabilities import NONE, Capabilities
from spiceproto.enums.capabilities import CommonCapability, DisplayCapability, InputsCapability, MainCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.enums.main import MouseMode
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_header, parse_reply
from spiceproto.messages import display, inputs, main
from spiceproto.messages.link import LinkReply

if TYPE_CHECKING:
    from conformance.target import Target

__all__ = ["CHANNEL", "COMMON", "Answer", "ClientWire", "SuiteClient"]

COMMON: Final = NONE.with_(CommonCapability.PROTOCOL_AUTH_SELECTION, CommonCapability.AUTH_SPICE, CommonCapability.MINI_HEADER)
"""What the suite announces on every channel."""

CHANNEL: Final[dict[int, Capabilities]] = {
    ChannelType.MAIN: NONE.with_(MainCapability.NAME_AND_UUID, MainCapability.AGENT_CONNECTED_TOKENS),
    ChannelType.INPUTS: NONE.with_(InputsCapability.KEY_SCANCODE),
    ChannelType.DISPLAY: NONE.with_(DisplayCapability.MONITORS_CONFIG),
}
"""What it announces besides, by channel type."""

_CACHE_PIXELS: Final = 1 << 20
_BAD_ID: Final = 0x5EED5EED


class Answer(msgspec.Struct, frozen=True):
    """How a link was answered.

    * ``kind``: "reply" (a link reply), "result" (a link result), "second-reply" (a link reply in place of the result),
      "closed", "silence", "bytes" (something else)
    * ``error``: the number in it
    * ``stage``: "link" before the login, "login" after
    * ``data``: how something else begins
    """

    kind: str
    error: int | None = None
    stage: str = "link"
    data: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it is a link reply or a link result without an error."""
        return self.kind in ("reply", "result") and self.error == LinkErr.OK

    def __str__(self) -> str:
        if self.kind in ("reply", "result"):
            return f"link {self.kind} {error_name(self.error)}"
        if self.kind == "bytes":
            return f"bytes that are no answer{f': {self.data[:16].hex()}' if self.data else ''}"
        if self.kind == "second-reply":
            return "a second link reply"
        return {"closed": "closed without an answer", "silence": "no answer, and not closed"}.get(self.kind, self.kind)


class ClientWire(Wire):
    """A connection to a server in its link stage."""

    peer: SuiteClient

    def reply(self) -> LinkReply:
        """A link reply without an error. Raises Failure."""
        found = self.try_reply()
        if isinstance(found, Answer):
            raise Failure("a link reply without an error", str(found))
        return found

    def try_reply(self) -> LinkReply | Answer:
        """A link reply without an error, or how the server answered instead. Raises Failure for one that is too short."""
        self.step("expect a link reply")
        found, body = self._reply()
        if not found.ok:
            return found
        if len(body) < REPLY_SIZE:
            raise Failure(f"a link reply of at least {REPLY_SIZE} bytes", f"{len(body)} bytes")
        return parse_reply(body)

    def _reply(self) -> tuple[Answer, bytes]:
        head = self.take(16)
        if head is None:
            if self.stream.received:
                return Answer("bytes", data=bytes(self.stream.received)), b""
            return Answer("closed" if self.stream.ended else "silence"), b""
        if head[:4] != b"REDQ":
            return Answer("bytes", data=head), b""
        size = parse_header(head).size
        body = self.take(size) if size <= 1 << 16 else None
        if body is None or len(body) < 4:
            return Answer("bytes", data=head), b""
        return Answer("reply", int.from_bytes(body[:4], "little")), body

    def answer(self) -> Answer:
        """How the server takes a link message: its link reply, whatever it says, or its silence."""
        self.step("expect an answer to the link message")
        return self._reply()[0]

    def result(self) -> Answer:
        """How the server takes a login."""
        self.step("expect a link result")
        data = self.take(4)
        if data is None:
            if self.stream.received:
                return Answer("bytes", stage="login", data=bytes(self.stream.received))
            return Answer("closed" if self.stream.ended else "silence", stage="login")
        if data == b"REDQ":
            rest = self.take(12)
            size = int.from_bytes(rest[8:], "little") if rest is not None else 0
            body = self.take(size) if 4 <= size <= 4096 else None
            return Answer("second-reply", int.from_bytes(body[:4], "little") if body else None, stage="login")
        return Answer("result", int.from_bytes(data, "little"), stage="login")

    def mechanism(self, number: int) -> None:
        """Say how the login is to be."""
        self.send(number.to_bytes(4, "little"), f"mechanism {number}")

    def ticket(self, key: bytes, password: str | bytes | None = None) -> None:
        """The ticket for a password, the target's own if none is given."""
        self.send(self.encrypted(key, password), "a ticket")

    def encrypted(self, key: bytes, password: str | bytes | None = None) -> bytes:
        """The bytes of a ticket, for a case that cuts or joins them itself."""
        text = self.peer.password if password is None else password
        try:
            return ticket.encrypt_plaintext(key, (text.encode() if isinstance(text, str) else text) + b"\0")
        except RemoteError as error:
            raise Failure("a link reply with a key for the ticket", str(error)) from None

    def plain_ticket(self, key: bytes, plaintext: bytes) -> None:
        """A ticket with this plain text, without a zero byte of ours."""
        self.send(ticket.encrypt_plaintext(key, plaintext), f"a ticket of {len(plaintext)} bytes")


class SuiteClient(Peer):
    """The suite's end of a case about a server.

    ``session_id``  of the last INIT; 0 before
    ``init``        the last INIT itself
    ``main_talk``   the last main channel
    """

    network: ServerNetwork
    init: main.Init

    def __init__(self, network: ServerNetwork, target: Target) -> None:
        super().__init__(network)
        self.target = target
        self.session_id = 0
        self.main_talk: Talk | None = None

    @property
    def password(self) -> str:
        """Of the target, "" for none."""
        return self.target.password

    @property
    def username(self) -> str:
        """Of the target, for SASL; the password is the same as that of the ticket."""
        return self.target.username

    # -- the link stage

    def connect(self, *, secure: bool | None = None) -> ClientWire:
        """A connection on which nothing was said. ``secure`` asks for TLS or for none; default is what the target wants."""
        wanted = self.target.secure if secure is None else secure
        try:
            return ClientWire(self, self.network.connect(secure=wanted))
        except TargetUnusable as error:
            raise Failure("a connection", str(error)) from None

    def begin(
        self,
        channel_type: int = ChannelType.MAIN,
        channel_id: int = 0,
        connection_id: int | None = None,
        *,
        common: Capabilities = COMMON,
        channel: Capabilities | None = None,
        secure: bool | None = None,
        **freedom: Any,
    ) -> ClientWire:
        """A connection on which a link message was sent; ``freedom`` as in :func:`conformance.talk.link_message`."""
        wire = self.connect(secure=True if secure is None and channel_type in self.target.secured else secure)
        if connection_id is None:
            connection_id = 0 if channel_type == ChannelType.MAIN else self.session_id
        bits = CHANNEL.get(channel_type, NONE) if channel is None else channel
        freedom.setdefault("common_caps", common.common)
        freedom.setdefault("channel_caps", bits.channel)
        data = link_message(channel_type, channel_id, connection_id, **freedom)
        wire.send(data, f"link message for {table_of(channel_type)}:{channel_id}, connection id {connection_id}")
        return wire

    def attempt(self, *which: int, **more: Any) -> Answer:
        """Try to link, log in by ticket, and say how it was answered; the connection is left as it is.

        What is given is that of :meth:`attempt_wire`.
        """
        return self.attempt_wire(*which, **more)[0]

    def attempt_wire(
        self,
        channel_type: int = ChannelType.MAIN,
        channel_id: int = 0,
        connection_id: int | None = None,
        *,
        password: str | bytes | None = None,
        common: Capabilities = COMMON,
        **more: Any,
    ) -> tuple[Answer, ClientWire]:
        """As :meth:`attempt`, with the connection."""
        wire = self.begin(channel_type, channel_id, connection_id, common=common, **more)
        reply = wire.try_reply()
        if isinstance(reply, Answer):
            return reply, wire
        self.login(wire, reply, common, password)
        return wire.result(), wire

    def login(self, wire: ClientWire, reply: LinkReply, common: Capabilities = COMMON,
              password: str | bytes | None = None) -> Capabilities:  # fmt: skip
        """Log in by ticket on a connection whose link reply has come; what the server announced. The result is not read."""
        server = self.choose_ticket(wire, reply, common)
        wire.ticket(reply.pub_key, password)
        return server

    def choose_ticket(self, wire: ClientWire, reply: LinkReply, common: Capabilities = COMMON) -> Capabilities:
        """Name the ticket as the mechanism if both ends choose one; what the server announced. The ticket is next.

        Raises NotApplicable if the server takes SASL only.
        """
        server = self.announced(reply)
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        if server.has(CommonCapability.AUTH_SASL) and not server.has(CommonCapability.AUTH_SPICE):
            raise NotApplicable("the server announced AUTH_SASL and no ticket")
        if common.has(selection) and server.has(selection):
            wire.mechanism(AuthMechanism.SPICE)
        return server

    def announced(self, reply: LinkReply) -> Capabilities:
        """What the server says it can do. Raises Failure for words outside of the link reply."""
        try:
            return caps.read(bytes(REPLY_SIZE) + reply.caps, REPLY_SIZE, reply.num_common_caps, reply.num_channel_caps,
                             reply.caps_offset)  # fmt: skip
        except RemoteError as error:
            raise Failure("capability words inside the link reply", str(error)) from None

    def ticket_stage(
        self,
        channel_type: int = ChannelType.MAIN,
        channel_id: int = 0,
        connection_id: int | None = None,
        *,
        common: Capabilities = COMMON,
        **more: Any,
    ) -> tuple[ClientWire, LinkReply]:
        """A connection on which the server waits for nothing but the ticket, and its link reply."""
        wire = self.begin(channel_type, channel_id, connection_id, common=common, **more)
        reply = wire.reply()
        self.choose_ticket(wire, reply, common)
        return wire, reply

    def try_link(
        self,
        channel_type: int = ChannelType.MAIN,
        channel_id: int = 0,
        connection_id: int | None = None,
        *,
        common: Capabilities = COMMON,
        channel: Capabilities | None = None,
        password: str | bytes | None = None,
        answers: bool = True,
        **more: Any,
    ) -> Talk | Answer:
        """A channel, linked, or how the server refused: a link message (:meth:`begin`), and all behind it."""
        wire = self.begin(channel_type, channel_id, connection_id, common=common, channel=channel, **more)
        return self.conclude(wire, channel_type, channel_id, common=common, channel=channel, password=password, answers=answers)

    def conclude(
        self,
        wire: ClientWire,
        channel_type: int = ChannelType.MAIN,
        channel_id: int = 0,
        *,
        common: Capabilities = COMMON,
        channel: Capabilities | None = None,
        password: str | bytes | None = None,
        answers: bool = True,
    ) -> Talk | Answer:
        """All that comes behind a link message that was sent: the channel, or how it was refused."""
        reply = wire.try_reply()
        if isinstance(reply, Answer):
            return reply
        server = self.login(wire, reply, common, password)
        found = wire.result()
        if not found.ok:
            return found
        return self.begun(wire, channel_type, channel_id, common, server, channel=channel, answers=answers)

    def link(self, channel_type: int = ChannelType.MAIN, *which: int, **more: Any) -> Talk:
        """A channel, linked. Raises Failure if the server refuses. What is given is that of :meth:`try_link`."""
        if channel_type != ChannelType.MAIN:
            self.lean("SPICE-LINK-014/every-channel", "SPICE-LINK-001/other-channels", "SPICE-LINK-003/first-bytes-on-cursor")
        found = self.try_link(channel_type, *which, **more)
        if isinstance(found, Answer):
            raise Failure("a link reply without an error" if found.stage == "link" else "link result OK (0)", str(found))
        return found

    def begun(
        self,
        wire: ClientWire,
        channel_type: int,
        channel_id: int,
        common: Capabilities,
        server: Capabilities,
        *,
        channel: Capabilities | None = None,
        answers: bool = True,
    ) -> Talk:
        """The messages of a connection whose link stage is over."""
        bits = CHANNEL.get(channel_type, NONE) if channel is None else channel
        client = Capabilities(common.common, bits.channel)
        table = table_of(channel_type)
        self.capabilities_seen[table] = server
        mini_header = caps.mini_header(client, server)
        if not mini_header:
            self.lean("SPICE-FRAME-001/main-without-mini-header")
        return Talk(wire, table, channel_id, mini_header, client=client, server=server, answers=answers)

    # -- what most cases begin with

    def main(self, **more: Any) -> Talk:
        """The main channel of a new session, with INIT read: ``session_id`` is known."""
        talk = self.link(**more)
        init: main.Init = talk.expect("INIT")
        self.session_id = init.session_id
        self.main_talk = talk
        self.init = init
        return talk

    def channels(self, talk: Talk) -> set[tuple[int, int]]:
        """Ask for the list of channels."""
        talk.send(main.AttachChannels())
        found: main.ChannelsList = talk.expect("CHANNELS_LIST")
        return {(int(item.type), item.id) for item in found.channels}

    def session(self, **more: Any) -> tuple[Talk, set[tuple[int, int]]]:
        """Main of a new session, and the channels it lists."""
        talk = self.main(**more)
        return talk, self.channels(talk)

    def inputs(self, **more: Any) -> Talk:
        """The inputs channel, with INIT read. Raises NotApplicable if no list names one."""
        if self.main_talk is None:
            _, listed = self.session()
            if (ChannelType.INPUTS, 0) not in listed:
                raise NotApplicable("the list of channels has no inputs")
        talk = self.link(ChannelType.INPUTS, **more)
        talk.expect("INIT")
        return talk

    def display(self, channel_id: int = 0, **more: Any) -> Talk:
        """A display channel on which the client's INIT was sent."""
        talk = self.link(ChannelType.DISPLAY, channel_id, **more)
        self.greet_display(talk)
        return talk

    def greet_display(self, talk: Talk) -> None:
        """What a client says first on a display channel. A server may wait for it, and do nothing else meanwhile."""
        talk.send(display.Init(1, _CACHE_PIXELS, 1, _CACHE_PIXELS))

    def alive(self, talk: Talk, why: str = "") -> None:
        """The main channel still answers: the server has dealt with all that was sent to it before. Raises Failure."""
        self.lean("SPICE-MAIN-012/asked-twice")
        talk.drop()
        talk.send(main.AttachChannels(), text="ATTACH_CHANNELS, to see that the server goes on")
        try:
            talk.expect("CHANNELS_LIST")
        except Failure as failure:
            raise Failure(f"the session goes on{f' ({why})' if why else ''}: CHANNELS_LIST", failure.actual) from None

    def move(self, keyboard: Talk, count: int = 1, *, mode: int | None = None) -> None:
        """So many movements on an inputs channel, of the kind for ``mode``: that of INIT if none is given."""
        absolute = (int(self.init.current_mouse_mode) if mode is None else int(mode)) == MouseMode.CLIENT
        for number in range(count):
            keyboard.send(inputs.MousePosition(10 + number, 20, 0, 0) if absolute else inputs.MouseMotion(1, -1, 0))

    def leave(self) -> None:
        """Leave display channels as clients do: not while the server is still setting them up.

        libspice-server 0.15.1 does not always survive the loss of a display channel before its first MARK, and everything
        behind that case would fail.
        """
        if self.network.virtual:
            return
        for stream in self.network.streams:
            line = stream.line
            if not stream.open or line.established is None or not line.channel.startswith("display:"):
                continue
            if not line.counts["client", "INIT"]:
                row = next(row for row in dispatch.rows("display", "client").values() if row.name == "INIT")
                body = row.build(display.Init(1, _CACHE_PIXELS, 1, _CACHE_PIXELS))
                stream.send(framing.Writer(line.established.mini_header, serial=0).frame(row.number, body))
            self.network.run(partial(_drawn, stream), self.network.patience)

    # -- what a target may or may not have

    def need_mode(self, talk: Talk, mode: int) -> None:
        """Have the server in a mouse mode. Raises NotApplicable if it does not support it."""
        if int(self.init.supported_mouse_modes) & mode != mode:
            raise NotApplicable(f"supported mouse modes are {int(self.init.supported_mouse_modes)}")
        if int(self.init.current_mouse_mode) != mode:
            talk.send(main.MouseModeRequest(mode))
            talk.expect("MOUSE_MODE", where=lambda value: int(value.current_mode) == mode, text=f"MOUSE_MODE {mode}")

    def control(self, verb: str, *values: Any) -> Any:
        """Have something done to the server from outside. Raises NotApplicable where nobody can."""
        return self.target.control(self, verb, *values)

    @property
    def bad_connection_id(self) -> int:
        """An id that no session has."""
        return _BAD_ID if self.session_id != _BAD_ID else _BAD_ID + 1


def _drawn(stream: Stream) -> bool:
    return bool(stream.ended) or stream.line.counts["server", "MARK"] > 0
