"""The suite beside a project that has packages named ``conformance`` and ``spec`` of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from spiceproto.tests.peers import program

SOME = "SPICE-LINK-006, SPICE-LINK-008"

FILES = {
    "conformance/__init__.py": "from conformance.rules import RULES\n",
    "conformance/rules.py": "RULES = ['theirs']\n",
    "conformance/tests/__init__.py": "",
    "conformance/tests/test_rules.py": """
import spec
from conformance import RULES

def test_theirs():
    assert RULES == ["theirs"] and spec.TITLE == "theirs"

def test_later():
    import conformance.rules
    assert conformance.rules.RULES is RULES
""",
    "spec/__init__.py": "TITLE = 'theirs'\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(project: Path, *command: str, **environment: str) -> tuple[int, str]:
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=project, check=False, env=os.environ | environment
    )
    return found.returncode, found.stdout + found.stderr


# `python -m` puts the project first on the path, the script does not; there pytest does it while it collects.
PYTESTS = pytest.mark.parametrize("command", [(sys.executable, "-m", "pytest"), (program("pytest"),)], ids=["-m", "script"])


def test_pytest_loads_the_thin_module() -> None:
    assert {item.value for item in entry_points(group="pytest11", name="spice-conformance")} == {"spiceproto.pytest_plugin"}


@PYTESTS
def test_their_tests_run(project: Path, command: tuple[str, ...]) -> None:
    status, output = run(project, *command, "-q")
    assert status == 0 and "2 passed" in output, output


@PYTESTS
@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["one process", "two"])
def test_their_tests_and_the_suite_in_one_run(project: Path, command: tuple[str, ...], more: tuple[str, ...]) -> None:
    status, output = run(project, *command, "-v", "--spice-target=ref:server", f"--spice-select={SOME}", *more)
    assert status == 0, output
    assert "test_rules.py::test_theirs" in output and "spice::SPICE-LINK-006/zero-bytes" in output
    assert "CONFORMS IN SCOPE: at level MAY" in output and "failed" not in output


def test_a_failure_is_one_of_the_suite(project: Path) -> None:
    target = "--spice-target=ref:server?fault=any-magic"
    status, output = run(project, program("pytest"), "-q", target, "--spice-select=SPICE-LINK-006/zero-bytes")
    assert status == 1 and "1 failed, 2 passed" in output
    assert "expected  link reply INVALID_MAGIC (2)" in output


@pytest.mark.parametrize(
    ("role", "path", "more"),
    [("server", "", ()), ("server", ".", ("-n", "2")), ("client", ".", ())],
    ids=["plain", "two", "path"],
)
def test_the_command(project: Path, role: str, path: str, more: tuple[str, ...]) -> None:
    """A script has its own folder first on the path; PYTHONPATH comes before what is installed."""
    command = (program("spiceconf"), "run", f"ref:{role}", "--select", "SPICE-LINK", "-q", *more)
    before = [path] if path else []
    status, output = run(project, *command, PYTHONPATH=os.pathsep.join([*before, os.environ.get("PYTHONPATH", "")]))
    assert status == 0 and "CONFORMS IN SCOPE" in output, output


def test_as_a_module(project: Path) -> None:
    """``python -m conformance`` is theirs there; ours has a name that nobody hides."""
    command = (sys.executable, "-m", "spiceproto.spiceconf", "run", "ref:server?fault=any-magic", "--select", SOME, "-q")
    status, output = run(project, *command)
    assert status == 1 and "SPICE-LINK-006/zero-bytes" in output, output


def test_it_keeps_its_name_where_nobody_hides_it(tmp_path: Path) -> None:
    """So targets and reports of others, which import it, and its commands talk of the same classes."""
    code = (
        "import sys\nfrom spiceproto.siblings import package\nfirst = package('conformance')\n"
        "import conformance\nassert first is conformance is package('conformance', shared=False)\n"
        "assert not [name for name in sys.modules if name.startswith('spiceproto_')]\n"
    )
    assert run(tmp_path, sys.executable, "-c", code) == (0, "")
