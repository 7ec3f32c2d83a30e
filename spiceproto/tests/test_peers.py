"""Real programs talk to each other on loopback, are recorded, and the recording decodes without a problem.

Where a program is missing the test skips, unless SPICEPROTO_REQUIRE_PEERS is set: then that is a failure.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest


def need(*programs: str) -> None:
    """Skip, or fail where peers are required, if a program is missing."""
    beside = Path(sys.executable).parent
    missing = [name for name in programs if shutil.which(name) is None and not (beside / name).exists()]
    if missing:
        text = f"not installed: {', '.join(missing)}"
        if os.environ.get("SPICEPROTO_REQUIRE_PEERS"):
            pytest.fail(text)
        pytest.skip(text)


def program(name: str) -> str:
    """Path of a program; those from PyPI stand beside the interpreter."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """True if somebody listens; found out without connecting, which servers would take for a client."""
    wanted = f"0100007F:{port:04X}"
    return any(
        line.split()[1] == wanted and line.split()[3] == "0A" for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
    )


@contextlib.contextmanager
def running(*command: str, log: Path, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program, ended by its own id; with ``port``, once that listens."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 20
        while port is not None and not listening(port):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def recorded(path: Path, port: int) -> Iterator[None]:
    """dumpcap on loopback, stopped once the file stops growing."""
    command = (program("dumpcap"), "-q", "-i", "lo", "-s", "0", "-B", "64", "-f", f"tcp port {port}", "-w", str(path))
    with running(*command, log=path.with_suffix(".log")) as process:
        deadline = time.monotonic() + 10
        while not path.exists() or not path.stat().st_size:
            assert process.poll() is None, path.with_suffix(".log").read_text(errors="replace")
            assert time.monotonic() < deadline, "dumpcap does not start"
            time.sleep(0.02)
        time.sleep(0.3)
        yield
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        process.wait(10)


def decode(path: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    """Exit status and JSON records of ``spiceproto decode``."""
    done = subprocess.run([sys.executable, "-m", "spiceproto", "decode", str(path), "--format", "jsonl", *options],
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    assert not done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def names(records: list[dict[str, object]], channel: str, direction: str) -> Counter[str]:
    return Counter(str(r["name"]) for r in records
                   if r["record"] == "message" and r["channel"] == channel and r["direction"] == direction)  # fmt: skip


def check(status: int, records: list[dict[str, object]]) -> None:
    footer = records[-1]
    assert footer["record"] == "footer"
    problems = [r for r in records if r["record"] == "problem" and r["severity"] != "note"]
    assert not problems
    assert status == 0
    assert footer["undecoded_bytes"] == 0


@pytest.mark.timeout(120)
def test_qemu_and_spicy_screenshot(tmp_path: Path) -> None:
    """libspice-server and spice-gtk, with a ticket."""
    need("qemu-system-x86_64", "spicy-screenshot", "dumpcap")
    port = free_port()
    qemu = (program("qemu-system-x86_64"), "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults", "-no-user-config",
            "-vga", "qxl", "-object", "secret,id=s0,data=sesame",
            "-spice", f"port={port},addr=127.0.0.1,password-secret=s0")  # fmt: skip
    capture = tmp_path / "session.pcapng"
    with running(*qemu, log=tmp_path / "qemu.log", port=port), recorded(capture, port):
        subprocess.run([program("spicy-screenshot"), "--uri", f"spice://127.0.0.1:{port}", "--password", "sesame",
                        "-o", str(tmp_path / "shot.ppm")], timeout=60, check=True, capture_output=True)  # fmt: skip
    status, records = decode(capture)
    check(status, records)
    channels = {str(r["channel"]) for r in records if r["record"] == "connection"}
    assert {"main", "display"} <= channels
    main = names(records, "main", "server")
    assert main["INIT"] == 1 and main["CHANNELS_LIST"] >= 1
    assert names(records, "main", "client")["ATTACH_CHANNELS"] == 1
    assert names(records, "display", "server")["SURFACE_CREATE"] >= 1


@pytest.mark.timeout(120)
def test_andris_and_ryll(tmp_path: Path) -> None:
    """Two implementations in Rust; ryll's own captures begin after the link stage, a file for each channel."""
    need("andris", "ryll", "dumpcap")
    port = free_port()
    ticket = tmp_path / "ticket"
    ticket.write_text("sesame")
    ticket.chmod(0o600)
    vv = tmp_path / "a.vv"
    vv.write_text(f"[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={port}\npassword=sesame\n")
    andris = (program("andris"), "--listen", f"127.0.0.1:{port}", "--ticket-file", str(ticket), "--platform", "synthetic",
              "--synthetic-size", "320x240")  # fmt: skip
    capture = tmp_path / "session.pcapng"
    folder = tmp_path / "ryll"
    folder.mkdir()
    with running(*andris, log=tmp_path / "andris.log", port=port), recorded(capture, port):
        ryll = (program("ryll"), "--headless", "--file", str(vv), "--capture", str(folder))
        with running(*ryll, log=tmp_path / "ryll.log"):
            time.sleep(4)
    status, records = decode(capture)
    check(status, records)
    assert names(records, "main", "server")["INIT"] == 1
    assert sum(names(records, "display", "server").values()) > 3
    files = sorted(folder.rglob("*.pcap*"))
    assert files, (tmp_path / "ryll.log").read_text(errors="replace")
    seen = 0
    for path in files:
        channel = next((name for name in ("main", "display", "inputs", "cursor", "playback") if name in path.name), None)
        if channel is None:
            continue
        status, records = decode(path, "--decode-as", f":5900={channel}")
        assert records[-1]["record"] == "footer"
        assert not [r for r in records if r["record"] == "problem" and r["severity"] == "error"], path.name
        seen += int(str(records[-1]["messages"]))
    assert seen > 10
