"""examples/one_shell_session.sh: a server, a client and the suite from one shell, as docs/reference.md has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from spiceproto.tests.peers import PATIENCE, need

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "examples" / "one_shell_session.sh"

COMMANDS: Final = {
    "spice-reference-server": "reference_server",
    "spice-reference-client": "reference_client",
    "spice-reference-ctl": "spiceproto.reference_ctl",
    "spiceconf": "conformance",
}


@pytest.mark.skipif(not SCRIPT.exists(), reason="examples are in a checkout only")
def test_it_comes_to_its_end(tmp_path: Path) -> None:
    need("sh", "cmp", "sed")
    for name, module in COMMANDS.items():
        command = tmp_path / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command_line = ["sh", str(SCRIPT), str(tmp_path / "made")]
    done = subprocess.run(
        command_line, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=5 * PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    assert [line.partition(" of ")[0] for line in done.stdout.splitlines()][:3] == [
        "the client shows the guest",
        "scene 3 has arrived",
        "the screen is 320 wide",
    ]
    assert "kept again" in done.stdout and "session-id-zero" not in done.stdout
    assert not [path.name for path in (tmp_path / "made").iterdir() if path.suffix == ".sock"]
