"""Certificates that OpenSSL accepts, for the names they were made for."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from spiceproto import certificates


@pytest.fixture(scope="module")
def made() -> certificates.Certificates:
    return certificates.make(("spice.test", "localhost", "127.0.0.1", "::1"))


def shake(made: certificates.Certificates, folder: Path, name: str) -> None:
    """A handshake in memory, with all checks that a client makes."""
    made.write(folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    client = ssl.create_default_context(cafile=folder / "ca-cert.pem")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(down, up, server_hostname=name), server.wrap_bio(up, down, server_side=True)]
    for _ in range(10):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[0].version() is not None and ends[0].getpeercert()


@pytest.mark.parametrize("name", ("spice.test", "localhost", "127.0.0.1", "::1"))
def test_names(made: certificates.Certificates, tmp_path: Path, name: str) -> None:
    shake(made, tmp_path, name)


@pytest.mark.parametrize("name", ("elsewhere.test", "127.0.0.2"))
def test_other_names(made: certificates.Certificates, tmp_path: Path, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(made, tmp_path, name)


def test_another_authority_does_not_do(made: certificates.Certificates, tmp_path: Path) -> None:
    other = certificates.make(("localhost",))
    mixed = certificates.Certificates(other.ca_pem, made.certificate_pem, made.key_pem, made.subject)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(mixed, tmp_path, "localhost")


def test_subject_and_files(made: certificates.Certificates, tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(made.certificate_pem.encode())
    assert made.subject == "O=SPICE reference,CN=spice.test"
    assert [part.value for part in certificate.subject] == ["SPICE reference", "spice.test"]
    (tmp_path / "server-key.pem").touch(0o644)
    made.write(tmp_path)
    assert (tmp_path / "server-key.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "server-key.pem").read_text() == made.key_pem
