"""Chapter 13 at programs of others: what was seen of them by hand is what a run finds, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

import pytest

from conformance.adapters.programs.andris import Andris
from conformance.adapters.programs.libspice_server import LibspiceServer
from conformance.adapters.programs.qemu import Qemu
from conformance.adapters.programs.remote_viewer import RemoteViewer
from conformance.adapters.programs.ryll import Ryll
from conformance.adapters.programs.spice_gtk import SpiceGtk
from conformance.adapters.tests.looks import need_adapters

_SECONDS: Final = 300.0

SEEN: Final = (
    (Qemu, "qemu:?guest=pointer", 26, 1),
    (LibspiceServer, "libspice-server:", 26, 1),
    (Andris, "andris:", 5, 1),
    (SpiceGtk, "spice-gtk:", 10, 1),
    (RemoteViewer, "remote-viewer:", 9, 2),
    (Ryll, "ryll:", 7, 0),
)
"""Program, address, how many cases are executed, and how many of them fail as its waivers expect."""


@pytest.mark.parametrize(("program", "address", "executed", "waived"), SEEN, ids=[row[1] for row in SEEN])
def test_what_was_seen(program: type, address: str, executed: int, waived: int) -> None:
    need_adapters(program)
    command = [sys.executable, "-m", "spiceproto.spiceconf", "run", address, "--waivers", "builtin"]
    done = subprocess.run(
        [*command, "--select", "chapter:keyboard"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert done.returncode == 0 and "CONFORMS IN SCOPE" in done.stdout, done.stdout + done.stderr
    assert re.findall(r"(\d+) of \d+ cases executed", done.stdout) == [str(executed)]
    said = re.findall(r"^13-keyboard.*$", done.stdout, re.MULTILINE)
    assert len(said) == 1 and str(executed - waived) in said[0].split(), said
