"""A disc as an image file, and a drive with a tray.

The user takes a disc out and puts one in; the guest opens and closes the tray, and may lock it. A tray that the guest has
opened still has the disc in it. A disc that the user took out does not come back because a guest closes the tray: Linux tries
that whenever somebody looks into an empty drive.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from spiceproto.errors import LocalError

__all__ = ["BLOCK", "Disc", "Drive"]

BLOCK: Final = 2048
"""Bytes of a block."""

BLOCKS: Final = 1 << 31
"""Blocks of the largest disc: addresses are signed in some guests."""


class Disc:
    """Something with blocks: a file, or bytes. A last block that is not whole is filled with zeros.

    Raises LocalError for a disc without a block, or with too many, and OSError for a file that can not be read.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes) -> None:
        self.name = "disc" if isinstance(source, bytes) else Path(source).name
        self._bytes = source if isinstance(source, bytes) else b""
        self._file = -1
        self._closed = False
        size = len(self._bytes)
        if not isinstance(source, bytes):
            self._file = os.open(source, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
            mode = os.fstat(self._file).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
                self.close()
                raise LocalError("not a disc", expected="a file, or a drive", actual=str(source))
            size = os.lseek(self._file, 0, os.SEEK_END)
        self.blocks = -(-size // BLOCK)
        if not 0 < self.blocks <= BLOCKS:
            self.close()
            raise LocalError("not a disc", expected=f"a file of 1 to {BLOCKS * BLOCK} bytes", actual=f"{size} bytes")
        self._size = size

    def read(self, start: int, size: int) -> bytes:
        """Bytes from ``start`` on, zeros behind the end of the last block.

        Raises OSError, for a disc that is closed and for a file that has become shorter, too.
        """
        if self._closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), self.name)
        if self._file < 0:
            found = self._bytes[start : start + size]
        elif hasattr(os, "pread"):
            found = os.pread(self._file, size, start)
        else:
            os.lseek(self._file, start, os.SEEK_SET)
            found = os.read(self._file, size)
        if len(found) < min(size, self._size - start):
            raise OSError(errno.EIO, "the file is shorter than it was", self.name)
        return found.ljust(size, b"\0")

    def close(self) -> None:
        """Read no more."""
        self._closed = True
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Drive:
    """``disc`` is in it, None for none. ``open`` says whether the tray is out, ``locked`` whether the guest keeps it in.

    ``attention`` is what the next command is told first: additional sense code and qualifier, None for nothing. ``news`` is
    what the next GET EVENT STATUS NOTIFICATION says: 0 nothing, 1 the user wants it out, 2 a new disc, 3 the disc is gone.
    """

    def __init__(self, disc: Disc | None = None) -> None:
        self.disc = disc
        self.open = False
        self.locked = False
        self.attention: tuple[int, int] | None = None
        self.news = 0

    @property
    def ready(self) -> Disc | None:
        """The disc, if it can be read."""
        return None if self.open else self.disc

    def insert(self, disc: Disc) -> None:
        """The user puts another disc in, whatever was in there."""
        self.take_out()
        self.disc, self.open = disc, False
        self.attention, self.news = (0x28, 0x00), 2

    def take_out(self) -> None:
        """The user takes the disc out, locked or not, as with a pin."""
        if self.disc is not None:
            self.disc.close()
            self.disc, self.locked = None, False
            self.attention, self.news = (0x3A, 0x00), 3
        self.open = False

    def eject(self) -> bool:
        """The guest opens the tray; False if it is locked."""
        if self.locked:
            return False
        self.open = True
        self.news = 3 if self.disc is not None else 0
        return True

    def load(self) -> bool:
        """The guest closes the tray; False if there is no disc in it."""
        if self.open and self.disc is not None:
            self.attention, self.news = (0x28, 0x00), 2
        self.open = False
        return self.disc is not None
