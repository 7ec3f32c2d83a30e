"""docs/reference.md: its tables and the commands say the same."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any, cast

import pytest

from spiceproto.controls import CONTROLS
from spiceproto.controls.programs import table
from spiceproto.tests.peers import PATIENCE, end, running

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is in a checkout only")


def parser(package: str) -> argparse.ArgumentParser:
    """The options of a command; by name, as the suite knows the references."""
    return cast(argparse.ArgumentParser, importlib.import_module(f"{package}.arguments").make_parser())


def section(title: str) -> str:
    """The text below a heading of the second level."""
    return PAGE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def tables(title: str) -> set[str]:
    """Options in the rows of tables."""
    rows = [line for line in section(title).splitlines() if line.startswith("| `--")]
    return {name for row in rows for name in re.findall(r"`(--[a-z0-9-]+)", row)}


def options(package: str) -> set[str]:
    """Options that the command has."""
    return {name for action in parser(package)._actions for name in action.option_strings if name.startswith("--")} - {"--help"}


@pytest.mark.parametrize(("title", "package"), [("The server", "reference_server"), ("The client", "reference_client")])
def test_the_page_has_every_option_and_no_other(title: str, package: str) -> None:
    assert tables(title) and tables(title) == options(package)


def commands() -> list[str]:
    """Lines of the page that call one of the two."""
    return re.findall(r"^(spice-reference-(?:server|client) .*)$", PAGE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("line", commands())
def test_commands_of_the_page_are_accepted(line: str) -> None:
    words = line.partition("#")[0].partition(" &")[0].split()
    package = words[0].removeprefix("spice-").replace("-", "_")
    found = parser(package).parse_args(words[1:])
    if found.fault is not None:
        assert found.fault in importlib.import_module(f"{package}.faults").FAULTS


def test_there_are_commands_of_both() -> None:
    assert {line.split()[0] for line in commands()} == {"spice-reference-server", "spice-reference-client"}


def test_lines_of_json_are_json() -> None:
    lines = re.findall(r"^(?:> )?(\{.*\})$", PAGE.read_text(), re.MULTILINE)
    found: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert len(found) > 20 and all({"event", "answer", "do"} & set(item) for item in found)


def test_the_page_has_every_guest_and_no_other() -> None:
    rows = section("The server").partition("\n### Guests\n")[2].partition("\n### ")[0]
    named = re.findall(r"^\| `([a-z-]+)` \|", rows, re.MULTILINE)
    assert sorted(named) == sorted(importlib.import_module("reference_server.command").GUESTS)


def test_cells_of_options_are_short() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `--")]
    assert rows and max(map(len, rows)) < 400


def test_the_page_has_every_verb_and_no_other() -> None:
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| (?!what)", section("The client").partition("| verb |")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == set(importlib.import_module("reference_client.control").TABLE)


def test_the_page_has_every_verb_of_the_server_as_a_program() -> None:
    rows = section("The server").partition("| verb of the server |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"^\| (`[a-z`, -]+`) \|", rows, re.MULTILINE))))
    own = set(table("server")) - {row.verb for row in CONTROLS if row.role == "server"}
    assert own and named == own | {"migrate-cancel"}


def test_the_page_has_every_key_of_connection_files() -> None:
    table = section("The client").partition("### Connection files")[2].partition("Each key")[0]
    rows = re.findall(r"^\| (`[a-z`, -]+`) \| (.*)$", table, re.MULTILINE)
    obeyed = {name for keys, done in rows for name in re.findall(r"`([a-z-]+)`", keys) if not done.startswith("nothing")}
    unused = {name for keys, done in rows for name in re.findall(r"`([a-z-]+)`", keys) if done.startswith("nothing")}
    keys = importlib.import_module("spiceproto.connection_keys")
    assert obeyed == keys.OBEYED and unused == set(keys.UNUSED)


def test_the_session_of_the_page_is_had(tmp_path: Path) -> None:
    page = re.search(r"```text\n(> .*?)```", section("The client"), re.DOTALL)
    assert page is not None
    printed = page[1].splitlines()
    server = [sys.executable, "-m", "reference_server", "--port", "0", "--pointer", "absolute", "--write-vv", "guest.vv"]
    client = [sys.executable, "-m", "reference_client", "--control"]
    environment = {**os.environ, "PYTHONPATH": str(PAGE.parents[1])}
    with running(*server, log=tmp_path / "log", ready=(tmp_path / "guest.vv").exists, cwd=tmp_path, env=environment):
        driven = subprocess.Popen(client, stdin=PIPE, stdout=PIPE, text=True, cwd=tmp_path, env=environment)
        assert driven.stdin is not None and driven.stdout is not None
        try:
            said: list[str] = []
            for line in printed:
                if line.startswith("> "):
                    # Whoever asks waits for what has to have happened, as people do.
                    driven.stdin.write(f"{line[2:]}\n")
                    driven.stdin.flush()
                else:
                    said.append(driven.stdout.readline().rstrip("\n"))
            assert driven.wait(PATIENCE) == 0
        finally:
            end(driven)
            driven.stdin.close()
            driven.stdout.close()
    expected = [line for line in printed if not line.startswith("> ")]
    found = [re.sub(r'("session_id": )\d+', r"\g<1>1812951046", line) for line in said]
    assert sorted(found) == sorted(expected)
    assert [line for line in found if "answer" in line] == [line for line in expected if "answer" in line]
