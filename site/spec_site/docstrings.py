"""Docstrings in the words of Sphinx: an indented block stays as it is, and lines that begin with a name are a list."""

from __future__ import annotations

import re
from typing import Any, Final

from sphinx.application import Sphinx

__all__ = ["as_written", "connect"]

_NAME: Final = re.compile(r"``[^`]+``(?:, ``[^`]+``)*  +")
_ITEM: Final = re.compile(r"\s*(?:[*-] |\.\. |:(?:param|raises|returns?)\b)")
_INDENTED: Final = re.compile(r" {4,}\S")


def as_written(lines: list[str]) -> list[str]:
    """The same docstring with what Sphinx has to be told."""
    made: list[str] = []
    before = ""
    literal = named = False
    for line in lines:
        if line.strip():
            new = not (made and made[-1].strip())
            if (
                _INDENTED.match(line)
                and new
                and before
                and not literal
                and not _ITEM.match(before)
                and not before.endswith("::")
            ):
                made += ["::", ""]
                literal = True
            elif not line.startswith(" "):
                literal = False
                if _NAME.match(line):
                    made += [""] * (bool(before) and not named)
                    line, named = f"* {line}", True
                else:
                    made += [""] * (named and bool(made[-1].strip()))
                    named = False
            elif named and not literal:
                line = f"  {line.strip()}"
            before = line
        made.append(line)
    return made


def _process(app: Sphinx, what: str, name: str, item: object, options: Any, lines: list[str]) -> None:
    lines[:] = as_written(lines)


def connect(app: Sphinx) -> None:
    """Have it done to every docstring."""
    app.connect("autodoc-process-docstring", _process)
