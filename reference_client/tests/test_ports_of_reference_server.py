"""Both references as programs: bytes between programs on both sides of a port, and a folder seen through the server's door."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from spiceproto.tests.peers import PATIENCE, end, until

_LARGE = bytes(range(256)) * 8000


@contextmanager
def _pair(folder: Path, server: list[str], client: list[str]) -> Iterator[dict[str, Any]]:
    options = ["--disable-ticketing", "--port", "0", *server]
    first = subprocess.Popen([sys.executable, "-m", "reference_server", *options], stdout=subprocess.PIPE, text=True)
    second = None
    try:
        assert first.stdout is not None
        place: dict[str, Any] = json.loads(first.stdout.readline())
        uri = f"spice://127.0.0.1:{place['port']}"
        second = subprocess.Popen([sys.executable, "-m", "reference_client", uri, *client], stdin=subprocess.DEVNULL)
        yield place
    finally:
        for process in (second, first):
            if process is not None:
                end(process)
        assert first.stdout is not None
        first.stdout.close()


def _connected(path: Path) -> socket.socket:
    found: list[socket.socket] = []

    def try_it() -> bool:
        made = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError):
            made.connect(str(path))
            found.append(made)
            return True
        made.close()
        return False

    until(try_it, what=f"{path.name} is listened at")
    found[0].settimeout(PATIENCE)
    return found[0]


def test_programs_on_both_sides(tmp_path: Path) -> None:
    guest, user = tmp_path / "guest", tmp_path / "user"
    server, client = ["--guest-port", f"com.example.0=unix:{guest}"], ["--port", f"com.example.0=unix:{user}"]
    with _pair(tmp_path, server, client), _connected(guest) as one, _connected(user) as other:
        for sender, receiver in ((one, other), (other, one)):
            thread = threading.Thread(target=sender.sendall, args=(_LARGE,))
            thread.start()
            found = bytearray()
            while len(found) < len(_LARGE):
                found += receiver.recv(1 << 16)
            thread.join()
            assert found == _LARGE


def test_a_folder_through_the_door(tmp_path: Path) -> None:
    pytest.importorskip("wsgidav", reason="the webdav extra is not installed")
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "large").write_bytes(_LARGE)
    with _pair(tmp_path, ["--webdav-listen", "0"], ["--share-folder", str(shared)]) as place:

        def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", place["webdav_port"], timeout=PATIENCE)
            with contextlib.closing(connection):
                connection.request(method, path, body)
                answer = connection.getresponse()
                return answer.status, answer.read()

        def answered() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return ask("GET", "/large")[0] == 200
            return False

        until(answered, what="the client has linked the channel")
        assert ask("GET", "/large") == (200, _LARGE)
        assert ask("PUT", "/new", b"x")[0] == 403 and not (shared / "new").exists()
        assert ask("GET", "/../secret")[0] >= 400
