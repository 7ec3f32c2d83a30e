"""A capture file as a stream of bytes: a path, ``-`` for standard input, or an open binary file.

Only ``read`` of large pieces is asked of the file, so pipes work and memory stays flat whatever the size. Compressed files
are recognised by their first bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from spiceproto.capture.compression import Decompressed, compression
from spiceproto.capture.limits import READ_CHUNK
from spiceproto.errors import LocalError, RemoteError

__all__ = ["Readable", "Source", "can_be_read_again"]

_ZIP = b"PK\x03\x04"


class Readable(Protocol):
    """Any binary file object."""

    def read(self, size: int = ..., /) -> bytes | None:
        """At most ``size`` bytes; none at the end."""


class Source:
    """Sequential reading with a name for messages and, where the input has a path, the ability to open it again.

    * ``name``: for people
    * ``path``: None where it cannot be opened again
    * ``file_size``: None where nobody knows
    * ``consumed``: bytes taken from the file itself, before any decompression
    * ``truncated``: name of a compression whose data end too early, or ""
    """

    __slots__ = ("_close", "_inflate", "_pushed", "_read", "consumed", "file_size", "name", "path")

    def __init__(self, path_or_file: str | os.PathLike[str] | Readable) -> None:
        self.path: str | None = None
        self.consumed = 0
        self.file_size: int | None = None
        self._close: Callable[[], object] | None = None
        self._inflate: Decompressed | None = None
        if isinstance(path_or_file, (str, os.PathLike)):
            path = os.fspath(path_or_file)
            if path == "-":
                import sys

                self.name = "standard input"
                # A live capture must not wait until a large read is full.
                self._read: Callable[[int], bytes | None] = getattr(sys.stdin.buffer, "read1", sys.stdin.buffer.read)
            else:
                self.name = path
                try:
                    opened = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by close()
                    status = os.fstat(opened.fileno())
                except OSError as error:
                    raise LocalError(
                        "the capture cannot be opened", where=path, expected="a readable file", actual=_reason(error)
                    ) from error
                self._read, self._close = opened.read, opened.close
                if status.st_mode & 0o170000 == 0o100000:
                    self.path, self.file_size = path, status.st_size
        else:
            self.name = str(getattr(path_or_file, "name", "capture"))
            self._read = path_or_file.read
        self._pushed = b""
        start = self.read_exactly(4)
        if compression(start) is not None:
            held, self._pushed = start + self._pushed, b""
            self._inflate = Decompressed(held, lambda: self._raw(READ_CHUNK), where=self.name)
        elif start == _ZIP:
            self.close()
            raise RemoteError(
                "a zip archive, not a capture file",
                where=self.name,
                offset=0,
                expected="pcap, pcapng, or either in gzip, bzip2, xz, zstd or lz4",
                actual="zip",
            )
        else:
            self._pushed = start + self._pushed

    @property
    def truncated(self) -> str:
        inflate = self._inflate
        return inflate.name if inflate is not None and inflate.truncated else ""

    def _raw(self, size: int) -> bytes:
        try:
            data = self._read(size) or b""
        except OSError as error:
            raise LocalError(
                "the capture cannot be read",
                where=self.name,
                offset=self.consumed,
                expected="a readable file",
                actual=_reason(error),
            ) from error
        if not isinstance(data, bytes):
            raise LocalError("the capture cannot be read", where=self.name, expected="a file opened in binary mode")
        self.consumed += len(data)
        return data

    def read(self, size: int = READ_CHUNK) -> bytes:
        """Some bytes, at most about ``size``; none only at the end."""
        if self._pushed:
            data, self._pushed = self._pushed, b""
            return data
        if self._inflate is not None:
            return self._inflate.read(size)
        return self._raw(size)

    def read_exactly(self, size: int) -> bytes:
        """``size`` bytes, fewer only at the end."""
        data = self.read(size)
        while 0 < len(data) < size:
            more = self.read(size - len(data))
            if not more:
                break
            data += more
        if len(data) > size:  # pushed back before, or from a file object that gives more than it is asked for
            data, self._pushed = data[:size], data[size:]
        return data

    def close(self) -> None:
        """Close the file if this object opened it."""
        if self._close is not None:
            self._close()
            self._close = None


def can_be_read_again(path_or_file: str | os.PathLike[str] | Readable) -> bool:
    """Whether a second reader would find the same from the place on where this one begins."""
    if isinstance(path_or_file, (str, os.PathLike)):
        return os.path.isfile(path_or_file)
    return bool(getattr(path_or_file, "seekable", bool)())


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
