"""The command: what it prints, what it refuses, and how it ends."""

from __future__ import annotations

import configparser
import contextlib
import json
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reference_server import FAULTS
from reference_server.command import main
from spiceproto.enums.link import LinkErr
from spiceproto.link.exchange import refusal
from spiceproto.tests.peers import PATIENCE


@contextmanager
def command(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command in a process of its own, once it listens, and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reference_server", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str], number: int) -> tuple[int, list[dict[str, Any]]]:
    """End it by a signal: exit status, and the lines behind the first."""
    process.send_signal(number)
    out, errors = process.communicate(timeout=PATIENCE)
    assert not errors
    return process.returncode, [json.loads(line) for line in out.splitlines()]


def probe(stream: socket.socket) -> bytes:
    """What a server answers somebody who speaks no SPICE."""
    stream.settimeout(PATIENCE)
    stream.sendall(b"nothing of the sort")
    found = b""
    while data := stream.recv(1000):
        found += data
    return found


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_all_places_and_the_log(tmp_path: Path, number: int) -> None:
    path = tmp_path / "socket"
    with command(
        "--port",
        "0",
        "--tls-port",
        "0",
        "--make-certificates",
        str(tmp_path),
        "--unix",
        str(path),
        "--log",
        "--write-vv",
        str(tmp_path / "a.vv"),
        "--password",
        "sesame",
    ) as (process, first):
        assert first["event"] == "listening" and first["host"] == "127.0.0.1" and first["unix"] == str(path)
        with socket.create_connection(("127.0.0.1", first["port"])) as stream:
            assert probe(stream) == refusal(LinkErr.INVALID_MAGIC)
        trust = ssl.create_default_context(cafile=tmp_path / "ca-cert.pem")
        with (
            socket.create_connection(("127.0.0.1", first["tls_port"])) as stream,
            trust.wrap_socket(stream, server_hostname="127.0.0.1") as secure,
        ):
            assert probe(secure) == refusal(LinkErr.INVALID_MAGIC)
        with socket.socket(socket.AF_UNIX) as stream:
            stream.connect(str(path))
            assert probe(stream) == refusal(LinkErr.INVALID_MAGIC)
        status, lines = finish(process, number)
    assert status == 0 and not path.exists()
    assert [line["error"] for line in lines if line["event"] == "refused"] == [LinkErr.INVALID_MAGIC] * 3
    assert [line["tls"] for line in lines if line["event"] == "connected"] == [False, True, False]
    file = tmp_path / "a.vv"
    assert file.stat().st_mode & 0o777 == 0o600
    parsed = configparser.RawConfigParser()
    parsed.read(file)
    wanted = {
        "type": "spice",
        "host": "127.0.0.1",
        "port": str(first["port"]),
        "tls-port": str(first["tls_port"]),
        "password": "sesame",
    }
    found = dict(parsed["virt-viewer"])
    assert wanted.items() <= found.items()
    assert found["ca"].replace("\\n", "\n") == (tmp_path / "ca-cert.pem").read_text()


def test_it_ends_after_a_while() -> None:
    with command("--duration", "0.05") as (process, first):
        assert first["port"] and first["tls_port"] is None
        assert process.wait(PATIENCE) == 0


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    said = f"spice-reference-server: 127.0.0.1, port {port}: Address already in use; --port 0 takes a free one\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "options",
    (
        ["--port", "70000"],
        ["--displays", "0"],
        ["--size", "640"],
        ["--tls-channel", "nothing"],
        ["--tls-port", "0"],
        ["--sasl"],
        ["--disable-ticketing", "--password", "x"],
        ["--addr", "0.0.0.0"],
        ["--fault", "none-of-them"],
        ["--guest", "none-of-them"],
        ["--image-compression", "zip"],
        ["--password-file", "/nonexistent"],
        ["--password", "x" * 61],
        ["--control-socket", ""],
        ["--incoming", "example.org:5901"],
    ),
    ids=" ".join,
)
def test_usage(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert (
        said.startswith("spice-reference-server: ") and said.endswith(" (--help lists the options)\n") and said.count("\n") == 1
    )


def test_list_of_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)


def test_out_of_descriptors_is_one_line() -> None:
    with command("--port", "0", "--disable-ticketing", "--log") as (process, first):
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (24, 24))
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(socket.create_connection(("127.0.0.1", first["port"])))
            # As long as connections wait it is tried once a second, and not told again.
            time.sleep(2.5)
        with socket.create_connection(("127.0.0.1", first["port"])) as stream:
            assert probe(stream) == refusal(LinkErr.INVALID_MAGIC)
        status, lines = finish(process, signal.SIGTERM)
    said = [line for line in lines if line["event"] == "exhausted"]
    assert status == 0 and len(said) == 1 and "no more connections" in said[0]["text"]


def test_what_the_guest_and_the_images_can_be() -> None:
    with command("--guest", "gallery", "--image-compression", "lz", "--zlib-glz-wan-compression", "never") as (process, said):
        assert said["port"]
        status, _ = finish(process, signal.SIGINT)
        assert status == 0
