"""Video of real servers: the reference client shows it, counts its frames, and ends with the picture that the server has."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.adapters.control_lines import ControlLines
from conformance.adapters.process import Process
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.xspice import Xspice
from conformance.adapters.server import ServerProgram
from conformance.likeness import Likeness, likeness
from conformance.tests.slow_line import slow_line
from spiceproto import png
from spiceproto.tests.peers import PATIENCE, absent, end, until

FRAMES: Final = 45
"""What a server shows of a film before it stands still: 2.5 s. libspice-server looks at 20 before it makes video of them."""

FLOOR: Final = Likeness(30.0, 0.95)
"""The film of the guest was seen with 32.4 dB in MJPEG, 33.6 in VP8 and 46.5 in VP9, and SSIM above 0.99 in each."""

_MOVING: Final = Path(__file__).with_name("moving_picture.py")

_ENCODERS: Final = {"VP8": "vpx", "VP9": "vpx", "H264": "x264"}
"""Plugins of GStreamer with which libspice-server makes video; MJPEG it makes by itself."""


def has(codec: str) -> bool:
    """Whether libspice-server can make it, with the plugins of the system or of ``GST_PLUGIN_PATH``."""
    folders = [*Path("/usr/lib").glob("*/gstreamer-1.0"), *map(Path, os.environ.get("GST_PLUGIN_PATH", "").split(":"))]
    return codec == "MJPEG" or any((folder / f"libgst{_ENCODERS[codec]}.so").is_file() for folder in folders)


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a test starts finds the plugins of ``SPICEPROTO_GSTREAMER``, a folder in which packages were unpacked."""
    root = os.environ.get("SPICEPROTO_GSTREAMER")
    if root is not None:
        (plugins,) = Path(root).glob("usr/lib/*/gstreamer-1.0")
        for name, value in (
            ("GST_PLUGIN_PATH", plugins),
            ("LD_LIBRARY_PATH", plugins.parent),
            ("GST_REGISTRY", tmp_path / "plugins"),
        ):
            monkeypatch.setenv(name, str(value))


def need_codec(codec: str) -> None:
    """Skip a test about it where no server can make it, or fail where every peer has to be there."""
    if not has(codec):
        absent(f"GStreamer's {_ENCODERS[codec]} plugin, in the system or under SPICEPROTO_GSTREAMER")


class Client:
    """The reference client as a program; ``events`` are all that it told."""

    def __init__(self, port: int, folder: Path, *options: str) -> None:
        self.folder = folder
        self.events: list[dict[str, Any]] = []
        command = [sys.executable, "-m", "reference_client", f"spice://127.0.0.1:{port}", "--control", *options]
        self.process = Process(command, log=folder / "client.log", control=True)
        self._lines = ControlLines(self.process)

    def told(self, event: str) -> list[dict[str, Any]]:
        """What it told of this kind, until now."""
        self.events += self._lines.take_events()
        return [found for found in self.events if found["event"] == event]

    def picture(self) -> NDArray[np.uint8]:
        """What it shows."""
        path = self.folder / "client.png"
        self._lines.ask("picture", {"path": str(path)}, PATIENCE)
        return png.decode(path.read_bytes())

    def state(self) -> dict[str, Any]:
        """What it knows."""
        return dict(self._lines.ask("state", seconds=PATIENCE).values)


@contextlib.contextmanager
def client(port: int, folder: Path, *options: str) -> Iterator[Client]:
    """One that shows something."""
    found = Client(port, folder, *options)
    try:
        until(lambda: found.told("marked"), what="the client shows something")
        yield found
    finally:
        end(found.process.popen)


def screen(server: ServerProgram, folder: Path) -> NDArray[np.uint8]:
    """What the server says it shows."""
    path = folder / "server.png"
    server.do_picture(str(path))  # type: ignore[attr-defined]
    return png.decode(path.read_bytes())


def qemu(mode: str) -> Qemu:
    """One whose guest can show a film; the test is skipped without."""
    if missing := Qemu.missing():
        absent(missing)
    return Qemu({"guest": "640x480x32", "spice": f"streaming-video={mode}", "sound": "0", "usbredir": "0", "port": "0"})


def check_shown(shows: Client, server: ServerProgram, folder: Path) -> None:
    """Once the guest stands still its picture is much like that of the server, and the same when video is over."""
    wanted = screen(server, folder)
    until(lambda: likeness(shows.picture(), wanted).reaches(FLOOR), what="video is near to the server's picture")
    until(lambda: len(shows.told("stream-ended")) == len(shows.told("stream-began")), what="video is over")
    until(lambda: np.array_equal(shows.picture(), screen(server, folder)), what="the picture is the server's")


@pytest.mark.parametrize(("mode", "codec"), [("all", "MJPEG"), ("filter", "VP8"), ("all", "VP9"), ("all", "H264")])
def test_a_guest_of_qemu(mode: str, codec: str, tmp_path: Path) -> None:
    need_codec(codec)
    server = qemu(mode)
    with server, client(server.port, tmp_path, "--preferred-video-codec", codec.lower()) as shows:
        server.film(FRAMES)
        until(lambda: shows.told("stream-began"), what="the film is video")
        assert server.wait_drawn(PATIENCE)
        check_shown(shows, server, tmp_path)
        assert shows.told("not-drawn") == []
    assert {found["codec"] for found in shows.told("stream-began")} == {codec}
    ended = shows.told("stream-ended")
    assert all(found["frames"] > 0 for found in ended) and any(found["reports"] > 0 for found in ended)


def test_frames_that_come_late_are_counted(tmp_path: Path) -> None:
    """The line becomes slow in the middle of the film: by more than frames are sent before their time."""
    delay = [0.0]
    server = qemu("all")
    with (
        server,
        slow_line(server.port, delay=lambda: delay[0]) as port,
        client(port, tmp_path) as shows,
    ):
        server.film(FRAMES)
        until(lambda: shows.told("stream-began"), what="the film is video")
        delay[0] = 1.5
        assert server.wait_drawn(PATIENCE)
        delay[0] = 0.0
        check_shown(shows, server, tmp_path)
        state = shows.state()
    ended = shows.told("stream-ended")
    dropped = sum(found["dropped"] for found in ended)
    assert 0 < dropped <= sum(found["frames"] for found in ended)
    assert state["display:0"]["dropped_frames"] == dropped


@pytest.mark.parametrize("codec", ["MJPEG", "VP8", "H264"])
def test_a_window_of_xspice(codec: str, tmp_path: Path) -> None:
    need_codec(codec)
    if missing := Xspice.missing():
        absent(missing)
    server = Xspice()
    with server, client(server.port, tmp_path, "--preferred-video-codec", codec.lower()) as shows:
        command = [sys.executable, str(_MOVING), server.x_display, str(FRAMES)]
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            until(lambda: shows.told("stream-began"), what="the window is video")
            assert program.stdout is not None and program.stdout.readline() == b"moved\n"
            check_shown(shows, server, tmp_path)
            assert shows.told("not-drawn") == []
        finally:
            end(program)
    assert {found["codec"] for found in shows.told("stream-began")} == {codec}
    assert sum(found["frames"] for found in shows.told("stream-ended")) > 0


def test_cases_about_films() -> None:
    """QEMU can be told to show a film: its streams end without loss, nobody gets one without a codec, reports are asked for."""
    if missing := Qemu.missing():
        absent(missing)
    chosen = "SPICE-STREAM-025/stopped, SPICE-STREAM-030/pictures, SPICE-STREAM-035/before-frames"
    command = [sys.executable, "-m", "conformance", "run", "qemu:?guest=640x480x32&video=1", "--waivers", "qemu"]
    done = subprocess.run(
        [*command, "--select", chosen, "--min-executed", "3"], capture_output=True, text=True, timeout=4 * PATIENCE, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
