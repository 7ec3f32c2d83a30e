"""Places where results will be written: looked at before any work is done, for it would be lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from spiceproto.errors import LocalError

__all__ = ["look_at_file", "look_at_folder"]


def look_at_folder(folder: Path) -> None:
    """Raise LocalError if nothing can be written in a folder; it is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        raise _nothing(folder, error) from None


def look_at_file(path: Path) -> None:
    """Raise LocalError if a file cannot be written; what is in it stays, and none is made."""
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise _nothing(path, error) from None


def _nothing(path: Path, error: OSError) -> LocalError:
    return LocalError("nothing can be written there", where=str(path), actual=error.strerror or str(error))
