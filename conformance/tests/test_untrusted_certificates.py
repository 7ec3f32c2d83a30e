"""A destination whose certificate nobody should trust: the reference client refuses it, one that trusts all is found out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.report import jsonl
from conformance.tests.programs import spiceconf
from spiceproto.tests.peers import PATIENCE

CASES = ("SPICE-MIG-012/expired", "SPICE-MIG-012/self-signed")


@pytest.mark.parametrize(
    ("module", "outcome"), [("reference_client", "pass"), ("reference_client.tests.trusting_client", "fail")]
)
def test_a_client(module: str, outcome: str, tmp_path: Path) -> None:
    config = tmp_path / "target.toml"
    config.write_text(f"[target]\nquiet = 0.1\npatience = {PATIENCE}\n")
    more = ("--select", ", ".join(CASES), "--config", str(config), "--report", str(tmp_path / "report"))
    _, output = spiceconf("run", f"client:{sys.executable} -m {module} --control", *more)
    found = {case.id: case.outcome for case in jsonl.read(tmp_path / "report" / "results.jsonl").cases}
    assert {id: found[id] for id in CASES} == dict.fromkeys(CASES, outcome), output
