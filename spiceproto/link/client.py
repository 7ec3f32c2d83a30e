"""The client's link stage."""

from __future__ import annotations

from spiceproto import capabilities as caps
from spiceproto import limits, ticket
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.errors import LimitError, LocalError, RemoteError
from spiceproto.link import sasl as frames
from spiceproto.link.events import Established, Event, KeyReceived, LinkReplyReceived
from spiceproto.link.exchange import (
    Endpoint,
    link_message,
)
from spiceproto.link.sasl import SaslClient, SaslStep
from spiceproto.link.structures import MAGIC, MAJOR, parse_error, parse_header, parse_reply, parse_result
from spiceproto.link.structures_built import build_mechanism
from spiceproto.messages.link import LinkAuthMechanism, LinkMess
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_MESSAGE_SIZE, LINK_REPLY_SIZE, LINK_RESULT_SIZE

__all__ = ["ClientLink"]

_ERROR_SIZE = 4
_WHERE = "link stage"


class ClientLink(Endpoint):
    """Asks for one channel.

    ``connection_id``  0 for the main channel of a new session, otherwise what ``main INIT`` brought
    ``password``       for the ticket; None waits with :class:`KeyReceived` until :meth:`send_password`
    ``sasl``           logs in by SASL where the server offers it

    A server that says no gives :class:`Refused`; one that does not speak the protocol raises RemoteError.

    For peers that are to be tried, besides what :class:`~spiceproto.link.exchange.Endpoint` has for them:

    ``message``        what it asks for
    ``capabilities``   what it announces; ``server`` is what the server announced
    ``key``            the public key of the link reply
    ``mechanism``      how it logs in
    ``sasl_finished``  SASL has nothing more to say, and the result is waited for
    """

    __slots__ = (
        "_password",
        "_rounds",
        "_sasl",
        "capabilities",
        "key",
        "mechanism",
        "message",
        "sasl_finished",
        "server",
    )

    def __init__(
        self,
        channel_type: int,
        channel_id: int,
        connection_id: int,
        capabilities: Capabilities,
        *,
        password: bytes | str | None = b"",
        sasl: SaslClient | None = None,
    ) -> None:
        super().__init__()
        self.capabilities = capabilities
        self.server = caps.NONE
        self._password = password
        self._sasl = sasl
        self.sasl_finished = False
        self._rounds = 0
        self.key = b""
        self.mechanism = AuthMechanism.SPICE
        common, channel, words = capabilities.pack()
        self.message = LinkMess(
            connection_id=connection_id,
            channel_type=channel_type,
            channel_id=channel_id,
            num_common_caps=common,
            num_channel_caps=channel,
            caps_offset=LINK_MESSAGE_SIZE,
            caps=words,
        )
        self.send(link_message(channel_type, channel_id, connection_id, capabilities))
        self.expect("header", LINK_HEADER_SIZE, self.on_header)

    def receive(self, data: bytes) -> list[Event]:
        """Bytes of the server. Raises RemoteError."""
        try:
            return self._receive(data)
        except RemoteError as error:
            error.where = error.where or _WHERE
            raise

    def send_password(self, password: bytes | str) -> None:
        """Answer to :class:`KeyReceived`. Raises LocalError for a bad password, RemoteError for a bad key."""
        self.send_ticket(ticket.encrypt(self.awaited_key(), password))

    def send_ticket(self, data: bytes) -> None:
        """Answer to :class:`KeyReceived` with a ready ticket: for peers that are to be tried with bad ones."""
        self.awaited_key()
        self.key = b""
        self.send(data)
        self.expect("result", LINK_RESULT_SIZE, self.on_result)

    def awaited_key(self) -> bytes:
        """The key under which the server waits for a ticket. Raises LocalError if it does not."""
        if not self.key:
            raise LocalError("nobody waits for a ticket now")
        return self.key

    # -- the steps

    def on_header(self, data: bytes) -> None:
        """The link header (SPICE-LINK-009, SPICE-LINK-013)."""
        header = parse_header(data)
        if header.magic != MAGIC:
            raise RemoteError("this is no SPICE server", path="magic", offset=0, expected="REDQ", actual=repr(data[:4]))
        if header.major_version != MAJOR:
            raise RemoteError(
                "another version of the protocol",
                path="major_version",
                offset=4,
                expected=str(MAJOR),
                actual=str(header.major_version),
            )
        most = limits.LINK_REPLY_SIZE[1]
        if header.size > most:
            raise LimitError(
                "the link reply is too long", path="size", offset=12, expected=f"at most {most}", actual=str(header.size)
            )
        if header.size < _ERROR_SIZE:
            raise _short_reply(header.size)
        self.expect("reply", header.size, self.on_reply)

    def on_reply(self, data: bytes) -> None:
        """The link reply, or a refusal (SPICE-LINK-016 to SPICE-LINK-019, SPICE-LINK-023, SPICE-LINK-026)."""
        error = parse_error(data[:_ERROR_SIZE]).error
        if error != LinkErr.OK:
            # What follows the error means nothing then, and old servers left it out.
            self.refuse(error, "the server refuses the channel")
            return
        if len(data) < LINK_REPLY_SIZE:
            raise _short_reply(len(data))
        reply = parse_reply(data)
        self.server = caps.read(data, LINK_REPLY_SIZE, reply.num_common_caps, reply.num_channel_caps, reply.caps_offset)
        self._events.append(LinkReplyReceived(reply, self.server))
        self.key = reply.pub_key
        self.choose()

    def choose(self) -> None:
        """Choose how to log in (SPICE-LINK-037, SPICE-LINK-039, SPICE-LINK-053)."""
        self.stage = "mechanism"
        server = self.server
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        if not (self.capabilities.has(selection) and server.has(selection)):
            self.answer_key()
        elif self._sasl is not None and server.has(CommonCapability.AUTH_SASL):
            self.mechanism = AuthMechanism.SASL
            self.send(build_mechanism(LinkAuthMechanism(AuthMechanism.SASL)))
            self.expect("sasl", 4, self.on_mechanism_list_length)
        elif server.has(CommonCapability.AUTH_SPICE) or not server.has(CommonCapability.AUTH_SASL):
            # No bit for either is what a server says that knows the ticket only.
            self.send(build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE)))
            self.answer_key()
        else:
            self.refuse(None, "the server wants SASL, and there is none here")

    def answer_key(self) -> None:
        """Send the ticket, or wait for the password."""
        self.stage = "ticket"
        if self._password is None:
            self._events.append(KeyReceived(self.key))
            self.expect("ticket", LINK_RESULT_SIZE, self.on_early_result)
        else:
            self.send_password(self._password)

    def on_early_result(self, data: bytes) -> None:
        """The server speaks although it was its turn to listen: only a refusal makes sense."""
        error = parse_result(data).error
        if error == LinkErr.OK:
            raise RemoteError("the server accepts a ticket that was not sent")
        self.refuse(error, "the server did not wait for the ticket")

    def on_result(self, data: bytes) -> None:
        """The link result (SPICE-LINK-054)."""
        error = parse_result(data).error
        if error != LinkErr.OK:
            # spice-server answers a bad mechanism with a second link reply: then this is the number of REDQ.
            text = "the server sends a second link reply" if error == MAGIC else "the server refuses the login"
            self.refuse(error, text)
            return
        self.finished = True
        self._events.append(
            Established(
                self.message,
                self.capabilities,
                self.server,
                caps.mini_header(self.capabilities, self.server),
                self.mechanism,
                self.sent_offset,
                self.inbox.offset,
                server_rest=self.inbox.take(len(self.inbox)),
            )
        )

    # -- SASL

    def on_mechanism_list_length(self, data: bytes) -> None:
        """How long the list of SASL mechanisms is (SPICE-LINK-058)."""
        size = int.from_bytes(data, "little")
        if size > limits.SASL_MECHANISM_LIST:
            raise LimitError(
                "the list of mechanisms is too long",
                path="length",
                expected=f"at most {limits.SASL_MECHANISM_LIST} bytes",
                actual=str(size),
            )
        self.expect("sasl", size, self.on_mechanism_list)

    def on_mechanism_list(self, data: bytes) -> None:
        """The list of SASL mechanisms, and the choice of one (SPICE-LINK-059)."""
        assert self._sasl is not None
        name = self._sasl.choose(frames.split_mechanisms(data))
        if name is None:
            self.refuse(None, "none of the server's mechanisms is known here")
            return
        encoded = name.encode("ascii")
        self.send(len(encoded).to_bytes(4, "little") + encoded)
        self.respond(self._sasl.start())

    def respond(self, step: SaslStep) -> None:
        """A SASL response (SPICE-LINK-057)."""
        if step.failed:
            self.refuse(None, "the server has not proved who it is")
            return
        self.sasl_finished = step.finished
        self.send(frames.pack(step.data))
        self.expect("sasl", 4, self.on_challenge_length)

    def on_challenge_length(self, data: bytes) -> None:
        """How long a SASL challenge is (SPICE-LINK-058)."""
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            raise LimitError(
                "a challenge is too long", path="length", expected=f"at most {limits.SASL_DATA} bytes", actual=str(size)
            )
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            raise LimitError("SASL does not come to an end", expected=f"at most {frames.ROUNDS} challenges")
        self.expect("sasl", size + 1, self.on_challenge)

    def on_challenge(self, data: bytes) -> None:
        """A SASL challenge (SPICE-LINK-060, SPICE-LINK-061)."""
        assert self._sasl is not None
        complete = data[-1] != 0
        if complete and self.sasl_finished:
            self.expect("sasl", LINK_RESULT_SIZE, self.on_sasl_result)
            return
        step = self._sasl.step(frames.unpack(data[:-1]))
        if complete and step.finished and not step.failed:
            self.sasl_finished = True
            self.expect("sasl", LINK_RESULT_SIZE, self.on_sasl_result)
        elif complete and step.failed:
            self.refuse(None, "the server has not proved who it is")
        else:
            self.respond(step)

    def on_sasl_result(self, data: bytes) -> None:
        """How SASL ended; the link result comes behind it, under the security layer if there is one."""
        error = parse_result(data).error
        if error != LinkErr.OK:
            self.refuse(error, "the server refuses the login")
        else:
            self.expect("result", LINK_RESULT_SIZE, self.on_result)


def _short_reply(size: int) -> RemoteError:
    return RemoteError(
        "the link reply is too short", path="size", offset=12, expected=f"at least {LINK_REPLY_SIZE}", actual=str(size)
    )
