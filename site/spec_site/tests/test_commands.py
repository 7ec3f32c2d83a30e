"""Manual pages and completion have what the parsers have, where packages of a system have them."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from spec_site import commands
from spec_site.tests.built import ROOT

pytest.importorskip("shtab", reason="needs pip install 'spiceproto[docs]'")
pytest.importorskip("argparse_manpage", reason="needs pip install 'spiceproto[docs]'")


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prefix")
    environment = {"PYTHONPATH": f"{ROOT / 'site'}:{ROOT}", "SOURCE_DATE_EPOCH": "0", "PATH": ""}
    words = [sys.executable, "-m", "spec_site.commands", str(folder)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    written = [Path(line) for line in done.stdout.splitlines()]
    assert len(written) == 4 * len(commands.PARSERS) and all(path.stat().st_size > 200 for path in written)
    return folder / "share"


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Long options of a parser and its sub-commands that are not hidden."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from options(one)
        elif action.help != argparse.SUPPRESS:
            yield from [name for name in action.option_strings if name.startswith("--")]


def test_they_are_the_commands_that_are_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert commands.PARSERS.keys() == project["scripts"].keys()


@pytest.mark.parametrize("command", commands.PARSERS)
def test_every_option_stands_in_the_manual_and_is_completed(share: Path, command: str) -> None:
    wanted = set(options(commands.parser_of(command))) - {"--help"}  # which is no option of ours
    manual = (share / "man" / "man1" / f"{command}.1").read_text().replace("\\-", "-")
    assert manual.startswith(f'.TH {command.upper()} "1" "1970')
    for text in (
        manual,
        (share / "bash-completion" / "completions" / command).read_text(),
        (share / "zsh" / "site-functions" / f"_{command}").read_text(),
    ):
        assert wanted <= set(re.findall(r"--[a-z0-9][\w-]*", text))
    fish = (share / "fish" / "vendor_completions.d" / f"{command}.fish").read_text()
    assert {name[2:] for name in wanted} <= set(re.findall(r"-l '?([\w-]+)", fish))


@pytest.mark.parametrize("command", commands.PARSERS)
def test_bash_completes(share: Path, command: str) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("not installed: bash")
    script = share / "bash-completion" / "completions" / command
    done = subprocess.run(
        [bash, "-c", f'source "{script}" && complete -p {command}'], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "") and command in done.stdout


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "share").write_text("")
    assert commands.main([str(tmp_path)]) == 2
    assert "share" in capsys.readouterr().err
