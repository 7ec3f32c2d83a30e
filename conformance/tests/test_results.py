"""The suite against real servers and clients: nothing but what ``conformance/waivers`` expects, and enough of it.

Each run is the command that people type. docs/results has what the deviations are.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.tests.peers import need

WAIVERS = Path(__file__).parents[1] / "waivers"

SERVERS = [
    ("qemu:?guest=pointer", "qemu", 340),
    ("qemu:?ticket=sesame&guest=pointer", "qemu", 365),
    ("qemu:?ticket=sesame&over=tls", "qemu", 350),
    ("qemu:?over=unix", "qemu", 325),
    ("qemu:?ticket=sesame&over=ws", "qemu", 345),
    ("qemu:?sasl=1&over=tls", "qemu", 70),
    ("qemu:?ticket=sesame&tls=1&secure=inputs", "qemu", 350),
    ("qemu:?displays=2", "qemu", 325),
    ("andris:?ticket=sesame", "andris", 320),
]
CLIENTS = [
    ("spice-gtk:", "spice-gtk", 350),
    ("spicy-screenshot:", "spicy-screenshot", 265),
    ("remote-viewer:", "remote-viewer", 300),
    ("ryll:", "ryll", 260),
]
PROGRAMS = {
    "qemu": ("qemu-system-x86_64", "saslpasswd2"),
    "andris": ("andris",),
    "spice-gtk": ("spicy",),
    "spicy-screenshot": ("spicy-screenshot",),
    "remote-viewer": ("remote-viewer", "Xvfb", "openbox", "xdotool"),
    "ryll": ("ryll",),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("address", "name", "least"), SERVERS + CLIENTS, ids=[item[0] for item in SERVERS + CLIENTS])
def test_nothing_unexpected(address: str, name: str, least: int) -> None:
    need(*PROGRAMS[name])
    command = [sys.executable, "-m", "conformance", "run", address, "--quiet", "--waivers", str(WAIVERS / f"{name}.toml"),
               "--min-executed", str(least)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=850, check=False)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"


def test_every_waiver_file_is_used() -> None:
    assert {path.stem for path in WAIVERS.glob("*.toml")} == {name for _, name, _ in SERVERS + CLIENTS}
