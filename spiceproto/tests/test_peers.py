"""Real programs talk to each other on loopback, are recorded, and the recording decodes without a problem."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from spiceproto.tests.peers import PATIENCE, free_port, need, program, qemu, recorded, running, until


def decode(path: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    """Exit status and JSON records of ``spiceproto decode``."""
    done = subprocess.run(
        [sys.executable, "-m", "spiceproto", "decode", str(path), "--format", "jsonl", *options],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def names(records: list[dict[str, object]], channel: str, direction: str) -> Counter[str]:
    return Counter(
        str(r["name"]) for r in records if r["record"] == "message" and r["channel"] == channel and r["direction"] == direction
    )


def check(status: int, records: list[dict[str, object]]) -> None:
    footer = records[-1]
    assert footer["record"] == "footer"
    problems = [r for r in records if r["record"] == "problem" and r["severity"] != "note"]
    assert not problems
    assert status == 0
    assert footer["undecoded_bytes"] == 0


def test_qemu_and_spicy_screenshot(tmp_path: Path) -> None:
    """libspice-server and spice-gtk, with a ticket."""
    need("qemu-system-x86_64", "spicy-screenshot", "dumpcap")
    port = free_port()
    command = (*qemu(f"port={port}", "addr=127.0.0.1", "password-secret=s0"), "-object", "secret,id=s0,data=sesame")
    capture = tmp_path / "session.pcapng"
    with running(*command, log=tmp_path / "qemu.log", port=port), recorded(capture, port):
        subprocess.run(
            [
                program("spicy-screenshot"),
                "--uri",
                f"spice://127.0.0.1:{port}",
                "--password",
                "sesame",
                "-o",
                str(tmp_path / "shot.ppm"),
            ],
            timeout=PATIENCE,
            check=True,
            capture_output=True,
        )
    status, records = decode(capture)
    check(status, records)
    channels = {str(r["channel"]) for r in records if r["record"] == "connection"}
    assert {"main", "display"} <= channels
    main = names(records, "main", "server")
    assert main["INIT"] == 1 and main["CHANNELS_LIST"] >= 1
    assert names(records, "main", "client")["ATTACH_CHANNELS"] == 1
    assert names(records, "display", "server")["SURFACE_CREATE"] >= 1


def drawn(records: list[dict[str, object]]) -> int:
    """How much the server told the display channel."""
    return names(records, "display", "server").total()


def by_channel(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Records of ryll's files, by the channel that their names tell."""
    known = ("main", "display", "inputs", "cursor", "playback")
    named = {channel: path for path in sorted(folder.rglob("*.pcap*")) for channel in known if channel in path.name}
    return {channel: decode(path, "--decode-as", f":5900={channel}")[1] for channel, path in named.items()}


def count(found: dict[str, list[dict[str, object]]]) -> int:
    """Messages of all channels."""
    return sum(int(str(records[-1]["messages"])) for records in found.values())


def test_andris_and_ryll(tmp_path: Path) -> None:
    """Two implementations in Rust; ryll's own captures begin after the link stage, a file for each channel."""
    need("andris", "ryll", "dumpcap")
    port = free_port()
    ticket = tmp_path / "ticket"
    ticket.write_text("sesame")
    ticket.chmod(0o600)
    vv = tmp_path / "a.vv"
    vv.write_text(f"[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport={port}\npassword=sesame\n")
    andris = (
        program("andris"),
        "--listen",
        f"127.0.0.1:{port}",
        "--ticket-file",
        str(ticket),
        "--platform",
        "synthetic",
        "--synthetic-size",
        "320x240",
    )
    capture = tmp_path / "session.pcapng"
    folder = tmp_path / "ryll"
    folder.mkdir()
    with running(*andris, log=tmp_path / "andris.log", port=port), recorded(capture, port):
        ryll = (program("ryll"), "--headless", "--file", str(vv), "--capture", str(folder))
        with running(*ryll, log=tmp_path / "ryll.log"):
            until(lambda: drawn(decode(capture)[1]) > 3 and count(by_channel(folder)) > 10, what="some messages are recorded")
    status, records = decode(capture)
    check(status, records)
    assert names(records, "main", "server")["INIT"] == 1
    assert drawn(records) > 3
    ended = by_channel(folder)
    assert ended, (tmp_path / "ryll.log").read_text(errors="replace")
    for channel, records in ended.items():
        assert records[-1]["record"] == "footer"
        assert not [r for r in records if r["record"] == "problem" and r["severity"] == "error"], channel
    assert count(ended) > 10
