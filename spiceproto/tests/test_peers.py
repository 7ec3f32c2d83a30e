"""Real programs talk to each other on loopback, are recorded, and the recording decodes without a problem."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from spiceproto.tests.peers import free_port, need, program, recorded, running


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
