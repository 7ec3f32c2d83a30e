"""A capture file as a stream of bytes: a path, ``-`` for standard input, or an open binary file.

Only ``read`` of large pieces is asked of the file, so pipes work and memory stays flat whatever the size.  gzip is
recognised by its two magic bytes, as dumpcap, tcpdump and Wireshark write and read such files.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ..errors import LocalError, RemoteError
from .limits import READ_CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Readable", "Source"]

_COMPRESSIONS = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xfd7zX": "xz",
    b"BZh9": "bzip2",
    b"PK\x03\x04": "zip",
}


class Readable(Protocol):
    """Any binary file object."""

    def read(self, size: int = ..., /) -> bytes | None:
        """At most ``size`` bytes; none at the end."""


class Source:
    """Sequential reading with a name for messages and, where the input has a path, the ability to open it again."""

    __slots__ = ("_close", "_inflate", "_pushed", "_read", "consumed", "file_size", "name", "path", "truncated")

    def __init__(self, path_or_file: str | os.PathLike[str] | Readable) -> None:
        self.path: str | None = None
        self.consumed = 0
        """Bytes taken from the file itself, before any decompression."""
        self.truncated = False
        self.file_size: int | None = None
        self._close: Callable[[], object] | None = None
        self._inflate: _Gunzip | None = None
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
        if start[:2] == b"\x1f\x8b":
            self._inflate, self._pushed = _Gunzip(self, start + self._pushed), b""
        elif start in _COMPRESSIONS:
            self.close()
            raise RemoteError(
                "the file is compressed",
                where=self.name,
                offset=0,
                expected="pcap, pcapng, or either in gzip",
                actual=_COMPRESSIONS[start],
            )
        else:
            self._pushed = start + self._pushed

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


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


class _Gunzip:
    """gzip members one after the other (RFC 1952), never more than one piece inflated at a time."""

    __slots__ = ("_decoder", "_pending", "_source")

    def __init__(self, source: Source, start: bytes) -> None:
        import zlib

        self._source = source
        self._pending = start
        self._decoder = zlib.decompressobj(31)

    def read(self, size: int) -> bytes:
        import zlib

        while True:
            if not self._pending:
                self._pending = self._source._raw(READ_CHUNK)
                if not self._pending:
                    if self._decoder.eof:
                        return b""
                    data = self._decoder.decompress(b"", size)  # output that the last call had no room for
                    self._source.truncated = not data
                    return data
            if self._decoder.eof:
                self._pending = self._pending.lstrip(b"\0")  # padding, as tapes leave it
                if not self._pending:
                    continue
                self._decoder = zlib.decompressobj(31)
            try:
                data = self._decoder.decompress(self._pending, size)
            except zlib.error as error:
                raise RemoteError(
                    "the gzip data are damaged",
                    where=self._source.name,
                    offset=self._source.consumed - len(self._pending),
                    expected="a deflate stream",
                    actual=str(error),
                ) from error
            self._pending = self._decoder.unused_data if self._decoder.eof else self._decoder.unconsumed_tail
            if data:
                return data
