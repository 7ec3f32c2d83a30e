"""Streams over sockets: against processes of the reference server, and against listeners that misbehave."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.client_sockets import SocketClientNetwork
from conformance.network import Stream
from conformance.outcome import Blocked, TargetUnusable
from conformance.pace import Pace
from conformance.peer import Peer
from conformance.sockets import Place, SocketServerNetwork, SocketStream
from conformance.tests.programs import reference_server
from conformance.wire_form import link_message
from spiceproto import certificates
from spiceproto.tests.peers import PATIENCE, free_port


@contextmanager
def network(place: Place, **options: object) -> Iterator[SocketServerNetwork]:
    found = SocketServerNetwork(place, pace=Pace(patience=PATIENCE), **options)  # type: ignore[arg-type]
    try:
        yield found
    finally:
        found.stop()


def greeted(stream: Stream) -> None:
    """The server at the other end answers a link message."""
    stream.send(link_message(1, common_caps=9))
    assert stream.network.run(lambda: len(stream.received) >= 16, PATIENCE)
    assert bytes(stream.received[:4]) == b"REDQ" and stream.open


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    folder = tmp_path_factory.mktemp("server")
    pems = folder / "pems"
    arguments = ("--port", "0", "--tls-port", "0", "--unix", str(folder / "s"), "--make-certificates", str(pems))
    with reference_server(folder, *arguments) as said:
        place = Place(host="127.0.0.1", port=said["port"], tls_port=said["tls_port"], ca_pem=(pems / "ca-cert.pem").read_text())
        yield place, str(folder / "s")


def test_tcp_and_tls(places: tuple[Place, str]) -> None:
    with network(places[0]) as found:
        for secure in (False, True):
            stream = found.connect(secure=secure)
            assert stream.secure == secure
            greeted(stream)
            assert {chunk.secure for chunk in found.transcript.chunks if chunk.connection == stream.number} == {secure}


def test_unix(places: tuple[Place, str]) -> None:
    with network(Place(unix=places[1])) as found:
        greeted(found.connect())


def test_websocket(places: tuple[Place, str]) -> None:
    with network(Place(host="127.0.0.1", port=places[0].port, websocket="/")) as found:
        stream = found.connect()
        greeted(stream)
        with pytest.raises(NotImplementedError):
            stream.half_close()


def test_pieces(places: tuple[Place, str]) -> None:
    with network(places[0], piece=1) as found:
        greeted(found.connect())


def test_a_second_server(places: tuple[Place, str]) -> None:
    with network(places[0], destination=Place(unix=places[1])) as found:
        for place in (0, 1):
            stream = found.connect(place=place)
            assert stream.place == place
            greeted(stream)
    with network(places[0]) as found, pytest.raises(TargetUnusable, match="no destination"):
        found.connect(place=1)


def test_another_authority_is_not_trusted(places: tuple[Place, str]) -> None:
    place = Place(host="127.0.0.1", tls_port=places[0].tls_port, ca_pem=certificates.make().ca_pem)
    with network(place) as found, pytest.raises(TargetUnusable, match="CERTIFICATE_VERIFY_FAILED"):
        found.connect(secure=True)


def test_nobody_there(tmp_path: Path) -> None:
    with network(Place(host="127.0.0.1", port=free_port())) as found, pytest.raises(TargetUnusable, match="refused"):
        found.connect()
    with network(Place(unix=str(tmp_path / "none"))) as found, pytest.raises(TargetUnusable, match="none"):
        found.connect()


@contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serves one connection in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)

        def run() -> None:
            sock, _ = server.accept()
            with sock:
                sock.settimeout(PATIENCE)
                serve(sock)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            thread.join(PATIENCE)
    assert not thread.is_alive()


def answers_at_the_end(sock: socket.socket) -> None:
    data = b""
    while more := sock.recv(100):
        data += more
    sock.sendall(data[::-1])


def test_half_a_close() -> None:
    with listener(answers_at_the_end) as port, network(Place(host="127.0.0.1", port=port)) as found:
        stream = found.connect()
        stream.send(b"abc")
        stream.half_close()
        assert found.run(lambda: bool(stream.ended), PATIENCE)
        assert bytes(stream.received) == b"cba" and stream.ended == "closed"


def ends_in_the_middle(sock: socket.socket) -> None:
    sock.recv(1)
    sock.sendall(b"REDQ\x02")


def test_a_target_that_ends_in_the_middle() -> None:
    with listener(ends_in_the_middle) as port, network(Place(host="127.0.0.1", port=port)) as found:
        stream = found.connect()
        stream.send(b"a")
        assert found.run(lambda: bool(stream.ended), PATIENCE)
        assert (bytes(stream.received), stream.ended) == (b"REDQ\x02", "closed")
        stream.send(b"nobody hears this")
        assert not stream.open and found.transcript.entries()[-2].kind in ("close", "bytes")


def resets(sock: socket.socket) -> None:
    sock.recv(1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_target_that_resets() -> None:
    with listener(resets) as port, network(Place(host="127.0.0.1", port=port)) as found:
        stream = found.connect()
        stream.send(b"a")
        assert found.run(lambda: bool(stream.ended), PATIENCE) and stream.ended == "reset"


def test_a_reset_of_ours() -> None:
    seen: list[type[BaseException]] = []

    def reads(sock: socket.socket) -> None:
        try:
            while sock.recv(100):
                pass
        except OSError as error:
            seen.append(type(error))

    with listener(reads) as port, network(Place(host="127.0.0.1", port=port)) as found:
        stream = found.connect()
        assert isinstance(stream, SocketStream)
        stream.reset()
    assert seen == [ConnectionResetError]


def refuses_the_upgrade(sock: socket.socket) -> None:
    sock.recv(4096)
    sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def test_a_server_without_websocket() -> None:
    for serve, words in ((refuses_the_upgrade, "404"), (lambda sock: None, "no WebSocket")):
        with (
            listener(serve) as port,
            network(Place(host="127.0.0.1", port=port, websocket="/")) as found,
            pytest.raises(TargetUnusable, match=words),
        ):
            found.connect()


def test_a_unix_socket_with_a_long_queue_is_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen(0)
        server.settimeout(PATIENCE)
        taken: list[socket.socket] = []
        with network(Place(unix=str(tmp_path / "s"))) as found:
            found.connect()
            first = threading.Timer(0.3, lambda: taken.extend([server.accept()[0], server.accept()[0]]))
            first.start()
            for _ in range(2):
                found.connect()  # the queue has one place
            first.join()
        assert len(found.streams) == 3 and len(taken) == 2
        for sock in taken:
            sock.close()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("pems")
    certificates.make().write(folder)
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(folder / "server-cert.pem", folder / "server-key.pem")
    return found


def test_clients_connect_to_us(context: ssl.SSLContext) -> None:
    found = SocketClientNetwork(context=context)
    try:
        with socket.create_connection(("127.0.0.1", found.port)) as sock:
            sock.sendall(b"plain")
            assert found.run(lambda: bool(found.streams and found.streams[0].received), PATIENCE)
            found.streams[0].send(b"answer")
            assert sock.recv(10) == b"answer"
        assert found.run(lambda: bool(found.streams[0].ended), PATIENCE)
        assert (bytes(found.streams[0].received), found.streams[0].secure) == (b"plain", False)
        outcome: list[bytes] = []

        def client() -> None:
            trusting = ssl._create_unverified_context()
            with socket.create_connection(("127.0.0.1", found.tls_port)) as raw, trusting.wrap_socket(raw) as sock:
                sock.sendall(b"secret")
                outcome.append(sock.recv(10))

        thread = threading.Thread(target=client)
        thread.start()
        assert found.run(lambda: len(found.streams) == 2 and bool(found.streams[1].received), PATIENCE)
        found.streams[1].send(b"answer")
        thread.join(PATIENCE)
        assert outcome == [b"answer"] and found.streams[1].secure
    finally:
        found.stop()


LARGE = bytes(range(256)) * (1 << 16)
"""More than any socket holds."""


def test_who_reads_nothing_for_now_may_connect_again() -> None:
    found = SocketClientNetwork()
    try:
        with socket.create_connection(("127.0.0.1", found.port)) as first:
            first.sendall(b"first")
            assert found.run(lambda: bool(found.streams and found.streams[0].received), PATIENCE)
            found.streams[0].send(LARGE)
            found.streams[0].send(b"behind it")
            assert found.streams[0].unsent
            with socket.create_connection(("127.0.0.1", found.port)) as second:
                second.sendall(b"second")
                assert found.run(lambda: len(found.streams) == 2 and bool(found.streams[1].received), PATIENCE)
                found.streams[1].send(b"answer")
                assert second.recv(10) == b"answer" and found.streams[0].unsent
            heard: list[bytes] = []

            def read() -> None:
                while data := first.recv(1 << 16):
                    heard.append(data)

            thread = threading.Thread(target=read)
            thread.start()
            found.streams[0].close()  # what was sent goes out before
            thread.join(PATIENCE)
            assert b"".join(heard) == LARGE + b"behind it"
    finally:
        found.stop()


def test_time_counts_from_when_it_was_taken() -> None:
    found = SocketClientNetwork(pace=Pace(patience=0.5))
    try:
        with socket.create_connection(("127.0.0.1", found.port)) as sock:
            sock.sendall(b"begin")
            assert found.run(lambda: bool(found.streams and found.streams[0].received), PATIENCE)
            stream = found.streams[0]

            def slow() -> None:
                left = len(LARGE)
                while left:
                    left -= len(sock.recv(min(left, 1 << 17)))
                    threading.Event().wait(0.01)
                sock.sendall(b"done")

            thread = threading.Thread(target=slow)
            thread.start()
            stream.send(LARGE)
            assert found.run(lambda: b"done" in stream.received, 0.5)
            assert found.now > 1
            thread.join(PATIENCE)
    finally:
        found.stop()


def test_a_client_that_does_not_trust_us(context: ssl.SSLContext) -> None:
    found = SocketClientNetwork(context=context)
    try:

        def client() -> None:
            with socket.create_connection(("127.0.0.1", found.tls_port)) as raw, pytest.raises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")

        thread = threading.Thread(target=client)
        thread.start()
        assert found.run(lambda: not thread.is_alive(), PATIENCE)
        thread.join(PATIENCE)
        assert found.streams == []
    finally:
        found.stop()


def test_nobody_waits_for_a_program_that_has_ended() -> None:
    found = SocketClientNetwork()
    found.alive = lambda: False
    try:
        assert not found.run(lambda: False, 3600)
        assert found.now < 60
    finally:
        found.stop()


def test_who_sends_without_end_is_not_heard_to_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pour() -> None:
            sock, _ = listener.accept()
            with sock, contextlib.suppress(OSError):
                while True:
                    sock.sendall(bytes(1 << 20))

        pouring = threading.Thread(target=pour, daemon=True)
        pouring.start()
        with network(Place(host="127.0.0.1", port=listener.getsockname()[1])) as found:
            peer, stream = Peer(found), found.connect()
            with pytest.raises(Blocked, match="more than 64 MiB"):
                peer.run(lambda: False, PATIENCE)
            kept = len(stream.received)
            assert kept <= 64 << 20
            found.run(lambda: False, 0.1)
            assert len(stream.received) == kept, "what comes behind it is dropped"
        pouring.join(PATIENCE)


def test_a_second_server_has_ports_of_its_own(context: ssl.SSLContext) -> None:
    found = SocketClientNetwork(context=context, subject="CN=localhost")
    try:
        known = found.destination()
        assert known == found.destination() and known.subject == "CN=localhost"
        assert len({found.port, found.tls_port, known.port, known.tls_port, known.closed_port}) == 5
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((known.host, known.closed_port))
        for port in (known.port, found.port):
            with socket.create_connection((known.host, port)) as sock:
                sock.sendall(b"hello")
                before = len(found.streams)
                assert found.run(lambda: len(found.streams) > before, PATIENCE)  # noqa: B023 - called at once
        heard: list[str] = []

        def client(host: str) -> None:
            trusting = ssl._create_unverified_context()
            with socket.create_connection((host, known.tls_port)) as raw, trusting.wrap_socket(raw) as sock:
                heard.append(host)
                sock.sendall(b"hello")

        for host in filter(None, (known.host, known.stranger)):
            before = len(found.streams)
            thread = threading.Thread(target=client, args=(host,))
            thread.start()
            assert found.run(lambda: len(found.streams) > before, PATIENCE)  # noqa: B023 - called at once
            thread.join(PATIENCE)
        assert heard == [known.host, "127.0.0.2"]
        assert [(stream.place, stream.secure) for stream in found.streams] == [(1, False), (0, False), (1, True), (1, True)]
    finally:
        found.stop()


def test_a_second_server_without_tls() -> None:
    found = SocketClientNetwork()
    try:
        assert (found.destination().tls_port, found.destination().subject) == (0, "")
    finally:
        found.stop()
