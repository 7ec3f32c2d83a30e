"""What is installed works without the extras, and on systems that have less than this one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spiceproto.command import main
from spiceproto.extras import EXTRAS

ROOT = Path(__file__).parents[2]
SESSION = ROOT / "examples" / "seabios.pcapng"

pytestmark = pytest.mark.skipif(not SESSION.exists(), reason="the example session is part of the source tree only")

BARE = f"""
import sys

class Absent:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] in {sorted({name.partition(".")[0] for name in EXTRAS} | {"llvmlite"})}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent)
"""
"""As if no extra were installed."""

ELSEWHERE = """
import select
for name in ("poll", "epoll", "devpoll", "kqueue"):
    vars(select).pop(name, None)
import asyncio, hypothesis, numpy, os, pytest, signal, socket, subprocess, sys, tempfile
for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
socket.socketpair = lambda family=socket.AF_UNIX, make=socket.socketpair: make(family)  # asyncio wakes itself with one
del socket.AF_UNIX
for name in ("SIGHUP", "SIGALRM", "SIGKILL", "SIGUSR1", "SIGPIPE", "SIGCHLD", "alarm", "pause"):
    delattr(signal, name)
for name in ("fork", "forkpty", "getpgid", "geteuid", "getuid", "killpg", "setsid", "uname", "waitid"):
    delattr(os, name)

def refuse(*_):
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = refuse
"""
"""As on Windows. What comes from others is imported before: it has code of its own for each system."""

PATIENCE = 300.0
"""Seconds: without compiled codecs every picture takes long."""

PLACES = {"without extras": BARE, "elsewhere": ELSEWHERE}
everywhere = pytest.mark.parametrize("place", PLACES)

IMPORT_ALL = """
import pkgutil, importlib
left_out = ("conformance.adapters.spice_gtk_", "spiceproto.codecs.compiled")  # run by gi's Python; the kernels' numba
count = 0
for root in ("spiceproto", "conformance", "reference_server", "reference_client", "spec"):
    for item in pkgutil.walk_packages([importlib.import_module(root).__path__[0]], root + "."):
        if ".tests" not in item.name and not item.name.endswith("__main__") and not item.name.startswith(left_out):
            importlib.import_module(item.name)
            count += 1
print(count)
"""


def start(place: str, *words: str) -> list[str]:
    """A command that runs a module there, or code for ``-c``."""
    if words[0] == "-c":
        return [sys.executable, "-c", PLACES[place] + words[1]]
    code = f"import runpy, sys\nsys.argv = {list(words)!r}\nrunpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
    return [sys.executable, "-c", PLACES[place] + code]


def run(place: str, *words: str) -> tuple[int, str]:
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins of others think that this is the system it is
    found = subprocess.run(start(place, *words), capture_output=True, text=True, timeout=PATIENCE, check=False, env=alone)
    return found.returncode, found.stdout + found.stderr


@everywhere
def test_every_module_can_be_imported(place: str) -> None:
    status, output = run(place, "-c", IMPORT_ALL)
    assert status == 0 and int(output) > 400, output


@everywhere
def test_decode(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(SESSION)]) == 0
    assert run(place, "spiceproto", "decode", str(SESSION)) == (0, capsys.readouterr().out)


@everywhere
def test_render(place: str, tmp_path: Path) -> None:
    """QUIC, and a PNG of it: the same picture."""
    assert main(["render", str(SESSION), "-o", str(tmp_path / "here")]) == 0
    status, output = run(place, "spiceproto", "render", str(SESSION), "-o", str(tmp_path / "there"))
    assert status == 0 and "1 display drawn" in output
    assert ("drawn without numba, which is slow: pip install 'spiceproto[fast]'" in output) == (place == "without extras")
    here, there = ((tmp_path / name / "session1-display0.png").read_bytes() for name in ("here", "there"))
    assert here == there


@everywhere
@pytest.mark.parametrize("role", ["server", "client"])
def test_the_suite(place: str, role: str, tmp_path: Path) -> None:
    status, output = run(place, "conformance", "run", f"ref:{role}", "-q", "--report", str(tmp_path / "report"))
    assert status == 0 and re.search("^ *CONFORMS", output, re.MULTILINE) and "at level MAY" in output, output
    assert (tmp_path / "report" / "index.html").stat().st_size > 10_000


@everywhere
def test_faults(place: str) -> None:
    status, output = run(place, "conformance", "faults", "--check", "any-magic", "double-connect", "unknown-type-fatal")
    assert status == 0 and output.count("CAUGHT") >= 3, output


@everywhere
def test_the_reference_pair(place: str, tmp_path: Path) -> None:
    command = start(place, "reference_server", "--disable-ticketing", "--size", "320x200")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        try:
            port = json.loads(server.stdout.readline())["port"]
            address = f"spice://127.0.0.1:{port}"
            assert run(place, "reference_client", address, "--screenshot", str(tmp_path / "guest.png")) == (0, "")
            server.send_signal(signal.SIGTERM)
            assert (server.wait(PATIENCE), server.stdout.read()) == (0, "")
        finally:
            server.kill()
    with Image.open(tmp_path / "guest.png") as image:
        assert image.size == (320, 200) and len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 5


def test_unix_sockets_elsewhere(tmp_path: Path) -> None:
    """A sentence where there are none."""
    path = tmp_path / "socket"
    for words in (
        ("reference_server", "--unix", str(path), "--disable-ticketing"),
        ("reference_server", "--port", "0", "--control-socket", str(path)),
        ("reference_client", f"spice+unix://{path}"),
        ("reference_client", "--control-socket", str(path)),
        ("spiceproto.reference_ctl", str(path), "state"),
        ("conformance", "run", f"unix:{path}", "--select", "SPICE-LINK-006"),
    ):
        status, output = run("elsewhere", *words)
        assert status not in (0, 4) and "this system has no Unix sockets" in output and "Traceback" not in output, output


FORMATS = {
    "LZ4 is read": ("pictures", "from spiceproto.codecs import lz4; lz4.decode(bytes([1, 8]), 1, 1)"),
    "LZ4 is written": ("pictures", "from spiceproto.codecs import lz4; lz4.encode(np.zeros((1, 1), np.uint32), 8)"),
    "JPEG is read": (
        "pictures",
        "from spiceproto.codecs import jpeg; jpeg.decode(bytes.fromhex('ffd8ffc0000b080001000101011100ffda0002'))",
    ),
    "JPEG is written": ("pictures", "from spiceproto.codecs import jpeg; jpeg.encode(np.zeros((8, 8), np.uint32))"),
    "MJPEG is written": ("pictures", "from spiceproto.codecs import jpeg; jpeg.encode(np.zeros((8, 8), np.uint32), fast=True)"),
    "VP8 is read": ("video", "from spiceproto.codecs import video; video.decoder(2)"),
    "H.264 is written": ("video", "from spiceproto.codecs import video; video.encoder(3, 16, 16)"),
    "Opus is read": ("video", "from spiceproto.codecs import opus; opus.OpusDecoder()"),
    "kernels": ("fast", "from spiceproto.codecs import tier\nwith tier.forced('compiled'): tier.kernels('lz', 1)"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_names_its_extra(name: str) -> None:
    extra, code = FORMATS[name]
    status, output = run("without extras", "-c", f"import numpy as np\n{code}")
    assert status == 1
    assert re.search(rf"MissingExtraError: .* needs? \w+; expected pip install 'spiceproto\[{extra}\]'", output), output


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("spiceproto", "render", str(SESSION), "-o", "{}", "--format", "gif"), "pictures"),
        (("spiceproto", "render", str(SESSION), "-o", "{}", "--format", "mp4"), "video"),
        (("spiceproto", "archive", str(SESSION), "-o", "{}"), "archive"),
        (("reference_server", "--picture", "guest.png", "--duration", "1"), "pictures"),
        (("reference_client", "--speaker", "spice://127.0.0.1:1"), "sound"),
    ],
    ids=["gif", "mp4", "archive", "picture", "speaker"],
)
def test_a_command_names_its_extra(words: tuple[str, ...], extra: str, tmp_path: Path) -> None:
    status, output = run("without extras", *[word.format(tmp_path) for word in words])
    assert status in (1, 2) and len(output.splitlines()) == 1
    assert f"pip install 'spiceproto[{extra}]'" in output


def test_what_is_extra_is_no_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: {_name(text) for text in texts} for name, texts in project["optional-dependencies"].items()}
    always = {_name(text) for text in project["dependencies"]}
    assert {"construct", "hypothesis", "pytest", "scapy", "numpy"} <= always
    for module, (called, extra) in EXTRAS.items():
        distribution = {"PyAV": "av"}.get(called, called.lower())
        assert distribution in extras[extra] and distribution not in always, module
    assert project["optional-dependencies"]["all"] == [
        f"spiceproto[{','.join(sorted({extra for _, extra in EXTRAS.values()}))}]"
    ]


def _name(text: str) -> str:
    return re.split(r"[^\w.-]", text)[0]
