"""The programs of docs/library.md, as they stand there: they print what the page says, and mypy finds nothing in them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "library.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is part of the source tree only")


def programs() -> list[tuple[str, str]]:
    """Each with what it prints."""
    if not PAGE.exists():
        return []
    return re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_no_block_is_left_out() -> None:
    assert len(programs()) == PAGE.read_text().count("```python") == 6


@pytest.mark.parametrize(("program", "printed"), programs(), ids=range(len(programs())))
def test_a_program_prints_what_the_page_says(program: str, printed: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.stderr == ""
    assert done.stdout == printed


def test_mypy_agrees(tmp_path: Path) -> None:
    """With every program, and about what reading yields."""
    pytest.importorskip("mypy")
    for number, (program, _) in enumerate(programs()):
        (tmp_path / f"program{number}.py").write_text(program)
    (tmp_path / "reveals.py").write_text(
        "import spiceproto\n"
        "from spiceproto.messages.display import DrawCopy, StreamCreate\n"
        "for one in spiceproto.read('x', DrawCopy):\n    reveal_type(one.message)\n"
        "for two in spiceproto.read('x', DrawCopy, StreamCreate):\n    reveal_type(two.message)\n"
        "for any in spiceproto.read('x'):\n"
        "    if isinstance(any.message, DrawCopy):\n        reveal_type(any.message.data.src_bitmap)\n"
        "    any.message.data\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports", "silent", "--config-file", ""]
    command += ["--cache-dir", str(tmp_path / "cache")]
    found = subprocess.run(
        [*command, *map(str, sorted(tmp_path.glob("*.py")))], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    said = [line.partition("reveals.py:")[2] for line in found.stdout.splitlines() if "reveals.py:" in line]
    assert [line.rpartition("is ")[2].strip('"') for line in said if "note: Revealed" in line] == [
        "spiceproto.messages.display.DrawCopy",
        "spiceproto.messages.display.DrawCopy | spiceproto.messages.display.StreamCreate",
        "spiceproto.messages.image.Image | None",
    ]
    errors = [line for line in found.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1 and '"Struct" has no attribute "data"' in errors[0], found.stdout
