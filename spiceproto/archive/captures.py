"""Which files are captures to be read, and how each is asked.

A capture is called like the folder that it was named by, and its path in there; one that was named by itself like its file.
So the same folder is the same captures wherever it is mounted.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from spiceproto.capture.places import Place
from spiceproto.errors import LocalError
from spiceproto.shown import file_name

__all__ = ["Asked", "File", "bundles", "digest", "find"]

_FILES: Final = 128
"""Most captures of a part."""

_BYTES: Final = 32 << 20
"""Bytes of captures above which a part is full: what one worker has to do at a time."""

_PIECE: Final = 1 << 20


class File(msgspec.Struct, frozen=True, order=True):
    """One file.

    * ``capture``: what it is called in the archive
    * ``path``: where it is
    * ``size``, ``modified``: bytes, and nanoseconds since 1970; -1 where nobody can say
    * ``trouble``: why it can not be read; "" if it seems that it can
    """

    capture: str
    path: str
    size: int = -1
    modified: int = -1
    trouble: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How captures are read: the options of the command that say something else of the same bytes."""

    filter: str | None = None
    decode_as: tuple[tuple[Place, str], ...] = ()
    rules: bool = True
    keylog: str | None = None

    def __str__(self) -> str:
        """Without the key log, which matters for captures only that are sealed."""
        said = {"filter": self.filter, "decode_as": sorted(map(repr, self.decode_as)), "rules": self.rules}
        return msgspec.json.encode(said).decode()


def find(named: Sequence[str], archive: Path) -> list[File]:
    """All files in folders, and those that were named by themselves, by what they are called; those of the archive are not.

    Raises LocalError for a name that means nothing, and for two captures that are called the same.
    """
    found: dict[str, File] = {}
    for name in named:
        path = Path(name)
        if not path.exists():
            raise LocalError("there is no such folder or file", where=name)
        called = path.resolve().name
        for file in _folder(path, called, archive.resolve()) if path.is_dir() else [_file(path, file_name(called))]:
            other = found.setdefault(file.capture, file)
            if os.path.realpath(other.path) != os.path.realpath(file.path):
                where, expected = f"{other.path} and {file.path}", "folders with names of their own"
                raise LocalError("two captures would be called the same", where=where, expected=expected, actual=file.capture)
    return sorted(found.values())


def _folder(folder: Path, called: str, archive: Path) -> Iterator[File]:
    """Its files. What can not be looked into is said like a file that can not be read."""
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        links = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and Path(place, name).resolve() != archive]
        for name in files:
            yield _file(Path(place, name), _called(folder, called, place, name))
        for name in links:
            trouble = "a link to a folder, which is not followed"
            yield File(_called(folder, called, place, name), f"{place}/{name}", trouble=trouble)
    for error in closed:
        place = str(error.filename)
        yield File(_called(folder, called, place), place, trouble=error.strerror or type(error).__name__)


def _called(folder: Path, called: str, place: str, name: str = "") -> str:
    return file_name((Path(called) / Path(place).relative_to(folder) / name).as_posix())


def _file(path: Path, called: str) -> File:
    try:
        status = path.stat()
    except OSError as error:
        return File(called, str(path), trouble=error.strerror or type(error).__name__)
    if not stat.S_ISREG(status.st_mode):
        return File(called, str(path), trouble="not a regular file")
    return File(called, str(path), status.st_size, status.st_mtime_ns)


def digest(path: str) -> str:
    """SHA-256 of a file. Raises OSError."""
    found = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def bundles(files: Iterable[File]) -> Iterator[tuple[File, ...]]:
    """Those of a part each, in their order."""
    some: list[File] = []
    size = 0
    for file in files:
        if some and (len(some) == _FILES or size + max(file.size, 0) > _BYTES):
            yield tuple(some)
            some, size = [], 0
        some.append(file)
        size += max(file.size, 0)
    if some:
        yield tuple(some)
