"""``--capture`` and SSLKEYLOGFILE of the server, with spice-gtk as its client and what was on the wire beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reference_server.tests.test_peers import drive, gtk, screenshot, served
from spiceproto.tests.pcapng_files import block_places, decoded, messages
from spiceproto.tests.peers import PATIENCE, free_port, need, program, recorded, running, until

KEY = ({"do": "key", "code": 0x1E}, {"input": "key", "code": "1e", "down": False})
"""A key that is pressed and released, when all channels are there."""


def talk(folder: Path, *, secure: bool) -> Path:
    """A session with spice-gtk and two captures of it; the path of the one from the wire."""
    port, wire = free_port(), folder / "wire.pcapng"
    options = ["--password", "sesame", "--capture", str(folder / "capture.pcapng")]
    options += ["--tls-port", str(port), "--make-certificates", str(folder)] if secure else ["--port", str(port)]
    properties = {"host": "127.0.0.1", "tls-port" if secure else "port": str(port)}
    properties |= {"password": "sesame", "ca-file": str(folder / "ca-cert.pem")}
    with served(folder, *options) as server, recorded(wire, port):
        drive(server, properties, KEY)
    return wire


@pytest.mark.parametrize("secure", [False, True])
def test_it_has_what_was_on_the_wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secure: bool) -> None:
    gtk()
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    wire = talk(tmp_path, secure=secure)
    captured = messages(decoded(tmp_path / "capture.pcapng"))
    there = messages(decoded(wire, *(("--keylog", str(keys)) if secure else ())))
    assert captured.keys() == there.keys() and ("display:0", "server") in captured
    for (channel, sender), found in captured.items():
        other = there[channel, sender]
        # What was on its way when the client left is in one of both.
        assert found[: len(other)] == other[: len(found)] and abs(len(found) - len(other)) < 8, (channel, sender)
    lint = [sys.executable, "-m", "conformance", "lint", str(tmp_path / "capture.pcapng")]
    done = subprocess.run(lint, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout


def test_tshark_decrypts_what_the_server_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gtk()
    keys = tmp_path / "keys"
    keys.write_text("# what was there\n")
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    wire = talk(tmp_path, secure=True)
    assert keys.read_text().startswith("# what was there\n") and "CLIENT_TRAFFIC_SECRET_0" in keys.read_text()
    follow = ("-o", f"tls.keylog_file:{keys}", "-q", "-z", "follow,tls,raw,0")
    done = subprocess.run(
        [program("tshark"), "-r", str(wire), *follow], capture_output=True, text=True, timeout=240, check=True
    )
    assert b"REDQ".hex() in done.stdout


def test_a_unix_socket_has_places_on_loopback(tmp_path: Path) -> None:
    need("spicy-screenshot")
    path = tmp_path / "capture.pcapng"
    with served(tmp_path, "--unix", str(tmp_path / "s"), "--capture", str(path)):
        screenshot(f"spice+unix://{tmp_path / 's'}", tmp_path)
    connections = [record for record in decoded(path) if record["record"] == "connection"]
    assert {record["channel"] for record in connections} >= {"main", "display"}
    assert {record["server"] for record in connections} == {"127.0.0.1:5930"}


def test_the_file_of_a_killed_server_is_whole(tmp_path: Path) -> None:
    need("spicy-screenshot")
    path, log = tmp_path / "capture.pcapng", tmp_path / "log"
    command = [sys.executable, "-m", "reference_server", "--port", str(port := free_port()), "--capture", str(path)]
    with running(*command, log=log, port=port) as server:
        screenshot(f"spice://127.0.0.1:{port}", tmp_path)
        until(lambda: block_places(path)[-1][1] > 100_000, what="the capture is written")
        server.send_signal(signal.SIGKILL)
        server.wait(PATIENCE)
    assert block_places(path)[-1][1] == path.stat().st_size
    assert messages(decoded(path))["display:0", "server"]


def test_a_file_that_can_not_be_written_is_told_before(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reference_server", "--capture", str(tmp_path / "none" / "x.pcapng")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr == f"spice-reference-server: {tmp_path / 'none' / 'x.pcapng'}: No such file or directory\n"


def test_a_log_of_keys_that_can_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))
    command = [sys.executable, "-m", "reference_server", "--tls-port", "0", "--make-certificates", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1 and "SSLKEYLOGFILE=" in done.stderr and "Traceback" not in done.stderr
