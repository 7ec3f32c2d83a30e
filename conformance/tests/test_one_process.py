"""Several processes and one address: what stands there is asked by one of them, so that no case disturbs another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conformance.report import jsonl
from conformance.report.verdict import verdict
from conformance.tests.programs import reference_server, settings, spiceconf

SOME = "SPICE-LINK-001, SPICE-LINK-006, SPICE-MAIN-002, SPICE-MAIN-003, SPICE-MAIN-004, SPICE-MAIN-017, SPICE-MOUSE-018"
"""A session that another one takes over cannot be judged; these have sessions of their own."""


def test_the_same_verdict_five_times(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    found = []
    with reference_server(tmp_path, "--port", "0") as said:
        for number in range(5):
            report = tmp_path / f"report-{number}"
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--rootdir", str(empty)]
            command += [f"--spice-target=127.0.0.1:{said['port']}", f"--spice-config={settings(tmp_path)}"]
            command += [f"--spice-select={SOME}", f"--spice-report={report}", str(empty)]
            run = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
            assert run.returncode == 0, run.stdout + run.stderr
            records = jsonl.read(report / "results.jsonl")
            found.append((verdict(records), {case.id: (case.outcome, case.manner) for case in records.cases}))
    assert all(item == found[0] for item in found)
    assert found[0][0].kind == "conforms in scope" and len(found[0][1]) > 15


def test_the_command_says_that_it_uses_one(tmp_path: Path) -> None:
    with reference_server(tmp_path, "--port", "0") as said:
        more = ("--config", str(settings(tmp_path)), "--select", "SPICE-LINK-006", "-n", "2")
        status, output = spiceconf("run", f"127.0.0.1:{said['port']}", *more)
    assert status == 0 and "-n is not used: what stands at one address is asked by one process" in output
