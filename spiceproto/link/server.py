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
from spiceproto.link.exchange import HEADER_SIZE, MAGIC, MAJOR, MESSAGE_SIZE, Endpoint, link_reply, refusal
from spiceproto.link.policy import LinkPolicy
from spiceproto.link.sasl import SaslServer, SaslStep
from spiceproto.link.structures import build_result, parse_header, parse_mechanism, parse_message
from spiceproto.messages.link import LinkMess, LinkResult
from spiceproto.ticket import CIPHERTEXT_SIZE, TicketKey

__all__ = ["ServerLink"]

_MAGIC_SIZE = 4
_MECHANISM_SIZE = 4


class ServerLink(Endpoint):
    """Answers one client. ``secure`` says whether the connection has TLS."""

    __slots__ = ("_capabilities", "_client", "_key", "_magic_bytes", "_mechanism", "_message", "_now", "_policy",
                 "_rounds", "_sasl", "_sasl_name", "_secure")  # fmt: skip

    def __init__(self, policy: LinkPolicy, *, secure: bool = False) -> None:
        super().__init__()
        self._policy = policy
        self._secure = secure
        self._now = 0.0
        self._client = caps.NONE
        self._capabilities = caps.NONE
        self._message: LinkMess | None = None
        self._key: TicketKey | None = None
        self._sasl: SaslServer | None = None
        self._sasl_name = ""
        self._rounds = 0
        self._mechanism = AuthMechanism.SPICE
        self._magic_bytes = b""
        # Four bytes show a stranger; somebody who is not a SPICE client may never send sixteen.
        self._expect("header", _MAGIC_SIZE, self._magic)

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        """Bytes of the client; ``now`` is handed on to the policy."""
        self._now = now
        return self._receive(data)

    # -- the steps

    def _magic(self, data: bytes) -> None:
        if int.from_bytes(data, "little") != MAGIC:
            self._answer_error(LinkErr.INVALID_MAGIC, f"the client begins with {data!r}")
            return
        self._magic_bytes = data
        self._expect("header", HEADER_SIZE - _MAGIC_SIZE, self._header)

    def _header(self, data: bytes) -> None:
        header = parse_header(self._magic_bytes + data)
        least, most = limits.LINK_MESSAGE_SIZE
        if header.major_version != MAJOR:
            self._answer_error(LinkErr.VERSION_MISMATCH, f"the client speaks version {header.major_version}")
        elif not least <= header.size <= most:
            self._answer_error(LinkErr.INVALID_DATA, f"a link message of {header.size} bytes")
        else:
            self._expect("message", header.size, self._link_message)

    def _link_message(self, data: bytes) -> None:
        message = parse_message(data)
        try:
            client = caps.read(data, MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, message.caps_offset)
        except RemoteError as error:
            self._answer_error(LinkErr.INVALID_DATA, str(error))
            return
        self._message = message
        self._client = client
        self._events.append(LinkMessageReceived(message, client))
        self._stage = "reply"
        error_code = self._policy.admit(message, client, self._secure)
        if error_code != LinkErr.OK:
            self._answer_error(error_code, "the channel is not to be had like this")
            return
        self._reply(self._policy.capabilities(message))

    def _reply(self, announced: Capabilities) -> None:
        self._capabilities = announced
        selection = CommonCapability.PROTOCOL_AUTH_SELECTION
        selects = self._client.has(selection) and announced.has(selection)
        offers_sasl = announced.has(CommonCapability.AUTH_SASL)
        offers_ticket = announced.has(CommonCapability.AUTH_SPICE) or not offers_sasl
        if not offers_ticket and not selects:
            self._answer_error(LinkErr.VERSION_MISMATCH, "the client cannot choose SASL")
            return
        if offers_ticket:
            self._key = self._policy.ticket_key()
        self._send(link_reply(self._key.public_key_der if self._key else b"", announced))
        if selects:
            self._expect("mechanism", _MECHANISM_SIZE, self._choice)
        else:
            self._expect("ticket", CIPHERTEXT_SIZE, self._ticket)

    def _choice(self, data: bytes) -> None:
        mechanism = parse_mechanism(data).auth_mechanism
        if mechanism == AuthMechanism.SPICE and self._key is not None:
            self._expect("ticket", CIPHERTEXT_SIZE, self._ticket)
        elif (
            mechanism == AuthMechanism.SASL
            and self._capabilities.has(CommonCapability.AUTH_SASL)
            and self._policy.sasl is not None
        ):
            self._mechanism = AuthMechanism.SASL
            self._sasl = self._policy.sasl()
            names = frames.join_mechanisms(self._sasl.mechanisms)
            self._send(len(names).to_bytes(4, "little") + names)
            self._expect("sasl", 4, self._name_length)
        else:
            self._answer_result(LinkErr.INVALID_DATA, f"mechanism {int(mechanism)} was not announced")

    def _ticket(self, data: bytes) -> None:
        assert self._key is not None
        if self._policy.check_password(self._key.decrypt(data), self._now):
            self._logged_in()
        else:
            self._answer_result(LinkErr.PERMISSION_DENIED, "the ticket is not good")

    def _logged_in(self) -> None:
        assert self._message is not None
        self._stage = "result"
        error = self._policy.check_connection(self._message)
        if error != LinkErr.OK:
            self._answer_result(error, f"connection id {self._message.connection_id}")
            return
        self._send(build_result(LinkResult(LinkErr.OK)))
        self.finished = True
        self._events.append(
            Established(
                self._message,
                self._client,
                self._capabilities,
                caps.mini_header(self._client, self._capabilities),
                self._mechanism,
                self._inbox.offset,
                self._sent_offset,
                client_rest=self._inbox.take(len(self._inbox)),
            )
        )

    # -- SASL

    def _name_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if not 1 <= size <= frames.MECHANISM_NAME:
            self._answer_sasl(LinkErr.INVALID_DATA, f"a mechanism name of {size} bytes")
            return
        self._expect("sasl", size, self._name)

    def _name(self, data: bytes) -> None:
        assert self._sasl is not None
        self._sasl_name = data.decode("ascii", "backslashreplace")
        if self._sasl_name not in self._sasl.mechanisms:
            self._answer_sasl(LinkErr.INVALID_DATA, f"mechanism {self._sasl_name!r} was not offered")
            return
        self._expect("sasl", 4, self._response_length)

    def _response_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        if size > limits.SASL_DATA:
            self._answer_sasl(LinkErr.INVALID_DATA, f"a response of {size} bytes")
            return
        self._expect("sasl", size, self._response)

    def _response(self, data: bytes) -> None:
        assert self._sasl is not None
        response = frames.unpack(data)
        self._rounds += 1
        if self._rounds > frames.ROUNDS:
            self._challenge(SaslStep(None, failed=True))
        elif self._rounds == 1:
            self._challenge(self._sasl.start(self._sasl_name, response))
        else:
            self._challenge(self._sasl.step(response))

    def _challenge(self, step: SaslStep) -> None:
        if step.failed:
            self._answer_sasl(LinkErr.PERMISSION_DENIED, "SASL failed")
            return
        self._send(frames.pack(step.data) + (b"\1" if step.finished else b"\0"))
        if step.finished:
            # How SASL ended, in clear; the link result is the first that a security layer would hide.
            self._send(build_result(LinkResult(LinkErr.OK)))
            self._logged_in()
        else:
            self._expect("sasl", 4, self._response_length)

    # -- refusals

    def _answer_error(self, error: LinkErr, text: str) -> None:
        self._send(refusal(error))
        self._refuse(error, text)

    def _answer_sasl(self, error: LinkErr, text: str) -> None:
        # A client that has sent a response reads a challenge before it reads a result.
        self._send(frames.pack(None) + b"\1")
        self._answer_result(error, text)

    def _answer_result(self, error: LinkErr, text: str) -> None:
        self._send(build_result(LinkResult(error)))
        self._refuse(error, text)
