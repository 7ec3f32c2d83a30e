"""Trust: whose certificates are good, and whose name has to be in them.

A server shows a certificate; an authority must have signed it, and then either the host's name is compared, or the
certificate's subject with one that was handed over on another way (``host-subject``): servers behind a broker are reached by
addresses that no certificate names.
"""

from __future__ import annotations

import ssl
from typing import Any

from spiceproto.errors import LocalError

__all__ = ["check_subject", "make_context", "parse_subject"]

_KINDS = {
    "C": "2.5.4.6",
    "ST": "2.5.4.8",
    "S": "2.5.4.8",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "GN": "2.5.4.42",
    "DC": "0.9.2342.19200300.100.1.25",
    "UID": "0.9.2342.19200300.100.1.1",
    "EMAILADDRESS": "1.2.840.113549.1.9.1",
    "SERIALNUMBER": "2.5.4.5",
    "TITLE": "2.5.4.12",
}
"""Short names of what a subject is made of, to object identifiers."""


def make_context(*, ca_pem: str = "", host_subject: str = "", ciphers: str = "") -> ssl.SSLContext:
    """How TLS is spoken. Without ``ca_pem`` the system's authorities are trusted.

    Raises LocalError for certificates or ciphers that are none.
    """
    try:
        context = ssl.create_default_context(cadata=ca_pem or None)
        if ciphers:
            context.set_ciphers(ciphers)
    except (ssl.SSLError, ValueError) as error:
        raise LocalError("TLS cannot be set up so", actual=str(error)) from None
    # The subject is compared instead of the name; the signature is checked in both cases.
    context.check_hostname = not host_subject
    return context


def parse_subject(text: str) -> tuple[tuple[str, str], ...]:
    """The parts of a subject as (object identifier, value), in their order.

    ``C=XX, L=City, O=With\\, comma, CN=name``: parts are separated by commas, a backslash keeps the next character.
    Raises LocalError.
    """
    parts: list[list[str]] = [["", ""]]
    side = 0
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            parts[-1][side] += next(letters, "")
        elif letter == ",":
            parts.append(["", ""])
            side = 0
        elif letter == "=" and not side:
            side = 1
        elif letter != " " or parts[-1][side]:
            parts[-1][side] += letter
    found = []
    for kind, value in parts:
        number = _KINDS.get(kind.strip().upper())
        if number is None or not value.strip():
            raise LocalError("not the subject of a certificate", expected="KEY=value, ...", actual=repr(text[:80]))
        found.append((number, value))
    return tuple(found)


def check_subject(certificate_der: bytes, wanted: str) -> str:
    """Compare the subject of a certificate with ``wanted``; "" if they are the same, otherwise what is wrong.

    Letters and runs of spaces are compared as X.509 does, without regard to case and number.
    """
    from cryptography import x509

    try:
        subject: Any = x509.load_der_x509_certificate(certificate_der).subject
        found = [(item.oid.dotted_string, str(item.value)) for rdn in subject.rdns for item in rdn]
    except Exception as error:  # hostile DER: the library's errors are of many kinds
        return f"the server's certificate cannot be read: {error}"
    if [(kind, _plain(value)) for kind, value in found] == [(kind, _plain(value)) for kind, value in parse_subject(wanted)]:
        return ""
    return f"the server's certificate has another subject: {subject.rfc4514_string()}"


def _plain(value: str) -> str:
    return " ".join(value.split()).casefold()
