"""The suite against real servers and clients: nothing but what ``conformance/waivers`` expects, and enough of it.

Each run is the command that people type, and "enough" is what :mod:`conformance.adapters.executed` knows of such a target.
docs/results has what the deviations are.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.adapters.executed import KNOWN, least_executed
from conformance.adapters.programs import CATALOGUE
from conformance.faults import held_against
from spiceproto.tests.peers import absent, need

_STALE = 1.5
"""How many times as many cases may be executed as the table says: beyond that it guards too little."""

WAIVERS = Path(__file__).parents[1] / "waivers"

SERVERS = [
    ("qemu:?guest=pointer", "qemu"),
    ("qemu:?ticket=sesame&guest=pointer", "qemu"),
    ("qemu:?ticket=sesame&over=tls", "qemu"),
    ("qemu:?over=unix", "qemu"),
    ("qemu:?ticket=sesame&over=ws", "qemu"),
    ("qemu:?sasl=1&over=tls", "qemu"),
    ("qemu:?ticket=sesame&tls=1&secure=inputs", "qemu"),
    ("qemu:?displays=2", "qemu"),
    ("qemu:?guest=640x480x8+800x600x16+320x240x32", "qemu"),
    ("qemu:?migrate=seamless&guest=pointer", "qemu"),
    ("andris:?ticket=sesame", "andris"),
    ("xspice:", "xspice"),
    ("xspice:?ticket=sesame&tls=1&over=tls", "xspice"),
    ("libspice-server:", "libspice-server"),
    ("libspice-server:?ticket=sesame", "libspice-server"),
]
CLIENTS = [
    ("remote-viewer:", "remote-viewer"),
    ("spice-html5:", "spice-html5"),
    ("npm-spice-client:", "npm-spice-client"),
    ("ryll:", "ryll"),
    ("spicy-screenshot:", "spicy-screenshot"),
    ("spice-gtk:?cd=1", "spice-gtk"),
]
ROWS = CLIENTS + SERVERS
"""The longest first: others have something to do beside them."""

PROGRAMS = {
    "qemu": ("qemu-system-x86_64", "saslpasswd2"),
    "andris": ("andris",),
    "xspice": ("Xspice", "Xorg"),
    "libspice-server": (),
    "spice-gtk": ("spicy",),
    "spicy-screenshot": ("spicy-screenshot",),
    "remote-viewer": ("remote-viewer", "Xvfb", "xdotool"),
    "ryll": ("ryll",),
    "spice-html5": ("chromium",),
    "npm-spice-client": ("chromium",),
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("address", "name"), ROWS, ids=[item[0] for item in ROWS])
def test_nothing_unexpected(address: str, name: str) -> None:
    need(*PROGRAMS[name])
    if missing := CATALOGUE[address.partition(":")[0]].missing():
        absent(missing)
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        address,
        "--quiet",
        "--waivers",
        str(WAIVERS / f"{name}.toml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1700, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}\n{done.stdout[:4000]}"
    (executed,) = re.findall(r"(\d+) of \d+ cases executed", done.stdout)
    role = "server" if (address, name) in SERVERS else "client"
    least = least_executed(address, role)
    assert least <= int(executed) <= _STALE * least, "the table of what is usual is out of date"


def test_every_waiver_file_is_used() -> None:
    assert {path.stem for path in WAIVERS.glob("*.toml")} == {name for _, name in SERVERS + CLIENTS}


def test_every_row_of_what_is_usual_is_held_true() -> None:
    """But for strangers, of whom nothing is known, and the references, which are tested below."""
    kinds = {address.partition("?")[0] for address, _ in SERVERS + CLIENTS}
    assert {row.kind for row in KNOWN} == kinds | {"ref:server", "ref:client", "server", "client"}
    addresses = [frozenset(address.partition("?")[2].split("&")) for address, _ in SERVERS + CLIENTS]
    assert all(not row.options or any(row.options <= options for options in addresses) for row in KNOWN)


@pytest.mark.parametrize("role", ["server", "client"])
def test_what_is_usual_of_a_reference(role: str) -> None:
    results, _ = held_against(role)
    executed = sum(result.outcome not in ("not-applicable", "blocked") for result in results.values())
    least = least_executed(f"ref:{role}", role)
    assert least <= executed <= _STALE * least, "the table of what is usual is out of date"


def test_the_row_with_the_most_options_is_taken() -> None:
    assert least_executed("qemu:?over=ws&ticket=sesame", "server") < least_executed("qemu:?ticket=sesame", "server")
    assert least_executed("qemu:?displays=2", "server") < least_executed("qemu:?ticket=sesame", "server")
    assert least_executed("ref:server?fault=empty-list", "server") == least_executed("ref:server", "server")
    for address in ("127.0.0.1:5900", "spice://localhost:5900", "console.vv", "ws:localhost:5900/?a=b"):
        assert least_executed(address, "server") == least_executed("server", "server") > 0
