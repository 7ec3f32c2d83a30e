"""A capture that is written while a program runs: whole at any time, bounded, and in nobody's way."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spiceproto import capture_file
from spiceproto.capture_file import CaptureFile, Flow
from spiceproto.tests.capture_samples import Recorder, Result, link_message
from spiceproto.tests.pcapng_files import block_kinds, block_places
from spiceproto.tests.peers import PATIENCE, until

OURS, THEIRS = ("10.0.0.1", 50000), ("10.0.0.2", 5930)


def begun(path: Path, told: list[str]) -> tuple[CaptureFile, Flow]:
    file = CaptureFile(path, application="test", tell=told.append)
    return file, file.begin(OURS, THEIRS, role="client")


def test_bytes_of_both_sides_are_in_it(tmp_path: Path) -> None:
    told: list[str] = []
    file, flow = begun(tmp_path / "x.pcapng", told)
    flow.said("client", link_message())
    flow.said("server", bytes(100_000))
    flow.closed("server")
    flow.said("client", b"too late")
    file.close()
    sink = Result(tmp_path / "x.pcapng").only
    assert (sink.client, sink.server) == (link_message(), bytes(100_000))
    assert (sink.connection.client[1], sink.connection.server[1]) == (50000, 5930)
    assert not told and not file.failure


def test_a_server_s_file_has_the_same_directions(tmp_path: Path) -> None:
    file = CaptureFile(tmp_path / "x.pcapng", application="test", tell=print)
    flow = file.begin(THEIRS, OURS, role="server", around="TLS")
    flow.said("client", link_message())
    flow.closed("client", reset=True)
    file.close()
    sink = Result(tmp_path / "x.pcapng").only
    assert (sink.connection.client[1], sink.connection.server[1], sink.client) == (50000, 5930, link_message())
    assert b"not captured here: TLS" in (tmp_path / "x.pcapng").read_bytes()


@pytest.mark.parametrize("names", [("", "/run/spice"), (None, None), (b"\0abstract", ""), ((3, 1024), (2, 5))])
def test_a_socket_without_addresses_is_on_loopback(tmp_path: Path, names: tuple[object, object]) -> None:
    file = CaptureFile(tmp_path / "x.pcapng", application="test", tell=print)
    for _ in range(2):
        file.begin(*names, role="client").said("client", link_message())
    file.close()
    found = Result(tmp_path / "x.pcapng").sinks
    assert [sink.connection.client[1] for sink in found] == [40001, 40002]
    assert {sink.connection.server[1] for sink in found} == {5930}


def test_no_block_is_in_two_pages(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    file = CaptureFile(path, application="test", tell=print)
    flows = [file.begin(*names, role="client") for names in ((OURS, THEIRS), (("::1", 1), ("::1", 2)))]
    for size in (*range(1, 300), *range(3700, 4300, 3), 20_000):
        for flow in flows:
            flow.said("client", bytes(size))
            flow.said("server", bytes(size))
    file.close()
    assert not [start for start, end in block_places(path) if start // 4096 != (end - 1) // 4096]


def test_a_long_comment_is_a_long_block(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    file, flow = begun(path, [])
    for size in range(4000, 4100):
        flow.note("x" * size)
        flow.said("client", link_message())
    file.close()
    assert block_kinds(path).count(6) == 103


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    file, _ = begun(tmp_path / "x.pcapng", [])
    file.close()
    assert os.name == "nt" or stat.S_IMODE((tmp_path / "x.pcapng").stat().st_mode) == 0o600


def test_a_place_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        CaptureFile(tmp_path / "none" / "x.pcapng", application="test", tell=print)


class Full:
    """A file that has room for so many bytes more."""

    def __init__(self, file: object, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(28, "No space left on device")
        done = self._file.write(data[: self._room])  # type: ignore[attr-defined]
        self._room -= done
        return int(done)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_a_full_disk_is_told_once_and_the_file_is_whole(tmp_path: Path) -> None:
    told: list[str] = []
    path = tmp_path / "x.pcapng"
    file, flow = begun(path, told)
    flow.said("client", link_message())
    until(lambda: block_kinds(path).count(6) == 4)
    file._file = Full(file._file, 70_000)  # type: ignore[assignment]
    for _ in range(10):
        flow.said("server", bytes(20_000))
    until(lambda: bool(file.failure))
    flow.said("server", bytes(20_000))
    file.begin(OURS, THEIRS, role="client").said("client", b"more")
    file.close()
    assert told == [f"the capture ends here: {path}: No space left on device"]
    assert 16 < block_kinds(path).count(6) < 24
    assert 50_000 < len(Result(path).only.server) < 70_000


def held(file: CaptureFile) -> Callable[[], None]:
    """Have the disk take nothing until the function is called."""
    free = threading.Event()
    write = file._write

    def wait(blocks: list[bytes]) -> None:
        free.wait(PATIENCE)
        write(blocks)

    file._write = wait  # type: ignore[method-assign]
    return free.set


def test_what_a_slow_disk_can_not_take_is_a_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_file, "_WAITING", 100_000)
    told: list[str] = []
    file, flow = begun(tmp_path / "x.pcapng", told)
    go_on = held(file)
    flow.said("client", link_message())
    flow.said("server", b"a" * 50_000)
    flow.said("server", b"b" * 60_000)
    flow.said("server", b"c" * 60_000)
    assert told == [f"{tmp_path / 'x.pcapng'} is written too slowly: bytes are missing in it"]
    go_on()
    until(lambda: file._waiting == 0)
    flow.said("server", b"d" * 10_000)
    file.close()
    sink: Recorder = Result(tmp_path / "x.pcapng").only
    assert sink.server == b"a" * 50_000 + b"d" * 10_000
    assert sink.gaps == [(False, 120_000, 50_000)] and len(told) == 1


def test_small_pieces_are_bounded_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_file, "_WAITING", 100_000)
    file, flow = begun(tmp_path / "x.pcapng", [])
    go_on = held(file)
    for _ in range(10_000):
        flow.said("client", b"x")
    assert len(file._steps) < 300
    go_on()
    file.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_takes_it_too(tmp_path: Path) -> None:
    path, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    file, flow = begun(path, [])
    flow.said("client", link_message())
    until(lambda: file._file)
    file.close()
    reader.join(PATIENCE)
    assert Result(read[0]).only.client == link_message()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_nobody_reads_any_more_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "pipe", list[str]()
    os.mkfifo(path)

    def read_a_little() -> None:
        with path.open("rb", buffering=0) as pipe:
            pipe.read(8)

    def failed() -> bool:
        flow.said("client", link_message())
        return bool(file.failure)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    file, flow = begun(path, told)
    reader.join(PATIENCE)
    until(failed)
    file.close()
    assert told[-1] == f"the capture ends here: {path}: Broken pipe"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_without_a_reader_is_told_and_waited_for(tmp_path: Path) -> None:
    path, told, read = tmp_path / "pipe", list[str](), list[bytes]()
    os.mkfifo(path)
    file, flow = begun(path, told)
    flow.said("client", link_message())
    assert told == [f"{path} has no reader yet: what is said waits for one"]
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    until(lambda: file._file)
    file.close()
    reader.join(PATIENCE)
    assert Result(read[0]).only.client == link_message()
    assert len(told) == 1 and not file.failure


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_nobody_has_read_is_told_at_the_end(tmp_path: Path) -> None:
    path, told = tmp_path / "pipe", list[str]()
    os.mkfifo(path)
    file, flow = begun(path, told)
    flow.said("client", link_message())
    file.close()
    assert told[1:] == [file.failure] == [f"nobody has read {path}: there is no capture"]


_WRITER = """
import sys
from spiceproto.capture_file import CaptureFile
flow = CaptureFile(sys.argv[1], application="test", tell=print).begin(("::1", 1), ("::1", 2), role="client")
flow.said("client", bytes.fromhex(sys.argv[2]))
print("begun", flush=True)
while True:
    flow.said("server", bytes(5000))
"""


def test_a_program_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}.pcapng"
        command = [sys.executable, "-c", _WRITER, str(path), link_message().hex()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline() == b"begun\n"
            size = (number + 1) * 300_000
            until(lambda path=path, size=size: path.exists() and path.stat().st_size > size)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        assert len(block_kinds(path)) > 5
        sink = Result(path).only
        assert sink.client == link_message() and sink.server and not sink.gaps
