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
    HEADER_SIZE,
    MAGIC,
    MAJOR,
    MESSAGE_SIZE,
    REPLY_SIZE,
    RESULT_SIZE,
    Endpoint,
    link_message,
)
from spiceproto.link.sasl import SaslClient, SaslStep
from spiceproto.link.structures import build_mechanism, parse_error, parse_header, parse_reply, parse_result
from spiceproto.messages.link import LinkAuthMechanism, LinkMess

__all__ = ["ClientLink"]

_ERROR_SIZE = 4
_WHERE = "link stage"


class ClientLink(Endpoint):
    """Asks for one channel.

    ``connection_id``  0 for the main channel of a new session, otherwise what ``main INIT`` brought
    ``password``       for the ticket; None waits with :class:`KeyReceived` until :meth:`send_password`
    ``sasl``           logs in by SASL where the server offers it

    A server that says no gives :class:`Refused`; one that does not speak the protocol raises RemoteError.
    """

    __slots__ = ("_capabilities", "_key", "_mechanism", "_message", "_password", "_rounds", "_sasl", "_sasl_finished",
                 "_server")  # fmt: skip

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
        self._capabilities = capabilities
        self._server = caps.NONE
        self._password = password
        self._sasl = sasl
        self._sasl_finished = False
        self._rounds = 0
        self._key = b""
        self._mechanism = AuthMechanism.SPICE
        common, channel, words = capabilities.pack()
        self._message = LinkMess(connection_id, channel_type, channel_id, common, channel, MESSAGE_SIZE, words)
        self._send(link_message(channel_type, channel_id, connection_id, capabilities))
        self._expect("header", HEADER_SIZE, self._header)

    def receive(self, data: bytes) -> list[Event]:
        """Bytes of the server. Raises RemoteError."""
        try:
            return self._receive(data)
        except RemoteError as error:
            error.where = error.where or _WHERE
            raise

    def send_password(self, password: bytes | str) -> None:
        """Answer to :class:`KeyReceived`. Raises LocalError for a bad password, RemoteError for a bad key."""
        self.send_ticket(ticket.encrypt(self._awaited_key(), password))

    def send_ticket(self, data: bytes) -> None:
        """Answer to :class:`KeyReceived` with a ready ticket: for peers that are to be tried with bad ones."""
        self._awaited_key()
        self._key = b""
        self._send(data)
        self._expect("result", RESULT_SIZE, self._result)

    def _awaited_key(self) -> bytes:
        if not self._key:
            raise LocalError("nobody waits for a ticket now")
        return self._key

    # -- the steps

    def _header(self, data: bytes) -> None:
        header = parse_header(data)
        if header.magic != MAGIC:
            raise RemoteError("this is no SPICE server", path="magic", offset=0, expected="REDQ", actual=repr(data[:4]))
        if header.major_version != MAJOR:
            raise RemoteError("another version of the protocol", path="major_version", offset=4, expected=str(MAJOR),
                              actual=str(header.major_version))  # fmt: skip
        most = limits.LINK_REPLY_SIZE[1]
        if header.size > most:
            raise LimitError("the link reply is too long", path="size", offset=12, expected=f"at most {most}",
                             actual=str(header.size))  # fmt: skip
        if header.size < _ERROR_SIZE:
            raise _short_reply(header.size)
        self._expect("reply", header.size, self._reply)

    def _reply(self, data: bytes) -> None:
        error = parse_error(data[:_ERROR_SIZE]).error
        if error != LinkErr.OK:
            # What follows the error means nothing then, and old servers left it out.
            self._refuse(error, "the server refuses the channel")
            return
        if len(data) < REPLY_SIZE:
            raise _short_reply(len(data))
        reply = parse_reply(data)
        self._server = caps.read(data, REPLY_SIZE, reply.num_common_caps, reply.num_channel_caps, reply.caps_offset)
        self._events.append(LinkReplyReceived(reply, self._server))
        self._key = reply.pub_key
        self._choose()

    def _choose(self) -> None:
        self._stage = "mechanism"
        server = self._server
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        if not (self._capabilities.has(selection) and server.has(selection)):
            self._ticket()
        elif self._sasl is not None and server.has(CommonCapability.AUTH_SASL):
            self._mechanism = AuthMechanism.SASL
            self._send(build_mechanism(LinkAuthMechanism(AuthMechanism.SASL)))
            self._expect("sasl", 4, self._mechanism_list_length)
        elif server.has(CommonCapability.AUTH_SPICE) or not server.has(CommonCapability.AUTH_SASL):
            # No bit for either is what a server says that knows the ticket only.
            self._send(build_mechanism(LinkAuthMechanism(AuthMechanism.SPICE)))
            self._ticket()
        else:
            self._refuse(None, "the server wants SASL, and there is none here")

    def _ticket(self) -> None:
        self._stage = "ticket"
        if self._password is None:
            self._events.append(KeyReceived(self._key))
            self._expect("ticket", RESULT_SIZE, self._early)
        else:
            self.send_password(self._password)

    def _early(self, data: bytes) -> None:
        """The server speaks although it was its turn to listen: only a refusal makes sense."""
        error = parse_result(data).error
        if error == LinkErr.OK:
            raise RemoteError("the server accepts a ticket that was not sent")
        self._refuse(error, "the server did not wait for the ticket")

    def _result(self, data: bytes) -> None:
        error = parse_result(data).error
        if error != LinkErr.OK:
            # spice-server answers a bad mechanism with a second link reply: then this is the number of REDQ.
            text = "the server sends a second link reply" if error == MAGIC else "the server refuses the login"
            self._refuse(error, text)
            return
        self.finished = True
        self._events.append(
            Established(
                self._message,
                self._capabilities,
                self._server,
                caps.mini_header(self._capabilities, self._server),
                self._mechanism,
                self._sent_offset,
                self._inbox.offset,
                server_rest=self._inbox.take(len(self._inbox)),
            )
        )

    # -- SASL

    def _mechanism_list_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if size > limits.SASL_MECHANISM_LIST:
            raise LimitError("the list of mechanisms is too long", path="length",
                             expected=f"at most {limits.SASL_MECHANISM_LIST} bytes", actual=str(size))  # fmt: skip
        self._expect("sasl", size, self._mechanism_list)

    def _mechanism_list(self, data: bytes) -> None:
        assert self._sasl is not None
        name = self._sasl.choose(frames.split_mechanisms(data))
        if name is None:
            self._refuse(None, "none of the server's mechanisms is known here")
            return
        encoded = name.encode("ascii")
        self._send(len(encoded).to_bytes(4, "little") + encoded)
        self._respond(self._sasl.start())

    def _respond(self, step: SaslStep) -> None:
        if step.failed:
            self._refuse(None, "the server has not proved who it is")
            return
        self._sasl_finished = step.finished
        self._send(frames.pack(step.data))
        self._expect("sasl", 4, self._challenge_length)

    def _challenge_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            raise LimitError("a challenge is too long", path="length", expected=f"at most {limits.SASL_DATA} bytes",
                             actual=str(size))  # fmt: skip
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            raise LimitError("SASL does not come to an end", expected=f"at most {frames.ROUNDS} challenges")
        self._expect("sasl", size + 1, self._challenge)

    def _challenge(self, data: bytes) -> None:
        assert self._sasl is not None
        complete = data[-1] != 0
        if complete and self._sasl_finished:
            self._expect("sasl", RESULT_SIZE, self._sasl_result)
            return
        step = self._sasl.step(frames.unpack(data[:-1]))
        if complete and step.finished and not step.failed:
            self._sasl_finished = True
            self._expect("sasl", RESULT_SIZE, self._sasl_result)
        elif complete and step.failed:
            self._refuse(None, "the server has not proved who it is")
        else:
            self._respond(step)

    def _sasl_result(self, data: bytes) -> None:
        """How SASL ended; the link result comes behind it, under the security layer if there is one."""
        error = parse_result(data).error
        if error != LinkErr.OK:
            self._refuse(error, "the server refuses the login")
        else:
            self._expect("result", RESULT_SIZE, self._result)


def _short_reply(size: int) -> RemoteError:
    return RemoteError("the link reply is too short", path="size", offset=12, expected=f"at least {REPLY_SIZE}",
                       actual=str(size))  # fmt: skip
