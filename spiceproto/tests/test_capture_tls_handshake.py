"""The handshake of TLS: messages out of records, what the hellos say, and which of them cannot be read."""

from __future__ import annotations

import struct

import pytest

from spiceproto.capture.limits import TLS_HANDSHAKE
from spiceproto.capture.tls_handshake import Handshake, Messages, Unreadable

CLIENT_HELLO, SERVER_HELLO, FINISHED, KEY_UPDATE = 1, 2, 20, 24
RANDOM = bytes(range(32))


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def client_hello() -> bytes:
    return b"\x03\x03" + RANDOM + b"\0" + struct.pack(">HH", 2, 0x1301) + b"\1\0"


def server_hello(suite: int = 0x1301, version: int = 0x0304, *, random: bytes = RANDOM, compression: int = 0) -> bytes:
    extensions = struct.pack(">HHH", 43, 2, version)
    return b"\x03\x03" + random + b"\0" + struct.pack(">HBH", suite, compression, len(extensions)) + extensions


@pytest.mark.parametrize("step", [1, 5, 10_000])
def test_messages_cut_anyhow(step: int) -> None:
    messages = Messages()
    long = message(11, bytes(TLS_HANDSHAKE + 1))
    data = message(1, b"one") + message(2, b"") + long + message(20, b"three")
    found = []
    for at in range(0, len(data), step):
        messages.add(data[at : at + step])
        while (one := messages.next()) is not None:
            found.append(one)
    # The long one is passed over; what shares a record with its start goes with it.
    assert found == [(1, b"one"), (2, b""), (20, b"three")]


def test_hellos_choose_version_and_suite() -> None:
    handshake = Handshake()
    assert not handshake.take(True, CLIENT_HELLO, client_hello())
    assert handshake.client_random == RANDOM and handshake.version == 0
    assert handshake.take(False, SERVER_HELLO, server_hello())
    assert (handshake.version, handshake.suite_number) == (0x0304, 0x1301)
    assert handshake.needed == ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
    old = Handshake()
    old.take(True, CLIENT_HELLO, client_hello())
    assert old.take(False, SERVER_HELLO, server_hello(0x009C, 0x0303)) and old.needed == ("CLIENT_RANDOM",)


def test_hello_retry_request_chooses_nothing() -> None:
    import hashlib

    handshake = Handshake()
    again = server_hello(random=hashlib.sha256(b"HelloRetryRequest").digest())
    assert not handshake.take(False, SERVER_HELLO, again) and handshake.version == 0


def test_keys_of_tls13_follow_the_messages() -> None:
    handshake = Handshake()
    handshake.take(True, CLIENT_HELLO, client_hello())
    handshake.take(False, SERVER_HELLO, server_hello())
    labels = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET", *handshake.needed)
    handshake.use({label: bytes((number,)) * 32 for number, label in enumerate(labels)})
    keys = handshake.keys[False]
    seen = [keys.cipher]
    assert keys.cipher is not None and not keys.application and not keys.probing
    keys.sequence = 9
    for kind in (FINISHED, KEY_UPDATE, KEY_UPDATE):
        handshake.take(False, kind, b"")
        assert keys.application and keys.sequence == 0 and keys.cipher not in seen
        seen.append(keys.cipher)
    assert not handshake.keys[True].application


def test_keys_without_the_secrets_of_the_handshake_are_probed() -> None:
    handshake = Handshake()
    handshake.take(True, CLIENT_HELLO, client_hello())
    handshake.take(False, SERVER_HELLO, server_hello())
    handshake.use(dict.fromkeys(handshake.needed, bytes(32)))
    assert all(keys.application and keys.probing for keys in handshake.keys.values())


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        (server_hello(0x1399), "tls-suite"),
        (server_hello(0x009C), "tls-suite"),
        (server_hello(0x1301, 0x0303), "tls-suite"),
        (server_hello(version=0x0305), "tls-suite"),
        (server_hello(compression=1), "tls-suite"),
        (server_hello()[:30], "tls-handshake"),
        (server_hello()[:36], "tls-handshake"),
    ],
)
def test_server_hello_that_nobody_can_use(hello: bytes, code: str) -> None:
    handshake = Handshake()
    handshake.take(True, CLIENT_HELLO, client_hello())
    with pytest.raises(Unreadable) as caught:
        handshake.take(False, SERVER_HELLO, hello)
    assert caught.value.code == code and caught.value.text


def test_server_hello_without_client_hello() -> None:
    with pytest.raises(Unreadable, match="ClientHello"):
        Handshake().take(False, SERVER_HELLO, server_hello())
