"""Cases of the caller's own: ``spiceconf run --cases``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.replay.tests.played import SEABIOS
from spiceproto.tests.peers import PATIENCE

CASE = '''
from conformance.as_client import SuiteClient
from conformance.case import server_case


@server_case("{id}", channel="main")
def own(client: SuiteClient) -> None:
    """Of my own."""
    client.main()
'''


def spiceconf(*arguments: str) -> tuple[int, str]:
    """In a process of its own: what a file declares stays declared."""
    command = [sys.executable, "-m", "conformance", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_recording_that_became_a_case_is_played_from_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    assert spiceconf("replay", str(SEABIOS), "--as-case", str(path), "--side", "client")[0] == 0
    (tmp_path / "other.py").write_text(CASE.format(id="SPICE-LINK-001/mine"))
    wanted = ("--select", "SPICE-LINK-001/replayed*,SPICE-LINK-001/mine")
    for place, count in ((path, 1), (tmp_path, 2)):
        status, said = spiceconf("run", "ref:server", "--cases", str(place), *wanted)
        assert status == 0 and f" {count} of " in said and "CONFORMS IN SCOPE" in said, said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "a file without a case"),
        ("import no_such_module\n", "cases that cannot be loaded: ModuleNotFoundError"),
        (CASE.format(id="SPICE-NONE-001/mine"), "a case about no sentence"),
        (CASE.format(id="SPICE-LINK-006/zero-bytes"), "two cases have the id"),
        (None, "cases that are not there"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text)
    status, shown = spiceconf("run", "ref:server", "--cases", str(path), "--select", "SPICE-LINK-006")
    assert status == 2 and said in shown and str(path) in shown and "Traceback" not in shown
