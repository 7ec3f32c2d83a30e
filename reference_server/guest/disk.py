"""The disk of the guest: files that come from clients, in a folder of this machine or in memory.

A name of a file is never a path, and what is there already is never written over: a second ``a.txt`` is ``a (1).txt``. A file
that does not become whole is removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from reference_server.watched import Watched

__all__ = ["Disk", "File", "FileBegun", "FileEnded", "FileGrown", "plain_name"]

MEMORY: Final = 256 << 20
"""Bytes of a disk in memory."""

_NAME: Final = 255
"""Bytes of the longest name that common file systems have."""

_KEPT: Final = 1000
"""Files of which a disk remembers that they were there."""


class FileBegun(msgspec.Struct, frozen=True):
    """A file begins to come; ``size`` in bytes."""

    name: str
    size: int


class FileGrown(msgspec.Struct, frozen=True):
    """More of a file has come: ``have`` bytes in all."""

    name: str
    size: int
    have: int


class FileEnded(msgspec.Struct, frozen=True):
    """A file is whole, or will never be."""

    name: str
    size: int
    have: int
    whole: bool


def plain_name(name: str) -> str | None:
    """The name if it names a file and nothing else; None for a path, and for what no file can be called."""
    bad = not name or name in (".", "..") or any(letter in name for letter in "/\\\0") or not name.isprintable()
    return None if bad or len(name.encode(errors="replace")) > _NAME else name


class File:
    """One that comes. ``have`` bytes of ``size`` are there."""

    def __init__(self, disk: Disk, name: str, size: int, place: Path | None, out: BinaryIO | None) -> None:
        self.name = name
        self.size = size
        self.have = 0
        self._disk = disk
        self._place = place
        self._out = out
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        """The next bytes. Raises OSError."""
        if self._out is not None:
            self._out.write(data)
        else:
            self._pieces.append(data)
        self.have += len(data)
        if self._disk.listeners(FileGrown):
            self._disk.tell(FileGrown(self.name, self.size, self.have))

    def end(self, whole: bool) -> None:
        """No more comes; what is not whole is removed. Raises OSError."""
        try:
            if self._out is not None:
                self._out.close()
        except OSError:
            whole = False
            raise
        finally:
            if self._place is not None and not whole:
                self._place.unlink(missing_ok=True)
            self._disk.ended(self, whole, b"".join(self._pieces))


class Disk(Watched):
    """``folder`` is where files are written; None for a disk in memory.

    Tells :class:`FileBegun`, :class:`FileGrown` and :class:`FileEnded`.

    ``files``   bytes of those that are whole, by name, of a disk in memory
    ``ended_files``  what has come, or not, oldest first
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.log: list[FileEnded] = []
        self._coming: dict[str, File] = {}

    @property
    def free(self) -> int:
        """Bytes that there is room for. Raises OSError."""
        if self.folder is not None:
            return shutil.disk_usage(self.folder).free
        return MEMORY - sum([len(data) for data in self.files.values()]) - sum([file.size for file in self._coming.values()])

    def create(self, name: str, size: int) -> File:
        """Begin a file of ``size`` bytes. Raises OSError for one that cannot be written, ValueError for a name that is none."""
        if plain_name(name) is None:
            raise ValueError(f"not the name of a file: {name[:80]!r}")
        place, out = None, None
        if self.folder is None:
            name = next(each for each in _names(name) if each not in self.files and each not in self._coming)
        else:
            for each in _names(name):
                place = self.folder / each
                try:
                    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                except FileExistsError:
                    continue
                name, out = each, os.fdopen(handle, "wb")
                break
        file = self._coming[name] = File(self, name, size, place, out)
        self.tell(FileBegun(name, size))
        return file

    def ended(self, file: File, whole: bool, data: bytes) -> None:
        """A file says that nothing more of it comes."""
        self._coming.pop(file.name, None)
        if whole and self.folder is None:
            self.files[file.name] = data
        news = FileEnded(file.name, file.size, file.have, whole)
        self.log = [*self.log[-_KEPT + 1 :], news]
        self.tell(news)

    def content(self, name: str) -> bytes:
        """A file that is whole. Raises OSError, KeyError for one that is not there."""
        return self.files[name] if self.folder is None else (self.folder / name).read_bytes()


def _names(name: str) -> Iterator[str]:
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    yield name
    for number in range(1, 10_000):
        yield f"{stem} ({number}){dot}{ending}"
