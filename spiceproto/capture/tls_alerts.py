"""TLS alerts by name (RFC 8446, 6; RFC 5246, 7.2): why an end did not go on.

An alert behind the FIN of the other end says nothing: OpenSSL 3 calls a connection that ends without "close notify" a decode
error, and nobody is there any more to read it. In a capture the FIN may stand behind the alert. What an end acknowledges with
its own FIN says whether it knew of the other's: so this alert is told when the connection is over.
"""

from __future__ import annotations

from typing import Final

from spiceproto.capture.layers import Connection

__all__ = ["SIZE", "describe", "describe_late", "may_be_late"]

SIZE: Final = 2
"""Bytes of an alert that is not encrypted: level and description. Up to TLS 1.2 an encrypted one is longer."""

_WARNING, _FATAL = 1, 2
_DECODE_ERROR = 50
_CLOSE_NOTIFY, _USER_CANCELED, _NO_RENEGOTIATION = 0, 90, 100

_NAMES: Final = {
    _CLOSE_NOTIFY: "close notify",
    10: "unexpected message",
    20: "bad record MAC",
    21: "decryption failed",
    22: "record overflow",
    30: "decompression failure",
    40: "handshake failure",
    41: "no certificate",
    42: "bad certificate",
    43: "unsupported certificate",
    44: "certificate revoked",
    45: "certificate expired",
    46: "certificate unknown",
    47: "illegal parameter",
    48: "unknown CA",
    49: "access denied",
    _DECODE_ERROR: "decode error",
    51: "decrypt error",
    60: "export restriction",
    70: "protocol version",
    71: "insufficient security",
    80: "internal error",
    86: "inappropriate fallback",
    _USER_CANCELED: "user canceled",
    _NO_RENEGOTIATION: "no renegotiation",
    109: "missing extension",
    110: "unsupported extension",
    111: "certificate unobtainable",
    112: "unrecognized name",
    113: "bad certificate status response",
    114: "bad certificate hash value",
    115: "unknown PSK identity",
    116: "certificate required",
    120: "no application protocol",
}


def describe(connection: Connection, body: bytes, *, from_client: bool, frame: int) -> tuple[str, str] | None:
    """Code and text of the problem that an alert is; None for the usual end of a session, and for what is no alert."""
    sender, reader = ("client", "server") if from_client else ("server", "client")
    if len(body) != SIZE or body[0] not in (_WARNING, _FATAL) or body[1] == _CLOSE_NOTIFY:
        return None
    end = connection.ends.get(reader)
    if end is not None and end.frame <= frame:
        return None
    return _told(sender, body)


def may_be_late(body: bytes) -> bool:
    """Whether an alert is one that the end of the other side causes."""
    return body == bytes((_FATAL, _DECODE_ERROR))


def describe_late(connection: Connection, body: bytes, *, from_client: bool) -> tuple[str, str] | None:
    """The same of such an alert, on a connection that is over. Where the capture lacks the ends it is a warning.

    Who sends it closes at once, unless the RST of the other end, who was gone already, comes before that.
    """
    sender, reader = ("client", "server") if from_client else ("server", "client")
    if sender in connection.knew_end or (reader in connection.ends and sender not in connection.ends):
        return None
    code, text = _told(sender, body)
    if connection.ends:
        return code, text
    return "tls-warning", f"{text}; the {reader} may have ended before, the capture does not tell"


def _told(sender: str, body: bytes) -> tuple[str, str]:
    name = _NAMES.get(body[1], "of no name")
    if body[0] == _FATAL:
        return "tls-alert", f'the {sender} ended TLS with the fatal alert {body[1]} "{name}"'
    return "tls-warning", f'the {sender} sent the TLS alert {body[1]} "{name}" as a warning'
