"""What an observer of both directions is told about a link stage."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from spiceproto.enums.link import AuthMechanism, LinkErr
from spiceproto.link.events import Established

__all__ = ["CODES", "Failed", "Item", "Opaque", "Problem", "Severity", "Step"]

Severity = Literal["error", "warning", "note"]


class Step(msgspec.Struct, frozen=True):
    """One structure that was sent.

    * ``sender``: "client" or "server"
    * ``kind``: "link-header", "link-message", "link-reply", "link-error", "auth-mechanism", "ticket",
      "sasl-mechanism-list", "sasl-start", "sasl-challenge", "sasl-response", "sasl-result", "link-result"
    * ``start``, ``end``: where it is in the sender's stream
    * ``value``: a value of :mod:`spiceproto.messages.link`
    """

    sender: str
    kind: str
    start: int
    end: int
    value: Any


class Problem(msgspec.Struct, frozen=True):
    """Something that is not as it should be.

    * ``code``: a key of :data:`CODES`, and ``rule`` what is said there
    * ``sender``, ``offset``: whose stream, and where in it
    """

    severity: Severity
    code: str
    sender: str
    offset: int
    expected: str = ""
    actual: str = ""

    @property
    def rule(self) -> str:
        """The sentence that is broken."""
        return CODES[self.code]


class Failed(msgspec.Struct, frozen=True):
    """The link stage ended without a connection.

    * ``stage``: as in :class:`spiceproto.link.events.Refused`
    * ``error``: what the server said; None if it said nothing
    * ``client_rest``, ``server_rest``: bytes that nobody looked at
    * ``seen``: False if it may have gone on, and nobody saw it
    """

    stage: str
    error: LinkErr | int | None
    text: str
    client_rest: bytes = b""
    server_rest: bytes = b""
    seen: bool = True


class Opaque(msgspec.Struct, frozen=True):
    """The connection stands, but what follows is encrypted by the security layer of a SASL mechanism.

    ``established`` is what it would have been without.
    """

    established: Established
    sasl_mechanism: str
    mechanism: AuthMechanism | int = AuthMechanism.SASL


Item = Step | Problem | Established | Failed | Opaque

CODES = {
    "magic": "A link header begins with the four letters REDQ.",
    "before-the-header": "Nothing stands before a link header.",
    "version": "The major version of a link header is 2.",
    "minor-version": "The minor version is 2; a receiver does not look at it.",
    "link-message-size": "A link message has 18 to 4096 bytes.",
    "link-reply-size": "A link reply has at least 178 bytes, and a client bounds it.",
    "capability-words": "Capability words lie behind the fixed part and inside the message, at most 1024 of each kind.",
    "capability-words-apart": "Capability words usually follow the fixed part at once.",
    "bytes-behind-capabilities": "A receiver ignores bytes behind the capability words; nobody needs them.",
    "short-refusal": "A refusal is a whole link reply.",
    "no-reply": "A server that does not have a channel says so with CHANNEL_NOT_AVAILABLE.",
    "connection-id": "Main names connection id 0 unless the client is to migrate; other channels name the session.",
    "mechanism-word-missing": "A mechanism number is sent if both ends announced AUTH_SELECTION.",
    "mechanism-word-unexpected": "No mechanism number is sent unless both ends announced AUTH_SELECTION.",
    "mechanism-unknown": "The mechanism is 1 (ticket) or 2 (SASL).",
    "mechanism-not-announced": "A client chooses a mechanism that the server announced.",
    "unannounced-sasl": "A server refuses a mechanism that it did not announce.",
    "public-key": "The link reply has an RSA public key of 162 bytes in DER if a ticket is to be sent.",
    "second-link-reply": "A login is answered with a link result of four bytes.",
    "sasl-size": "SASL data has at most 1 MiB, a mechanism list at most 300 bytes, a mechanism name 1 to 100.",
    "sasl-terminator": "A challenge or response that is there is followed by a zero byte, which its length counts.",
    "sasl-mechanism": "A client chooses a SASL mechanism that the server listed.",
    "sasl-endless": "SASL comes to an end.",
    "truncated": "A structure is sent whole.",
    "too-much": "Neither end sends more than the link stage can hold while it waits for the other.",
}
"""What each code of a :class:`Problem` says must be so."""
