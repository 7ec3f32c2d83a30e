"""``--capture`` of the client: what it writes is what was on the wire, whatever was around it there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_client.tests.servers import Qemu, qemu
from reference_client.tests.test_reference_server import reference_server
from reference_client.tests.test_shell import copy
from spiceproto import certificates
from spiceproto.tests.pcapng_files import block_places, decoded, messages
from spiceproto.tests.peers import PATIENCE, free_port, program, recorded


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Qemu]:
    """QEMU with a port of each kind."""
    folder = tmp_path_factory.mktemp("qemu")
    certificates.make().write(folder)
    port = free_port()
    with qemu(folder, f"disable-ticketing=on,tls-port={port},x509-dir={folder}") as found:
        found.tls_port = port
        yield found


@contextlib.contextmanager
def proxy() -> Iterator[int]:
    """A proxy for HTTP's CONNECT; its port."""
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        host, _, port = request.split()[1].decode().rpartition(":")
        back, forth = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(OSError):
            await asyncio.gather(copy(reader, forth), copy(back, writer))

    listener = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def client(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A session of two seconds with a capture."""
    command = [sys.executable, "-m", "reference_client", *words, "--capture", str(folder / "capture.pcapng"), "--duration", "2"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE * 2, check=False, env={**os.environ, **environment}
    )


def same_as_on_the_wire(folder: Path, *options: str) -> None:
    """What the client said is all there; of the server what it had heard when it left."""
    captured, wire = messages(decoded(folder / "capture.pcapng")), messages(decoded(folder / "wire.pcapng", *options))
    assert captured.keys() == wire.keys() and ("display:0", "server") in wire
    for (channel, sender), found in captured.items():
        there = wire[channel, sender]
        assert found == (there if sender == "client" else there[: len(found)]), (channel, sender)
        assert len(there) - len(found) < 3, (channel, sender)


def lint_is_clean(path: Path) -> None:
    command = [sys.executable, "-m", "conformance", "lint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0 and " 0 broken" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("way", ["spice", "spice+tls", "ws", "wss"])
def test_it_has_what_was_on_the_wire(tmp_path: Path, server: Qemu, way: str) -> None:
    secure = way in ("spice+tls", "wss")
    port = server.tls_port if secure else server.port
    keys = tmp_path / "keys"
    trust = ("--ca-file", str(server.folder / "ca-cert.pem")) if secure else ()
    with recorded(tmp_path / "wire.pcapng", port):
        done = client(tmp_path, f"{way}://127.0.0.1:{port}", *trust, SSLKEYLOGFILE=str(keys))
    assert done.returncode == 0, done.stderr
    same_as_on_the_wire(tmp_path, *(("--keylog", str(keys)) if secure else ()))
    lint_is_clean(tmp_path / "capture.pcapng")


def test_what_is_said_to_a_proxy_is_not_in_it(tmp_path: Path, server: Qemu) -> None:
    with proxy() as port, recorded(tmp_path / "wire.pcapng", port):
        done = client(tmp_path, f"spice://127.0.0.1:{server.port}", SPICE_PROXY=f"http://ann:secret@127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    same_as_on_the_wire(tmp_path)
    data = (tmp_path / "capture.pcapng").read_bytes()
    assert b"CONNECT" not in data and b"not captured here: HTTP proxy to 127.0.0.1" in data
    places = {record["server"] for record in decoded(tmp_path / "capture.pcapng") if record["record"] == "connection"}
    assert places == {f"127.0.0.1:{port}"}


def test_a_unix_socket_of_qemu(tmp_path: Path) -> None:
    with qemu(tmp_path, unix=True):
        done = client(tmp_path, f"spice+unix://{tmp_path / 'spice'}")
    assert done.returncode == 0, done.stderr
    found = messages(decoded(tmp_path / "capture.pcapng"))
    assert [row["name"] for row in found["main:0", "server"]][:3] == ["INIT", "NAME", "UUID"]
    assert found["display:0", "server"] and found["inputs:0", "server"]
    lint_is_clean(tmp_path / "capture.pcapng")


@pytest.mark.parametrize("way", ["spice", "spice+tls", "ws", "wss", "spice+unix"])
def test_both_ends_write_the_same(tmp_path: Path, way: str) -> None:
    secure = way in ("spice+tls", "wss")
    words = ("--disable-ticketing", "--unix", str(tmp_path / "socket"), "--capture", str(tmp_path / "wire.pcapng"))
    tls = ("--tls-port", "0", "--make-certificates", str(tmp_path)) if secure else ()
    with reference_server(*words, *tls, port="tls_port" if secure else "port") as (port, _):
        trust = ("--ca-file", str(tmp_path / "ca-cert.pem")) if secure else ()
        place = f"127.0.0.1:{port}" if way != "spice+unix" else str(tmp_path / "socket")
        done = client(tmp_path, f"{way}://{place}", *trust)
        assert done.returncode == 0, done.stderr
    same_as_on_the_wire(tmp_path)
    for name in ("capture.pcapng", "wire.pcapng"):
        lint_is_clean(tmp_path / name)
    around = {
        "spice": b"",
        "spice+tls": b": TLS",
        "ws": b": WebSocket",
        "wss": b": TLS, WebSocket",
        "spice+unix": b": Unix socket ",
    }
    assert around[way] in (tmp_path / "capture.pcapng").read_bytes()


def test_tshark_reads_it_as_spice(tmp_path: Path, server: Qemu) -> None:
    trust = ("--ca-file", str(server.folder / "ca-cert.pem"))
    assert client(tmp_path, f"spice+tls://127.0.0.1:{server.tls_port}", *trust).returncode == 0
    fields = ("-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info", "-e", "frame.comment")
    command = [program("tshark"), "-r", str(tmp_path / "capture.pcapng"), "-o", "tcp.check_checksum:TRUE", *fields]
    rows = [
        line.split("\t")
        for line in subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout.splitlines()
    ]
    assert {"Spice MAIN", "Spice DISPLAY", "Spice CURSOR"} <= {row[0] for row in rows}
    assert [row for row in rows if "Server CHANNELS_LIST" in row[1]]
    comments = [row[2] for row in rows if len(row) > 2 and row[2]]
    assert len(comments) >= 4 and set(comments) == {"not captured here: TLS"}
    wrong = "tcp.analysis.flags or tcp.checksum.status == 0"
    done = subprocess.run([*command, "-Y", wrong], capture_output=True, text=True, timeout=240, check=True)
    assert not done.stdout


def test_a_file_that_can_not_be_written_is_told_before(tmp_path: Path) -> None:
    done = client(tmp_path / "none", "spice://127.0.0.1:1")
    assert done.returncode == 2 and "capture.pcapng: No such file or directory" in done.stderr


_SMALL = """
import resource, sys
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
from reference_client.command import main
sys.exit(main())
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_nobody_reads_keeps_the_session_and_its_duration(tmp_path: Path) -> None:
    path = tmp_path / "capture.pcapng"
    os.mkfifo(path)
    with reference_server("--disable-ticketing") as (port, _):
        done = client(tmp_path, f"spice://127.0.0.1:{port}", "--log")
    assert done.returncode == 1 and json.loads(done.stdout.splitlines()[-1])["text"] == "the user left"
    assert done.stderr == (
        f"spice-reference-client: {path} has no reader yet: what is said waits for one\n"
        f"spice-reference-client: nobody has read {path}: there is no capture\n"
    )


def test_a_session_goes_on_without_its_capture(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    path = tmp_path / "capture.pcapng"
    words = ("--log", "--capture", str(path), "--duration", "2")
    with reference_server("--disable-ticketing", "--guest", "gallery") as (port, _):
        command = [sys.executable, "-c", _SMALL, f"spice://127.0.0.1:{port}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    told = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert done.returncode == 1 and told[-1] == "ended" and "surface" in told
    assert done.stderr == f"spice-reference-client: the capture ends here: {path}: File too large\n"
    assert 10_000 < block_places(path)[-1][1] <= 30_000


def test_sessions_of_a_controlled_client_are_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "capture.pcapng"
    with reference_server("--disable-ticketing") as (port, _):
        command = [sys.executable, "-m", "reference_client", "--control", "--capture", str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin and process.stdout
            for _ in range(2):
                process.stdin.write(json.dumps({"do": "connect", "host": "127.0.0.1", "port": port}) + "\n")
                process.stdin.flush()
                while json.loads(process.stdout.readline()).get("event") != "marked":
                    pass
            process.stdin.write('{"do": "quit"}\n')
            process.stdin.close()
            process.stdout.read()
            assert process.wait(PATIENCE) == 0
    records = decoded(path)
    assert records[-1]["record"] == "footer" and records[-1]["sessions"] == 2
