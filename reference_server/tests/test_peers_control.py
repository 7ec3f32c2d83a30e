"""What is asked for at the control socket is what spice-gtk and remote-viewer's library see of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reference_server.tests.test_peers import DRIVER, gtk
from spiceproto import png
from spiceproto.tests.controlled import Program
from spiceproto.tests.peers import PATIENCE, end, program, until


def screenshot(server: Program, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What spicy-screenshot says, and shows in the file."""
    uri = f"spice://127.0.0.1:{server.place['port']}"
    command = [program("spicy-screenshot"), "--uri", uri, "-o", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.mark.parametrize(
    ("question", "size"),
    (
        ({"verb": "resolution", "width": 300, "height": 200}, (300, 200)),
        *[({"verb": "scene", "number": number}, (640, 480)) for number in range(7)],
        ({"verb": "guest", "name": "desktop"}, (640, 480)),
    ),
)
def test_spice_gtk_shows_what_was_asked_for(question: dict[str, str | int], size: tuple[int, int], tmp_path: Path) -> None:
    values = dict(question)
    with Program("server", tmp_path, "--spice", "port=0,disable-ticketing=on") as server:
        server.control.ask(str(values.pop("verb")), **values)
        shown, seen = tmp_path / "shown.png", tmp_path / "seen.ppm"
        server.control.ask("picture", path=str(shown))
        done = screenshot(server, seen)
        assert done.returncode == 0 and seen.exists(), done.stderr
        with Image.open(seen) as image:
            assert image.size == size
            assert np.array_equal(np.asarray(image.convert("RGB")), png.decode(shown.read_bytes())[..., :3])


def test_spice_gtk_asks_at_once_for_the_mouse_mode_that_it_wants(tmp_path: Path) -> None:
    """As the document says of ``mouse-mode``."""
    words = [gtk(), str(DRIVER)]
    with Program("server", tmp_path, "--spice", "port=0,disable-ticketing=on", "--pointer", "absolute") as server:
        client = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            assert client.stdin is not None
            client.stdin.write(json.dumps({"uri": f"spice://127.0.0.1:{server.place['port']}"}) + "\n")
            client.stdin.flush()
            until(lambda: server.control.ask("state")["mouse_mode"] == "client", what="mode client")
            server.control.ask("mouse-mode", mode="server")
            until(lambda: server.control.ask("state")["mouse_mode"] == "client", what="mode client again")
        finally:
            end(client)


def test_spice_gtk_logs_in_with_the_ticket_of_the_moment(tmp_path: Path) -> None:
    with Program("server", tmp_path, "--spice", "port=0,disable-ticketing=on") as server:
        server.control.ask("events")
        for number, (password, said, good) in enumerate(
            (("sesame", "sesame", True), ("other", "sesame", False), (None, "x", True))
        ):
            server.control.ask("ticket", password=password)
            path = tmp_path / f"{number}.ppm"
            screenshot(server, path, "--password", said)
            server.control.told("channel" if good else "refused")
            assert path.exists() == good
