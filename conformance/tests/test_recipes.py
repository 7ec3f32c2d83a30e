"""The recipes for CI: what is in them can be read, and every command in them runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.programs import CATALOGUE
from conformance.address import read_settings
from conformance.matrix import record, targets
from conformance.report import jsonl

ROOT = Path(__file__).parents[2] / "recipes"

yaml = pytest.importorskip("yaml")

pytestmark = [
    pytest.mark.skipif(not ROOT.exists(), reason="the recipes are in a checkout only"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed"),
]

SMALL = {"TARGET": "ref:server", "SELECT": "SPICE-LINK-006", "FUZZ_SECONDS": "1"}
"""Instead of what the recipes say, so that they are short."""


def read(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def run(command: str, folder: Path, **more: str) -> int:
    """The exit status of a command in a folder that has what a project has."""
    shutil.copy(ROOT / "targets.toml", folder)
    environment = {**os.environ, **SMALL, **more, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        timeout=250,
        check=False,
        capture_output=True,
        text=True,
    )
    print(command, done.returncode, done.stdout, done.stderr)
    return done.returncode


def is_ours(command: str) -> bool:
    """Whether a command is about the suite, and not about its installation."""
    return "pip install" not in command


def looked_at(folder: Path) -> None:
    """There is one report of all parts, and a matrix in which everybody conforms."""
    assert jsonl.read(folder / "report" / "results.jsonl").footer.outcomes["pass"] == 5
    matrix = record.read(folder / "matrix" / "matrix.json")
    assert {item.verdict for item in matrix.implementations} == {"conforms in scope"}
    assert len(matrix.pairs) == 1 and matrix.pairs[0].connected


def commands(steps: list[dict[str, Any]]) -> list[str]:
    return [step["run"] for step in steps if is_ours(step.get("run", "pip install"))]


def test_the_workflow_and_its_action(tmp_path: Path) -> None:
    jobs, action = read("workflow.yml")["jobs"], read("action.yml")
    (step,) = [step for step in jobs["suite"]["steps"] if step["uses"].startswith("./")]
    assert set(step["with"]) <= set(action["inputs"])
    (command,) = commands(action["runs"]["steps"])
    (own,) = [found for found in action["runs"]["steps"] if found.get("run") == command]
    names = {name: re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value) for name, value in own["env"].items()}
    assert {found[1] for found in names.values() if found is not None} == set(action["inputs"])
    parts = jobs["suite"]["strategy"]["matrix"]["part"]
    for part in parts:
        more = {"SHARD": f"{part}/{len(parts)}", "REPORT": f"part-{part}", "WAIVERS": ""}
        assert f"/{len(parts)}" in step["with"]["shard"] and run(command, tmp_path, **more) == 0
    for name in ("report", "fuzz", "matrix"):
        assert [run(command, tmp_path) for command in commands(jobs[name]["steps"])] == [0]
    looked_at(tmp_path)


def test_runners_of_ones_own(tmp_path: Path) -> None:
    jobs = read("self-hosted.yml")
    assert set(jobs["variables"]) == set(SMALL)
    for job in [jobs[name] for name in ("suite", "report", "fuzz", "matrix")]:
        assert job["stage"] in jobs["stages"]
        for index in range(job.get("parallel", 1)):
            more = {"CI_NODE_INDEX": str(index + 1), "CI_NODE_TOTAL": str(job.get("parallel", 1))}
            assert [run(command, tmp_path, **more) for command in job["script"] if is_ours(command)] == [0]
        assert job["artifacts"]["paths"]
    looked_at(tmp_path)


def test_everything_in_one_go(tmp_path: Path) -> None:
    assert run(str(ROOT / "everything.sh"), tmp_path) == 0
    looked_at(tmp_path / "reports")


def test_what_fails_is_the_exit_status(tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("")
    more = {"TARGET": "ref:server?fault=any-magic", "TARGETS": "none.toml", "PARTS": "1", "FUZZ_SECONDS": "0.1"}
    assert run(str(ROOT / "everything.sh"), tmp_path, **more) == 1
    assert jsonl.read(tmp_path / "reports" / "report" / "results.jsonl").footer.outcomes["fail"] == 5


def test_the_container_has_what_it_starts() -> None:
    lines = [line.split() for line in (ROOT / "Containerfile").read_text().splitlines() if line and line[0] != "#"]
    assert [line[0] for line in lines] == ["FROM", "RUN", "WORKDIR", "COPY", "ENTRYPOINT"]
    copied = next(line[1:-1] for line in lines if line[0] == "COPY")
    assert all((ROOT / name).exists() for name in copied)
    assert lines[-1][1] == '["./everything.sh"]' and os.access(ROOT / "everything.sh", os.X_OK)


def test_nobody_is_told_a_secret_or_a_host() -> None:
    for path in ROOT.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "secrets." not in text and "://" not in text


def test_every_recipe_is_in_the_table() -> None:
    lines = re.findall(r"^\| (`.+?`) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    named = {name for line in lines for name in re.findall(r"`([\w.-]+)`", line)}
    assert named == {path.name for path in ROOT.iterdir()} - {"README.md"}


def test_the_matrix_of_programs_has_all_that_the_suite_can_start_and_both_references() -> None:
    found = targets.read(ROOT / "programs.toml")
    schemes = Counter(target.address.partition(":")[0] for target in found)
    assert schemes == dict.fromkeys(CATALOGUE, 1)
    assert all(target.waivers == "builtin" for target in found if target.address.endswith(":"))
    settings = read_settings(ROOT / "reference.toml")
    assert set(settings.controls) == {"picture"}
