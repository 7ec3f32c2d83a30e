"""Faults in the ticket and its result (spec/01-link.md, 1.6)."""

from __future__ import annotations

from reference_client.client import Client
from reference_client.faults.fault import fault
from spiceproto import ticket
from spiceproto.enums.link import LinkErr
from spiceproto.link.client import ClientLink
from spiceproto.link.structures import parse_result


class OtherTicket(ClientLink):
    """Encrypts what :meth:`plaintext` makes of a password, which may be too long for a ticket."""

    def plaintext(self, password: bytes) -> bytes:
        return password + b"\0"

    def send_password(self, password: bytes | str) -> None:
        data = password.encode() if isinstance(password, str) else password
        self.send_ticket(ticket.encrypt_plaintext(self.awaited_key(), self.plaintext(data)))


@fault("ticket-without-zero-byte", "SPICE-LINK-045")
class TicketWithoutZeroByte(OtherTicket):
    """Encrypts the password without its zero byte."""

    def plaintext(self, password: bytes) -> bytes:
        return password


@fault("ticket-with-other-padding", "SPICE-LINK-045")
class TicketWithOtherPadding(ClientLink):
    """Encrypts the ticket with the padding of PKCS #1 version 1.5."""

    def send_password(self, password: bytes | str) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        data = password.encode() if isinstance(password, str) else password
        self.send_ticket(ticket.load_key(self.awaited_key()).encrypt(data + b"\0", PKCS1v15()))


@fault("long-password", "SPICE-LINK-047")
class LongPassword(Client):
    """Sends a password of more than 60 bytes, up to the 85 for which a ticket has room."""

    link_class = OtherTicket

    def check(self) -> None:
        pass


@fault("parses-key-early", "SPICE-LINK-053")
class ParsesKeyEarly(ClientLink):
    """Parses the key before it has chosen how to log in, and gives up if it is none."""

    def choose(self) -> None:
        ticket.encrypt(self.key, b"")
        super().choose()


@fault("knows-one-refusal", "SPICE-LINK-054")
class KnowsOneRefusal(ClientLink):
    """Takes every link result but PERMISSION_DENIED for success."""

    def on_result(self, data: bytes) -> None:
        super().on_result(data if parse_result(data).error == LinkErr.PERMISSION_DENIED else bytes(4))
