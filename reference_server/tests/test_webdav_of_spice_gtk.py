"""The reference server with spice-gtk: a port both ways, and a folder that phodav shares, seen through ``--webdav-listen``."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reference_server.tests.test_peers import gtk, served
from spiceproto.tests.peers import PATIENCE, end, until

_CLIENT = Path(__file__).parent / "gtk_client.py"
_LARGE = bytes(range(256)) * 2000


@contextmanager
def spice_gtk(port: int, shared: Path) -> Iterator[None]:
    """The library, with a session."""
    client = subprocess.Popen([gtk(), str(_CLIENT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdin is not None and client.stdout is not None
    try:
        client.stdin.write(json.dumps({"host": "127.0.0.1", "port": str(port), "shared-dir": str(shared)}) + "\n")
        client.stdin.flush()
        yield
    finally:
        end(client)


def _ask(port: int, method: str, path: str, body: bytes | None = None, **fields: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(fields))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_folder_of_phodav(tmp_path: Path) -> None:
    gtk()
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "hello.txt").write_bytes(b"hello")
    (shared / "large").write_bytes(_LARGE)
    echo = "com.example.echo=echo"
    with served(tmp_path, "--port", "0", "--disable-ticketing", "--guest-port", echo, "--webdav-listen", "0") as server:
        browse = int(server.place["webdav_port"])
        with spice_gtk(int(server.place["port"]), shared):

            def linked() -> bool:
                return any(line.get("channel") == "webdav" and line["event"] == "channel" for line in server.lines())

            until(linked, what="spice-gtk links webdav")
            assert _ask(browse, "GET", "/hello.txt") == (200, b"hello")
            assert _ask(browse, "GET", "/large") == (200, _LARGE)
            status, listed = _ask(browse, "PROPFIND", "/", Depth="1")
            assert status == 207 and b"hello.txt" in listed and b"large" in listed
            assert _ask(browse, "PUT", "/new.txt", b"from the guest")[0] == 201
            assert (shared / "new.txt").read_bytes() == b"from the guest"

        def refused() -> bool:
            """Nobody answers once the client is gone."""
            with socket.create_connection(("127.0.0.1", browse), timeout=PATIENCE) as visitor:
                try:
                    visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    return visitor.recv(100) == b""
                except ConnectionError:
                    return True

        until(refused, what="a connection that nobody answers is closed")
