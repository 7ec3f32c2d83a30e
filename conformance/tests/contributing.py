"""The recipes of CONTRIBUTING.md, tried: each on a fresh copy of the checkout, file by file and command by command.

    python -m conformance.tests.contributing [WORD ...]     those with one of these words in their title; otherwise all

A recipe is a section of the document with a table of files, each new, edited or generated, which has to be true in the end. Its
fenced blocks are done in their order; behind the language stands what each is:

    python new PATH                 a new file
    python after "TEXT" in PATH     more lines of a file, behind the one line that begins with a text; ``before`` likewise
    sh                              commands, which have to succeed
    text                            what the commands before it print, line by line, among other lines; ``...`` is anything
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

__all__ = ["CHECKOUT", "DOCUMENT", "Recipe", "Step", "copied", "recipes", "tried"]

CHECKOUT: Final = Path(__file__).parents[2]
DOCUMENT: Final = CHECKOUT / "CONTRIBUTING.md"
"""Where it is in a checkout; an installed package has none."""

_HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_FILE: Final = re.compile(r"^\| `([^`]+)` \| (new|edited|generated) \|", re.MULTILINE)
_BLOCK: Final = re.compile(r"^(```+)(\w+)(?: ([^\n]+))?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_NEW: Final = re.compile(r"new (\S+)")
_MORE: Final = re.compile(r"""(after|before) (["'])(.+)\2 in (\S+)""")
_TIME: Final = 900
"""Seconds that one block of commands may take."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One block.

    * ``text``: the lines in it
    * ``path``: of the file that gets them
    * ``line``: how the line begins that is there already
    """

    kind: Literal["new", "after", "before", "commands", "seen"]
    text: str
    path: str = ""
    line: str = ""


class Recipe(msgspec.Struct, frozen=True):
    """One change of the project.

    * ``files``: path to whether it is new, edited or generated, as its table says
    """

    title: str
    files: dict[str, str]
    steps: tuple[Step, ...]


# -- the document


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Title and text of each section; a heading in a block is none."""
    blocks = [block.span() for block in _BLOCK.finditer(text)]
    heads = [head for head in _HEADING.finditer(text) if not any(start < head.start() < end for start, end in blocks)]
    for head, end in zip(heads, [*[head.start() for head in heads[1:]], len(text)], strict=True):
        yield head[1], text[head.end() : end]


def _steps(section: str) -> Iterator[Step]:
    for _, language, form, text in _BLOCK.findall(section):
        if not form and language in ("sh", "text"):
            yield Step(kind="commands" if language == "sh" else "seen", text=text)
        elif new := _NEW.fullmatch(form):
            yield Step(kind="new", text=text, path=new[1])
        elif more := _MORE.fullmatch(form):
            yield Step(kind="after" if more[1] == "after" else "before", text=text, path=more[4], line=more[3])
        else:
            raise ValueError(f"a block that says nothing of what to do: {language} {form}")


def recipes(text: str) -> list[Recipe]:
    """The recipes of a document. Raises ValueError for a block without sense."""
    sections = [(title, section, dict(_FILE.findall(section))) for title, section in _sections(text)]
    return [Recipe(title, files, tuple(_steps(section))) for title, section, files in sections if files]


# -- what is done


def copied(checkout: Path, folder: Path) -> None:
    """The files of a checkout in a folder that is not there yet."""
    shutil.copytree(checkout, folder, ignore=shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__"))


def _write(folder: Path, step: Step) -> None:
    path = folder / step.path
    if step.kind == "new":
        assert not path.exists(), f"{step.path} is there already"
        path.parent.mkdir(exist_ok=True)
        path.write_text(step.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip().startswith(step.line)]
    assert len(places) == 1, f"{len(places)} lines of {step.path} begin with {step.line!r}"
    at = places[0] + (step.kind == "after")
    path.write_text("".join([*lines[:at], step.text, *lines[at:]]), encoding="utf-8")


def _run(folder: Path, commands: str) -> str:
    """What the commands print. Raises AssertionError if one fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment["PYTHONPATH"] = str(folder)
    done = subprocess.run(
        ["sh", "-ec", commands],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIME,
        check=False,
    )
    assert done.returncode == 0, f"exit status {done.returncode} of\n{commands}\n{done.stdout}"
    return done.stdout


def _see(printed: str, wanted: str) -> None:
    """Each line that is wanted is printed, in this order. Raises AssertionError."""
    lines = iter(printed.splitlines())
    for line in wanted.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.strip().split("..."))))
        assert any(pattern.fullmatch(each.strip()) for each in lines), f"no such line here: {line}\n\n{printed}"


def _fingerprints(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(folder).parts)
    }


def tried(recipe: Recipe, folder: Path) -> dict[str, str]:
    """Follow a recipe in a copy of the checkout: path to what became of it. Raises AssertionError where it does not lead."""
    before = _fingerprints(folder)
    printed = ""
    for step in recipe.steps:
        if step.kind == "commands":
            printed = _run(folder, step.text)
        elif step.kind == "seen":
            _see(printed, step.text)
        else:
            _write(folder, step)
    after = _fingerprints(folder)
    written = {step.path for step in recipe.steps if step.path}
    changed = sorted(path for path in before | after if before.get(path) != after.get(path))
    return {path: "generated" if path not in written else "edited" if path in before else "new" for path in changed}


def main(words: list[str]) -> int:
    """Exit status 1 if a recipe does not lead where it says."""
    wrong = 0
    print(f"{'recipe':44} {'new':>5} {'edited':>7} {'generated':>10} {'seconds':>8}")
    for recipe in recipes(DOCUMENT.read_text(encoding="utf-8")):
        if words and not any(word in recipe.title for word in words):
            continue
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "checkout"
            copied(CHECKOUT, folder)
            try:
                found = tried(recipe, folder)
                assert found == recipe.files, f"its table has {recipe.files}\nwhat became of files is {found}"
            except AssertionError as error:
                print(f"{recipe.title}: {error}")
                wrong = 1
                continue
        new, edited, generated = [list(found.values()).count(kind) for kind in ("new", "edited", "generated")]
        print(f"{recipe.title:44} {new:5} {edited:7} {generated:10} {time.perf_counter() - began:8.1f}", flush=True)
    return wrong


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
