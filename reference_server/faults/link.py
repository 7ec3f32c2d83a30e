"""Faults of the link stage (chapter 1)."""

from __future__ import annotations

from reference_server.faults.fault import fault
from reference_server.member import Session
from reference_server.policy import Policy
from reference_server.server import Linking, Server
from spiceproto import capabilities as caps
from spiceproto.capabilities import Capabilities
from spiceproto.enums.capabilities import CommonCapability
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.errors import RemoteError
from spiceproto.link import mechanisms
from spiceproto.link.events import Established, Event
from spiceproto.link.exchange import HEADER_SIZE, MESSAGE_SIZE, refusal
from spiceproto.link.sasl import SaslStep, join_mechanisms
from spiceproto.link.server import ServerLink
from spiceproto.link.structures import build_result, parse_header, parse_message
from spiceproto.messages.link import LinkMess, LinkResult
from spiceproto.ticket import PUBLIC_KEY_SIZE, TicketKey
from spiceproto.transport import Connection, Send

_MAGIC = b"REDQ"
_WORDS_OFFSET = HEADER_SIZE + 174
"""Where a link reply says where its capability words begin."""

_OK = build_result(LinkResult(LinkErr.OK))


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


# -- order, SPICE-LINK-001 to 004


@fault("link-reply-twice", "SPICE-LINK-001")
class LinkReplyTwice(ServerLink):
    """Sends the link reply twice."""

    def _reply(self, announced: Capabilities) -> None:
        super()._reply(announced)
        self._send(self._out[-1])


@fault("greets-first", "SPICE-LINK-002", "SPICE-LINK-001")
class GreetsFirst(Server):
    """Sends the letters REDQ as soon as a client has connected, and leaves them out later."""

    def accept(self, now: float, *, secure: bool = False) -> Connection:
        connection = super().accept(now, secure=secure)
        self._actions.append(Send(connection, _MAGIC))
        return connection

    def outgoing(self, connection: Connection, data: bytes) -> bytes:
        return data.removeprefix(_MAGIC) if connection in self._links else data


class _WithoutResult(ServerLink):
    def _logged_in(self) -> None:
        super()._logged_in()
        if not self.closing and self._message is not None and self._message.channel_type == ChannelType.CURSOR:
            self._out.pop()


@fault("messages-before-the-result", "SPICE-LINK-003", "SPICE-LINK-001")
class MessagesBeforeTheResult(Server):
    """Sends the first messages of a cursor channel before its link result."""

    link_class = _WithoutResult

    def linked(self, connection: Connection, event: Established) -> None:
        super().linked(connection, event)
        if event.message.channel_type == ChannelType.CURSOR:
            self._put(connection, _OK)


@fault("link-stage-in-whole-pieces", "SPICE-LINK-004", "SPICE-LINK-002")
class LinkStageInWholePieces(ServerLink):
    """Refuses a part of the link stage that does not come in one piece."""

    def receive(self, data: bytes, now: float = 0.0) -> list[Event]:
        if not self.finished and len(data) < self._want:
            self._answer_error(LinkErr.INVALID_DATA, "half of something")
            return self._take_events()
        return super().receive(data, now)


@fault("forgets-a-ticket-that-comes-early", "SPICE-LINK-004")
class ForgetsAnEarlyTicket(ServerLink):
    """Forgets a ticket that came together with the mechanism."""

    def _choice(self, data: bytes) -> None:
        super()._choice(data)
        self._inbox.take(len(self._inbox))


# -- link header, SPICE-LINK-005 to 012


@fault("answers-as-version-1", "SPICE-LINK-005")
class AnswersAsVersion1(ServerLink):
    """Has major version 1 in its link header."""

    def _send(self, data: bytes) -> None:
        super()._send(_MAGIC + _number(1) + data[8:] if data.startswith(_MAGIC) else data)


@fault("any-magic", "SPICE-LINK-006")
class AnyMagic(ServerLink):
    """Does not look at the first four bytes."""

    def _magic(self, data: bytes) -> None:
        super()._magic(_MAGIC)


@fault("wrong-error-for-a-bad-magic", "SPICE-LINK-006")
class WrongErrorForABadMagic(ServerLink):
    """Answers a wrong magic with INVALID_DATA."""

    def _answer_error(self, error: LinkErr, text: str) -> None:
        super()._answer_error(LinkErr.INVALID_DATA if error == LinkErr.INVALID_MAGIC else error, text)


@fault("any-major-version", "SPICE-LINK-008")
class AnyMajorVersion(ServerLink):
    """Takes any major version for 2."""

    def _header(self, data: bytes) -> None:
        super()._header(_number(2) + data[4:])


@fault("wants-minor-version-2", "SPICE-LINK-009")
class WantsMinorVersion2(ServerLink):
    """Refuses a minor version other than 2."""

    def _header(self, data: bytes) -> None:
        if data[4:8] != _number(2):
            self._answer_error(LinkErr.VERSION_MISMATCH, "another minor version")
        else:
            super()._header(data)


@fault("waits-for-a-long-link-message", "SPICE-LINK-012")
class WaitsForALongLinkMessage(ServerLink):
    """Waits for a link message of any size."""

    def _header(self, data: bytes) -> None:
        header = parse_header(self._magic_bytes + data)
        super()._header(data[:8] + _number(min(header.size, 4096)))
        if header.size > 4096 and not self.finished:
            self._expect("message", header.size, self._link_message)


@fault("refuses-long-link-messages", "SPICE-LINK-012")
class RefusesLongLinkMessages(ServerLink):
    """Refuses link messages of more than 1024 bytes."""

    def _header(self, data: bytes) -> None:
        size = int.from_bytes(data[8:12], "little")
        super()._header(data if size <= 1024 else data[:8] + bytes(4))


@fault("reads-short-link-messages", "SPICE-LINK-012")
class ReadsShortLinkMessages(ServerLink):
    """Takes a link message of fewer than 18 bytes, and zeros for the rest."""

    def _header(self, data: bytes) -> None:
        size = int.from_bytes(data[8:12], "little")
        if size < MESSAGE_SIZE and data[:4] == _number(2):
            self._expect("message", size, lambda short: self._link_message(short.ljust(MESSAGE_SIZE, b"\0")))
        else:
            super()._header(data)


# -- capability words, SPICE-LINK-014 to 020


@fault("capability-words-outside", "SPICE-LINK-014")
class CapabilityWordsOutside(ServerLink):
    """Says in the link reply of a cursor channel that its capability words begin behind its end."""

    def _send(self, data: bytes) -> None:
        cursor = self._message is not None and self._message.channel_type == ChannelType.CURSOR
        if cursor and len(data) > _WORDS_OFFSET + 4 and data.startswith(_MAGIC):
            data = data[:_WORDS_OFFSET] + _number(len(data)) + data[_WORDS_OFFSET + 4 :]
        super()._send(data)


@fault("any-capability-words", "SPICE-LINK-015")
class AnyCapabilityWords(ServerLink):
    """Takes capability words that lie outside of the link message for none."""

    def _link_message(self, data: bytes) -> None:
        message = parse_message(data)
        try:
            caps.read(data, MESSAGE_SIZE, message.num_common_caps, message.num_channel_caps, message.caps_offset)
        except RemoteError:
            data = data[:6] + bytes(12)
        super()._link_message(data)


class _Picky(ServerLink):
    """Refuses what does not please it."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        raise NotImplementedError

    def _link_message(self, data: bytes) -> None:
        if self.wrong(parse_message(data), len(data)):
            self._answer_error(LinkErr.INVALID_DATA, "not as it likes it")
        else:
            super()._link_message(data)


def _words(message: LinkMess) -> int:
    return message.num_common_caps + message.num_channel_caps


@fault("looks-at-the-offset-of-no-words", "SPICE-LINK-016")
class LooksAtTheOffsetOfNoWords(_Picky):
    """Refuses an offset other than 18 even where there are no capability words."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return not _words(message) and message.caps_offset != MESSAGE_SIZE


@fault("wants-capability-words-at-18", "SPICE-LINK-017")
class WantsCapabilityWordsAt18(_Picky):
    """Refuses capability words that do not follow the fixed part at once."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return bool(_words(message)) and message.caps_offset > MESSAGE_SIZE


@fault("wants-nothing-behind-the-words", "SPICE-LINK-017")
class WantsNothingBehindTheWords(_Picky):
    """Refuses bytes behind the capability words."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return bool(_words(message)) and size > message.caps_offset + 4 * _words(message)


@fault("takes-one-common-word", "SPICE-LINK-018", "SPICE-MAIN-008")
class TakesOneCommonWord(ServerLink):
    """Takes the second word for the channel's, however many there are for all channels."""

    def _link_message(self, data: bytes) -> None:
        message = parse_message(data)
        if message.num_common_caps > 1:
            others = min(_words(message) - 1, 0xFFFFFFFF)
            data = data[:6] + _number(1) + _number(others) + data[14:]
        super()._link_message(data)


@fault("refuses-unknown-capabilities", "SPICE-LINK-019")
class RefusesUnknownCapabilities(Policy):
    """Refuses a client that announces a capability without a name."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        known = caps.NONE.with_(*CommonCapability).common
        return LinkErr.INVALID_DATA if capabilities.common & ~known else super().admit(message, capabilities, secure)


@fault("wants-a-word-for-main", "SPICE-LINK-019")
class WantsAWordForMain(_Picky):
    """Refuses a main channel without a capability word of its own."""

    def wrong(self, message: LinkMess, size: int) -> bool:
        return message.channel_type == ChannelType.MAIN and not message.num_channel_caps


@fault("wants-the-ticket-announced", "SPICE-LINK-020")
class WantsTheTicketAnnounced(Policy):
    """Refuses a client that did not announce AUTH_SPICE."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        if not capabilities.has(CommonCapability.AUTH_SPICE):
            return LinkErr.PERMISSION_DENIED
        return super().admit(message, capabilities, secure)


# -- refusals and sessions, SPICE-LINK-024 to 036


@fault(
    "keeps-refused-links-open", "SPICE-LINK-024", "SPICE-LINK-006", "SPICE-LINK-008", "SPICE-LINK-012", "SPICE-LINK-015",
    "SPICE-LINK-042",
)  # fmt: skip
class KeepsRefusedLinksOpen(Server):
    """Does not close after a refusal."""

    def refused(self, connection: Connection) -> None:
        pass


@fault("talks-after-a-refusal", "SPICE-LINK-024", "SPICE-LINK-003")
class TalksAfterARefusal(Server):
    """Sends four more bytes after a refusal."""

    def refused(self, connection: Connection) -> None:
        self._put(connection, bytes(4))
        super().refused(connection)


@fault("key-without-tls", "SPICE-LINK-025")
class KeyWithoutTls(Policy):
    """Lets clients link secured channels without TLS."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        return super().admit(message, capabilities, True)


@fault("wrong-error-for-absent-channels", "SPICE-LINK-029")
class WrongErrorForAbsentChannels(Policy):
    """Answers a channel that is not there with INVALID_DATA."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        found = super().admit(message, capabilities, secure)
        return LinkErr.INVALID_DATA if found == LinkErr.CHANNEL_NOT_AVAILABLE else found


@fault("any-display", "SPICE-LINK-029")
class AnyDisplay(Policy):
    """Has every display that a client asks for."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        found = super().admit(message, capabilities, secure)
        absent = found == LinkErr.CHANNEL_NOT_AVAILABLE and message.channel_type == ChannelType.DISPLAY
        return LinkErr.OK if absent else found

    def capabilities(self, message: LinkMess) -> Capabilities:
        return self.options.announced(message.channel_type)


class _AnyId(Policy):
    def check_connection(self, message: LinkMess) -> LinkErr:
        found = super().check_connection(message)
        return LinkErr.OK if found == LinkErr.BAD_CONNECTION_ID and self.sessions else found


@fault("any-connection-id", "SPICE-LINK-031")
class AnyConnectionId(Server):
    """Takes a channel with a wrong connection id into a session that it has."""

    policy_class = _AnyId

    def find_session(self, message: LinkMess) -> Session:
        if message.channel_type != ChannelType.MAIN and message.connection_id not in self.sessions:
            return next(iter(self.sessions.values()))
        return super().find_session(message)


@fault("silent-takeover", "SPICE-LINK-036")
class SilentTakeover(Server):
    """Forgets the old session when another client has logged in, and leaves its connections open."""

    def take_over(self, session: Session) -> None:
        self.sessions.pop(session.id)
        for member in list(session.members.values()):
            self._forget(member, "forgotten")


@fault("takeover-before-the-login", "SPICE-LINK-036")
class TakeoverBeforeTheLogin(Policy):
    """Ends the old session when a client asks for main, before it has logged in."""

    def admit(self, message: LinkMess, capabilities: Capabilities, secure: bool) -> LinkErr:
        if message.channel_type == ChannelType.MAIN and not self.options.multi_client:
            for session in list(self.server.sessions.values()):
                self.server.take_over(session)
        return super().admit(message, capabilities, secure)


# -- mechanism, SPICE-LINK-038 to 042


@fault("always-expects-a-mechanism", "SPICE-LINK-038")
class AlwaysExpectsAMechanism(ServerLink):
    """Expects a mechanism of clients that did not announce AUTH_SELECTION, too."""

    def _reply(self, announced: Capabilities) -> None:
        super()._reply(announced)
        if not self.finished:
            self._expect("mechanism", 4, self._choice)


@fault("takes-any-mechanism-for-the-ticket", "SPICE-LINK-040")
class TakesAnyMechanismForTheTicket(ServerLink):
    """Waits for a ticket, whatever mechanism was chosen."""

    def _choice(self, data: bytes) -> None:
        known = data == _number(AuthMechanism.SASL) and self._policy.sasl is not None
        super()._choice(data if known else _number(AuthMechanism.SPICE))


@fault("begins-sasl-unannounced", "SPICE-LINK-041", "SPICE-LINK-040")
class BeginsSaslUnannounced(ServerLink):
    """Sends its list of SASL mechanisms although SASL is off."""

    def _choice(self, data: bytes) -> None:
        if data != _number(AuthMechanism.SASL) or self._policy.sasl is not None:
            super()._choice(data)
            return
        self._sasl = mechanisms.server({})
        names = join_mechanisms(self._sasl.mechanisms)
        self._send(_number(len(names)) + names)
        self._expect("sasl", 4, self._name_length)


@fault("leaves-old-clients-hanging", "SPICE-LINK-042", "SPICE-LINK-024")
class LeavesOldClientsHanging(ServerLink):
    """Does not close after it has refused a client that cannot choose SASL."""

    def _answer_error(self, error: LinkErr, text: str) -> None:
        if error != LinkErr.VERSION_MISMATCH or self._message is None:
            super()._answer_error(error, text)
            return
        self._send(refusal(error))
        self._expect("mechanism", 1, None)


# -- ticket, SPICE-LINK-043 to 052


class _ShortKey(TicketKey):
    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._private = rsa.generate_private_key(public_exponent=3, key_size=1024)
        der = self._private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key_der = der.ljust(PUBLIC_KEY_SIZE, b"\0")


@fault("key-with-exponent-3", "SPICE-LINK-043")
class KeyWithExponent3(Policy):
    """Has RSA keys with the exponent 3."""

    def ticket_key(self) -> TicketKey:
        return _ShortKey()


@fault("one-key-for-all-links", "SPICE-LINK-044")
class OneKeyForAllLinks(Policy):
    """Shows every client the same key."""

    _only: TicketKey | None = None

    def ticket_key(self) -> TicketKey:
        if self._only is None:
            self._only = super().ticket_key()
        return self._only


@fault("reads-behind-the-zero-byte", "SPICE-LINK-046")
class ReadsBehindTheZeroByte(ServerLink):
    """Takes bytes behind the zero byte for a part of the password."""

    def _ticket(self, data: bytes) -> None:
        assert self._key is not None
        plaintext = self._key.decrypt_plaintext(data)
        if self._policy.check_password(plaintext and plaintext.removesuffix(b"\0"), self._now):
            self._logged_in()
        else:
            self._answer_result(LinkErr.PERMISSION_DENIED, "the ticket is not good")


@fault("wants-a-zero-byte", "SPICE-LINK-046")
class WantsAZeroByte(ServerLink):
    """Refuses a ticket without a zero byte."""

    def _ticket(self, data: bytes) -> None:
        assert self._key is not None
        plaintext = self._key.decrypt_plaintext(data)
        if plaintext is not None and 0 not in plaintext:
            self._answer_result(LinkErr.PERMISSION_DENIED, "no zero byte")
        else:
            super()._ticket(data)


@fault("any-password", "SPICE-LINK-048")
class AnyPassword(Policy):
    """Accepts every password but the empty one."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        expired = self.expires is not None and self.expires < now
        return super().check_password(password, now) or (bool(password) and not expired)


@fault("empty-password-is-good", "SPICE-LINK-048")
class EmptyPasswordIsGood(Policy):
    """Accepts an empty password where another one is wanted."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        return password == b"" or super().check_password(password, now)


@fault("passwords-never-expire", "SPICE-LINK-048", "SPICE-LINK-051")
class PasswordsNeverExpire(Policy):
    """Accepts a password that has expired."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        return super().check_password(password, now if self.expires is None else min(now, self.expires))


@fault("garbage-for-a-ticket-is-good", "SPICE-LINK-048")
class GarbageForATicketIsGood(Policy):
    """Accepts a ticket that it cannot decrypt, where a password is wanted."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        return (password is None and self.password is not None) or super().check_password(password, now)


@fault("wrong-error-for-a-wrong-ticket", "SPICE-LINK-048", "SPICE-LINK-050")
class WrongErrorForAWrongTicket(ServerLink):
    """Answers a wrong ticket with ERROR."""

    def _answer_result(self, error: LinkErr, text: str) -> None:
        ticket = error == LinkErr.PERMISSION_DENIED and self._mechanism == AuthMechanism.SPICE
        super()._answer_result(LinkErr.ERROR if ticket else error, text)


@fault("wants-the-empty-password", "SPICE-LINK-049")
class WantsTheEmptyPassword(Policy):
    """Refuses a password where none is wanted."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        return super().check_password(password, now) and (self.password is not None or not password)


@fault("garbage-is-good-without-a-password", "SPICE-LINK-050")
class GarbageIsGoodWithoutAPassword(Policy):
    """Accepts a ticket that it cannot decrypt, where no password is wanted."""

    def check_password(self, password: bytes | None, now: float) -> bool:
        return self.password is None or super().check_password(password, now)


@fault("expiry-of-main-only", "SPICE-LINK-051")
class ExpiryOfMainOnly(ServerLink):
    """Looks at the expiry of the password only when main is linked."""

    def _ticket(self, data: bytes) -> None:
        assert self._message is not None
        if self._message.channel_type != ChannelType.MAIN:
            self._now = 0.0
        super()._ticket(data)


@fault("expiry-ends-sessions", "SPICE-LINK-051")
class ExpiryEndsSessions(Server):
    """Ends sessions when the password expires."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        if self.policy.expires is not None and self.policy.expires < now:
            self.shutdown_sessions()
        super().receive(connection, data, now)

    def shutdown_sessions(self) -> None:
        """End them all."""
        for session in list(self.sessions.values()):
            self.end_session(session, "the password has expired")


@fault("new-password-ends-sessions", "SPICE-LINK-052")
class NewPasswordEndsSessions(Server):
    """Ends sessions when the password is changed."""

    def set_password(self, password: bytes | str | None, expires: float | None = None) -> None:
        super().set_password(password, expires)
        for session in list(self.sessions.values()):
            self.end_session(session, "another password")


# -- SASL, SPICE-LINK-057 to 061


@fault("sasl-without-zero-bytes", "SPICE-LINK-057")
class SaslWithoutZeroBytes(ServerLink):
    """Sends challenges without a zero byte behind them."""

    def _challenge(self, step: SaslStep) -> None:
        super()._challenge(step)
        if step.data is not None and not step.failed:
            at = -3 if step.finished else -1  # Two results stand behind the last challenge.
            self._out[at] = _number(len(step.data)) + step.data + bytes([step.finished])


@fault("sasl-mechanism-name-of-any-length", "SPICE-LINK-058")
class SaslMechanismNameOfAnyLength(ServerLink):
    """Waits for a mechanism name, however long it is to be."""

    def _name_length(self, data: bytes) -> None:
        self._expect("sasl", int.from_bytes(data, "little"), self._name)


@fault("sasl-response-of-any-length", "SPICE-LINK-058")
class SaslResponseOfAnyLength(ServerLink):
    """Waits for a response, however long it is to be."""

    def _response_length(self, data: bytes) -> None:
        self._expect("sasl", int.from_bytes(data, "little"), self._response)


@fault("sasl-responses-of-1000-bytes", "SPICE-LINK-058")
class SaslResponsesOf1000Bytes(ServerLink):
    """Refuses SASL responses of more than 1000 bytes."""

    def _response_length(self, data: bytes) -> None:
        size = int.from_bytes(data, "little")
        super()._response_length(data if size <= 1000 else b"\xff" * 4)


@fault("sasl-failure-without-a-challenge", "SPICE-LINK-060")
class SaslFailureWithoutAChallenge(ServerLink):
    """Answers a SASL login that failed with a link result alone."""

    def _answer_sasl(self, error: LinkErr, text: str) -> None:
        self._answer_result(error, text)


@fault("any-sasl-password", "SPICE-LINK-060")
class AnySaslPassword(ServerLink):
    """Takes a SASL login that failed for a good one."""

    def _challenge(self, step: SaslStep) -> None:
        super()._challenge(SaslStep(None, finished=True) if step.failed else step)


@fault("no-result-after-sasl", "SPICE-LINK-061", "SPICE-LINK-001", "SPICE-LINK-003")
class NoResultAfterSasl(ServerLink):
    """Sends no link result after SASL."""

    def _logged_in(self) -> None:
        super()._logged_in()
        if self._mechanism == AuthMechanism.SASL and not self.closing:
            self._out.pop()


# -- time, SPICE-LINK-063 and 064


@fault("waits-for-ever", "SPICE-LINK-063")
class WaitsForEver(Server):
    """Never gives up a link on which the client is silent."""

    def link_deadline(self, linking: Linking) -> float:
        return float("inf")


@fault("one-link-at-a-time", "SPICE-LINK-064")
class OneLinkAtATime(Server):
    """Does not listen to a client while the link of another one is not finished."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        if connection in self._links and connection is not next(iter(self._links)):
            return
        super().receive(connection, data, now)
