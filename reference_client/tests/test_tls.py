"""Subjects of certificates, and what is no certificate."""

from __future__ import annotations

import contextlib
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_client.tls import check_subject, make_context, parse_subject
from spiceproto import certificates
from spiceproto.errors import LocalError


@pytest.fixture(scope="module")
def made() -> certificates.Certificates:
    return certificates.make()


def test_the_parts_of_a_subject() -> None:
    assert parse_subject("C=XX, L=A City,O=With\\, comma and \\\\,CN=a=b") == (
        ("2.5.4.6", "XX"), ("2.5.4.7", "A City"), ("2.5.4.10", "With, comma and \\"), ("2.5.4.3", "a=b"),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "CN", "CN=", "=x", "XX=y", "CN=a,", ",CN=a"])
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
    assert "another subject" in check_subject(der, "CN=somebody")
    assert "another subject" in check_subject(der, ",".join(reversed(made.subject.split(","))))
    assert "cannot be read" in check_subject(b"garbage", made.subject)


def test_the_name_is_compared_unless_the_subject_is(made: certificates.Certificates) -> None:
    for subject in ("", made.subject):
        context = make_context(ca_pem=made.ca_pem, host_subject=subject)
        assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname is (subject == "")
    with pytest.raises(LocalError):
        make_context(ca_pem="nothing")
    with pytest.raises(LocalError):
        make_context(ciphers="no such cipher")
