"""The workflow for three systems calls what there is."""

from __future__ import annotations

import configparser
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATH = ROOT / ".github" / "workflows" / "tests.yml"

yaml = pytest.importorskip("yaml")

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="the workflow is in a checkout only")


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(PATH.read_text())
    return found


def steps() -> list[dict[str, Any]]:
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


def environments() -> set[str]:
    """Those of tox.ini."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "tox.ini")
    named = {section.removeprefix("testenv:") for section in parser.sections() if section.startswith("testenv:")}
    return named | set(parser["tox"]["envlist"].replace(",", " ").split())


def test_three_systems_and_three_pythons() -> None:
    matrix = workflow()["jobs"]["everywhere"]["strategy"]["matrix"]
    assert set(matrix["system"]) == {"ubuntu", "macos", "windows"}
    declared = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert matrix["python"] == declared


def test_tox_has_what_is_run() -> None:
    called = [shlex.split(step["run"]) for step in steps() if "tox -e" in step.get("run", "")]
    names = {name for words in called for name in words[words.index("-e") + 1].split(",")}
    assert {"portable", "types", "lint", "layers"} <= names <= environments()


def test_the_script_of_the_peers_can_be_run() -> None:
    (command,) = [step["run"] for step in steps() if step.get("run", "").startswith(".ci/")]
    assert os.access(ROOT / command, os.X_OK)


def test_actions_are_those_of_one_major_version() -> None:
    actions = [step["uses"] for step in steps() if "uses" in step]
    assert actions and all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in actions)


def test_nothing_secret_and_no_more_rights_than_to_read() -> None:
    assert "secrets." not in PATH.read_text() and workflow()["permissions"] == {"contents": "read"}


def test_files_that_tox_names_are_there() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "tox.ini")
    words = " ".join([parser[section].get("commands", "") for section in parser.sections()]).split()
    files = [word for word in words if word.endswith(".py")]
    assert files and all((ROOT / word).exists() for word in files)
