"""Subjects of certificates, and what is no certificate."""

from __future__ import annotations

import contextlib
import ssl
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import certificates
from spiceproto.errors import LocalError
from spiceproto.trust import check_subject, make_context, parse_subject, print_subject, server_name


@pytest.fixture(scope="module")
def made() -> certificates.Certificates:
    return certificates.make()


def test_the_parts_of_a_subject() -> None:
    assert parse_subject("C=XX, L=A City,O=With\\, comma and \\\\,CN=a=b") == (
        ("2.5.4.6", "XX"),
        ("2.5.4.7", "A City"),
        ("2.5.4.10", "With, comma and \\"),
        ("2.5.4.3", "a=b"),
    )


@pytest.mark.parametrize("end", ["", ",", ", "])
def test_a_comma_at_the_end_is_no_part(end: str) -> None:
    assert parse_subject(f"CN=a{end}") == (("2.5.4.3", "a"),)


def test_names_are_those_of_openssl() -> None:
    assert parse_subject("localityName=a,2.5.4.7=b,emailAddress=c") == (
        ("2.5.4.7", "a"),
        ("2.5.4.7", "b"),
        ("1.2.840.113549.1.9.1", "c"),
    )


@pytest.mark.parametrize(
    "text",
    ["", "CN", "CN=", "=x", "XX=y", "CN=a,,", ",CN=a", "cn=a", "CN =a", "E=a", "CN=a\\", "CN=a\\=b", "CN=a\\b", "1=a", ","],
)
def test_what_is_no_subject_is_an_error(text: str) -> None:
    with pytest.raises(LocalError):
        parse_subject(text)


@given(text=st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(LocalError):
        parse_subject(text)


def test_a_subject_is_compared_without_case_and_runs_of_spaces(made: certificates.Certificates) -> None:
    der = ssl.PEM_cert_to_DER_cert(made.certificate_pem)
    assert check_subject(der, made.subject) == ""
    assert check_subject(der, made.subject.upper().replace(" ", "  ")) == ""
    assert check_subject(der, made.subject + ",") == ""
    assert "another subject" in check_subject(der, "CN=somebody")
    assert "another subject" in check_subject(der, ",".join(reversed(made.subject.split(","))))
    assert "cannot be read" in check_subject(b"garbage", made.subject)


_VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)


@given(parts=st.lists(st.tuples(st.sampled_from(["2.5.4.3", "2.5.4.10", "1.2.3.4"]), _VALUE), min_size=1, max_size=4))
def test_what_is_printed_is_read_as_the_same_subject(parts: list[tuple[str, str]]) -> None:
    assert parse_subject(print_subject(parts)) == tuple(parts)


def old_certificate() -> bytes:
    """As old manuals make it: C, L, an O with a comma, and CN; neither a name of a host nor extended usage."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "City"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Org, Inc."),
            x509.NameAttribute(NameOID.COMMON_NAME, "localhost"),
        ]
    )
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    year = datetime(2020, 1, 1), datetime(2120, 1, 1)
    return made.not_valid_before(year[0]).not_valid_after(year[1]).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_refused_subject_is_printed_as_it_must_be_typed() -> None:
    der = old_certificate()
    wrong = check_subject(der, "CN=localhost")
    typed = "C=XX,L=City,O=Org\\, Inc.,CN=localhost"
    assert wrong == f"the server's certificate has another subject: {typed}"
    assert check_subject(der, typed) == check_subject(der, f"{typed},") == ""


def test_a_token_of_a_broker_is_no_name() -> None:
    token = "pvespiceproxy:00000000:100:node1::0123456789abcdef0123456789abcdef01234567"
    for host in (token, "x" * 64, "", "a..b"):
        assert server_name(host, compared=False) is None
        with pytest.raises(LocalError):
            server_name(host, compared=True)
    for host in ("h", "h.example.org.", "127.0.0.1", "::1"):
        assert server_name(host, compared=True) == server_name(host, compared=False) == host


def test_the_name_is_compared_unless_the_subject_is(made: certificates.Certificates) -> None:
    for subject in ("", made.subject):
        context = make_context(ca_pem=made.ca_pem, host_subject=subject)
        assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname is (subject == "")
    with pytest.raises(LocalError):
        make_context(ca_pem="nothing")
    with pytest.raises(LocalError):
        make_context(ciphers="no such cipher")
