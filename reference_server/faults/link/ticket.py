"""Faults in key, ticket and password (spec/01-link.md, SPICE-LINK-043 to 052)."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

from reference_server.faults.fault import fault
from reference_server.policy import Policy
from reference_server.server import Server
from spiceproto.enums.link import AuthMechanism, ChannelType, LinkErr
from spiceproto.link.server import ServerLink
from spiceproto.sizes import (
    PUBLIC_KEY_SIZE,
)
from spiceproto.ticket import TicketKey
from spiceproto.transport import Connection


class _ShortKey(TicketKey):
    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self.private = rsa.generate_private_key(public_exponent=3, key_size=1024)
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
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


@fault("two-keys-in-turn", "SPICE-LINK-044")
class TwoKeysInTurn(Policy):
    """Has two keys, and shows each to every other client."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._kept: list[TicketKey] = []

    def ticket_key(self) -> TicketKey:
        self._kept.insert(0, self._kept.pop() if len(self._kept) > 1 else super().ticket_key())
        return self._kept[0]


@fault("twenty-keys-in-turn", "SPICE-LINK-044")
class TwentyKeysInTurn(Policy):
    """Has twenty keys and shows them in turn, whichever session it is."""

    _keys: ClassVar[deque[TicketKey]] = deque(maxlen=20)

    def ticket_key(self) -> TicketKey:
        key = self._keys[0] if len(self._keys) == self._keys.maxlen else TicketKey.generate()
        self._keys.append(key)
        return key


@fault("reads-behind-the-zero-byte", "SPICE-LINK-046")
class ReadsBehindTheZeroByte(ServerLink):
    """Takes bytes behind the zero byte for a part of the password."""

    def on_ticket(self, data: bytes) -> None:
        assert self.key is not None
        plaintext = self.key.decrypt_plaintext(data)
        if self.policy.check_password(plaintext and plaintext.removesuffix(b"\0"), self.now):
            self.log_in()
        else:
            self.answer_result(LinkErr.PERMISSION_DENIED, "the ticket is not good")


@fault("wants-a-zero-byte", "SPICE-LINK-046")
class WantsAZeroByte(ServerLink):
    """Refuses a ticket without a zero byte."""

    def on_ticket(self, data: bytes) -> None:
        assert self.key is not None
        plaintext = self.key.decrypt_plaintext(data)
        if plaintext is not None and 0 not in plaintext:
            self.answer_result(LinkErr.PERMISSION_DENIED, "no zero byte")
        else:
            super().on_ticket(data)


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

    def answer_result(self, error: LinkErr, text: str) -> None:
        ticket = error == LinkErr.PERMISSION_DENIED and self.mechanism == AuthMechanism.SPICE
        super().answer_result(LinkErr.ERROR if ticket else error, text)


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

    def on_ticket(self, data: bytes) -> None:
        assert self.message is not None
        if self.message.channel_type != ChannelType.MAIN:
            self.now = 0.0
        super().on_ticket(data)


@fault("expiry-ends-sessions", "SPICE-LINK-051")
class ExpiryEndsSessions(Server):
    """Ends sessions when the password expires."""

    def receive(self, connection: Connection, data: bytes, now: float) -> None:
        if self.policy.expires is not None and self.policy.expires < now:
            for session in list(self.sessions.values()):
                self.end_session(session, "the password has expired")
        super().receive(connection, data, now)


@fault("new-password-ends-sessions", "SPICE-LINK-052")
class NewPasswordEndsSessions(Server):
    """Ends sessions when the password is changed."""

    def set_password(self, password: bytes | str | None, expires: float | None = None) -> None:
        super().set_password(password, expires)
        for session in list(self.sessions.values()):
            self.end_session(session, "another password")
