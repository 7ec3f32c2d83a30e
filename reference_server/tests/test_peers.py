"""Real clients: spice-gtk's screenshot program, spice-gtk from Python, ryll."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reference_server.guest import colour_chart
from spiceproto.tests.peers import absent, need, program, running, until

SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter that has the system's introspection."""

DRIVER = Path(__file__).with_name("gtk_client.py")

pytestmark = pytest.mark.timeout(90)


def gtk() -> str:
    """An interpreter with spice-gtk."""
    probe = "import gi; gi.require_version('SpiceClientGLib', '2.0'); from gi.repository import SpiceClientGLib"
    try:
        found = subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        found = False
    if not found:
        absent("not installed: spice-gtk for Python")
    return SYSTEM_PYTHON


class Served:
    """The command in a process of its own."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self.place: dict[str, Any] = {}

    def lines(self) -> list[dict[str, Any]]:
        """What it has printed."""
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]

    def inputs(self) -> list[dict[str, Any]]:
        """What the guest got."""
        return [{k: v for k, v in line.items() if k != "event"} for line in self.lines() if line["event"] == "input"]


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """A server on a free port."""
    log = folder / "server.jsonl"
    found = Served(log)
    command = (sys.executable, "-m", "reference_server", "--log", *options)
    with running(*command, log=log, ready=lambda: b"\n" in log.read_bytes()) as process:
        found.place = found.lines()[0]
        yield found
    assert process.returncode == 0, log.read_text()


def screenshot(uri: str, folder: Path, *options: str) -> Any:
    """What spice-gtk shows, as rows of red, green and blue."""
    path = folder / "shot.ppm"
    done = subprocess.run([program("spicy-screenshot"), "--uri", uri, "-o", str(path), *options],
                          capture_output=True, timeout=40, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_spicy_screenshot_shows_the_picture(tmp_path: Path) -> None:
    need("spicy-screenshot")
    with served(tmp_path, "--port", "0", "--size", "333x222", "--password", "sesame", "--unix", str(tmp_path / "s")) as server:
        uri = f"spice://127.0.0.1:{server.place['port']}"
        expected = colour_chart(333, 222)[..., 2::-1]
        assert (screenshot(uri, tmp_path, "--password", "sesame") == expected).all()
        assert (screenshot(f"spice+unix://{tmp_path / 's'}", tmp_path, "--password", "sesame") == expected).all()


def drive(place: dict[str, Any], *steps: dict[str, Any], **properties: Any) -> list[dict[str, Any]]:
    """spice-gtk, told what to do; what it saw. Each step waits for what it needs."""
    job = json.dumps({"properties": properties, "steps": steps})
    done = subprocess.run([gtk(), str(DRIVER)], input=job, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


CHANNELS = {"main", "display", "inputs", "cursor"}


def test_spice_gtk_moves_the_pointer(tmp_path: Path) -> None:
    gtk()
    with served(tmp_path, "--port", "0", "--pointer", "absolute") as server:
        properties = {"host": "127.0.0.1", "port": str(server.place["port"])}
        seen = drive(
            server.place,
            {"do": "mode", "mode": 1},
            {"do": "motion", "dx": 3, "dy": -2},
            {"do": "mode", "mode": 2},
            {"do": "position", "x": 40, "y": 50},
            {"do": "button", "button": 1},
            {"do": "key", "code": 0x1E},
            **properties,
        )
        inputs = server.inputs()
    assert {line["channel"] for line in seen if line["event"] == "opened"} >= CHANNELS
    assert {"input": "motion", "dx": 3, "dy": -2, "buttons": 0} in inputs
    assert {"input": "position", "x": 40, "y": 50, "display": 0, "buttons": 0} in inputs
    buttons = [line["down"] for line in inputs if line["input"] == "button"]
    keys = [(line["code"], line["down"]) for line in inputs if line["input"] == "key"]
    assert buttons == [True, False] and keys == [("1e", True), ("1e", False)]


@pytest.mark.parametrize("login", ("ticket", "sasl"))
def test_spice_gtk_over_tls(tmp_path: Path, login: str) -> None:
    gtk()
    options = ["--password", "sesame"] + (["--sasl", "--username", "someone"] if login == "sasl" else [])
    with served(tmp_path, "--tls-port", "0", "--make-certificates", str(tmp_path), *options) as server:
        properties = {
            "host": "localhost", "tls-port": str(server.place["tls_port"]), "password": "sesame",
            "ca-file": str(tmp_path / "ca-cert.pem"),
        }  # fmt: skip
        if login == "sasl":
            properties["username"] = "someone"
        seen = drive(server.place, {"do": "key", "code": 0x1E}, **properties)
        assert {"input": "key", "code": "1e", "down": True} in server.inputs()
    assert {line["channel"] for line in seen if line["event"] == "opened"} >= CHANNELS


def test_ryll_links_all_channels(tmp_path: Path) -> None:
    ryll = program("ryll")
    vv = tmp_path / "a.vv"
    with served(tmp_path, "--port", "0", "--password", "sesame", "--write-vv", str(vv)) as server:
        log = tmp_path / "ryll.log"

        def linked() -> bool:
            return {line["channel"] for line in server.lines() if line["event"] == "channel"} >= CHANNELS

        with running(ryll, "--headless", "--file", str(vv), log=log):
            until(linked, 30, what=f"all channels are linked; see {log}")
