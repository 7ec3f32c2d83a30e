"""Faults in ticket and SASL (spec/01-link.md, 1.5 to 1.7)."""

from __future__ import annotations

from typing import Any

from reference_client.client import Client
from reference_client.faults.fault import fault
from spiceproto import ticket
from spiceproto.enums.link import LinkErr
from spiceproto.link.client import ClientLink
from spiceproto.link.sasl import SaslStep, split_mechanisms
from spiceproto.link.structures import parse_result

__all__ = ["FAULTS"]


class _OtherTicket(ClientLink):
    def plaintext(self, password: bytes) -> bytes:
        return password + b"\0"

    def send_password(self, password: bytes | str) -> None:
        data = password.encode() if isinstance(password, str) else password
        self.send_ticket(ticket.encrypt_plaintext(self._awaited_key(), self.plaintext(data)))


class _Open(_OtherTicket):
    def plaintext(self, password: bytes) -> bytes:
        return password


class TicketWithoutZeroByte(Client):
    """Encrypts the password without its zero byte."""

    link_class = _Open


class _OtherPadding(ClientLink):
    def send_password(self, password: bytes | str) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        data = password.encode() if isinstance(password, str) else password
        self.send_ticket(ticket._load(self._awaited_key()).encrypt(data + b"\0", PKCS1v15()))


class TicketWithOtherPadding(Client):
    """Encrypts the ticket with the padding of PKCS #1 version 1.5."""

    link_class = _OtherPadding


class LongPassword(Client):
    """Sends a password of more than 60 bytes, up to the 85 for which a ticket has room."""

    link_class = _OtherTicket

    def check(self) -> None:
        pass


class _Early(ClientLink):
    def _choose(self) -> None:
        ticket.encrypt(self._key, b"")
        super()._choose()


class ParsesKeyEarly(Client):
    """Parses the key before it has chosen how to log in, and gives up if it is none."""

    link_class = _Early


class _OneRefusal(ClientLink):
    def _result(self, data: bytes) -> None:
        super()._result(data if parse_result(data).error == LinkErr.PERMISSION_DENIED else bytes(4))


class KnowsOneRefusal(Client):
    """Takes every link result but PERMISSION_DENIED for success."""

    link_class = _OneRefusal


class _NoZeroByte(ClientLink):
    def _respond(self, step: SaslStep) -> None:
        before = len(self._out)
        super()._respond(step)
        for at in range(before, len(self._out)):
            data = self._out[at][4:-1]
            self._out[at] = len(data).to_bytes(4, "little") + data


class SaslWithoutZeroByte(Client):
    """Sends SASL responses without their zero byte."""

    link_class = _NoZeroByte


class _NoLimits(ClientLink):
    def _mechanism_list_length(self, data: bytes) -> None:
        self._expect("sasl", int.from_bytes(data, "little"), self._mechanism_list)

    def _challenge_length(self, data: bytes) -> None:
        self._expect("sasl", int.from_bytes(data, "little") + 1, self._challenge)


class NoSaslLimits(Client):
    """Takes mechanism lists and challenges of any size."""

    link_class = _NoLimits


class _Unlisted(ClientLink):
    def _mechanism_list(self, data: bytes) -> None:
        listed = split_mechanisms(data)
        name = next(name for name in ("ANONYMOUS", "LOGIN", "X-OWN") if name not in listed).encode()
        self._send(len(name).to_bytes(4, "little") + name)
        self._respond(SaslStep(b"suite"))


class SaslMechanismNotListed(Client):
    """Chooses a SASL mechanism that is not in the server's list."""

    link_class = _Unlisted


class _Wrapped(ClientLink):
    def _expect(self, stage: str, size: int, then: Any) -> None:
        # What comes under a security layer has its length before it.
        super()._expect(stage, size + 4 if stage == "result" and self._sasl_finished else size, then)

    def _result(self, data: bytes) -> None:
        super()._result(data[-4:])


class SaslLayerTooEarly(Client):
    """Takes the link result after SASL for wrapped in a security layer already."""

    link_class = _Wrapped


FAULTS = (
    fault("ticket-without-zero-byte", "LINK-045", TicketWithoutZeroByte),
    fault("ticket-with-other-padding", "LINK-045", TicketWithOtherPadding),
    fault("long-password", "LINK-047", LongPassword),
    fault("parses-key-early", "LINK-053", ParsesKeyEarly),
    fault("knows-one-refusal", "LINK-054", KnowsOneRefusal),
    fault("sasl-without-zero-byte", "LINK-057", SaslWithoutZeroByte),
    fault("no-sasl-limits", "LINK-058", NoSaslLimits),
    fault("sasl-mechanism-not-listed", "LINK-059", SaslMechanismNotListed),
    fault("sasl-layer-too-early", "LINK-061", SaslLayerTooEarly),
)
