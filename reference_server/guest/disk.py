"""The disk of the guest: files that come from clients, in a folder of this machine or in memory.

A name of a file is never a path, and what is there already is never written over: a second ``a.txt`` is ``a (1).txt``. A file
that does not become whole is removed.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from reference_server.watched import Watched
from spiceproto.errors import RemoteError

__all__ = ["Disk", "File", "FileBegun", "FileEnded", "FileGrown", "plain_name"]

MEMORY: Final = 256 << 20
"""Bytes of a disk in memory."""

_NAME: Final = 255
"""Bytes of the longest name that common file systems have."""

_KEPT: Final = 1000
"""Files of which a disk remembers that they were there, and names of which it remembers how often they came."""

_FILES: Final = 10_000
"""Files of a disk in memory, and of one name in a folder."""


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
        self._data = bytearray()

    def write(self, data: bytes) -> None:
        """The next bytes. Raises OSError."""
        if self._out is not None:
            self._out.write(data)
        else:
            self._data += data
        self.have += len(data)
        if self._disk.listeners(FileGrown):
            self._disk.tell(FileGrown(self.name, self.size, self.have))

    def so_far(self) -> bytes:
        """What has come. Raises OSError."""
        if self._out is None or self._place is None:
            return bytes(self._data)
        self._out.flush()
        return self._place.read_bytes()

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
            self._disk.ended(self, whole, bytes(self._data))


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
        self._stored = 0
        self._numbers: dict[str, int] = {}

    @property
    def free(self) -> int:
        """Bytes that there is room for. Raises OSError."""
        if self.folder is not None:
            return shutil.disk_usage(self.folder).free
        return MEMORY - self._stored - sum([file.size for file in self._coming.values()])

    def create(self, name: str, size: int) -> File:
        """Begin a file of ``size`` bytes. Raises OSError for one that cannot be written, ValueError for a name that is none."""
        if plain_name(name) is None:
            raise ValueError(f"not the name of a file: {name[:80]!r}")
        if self.folder is None and len(self.files) + len(self._coming) >= _FILES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        name, place, out = self._place(name)
        file = self._coming[name] = File(self, name, size, place, out)
        self.tell(FileBegun(name, size))
        return file

    def _place(self, wanted: str) -> tuple[str, Path | None, BinaryIO | None]:
        """A name that is free, and in a folder where it is and what writes there. Raises OSError."""
        first = self._numbers.pop(wanted, 0)
        for number in range(first, _FILES):
            name = _numbered(wanted, number)
            place, out = None, None
            if self.folder is None:
                if name in self.files or name in self._coming:
                    continue
            else:
                place = self.folder / name
                try:
                    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                except FileExistsError:
                    continue
                out = os.fdopen(handle, "wb")
            self._numbers[wanted] = number
            if len(self._numbers) > _KEPT:
                del self._numbers[next(iter(self._numbers))]
            return name, place, out
        raise FileExistsError(errno.EEXIST, f"there are {_FILES} files of this name", wanted)

    def ended(self, file: File, whole: bool, data: bytes) -> None:
        """A file says that nothing more of it comes."""
        self._coming.pop(file.name, None)
        if whole and self.folder is None:
            self.files[file.name] = data
            self._stored += len(data)
        news = FileEnded(file.name, file.size, file.have, whole)
        self.log = [*self.log[-_KEPT + 1 :], news]
        self.tell(news)

    def put(self, name: str, content: bytes) -> None:
        """The guest comes from another server, where it had this file. Raises RemoteError if there is no room."""
        if plain_name(name) is None or len(self.files) >= _FILES or self._stored + len(content) > MEMORY:
            raise RemoteError("a file that can not be here", path="files", actual=repr(name[:80]))
        if self.folder is not None:
            raise RemoteError("the guest had its files in memory, and here it has a folder", path="files")
        self.files[name] = content
        self._stored += len(content)

    def content(self, name: str) -> bytes:
        """A file that is whole. Raises OSError, KeyError for one that is not there."""
        return self.files[name] if self.folder is None else (self.folder / name).read_bytes()


def _numbered(name: str, number: int) -> str:
    """``a (1).txt``; of a long name less is left, so that it is not too long with its number."""
    if not number:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    tail = f" ({number}){dot}{ending}"
    room = _NAME - len(tail.encode())
    if room < 1:  # all of it is an ending
        tail = f" ({number})"
        stem, room = name, _NAME - len(tail)
    return stem.encode()[:room].decode(errors="ignore") + tail
