"""Writes the skeleton of an adapter: files that work as they are, with a stand-in in place of the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["FILES", "write"]

_SKELETON: Final = Path(__file__).parent / "skeleton"
FILES: Final = {"client": ("client.py", "targets.toml"), "server": ("server.py", "server.toml", "targets.toml")}
"""Role to its files."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,40}")
_TABLE: Final = "[[target]]"


def write(name: str, folder: Path, roles: tuple[str, ...]) -> list[Path]:
    """Write the files of some roles; their paths. Raises LocalError where a name is none, or a file is there; OSError."""
    if not _NAME.fullmatch(name):
        expected = "letters, digits, spaces and ._+-, up to 41 of them"
        raise LocalError("a name that is none", expected=expected, actual=name)
    names = list(dict.fromkeys([file for role in roles for file in FILES[role]]))
    there = [file for file in names if (folder / file).exists()]
    if there:
        raise LocalError("a file is there already", where=str(folder), expected="another folder: -o", actual=", ".join(there))
    folder.mkdir(parents=True, exist_ok=True)
    for file in names:
        text = (_SKELETON / file).read_text(encoding="utf-8").replace("@NAME@", name)
        if file == "targets.toml":
            head, *tables = text.split(_TABLE)
            text = head + "".join([_TABLE + table for table in tables if any(f"{name} {role}" in table for role in roles)])
        (folder / file).write_text(text, encoding="utf-8")
        if file.endswith(".py"):
            (folder / file).chmod(0o755)
    return [folder / file for file in names]
