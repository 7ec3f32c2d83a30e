"""``spiceproto decode`` of a capture that is still being written, as people run it: a line is there when its packet is.

Everything waits for what is to come; times are measured, and none is waited out.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiceproto.capture import live
from spiceproto.tests.capture_samples import CAPTURES, Talk, pcap

PROMPT = 0.2
"""Seconds from a packet to its line."""

PATIENCE = 60.0
"""Seconds after which something that does not come is a failure."""

AS_MAIN = ("--decode-as", "10.0.0.2:5900=main")

CUT_OUT = [
    "-- incomplete: connection 1: began before the capture",
    "-- incomplete: connection 1: no end was captured",
]
"""What the footer says of a connection of which only the middle was written."""


def records(count: int) -> tuple[bytes, list[bytes]]:
    """The header of a capture with a packet of the client, and a record for each of ``count`` PINGs with the numbers from 0."""
    talk = Talk()
    talk.send(True)
    for number in range(count):
        talk.send(False, struct.pack("<HLLQ", 4, 12, number, number))
    whole = pcap(talk.packets, 101)
    begin = 24 + 16 + 40
    size = (len(whole) - begin) // count
    return whole[:begin], [whole[start : start + size] for start in range(begin, len(whole), size)]


class Decode:
    """The command at work, its lines as they come."""

    def __init__(self, *arguments: str, stdin: int | None = None) -> None:
        command = [sys.executable, "-m", "spiceproto", "decode", *arguments, *AS_MAIN]
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines: queue.Queue[tuple[float, str]] = queue.Queue()
        self.said: queue.Queue[tuple[float, str]] = queue.Queue()
        for stream, found in ((self.process.stdout, self.lines), (self.process.stderr, self.said)):
            assert stream is not None
            threading.Thread(target=self._gather, args=(stream, found), daemon=True).start()

    @staticmethod
    def _gather(stream: object, found: queue.Queue[tuple[float, str]]) -> None:
        with contextlib.suppress(ValueError):
            for line in stream:  # type: ignore[attr-defined]
                found.put((time.monotonic(), line.rstrip("\n")))
        found.put((time.monotonic(), "<end>"))

    def until(self, text: str, *, said: bool = False) -> float:
        """When the next line with this text came."""
        while True:
            at, line = (self.said if said else self.lines).get(timeout=PATIENCE)
            if text in line:
                return at
            assert line != "<end>", f"no line with {text!r}"

    def end(self) -> tuple[int, list[str], list[str]]:
        """Status, and what is left of output and errors, once it has ended by itself."""
        rest: list[list[str]] = []
        for found in (self.lines, self.said):
            lines: list[str] = []
            while not lines or lines[-1] != "<end>":
                lines.append(found.get(timeout=PATIENCE)[1])
            rest.append(lines[:-1])
        return self.process.wait(PATIENCE), rest[0], rest[1]


@contextlib.contextmanager
def decoding(*arguments: str, stdin: int | None = None) -> Iterator[Decode]:
    running = Decode(*arguments, stdin=stdin)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


class Writer:
    """What writes the capture: a pipe, a FIFO or a file."""

    def __init__(self, descriptor: int, count: int) -> None:
        self.descriptor = descriptor
        self.header, self.packets = records(count)

    def write(self, data: bytes) -> float:
        """When that was."""
        now = time.monotonic()
        assert os.write(self.descriptor, data) == len(data)
        return now


def show(running: Decode, writer: Writer, *, first: int = 0, last: int | None = None) -> list[float]:
    """Write packet after packet, each when the line of the one before is there; how late each line was."""
    late = []
    for number in range(first, len(writer.packets) if last is None else last):
        sent = writer.write(writer.packets[number])
        late.append(running.until(f"id={number} ") - sent)
    return late


def test_a_pipe() -> None:
    reading, writing = os.pipe()
    with decoding("-", stdin=reading) as running:
        os.close(reading)
        writer = Writer(writing, 20)
        writer.write(writer.header)
        late = show(running, writer)
        os.close(writing)
        status, lines, said = running.end()
    assert (status, said) == (0, [])
    assert statistics.median(late) < PROMPT
    assert lines[-1].startswith("-- 20 messages, 1 connection")


def test_a_pipe_brings_half_a_packet() -> None:
    reading, writing = os.pipe()
    with decoding("-", stdin=reading) as running:
        os.close(reading)
        writer = Writer(writing, 3)
        writer.write(writer.header + writer.packets[0] + writer.packets[1][:40])
        running.until("id=0 ")
        writer.write(writer.packets[1][40:])
        running.until("id=1 ")
        os.close(writing)


@pytest.mark.parametrize("form", [["--format", "jsonl"], ["--verbose"]])
def test_a_fifo(tmp_path: Path, form: list[str]) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with decoding(str(path), *form) as running:
        writer = Writer(os.open(path, os.O_WRONLY), 5)
        writer.write(writer.header)
        for packet in writer.packets:
            writer.write(packet)
            running.until('"name":"PING"' if "jsonl" in form else "PING")
        os.close(writer.descriptor)
        assert running.end()[0] == 0


@contextlib.contextmanager
def followed(path: Path, count: int) -> Iterator[tuple[Decode, Writer]]:
    writer = Writer(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), count)
    with decoding(str(path), "--follow") as running:
        running.until("Summary")
        writer.write(writer.header)
        yield running, writer
    os.close(writer.descriptor)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_file_that_grows(tmp_path: Path, number: int) -> None:
    with followed(tmp_path / "grows.pcap", 20) as (running, writer):
        late = show(running, writer, last=18)
        writer.write(writer.packets[18] + writer.packets[19])
        running.process.send_signal(number)
        status, lines, said = running.end()
    assert (status, said) == (0, [])
    assert statistics.median(late) < PROMPT
    last, *unseen, totals = lines[-4:]
    assert "id=19 " in last and totals.startswith("-- 20 messages")
    assert unseen == CUT_OUT


def test_a_file_that_is_moved_away(tmp_path: Path) -> None:
    """Whoever has it open may go on writing to it: it is followed, and that is said."""
    path = tmp_path / "grows.pcap"
    with followed(path, 4) as (running, writer):
        show(running, writer, last=2)
        path.rename(tmp_path / "grows.pcap.1")
        running.until("grows.pcap was moved or removed", said=True)
        show(running, writer, first=2)
        running.process.send_signal(signal.SIGINT)
        status, lines, said = running.end()
    assert (status, said, lines[-1][:13]) == (0, [], "-- 4 messages")


def test_a_file_that_is_rotated(tmp_path: Path) -> None:
    """Another file stands in its place: the old one is read to its end, and the new one is another capture."""
    path = tmp_path / "grows.pcap"
    with followed(path, 3) as (running, writer):
        show(running, writer, last=2)
        path.rename(tmp_path / "grows.pcap.1")
        path.write_bytes(writer.header)
        running.until("grows.pcap was replaced by another file", said=True)
        show(running, writer, first=2)
        status, lines, said = running.end()
    assert (status, said, lines[-1][:13]) == (0, [], "-- 3 messages")


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "grows.pcap"
    with followed(path, 2) as (running, writer):
        show(running, writer)
        os.truncate(path, 0)
        status, lines, said = running.end()
    assert status == 0 and "was cut short" in said[0]
    assert lines[-1].startswith("-- 2 messages")


def test_a_program_that_is_stopped_too_writes_its_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that stops the program in front of the pipe reaches both; what that one still writes is read."""
    monkeypatch.setattr(live, "REST", PATIENCE)
    path = tmp_path / "fifo"
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)  # so that opening waits for nobody
    with contextlib.closing(live.Live(str(path))) as capture:
        capture.stop()
        os.write(both, b"rest")
        assert capture.read(3) == b"res"
        os.close(both)
        assert (capture.read(), capture.read()) == (b"t", b"")


def test_a_pipe_is_read_to_its_end_when_interrupted() -> None:
    reading, writing = os.pipe()
    with decoding("-", stdin=reading) as running:
        os.close(reading)
        writer = Writer(writing, 4)
        writer.write(writer.header)
        show(running, writer, last=2)
        writer.write(writer.packets[2] + writer.packets[3])
        running.process.send_signal(signal.SIGINT)
        os.close(writing)
        status, lines, said = running.end()
    assert (status, said, lines[-1][:13]) == (0, [], "-- 4 messages")


def test_a_pipe_that_nobody_closes_ends_when_interrupted() -> None:
    reading, writing = os.pipe()
    with decoding("-", stdin=reading) as running:
        os.close(reading)
        writer = Writer(writing, 1)
        writer.write(writer.header)
        show(running, writer)
        running.process.send_signal(signal.SIGINT)
        status, lines, said = running.end()
        os.close(writing)
    assert (status, said, lines[-1][:13]) == (0, [], "-- 1 message,")


def test_errors_count_in_the_status_of_an_interrupted_one() -> None:
    reading, writing = os.pipe()
    with decoding("-", stdin=reading) as running:
        os.close(reading)
        talk = Talk()
        talk.send(False, struct.pack("<HLL", 4, 4, 7))  # a PING needs more
        os.write(writing, pcap(talk.packets, 101))
        running.until("malformed-message")
        running.process.send_signal(signal.SIGINT)
        assert running.end()[0] == 1
        os.close(writing)


def test_a_whole_file_that_is_interrupted(tmp_path: Path) -> None:
    """The report ends with the footer of what was read, and the status says that it is not all."""
    path = tmp_path / "long.pcap"
    header, packets = records(100_000)
    path.write_bytes(header + b"".join(packets))
    command = [sys.executable, "-m", "spiceproto", "decode", str(path), *AS_MAIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the pipe is full by now, or will be: most is still to be read
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    lines = out.splitlines()
    last, *unseen, totals = lines[-4:]
    read = int(totals.split()[1])
    assert totals.startswith(f"-- {read} messages") and f"id={read - 1} " in last
    assert unseen == CUT_OUT
    assert read < 100_000 and err == f"interrupted: the report ends behind frame {read + 1}\n"


@pytest.mark.parametrize("form", [[], ["--format", "jsonl"], ["--verbose"]], ids=["text", "jsonl", "verbose"])
@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
def test_a_reader_that_has_seen_enough(tmp_path: Path, form: list[str], piped: bool) -> None:
    """As with ``| head``: no message, no traceback."""
    header, packets = records(10_000)
    path = tmp_path / "long.pcap"
    path.write_bytes(header + b"".join(packets))
    with path.open("rb") as file:
        source = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) if piped else None
        running = subprocess.Popen(
            [sys.executable, "-m", "spiceproto", "decode", "-" if piped else str(path), *form, *AS_MAIN],
            stdin=source.stdout if source is not None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if source is not None and source.stdout is not None:
            source.stdout.close()
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
        running.stderr.close()
        assert (said, running.wait(PATIENCE)) == (b"", 0)
        if source is not None:
            source.wait(PATIENCE)


def test_a_reader_that_goes_while_nothing_comes() -> None:
    """The command ends without a packet that would make it write."""
    command = [sys.executable, "-m", "spiceproto", "decode", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert (running.stderr.read(), running.wait(PATIENCE)) == (b"", 0)


def test_nobody_reads_what_render_and_export_say(tmp_path: Path) -> None:
    """Neither do they mind."""
    header, packets = records(1)
    path = tmp_path / "short.pcap"
    path.write_bytes(header + packets[0])
    for arguments in (["render", str(path), "-o", str(tmp_path / "pictures")], ["export", "json"]):
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-m", "spiceproto", *arguments]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        os.close(writing)
        assert (done.stderr, done.returncode) == (b"", 0)


def test_a_key_log_that_is_written_meanwhile(tmp_path: Path) -> None:
    """The secrets of a TLS connection come behind its first packets, as they do when a client has just begun."""
    keys = tmp_path / "keys"
    keys.touch()
    secrets = (CAPTURES / "andris-tls.keys.txt").read_bytes()
    capture = (CAPTURES / "andris-tls.pcapng").read_bytes()
    whole = subprocess.run(
        [sys.executable, "-m", "spiceproto", "decode", str(CAPTURES / "andris-tls.pcapng"), "--keylog", "/dev/stdin"],
        input=secrets,
        capture_output=True,
        check=False,
    )
    reading, writing = os.pipe()
    with decoding("-", "--keylog", str(keys), stdin=reading) as running:
        os.close(reading)
        running.until("Summary")
        os.write(writing, capture[:8000])
        with keys.open("ab") as log:
            log.write(secrets[:100])
            log.flush()
            os.write(writing, capture[8000:16000])
            log.write(secrets[100:])
        os.write(writing, capture[16000:-4])
        running.until(" INIT ")
        os.write(writing, capture[-4:])
        os.close(writing)
        status, lines, said = running.end()
    assert (status, said) == (whole.returncode, [])
    assert lines[-1] == whole.stdout.decode().splitlines()[-1]


def test_standard_input_needs_no_following(capsys: pytest.CaptureFixture[str]) -> None:
    from spiceproto.command import main

    assert main(["decode", "--follow", "-"]) == 2
    assert "without it" in capsys.readouterr().err
