"""Tickets. One key serves all tests: making one takes longer than most of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiceproto import limits
from spiceproto.errors import LocalError, RemoteError
from spiceproto.sizes import PUBLIC_KEY_SIZE, TICKET_SIZE
from spiceproto.ticket import LONGEST_PLAINTEXT, TicketKey, encrypt, encrypt_plaintext

KEY = TicketKey.generate()


def test_key_form() -> None:
    assert len(KEY.public_key_der) == PUBLIC_KEY_SIZE
    assert KEY.public_key_der[:3] == b"\x30\x81\x9f"
    assert KEY.public_key_der[-5:] == b"\x02\x03\x01\x00\x01"


def test_keys_differ() -> None:
    assert TicketKey.generate().public_key_der != KEY.public_key_der


@given(st.binary(max_size=limits.PASSWORD).filter(lambda data: 0 not in data))
def test_round_trip(password: bytes) -> None:
    ticket = encrypt(KEY.public_key_der, password)
    assert len(ticket) == TICKET_SIZE
    assert KEY.decrypt(ticket) == password


@pytest.mark.parametrize(
    ("plaintext", "password"),
    [
        (b"", b""),
        (b"\0", b""),
        (b"sesame", b"sesame"),
        (b"sesame\0", b"sesame"),
        (b"sesame\0junk", b"sesame"),
        (b"x" * 61 + b"\0", b"x" * 61),
        (b"x" * LONGEST_PLAINTEXT, b"x" * LONGEST_PLAINTEXT),
    ],
)
def test_cut_at_the_first_zero(plaintext: bytes, password: bytes) -> None:
    assert KEY.decrypt(encrypt_plaintext(KEY.public_key_der, plaintext)) == password


def test_text_is_utf8() -> None:
    assert KEY.decrypt(encrypt(KEY.public_key_der, "geheimnisträger")) == "geheimnisträger".encode()


@pytest.mark.parametrize("password", [b"x" * 61, b"a\0b", "ä" * 31])
def test_password_too_long(password: bytes | str) -> None:
    with pytest.raises(LocalError):
        encrypt(KEY.public_key_der, password)


def test_plaintext_too_long() -> None:
    with pytest.raises(LocalError):
        encrypt_plaintext(KEY.public_key_der, bytes(LONGEST_PLAINTEXT + 1))


@pytest.mark.parametrize("ticket", [bytes(128), b"\x55" * 128, b"\xff" * 128])
def test_undecryptable(ticket: bytes) -> None:
    assert KEY.decrypt(ticket) is None


def test_ticket_under_another_key() -> None:
    assert KEY.decrypt(encrypt(TicketKey.generate().public_key_der, b"sesame")) is None


def test_ticket_truncated() -> None:
    with pytest.raises(LocalError):
        KEY.decrypt(bytes(127))


def test_key_trailing() -> None:
    # An exponent of one byte makes a shorter DER; the rest of the field means nothing then.
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(public_exponent=3, key_size=1024)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert len(der) < PUBLIC_KEY_SIZE
    assert len(encrypt(der.ljust(PUBLIC_KEY_SIZE, b"\0"), b"sesame")) == TICKET_SIZE


def other_keys() -> list[bytes]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    keys: list[Any] = [
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ]
    return [key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in keys]


def test_other_keys_are_remote_errors() -> None:
    for der in [b"", bytes(PUBLIC_KEY_SIZE), KEY.public_key_der[:-1], *other_keys()]:
        with pytest.raises(RemoteError):
            encrypt(der, b"sesame")


@given(st.data())
def test_garbage_raises_only_remote_errors(data: st.DataObject) -> None:
    der = bytearray(KEY.public_key_der)
    for _ in range(data.draw(st.integers(1, 6))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert len(encrypt(bytes(der), b"sesame")) == TICKET_SIZE
    except RemoteError as error:
        assert error.path == "pub_key"


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_remote_errors(der: bytes) -> None:
    with pytest.raises(RemoteError):
        encrypt(der, b"sesame")


def test_import_is_cheap() -> None:
    import subprocess
    import sys

    code = "import sys, spiceproto.link, spiceproto.channel; print({'cryptography', 'construct'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
