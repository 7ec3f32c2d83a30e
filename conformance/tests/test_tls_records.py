"""TLS as records: two ends without sockets between them, and what a plain one of ssl makes of it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from conformance.fuzz.layer_mutation import hello
from conformance.tls_records import Records
from spiceproto import certificates
from spiceproto.tests.peers import PATIENCE

_HEADER = 5


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("pems")
    certificates.make().write(folder)
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    return found


@pytest.fixture
def ends(context: ssl.SSLContext) -> Iterator[tuple[Records, Records]]:
    """A client and a server behind their handshake."""
    one, other = socket.socketpair()
    one.settimeout(PATIENCE)
    other.settimeout(PATIENCE)
    client, server = Records(ssl._create_unverified_context()), Records(context, server_side=True)
    thread = threading.Thread(target=server.shake, args=(other,))
    thread.start()
    client.shake(one)
    thread.join(PATIENCE)
    with one, other:
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            client.opened(one.recv(1 << 16))  # tickets for another session
        yield client, server


def lengths(data: bytes) -> list[int]:
    """Sizes of the records."""
    found = []
    while data:
        size = int.from_bytes(data[3:_HEADER], "big")
        found.append(size)
        data = data[_HEADER + size :]
    return found


def test_records_have_as_many_bytes_as_they_may(ends: tuple[Records, Records]) -> None:
    client, server = ends
    sealed = client.sealed(b"spice!!", 3)
    first, second, last = lengths(sealed)
    assert first == second == last + 2
    assert server.opened(sealed) == b"spice!!"


@pytest.mark.parametrize("size", [1, 4, 5, 6, 1000])
def test_parts_of_records_wait_for_the_rest(ends: tuple[Records, Records], size: int) -> None:
    client, server = ends
    sealed = client.sealed(b"ab" * 100, 70)
    parts = [server.opened(sealed[at : at + size]) for at in range(0, len(sealed), size)]
    assert b"".join(parts) == b"ab" * 100 and (size > len(sealed) or parts[0] == b"")


def test_a_goodbye_ends_one_direction(ends: tuple[Records, Records]) -> None:
    client, server = ends
    assert server.opened(client.sealed(b"last") + client.goodbye()) == b"last"
    assert server.ended and not server.error
    assert client.sealed(b"more") == b""
    assert client.opened(server.sealed(b"answer")) == b"answer"


def test_a_record_that_nobody_made_breaks_it(ends: tuple[Records, Records]) -> None:
    client, server = ends
    assert server.opened(client.sealed(b"right") + b"\x15\x03\x03\x00\x02\x01\x28") == b"right"
    assert server.ended and "Error" in server.error and server.answers()


def test_who_is_not_trusted_is_told_and_the_socket_is_closed(context: ssl.SSLContext) -> None:
    one, other = socket.socketpair()
    said: list[str] = []

    def serve() -> None:
        try:
            Records(context, server_side=True).shake(other)
        except ssl.SSLError as error:
            said.append(str(error))

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(ssl.SSLCertVerificationError):
        Records(ssl.create_default_context(), host="localhost").shake(one)
    thread.join(PATIENCE)
    assert "ALERT" in said[0].upper() and one.fileno() == other.fileno() == -1


def test_the_first_words_of_a_handshake_are_ones_that_a_server_answers(context: ssl.SSLContext) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello())
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()
    answer = outgoing.read()
    assert answer[:1] == b"\x16" and answer[_HEADER] == 2  # a handshake, ServerHello
