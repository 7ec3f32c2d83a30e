"""A shared folder and guests that want too much of it."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from reference_client.sharing import AHEAD, LOCKS, QUESTION, Folder, HttpConnection

_LOCK = (
    b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:shared/></D:lockscope>'
    b"<D:locktype><D:write/></D:locktype></D:lockinfo>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("wsgidav")
    (tmp_path / "a.txt").write_text("hello")
    return tmp_path


def ask(path: str, method: str = "GET", body: bytes = b"", **fields: str) -> bytes:
    head = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def answer(connection: HttpConnection, data: bytes) -> bytes:
    """All that is answered to these bytes."""
    connection.receive(data)
    found = b""
    while piece := connection.pull(1 << 16):
        found += piece
    return found


def status(found: bytes) -> int:
    return int(found.split()[1])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("method", ("GET", "PUT", "PROPFIND"))
def test_pipes_hold_up_nobody(folder: Path, method: str) -> None:
    os.mkfifo(folder / "zzz")
    shared = Folder(folder, writable=True)
    assert status(answer(shared.visit(), ask("/zzz", method, Depth="0"))) == 403
    assert b"zzz" not in answer(shared.visit(), ask("/", "PROPFIND", Depth="1"))


@pytest.mark.parametrize("depth", ({"Depth": "infinity"}, {"Depth": "Infinity"}, {}))
def test_a_whole_tree_is_not_listed(folder: Path, depth: dict[str, str]) -> None:
    connection = Folder(folder).visit()
    found = answer(connection, ask("/", "PROPFIND", b"", **depth))
    assert status(found) == 403 and b"propfind-finite-depth" in found and b"a.txt" not in found
    assert status(answer(connection, ask("/", "PROPFIND", Depth="1"))) == 207, "the connection goes on"


@pytest.mark.parametrize(
    ("method", "writable", "code"), [("PROPFIND", True, 413), ("PUT", False, 403), ("PUT", True, 201), ("LOCK", True, 413)]
)
def test_bodies_are_bounded(folder: Path, method: str, writable: bool, code: int) -> None:
    connection = Folder(folder, writable=writable).visit()
    assert status(answer(connection, ask("/new", method, bytes(QUESTION + 1)))) == code
    assert (folder / "new").exists() == (code == 201) and connection.over == (code != 201)


def test_what_is_sent_before_an_answer_is_bounded(folder: Path) -> None:
    connection = Folder(folder).visit()
    connection.receive(ask("/a.txt"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        connection.receive(bytes(AHEAD))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    found = answer(connection, b"")
    assert found.startswith(b"HTTP/1.1 200") and found.endswith(b"hello") and connection.over


def test_requests_that_wait_for_an_answer_are_answered(folder: Path) -> None:
    connection = Folder(folder).visit()
    assert answer(connection, 100 * ask("/a.txt")).count(b"hello") == 100 and not connection.over
    for _ in range(1000):
        connection.receive(1000 * ask("/a.txt"))
        connection.pull(1)
    assert answer(connection, b"").count(b"hello") < 2 * AHEAD // len(ask("/a.txt")) and connection.over


def test_locks_are_bounded(folder: Path) -> None:
    shared = Folder(folder, writable=True)
    codes = [status(answer(shared.visit(), ask("/a.txt", "LOCK", _LOCK, Timeout="Infinite"))) for _ in range(LOCKS + 2)]
    assert codes == [200] * LOCKS + [503] * 2
    assert status(answer(Folder(folder).visit(), ask("/a.txt", "LOCK", _LOCK))) == 405


def test_a_body_for_which_there_is_no_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Folder(folder, writable=True).visit()

    class Full:
        def write(self, data: bytes) -> None:
            raise OSError("no room")

        def close(self) -> None:
            pass

    monkeypatch.setattr("reference_client.sharing.SpooledTemporaryFile", lambda size: Full())
    assert status(answer(connection, ask("/new", "PUT", b"x"))) == 507 and connection.over
