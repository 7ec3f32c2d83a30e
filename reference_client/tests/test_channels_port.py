"""Port and webdav channels of a client: names, what comes and goes, connections of the guest, and a folder that is shared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_client import Client, Options
from reference_client.channels import PortChannel, WebdavChannel
from reference_client.channels.port import PortMoved
from reference_client.port_user import Writes
from reference_client.sharing import Folder, HttpConnection
from reference_client.tests.scripted import CHANNELS, COMMON, LISTED, ScriptedServer, ServerLine
from spiceproto import byte_channel
from spiceproto.enums.capabilities import SpicevmcCapability
from spiceproto.enums.link import ChannelType
from spiceproto.enums.spicevmc import PortEvent
from spiceproto.errors import LocalError
from spiceproto.messages import port, spicevmc
from spiceproto.mux import Demultiplexer, multiplex

PORT, WEBDAV = (int(ChannelType.PORT), 0), (int(ChannelType.WEBDAV), 0)
NAME = port.Init(b"org.spice-space.webdav.0\0", 1)
SECRET = b"what nobody may read"
LARGE = bytes(range(256)) * 1000


def linked(
    *keys: tuple[int, int], lz4: bool = False, piece: int = 0, **options: Any
) -> tuple[ScriptedServer, list[ServerLine]]:
    announced = COMMON.with_(SpicevmcCapability.DATA_COMPRESS_LZ4) if lz4 else COMMON
    server = ScriptedServer(Client(Options(**options)), channels=CHANNELS | dict.fromkeys(keys, announced), piece=piece)
    server.init()
    server.listing(*LISTED, *keys)
    return server, [server.lines[key] for key in keys]


def do(server: ScriptedServer, verb: str, **values: Any) -> Any:
    found = server.client.wish(verb, values)
    server.run()
    return found


# -- ports


@pytest.mark.parametrize("piece", [0, 1])
def test_what_comes_is_kept_to_be_read(piece: int) -> None:
    server, (line,) = linked(PORT, piece=piece)
    line.send(port.Init(b"com.example.0\0", 1), spicevmc.Data(b"he"), spicevmc.Data(b""), byte_channel.compressed(b"x" * 1500))
    line.send(port.Event(PortEvent.BREAK), port.Event(PortEvent.CLOSED), port.Event(44), spicevmc.Data(b"y"))
    found = do(server, "port-read", name="com.example.0")
    assert found == {"data": (b"he" + b"x" * 1500 + b"y").hex(), "events": ["break", "closed"], "opened": False}
    assert do(server, "port-read") == {"data": "", "events": [], "opened": False}
    assert [(event.name, event.what) for event in server.told(PortMoved)] == [
        ("com.example.0", "linked"),
        ("com.example.0", "break"),
        ("com.example.0", "closed"),
    ]


@pytest.mark.parametrize("lz4", [False, True])
def test_what_is_written(lz4: bool) -> None:
    server, (line,) = linked(PORT, lz4=lz4)
    line.send(port.Init(b"com.example.0\0", 1))
    do(server, "port-write", data=LARGE.hex())
    do(server, "port-break")
    do(server, "port-open", opened=False)
    *written, first, second = line.take()
    assert b"".join([byte_channel.unpack(value) for value in written]) == LARGE
    assert {type(value) for value in written} == {spicevmc.CompressedData if lz4 else spicevmc.Data}
    assert (first, second) == (port.Event(PortEvent.BREAK), port.Event(PortEvent.CLOSED))


def test_nothing_is_written_into_a_port_that_is_closed() -> None:
    server, (line,) = linked(PORT)
    with pytest.raises(LocalError, match="closed"):
        do(server, "port-write", data="00")
    line.send(port.Init(b"com.example.0\0", 0))
    with pytest.raises(LocalError, match="closed"):
        do(server, "port-write", data="00")
    line.send(port.Event(PortEvent.OPENED))
    do(server, "port-write", data="00")
    assert line.take() == [spicevmc.Data(b"\0")]


def test_ports_are_known_by_their_names() -> None:
    keys = [(PORT[0], number) for number in (7, 0, 3)]
    server, lines = linked(*keys)
    for line, name in zip(lines, (b"b\0", b"c\0", b"a"), strict=True):
        line.send(port.Init(name, 1), spicevmc.Data(b"of " + name[:1]))
    do(server, "port-write", data="01", name="b")
    do(server, "port-write", data="02")  # the first one is that with the least id
    assert [line.take() for line in lines] == [[spicevmc.Data(b"\1")], [spicevmc.Data(b"\2")], []]
    assert [bytes.fromhex(do(server, "port-read", name=name)["data"]) for name in "abc"] == [b"of a", b"of b", b"of c"]
    with pytest.raises(LocalError, match="no port channel"):
        do(server, "port-read", name="d")


@pytest.mark.parametrize("name", [b"", b"\0", b"\xff\xfe\0", b"x" * 1000, b"a/../b\0c\0"])
def test_any_name(name: bytes) -> None:
    server, (line,) = linked(PORT)
    line.send(spicevmc.Data(b"early"), port.Init(name, 1), port.Init(name, 1), spicevmc.Data(b"late"))
    assert bytes.fromhex(do(server, "port-read")["data"]) == b"earlylate"


@pytest.mark.parametrize("change", ["size", "block", "type"])
def test_what_can_not_be_inflated_ends_the_channel_alone(change: str) -> None:
    server, (line,) = linked(PORT)
    good = byte_channel.compressed(b"x" * 2000)
    kind, size = (9 if change == "type" else good.type), (0xFFFFFFFF if change == "size" else 2000)
    line.send(spicevmc.CompressedData(kind, size, b"no block" if change == "block" else good.compressed_data))
    assert line.closed_by_client and server.client.ended is None


class User:
    """Takes down what it is told."""

    def __init__(self) -> None:
        self.full = False
        self.said: list[Any] = []
        self.port: Writes | None = None

    def linked(self, port: Writes) -> None:
        self.port = port

    def moved(self) -> None:
        assert self.port is not None
        self.said.append(self.port.opened)

    def receive(self, data: bytes) -> None:
        self.said.append(data)

    def ended(self) -> None:
        self.said.append("ended")


def test_a_user_of_a_port() -> None:
    user = User()
    server, (line,) = linked(PORT, port=lambda name: user if name == "mine" else None)
    line.send(port.Init(b"mine\0", 0), port.Event(PortEvent.OPENED), spicevmc.Data(b"1"))
    user.full = True
    line.send(spicevmc.Data(b"2"))
    assert user.said == [False, True, b"1"] and server.client.paused(line.connection)
    user.full = False
    server.wait(0)
    assert user.said == [False, True, b"1", b"2"] and not server.client.paused(line.connection)
    assert user.port is not None and user.port.room
    server.client.hold(line.connection, True, server.now)
    assert not user.port.room
    server.client.hold(line.connection, False, server.now)
    server.leave()
    assert user.said == [False, True, b"1", b"2", True, "ended"]
    assert isinstance(user.port, PortChannel)


# -- webdav


def ask(path: str, method: str = "GET", body: bytes | None = None, **fields: str) -> bytes:
    length = [] if body is None else [f"Content-Length: {len(body)}"]
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *length, *[f"{name}: {value}" for name, value in fields.items()]]
    return ("\r\n".join([*lines, "", ""])).encode() + (body or b"")


class Answers:
    """What a client has answered, by the number of the connection; None behind the end of one."""

    def __init__(self, line: ServerLine) -> None:
        self.line, self.parts = line, Demultiplexer()
        self.by: dict[int, bytes] = {}
        self.over: list[int] = []

    def read(self, number: int = 1) -> bytes:
        for value in self.line.take():
            for chunk in self.parts.receive(byte_channel.unpack(value)):
                if chunk.data:
                    self.by[chunk.client] = self.by.get(chunk.client, b"") + chunk.data
                else:
                    self.over.append(chunk.client)
        return self.by.pop(number, b"")


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    pytest.importorskip("wsgidav", reason="the webdav extra is not installed")
    shared = tmp_path / "shared"
    (shared / "inside").mkdir(parents=True)
    (shared / "hello.txt").write_bytes(b"hello")
    (shared / "empty").write_bytes(b"")
    (shared / "large").write_bytes(LARGE)
    (shared / "a b%c").write_bytes(b"odd")
    (tmp_path / "shared-not").mkdir()
    for secret in (tmp_path / "secret", tmp_path / "shared-not" / "secret"):
        secret.write_bytes(SECRET)
    (shared / "link").symlink_to(tmp_path / "secret")
    (shared / "way").symlink_to(tmp_path, target_is_directory=True)
    (shared / "within").symlink_to(shared / "hello.txt")
    yield shared


def browsed(
    folder: Path | None, *, writable: bool = False, piece: int = 0
) -> tuple[ScriptedServer, Callable[..., bytes], ServerLine, Answers]:
    share = None if folder is None else Folder(folder, writable=writable).visit
    server, (line,) = linked(WEBDAV, share=share, piece=piece)
    line.send(NAME)
    answers = Answers(line)

    def say(*said: bytes, number: int = 1) -> bytes:
        line.send(*[spicevmc.Data(multiplex(number, data)) for data in said])
        for _ in range(20):
            server.wait(0)
        return answers.read(number)

    return server, say, line, answers


@pytest.mark.parametrize("piece", [0, 1])
def test_files_as_they_are(folder: Path, piece: int) -> None:
    _, say, _, answers = browsed(folder, piece=piece)
    for path, content in (("/hello.txt", b"hello"), ("/empty", b""), ("/a%20b%25c", b"odd"), ("/large", LARGE)):
        answer = say(ask(path))
        assert (status(answer), body(answer)) == (200, content), path
    assert answers.over == []
    for path, code in (("/none", 404), ("/../none", 400)):
        answer = say(ask(path))
        assert status(answer) == code and f"Content-Length: {len(body(answer))}\r\n".encode() in answer
    head = say(ask("/hello.txt", "HEAD"))
    assert status(head) == 200 and body(head) == b"" and b"content-length: 5" in head.lower()
    assert body(say(ask("/large", Range="bytes=256-258"))) == b"\0\1\2"
    listed = say(ask("/", "PROPFIND", Depth="1"))
    assert status(listed) == 207
    assert set(re.findall(rb"<\w+:href>([^<]*)<", listed)) == {
        b"/",
        b"/inside/",
        b"/hello.txt",
        b"/empty",
        b"/large",
        b"/a%20b%25c",
    }
    last = say(ask("/hello.txt", Connection="close"))
    assert body(last) == b"hello" and answers.over == [1]


OUTSIDE = (
    "/../secret",
    "/../shared-not/secret",
    "/inside/../../secret",
    "/%2e%2e/secret",
    "/..%2fsecret",
    "/%2e%2e%2f%2e%2e%2fsecret",
    "//../secret",
    "http://x/../secret",
    "/link",
    "/way/secret",
    "/way/",
    "/within/../../secret",
    "/hello.txt/../../secret",
    "/%00/../secret",
    "/..\\secret",
)


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "DELETE", "COPY", "MOVE", "PUT"])
def test_nothing_from_outside(folder: Path, path: str, method: str) -> None:
    _, say, _, _ = browsed(folder, writable=True)
    fields = {"Destination": "http://localhost/stolen"} if method in ("COPY", "MOVE") else {}
    answer = say(ask(path, method, b"changed" if method == "PUT" else None, **fields))
    assert SECRET not in answer
    assert status(answer) >= 400 or method not in ("GET", "COPY", "MOVE")
    assert (folder.parent / "secret").read_bytes() == SECRET
    assert (folder.parent / "shared-not" / "secret").read_bytes() == SECRET
    assert not (folder / "stolen").exists()


@pytest.mark.parametrize("to", ["/../taken", "/%2e%2e/taken", "/way/taken"])
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_nothing_goes_outside(folder: Path, method: str, to: str) -> None:
    _, say, _, _ = browsed(folder, writable=True)
    assert status(say(ask("/hello.txt", method, Destination=f"http://localhost{to}"))) >= 400
    assert not (folder.parent / "taken").exists() and (folder / "hello.txt").exists()


def test_read_only_unless_the_user_wants_it_otherwise(folder: Path) -> None:
    _, say, _, _ = browsed(folder)
    for request in (ask("/new", "PUT", b"x"), ask("/hello.txt", "DELETE"), ask("/new", "MKCOL")):
        assert status(say(request)) == 403
    assert not (folder / "new").exists() and (folder / "hello.txt").exists()
    _, say, _, _ = browsed(folder, writable=True)
    assert status(say(ask("/new", "PUT", LARGE))) == 201
    assert (folder / "new").read_bytes() == LARGE
    chunked = b"PUT /more HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert status(say(chunked)) == 201 and (folder / "more").read_bytes() == b"abc"
    waits = say(b"PUT /last HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    assert waits.startswith(b"HTTP/1.1 100 ")
    assert status(say(b"z")) == 201 and (folder / "last").read_bytes() == b"z"


def test_connections_are_apart(folder: Path) -> None:
    server, say, line, answers = browsed(folder)
    first, second = ask("/hello.txt"), ask("/large")
    for one, two in zip([first[:9], first[9:]], [second[:20], second[20:]], strict=True):
        line.send(spicevmc.Data(multiplex(1, one) + multiplex(-2, two)))
    for _ in range(20):
        server.wait(0)
    assert body(answers.read(1)) == b"hello" and body(answers.read(-2)) == LARGE
    assert say(first[:9]) == b""
    line.send(spicevmc.Data(multiplex(1, b"")))
    assert body(say(first)) == b"hello", "the number begins anew"
    assert say(b"\0\1\2 no HTTP\r\n\r\n", number=3).startswith(b"HTTP/1.1 400") and answers.over == [3]
    assert body(say(ask("/hello.txt"))) == b"hello"
    assert say(b"G" * 70_000, number=5)[:12] == b"HTTP/1.1 431"


def test_a_large_file_waits_for_who_reads(folder: Path) -> None:
    server, _, line, answers = browsed(folder)
    server.client.hold(line.connection, True, server.now)
    line.send(spicevmc.Data(multiplex(1, ask("/large"))))
    server.wait(0)
    assert answers.read(1) == b""
    server.client.hold(line.connection, False, server.now)
    server.run()
    assert body(answers.read(1)) == LARGE


def test_a_port_that_is_closed_has_no_connections(folder: Path) -> None:
    server, say, line, answers = browsed(folder)
    say(ask("/hello.txt")[:10])
    line.send(spicevmc.Data(b"half a chunk"[:9]), port.Event(PortEvent.CLOSED))
    channel = server.client.channel(WebdavChannel)
    assert channel.visits == {} and channel.parts.pending == 0
    line.send(port.Event(PortEvent.OPENED))
    assert body(say(ask("/hello.txt"))) == b"hello"
    server.leave()
    assert channel.visits == {} and answers.over == []


def test_without_a_folder_connections_are_refused() -> None:
    server, say, line, answers = browsed(None)
    for _ in range(2):
        assert say(ask("/"), number=4) == b""
    assert answers.over == [4, 4] and not line.closed_by_client and server.client.ended is None


def test_too_many_connections(folder: Path) -> None:
    _, say, _, answers = browsed(folder)
    for number in range(1, 258):
        say(b"GET", number=number)
    assert answers.over == [257]
    assert say(b"GET", number=0) == b"" and answers.over == [257, 0]


def test_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="not a folder"):
        Folder(tmp_path / "none")


def test_an_application_that_fails() -> None:
    def broken(environment: Any, start_response: Any) -> Any:
        raise OSError("no disk")

    def breaks_off(environment: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "10")])
        yield b"12345"
        raise OSError("no disk")

    for application, begin in ((broken, b"HTTP/1.1 500"), (breaks_off, b"HTTP/1.1 200")):
        connection = HttpConnection(application)
        connection.receive(ask("/"))
        assert connection.pull(1000).startswith(begin)
        assert connection.over
