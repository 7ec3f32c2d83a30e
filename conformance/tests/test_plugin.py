"""The suite in the pytest of somebody else's project."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from spiceproto.tests.peers import free_port

OWN = """
def test_theirs():
    assert 1 + 1 == 2

def test_channel_of_their_own():
    assert True
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "test_own.py").write_text(OWN)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=project, check=False)
    return found.returncode, found.stdout + found.stderr


def test_without_a_target_nothing_is_imported(project: Path) -> None:
    (project / "test_own.py").write_text(
        OWN
        + """
def test_what_is_there():
    import sys
    assert "spiceproto.pytest_plugin" in sys.modules
    there = [name for name in sys.modules if name.partition(".")[0] in ("conformance", "spiceproto", "reference_server")]
    assert sorted(there) == ["spiceproto", "spiceproto.pytest_plugin"]
"""
    )
    status, output = run(project)
    assert status == 0 and "3 passed" in output and "SPICE conformance" not in output


def test_both_run(project: Path) -> None:
    status, output = run(project, "--spice-target=ref:server", "--spice-select=SPICE-LINK-006, SPICE-LINK-008")
    assert status == 0, output
    assert "test_own.py::test_theirs PASSED" in output and "spice::SPICE-LINK-006/zero-bytes PASSED" in output
    assert "= SPICE conformance =" in output and "CONFORMS IN SCOPE: at level MAY" in output


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["one process", "two"])
def test_words_of_the_suite_in_k(project: Path, more: tuple[str, ...]) -> None:
    status, output = run(project, "--spice-target=ref:server", "-k", "channel:main and level:should", *more)
    assert status == 0, output
    assert "test_theirs" not in output and "SPICE-LINK-008/minor" not in output
    assert "spice::SPICE-LINK-0" in output and "did not end" not in output


def test_their_words_in_k(project: Path) -> None:
    status, output = run(project, "--spice-target=ref:server", "-k", "theirs or SPICE-LINK-006")
    assert status == 0 and "6 passed" in output, output


def test_a_failure_has_its_block(project: Path) -> None:
    junit = project / "junit.xml"
    status, output = run(
        project,
        "--spice-target=ref:server?fault=any-magic",
        "--spice-select=SPICE-LINK-006/zero-bytes",
        "--junitxml",
        str(junit),
    )
    assert status == 1 and "1 failed, 2 passed" in output
    assert "expected  link reply INVALID_MAGIC (2)" in output and "plugin.py" not in output
    suites = ElementTree.parse(junit).getroot()
    cases = {case.get("name"): case for case in suites.iter("testcase")}
    assert set(cases) == {"test_theirs", "test_channel_of_their_own", "SPICE-LINK-006/zero-bytes"}
    failure = cases["SPICE-LINK-006/zero-bytes"].find("failure")
    assert failure is not None and "INVALID_MAGIC" in str(failure.text)
    assert cases["test_theirs"].find("failure") is None


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["one process", "two"])
def test_what_the_rules_see_in_other_cases_fails_an_item_too(project: Path, more: tuple[str, ...]) -> None:
    words = "SPICE-MOUSE-021 or SPICE-MOUSE-020/observed"
    target = "--spice-target=ref:client?fault=ignores-motion-ack"
    status, output = run(project, target, "-k", words, "--junitxml=own.xml", *more)
    (failed,) = re.findall(r"DOES NOT CONFORM: (\d+) of \d+ executed cases failed", output)
    assert status == 1 and f"= {failed} failed" in output, output
    assert "_ SPICE-MOUSE-020/observed _" in output or "FAIL  SPICE-MOUSE-020/observed" in output
    (suite,) = ElementTree.parse(project / "own.xml").getroot().iter("testsuite")
    assert suite.get("failures") == failed


def test_a_failure_of_their_own_is_not_lost(project: Path) -> None:
    (project / "test_own.py").write_text("def test_bad():\n    assert False\n")
    status, output = run(project, "--spice-target=ref:server", "--spice-select=SPICE-LINK-006")
    assert status == 1 and "CONFORMS IN SCOPE: at level MAY" in output and "1 failed, 5 passed" in output


def test_a_stale_waiver_fails_a_run_without_a_failed_item(project: Path) -> None:
    path = project / "waivers.toml"
    path.write_text('[[waiver]]\nselect = "SPICE-LINK-006"\nreason = "old"\nbug = "none filed"\n')
    arguments = ("--spice-select=SPICE-LINK-006", f"--spice-waivers={path}")
    status, output = run(project, "--spice-target=ref:server", *arguments)
    assert status == 1 and "7 passed" in output
    status, output = run(project, "--spice-target=ref:server?fault=any-magic", *arguments)
    assert status == 0 and "5 skipped" in output


def test_advice_names_the_options_that_pytest_has(project: Path) -> None:
    _, output = run(project, f"--spice-target=127.0.0.1:{free_port()}", "--spice-select=SPICE-LINK-006")
    assert "CANNOT BE TESTED" in output and "--spice-wait 30" in output and " --wait" not in output


def test_a_target_without_sense(project: Path) -> None:
    status, output = run(project, "--spice-target=elsewhere")
    assert status == pytest.ExitCode.USAGE_ERROR and "without a scheme" in output


def test_the_cases_can_be_collected_only(project: Path) -> None:
    status, output = run(project, "--spice-target=ref:client", "--spice-select=SPICE-MOUSE", "--collect-only", "-q")
    assert status == 0 and "SPICE-MOUSE-020/motions" in output and "CONFORMS" not in output
