"""Where Wireshark and tshark look for dissectors of their user, and the exported one in that place."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["install"]

FILE: Final = "spiceproto.lua"

_PROGRAMS: Final = ("tshark", "wireshark")
_FOLDER: Final = "Personal Lua Plugins:"
_OURS: Final = "`spiceproto export lua` writes this file"
"""Stands in every dissector that was exported."""


def folder() -> Path:
    """The folder, as the programs themselves name it."""
    program = next((found for found in map(which, _PROGRAMS) if found), None)
    if program is None:
        raise LocalError(
            "nobody says where dissectors belong", expected="tshark or wireshark on the path; -o FILE needs neither"
        )
    done = subprocess.run([program, "-G", "folders"], capture_output=True, text=True, timeout=60, check=False)
    for line in done.stdout.splitlines():
        if line.startswith(_FOLDER) and (path := line.removeprefix(_FOLDER).strip()):
            return Path(path)
    raise LocalError(
        "nobody says where dissectors belong",
        expected=f"{_FOLDER.rstrip(':')!r} among the folders of {program}, built with Lua, or -o FILE",
    )


def install(text: str, *, force: bool) -> Path:
    """Put the dissector where it is found; returns where that is.

    One that was exported before is replaced, whatever its name: two would both be loaded. A file of somebody else's is
    replaced with ``force`` only.
    """
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    path = next((found for found in sorted(place.glob("*.lua")) if _is_ours(found)), place / FILE)
    if path.exists() and not _is_ours(path) and not force:
        raise LocalError(f"{path} is not of this program, and stays", expected="no such file, or --force")
    path.write_text(text, encoding="utf-8")
    return path


def _is_ours(path: Path) -> bool:
    try:
        return _OURS in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
