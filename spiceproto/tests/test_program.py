"""The program is interrupted while it loads its modules: it says so, and nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spiceproto.tests.capture_samples import ethernet, pcap, spice_talk
from spiceproto.tests.peers import PATIENCE

_CHILD = """
import os, runpy, sys

class Interrupts:
    "Where an exception can not go on."

    def __del__(self):
        os.kill(os.getpid(), 2)

class Counts:
    "Finds no module, and interrupts where the one with this number is looked for."

    def __init__(self, number):
        self.left = number

    def find_spec(self, name, path=None, target=None):
        if "spiceproto.program" in sys.modules:
            self.left -= 1
            if not self.left:
                Interrupts()

sys.meta_path.insert(0, Counts(int(sys.argv[1])))
sys.argv = ["spiceproto", *sys.argv[2:]]
runpy.run_module("spiceproto", run_name="__main__", alter_sys=True)
"""


def interrupted(number: int, *arguments: str, ignoring: bool = False) -> tuple[int, str]:
    """Exit status and what is said, if the module with this number is the one at which it is interrupted."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(number), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        # Who runs the tests in the background may have them ignore it, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN if ignoring else signal.SIG_DFL),
    )
    return done.returncode, done.stderr


@pytest.fixture
def capture(tmp_path: Path) -> str:
    path = tmp_path / "small.pcap"
    path.write_bytes(pcap(map(ethernet, spice_talk()[0])))
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "step"),
    [
        (["decode"], 3),
        (["decode", "--format", "jsonl", "--verbose"], 9),
        (["stats"], 13),
        (["render", "--output", "{folder}"], 17),
        (["extract", "sound", "--output", "{folder}"], 17),
        (["export", "markdown"], 23),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_interrupted_at_any_module(arguments: list[str], step: int, capture: str, tmp_path: Path) -> None:
    """It ends there, wherever that is; at a number that it does not come to it ends as always."""
    command = [part.format(folder=tmp_path / "out") for part in arguments]
    command[1:1] = [] if command[0] == "export" else [capture]
    for number in (1, 2, *range(3, 60, step)):
        assert interrupted(number, *command) == (130, "interrupted\n"), number
    status, said = interrupted(100_000, *command)
    assert status in (0, 1, 2) and "interrupted" not in said


def test_who_is_to_ignore_it_does(capture: str) -> None:
    assert interrupted(5, "decode", capture, ignoring=True) == interrupted(100_000, "decode", capture)
