"""Compressed capture files: gzip, bzip2, xz, zstd and LZ4 frames, as dumpcap, tcpdump, Wireshark and people make them.

A file may have several compressed parts, one after the other. Never more than one piece is decompressed at a time, whatever
a file claims to hold. What the standard library does not have, an extra brings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from spiceproto.errors import RemoteError
from spiceproto.extras import load

__all__ = ["Decompressed", "compression"]


class _Decoder(Protocol):
    """One part; the shape of :class:`bz2.BZ2Decompressor`.

    * ``eof``: the end of the part was reached
    * ``unused_data``: what followed it
    * ``needs_input``: there is no more without further input
    """

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most ``max_length`` bytes; what there is no room for waits inside."""


class _Gzip:
    """:mod:`zlib` in that shape."""

    def __init__(self) -> None:
        import zlib

        self._inner = zlib.decompressobj(31)
        self.eof = False
        self.unused_data = b""
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """See :class:`_Decoder`."""
        inner = self._inner
        out = inner.decompress(inner.unconsumed_tail + data, max_length)
        self.eof, self.unused_data = inner.eof, inner.unused_data
        self.needs_input = not inner.unconsumed_tail and len(out) < max_length
        return out


def _bzip2() -> _Decoder:
    import bz2

    return bz2.BZ2Decompressor()


def _xz() -> _Decoder:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ)


def _zstd() -> _Decoder:
    module: Any
    if sys.version_info >= (3, 14):
        import compression.zstd as module
    else:
        module = load("backports.zstd", "a capture compressed with zstd")
    return module.ZstdDecompressor()  # type: ignore[no-any-return]


def _lz4() -> _Decoder:
    return load("lz4.frame", "a capture compressed with lz4").LZ4FrameDecompressor()  # type: ignore[no-any-return]


_BY_MAGIC: Final[dict[bytes, tuple[str, Callable[[], _Decoder]]]] = {
    b"\x1f\x8b": ("gzip", _Gzip),
    b"BZh": ("bzip2", _bzip2),
    b"\xfd7zX": ("xz", _xz),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
    b"\x04\x22\x4d\x18": ("lz4", _lz4),
}


def compression(start: bytes) -> tuple[str, Callable[[], _Decoder]] | None:
    """Name and decoder of a file that begins so; None: it is not compressed."""
    return next((found for magic, found in _BY_MAGIC.items() if start.startswith(magic)), None)


class Decompressed:
    """What is in a compressed file whose ``start`` was read and whose rest ``more`` gives.

    * ``name``: of the compression
    * ``truncated``: the file ends inside a part
    """

    __slots__ = ("_consumed", "_decoder", "_make", "_more", "_pending", "_where", "name", "truncated")

    def __init__(self, start: bytes, more: Callable[[], bytes], *, where: str) -> None:
        found = compression(start)
        assert found is not None
        self.name, self._make = found
        self.truncated = False
        self._where = where
        self._more = more
        self._pending = start
        self._consumed = 0
        self._decoder = self._make()

    def read(self, size: int) -> bytes:
        """Some bytes, at most ``size``; none only at the end."""
        while True:
            decoder = self._decoder
            if not self._pending and (decoder.eof or decoder.needs_input):
                self._pending = self._more()
                if not self._pending:
                    self.truncated = not decoder.eof
                    return b""
            if decoder.eof:
                self._pending = self._pending.lstrip(b"\0")  # padding, as tapes and xz leave it
                if not self._pending:
                    continue
                self._decoder = decoder = self._make()
            piece, self._pending = self._pending, b""
            try:
                data = decoder.decompress(piece, size)
            except Exception as error:  # each library has one of its own, of no common kind
                raise RemoteError(
                    f"the {self.name} data are damaged",
                    where=self._where,
                    offset=self._consumed,
                    expected=f"a {self.name} stream",
                    actual=str(error),
                ) from error
            self._consumed += len(piece)
            if decoder.eof:
                self._pending = decoder.unused_data or b""
                self._consumed -= len(self._pending)
            if data:
                return data
