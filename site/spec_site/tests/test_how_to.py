"""Commands of the how-to pages are accepted by the programs."""

from __future__ import annotations

import re
import shlex

import pytest

from spec_site import commands
from spec_site.tests.built import ROOT

PAGES = sorted((ROOT / "site" / "how-to").glob("*.md"))


def lines() -> list[tuple[str, str]]:
    """Page and command, for each line that begins with a command of ours."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            stripped = [line.strip() for line in block.splitlines()]
            found += [(page.stem, line) for line in stripped if line.partition(" ")[0] in commands.PARSERS]
    return found


def test_each_page_has_some() -> None:
    assert {page.stem for page in PAGES} == {page for page, _ in lines()}


@pytest.mark.parametrize(("page", "line"), lines())
def test_they_are_accepted(page: str, line: str) -> None:
    command, *words = shlex.split(line, comments=True)
    commands.parser_of(command).parse_args(words)
