"""Trust: whose certificates are good, and whose name has to be in them.

A server shows a certificate; an authority must have signed it, and then either the host's name is compared, or the
certificate's subject with one that was handed over on another way (``host-subject``): servers behind a broker are reached by
addresses that no certificate names.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Iterable
from typing import Any, Final

from spiceproto.errors import LocalError
from spiceproto.key_log import key_log

__all__ = ["check_subject", "make_context", "parse_subject", "print_subject", "server_name"]

_NAMES: Final = {
    "C": ("2.5.4.6", "countryName"),
    "ST": ("2.5.4.8", "stateOrProvinceName"),
    "L": ("2.5.4.7", "localityName"),
    "street": ("2.5.4.9", "streetAddress"),
    "postalCode": ("2.5.4.17", "postalCode"),
    "O": ("2.5.4.10", "organizationName"),
    "OU": ("2.5.4.11", "organizationalUnitName"),
    "CN": ("2.5.4.3", "commonName"),
    "SN": ("2.5.4.4", "surname"),
    "GN": ("2.5.4.42", "givenName"),
    "DC": ("0.9.2342.19200300.100.1.25", "domainComponent"),
    "UID": ("0.9.2342.19200300.100.1.1", "userId"),
    "emailAddress": ("1.2.840.113549.1.9.1", "emailAddress"),
    "serialNumber": ("2.5.4.5", "serialNumber"),
    "title": ("2.5.4.12", "title"),
}
"""What a subject is made of: OpenSSL's short name, the object identifier, OpenSSL's long name."""

_NUMBERS: Final = {name: number for short, (number, long) in _NAMES.items() for name in (short, long)}
_SHORT: Final = {number: short for short, (number, _) in _NAMES.items()}
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)+")

_SPECIAL, _ESCAPED = re.compile(r"[\\,]"), r"\\\g<0>"

_LONGEST_LABEL: Final = 63
"""Letters between two dots of a host's name."""


def make_context(*, ca_pem: str = "", host_subject: str = "", ciphers: str = "") -> ssl.SSLContext:
    """How TLS is spoken. Without ``ca_pem`` the system's authorities are trusted.

    Raises LocalError for certificates or ciphers that are none, OSError for a log of keys that can not be written.
    """
    key_log()  # the default context has it, and would let everybody read a new one
    try:
        context = ssl.create_default_context(cadata=ca_pem or None)
        if ciphers:
            context.set_ciphers(ciphers)
    except (ssl.SSLError, ValueError) as error:
        raise LocalError("TLS cannot be set up so", actual=str(error)) from None
    # The subject is compared instead of the name; the signature is checked in both cases.
    context.check_hostname = not host_subject
    return context


def server_name(host: str, *, compared: bool) -> str | None:
    """The name of the server that TLS says, None for what is none: a broker's host may be a token of any form.

    ``compared``  the certificate is held against it

    Raises LocalError for what is no name where it is compared.
    """
    if host and ":" not in host and all(0 < len(label) <= _LONGEST_LABEL for label in host.rstrip(".").split(".")):
        return host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if compared:
            raise LocalError(
                "no certificate can have this name", expected="the name of a host, or a host subject", actual=repr(host)
            ) from None
        return None
    return host


def parse_subject(text: str) -> tuple[tuple[str, str], ...]:
    """The parts of a subject as (object identifier, value), in their order, as spice-common reads them.

    ``C=XX, L=City, O=With\\, comma, CN=name``: parts are separated by commas, and there may be one at the end. Names are
    OpenSSL's, short or long, or object identifiers. A backslash stands before a comma or a backslash and before nothing
    else. Raises LocalError.
    """
    parts: list[list[str]] = [["", ""]]
    side = 0
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, "")
            if escaped not in (",", "\\"):
                raise LocalError("an unknown escape in a subject", expected="\\, or \\\\", actual=repr(f"\\{escaped}"))
            parts[-1][side] += escaped
        elif letter == ",":
            parts.append(["", ""])
            side = 0
        elif letter == "=" and not side:
            side = 1
        elif letter != " " or parts[-1][side]:
            parts[-1][side] += letter
    if len(parts) > 1 and parts[-1] == ["", ""] and not side:
        parts.pop()
    found = []
    for kind, value in parts:
        number = kind if _NUMBER.fullmatch(kind) else _NUMBERS.get(kind)
        if number is None or not value.strip():
            raise LocalError("not the subject of a certificate", expected="KEY=value, ...", actual=repr(text[:80]))
        found.append((number, value))
    return tuple(found)


def print_subject(parts: Iterable[tuple[str, str]]) -> str:
    """The text from which :func:`parse_subject` makes these parts."""
    return ",".join([f"{_SHORT.get(number, number)}={_SPECIAL.sub(_ESCAPED, value)}" for number, value in parts])


def check_subject(certificate_der: bytes, wanted: str) -> str:
    """Compare the subject of a certificate with ``wanted``; "" if they are the same, otherwise what is wrong.

    The subject that is there is told in the form that ``wanted`` would have to have.

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
    return f"the server's certificate has another subject: {print_subject(found)}"


def _plain(value: str) -> str:
    return " ".join(value.split()).casefold()
