"""The site, made once for all tests; or the one that ``SPICEPROTO_SITE`` names."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from spec_site import states
from spiceproto.errors import LocalError
from spiceproto.tests.peers import absent

__all__ = ["ROOT", "Page", "build", "needed", "pages"]

ROOT: Final = Path(__file__).parents[3]

_MOST: Final = 3000
"""Seconds that the build may take, on a machine with much else to do."""


def needed() -> None:
    """Skip, or fail where everything has to be there, if what the extra ``docs`` brings is missing."""
    missing = [name for name in ("sphinx", "myst_parser", "furo", "sphinx_argparse_cli") if find_spec(name) is None]
    if missing:
        absent(f"not installed: {', '.join(missing)}: pip install 'spiceproto[docs]'")
    try:
        states.program()
    except LocalError as error:
        absent(str(error))


def build(folder: Path) -> Path:
    """Make the site there; a warning is a failure."""
    needed()
    words = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-c", "site", ".", str(folder / "site")]
    done = subprocess.run(
        [sys.executable, *words, "-d", str(folder / "doctrees")], cwd=ROOT, capture_output=True, text=True, timeout=_MOST
    )
    if done.returncode != 0 or done.stderr.strip():
        pytest.fail(done.stderr[-4000:])
    return folder / "site"


def ready() -> Path | None:
    """A site that is there already."""
    named = os.environ.get("SPICEPROTO_SITE")
    return Path(named) if named else None


class Page(HTMLParser):
    """What a page has: ids, links, and drawings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.ids: list[str] = []
        self.links: list[str] = []
        self.drawings = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(found["id"] or "")
        for name in ("href", "src"):
            if found.get(name):
                self.links.append(found[name] or "")
        self.drawings += tag == "div" and found.get("class") == "drawing"


@cache
def pages(folder: Path) -> dict[str, Page]:
    """Path of each page in the site, with what it has."""
    return {path.relative_to(folder).as_posix(): Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}
