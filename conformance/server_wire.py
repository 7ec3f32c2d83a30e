"""A connection from a client in its link stage: what the client asks for, and the steps of a server.

Asked        what a client's link message says
ServerWire   the steps, one behind the other: link_message, reply, login, result, talk
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final, Unpack

import msgspec

from conformance import channels
from conformance.keys import ticket_key
from conformance.naming import error_name, named
from conformance.network import Stream
from conformance.outcome import Failure
from conformance.peer import Peer
from conformance.talk import Talk
from conformance.wire import Wire
from conformance.wire_form import Freedom, link_reply
from spiceproto import capabilities as caps
from spiceproto.capabilities import Capabilities
from spiceproto.channels import channel_name
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link.structures import parse_message
from spiceproto.messages.link import LinkMess
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_MESSAGE_SIZE, TICKET_SIZE
from spiceproto.ticket import TicketKey

__all__ = ["Asked", "ServerWire"]

_READ: Final = 1 << 16
"""Bytes of a link message that are read, however wrong its size is."""

_TYPE_AT: Final = LINK_HEADER_SIZE + 4
"""Where the type of the channel stands: behind the link header and the connection id."""


class Asked(msgspec.Struct, frozen=True):
    """What a client's link message says.

    * ``message``, ``capabilities``: what it asks for, and what it announces
    * ``raw``: all of it, header included
    """

    message: LinkMess
    capabilities: Capabilities
    raw: bytes

    @property
    def channel(self) -> tuple[int, int]:
        """Type and id."""
        return int(self.message.channel_type), self.message.channel_id

    @property
    def name(self) -> str:
        """As in "main:0"."""
        return f"{channel_name(self.channel[0])}:{self.channel[1]}"


def _announced(body: bytes, message: LinkMess) -> Capabilities:
    """What a client announces; where its words are out of place, what stands where they belong, or what is usual."""
    for offset in (message.caps_offset, LINK_MESSAGE_SIZE):
        with suppress(RemoteError):
            return caps.read(body, LINK_MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, offset)
    return channels.COMMON


class ServerWire(Wire):
    """A connection from a client in its link stage.

    ``asked``     what its link message says, once that is read
    ``key``       of the ticket, once a reply is made
    ``server``    what that reply announces
    ``on_asked``  called when the link message is read
    ``on_talk``   called when the channel begins
    """

    asked: Asked
    key: TicketKey
    server: Capabilities

    def __init__(
        self, peer: Peer, stream: Stream, *, on_asked: Callable[[Asked], None], on_talk: Callable[[Asked, Talk], None]
    ) -> None:
        super().__init__(peer, stream)
        self.on_asked = on_asked
        self.on_talk = on_talk

    @property
    def wanted(self) -> int | None:
        """The type of channel that its link message asks for, before that is read; None before so much has come."""
        received = self.stream.received
        return received[_TYPE_AT] if len(received) > _TYPE_AT else None

    def link_message(self) -> Asked:
        """What the client asks for. Raises Failure."""
        self.step("expect a link message")
        head = self.need(LINK_HEADER_SIZE, "a link header")
        size = int.from_bytes(head[12:], "little")
        if size > _READ:
            raise Failure("a link message of at most 4096 bytes", f"the header {head.hex()}")
        return self.read_message(head, self.need(size, f"a link message of {size} bytes"))

    def read_message(self, head: bytes, body: bytes) -> Asked:
        """What a link header and the bytes behind it ask for."""
        # One mistake is to give one verdict: what is wrong here is for the cases about it to say.
        found = parse_message(body.ljust(LINK_MESSAGE_SIZE, b"\0"))
        self.asked = Asked(found, _announced(body, found), head + body)
        self.peer.capabilities_seen[channel_name(int(found.channel_type))] = self.asked.capabilities
        self.on_asked(self.asked)
        return self.asked

    # -- the link reply

    def usual(self, *, common: Capabilities | None = None) -> Capabilities:
        """What the suite announces on this channel; ``common`` stands in for the half that all channels have."""
        return channels.announced("server", self.asked.channel[0], common)

    def reply(
        self, capabilities: Capabilities | None = None, *, key: bytes | None = None, error: int = 0, **freedom: Unpack[Freedom]
    ) -> None:
        """The link reply; ``freedom`` says what is wrong about it."""
        data = self.make_reply(capabilities, key=key, error=error, **freedom)
        self.send(data, f"link reply{f', error {error_name(error)}' if error else ''}")

    def make_reply(
        self, capabilities: Capabilities | None = None, *, key: bytes | None = None, error: int = 0, **freedom: Unpack[Freedom]
    ) -> bytes:
        """The bytes of the link reply, for a case that sends them itself."""
        self.key = ticket_key()
        self.server = self.usual() if capabilities is None else capabilities
        usual = Freedom(common_caps=self.server.common, channel_caps=self.server.channel)
        return link_reply(self.key.public_key_der if key is None else key, error=error, **(usual | freedom))

    def refuse(self, error: int, *, short: bool = False) -> None:
        """A link reply with an error: whole, or with nothing but the error."""
        data = link_reply(b"", error=error, offset=0)
        if short:
            data = data[:12] + (4).to_bytes(4, "little") + data[16:20]
        self.send(data, f"link reply, error {error_name(error)}{' alone' if short else ''}")

    # -- the login

    @property
    def selects(self) -> bool:
        """Whether a mechanism is to come."""
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        return self.asked.capabilities.has(selection) and self.server.has(selection)

    def mechanism(self) -> int:
        """The mechanism the client chooses. Raises Failure."""
        self.step("expect a mechanism")
        return int.from_bytes(self.need(4, "a mechanism (4 bytes)"), "little")

    def ticket(self) -> bytes | None:
        """The plain text of the client's ticket, zero byte and all; None if it cannot be decrypted. Raises Failure."""
        self.step("expect a ticket")
        return self.key.decrypt_plaintext(self.need(TICKET_SIZE, f"a ticket of {TICKET_SIZE} bytes"))

    def login(self) -> bytes | None:
        """Mechanism, if one is due, and ticket; the plain text of the ticket. Raises Failure."""
        if not self.selects:
            return self.ticket()
        found = self.mechanism()
        if found == AuthMechanism.SPICE:
            return self.ticket()
        # Whoever says the wrong number and sends a ticket all the same has logged in, for cases about other things.
        data = self.take(TICKET_SIZE, self.peer.network.quiet)
        plaintext = None if data is None else self.key.decrypt_plaintext(data)
        if plaintext is None:
            raise Failure("mechanism 1 (ticket)", named(AuthMechanism, found))
        return plaintext

    def result(self, error: int = LinkErr.OK) -> None:
        """The link result."""
        self.send(int(error).to_bytes(4, "little"), f"link result {error_name(error)}")

    # -- all of it

    def conclude(self) -> None:
        """What is left of the link stage behind a reply: login and result. Raises Failure for what is no ticket."""
        if self.login() is None and self.stream.received:
            sent = TICKET_SIZE + len(self.stream.received)
            raise Failure("a ticket", f"{sent} bytes, and no ticket in the first {TICKET_SIZE}")
        self.result()

    def talk(self) -> Talk:
        """The messages of a connection whose link stage is over."""
        client = self.asked.capabilities
        mini_header = caps.mini_header(client, self.server)
        kind, number = self.asked.channel
        talk = Talk(self, channel_name(kind), number, mini_header, client=client, server=self.server)
        self.on_talk(self.asked, talk)
        return talk

    def link(self, capabilities: Capabilities | None = None) -> Talk:
        """All that follows a link message that was read: reply, login, result; the channel. Raises Failure."""
        self.reply(capabilities)
        self.login()
        self.result()
        return self.talk()
