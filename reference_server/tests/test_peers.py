"""Real clients: spice-gtk's screenshot program, spice-gtk from Python, ryll."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reference_server import GUESTS, Guest
from reference_server.compression import COMPRESSIONS
from reference_server.guest import colour_chart
from reference_server.guests.video import PERIOD, film, place
from spiceproto.tests.peers import PATIENCE, absent, end, need, program, running, until

SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter that has the system's introspection."""

DRIVER = Path(__file__).with_name("gtk_client.py")


def gtk() -> str:
    """An interpreter with spice-gtk."""
    probe = "import gi; gi.require_version('SpiceClientGLib', '2.0'); from gi.repository import SpiceClientGLib"
    try:
        found = subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, timeout=PATIENCE, check=False).returncode == 0
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
    command = [program("spicy-screenshot"), "--uri", uri, "-o", str(path), *options]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
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


Step = tuple[dict[str, Any], dict[str, Any] | None]
"""What spice-gtk shall do, and what the guest gets of it; None for a step whose end spice-gtk sees itself."""


def drive(server: Served, properties: dict[str, str], *steps: Step) -> set[str]:
    """spice-gtk does the steps, each once the guest has got what the one before it brings; the channels it opened."""
    client = subprocess.Popen([gtk(), str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdin is not None

    def arrived(wanted: dict[str, Any] | None) -> bool:
        assert client.poll() is None, "spice-gtk has ended"
        return wanted is None or any(wanted.items() <= line.items() for line in server.inputs())

    try:
        for told, wanted in ((properties, None), *steps):
            client.stdin.write(json.dumps(told) + "\n")
            client.stdin.flush()
            until(partial(arrived, wanted), what=f"the guest gets {wanted}")
        seen, _ = client.communicate(timeout=PATIENCE)
    finally:
        end(client)
    assert client.returncode == 0
    events = [json.loads(line) for line in seen.splitlines() if line.startswith("{")]
    return {line["channel"] for line in events if line["event"] == "opened"}


def shown(path: Path) -> Any:
    """A picture that :mod:`reference_server.tests.gtk_client` wrote."""
    data = path.read_bytes()
    width, height, stride = np.frombuffer(data, "<i4", 3)
    rows = np.frombuffer(data, np.uint8, offset=12).reshape(height, stride)
    return rows[:, : 4 * width].reshape(height, width, 4)[..., 2::-1]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_spice_gtk_shows_the_gallery(tmp_path: Path, name: str) -> None:
    """Pixel by pixel: all that there is when it comes, and all of it as it is drawn."""
    gtk()
    guest = Guest()
    GUESTS["gallery"](guest, 1)
    expected = guest.screens[0].picture[..., 2::-1]
    path = tmp_path / "picture"

    def ask(client: Any, step: dict[str, Any]) -> None:
        assert client.poll() is None, "spice-gtk has ended"
        client.stdin.write(json.dumps(step) + "\n")
        client.stdin.flush()

    def equal(client: Any) -> bool:
        path.unlink(missing_ok=True)
        ask(client, {"do": "picture", "path": str(path)})
        until(path.exists, what="spice-gtk writes its picture")
        found = shown(path)
        return found.shape == expected.shape and bool((found == expected).all())

    with served(tmp_path, "--port", "0", "--guest", "gallery", "--image-compression", name) as server:
        client = subprocess.Popen([gtk(), str(DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            ask(client, {"host": "127.0.0.1", "port": str(server.place["port"])})
            until(partial(equal, client), what="spice-gtk shows the guest's picture")
            drawn = len([line for line in server.inputs() if line["input"] == "key"])
            ask(client, {"do": "key", "code": 0x39})
            until(lambda: len(server.inputs()) > drawn, what="the gallery is hung anew")
            until(partial(equal, client), what="spice-gtk draws the guest's picture")
        finally:
            client.communicate(timeout=PATIENCE)
    assert client.returncode == 0


def _likeness(one: Any, other: Any) -> float:
    """PSNR in dB; infinite for the same."""
    error = ((one.astype(np.float64) - other) ** 2).mean()
    return float("inf") if not error else float(10 * np.log10(255**2 / error))


_FLOOR = 35.0
"""dB that a frame of a stream has of its picture; two neighbours in the film have less of each other."""


def test_spice_gtk_shows_a_film(tmp_path: Path) -> None:
    """A stream, whose frames are pictures of the film; and without loss the one at which it was stopped."""
    gtk()
    width, height = 640, 480
    box = place(width, height)
    pictures = [film(n, box.right - box.left, box.bottom - box.top)[..., 2::-1] for n in range(PERIOD // 2 + 1)]
    path, errors = tmp_path / "picture", tmp_path / "errors"

    def ask(client: Any, step: dict[str, Any]) -> None:
        assert client.poll() is None, "spice-gtk has ended"
        client.stdin.write(json.dumps(step) + "\n")
        client.stdin.flush()

    def looked(client: Any) -> float:
        path.unlink(missing_ok=True)
        ask(client, {"do": "picture", "path": str(path)})
        until(path.exists, what="spice-gtk writes its picture")
        found = shown(path)
        return max(_likeness(found[box.top : box.bottom, box.left : box.right], picture) for picture in pictures)

    with served(tmp_path, "--port", "0", "--guest", "video", "--streaming-video", "all") as server, errors.open("w") as out:
        command = [gtk(), str(DRIVER)]
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=out, text=True)
        try:
            ask(client, {"host": "127.0.0.1", "port": str(server.place["port"])})
            # What comes as pictures is shown without loss.
            until(lambda: _FLOOR < looked(client) < float("inf"), what="spice-gtk shows a frame of a stream")
            ask(client, {"do": "key", "code": 0x39})
            until(lambda: looked(client) == float("inf"), what="spice-gtk shows the last picture without loss")
            around = shown(path) == colour_chart(width, height)[..., 2::-1]
            around[box.top : box.bottom, box.left : box.right] = True
            assert around.all(), "around the film is a desktop that stands still"
        finally:
            client.communicate(timeout=PATIENCE)
    assert client.returncode == 0
    assert "CRITICAL" not in errors.read_text()


CHANNELS = {"main", "display", "inputs", "cursor"}


def test_spice_gtk_moves_the_pointer(tmp_path: Path) -> None:
    gtk()
    with served(tmp_path, "--port", "0", "--pointer", "absolute") as server:
        opened = drive(
            server,
            {"host": "127.0.0.1", "port": str(server.place["port"])},
            ({"do": "mode", "mode": 1}, None),
            ({"do": "motion", "dx": 3, "dy": -2}, {"input": "motion"}),
            ({"do": "mode", "mode": 2}, None),
            ({"do": "position", "x": 40, "y": 50}, {"input": "position"}),
            ({"do": "button", "button": 1}, {"input": "button", "down": False}),
            ({"do": "key", "code": 0x1E}, {"input": "key", "down": False}),
        )
        inputs = server.inputs()
    assert opened >= CHANNELS
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
            "host": "localhost",
            "tls-port": str(server.place["tls_port"]),
            "password": "sesame",
            "ca-file": str(tmp_path / "ca-cert.pem"),
        }
        if login == "sasl":
            properties["username"] = "someone"
        opened = drive(server, properties, ({"do": "key", "code": 0x1E}, {"input": "key", "code": "1e", "down": False}))
    assert opened >= CHANNELS


def test_ryll_links_all_channels(tmp_path: Path) -> None:
    ryll = program("ryll")
    vv = tmp_path / "a.vv"
    with served(tmp_path, "--port", "0", "--password", "sesame", "--write-vv", str(vv)) as server:
        log = tmp_path / "ryll.log"

        def linked() -> bool:
            return {line["channel"] for line in server.lines() if line["event"] == "channel"} >= CHANNELS

        with running(ryll, "--headless", "--file", str(vv), log=log):
            until(linked, what=f"all channels are linked; see {log}")
