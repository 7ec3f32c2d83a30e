"""The server's link stage.

A client that breaks a rule gets the answer the rule asks for, and :class:`Refused` tells the caller; no bytes of a
client raise anything. Answers are those of spice-server, but for these:

* major version 0 is answered with VERSION_MISMATCH, like any other wrong one; spice-server closes in silence
* a channel that is not there is answered with CHANNEL_NOT_AVAILABLE in the link reply; spice-server closes in silence
* a mechanism that is unknown, or was not announced, is answered with a link result, which is what the client waits for;
  spice-server sends a second link reply for the one, and begins SASL for the other even where SASL is off
* a client without AUTH_SELECTION at a server that offers SASL only is answered with VERSION_MISMATCH instead of the
  link reply, and closed; spice-server sends that as a second link reply and leaves the connection open
* SASL that fails ends with a complete frame and a link result; spice-server closes in silence
"""

from __future__ import annotations

from spiceproto import capabilities as caps
from spiceproto import limits
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link import sasl as frames
from spiceproto.link.events import Established, Event, LinkMessageReceived
from spiceproto.link.exchange import Endpoint, link_reply, refusal
from spiceproto.link.policy import LinkPolicy
from spiceproto.link.sasl import SaslServer, SaslStep
from spiceproto.link.structures import MAGIC, MAJOR, parse_header, parse_mechanism, parse_message
from spiceproto.link.structures_built import build_result
from spiceproto.messages.link import LinkMess, LinkResult
from spiceproto.sizes import LINK_HEADER_SIZE, LINK_MESSAGE_SIZE, MECHANISM_SIZE, TICKET_SIZE
from spiceproto.ticket import TicketKey

__all__ = ["ServerLink"]

_MAGIC_SIZE = 4


class ServerLink(Endpoint):
    """Answers one client. ``secure`` says whether the connection has TLS.

    For peers that are to be tried, besides what :class:`~spiceproto.link.exchange.Endpoint` has for them:

    ``policy``     what decides
    ``now``        the time of the last call
    ``magic``      the first four bytes of the client
    ``message``    what it asks for; None until it is there
    ``client``     what it announced; ``announced`` is what it was told
    ``key``        of its ticket; None where none is wanted
    ``mechanism``  how it logs in
    ``sasl``       its login by SASL
    """

    __slots__ = (
        "_rounds",
        "_sasl_name",
        "_secure",
        "announced",
        "client",
        "key",
        "magic",
        "mechanism",
        "message",
        "now",
        "policy",
        "sasl",
    )

    def __init__(self, policy: LinkPolicy, *, secure: bool = False) -> None:
        super().__init__()
        self.policy = policy
        self.now = 0.0
        self.magic = b""
        self.message: LinkMess | None = None
        self.client = caps.NONE
        self.announced = caps.NONE
        self.key: TicketKey | None = None
        self.mechanism = AuthMechanism.SPICE
        self.sasl: SaslServer | None = None
        self._secure = secure
        self._sasl_name = ""
        self._rounds = 0
        # Four bytes show a stranger; somebody who is not a SPICE client may never send sixteen.
        self.expect("header", _MAGIC_SIZE, self.on_magic)

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        """Bytes of the client; ``now`` is handed on to the policy."""
        self.now = now
        return self._receive(data)

    # -- the steps

    def on_magic(self, data: bytes) -> None:
        """The first four bytes of the header (SPICE-LINK-006)."""
        if int.from_bytes(data, "little") != MAGIC:
            self.answer_error(LinkErr.INVALID_MAGIC, f"the client begins with {data!r}")
            return
        self.magic = data
        self.expect("header", LINK_HEADER_SIZE - _MAGIC_SIZE, self.on_header)

    def on_header(self, data: bytes) -> None:
        """The rest of it (SPICE-LINK-008, SPICE-LINK-009, SPICE-LINK-012)."""
        header = parse_header(self.magic + data)
        least, most = limits.LINK_MESSAGE_SIZE
        if header.major_version != MAJOR:
            self.answer_error(LinkErr.VERSION_MISMATCH, f"the client speaks version {header.major_version}")
        elif not least <= header.size <= most:
            self.answer_error(LinkErr.INVALID_DATA, f"a link message of {header.size} bytes")
        else:
            self.expect("message", header.size, self.on_link_message)

    def on_link_message(self, data: bytes) -> None:
        """What the client asks for, and whether it may have it (SPICE-LINK-015 to 019, SPICE-LINK-025, SPICE-LINK-029)."""
        message = parse_message(data)
        try:
            client = caps.read(data, LINK_MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, message.caps_offset)
        except RemoteError as error:
            self.answer_error(LinkErr.INVALID_DATA, str(error))
            return
        self.message = message
        self.client = client
        self._events.append(LinkMessageReceived(message, client))
        self.stage = "reply"
        error_code = self.policy.admit(message, client, self._secure)
        if error_code != LinkErr.OK:
            self.answer_error(error_code, "the channel is not to be had like this")
            return
        self.reply(self.policy.capabilities(message))

    def reply(self, announced: Capabilities) -> None:
        """Say yes; then comes the mechanism if both can choose one, otherwise the ticket (SPICE-LINK-038, SPICE-LINK-042)."""
        self.announced = announced
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        selects = self.client.has(selection) and announced.has(selection)
        offers_sasl = announced.has(CommonCapability.AUTH_SASL)
        offers_ticket = announced.has(CommonCapability.AUTH_SPICE) or not offers_sasl
        if not offers_ticket and not selects:
            self.answer_error(LinkErr.VERSION_MISMATCH, "the client cannot choose SASL")
            return
        if offers_ticket:
            self.key = self.policy.ticket_key()
        self.send(link_reply(self.key.public_key_der if self.key else b"", announced))
        if selects:
            self.expect("mechanism", MECHANISM_SIZE, self.on_mechanism)
        else:
            self.expect("ticket", TICKET_SIZE, self.on_ticket)

    def on_mechanism(self, data: bytes) -> None:
        """How the client logs in (SPICE-LINK-040, SPICE-LINK-041)."""
        mechanism = parse_mechanism(data).auth_mechanism
        if mechanism == AuthMechanism.SPICE and self.key is not None:
            self.expect("ticket", TICKET_SIZE, self.on_ticket)
        elif (
            mechanism == AuthMechanism.SASL and self.announced.has(CommonCapability.AUTH_SASL) and self.policy.sasl is not None
        ):
            self.mechanism = AuthMechanism.SASL
            self.sasl = self.policy.sasl()
            names = frames.join_mechanisms(self.sasl.mechanisms)
            self.send(len(names).to_bytes(4, "little") + names)
            self.expect("sasl", 4, self.on_name_length)
        else:
            self.answer_result(LinkErr.INVALID_DATA, f"mechanism {int(mechanism)} was not announced")

    def on_ticket(self, data: bytes) -> None:
        """The encrypted password (SPICE-LINK-046, SPICE-LINK-048)."""
        assert self.key is not None
        if self.policy.check_password(self.key.decrypt(data), self.now):
            self.log_in()
        else:
            self.answer_result(LinkErr.PERMISSION_DENIED, "the ticket is not good")

    def log_in(self) -> None:
        """The client has proved who it is; the link result says whether its session is there (SPICE-LINK-031)."""
        assert self.message is not None
        self.stage = "result"
        error = self.policy.check_connection(self.message)
        if error != LinkErr.OK:
            self.answer_result(error, f"connection id {self.message.connection_id}")
            return
        self.send(build_result(LinkResult(LinkErr.OK)))
        self.finished = True
        self._events.append(
            Established(
                self.message,
                self.client,
                self.announced,
                caps.mini_header(self.client, self.announced),
                self.mechanism,
                self.inbox.offset,
                self.sent_offset,
                client_rest=self.inbox.take(len(self.inbox)),
            )
        )

    # -- SASL

    def on_name_length(self, data: bytes) -> None:
        """How long the name of the SASL mechanism is (SPICE-LINK-058)."""
        size = int.from_bytes(data, "little")
        if not 1 <= size <= frames.MECHANISM_NAME:
            self.answer_sasl(LinkErr.INVALID_DATA, f"a mechanism name of {size} bytes")
            return
        self.expect("sasl", size, self.on_name)

    def on_name(self, data: bytes) -> None:
        """The name of the SASL mechanism."""
        assert self.sasl is not None
        self._sasl_name = data.decode("ascii", "backslashreplace")
        if self._sasl_name not in self.sasl.mechanisms:
            self.answer_sasl(LinkErr.INVALID_DATA, f"mechanism {self._sasl_name!r} was not offered")
            return
        self.expect("sasl", 4, self.on_response_length)

    def on_response_length(self, data: bytes) -> None:
        """How long a SASL response is (SPICE-LINK-058)."""
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            self.answer_sasl(LinkErr.INVALID_DATA, f"a response of {size} bytes")
            return
        self.expect("sasl", size, self.on_response)

    def on_response(self, data: bytes) -> None:
        """A SASL response."""
        assert self.sasl is not None
        response = frames.unpack(data)
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            self.challenge(SaslStep(None, failed=True))
        elif self._rounds == 1:
            self.challenge(self.sasl.start(self._sasl_name, response))
        else:
            self.challenge(self.sasl.step(response))

    def challenge(self, step: SaslStep) -> None:
        """A SASL challenge, and with the last one how it ended (SPICE-LINK-060, SPICE-LINK-061)."""
        if step.failed:
            self.answer_sasl(LinkErr.PERMISSION_DENIED, "SASL failed")
            return
        self.send(frames.pack(step.data) + (b"\1" if step.finished else b"\0"))
        if step.finished:
            # How SASL ended, in clear; the link result is the first that a security layer would hide.
            self.send(build_result(LinkResult(LinkErr.OK)))
            self.log_in()
        else:
            self.expect("sasl", 4, self.on_response_length)

    # -- refusals

    def answer_error(self, error: LinkErr, text: str) -> None:
        """Refuse in the link reply (SPICE-LINK-022, SPICE-LINK-024)."""
        self.send(refusal(error))
        self.refuse(error, text)

    def answer_sasl(self, error: LinkErr, text: str) -> None:
        """Refuse inside SASL (SPICE-LINK-060)."""
        # A client that has sent a response reads a challenge before it reads a result.
        self.send(frames.pack(None) + b"\1")
        self.answer_result(error, text)

    def answer_result(self, error: LinkErr, text: str) -> None:
        """Refuse in the link result (SPICE-LINK-024)."""
        self.send(build_result(LinkResult(error)))
        self.refuse(error, text)
