"""Certificates for trying TLS: an authority of its own and one server, made when they are wanted.

For tests and demonstrations. The keys are fresh each time and nobody keeps the authority's, so nothing can be signed with
it later. The files have the names that QEMU's ``x509-dir`` looks for.

This is a leaf that nothing else of the library imports: it asks for the clock and for random numbers, as certificates must.
"""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import Any, Final

import msgspec

__all__ = ["Certificates", "make"]

_DAYS: Final = 30
_ORGANIZATION: Final = "SPICE reference"
_OWNER_ONLY: Final = 0o600


class Certificates(msgspec.Struct, frozen=True):
    """What a server and its clients need.

    * ``ca_pem``: certificate of the authority, for clients
    * ``certificate_pem``, ``key_pem``: of the server
    * ``subject``: of the server's certificate, as clients compare it: ``O=...,CN=...``
    * ``expired_pem``, ``self_signed_pem``: certificates that clients refuse, of the same key, names and subject: one that the
      authority signed and that ended a day ago, and one that it did not sign
    """

    ca_pem: str
    certificate_pem: str
    key_pem: str
    subject: str
    expired_pem: str = ""
    self_signed_pem: str = ""

    def write(self, folder: str | Path) -> None:
        """Write ``ca-cert.pem``, ``server-cert.pem`` and ``server-key.pem``; the key for the owner alone."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        (place / "ca-cert.pem").write_text(self.ca_pem)
        (place / "server-cert.pem").write_text(self.certificate_pem)
        key = place / "server-key.pem"
        key.touch(_OWNER_ONLY)
        key.chmod(_OWNER_ONLY)
        key.write_text(self.key_pem)


def make(subject_names: tuple[str, ...] = ("localhost", "127.0.0.1")) -> Certificates:
    """An authority and a server certificate of RSA 2048, good for 30 days; takes some 100 ms.

    ``subject_names`` are host names and addresses of the server; the first stands in its subject as well.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID

    now = datetime.datetime.now(datetime.UTC)
    sha256 = hashes.SHA256()
    pem = serialization.Encoding.PEM

    def key() -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def builder(
        subject: x509.Name, issuer: x509.Name, public: rsa.RSAPublicKey, *, end: int = _DAYS
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            # A little earlier, for clients whose clock is behind.
            .not_valid_before(now + datetime.timedelta(days=end - _DAYS, hours=-1))
            .not_valid_after(now + datetime.timedelta(days=end))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )

    authority_key, server_key = key(), key()
    authority = _name("test authority")
    subject = _name(subject_names[0])
    authority_certificate = (
        builder(authority, authority, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority_key, sha256)
    )

    def certificate(issuer: x509.Name, signer: rsa.RSAPrivateKey, *, end: int = _DAYS) -> str:
        return (
            builder(subject, issuer, server_key.public_key(), end=end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in subject_names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, sha256)
            .public_bytes(pem)
            .decode()
        )

    secret = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificates(
        authority_certificate.public_bytes(pem).decode(),
        certificate(authority, authority_key),
        secret.decode(),
        f"O={_ORGANIZATION},CN={subject_names[0]}",
        certificate(authority, authority_key, end=-1),
        certificate(subject, server_key),
    )


def _name(common_name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _alternative(name: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs: bool) -> Any:
    """An authority signs certificates, a server signs and deciphers keys."""
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        key_encipherment=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
