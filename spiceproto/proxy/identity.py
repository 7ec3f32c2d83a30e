"""Who the proxy is for clients with TLS: a certificate that is given, or one made on the spot with its own authority."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from spiceproto import certificates
from spiceproto.errors import LocalError
from spiceproto.trust import print_subject

__all__ = ["Identity", "given", "made"]


class Identity(msgspec.Struct, frozen=True):
    """A certificate.

    * ``context``: how TLS is spoken with it
    * ``ca_pem``: whom clients have to trust, "" where that is theirs to know
    * ``subject``: of the certificate, as clients compare it
    """

    context: ssl.SSLContext
    ca_pem: str
    subject: str


def made(names: Iterable[str]) -> Identity:
    """A new one, good for these hosts; takes some 100 ms."""
    found = certificates.make(tuple(dict.fromkeys([*names, "localhost", "127.0.0.1"])))
    with tempfile.TemporaryDirectory() as folder:
        found.write(folder)
        context = _context(Path(folder) / "server-cert.pem", Path(folder) / "server-key.pem")
    return Identity(context, found.ca_pem, found.subject)


def given(certificate: str, key: str, ca_pem: str = "") -> Identity:
    """Of files. Raises LocalError for what is no certificate, OSError."""
    from cryptography import x509

    pem = Path(certificate).read_bytes()
    Path(key).read_bytes()
    try:
        context = _context(certificate, key)
        subject = x509.load_pem_x509_certificate(pem).subject
    except (ssl.SSLError, ValueError) as error:
        raise LocalError("not a certificate and its key", where=certificate, actual=str(error)) from None
    parts = [(item.oid.dotted_string, str(item.value)) for rdn in subject.rdns for item in rdn]
    return Identity(context, ca_pem, print_subject(parts))


def _context(certificate: str | Path, key: str | Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
