"""A connection to a server in its link stage: what it asks for, how it is answered, and the steps of a client.

Ask          what a link asks for
ClientWire   the steps, one behind the other: reply, log_in, result, talk
"""

from __future__ import annotations

from typing import Final

import msgspec

from conformance import channels, sasl_exchange
from conformance.answer import Answer
from conformance.expectation import check_value
from conformance.network import Stream
from conformance.outcome import Failure, NotApplicable
from conformance.peer import Peer
from conformance.talk import Talk
from conformance.wire import Wire
from spiceproto import capabilities as caps
from spiceproto import ticket
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_header, parse_reply
from spiceproto.messages.link import LinkReply
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_REPLY_SIZE

__all__ = ["Ask", "ClientWire"]

_REFUSALS: Final = frozenset(LinkErr) - {LinkErr.OK}
"""Errors that a server gives; another number is none, but something else in place of an answer."""

_NEXT_SESSION: Final = ("SPICE-LINK-036/all-channels",)
"""The case that shows that main can be linked after a session has begun."""

_STAGE: Final = "link stage of the server"
_SHOWN: Final = 16
"""Bytes that are shown of what should not be there."""

_LARGEST_REPLY: Final = 1 << 16
"""Bytes of a link reply that are read."""


class Ask(msgspec.Struct, frozen=True):
    """What a link asks for, and how the suite goes about it.

    * ``channel_type``, ``channel_id``: of the channel
    * ``connection_id``: None for 0 on main, and for that of the session on other channels and at a destination
    * ``capabilities``: that are announced; None for what the suite can (:meth:`SuiteClient.usual`)
    * ``password``: of the ticket; None for the target's own
    * ``secure``: whether it is linked with TLS; None for what the target wants
    * ``answers``: whether PING, SET_ACK and acknowledgements are answered as they should be
    * ``ahead``: whether it is linked ahead of a migration: answers wait until :meth:`Talk.go_on`
    """

    channel_type: int = ChannelType.MAIN
    channel_id: int = 0
    connection_id: int | None = None
    capabilities: Capabilities | None = None
    password: str | bytes | None = None
    secure: bool | None = None
    answers: bool = True
    ahead: bool = False

    @property
    def name(self) -> str:
        """As in "main:0"."""
        return f"{channel_name(self.channel_type)}:{self.channel_id}"


class ClientWire(Wire):
    """A connection to a server in its link stage.

    ``asked``     what it asks for
    ``client``    what the suite announces
    ``username``  of a login by SASL
    ``password``  of the ticket, unless a case has another, and of SASL
    ``replied``   the link reply, once one without an error has come
    """

    def __init__(
        self, peer: Peer, stream: Stream, asked: Ask, *, client: Capabilities, password: str | bytes, username: str = ""
    ) -> None:
        super().__init__(peer, stream)
        self.asked = asked
        self.client = client
        self.username = username
        self.password = password
        self._refused: Answer | None = None
        """How a login by SASL ended, if there is no link result behind it."""
        self.replied: LinkReply | None = None

    # -- the link reply

    def reply(self) -> LinkReply:
        """The link reply, which has no error. Raises Failure."""
        found = self.try_reply()
        if self.replied is None:
            raise Failure(found.expected, str(found))
        return self.replied

    @property
    def key(self) -> bytes:
        """The public key in the link reply."""
        assert self.replied is not None, "the link reply has not come yet"
        return self.replied.pub_key

    def try_reply(self) -> Answer:
        """The link reply, or how the server answered instead. Raises Failure for one without an error that is too short."""
        self.step("expect a link reply")
        found, body = self._reply()
        if found.ok:
            if len(body) < LINK_REPLY_SIZE:
                raise Failure(f"a link reply of at least {LINK_REPLY_SIZE} bytes", f"{len(body)} bytes")
            self.replied = parse_reply(body)
        return found

    def answer(self) -> Answer:
        """How the server takes a link message: its link reply, whatever it says, or its silence."""
        self.step("expect an answer to the link message")
        return self._reply()[0]

    def _refusable(self, answer: Answer) -> Answer:
        """An answer. What a refusal lets fail, is explained by what shows that the channel can be linked."""
        if answer.error in _REFUSALS and self.asked.channel_id == 0:
            self.peer.relied_on += channels.linked_by(self.asked.channel_type)
            if self.asked.channel_type == ChannelType.MAIN and self.peer.capabilities_seen:
                self.peer.relied_on += _NEXT_SESSION
        return answer

    def _reply(self) -> tuple[Answer, bytes]:
        head = self.take(LINK_HEADER_SIZE)
        if head is None:
            if self.stream.received:
                return Answer("bytes", data=bytes(self.stream.received)), b""
            return Answer("closed" if self.stream.ended else "silence"), b""
        if head[:4] != b"REDQ":
            before = (head + bytes(self.stream.received)).find(b"REDQ")
            if before > 0:
                check_value(
                    _STAGE, "bytes before its link header", (head + bytes(self.stream.received))[:before].hex(), "nothing"
                )
            return Answer("bytes", data=head), b""
        size = parse_header(head).size
        body = self.take(size) if size <= _LARGEST_REPLY else None
        if body is None or len(body) < 4:
            return Answer("bytes", data=head), b""
        return self._refusable(Answer("reply", int.from_bytes(body[:4], "little"))), body

    def announced(self) -> Capabilities:
        """What the server says it can do in its link reply, which is read if it was not yet.

        Raises Failure for words outside of it.
        """
        reply = self.reply() if self.replied is None else self.replied
        try:
            return caps.read(
                bytes(LINK_REPLY_SIZE) + reply.caps,
                LINK_REPLY_SIZE,
                reply.num_common_caps,
                reply.num_channel_caps,
                reply.caps_offset,
            )
        except RemoteError as error:
            if self.asked.channel_type != ChannelType.MAIN:
                self.peer.relied_on.append("SPICE-LINK-014/every-channel")
            raise Failure("capability words inside the link reply", str(error)) from None

    # -- the login

    def log_in(self) -> None:
        """Log in, by SASL if the server takes nothing else; the link result is not read.

        Raises NotApplicable if the server takes SASL only, and the suite cannot on this connection; Failure if the server has
        said more than a link reply, which nobody has answered yet.
        """
        self._need_a_login()
        check_value(
            _STAGE,
            "bytes between its link reply and the login",
            bytes(self.stream.received[:_SHOWN]).hex() or "nothing",
            "nothing",
        )
        if self.sasl_only:
            self._log_in_by_sasl()
            return
        self.choose_ticket()
        self.ticket()

    @property
    def sasl_only(self) -> bool:
        """Whether the server takes SASL and no ticket, as its link reply says."""
        server = self.announced()
        return server.has(CommonCapability.AUTH_SASL) and not server.has(CommonCapability.AUTH_SPICE)

    def _need_a_login(self) -> None:
        """Raises NotApplicable where there is none; what such a server says instead is the matter of cases about it."""
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        if self.sasl_only and not (self.client.has(selection) and self.announced().has(selection)):
            raise NotApplicable("the server takes SASL only, which nobody can choose on this connection")

    def _log_in_by_sasl(self) -> None:
        self.mechanism(AuthMechanism.SASL)
        password = self.password.decode() if isinstance(self.password, bytes) else self.password
        self._refused = sasl_exchange.log_in(self, self.username, password)

    def choose_ticket(self) -> None:
        """Name the ticket as the mechanism if both ends choose one: the ticket is next.

        Raises NotApplicable if the server takes SASL only.
        """
        self.need_ticket_login()
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        if self.client.has(selection) and self.announced().has(selection):
            self.mechanism(AuthMechanism.SPICE)

    def need_ticket_login(self) -> None:
        """Raises NotApplicable if the server takes SASL only."""
        if self.sasl_only:
            raise NotApplicable("the server announced AUTH_SASL and no ticket")

    def mechanism(self, number: int) -> None:
        """Say how the login is to be."""
        self.send(number.to_bytes(4, "little"), f"mechanism {number}")

    def ticket(self, password: str | bytes | None = None, *, key: bytes | None = None) -> None:
        """A ticket: see :meth:`encrypted`."""
        self.send(self.encrypted(password, key=key), "a ticket")

    def encrypted(self, password: str | bytes | None = None, *, key: bytes | None = None) -> bytes:
        """The bytes of a ticket, for a case that cuts or joins them itself.

        The password is :attr:`password`, and the key that of the link reply, unless others are given.
        """
        text = self.password if password is None else password
        text = text.encode() if isinstance(text, str) else text
        try:
            return ticket.encrypt_plaintext(self.key if key is None else key, text + b"\0")
        except RemoteError as error:
            raise Failure("a link reply with a key for the ticket", str(error)) from None

    def plain_ticket(self, plaintext: bytes) -> None:
        """A ticket with this plain text, without a zero byte of ours."""
        self.send(ticket.encrypt_plaintext(self.key, plaintext), f"a ticket of {len(plaintext)} bytes")

    def result(self) -> Answer:
        """How the server takes a login."""
        if self._refused is not None:
            return self._refused
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
        return self._refusable(Answer("result", int.from_bytes(data, "little"), stage="login"))

    def expect_logged_in(self) -> None:
        """The link result is OK. Raises Failure."""
        self.result().expect_logged_in()

    # -- all of it

    def conclude(self) -> Answer:
        """All that comes behind a link message: reply, login, result; how it was answered in the end."""
        found = self.try_reply()
        if not found.ok:
            return found
        self.log_in()
        return self.result()

    def talk(self) -> Talk:
        """The messages of a connection whose link stage is over."""
        asked, server = self.asked, self.announced()
        table = channel_name(asked.channel_type)
        self.peer.capabilities_seen[table] = server
        mini_header = caps.mini_header(self.client, server)
        if not mini_header:
            self.peer.relies_on("SPICE-FRAME-001/main-without-mini-header")
        self.peer.relies_on(*channels.headers_shown_by(table, mini_header))
        return Talk(
            self,
            table,
            asked.channel_id,
            mini_header,
            client=self.client,
            server=server,
            answers=asked.answers,
            held=asked.ahead,
        )
